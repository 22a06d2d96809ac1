"""Around a request to join: when referents are told that one waits, what a new place is told as, and which addresses are
forgotten."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from comcep.accounts.models import Member, Network, Referent
from comcep.clock import now
from comcep.extensions import db
from comcep.membership.models import MembershipRequest
from comcep.moderation.signals import appointed
from comcep.notify import account_mails, joining
from comcep.notify.models import Mail
from comcep.sweeping.models import SetAside
from tests.community import Person, Site

TOLD = "Une inscription attend votre réponse"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def nadia(lite: Site) -> Person:
    return lite.person("Nadia", "none", referent_of="missions-locales")


def asks(site: Site, name: str, network: str = "missions-locales") -> Person:
    person = site.person(name, "none")
    person.post("/ma-demande", network=network, region="53", position="adviser")
    return person


def told(person: Person) -> int:
    return sum(mail.startswith(TOLD) for mail in person.mails())


def was_told(site: Site, person: Person, at: datetime) -> None:
    with site.app.app_context():
        of = Referent.member_id == person.member_id
        db.session.execute(update(Referent).where(of).values(requests_told_at=at))
        db.session.commit()


@pytest.mark.parametrize(
    ("ago", "mails"),
    [
        (59 * MINUTE, 0),
        (61 * MINUTE, 1),
        (-5 * MINUTE, 1),  # by a clock that was ahead
    ],
)
def test_a_referent_is_told_again_after_an_hour(lite: Site, nadia: Person, ago: timedelta, mails: int) -> None:
    second = lite.person("Seconde", "none", referent_of="missions-locales")
    was_told(lite, nadia, now() - ago)
    asks(lite, "Zoe")

    for _ in range(2):
        lite.works()

    assert (told(nadia), told(second)) == (mails, 1)
    was_told(lite, nadia, now() - 61 * MINUTE)
    for _ in range(2):
        lite.works()
    assert (told(nadia), told(second)) == (1, 1), "what waited meanwhile is told once the hour is over"


def test_a_referent_of_two_networks_is_told_once_and_of_either(lite: Site, nadia: Person) -> None:
    with lite.app.app_context():
        apec = db.session.scalar(select(Network.id).where(Network.slug == "apec"))
        db.session.add(Referent(member_id=nadia.member_id, network_id=apec))
        db.session.commit()
    for name, network in (("Zoe", "apec"), ("Ada", "missions-locales")):
        asks(lite, name, network)
    lite.works()
    assert told(nadia) == 1

    asks(lite, "Bea", "apec")
    lite.works()
    assert told(nadia) == 1
    was_told(lite, nadia, now() - 61 * MINUTE)
    lite.works()
    assert told(nadia) == 2


def test_a_referent_is_not_told_of_what_was_answered_meanwhile(lite: Site, nadia: Person) -> None:
    zoe = asks(lite, "Zoe")
    zoe.post("/ma-demande", network="apec", region="53", position="adviser")

    lite.works()
    assert told(nadia) == 0
    with lite.app.app_context():
        assert list(db.session.scalars(select(Referent.requests_due_at))) == [None]
        assert list(db.session.scalars(select(Referent.requests_told_at))) == [None]
    asks(lite, "Ada")
    lite.works()
    assert told(nadia) == 1


def test_nobody_who_has_nothing_due_takes_the_turn_of_a_referent(lite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "BATCH", 1)
    lite.adviser("Maud"), lite.person("Autre", "none", referent_of="apec")
    nadia = lite.person("Nadia", "none", referent_of="missions-locales")
    asks(lite, "Zoe")

    lite.works()

    assert told(nadia) == 1


def test_what_another_process_told_meanwhile_is_not_told_again(lite: Site, nadia: Person) -> None:
    asks(lite, "Zoe")
    lite.works()
    with lite.app.app_context():
        assert nadia.member_id is not None
        joining._tell_referent(nadia.member_id)
    lite.works()

    assert told(nadia) == 1


def test_a_referent_who_cannot_be_told_is_set_aside_and_the_others_are_told(
    lite: Site, nadia: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = lite.person("Seconde", "none", referent_of="missions-locales")
    asks(lite, "Zoe")
    write = joining.letters.requests_wait
    tried = []

    def fails_at_first(link: str) -> object:
        tried.append(link)
        if len(tried) == 1:
            raise ValueError
        return write(link)

    monkeypatch.setattr(joining.letters, "requests_wait", fails_at_first)
    for _ in range(2):
        lite.works()

    assert (told(nadia), told(second), len(tried)) == (0, 1, 2)
    with lite.app.app_context():
        assert [(row.work, row.subject_id) for row in db.session.scalars(select(SetAside))] == [
            ("referent", nadia.member_id)
        ]


@pytest.mark.parametrize("kind", ["create-account", *joining.WORDS])
def test_a_new_place_is_told_to_whom_it_concerns_with_what_it_is(lite: Site, kind: str) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    with lite.app.app_context():
        appointed.send(db.session.get(Member, maud.member_id), kind=kind, place="Fongecif", reason="Un motif.")
        db.session.commit()
    lite.works()

    [mail] = maud.mails()
    assert ines.mails() == []
    if kind == "create-account":
        assert mail.startswith("Un compte ComCEP est ouvert")
        assert f"{lite.app.config['PUBLIC_ADDRESS']}/mot-de-passe\n" in mail
    else:
        assert mail.startswith("Votre place dans ComCEP change")
        said = str(joining.WORDS[kind]) % {"place": "Fongecif", "reason": "Un motif."}
        assert said in " ".join(mail.split())
        assert f"{lite.app.config['PUBLIC_ADDRESS']}/compte\n" in mail


def unconfirmed(site: Site, name: str, age: timedelta, asked: timedelta | None) -> int:
    """An account whose address waits, of that age, that last asked then."""
    fields = {"name": f"{name} Essai", "email": f"{name.lower()}@essai.example", "network": "apec", "region": "53"}
    assert site.anonymous().post("/rejoindre", **fields, position="adviser").status_code == 200
    with site.app.app_context():
        account_mails.write_account_mails()
        member_id = db.session.scalars(select(Member.id).where(Member.email == fields["email"])).one()
        db.session.execute(update(Member).where(Member.id == member_id).values(created_at=now() - age))
        own = MembershipRequest.member_id == member_id
        if asked is None:
            db.session.execute(delete(MembershipRequest).where(own))
        else:
            db.session.execute(update(MembershipRequest).where(own).values(created_at=now() - asked))
        db.session.commit()
    return member_id


def kept(site: Site) -> list[str]:
    with site.app.app_context():
        rows = {row.id: row.name.split()[0] for row in db.session.scalars(select(Member))}
        for model in (Mail, MembershipRequest):
            owners = set(db.session.scalars(select(model.member_id)))
            assert owners <= rows.keys()
        return sorted(rows.values())


def test_only_addresses_that_nobody_confirmed_or_asked_with_for_a_month_are_forgotten(lite: Site) -> None:
    old, month = 31 * DAY, 30 * DAY
    ages = {"Jeune": (month - DAY, month - DAY), "Redemande": (90 * DAY, month - DAY), "Confirmee": (old, old),
            "Oubliee": (old, old), "Muette": (old, None)}  # fmt: skip
    [_, _, confirmed, *_] = [unconfirmed(lite, name, *moments) for name, moments in ages.items()]
    with lite.app.app_context():
        db.session.execute(update(Member).where(Member.id == confirmed).values(address_confirmed_at=now()))
        db.session.commit()

    lite.works()

    assert kept(lite) == ["Confirmee", "Jeune", "Redemande"]
    with lite.app.app_context():
        assert len(list(db.session.scalars(select(Mail.id)))) == 3
        assert len(list(db.session.scalars(select(MembershipRequest.id)))) == 3
        assert list(db.session.scalars(select(SetAside.id))) == []


def test_who_confirms_at_the_moment_of_being_forgotten_stays_with_what_is_theirs(lite: Site) -> None:
    """Between the list of who is to be forgotten and their turn."""
    member_id = unconfirmed(lite, "Zoe", 31 * DAY, 31 * DAY)
    with lite.app.app_context():
        db.session.execute(update(Member).values(address_confirmed_at=now()))
        db.session.commit()
        joining._forget(member_id)

        assert list(db.session.scalars(select(MembershipRequest.member_id))) == [member_id]
        assert list(db.session.scalars(select(Mail.member_id))) == [member_id]
    assert kept(lite) == ["Zoe"]
