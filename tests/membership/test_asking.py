"""What asking changes, and for whom: somebody else's account and request stay as they are; each page says what was done."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from comcep.access.viewer import Viewer
from comcep.accounts import tokens
from comcep.accounts.models import Member, Network, Region
from comcep.clock import now
from comcep.extensions import db
from comcep.membership import joining, reading
from comcep.membership.models import MembershipRequest
from tests.community import JOINING, Person, Site

ASKED = {name: value for name, value in JOINING.items() if name != "password"}
SENT = "Votre demande est envoyée à"


def asks(person: Person, network: str = "missions-locales", region: str = "53", position: str = "adviser") -> str:
    fields = {"network": network, "region": region, "position": position}
    return person.client.post("/ma-demande", data=fields, follow_redirects=True).text


def requests(site: Site) -> list[tuple[str, str, str, str]]:
    """Who asks what of whom, and where that stands, oldest first."""
    with site.app.app_context():
        rows = db.session.execute(
            select(Member.email, Network.slug, MembershipRequest.asks_as, MembershipRequest.state)
            .join(Member, Member.id == MembershipRequest.member_id)
            .join(Network, Network.id == MembershipRequest.network_id)
            .order_by(MembershipRequest.id)
        )
        return [(row.email.split("@")[0], *row[1:]) for row in rows]


def due(site: Site) -> dict[str, list[str]]:
    """By address, the marks of the mails that are to be written to it."""
    marks = ("confirmation_due_at", "known_address_due_at")
    with site.app.app_context():
        members = db.session.scalars(select(Member).order_by(Member.id))
        return {each.email.split("@")[0]: [mark for mark in marks if getattr(each, mark)] for each in members}


def test_who_asks_with_somebody_elses_address_changes_nothing_of_theirs(lite: Site) -> None:
    """Whether they have asked, have been answered or have never asked; also while others wait for their link."""
    maud, ines = lite.person("Maud", "none"), lite.person("Ines", "none")
    lite.adviser("Paul")
    asks(maud)
    asks(ines)
    stranger = lite.anonymous()
    stranger.post("/rejoindre", **{**ASKED, "network": "fongecif"})
    before = requests(lite)

    for name in ("Maud", "Ines", "Paul"):
        fields = {**ASKED, "email": f"  {name.upper()}@essai.example ", "network": "apec", "position": "head"}
        page = stranger.post("/rejoindre", **fields).text
        assert f"{name.upper()}@essai.example. " in page

    assert requests(lite) == before
    assert before == [
        ("maud", "missions-locales", "adviser", "waiting"),
        ("ines", "missions-locales", "adviser", "waiting"),
        ("zoe", "fongecif", "adviser", "waiting"),
    ]
    assert due(lite) == {
        **{name: ["known_address_due_at"] for name in ("maud", "ines", "paul")}, "zoe": ["confirmation_due_at"],
    }  # fmt: skip
    with lite.app.app_context():
        names = {row.name: row.network.slug for row in db.session.scalars(select(Member))}
    assert names == {
        **dict.fromkeys(("Maud Essai", "Ines Essai", "Paul Essai"), "fongecif"),
        "Zoé Nouvelle": "fongecif",
    }


def test_asking_anew_before_confirming_replaces_what_was_asked_and_no_request_of_another(lite: Site) -> None:
    stranger, maud = lite.anonymous(), lite.person("Maud", "none")
    asks(maud)
    for email, network, position in (
        ("zoe@essai.example", "apec", "adviser"), ("ada@essai.example", "apec", "adviser"),
        ("zoe@essai.example", "fongecif", "head"), ("zoe@essai.example", "carif-oref", "adviser"),
    ):  # fmt: skip
        stranger.post("/rejoindre", **{**ASKED, "email": email, "network": network, "position": position})

    assert requests(lite) == [
        ("maud", "missions-locales", "adviser", "waiting"),
        ("zoe", "carif-oref", "head", "waiting"),  # of a partner nobody is an adviser
        ("ada", "apec", "adviser", "waiting"),
    ]


def test_a_link_is_sent_again_to_that_address_alone_and_not_to_one_that_is_suspended(lite: Site) -> None:
    lite.adviser("Maud"), lite.adviser("Ines"), lite.adviser("Suspendue", state="suspended")
    stranger = lite.anonymous()
    for name in ("zoe", "ada", "bea"):
        stranger.post("/rejoindre", **{**ASKED, "email": f"{name}@essai.example"})
    with lite.app.app_context():
        db.session.execute(update(Member).values(confirmation_due_at=None))
        db.session.execute(update(Member).where(Member.email.startswith("bea")).values(state="suspended"))
        db.session.commit()

    for name in ("maud", "suspendue", "zoe", "bea", "personne"):
        page = stranger.post("/rejoindre/lien", email=f" {name}@essai.example").text
        assert f"la confirmation de {name}@essai.example, son lien" in page

    assert due(lite) == {
        "maud": ["known_address_due_at"], "ines": [], "suspendue": [], "zoe": ["confirmation_due_at"], "ada": [],
        "bea": [],
    }  # fmt: skip


def test_a_request_counts_from_when_its_address_was_confirmed(lite: Site) -> None:
    nadia, early = lite.person("Nadia", "none", referent_of="missions-locales"), lite.person("Tot", "none")
    asks(early)
    stranger = lite.anonymous()
    stranger.post("/rejoindre", **ASKED)
    with lite.app.app_context():
        for days, email in ((3, "zoe@essai.example"), (1, "tot@essai.example")):
            of = MembershipRequest.member_id.in_(select(Member.id).where(Member.email == email))
            long_ago = now() - timedelta(days=days)
            db.session.execute(update(MembershipRequest).where(of).values(created_at=long_ago))
        db.session.commit()
    lite.works()
    answer = stranger.client.post(
        lite.joining_link(ASKED["email"]), data={**JOINING, "region": "11"}, follow_redirects=True
    )

    assert "Votre adresse est confirmée, votre réseau voit votre demande." in answer.text.replace("&#39;", "'")
    assert answer.request.path == "/connexion"
    assert answer.request.args["next"] == "/ma-demande"
    assert re.findall(r"<h3>(\w+)", nadia.get("/demandes").text) == ["Tot", "Zoé"]
    with lite.app.app_context():
        zoe = db.session.scalars(select(Member).where(Member.email == ASKED["email"])).one()
        assert (zoe.name, zoe.network.slug, zoe.region.code) == ("Zoé Nouvelle", "missions-locales", "11")


def test_links_and_sessions_of_before_are_void_once_the_address_is_confirmed(lite: Site) -> None:
    lite.anonymous().post("/rejoindre", **ASKED)
    with lite.app.app_context():
        member = db.session.scalars(select(Member)).one()
        key, reset = member.session_key, tokens.token_for(member, tokens.RESET)
        asker = joining.Asker("Zoé Nouvelle", reading.network("apec"), reading.region("53"), "adviser")
        joining.confirm(member, asker, JOINING["password"])
        db.session.expire_all()
        assert member.session_key != key

    assert lite.anonymous().get(f"/mot-de-passe/{reset}").status_code == 410


def test_who_is_signed_in_asks_from_their_own_request(lite: Site) -> None:
    maud, zoe = lite.adviser("Maud"), lite.person("Zoe", "none")

    assert [person.get("/rejoindre").location for person in (maud, zoe)] == ["/ma-demande"] * 2
    assert lite.anonymous().get("/rejoindre").status_code == 200
    assert "ne vient pas d'une demande" in zoe.get("/ma-demande").text.replace("&#39;", "'")
    assert 'action="/ma-demande"' in zoe.get("/ma-demande").text
    assert 'action="/ma-demande"' not in maud.get("/ma-demande").text
    assert maud.post("/ma-demande", network="apec", region="53", position="adviser").status_code == 404


def test_asking_says_to_whom_it_went_and_shows_what_was_asked_last(lite: Site) -> None:
    zoe = lite.person("Zoe", "none")
    assert f"{SENT} Apec" in (first := asks(zoe, "apec", "11", "head"))
    assert 'value="head" checked' in first
    assert '<option value="11" selected>' in first
    assert '<details class="menu wide">' in first

    again = asks(zoe, "apec", "11", "head")
    assert SENT not in again
    assert "Cette demande attend déjà la réponse de Apec" in again
    assert f"{SENT} Apec" in asks(zoe, "apec", "11", "adviser")
    assert requests(lite) == [("zoe", "apec", "head", "withdrawn"), ("zoe", "apec", "adviser", "waiting")]


def test_requests_of_others_are_neither_counted_nor_withdrawn_nor_taken_for_ones_own(lite: Site) -> None:
    zoe, ada = lite.person("Zoe", "none"), lite.person("Ada", "none")
    for number in range(6):
        asks(ada, ("apec", "missions-locales")[number % 2])

    assert f"{SENT} Apec" in asks(zoe, "apec")
    assert f"{SENT} Mission" in asks(zoe)
    assert [row for row in requests(lite) if row[3] == "waiting"] == [
        ("ada", "apec", "adviser", "waiting"), ("zoe", "missions-locales", "adviser", "waiting"),
    ]  # fmt: skip
    with lite.app.app_context():
        last = reading.own_request(zoe.viewer)
        assert last is not None
        assert (last.network.slug, last.state) == ("missions-locales", "waiting")
        assert reading.own_request(Viewer(member_id=0)) is None


def test_a_page_without_a_network_or_a_region_to_show_is_shown_all_the_same(lite: Site) -> None:
    """As of an account whose network or region was never said."""
    zoe, ada = lite.person("Zoe", "none"), lite.person("Ada", "none")
    asks(zoe, "apec")
    with lite.app.app_context():
        nothing = {"network_id": None, "region_id": None}
        db.session.execute(update(Member).values(**nothing))
        own = update(Member).where(Member.id == ada.member_id)
        db.session.execute(own.values(address_confirmed_at=None))
        db.session.commit()
        link = f"/rejoindre/adresse/{tokens.token_for(db.session.get(Member, ada.member_id), tokens.CONFIRMATION)}"

    own_page, behind_link = zoe.get("/ma-demande"), lite.anonymous().get(link)

    assert (own_page.status_code, behind_link.status_code) == (200, 200)
    for page in (own_page, behind_link):
        assert set(re.findall(r'<option value="([^"]*)" selected>', page.text)) <= {""}


def test_the_page_of_a_lost_link_says_another_thing_than_that_of_a_void_one(lite: Site) -> None:
    stranger = lite.anonymous()
    lost, mistyped = stranger.get("/rejoindre/lien"), stranger.post("/rejoindre/lien", email="sans arobase")
    void = stranger.get("/rejoindre/adresse/inconnu")

    assert (lost.status_code, mistyped.status_code, void.status_code) == (200, 422, 410)
    assert ["Ce lien ne sert plus" in page.text for page in (lost, mistyped, void)] == [False, False, True]
    assert "la forme attendue" in mistyped.text.replace("&#39;", "'")
    assert "la forme attendue" not in lost.text.replace("&#39;", "'")


@pytest.mark.parametrize("address", ["", "sans arobase", "a@", "@b.fr", "a b@c.fr"])
def test_an_address_that_is_none_is_asked_for_again(lite: Site, address: str) -> None:
    answer = lite.anonymous().post("/rejoindre", **{**ASKED, "email": address})

    assert answer.status_code == 422
    assert "la forme attendue" in answer.text.replace("&#39;", "'")
    assert due(lite) == {}


def many(site: Site, count: int, state: str) -> None:
    """So many people who ask of the missions locales, or were answered."""
    with site.app.app_context():
        network, region = (db.session.scalars(select(each).order_by(each.id)).first() for each in (Network, Region))
        network = db.session.scalars(select(Network).where(Network.slug == "missions-locales")).one()
        for number in range(count):
            member = Member(
                email=f"{state}{number}@essai.example", name=f"Personne {number}", password_hash="x",
                session_key=f"{state}{number}", standing="none", network=network, region=region,
                address_confirmed_at=now(),
            )  # fmt: skip
            request = MembershipRequest(member=member, network=network, asks_as="adviser", state=state)
            request.decided_at = now() - timedelta(days=number)
            db.session.add(request)
        db.session.commit()


def test_the_number_beside_demandes_ends_at_99_and_the_last_answers_are_twenty(lite: Site) -> None:
    nadia = lite.person("Nadia", "none", referent_of="missions-locales")
    many(lite, 100, "waiting")
    many(lite, 21, "refused")

    page = nadia.get("/demandes").text

    assert re.search(r'<b class="waiting"[^>]*>(\d+)</b>', page)[1] == "99"  # type: ignore[index]
    assert page.count('<article class="request') == 100
    assert len(re.findall(r"<li><b>Personne \d+</b>", page)) == 20
    assert "Personne 20</b>" not in page
    with lite.app.app_context():
        assert reading.count_waiting(Viewer()) == 0
