"""What the sweep of news tells, to whom and where it leads: replies, decisions, contests; one thing that cannot be told
keeps none of the others waiting."""

import re

import pytest
from sqlalchemy import select, text, update

from comcep.accounts.models import Member
from comcep.extensions import db
from comcep.forum.models import Post
from comcep.moderation.models import Statement
from comcep.notify import notifying
from comcep.notify.models import Mail, Notification
from comcep.sweeping.models import SetAside
from tests.community import Person, Site
from tests.moderation.deciding import CONTEST, STATEMENT, decision
from tests.notify.test_once import notices, unread


def kinds(site: Site, person: Person) -> list[str]:
    """The kinds of somebody's notifications, oldest first."""
    with site.app.app_context():
        own = select(Notification.kind).where(Notification.member_id == person.member_id).order_by(Notification.id)
        return list(db.session.scalars(own))


def aside(site: Site) -> list[str]:
    with site.app.app_context():
        return list(db.session.scalars(select(SetAside.work)))


def breaks(site: Site, table: str, column: str, where: str) -> None:
    """Have rows of a table hold what cannot be read as a moment."""
    with site.app.app_context():
        db.session.execute(text(f"update {table} set {column} = 'hier' where {where}"))
        db.session.commit()


# Replies.


def test_who_asked_is_told_of_an_answer_and_who_follows_of_a_message(lite: Site) -> None:
    maud, ines, lea = lite.adviser("Maud"), lite.adviser("Ines"), lite.adviser("Lea")
    topic = maud.asks("Question")
    lea.post(f"/sujets/{topic}/suivi")

    ines.answers(topic, "Réponse")
    lite.works()

    assert (kinds(lite, maud), kinds(lite, lea), kinds(lite, ines)) == (["answer"], ["reply"], [])
    assert "Une réponse à votre question" in maud.get("/notifications").text
    assert "Du nouveau dans un sujet que vous suivez" in lea.get("/notifications").text
    [mail] = maud.mails()
    assert "Un pair a répondu à une question" in mail
    assert f"{lite.app.config['PUBLIC_ADDRESS']}/sujets/{topic}" in mail


def test_several_messages_are_each_told_once_to_who_follows_their_topic(lite: Site) -> None:
    maud, ines, lea = lite.adviser("Maud"), lite.adviser("Ines"), lite.adviser("Lea")
    first, second = maud.asks("Première"), lea.asks("Seconde")
    answers = [ines.answers(first, "Un"), ines.answers(first, "Deux"), ines.answers(second, "Trois")]

    for _ in range(2):
        lite.works()

    assert notices(maud) == [f"/messages/{answers[1]}", f"/messages/{answers[0]}"]
    assert notices(lea) == [f"/messages/{answers[2]}"]
    assert (len(maud.mails()), len(lea.mails())) == (2, 1)


