"""What is told is told once, leads to what it tells of, and is read by seeing just that; a mail is not tried for ever."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import db
from comcep.notify import sending
from comcep.notify.delivering import Refused
from comcep.notify.models import Mail
from tests.community import Person, Site


def notices(person: Person) -> list[str]:
    """Where each line of the page of notifications leads, newest first."""
    found = re.findall(r'href="(/notifications/\d+)"', person.get("/notifications").text)
    return [person.get(address).location for address in found]


def unread(person: Person) -> int:
    found = re.search(r"(\d+) notifications? à lire", person.get("/compte").text)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("decision", ["accept", "refuse"])
def test_a_decision_on_a_request_is_mailed_once_however_often_the_sweep_runs(lite: Site, decision: str) -> None:
    nadia = lite.person("Nadia", "none", referent_of="missions-locales")
    zoe = lite.anonymous()
    zoe.joins()
    lite.works()
    before = len(zoe.mails())
    [address] = set(re.findall(r'action="(/demandes/\d+/decision)"', nadia.get("/demandes").text))
    for _ in range(2):
        nadia.post(address, decision=decision, reason="Motif")
        lite.works()
    lite.works()

    assert len(zoe.mails()) == before + 1


def test_what_was_told_is_not_told_again_and_leads_to_the_message_or_the_decision(lite: Site) -> None:
    maud, ines, lise = lite.adviser("Maud"), lite.adviser("Ines", "pole-emploi"), lite.animator()
    topic = maud.asks("Question")
    answer = ines.answers(topic, "Réponse")
    lite.works()
    own = re.findall(r'href="(/notifications/\d+)"', maud.get("/notifications").text)
    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    for _ in range(3):
        lite.works()

    assert len(maud.mails()) == len(ines.mails()) == 1
    [decision] = notices(ines)
    assert re.fullmatch(r"/decisions/\d+", decision)
    assert ines.get(decision).status_code == 200
    assert notices(maud) == [], "who may not read the message any more has no line that leads there"
    lise.post(f"/messages/{answer}/masquage", undo="1")
    lite.works()
    assert notices(maud) == [f"/messages/{answer}"]
    followed = maud.get(f"/messages/{answer}", follow_redirects=True)
    assert (followed.status_code, "Réponse" in followed.text) == (200, True)
    assert len(maud.mails()) == 1
    assert [ines.get(address).status_code for address in own] == [404]


def test_reading_the_first_page_leaves_the_notifications_of_the_second(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines", "pole-emploi")
    topic, other = maud.asks("Long"), maud.asks("Autre")
    for number in range(21):
        ines.answers(topic, f"Réponse {number}")
    ines.answers(other, "Ailleurs")
    lite.works()
    assert unread(maud) == 22

    maud.get(f"/sujets/{topic}", follow_redirects=True)
    assert unread(maud) == 3  # two of the second page, one of the other topic
    lite.adviser("Paul", "apec").get(f"/sujets/{topic}?page=2", follow_redirects=True)
    assert unread(maud) == 3, "what another reads is read by them alone"
    maud.get(f"/sujets/{topic}?page=2", follow_redirects=True)
    assert unread(maud) == 1
    ines.post("/notifications/lecture")
    assert unread(maud) == 1
    maud.post("/notifications/lecture")
    assert unread(maud) == 0


def test_a_mail_refused_for_now_is_tried_ever_more_slowly_and_not_for_ever(
    lite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, tries, clock = lite.adviser("Maud").member_id, 0, [now()]
    with lite.app.app_context():
        db.session.add(Mail(member_id=member, subject="Objet", body="Un lien", not_before=clock[0]))
        db.session.commit()
    monkeypatch.setattr(sending, "now", lambda: clock[0])

    def refuse(_message: object) -> None:
        nonlocal tries
        tries += 1
        raise Refused(OSError("trop vite"), for_good=False)

    monkeypatch.setattr("comcep.notify.delivering._into_folder", refuse)
    waits = []
    with lite.app.app_context():
        for _ in range(sending.MOST_FAILURES + 3):
            sending.send_due_mails()
            sending.send_due_mails()
            mail = db.session.execute(select(Mail.not_before, Mail.dropped_at)).one()
            if mail.dropped_at is None:
                waits.append((mail.not_before - clock[0]) / timedelta(minutes=1))
            clock[0] = max(clock[0], mail.not_before)
            db.session.rollback()

    assert tries == 12
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]


def test_a_mail_about_what_its_reader_lost_sight_of_meanwhile_is_dropped(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines", "pole-emploi")
    ines.answers(maud.asks("Question"), "Réponse")
    with lite.app.app_context():
        from comcep.notify import notifying

        notifying.announce_posts()
        db.session.execute(update(Member).where(Member.id == maud.member_id).values(standing="hors_pair"))
        db.session.commit()
    lite.works()

    assert maud.mails() == []
