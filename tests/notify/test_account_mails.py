"""Mails of the account itself, as they leave: which of them who gets, how many, and that one that cannot be written keeps
nobody else waiting."""

import re

import pytest
from sqlalchemy import select, update

from comcep.accounts import pacing
from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import db
from comcep.notify import account_mails
from comcep.notify.models import Mail
from comcep.sweeping.models import SetAside
from tests.community import JOINING, Person, Site

ASKED = {name: value for name, value in JOINING.items() if name != "password"}
CONFIRM, KNOWN, RESET = "Confirmez votre adresse", "Vous avez déjà un compte", "Choisir un nouveau mot de passe"
MARKS = ("confirmation_due_at", "known_address_due_at", "password_reset_due_at")


def mark(site: Site, person: Person, *marks: str, is_confirmed: bool = True) -> None:
    with site.app.app_context():
        values = {"address_confirmed_at": now() if is_confirmed else None, **{name: now() for name in marks}}
        db.session.execute(update(Member).where(Member.id == person.member_id).values(**values))
        db.session.commit()


def subjects(site: Site, address: str) -> list[str]:
    return [mail.splitlines()[0] for mail in site.mails_to(address)]


@pytest.mark.parametrize(
    ("is_confirmed", "marks", "mails"),
    [
        (False, MARKS[:1], [CONFIRM]),
        (False, MARKS[1:2], []),
        (False, MARKS[2:], [CONFIRM]),
        (False, (MARKS[0], MARKS[2]), [CONFIRM]),
        (True, MARKS[:1], []),
        (True, MARKS[1:2], [KNOWN]),
        (True, MARKS[2:], [RESET]),
        (True, MARKS, [KNOWN, RESET]),
        (True, (), []),
    ],
)
def test_what_is_due_is_written_once_as_the_address_stands_when_it_is_written(
    lite: Site, is_confirmed: bool, marks: tuple[str, ...], mails: list[str]
) -> None:
    """An address may have been confirmed, or not yet, since the mail was asked for."""
    zoe, ines = lite.person("Zoe", "none"), lite.adviser("Ines")
    mark(lite, zoe, *marks, is_confirmed=is_confirmed)

    for _ in range(2):
        lite.works()

    assert sorted(subjects(lite, "zoe@essai.example")) == sorted(mails)
    assert ines.mails() == []
    with lite.app.app_context():
        assert all(getattr(member, name) is None for member in db.session.scalars(select(Member)) for name in MARKS)


def test_each_link_leads_to_where_it_says(lite: Site) -> None:
    zoe, ines = lite.person("Zoe", "none"), lite.person("Ines")
    mark(lite, zoe, MARKS[0], is_confirmed=False)
    mark(lite, ines, *MARKS[1:])
    lite.works()

    texts = "\n".join(lite.mails_to("zoe@essai.example") + ines.mails())
    links = re.findall(re.escape(lite.app.config["PUBLIC_ADDRESS"]) + r"(/\S+)", texts)
    assert {link.rsplit("/", 1)[0] if len(link) > 40 else link for link in links} == {
        "/rejoindre/adresse", "/connexion", "/mot-de-passe",
    }  # fmt: skip
    assert all(lite.anonymous().get(link).status_code == 200 for link in links)


def test_mails_about_joining_are_spaced_for_an_address_and_links_to_a_new_password_are_not_here(lite: Site) -> None:
    """Those are where they are asked for, so that who asks is told to wait."""
    lite.app.config["RATELIMIT_ENABLED"] = True
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    for _ in range(5):
        mark(lite, maud, *MARKS[1:])
        lite.works()
    mark(lite, ines, *MARKS[1:])
    lite.works()

    found = subjects(lite, "maud@essai.example")
    assert (found.count(KNOWN), found.count(RESET)) == (pacing.RULES["joining-mail"].free, 5)
    assert sorted(subjects(lite, "ines@essai.example")) == sorted([KNOWN, RESET])


def test_one_that_cannot_be_written_is_set_aside_and_the_others_get_theirs(
    lite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, maud, ines = lite.person("Zoe", "none"), lite.adviser("Maud"), lite.adviser("Ines")
    mark(lite, zoe, MARKS[0], is_confirmed=False)
    mark(lite, maud, MARKS[1])

    def fails(_link: str) -> None:
        mark(lite, ines, MARKS[2])  # asked for meanwhile
        raise ValueError

    with monkeypatch.context() as broken:
        broken.setattr("comcep.notify.letters.confirm", fails)
        lite.works()
    lite.works()

    assert lite.mails_to("zoe@essai.example") == []
    assert (subjects(lite, "maud@essai.example"), subjects(lite, "ines@essai.example")) == ([KNOWN], [RESET])
    with lite.app.app_context():
        assert [(row.work, row.subject_id) for row in db.session.scalars(select(SetAside))] == [
            ("account", zoe.member_id)
        ]


def test_a_demo_shows_the_newest_ten_about_joining_that_were_sent_to_the_address(lite: Site) -> None:
    zoe, maud = lite.person("Zoe", "none"), lite.adviser("Maud")
    with lite.app.app_context():
        kinds = ["confirm", "known", *["confirm"] * 10, "reset", ""]
        for number, kind in enumerate(kinds):
            db.session.add(Mail(member_id=zoe.member_id, kind=kind, subject=str(number), body="", sent_at=now()))
        db.session.add(Mail(member_id=zoe.member_id, kind="confirm", subject="waits", body=""))
        db.session.add(Mail(member_id=maud.member_id, kind="known", subject="maud", body="", sent_at=now()))
        db.session.commit()

        shown = [mail.subject for mail in account_mails.mails_about_joining("zoe@essai.example")]

    assert shown == [str(number) for number in range(11, 1, -1)]
