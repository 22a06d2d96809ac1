"""The referent's word: what it gives, that it is given once, by who may, and what the desk says of it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from comcep.access.permissions import Forbidden
from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import db
from comcep.membership import deciding
from comcep.membership.models import MembershipRequest
from comcep.moderation.models import JournalEntry
from tests.community import Person, Site


@pytest.fixture
def nadia(lite: Site) -> Person:
    return lite.person("Nadia", "none", referent_of="missions-locales")


def asker(site: Site, name: str = "Zoe", network: str = "missions-locales", position: str = "adviser") -> Person:
    """Somebody with a confirmed address who asks."""
    person = site.person(name, "none")
    person.post("/ma-demande", network=network, region="53", position=position)
    return person


def address_of(referent: Person, name: str) -> str:
    """Where the request of that name is answered."""
    [address] = set(re.findall(rf"<h3>{name}</h3>.*?action=\"(/demandes/\d+/decision)\"", desk(referent), re.DOTALL))
    return str(address)


def desk(referent: Person) -> str:
    return referent.get("/demandes").text


def waiting(referent: Person) -> list[str]:
    return re.findall(r"<h3>(\w+)", desk(referent))


def decided(referent: Person) -> list[tuple[str, str]]:
    part = desk(referent).split("Dernières réponses")[1].split("Membres de votre réseau")[0]
    return re.findall(r"<li><b>(\w+).*?</b>.*?(acceptée|refusée)", part)


@pytest.mark.parametrize(
    ("position", "decision", "standing"),
    [
        ("adviser", "accept", "adviser"),
        ("adviser", "accept-head", "hors_pair"),
        ("head", "accept", "hors_pair"),
        ("head", "accept-head", "hors_pair"),
    ],
)
def test_who_is_accepted_is_what_was_asked_or_less(
    lite: Site, nadia: Person, position: str, decision: str, standing: str
) -> None:
    zoe = asker(lite, position=position)

    answer = nadia.client.post(address_of(nadia, zoe.name), data={"decision": decision}, follow_redirects=True)

    assert "La réponse à Zoe Essai est enregistrée" in answer.text
    assert zoe.viewer.standing == standing


def test_who_is_accepted_is_new_from_that_day_in_that_network(lite: Site, nadia: Person) -> None:
    """Whatever the day they asked, or another network they had asked of first."""
    lise, paul = lite.animator(), lite.person("Paul", "none", referent_of="apec")
    zoe = asker(lite, network="fongecif")
    with lite.app.app_context():
        db.session.execute(update(Member).where(Member.id == zoe.member_id).values(joined_at=None))
        db.session.commit()
    zoe.post("/ma-demande", network="apec", region="11", position="adviser")
    assert "Zoe" not in lise.get("/animation").text

    paul.post(address_of(paul, zoe.name), decision="accept")

    assert re.search(r'Zoe Essai</a> <span class="badge">[^<]*Apec', lise.get("/animation").text)
    page = lise.get(f"/membres/{zoe.public_id}").text
    assert "membre depuis le" in page
    assert "Apec" in page
    with lite.app.app_context():
        joined = db.session.scalar(select(Member.joined_at).where(Member.id == zoe.member_id))
        assert timedelta(0) <= now() - joined < timedelta(minutes=1)


def test_a_request_is_answered_once_and_who_comes_second_is_told(lite: Site, nadia: Person) -> None:
    second = lite.person("Seconde", "none", referent_of="missions-locales")
    zoe, ada = asker(lite), asker(lite, "Ada")
    of_zoe, of_ada = address_of(nadia, zoe.name), address_of(nadia, ada.name)
    nadia.post(of_zoe, decision="accept")
    nadia.post(of_ada, decision="refuse", reason="Pas chez nous.")

    refused = second.post(of_zoe, decision="refuse", reason="Mon motif à moi")
    accepted = second.post(of_ada, decision="accept")

    assert (refused.status_code, accepted.status_code) == (409, 409)
    assert "avait déjà été acceptée" in refused.text
    assert "Mon motif à moi" in refused.text
    assert "avait déjà été refusée" in accepted.text
    assert (zoe.viewer.standing, ada.viewer.standing) == ("adviser", "none")
    assert "Pas chez nous." in ada.get("/ma-demande").text
    with lite.app.app_context():
        deciders = db.session.execute(select(MembershipRequest.decided_by_id, MembershipRequest.reason).order_by(
            MembershipRequest.id)).all()  # fmt: skip
        assert deciders == [(nadia.member_id, ""), (nadia.member_id, "Pas chez nous.")]
        kinds = list(db.session.scalars(select(JournalEntry.kind)))
        assert len(kinds) == 2


def test_two_answers_at_the_same_moment_are_one(lite: Site, nadia: Person) -> None:
    """The second has read the request as waiting, and is stopped when it writes."""
    zoe = asker(lite)
    with lite.app.app_context():
        request = db.session.scalars(select(MembershipRequest)).one()
        viewer = nadia.viewer
        deciding.refuse(viewer, request, "Motif")
        for answer in (
            lambda: deciding.refuse(viewer, request, "Autre motif"),
            lambda: deciding.accept(viewer, request, as_hors_pair=False),
        ):
            with pytest.raises(deciding.AlreadyDecided):
                answer()
        db.session.expire_all()
        assert (request.state, request.reason) == ("refused", "Motif")
    assert zoe.viewer.standing == "none"


def test_nobody_but_the_networks_referent_decides(lite: Site, nadia: Person) -> None:
    asker(lite)
    others = [lite.person("Autre", "none", referent_of="apec"), lite.animator(), lite.adviser("Maud")]
    address = address_of(nadia, "Zoe Essai")
    with lite.app.app_context():
        request = db.session.scalars(select(MembershipRequest)).one()
        for other in others:
            for answer in (
                lambda viewer: deciding.accept(viewer, request, as_hors_pair=True),
                lambda viewer: deciding.refuse(viewer, request, "Motif"),
            ):
                with pytest.raises(Forbidden):
                    answer(other.viewer)

    assert [other.post(address, decision="accept").status_code for other in others] == [404] * 3
    assert waiting(nadia) == ["Zoe"]


def test_a_reason_is_kept_without_what_is_not_seen(lite: Site, nadia: Person) -> None:
    zoe = asker(lite)

    nadia.post(address_of(nadia, zoe.name), decision="refuse", reason="  Pas chez\u200b nous.\r\n\r\nVoyez l'Apec.  ")

    with lite.app.app_context():
        assert db.session.scalar(select(MembershipRequest.reason)) == "Pas chez nous.\n\nVoyez l'Apec."


def test_what_waits_is_listed_by_when_it_came_and_what_was_decided_newest_first(lite: Site, nadia: Person) -> None:
    names = ["Ada", "Bea", "Zoe"]
    people = {name: asker(lite, name) for name in names}
    with lite.app.app_context():
        for hours, name in enumerate(("Bea", "Zoe", "Ada")):
            of = MembershipRequest.member_id == people[name].member_id
            came = now() - timedelta(hours=9 - hours)
            db.session.execute(update(MembershipRequest).where(of).values(created_at=came))
        db.session.commit()
    assert waiting(nadia) == ["Bea", "Zoe", "Ada"]

    nadia.post(address_of(nadia, "Zoe Essai"), decision="accept")
    nadia.post(address_of(nadia, "Bea Essai"), decision="refuse", reason="Motif")
    nadia.post(address_of(nadia, "Ada Essai"), decision="accept-head")

    assert waiting(nadia) == []
    assert decided(nadia) == [("Ada", "acceptée"), ("Bea", "refusée"), ("Zoe", "acceptée")]


def test_a_form_that_comes_back_is_the_one_of_its_request(lite: Site, nadia: Person) -> None:
    for name in ("Ada", "Zoe"):
        asker(lite, name)
    address = address_of(nadia, "Ada Essai")

    page = nadia.post(address, decision="refuse", reason="").text

    [ada, zoe] = page.split('<article class="request')[1:]
    assert "Écrivez le motif : la personne le recevra." in ada
    assert "Écrivez le motif : la personne le recevra." not in zoe
    assert [' class="menu" open>' in each for each in (ada, zoe)] == [True, False]
    assert "n'attendait plus de réponse" not in page.replace("&#39;", "'")
