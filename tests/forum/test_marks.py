"""What each has read and follows is their own: nobody's marks move by what another reads."""

import pytest
from sqlalchemy import func, select

from comcep.extensions import db
from comcep.forum import marks
from comcep.forum.models import TopicRead
from tests.community import Person, Site
from tests.moderation.deciding import first_post, read


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


@pytest.fixture
def ines(lite: Site) -> Person:
    return lite.adviser("Ines", "pole-emploi")


def unread(person: Person, *topics: int) -> list[bool]:
    page = read(person, "/non-lus")
    return [str(topic) in page for topic in topics]


def test_a_topic_is_read_by_who_opened_it_and_no_other_topic(lite: Site, maud: Person, ines: Person) -> None:
    lea = lite.adviser("Lea")
    first, second = maud.asks("Premier"), maud.asks("Second")

    read(ines, f"/sujets/{second}")

    assert unread(ines, first, second) == [True, False]
    assert unread(lea, first, second) == [True, True]
    maud.answers(second, "La suite")
    assert unread(ines, first, second) == [True, True]


def test_everything_read_by_one_is_not_read_by_another_who_keeps_their_marks(
    lite: Site, maud: Person, ines: Person
) -> None:
    lea = lite.adviser("Lea")
    first, second = maud.asks("Premier"), maud.asks("Second")
    read(lea, f"/sujets/{first}"), read(ines, f"/sujets/{first}")

    assert ines.post("/lecture").status_code == 302

    assert "Tout est marqué comme lu" in read(ines, "/")
    assert unread(ines, first, second) == [False, False]
    assert unread(lea, first, second) == [False, True]
    maud.answers(second, "La suite")
    assert unread(ines, first, second) == [False, True]


def test_who_has_read_everything_keeps_no_mark_below(lite: Site, maud: Person, ines: Person) -> None:
    for title in ("Premier", "Second"):
        read(ines, f"/sujets/{maud.asks(title)}")

    ines.post("/lecture")

    with lite.app.app_context():
        own = select(func.count()).where(TopicRead.member_id == ines.member_id)
        assert db.session.scalar(own) == 0


def test_everything_can_be_read_where_nothing_is(ines: Person) -> None:
    assert ines.post("/lecture").status_code == 302
    assert read(ines, "/non-lus")


def test_what_was_read_before_it_was_hidden_is_not_new_when_it_is_shown_again(
    lite: Site, maud: Person, ines: Person
) -> None:
    lise = lite.animator()
    maud.asks("Premier")
    last = maud.asks("Second")
    post = first_post(maud, last)
    read(ines, f"/sujets/{last}")
    lise.post(f"/messages/{post}/masquage", reason="Motif")
    ines.post("/lecture")

    lise.post(f"/messages/{post}/masquage", undo="1")

    assert unread(ines, last) == [False]


def test_a_mark_moves_forward_only(lite: Site, maud: Person, ines: Person) -> None:
    topic = maud.asks("Un sujet")
    before, after = maud.answers(topic, "Un"), maud.answers(topic, "Deux")
    read(ines, f"/sujets/{topic}")

    with lite.app.app_context():  # a page opened before, whose mark arrives late
        marks.mark_read(ines.viewer, lite.topic(topic).id, lite.post(before).id)
        db.session.commit()

    assert unread(ines, topic) == [False]
    assert after != before
