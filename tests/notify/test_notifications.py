"""The page of notifications: one's own, of what one may still see, the last fifty; where each leads; how many wait."""

import re

from sqlalchemy import select, update

from comcep.accounts.models import GroupMember, Member
from comcep.extensions import db
from comcep.moderation.models import Statement
from comcep.notify.models import Notification
from tests.community import Person, Site
from tests.moderation.deciding import decision
from tests.notify.test_once import notices, unread

CONTESTED = "Une décision de l'animation est contestée"
DECIDED = "Une décision de l'animation sur un de vos messages"


def page(person: Person) -> str:
    return person.get("/notifications").text.replace("&#39;", "'")


def hidden(site: Site, lise: Person, author: Person, title: str = "Sujet", section: str = "pairs") -> tuple[int, str]:
    """A message that Lise hides, and the decision its author is sent."""
    message = author.answers(author.asks(title, section=section), "Message")
    lise.post(f"/messages/{message}/masquage", reason="Motif")
    return message, decision(site, author)


def test_a_contest_shows_to_who_animates_and_may_see_its_message(lite: Site) -> None:
    lise, rose = lite.animator(), lite.animator("Rose")
    inside = lite.person("Dedans", is_animator=True, in_group=True)
    maud = lite.adviser("Maud", in_group=True)
    statement = hidden(lite, inside, maud, "Titre zqtitrezq", "groupe")[1]
    maud.post(f"{statement}/contestation", reason="Non.")
    lite.works()
    with lite.app.app_context():  # as if they had been of the group when it was told
        told = db.session.execute(select(Notification.statement_id).where(Notification.kind == "contest")).scalar_one()
        for person in (lise, rose):
            db.session.add(Notification(member_id=person.member_id, kind="contest", statement_id=told))
        db.session.commit()

    assert CONTESTED in page(inside)
    assert "zqtitrezq" in page(inside)
    assert unread(inside) == 1
    assert notices(inside) == [statement.replace("/decisions", "/animation/contestations")]
    for person in (lise, rose):
        assert CONTESTED not in page(person)
        assert unread(person) == 0


def test_who_animates_no_more_has_no_contest_among_their_notifications(lite: Site) -> None:
    lise, rose, maud = lite.animator(), lite.animator("Rose"), lite.adviser("Maud")
    maud.post(f"{hidden(lite, lise, maud)[1]}/contestation", reason="Non.")
    lite.works()
    [number] = [each.rsplit("/", 1)[1] for each in numbers(rose)]
    assert unread(lise) == unread(rose) == 1

    with lite.app.app_context():
        db.session.execute(update(Member).where(Member.id == rose.member_id).values(is_animator=False))
        db.session.commit()

    assert CONTESTED not in page(rose)
    assert unread(rose) == 0
    assert rose.get(f"/notifications/{number}").status_code == 404
    assert unread(lise) == 1


def numbers(person: Person) -> list[str]:
    return re.findall(r'href="(/notifications/\d+)"', person.get("/notifications").text)


def test_an_animator_reads_what_was_decided_on_their_own_message_without_its_title(lite: Site) -> None:
    lise, rose = (
        lite.person("Lise", is_animator=True, in_group=True),
        lite.person("Rose", is_animator=True, in_group=True),
    )
    statement = hidden(lite, lise, rose, "Titre zqtitrezq", "groupe")[1]
    with lite.app.app_context():
        db.session.query(GroupMember).filter_by(member_id=rose.member_id).delete()
        db.session.commit()

    assert DECIDED in page(rose)
    assert "zqtitrezq" not in page(rose)
    assert unread(rose) == 1
    assert notices(rose) == [statement]


def test_a_notification_is_its_members_alone(lite: Site) -> None:
    lise, maud, ines = lite.animator(), lite.adviser("Maud"), lite.adviser("Ines")
    ines.answers(maud.asks("Titre zqtitrezq"), "Réponse")
    hidden(lite, lise, maud)
    own = numbers(maud)
    assert len(own) == 2

    for other in (lise, ines):
        assert page(other).count("zqtitrezq") == 0
        assert numbers(other) == []
        assert unread(other) == 0
        assert [other.get(address).status_code for address in own] == [404, 404]
    assert unread(maud) == 2, "what others tried to open is still unread"


def test_each_notification_leads_to_its_own_message_and_is_read_by_that_alone(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    topic = maud.asks("Titre")
    answers = [ines.answers(topic, f"Réponse {number}") for number in range(3)]
    lite.works()
    newest, middle, oldest = numbers(maud)
    assert page(maud).count('class="unread"') == 3

    assert maud.get(middle).location == f"/messages/{answers[1]}"
    assert unread(maud) == 2
    assert maud.get(oldest).location == f"/messages/{answers[0]}"
    assert maud.get(newest).location == f"/messages/{answers[2]}"

    assert unread(maud) == 0
    assert page(maud).count('class="unread"') == 0


def test_a_notification_read_once_keeps_when(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    ines.answers(maud.asks("Titre"), "Réponse")
    lite.works()

    def read_at() -> object:
        with lite.app.app_context():
            return db.session.scalar(select(Notification.read_at).where(Notification.member_id == maud.member_id))

    [address] = numbers(maud)
    assert read_at() is None
    maud.get(address)
    first = read_at()
    assert first is not None
    maud.get(address)
    maud.post("/notifications/lecture")

    assert read_at() == first


def test_the_page_shows_the_last_fifty_the_newest_first(lite: Site) -> None:
    maud = lite.adviser("Maud")
    with lite.app.app_context():
        first = lite.post(maud.answers(maud.asks("Titre"), "Message")).id
        statement = Statement(member_id=maud.member_id, post_id=first, kind="hidden", reason="", told_at=None)
        db.session.add(statement)
        db.session.flush()
        statement.told_at = statement.created_at
        db.session.add(Notification(member_id=maud.member_id, kind="reply", post_id=first))
        db.session.flush()
        for _ in range(50):
            db.session.add(Notification(member_id=maud.member_id, kind="statement", statement_id=statement.id))
            db.session.flush()
        db.session.commit()

    assert page(maud).count('class="unread"') == 50
    assert "Du nouveau dans un sujet" not in page(maud), "the oldest"
    assert unread(maud) == 51


def test_of_many_that_wait_ninety_nine_are_counted(lite: Site) -> None:
    maud = lite.adviser("Maud")
    with lite.app.app_context():
        db.session.add_all(Notification(member_id=maud.member_id, kind="statement") for _ in range(101))
        db.session.commit()

    assert unread(maud) == 99


def test_marking_all_as_read_says_so_and_leads_back_to_the_list(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    for asker, peer in ((maud, ines), (ines, maud)):
        peer.answers(asker.asks("Titre"), "Réponse")
    lite.works()

    answer = maud.post("/notifications/lecture")

    assert answer.location == "/notifications"
    assert "Toutes les notifications sont lues." in page(maud)
    assert (unread(maud), unread(ines)) == (0, 1)


def test_who_is_not_signed_in_has_no_bell(lite: Site) -> None:
    stranger = lite.anonymous()

    assert stranger.get("/").status_code == 200
    assert "notification" not in stranger.get("/").text
    for address in ("/notifications", "/notifications/123456789012345"):
        assert stranger.get(address).status_code == 404
    assert stranger.post("/notifications/lecture").status_code == 404
