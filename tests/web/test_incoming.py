"""What a database, a header or a file name refuses, sent to every address in every field: a sentence, never a 500, and the
rest of the text kept. And no word of it in the log.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import url_for
from sqlalchemy.exc import DataError, IntegrityError

from comcep import ROOT
from comcep.extensions import db
from comcep.web.forms import Form
from comcep.web.incoming import REMOVED
from tests.access.test_matrix import MATRIX, VIEWERS, World, world
from tests.community import Person, Site

# As bytes of an address or a form: NUL, half a surrogate pair, no UTF-8, line ends, numbers that no column holds.
HOSTILE = (
    "a%00b@x.fr", "%00", "a%ED%A0%80b", "%FF%FE%C3", "a%0D%0AX-Header:%201", "9" * 30, "9" * 5000, "-9" * 20, "%E2%80%AE%00",
    "2026-11-26%00", "1%00",
)  # fmt: skip
COOKIES = (
    "comcep=\x00",
    "comcep=\xff\xfe",
    'comcep="\\000\\377"',
    "remember_token=\xe9|\xe9",
    "\x00=\x00; \xff",
    "comcep=" + "9" * 5000,
)
_READ = re.compile(r"(?:form|args)\.get(?:list)?\(\s*\"([\w-]+)\"")


def field_names() -> set[str]:
    """Every field and argument that the program reads, as its source and its forms name them."""
    source = "".join(path.read_text() for path in (ROOT / "comcep").rglob("*.py"))
    of_forms = {name for form in subclasses(Form) for name in dir(form) if hasattr(getattr(form, name), "field_class")}
    return {*_READ.findall(source), *of_forms, "theme-x", "csrf_token", "sujet"}


def subclasses(form: type) -> Iterator[type]:
    for each in form.__subclasses__():
        yield each
        yield from subclasses(each)


def calls(site: Site, world: World) -> Iterator[tuple[str, str, Person, str, dict[str, str]]]:
    """Endpoint, method, somebody who is let in, address, and the fields of its form, encoded."""
    for (endpoint, method), cell in sorted(MATRIX.items()):
        let_in = min(VIEWERS, key=lambda viewer: (cell.expected[viewer] >= 403, VIEWERS.index(viewer)))
        with site.app.test_request_context():
            address = url_for(
                endpoint, **{name: world.things.get(value, value) for name, value in cell.address.items()}
            )
        fields = {name: quote(str(world.things.get(value, value))) for name, value in cell.fields.items()}
        yield endpoint, method, world.people[let_in], address, fields


def encoded(fields: dict[str, str]) -> str:
    return "&".join(f"{quote(name)}={value}" for name, value in fields.items())


def ask(person: Person, method: str, address: str, fields: dict[str, str], **options: object) -> int:
    form: dict[str, object] = {"data": encoded(fields), "content_type": "application/x-www-form-urlencoded"}
    answer = person.client.open(address, method=method, **(form if method == "POST" else {}), **options)  # type: ignore[arg-type]
    person.signs_in()  # some addresses end sessions
    return answer.status_code


def test_no_character_in_any_field_makes_an_error_of_ours(site: Site, world: World) -> None:
    wrong, names = [], sorted(field_names())
    for endpoint, method, person, address, fields in calls(site, world):
        for turn in range(0, len(HOSTILE), 4):  # every field gets others at each turn
            mixed = {name: HOSTILE[(at + turn) % len(HOSTILE)] for at, name in enumerate([*names, *fields])}
            status = ask(person, method, address if method == "POST" else f"{address}?{encoded(mixed)}", mixed)
            if status >= 500:
                wrong.append(f"{method} {endpoint} turn {turn}: {status}")
        for name in fields:
            for value in ("a%00b", "9" * 30):
                status = ask(person, method, address, {**fields, name: value})
                if status >= 500:
                    wrong.append(f"{method} {endpoint} {name}={value[:20]}: {status}")
    assert wrong == []


def test_no_path_no_cookie_and_no_json_makes_an_error_of_ours(site: Site, world: World) -> None:
    wrong = []
    for at, (endpoint, method, person, address, fields) in enumerate(calls(site, world)):
        paths = [f"{address.rsplit('/', 1)[0]}/{value}" for value in HOSTILE[:4]] + [f"{address}%00"]
        wrong += [(endpoint, path) for path in paths if ask(person, method, path, fields) >= 500]
        cookie = COOKIES[at % len(COOKIES)]
        asked = ask(person.site.anonymous(), method, address, fields, headers={"Cookie": cookie})
        wrong += [(endpoint, cookie)] if asked >= 500 else []
        answer = person.client.open(address, method=method, json={"a\x00": ["b\x00", {"c": "\ud800"}]})
        wrong += [(endpoint, "json")] if answer.status_code >= 500 else []
        person.signs_in()
    assert wrong == []


def test_a_text_with_unseen_characters_is_kept_without_them_and_one_is_told(site: Site) -> None:
    maud = site.adviser("Maud")

    topic = maud.asks("Un titre\x00 collé", "Un corps\x00 collé d'un PDF")

    page = maud.get(f"/sujets/{topic}", follow_redirects=True).text.replace("&#39;", "'")
    assert "Un titre collé" in page
    assert "Un corps collé d'un PDF" in page
    assert str(REMOVED) in page


def test_what_leads_nowhere_is_said_as_any_address_that_leads_nowhere(site: Site) -> None:
    answer = site.anonymous().get("/rubriques/%00")

    assert answer.status_code == 404
    assert "Page introuvable" in answer.text
    assert "\x00" not in answer.text


def test_a_client_whose_proxy_names_no_address_is_one_like_others(site: Site) -> None:
    answer = site.anonymous().get("/", environ_overrides={"REMOTE_ADDR": "inconnu\x00"})

    assert answer.status_code == 200


WORD = "motplanté"


@pytest.mark.parametrize("failure", [DataError, IntegrityError, ValueError])
def test_no_value_of_a_request_that_fails_is_in_the_log(
    lite: Site, world_lite: World, failure: type, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    """A database that refuses repeats what it was given; so does int(), and an address holds what was searched."""
    asked = list(calls(lite, world_lite))
    log = logging.FileHandler(tmp_path / "log")
    logging.getLogger().addHandler(log)

    def refuse(*_args: object, **_options: object) -> None:
        driver = ValueError(f"Key (email)=({WORD}@x.fr) already exists")
        raise failure(f"insert {WORD}", {"email": WORD}, driver) if failure is not ValueError else driver

    monkeypatch.setattr(db.session, "execute", refuse)
    monkeypatch.setattr(db.session, "scalar", refuse)
    monkeypatch.setattr(db.session, "commit", refuse)
    alike = dict.fromkeys(sorted(field_names()), quote(WORD))
    failed = 0
    for _endpoint, method, person, address, _ in asked:
        answer = person.client.open(
            f"{address}?{encoded(alike)}", method=method, data=encoded(alike) if method == "POST" else None,
            content_type="application/x-www-form-urlencoded", headers={"Referer": f"http://localhost/?q={quote(WORD)}"},
        )  # fmt: skip
        failed += answer.status_code in (400, 500)
    logging.getLogger().removeHandler(log)

    assert failed > 30
    said = (tmp_path / "log").read_text() + capfd.readouterr().err
    assert said
    assert WORD not in said
    assert quote(WORD) not in said


@pytest.fixture
def world_lite(lite: Site) -> World:
    return world.__wrapped__(lite) if hasattr(world, "__wrapped__") else world._get_wrapped_function()(lite)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address", ["/static/absent.css", "/static/absent.css?v=1", "/static/", "/static/%00", "/static/../wsgi.py"]
)
def test_a_file_that_is_not_there_is_said_alike_to_all_and_kept_by_nobody(lite: Site, address: str) -> None:
    maud = lite.adviser("Maud")

    answers = [person.get(address) for person in (lite.anonymous(), maud)]
    refused = maud.post(address)

    assert answers[0].data == answers[1].data
    for answer in (*answers, refused):
        assert answer.status_code in (404, 405)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        assert "Maud" not in answer.text
