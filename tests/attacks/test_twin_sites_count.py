"""Counting what one may not see: two sites alike but for what peers do among themselves on one of them, and everything
that leaves each for everybody outside. Whatever differs besides dates and random ids is a counter.

Rule 1: pages, headers, cookies, mails and the names of their files, JSON. The digest is left out: it is meant to tell
the committee of peers' activity, and anonymity.md says how much.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterator
from difflib import unified_diff
from email import message_from_bytes
from pathlib import Path

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from comcep.accounts import tokens
from comcep.accounts.models import Member
from comcep.extensions import db
from tests.community import Person, Site
from tests.conftest import build_app, close
from tests.databases import empty

PUBLIC_ID = re.compile(r"(?<![0-9])[1-9][0-9]{14}(?![0-9])")
DATE = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?|\w+ \d+(er)? \w+ \d{4} à \d+ h \d\d|\w{3}, \d\d \w{3} \d{4} [\d:]+ [A-Z+0-9]+|à l&#39;instant|il y a \d+ min"
)
TOKEN = re.compile(r'(name="(csrf_token|submission)" value=|data-token=)"[^"]*"')
SIGNED = re.compile(r"/(mot-de-passe|rejoindre/adresse)/[\w.-]+")
OUTSIDERS = ("anonymous", "asker", "hors_pair", "committee", "referent", "admin")
PAGES = (
    "/", "/rubriques", "/rubriques/hors-pairs", "/rubriques/publique", "/actifs", "/sans-reponse", "/non-lus", "/recherche",
    "/recherche?q=ressource", "/recherche?q=bilan", "/recherche/propositions?q=ress", "/recherche/proches?title=ressource",
    "/recherches", "/notifications", "/compte", "/membres", "/poser", "/poser/themes?title=bilan&body=", "/ma-demande",
    "/demandes", "/administration", "/thematiques", "/aide", "/connexion", "/rejoindre", "/mot-de-passe", "/sante",
    "/rubriques/pairs", "/static/css/base.css", "/inconnu",
)  # fmt: skip


def grown(site: Site, peers_acts: int) -> dict[str, Person]:
    """A small community; peers_acts: how often peers ask, answer, solve, search and are mailed among themselves."""
    maud, ines = site.adviser("Maud"), site.adviser("Ines", "pole-emploi")
    people = {
        "anonymous": site.anonymous(),
        "asker": site.person("Demandeur", "none"),
        "hors_pair": site.hors_pair(),
        "committee": site.hors_pair("Comite", is_committee=True),
        "referent": site.person("Referente", "none", referent_of="fongecif"),
        "admin": site.person("Admin", "none", is_admin=True),
    }
    among_themselves(site, maud, ines, peers_acts)
    topic = maud.asks("Quelle ressource pour un bilan ?", section="hors-pairs")
    people["hors_pair"].post(f"/sujets/{topic}/suivi")
    among_themselves(site, maud, ines, peers_acts)
    ines.answers(topic, "Voici la mienne.")
    site.works()
    among_themselves(site, maud, ines, peers_acts)
    maud.answers(topic, "Merci.")
    people["asker"].post("/mot-de-passe", email="demandeur@essai.example")
    site.works()
    return people


def among_themselves(site: Site, maud: Person, ines: Person, times: int) -> None:
    for number in range(times):
        topic = maud.asks(f"Entre pairs {number}", "Un bilan, une ressource.")
        maud.solves(topic, ines.answers(topic, f"Réponse {number}"))
        ines.searches(f"bilan {number}")
        maud.post("/recherches", address=f"q=bilan+{number}")
    if times:
        site.works()


def all_that_leaves(site: Site, people: dict[str, Person]) -> dict[str, str]:
    """By its name, everything that reaches somebody who is no peer, with what is random or a date taken out."""
    left = {}
    for kind in OUTSIDERS:
        person = people[kind]
        topics = sorted(set(re.findall(r"/sujets/\d{15}-[\w-]+", person.get("/rubriques/hors-pairs").text)))
        for address in (*PAGES, *topics):
            answer = person.get(address)
            cookies = [unsigned(cookie) for cookie in answer.headers.getlist("Set-Cookie")]
            headers = [
                f"{name}: {value}"
                for name, value in answer.headers
                if name not in ("Set-Cookie", "ETag", "Content-Length")
            ]
            text = "\n".join([str(answer.status_code), *headers, *cookies, answer.text])
            left[f"{kind} {PUBLIC_ID.sub('id', address)}"] = without_chance(text)
    left |= {f"mail {at}": mail for at, mail in enumerate(mails(site))}
    return left


def unsigned(cookie: str) -> str:
    """What a cookie says to whoever opens it: it is signed, not sealed."""
    name, _, rest = cookie.partition("=")
    value, _, attributes = rest.partition(";")
    payload = value.lstrip(".").split(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    held = json.loads(zlib.decompress(raw) if value.startswith(".") else raw) if raw else {}
    shown = {key: held[key] for key in sorted(held) if key not in ("csrf_token", "_id", "_user_id")}
    return f"{name}: {sorted(held)} {shown} {re.sub('Expires=[^;]*', '', attributes)}"


def mails(site: Site) -> Iterator[str]:
    """The mails to those who are no peers: names of their files, headers and texts."""
    peers = ("maud@", "ines@")
    for path in sorted((site.app.config["DATA"] / "mails").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns):
        message = message_from_bytes(path.read_bytes())
        if not str(message["To"]).startswith(peers):
            headers = "\n".join(f"{name}: {value}" for name, value in message.items())
            text = (message.get_payload(decode=True) or b"").decode()
            yield without_chance(no_name("\n".join((path.name, headers, text))))


def no_name(text: str) -> str:
    """Without the random name of a mail, which has the same look whatever came before it."""
    return re.sub(r"\b[0-9a-f]{32}\b", "name", text)


def without_chance(text: str) -> str:
    for pattern, instead in ((TOKEN, "token"), (SIGNED, "signed"), (PUBLIC_ID, "id"), (DATE, "date")):
        text = pattern.sub(instead, text)
    return text


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_that_leaves_grows_with_what_one_may_not_see(kind: str, tmp_path: Path) -> None:
    left = []
    for acts in (0, 4):
        app: Flask = build_app(kind, tmp_path / f"{kind}-{acts}")
        site = Site(app)
        site.open()
        left.append(all_that_leaves(site, grown(site, acts)))
        if kind == "postgresql":
            empty(app)
        close(app)

    quiet, busy = left
    assert len(quiet) > 150
    assert any(name.startswith("mail") for name in quiet)
    assert "\n".join(told(name, quiet, busy) for name in quiet | busy if quiet.get(name) != busy.get(name)) == ""


def told(name: str, quiet: dict[str, str], busy: dict[str, str]) -> str:
    """Where one answer tells of the other site's peers."""
    lines = [site.get(name, "").splitlines() for site in (quiet, busy)]
    return "\n".join([name, *list(unified_diff(*lines, lineterm="", n=0))[:6]])


def test_links_in_mails_hold_no_key(lite: Site) -> None:
    """What is signed in a link can be read by whoever gets it."""
    asker = lite.person("Demandeur", "none")
    with lite.app.app_context():
        member = db.session.scalars(select(Member).where(Member.id == asker.member_id)).one()
        for purpose in tokens.AGES:
            serializer = URLSafeTimedSerializer("another key")
            payload = serializer.loads_unsafe(tokens.token_for(member, purpose))[1]
            assert asker.member_id not in json.loads(json.dumps(payload))
