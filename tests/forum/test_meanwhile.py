"""What changes between the moment a page was read and the moment its act is done: the act meets it as it is now."""

import pytest
from sqlalchemy import Executable, func, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from comcep.access.viewer import ADVISER, Viewer
from comcep.clock import now
from comcep.extensions import db
from comcep.forum import counting, publishing
from comcep.forum.models import Post, Section, Topic
from comcep.forum.publishing import Writing
from tests.community import Person, Site
from tests.forum.meanwhile import elsewhere, just_before
from tests.moderation.deciding import read

CLOSING = update(Section).where(Section.slug == "pairs").values(closed_at=now())


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


@pytest.fixture
def twin(lite: Site, maud: Person) -> Person:
    """Maud, in another window."""
    twin = Person(lite, lite.app.test_client(), maud.member_id)
    twin.signs_in()
    return twin


def written(site: Site) -> tuple[int, int]:
    with site.app.app_context():
        return db.session.scalar(select(func.count(Topic.id))) or 0, db.session.scalar(select(func.count(Post.id))) or 0


def has_to_wait(site: Site, statement: Executable) -> bool:
    try:
        elsewhere(site, statement)
    except OperationalError:
        return True
    return False


def test_a_question_asked_in_a_section_that_closes_meanwhile_is_given_back(lite: Site, maud: Person) -> None:
    with just_before(lite, "update section", lambda: elsewhere(lite, CLOSING)):
        answer = maud.post("/poser", title="Titre", body="Mon long texte", section="pairs", kind="question")

    assert answer.status_code == 409
    assert "Mon long texte" in answer.text
    assert "fermée" in answer.text
    assert written(lite) == (0, 0)


def test_a_section_does_not_close_under_a_question_being_written(lite: Site, maud: Person) -> None:
    with just_before(lite, "insert into topic", lambda: has_to_wait(lite, CLOSING)) as waited:
        maud.asks("Titre")

    assert waited == [True]


def test_a_section_is_not_counted_while_somebody_counts_in_it(lite: Site, maud: Person) -> None:
    maud.asks("Titre")
    step = update(Section).values(posts_count=Section.posts_count + 1)

    with just_before(lite, "select count(*)", lambda: has_to_wait(lite, step)) as waited, lite.app.app_context():
        counting.recount_section(db.session.scalar(select(Section.id).where(Section.slug == "pairs")) or 0)

    assert waited == [True]


def test_two_clicks_on_publish_at_once_make_one_question(lite: Site, maud: Person, twin: Person) -> None:
    with just_before(lite, "update section", lambda: twin.asks("Titre", "Corps", submission="n")) as of_twin:
        topic = maud.asks("Titre", "Corps", submission="n")

    assert of_twin == [topic]
    assert written(lite) == (1, 1)
    assert "<b>1</b> sujet · <b>1</b> message" in read(maud, "/rubriques")


def test_two_clicks_on_reply_at_once_make_one_reply(lite: Site, maud: Person, twin: Person) -> None:
    topic = maud.asks("Titre")

    with just_before(lite, "update topic", lambda: twin.answers(topic, "La même", submission="n")) as of_twin:
        reply = maud.answers(topic, "La même", submission="n")

    assert of_twin == [reply]
    assert written(lite) == (1, 2)


def test_what_goes_wrong_with_a_reply_is_not_taken_for_a_second_click(lite: Site, maud: Person) -> None:
    topic = maud.asks("Titre")
    gone = Viewer(member_id=999, standing=ADVISER)

    with lite.app.app_context(), pytest.raises(IntegrityError):
        publishing.reply(gone, lite.topic(topic), Writing("Un mot", submission="n"))

    assert written(lite) == (1, 1)


def test_a_message_edited_meanwhile_is_not_written_over(lite: Site, maud: Person) -> None:
    topic = maud.asks("Titre")
    reply = maud.answers(topic, "Premier texte")
    other = (
        update(Post).where(Post.public_id == reply).values(version=2, source="D'une autre", html="<p>D'une autre</p>")
    )

    with just_before(lite, "update topic", lambda: elsewhere(lite, other)):
        answer = maud.post(f"/messages/{reply}/modifier", body="Second texte", version="1")

    assert answer.status_code == 409
    assert "D'une autre" in read(maud, f"/sujets/{topic}")


def test_who_asked_solves_nothing_where_the_topic_went_out_of_sight(lite: Site, maud: Person) -> None:
    topic = maud.asks("Titre")
    reply = maud.answers(topic, "Une réponse")
    animators = select(Section.id).where(Section.slug == "animateurs").scalar_subquery()

    with just_before(lite, "update topic", lambda: elsewhere(lite, update(Topic).values(section_id=animators))):
        assert maud.solves(topic, reply).status_code == 404

    with lite.app.app_context():
        assert lite.topic(topic).solving_post_id is None


def test_a_message_hidden_meanwhile_is_edited_no_more(lite: Site, maud: Person) -> None:
    topic = maud.asks("Titre")
    reply = maud.answers(topic, "Premier texte")
    hiding = update(Post).where(Post.public_id == reply).values(hidden_at=now())

    with just_before(lite, "update topic", lambda: elsewhere(lite, hiding)):
        answer = maud.post(f"/messages/{reply}/modifier", body="Second texte", version="1")

    assert answer.status_code == 403
    with lite.app.app_context():
        assert lite.post(reply).source == "Premier texte"