def test_the_mail_of_a_reply_leads_to_its_page(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    topic = maud.asks("Question")
    for number in range(21):
        ines.answers(topic, f"Réponse {number}")
    lite.works()

    [path] = re.findall(r"/sujets/\S+", maud.mails()[-1])
    assert "Réponse 20" in maud.get(path, follow_redirects=True).text


def test_what_was_hidden_before_it_was_told_is_not(lite: Site) -> None:
    maud, ines, lise = lite.adviser("Maud"), lite.adviser("Ines"), lite.animator()
    answer = ines.answers(maud.asks("Question"), "Réponse")
    lise.post(f"/messages/{answer}/masquage", reason="Motif")

    lite.works()

    assert kinds(lite, maud) == []
    assert maud.mails() == []


def test_a_question_is_announced_to_nobody(lite: Site) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    topic = maud.asks("Question")
    ines.post(f"/sujets/{topic}/suivi")

    lite.works()

    assert kinds(lite, ines) == kinds(lite, maud) == []


# Two processes at the same news.


def test_what_another_process_told_meanwhile_is_not_told_again(lite: Site) -> None:
    maud, ines, lise = lite.adviser("Maud"), lite.adviser("Ines"), lite.animator()
    answer = ines.answers(maud.asks("Question"), "Réponse")
    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    lite.works()
    statement = STATEMENT.findall(ines.mails()[-1])[0]
    ines.post(f"{statement}/contestation", reason="Non.")
    lite.works()
    lite.animator("Rose").post(
        statement.replace("/decisions", "/animation/contestations"), decision="keep", reason="Si."
    )
    lise.post(f"/messages/{answer}/masquage", undo="1")
    lite.works()
    before = [kinds(lite, person) for person in (maud, ines, lise)]
    assert before == [[], ["statement", "notice", "contest-answered"], ["contest"]]

    with lite.app.app_context():
        for told in db.session.scalars(select(Statement.id)).all():
            notifying._announce_statement(told)
        contested = db.session.scalars(select(Statement.id).where(Statement.contested_at.is_not(None))).one()
        notifying._announce_contest(contested)
        notifying._announce_answer_to_contest(contested)
        notifying._announce(lite.post(answer).id)

    assert [kinds(lite, person) for person in (maud, ines, lise)] == before


# Decisions and contests.


def test_each_author_is_told_of_the_decision_on_their_own_message(lite: Site) -> None:
    lise, maud, ines = lite.animator(), lite.adviser("Maud"), lite.adviser("Ines")
    topic = lise.asks("Sujet")
    for person in (maud, ines):
        lise.post(
            f"/messages/{person.answers(topic, f'De {person.name}')}/masquage", reason=f"Motif pour {person.name}"
        )

    lite.works()

    for person in (maud, ines):
        [mail] = person.mails()
        link = STATEMENT.findall(mail)[0]
        assert lite.app.config["PUBLIC_ADDRESS"] + link in mail
        assert f"Motif pour {person.name}" in person.get(link).text
        assert notices(person) == [link]


@pytest.mark.parametrize(
    ("act", "says", "sentence"),
    [({"reason": "Motif"}, "comment le contester", "Une décision de l'animation sur un de vos messages"),
     ({"undo": "1"}, "Laquelle", "L'animation s'est occupée d'un de vos messages")],
)  # fmt: skip
def test_a_restriction_is_told_as_one_and_the_rest_as_news(
    lite: Site, act: dict[str, str], says: str, sentence: str
) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    message = maud.answers(lise.asks("Sujet"), "Message")
    lise.post(f"/messages/{message}/masquage", reason="Motif")
    lise.post(f"/messages/{message}/masquage", **act)

    lite.works()

    assert says in maud.mails()[-1]
    assert sentence in maud.get("/notifications").text.replace("&#39;", "'")


def test_a_pinned_topic_is_told_on_the_page_and_by_no_mail(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    lise.post(f"/sujets/{maud.asks('Sujet')}/epingle")

    lite.works()

    assert kinds(lite, maud) == ["notice"]
    assert maud.mails() == []


def contested(site: Site, lise: Person, maud: Person) -> str:
    """A hidden message and its contest; the address where animators answer it."""
    lise.post(f"/messages/{maud.answers(maud.asks('Sujet zqtitrezq'), 'Message')}/masquage", reason="Motif")
    statement = decision(site, maud)
    maud.post(f"{statement}/contestation", reason="Non.")
    return statement.replace("/decisions", "/animation/contestations")


def test_a_contest_leads_animators_to_it_and_its_answer_leads_the_author_to_the_decision(lite: Site) -> None:
    lise, rose, maud = lite.animator(), lite.animator("Rose"), lite.adviser("Maud")
    address = contested(lite, lise, maud)
    statement = address.replace("/animation/contestations", "/decisions")
    lite.works()
    lite.works()

    assert notices(rose) == notices(lise) == [address]
    assert unread(rose) == 0, "followed, it is read"
    assert "zqtitrezq" in rose.get("/notifications").text
    assert CONTEST.findall(rose.mails()[0]) == [address]
    assert (rose.get(address).status_code, len(rose.mails())) == (200, 1)

    rose.post(address, decision="keep", reason="Relu.")
    lite.works()
    lite.works()

    assert notices(maud) == [statement, statement]
    assert kinds(lite, maud) == ["statement", "contest-answered"]
    assert statement in maud.mails()[-1]
    assert "a répondu à votre contestation" in maud.mails()[-1]
    assert len(maud.mails()) == 2


def test_a_contest_waits_for_who_may_judge_it(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    suspended, former = lite.animator("Suspendue"), lite.animator("Ancienne")
    with lite.app.app_context():
        for person, what in ((suspended, {"state": "suspended"}), (former, {"standing": "hors_pair"})):
            db.session.execute(update(Member).where(Member.id == person.member_id).values(**what))
        db.session.commit()

    contested(lite, lise, maud)
    lite.works()

    assert kinds(lite, lise) == ["contest"]
    assert kinds(lite, suspended) == kinds(lite, former) == []


# What cannot be told.


def test_a_decision_that_cannot_be_told_is_set_aside_and_the_next_one_is_told(lite: Site) -> None:
    lise, maud, ines = lite.animator(), lite.adviser("Maud"), lite.adviser("Ines")
    topic = lise.asks("Sujet")
    for person in (maud, ines):
        lise.post(f"/messages/{person.answers(topic, 'Message')}/masquage", reason="Motif")
    breaks(lite, "statement", "created_at", f"member_id = {maud.member_id}")

    for _ in range(2):
        lite.works()

    assert aside(lite) == ["statement"]
    assert (maud.mails(), len(ines.mails())) == ([], 1)
    with lite.app.app_context():
        assert None not in set(db.session.scalars(select(Statement.told_at)))


def test_an_answer_to_a_contest_that_cannot_be_told_is_set_aside(lite: Site) -> None:
    lise, rose, maud = lite.animator(), lite.animator("Rose"), lite.adviser("Maud")
    rose.post(contested(lite, lise, maud), decision="keep", reason="Relu.")
    lite.works()
    with lite.app.app_context():
        db.session.execute(update(Statement).values(answer_told_at=None))
        db.session.commit()
    breaks(lite, "statement", "created_at", "true")

    for _ in range(2):
        lite.works()

    assert aside(lite) == ["contest-answer"]
    with lite.app.app_context():
        assert db.session.scalar(select(Statement.answer_told_at)) is not None


def test_what_is_told_by_mail_is_asked_again_when_it_leaves(lite: Site) -> None:
    """A mail knows its notification, and with it the message whose reader may have lost it."""
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    ines.answers(maud.asks("Question"), "Réponse")

    with lite.app.app_context():
        notifying.announce_posts()
        notification = db.session.scalar(select(Notification.id))
        assert db.session.scalar(select(Mail.notification_id)) == notification
        assert None not in set(db.session.scalars(select(Post.notified_at)))
