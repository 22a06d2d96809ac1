"""The referent's side: what they see, what they are told of, and that their word holds for what they read."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from comcep.accounts.models import Member, Referent
from comcep.clock import now
from comcep.extensions import db
from comcep.membership.models import MembershipRequest
from comcep.notify import joining as sweeps
from tests.community import Person, Site

TOLD = "Une inscription attend votre réponse"


@pytest.fixture
def nadia(site: Site) -> Person:
    return site.hors_pair("Nadia", referent_of="missions-locales")


def newcomer(site: Site, number: int = 0, **changes: str) -> Person:
    person = site.anonymous()
    person.joins(email=f"nouveau{number}@reseau.example", name=f"Nouvelle Personne{number}", **changes)
    return person


def told(person: Person) -> list[str]:
    return [mail for mail in person.mails() if mail.startswith(TOLD)]


def badge(person: Person) -> str:
    found = re.search(
        r'href="/demandes"[^>]*>Demandes(?: <b class="waiting"[^>]*>(\d+)</b>)?', person.get("/aide").text
    )
    assert found is not None
    return found[1] or ""


def decisions(person: Person) -> list[str]:
    return re.findall(r'action="(/demandes/\d+/decision)"', person.get("/demandes").text)


def an_hour_passes(site: Site) -> None:
    with site.app.app_context():
        db.session.execute(update(Referent).values(requests_told_at=now() - sweeps.QUIET - timedelta(seconds=1)))
        db.session.commit()


def test_a_referent_gets_one_mail_for_all_that_came_within_the_hour(site: Site, nadia: Person) -> None:
    for number in range(3):
        newcomer(site, number)
        site.works()
    [mail] = told(nadia)
    assert "/demandes" in mail
    assert "Nouvelle" not in mail
    assert "nouveau" not in mail

    an_hour_passes(site)
    site.works()
    site.works()
    assert len(told(nadia)) == 2  # of those that came after the first mail, once


def test_a_referent_of_several_networks_gets_one_mail(site: Site) -> None:
    nadia = site.hors_pair("Nadia", referent_of="missions-locales")
    with site.app.app_context():
        from sqlalchemy import select

        from comcep.accounts.models import Network

        apec = db.session.scalar(select(Network.id).where(Network.slug == "apec"))
        db.session.add(Referent(member_id=nadia.member_id, network_id=apec))
        db.session.commit()
    for number, network in enumerate(("apec", "missions-locales")):
        newcomer(site, number, network=network)
    site.works()
    site.works()

    assert len(told(nadia)) == 1


def test_every_referent_of_the_network_is_told_and_no_other(site: Site, nadia: Person) -> None:
    second = site.hors_pair("Seconde", referent_of="missions-locales")
    other = site.hors_pair("Autre", referent_of="apec")
    suspended = site.hors_pair("Suspendue", referent_of="missions-locales", state="suspended")
    newcomer(site)
    site.works()

    assert [len(told(person)) for person in (nadia, second, other, suspended)] == [1, 1, 0, 0]


def test_nothing_is_told_before_the_address_is_confirmed_nor_once_all_is_answered(site: Site, nadia: Person) -> None:
    site.anonymous().post("/rejoindre", name="Nom Prénom", email="a@reseau.example", network="missions-locales",
                          region="53", position="adviser")  # fmt: skip
    site.works()
    assert told(nadia) == []

    newcomer(site)
    nadia.post(decisions(nadia)[0], decision="accept")
    site.works()
    assert told(nadia) == []


def test_a_number_beside_demandes_says_how_many_wait(site: Site, nadia: Person) -> None:
    assert badge(nadia) == ""
    for number in range(2):
        newcomer(site, number)
    newcomer(site, 7, network="apec")
    assert badge(nadia) == "2"

    nadia.post(decisions(nadia)[0], decision="accept")
    assert badge(nadia) == "1"
    assert 'class="waiting"' not in site.adviser("Maud").get("/").text


def test_a_referent_sees_and_opens_requests_of_their_own_networks_once_the_address_is_confirmed(
    site: Site, nadia: Person
) -> None:
    other = site.hors_pair("Autre", referent_of="apec")
    newcomer(site)
    [decision] = set(decisions(nadia))

    assert decisions(other) == []
    assert other.post(decision, decision="accept").status_code == 404
    with site.app.app_context():
        db.session.execute(
            update(Member).where(Member.email == "nouveau0@reseau.example").values(address_confirmed_at=None)
        )
        db.session.commit()
    assert decisions(nadia) == []
    assert badge(nadia) == ""
    assert nadia.post(decision, decision="accept").status_code == 404


def test_nobody_accepts_themselves(site: Site) -> None:
    referent = site.person("Referente", "none", referent_of="missions-locales")
    referent.post("/ma-demande", network="missions-locales", region="53", position="adviser")
    with site.app.app_context():
        request = db.session.scalars(db.select(MembershipRequest)).one()
        address = f"/demandes/{request.public_id}/decision"

    assert "Referente Essai" not in referent.get("/demandes").text
    assert referent.post(address, decision="accept").status_code == 404
    assert 'data-viewer="referent"' in referent.get("/").text
    assert referent.get("/rubriques/pairs").status_code == 404


def test_the_members_of_a_referents_networks_are_listed_and_nobody_else(lite: Site) -> None:
    nadia = lite.person("Nadia", "none", referent_of="missions-locales")
    for name, standing, network in (
        ("Maud", "adviser", "missions-locales"), ("Agnes", "hors_pair", "missions-locales"),
        ("Attend", "none", "missions-locales"), ("Ines", "adviser", "apec"), ("Partie", "adviser", "missions-locales"),
        ("Suspendue", "adviser", "missions-locales"),
    ):  # fmt: skip
        lite.person(name, standing, network)
    with lite.app.app_context():
        for name, state in (("Partie", "closed"), ("Suspendue", "suspended")):
            db.session.execute(update(Member).where(Member.name == f"{name} Essai").values(state=state))
        db.session.commit()

    page = nadia.get("/demandes").text

    assert re.findall(r"<li><b>(\w+) Essai</b>", page) == ["Agnes", "Maud", "Suspendue"]
    assert page.count("suspendu·e") == 1


def test_a_refusal_takes_a_reason_of_a_thousand_signs_at_most_and_is_kept_in_the_form(lite: Site) -> None:
    nadia = lite.person("Nadia", "none", referent_of="missions-locales")
    zoe = newcomer(lite)
    [address] = set(decisions(nadia))

    for reason in ("", "  \u200b ", "x" * 1001):
        answer = nadia.post(address, decision="refuse", reason=reason)
        assert answer.status_code == 422
    assert "x" * 1001 in answer.text
    assert nadia.post(address, decision="autre", reason="Motif").status_code == 422
    assert zoe.get("/ma-demande").text.count("refus") == 0
    assert nadia.post(address, decision="refuse", reason="x" * 1000).status_code == 302
