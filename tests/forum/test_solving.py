"""What solves a question, before and after it is hidden, and whether it served, said weeks later."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Topic, TopicWorth
from comcep.forum.worth import AFTER
from tests.community import Person, Site
from tests.moderation.deciding import first_post, read

ASKS = "Cela a-t-il servi"


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


@pytest.fixture
def ines(lite: Site) -> Person:
    return lite.adviser("Ines", "pole-emploi")


@pytest.fixture
def topic(maud: Person) -> int:
    return maud.asks("Une question")


def solved_by(site: Site, topic: int) -> int | None:
    """The public id of the message that solves a topic."""
    with site.app.app_context():
        return db.session.scalar(select(Post.public_id).where(Post.id == site.topic(topic).solving_post_id))


def test_a_discussion_the_question_itself_and_a_reply_elsewhere_solve_nothing(
    lite: Site, maud: Person, ines: Person, topic: int
) -> None:
    talk = maud.asks("Une discussion", kind="discussion")
    word = ines.answers(talk, "Un mot")

    for where, post in ((talk, word), (topic, word), (topic, first_post(maud, topic))):
        assert maud.solves(where, post).status_code == 400

    assert solved_by(lite, talk) is solved_by(lite, topic) is None


def test_what_is_hidden_solves_nothing_not_even_by_an_animator(lite: Site, ines: Person, topic: int) -> None:
    lise = lite.animator()
    answer = ines.answers(topic, "À masquer")
    lise.post(f"/messages/{answer}/masquage", reason="Motif")

    assert lise.solves(topic, answer).status_code == 400
    assert solved_by(lite, topic) is None


def test_nobody_but_who_asked_and_animators_reopens(lite: Site, maud: Person, ines: Person, topic: int) -> None:
    answer = ines.answers(topic, "La réponse")
    maud.solves(topic, answer)

    assert ines.post(f"/sujets/{topic}/resolution", reopen="1").status_code == 403
    assert solved_by(lite, topic) == answer

    maud.post(f"/sujets/{topic}/resolution", reopen="1")
    assert solved_by(lite, topic) is None
    assert 'data-state="answered"' in read(maud, f"/sujets/{topic}")


def test_a_solution_shown_again_solves_since_when_it_did(lite: Site, maud: Person, ines: Person, topic: int) -> None:
    lise, answer = lite.animator(), ines.answers(topic, "La réponse")
    maud.solves(topic, answer)
    solved_at = now() - timedelta(days=9)
    with lite.app.app_context():
        db.session.execute(update(Topic).values(solved_at=solved_at))
        db.session.commit()

    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    assert solved_by(lite, topic) is None
    lise.post(f"/messages/{answer}/masquage", undo="1")

    assert solved_by(lite, topic) == answer
    with lite.app.app_context():
        assert lite.topic(topic).solved_at == solved_at
        assert lite.post(answer).solution_since is None


def test_of_two_hidden_solutions_the_last_one_counts(lite: Site, maud: Person, ines: Person, topic: int) -> None:
    lise = lite.animator()
    first, second = ines.answers(topic, "La réponse"), ines.answers(topic, "Une meilleure")
    for answer in (first, second):
        maud.solves(topic, answer)
        lise.post(f"/messages/{answer}/masquage", reason="Motif")

    lise.post(f"/messages/{first}/masquage", undo="1")
    assert solved_by(lite, topic) is None
    lise.post(f"/messages/{second}/masquage", undo="1")
    assert solved_by(lite, topic) == second


def test_another_hidden_reply_and_other_topics_leave_a_solution_alone(
    lite: Site, maud: Person, ines: Person, topic: int
) -> None:
    lise, other = lite.animator(), maud.asks("Une autre question")
    answer, beside, far = (ines.answers(where, "Un mot") for where in (topic, topic, other))
    maud.solves(other, far)
    lise.post(f"/messages/{far}/masquage", reason="Motif")
    maud.solves(topic, answer)

    lise.post(f"/messages/{beside}/masquage", reason="Motif")
    lise.post(f"/messages/{beside}/masquage", undo="1")
    lise.post(f"/messages/{far}/masquage", undo="1")

    assert solved_by(lite, topic) == answer
    assert solved_by(lite, other) == far


def test_who_asked_says_twice_whether_it_served_and_the_second_word_counts(
    lite: Site, maud: Person, ines: Person, topic: int
) -> None:
    other = maud.asks("Une autre question")
    for each in (topic, other):
        maud.solves(each, ines.answers(each, f"Réponse à {each}"))
    with lite.app.app_context():
        db.session.execute(update(Topic).values(solved_at=now() - AFTER - timedelta(hours=1)))
        db.session.commit()
    assert ASKS in read(maud, f"/sujets/{topic}")

    for helped in ("yes", "no"):
        assert maud.post(f"/sujets/{topic}/utilite", helped=helped).status_code == 302

    assert ASKS not in read(maud, f"/sujets/{topic}")
    assert ASKS in read(maud, f"/sujets/{other}")
    assert ASKS not in read(ines, f"/sujets/{other}")
    with lite.app.app_context():
        [said] = db.session.scalars(select(TopicWorth))
        assert (said.helped, said.topic_id) == (False, lite.topic(topic).id)
        assert now() - said.at < timedelta(minutes=5)


@pytest.mark.parametrize(("solved_for", "status"), [(None, 403), (timedelta(days=20), 403), (timedelta(days=22), 302)])
def test_nobody_says_whether_it_served_before_three_weeks(
    lite: Site, maud: Person, ines: Person, topic: int, solved_for: timedelta | None, status: int
) -> None:
    if solved_for is not None:
        maud.solves(topic, ines.answers(topic, "La réponse"))
        with lite.app.app_context():
            db.session.execute(update(Topic).values(solved_at=now() - solved_for))
            db.session.commit()

    assert (ASKS in read(maud, f"/sujets/{topic}")) == (status == 302)
    assert maud.post(f"/sujets/{topic}/utilite", helped="yes").status_code == status
    assert ines.post(f"/sujets/{topic}/utilite", helped="yes").status_code == 403
