"""Two acts on a topic at once, the second between any two statements of the first: counts, state and index mark are
afterwards what a recount finds, and every word is found by search.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from comcep.access.permissions import Forbidden
from comcep.access.visibility import index_keys
from comcep.extensions import db
from comcep.forum import counting, publishing, solving
from comcep.forum.models import Post, Section, Topic
from comcep.forum.publishing import Writing
from comcep.forum.reading import posts, sections, topics
from comcep.moderation import acting, moving
from comcep.search.indexing import engine, index_changed_topics
from comcep.text.excerpts import plain_text
from tests.community import Person, Site

MOST_STATEMENTS = 24  # of one act
BLOCKED = 0.25  # seconds after which the second act is taken to wait for the first


@dataclass
class Scene:
    """A question with two answers, one of them retained, and who acts on it."""

    site: Site
    asker: Person
    peer: Person
    animator: Person
    topic: int
    answer: int
    solution: int
    written: int = 0

    def words(self) -> str:
        self.written += 1
        return f"zword{self.topic % 1000}x{self.written}w"


def _reply(scene: Scene, viewer: Any) -> None:
    publishing.reply(viewer, topics.topic_or_404(viewer, scene.topic), Writing(body=scene.words()))


def _edit(scene: Scene, viewer: Any) -> None:
    post = posts.post_or_404(viewer, scene.answer)
    publishing.edit(viewer, post.topic, post, Writing(body=scene.words()), post.version)


def _hide(scene: Scene, viewer: Any) -> None:
    acting.hide(viewer, posts.post_or_404(viewer, scene.solution), "motif")


def _show(scene: Scene, viewer: Any) -> None:
    acting.show_again(viewer, posts.post_or_404(viewer, scene.solution))


def _solve(scene: Scene, viewer: Any) -> None:
    solving.solve(viewer, topics.topic_or_404(viewer, scene.topic), posts.post_or_404(viewer, scene.answer))


def _reopen(scene: Scene, viewer: Any) -> None:
    solving.reopen(viewer, topics.topic_or_404(viewer, scene.topic))


def _move(scene: Scene, viewer: Any) -> None:
    topic = topics.topic_or_404(viewer, scene.topic)
    other = next(each for each in sections.shown(viewer) if each.audience == "peers" and each.id != topic.section_id)
    moving.move(viewer, topic, other, "motif")


def _index(_scene: Scene, _viewer: Any) -> None:
    index_changed_topics()


ACTS: dict[str, tuple[str, Callable[[Scene, Any], None]]] = {
    "reply": ("peer", _reply),
    "edit": ("peer", _edit),
    "hide": ("animator", _hide),
    "show": ("animator", _show),
    "solve": ("asker", _solve),
    "reopen": ("asker", _reopen),
    "move": ("animator", _move),
    "index": ("animator", _index),
}
POSSIBLE_REFUSALS = (Forbidden, solving.NotAQuestion, acting.NotPossible, publishing.EditConflict)


def do(scene: Scene, name: str) -> None:
    who, act = ACTS[name]
    viewer = getattr(scene, who).viewer
    with scene.site.app.app_context():
        try:
            act(scene, viewer)
        except POSSIBLE_REFUSALS:
            db.session.rollback()


@contextmanager
def before_statement(site: Site, number: int, happens: Callable[[], None]) -> Iterator[None]:
    """Have something happen before the n-th statement, or commit, of the present thread."""
    own, counted = threading.get_ident(), 0

    def count(*_: Any) -> None:
        nonlocal counted
        if threading.get_ident() == own:
            counted += 1
            if counted == number:
                happens()

    with site.app.app_context():
        bind = db.engine
    event.listen(bind, "before_cursor_execute", count)
    event.listen(bind, "commit", count)
    try:
        yield
    finally:
        event.remove(bind, "before_cursor_execute", count)
        event.remove(bind, "commit", count)


def interleave(scene: Scene, first: str, second: str, number: int) -> None:
    failed: list[BaseException] = []

    def second_act() -> None:
        try:
            do(scene, second)
        except BaseException as error:
            failed.append(error)

    other = threading.Thread(target=second_act)

    def meanwhile() -> None:
        other.start()
        other.join(BLOCKED)

    with before_statement(scene.site, number, meanwhile):
        do(scene, first)
    if other.ident is not None:
        other.join(30)
        assert not other.is_alive()
    assert failed == []


def check(scene: Scene) -> None:
    """The topic's and its sections' columns against a recount, and every shown word against the index."""
    with scene.site.app.app_context():
        index_changed_topics()
        topic = db.session.scalars(select(Topic).where(Topic.public_id == scene.topic)).one()
        kept = (
            _columns(topic),
            {each.id: (each.topics_count, each.posts_count) for each in db.session.scalars(select(Section))},
        )
        counting.recount_topic(topic)
        db.session.flush()
        for section_id in kept[1]:
            counting.recount_section(section_id)
        db.session.expire_all()
        again = {each.id: (each.topics_count, each.posts_count) for each in db.session.scalars(select(Section))}
        assert kept == (_columns(topic), again)
        shown = list(db.session.scalars(select(Post).where(Post.topic_id == topic.id, Post.hidden_at.is_(None))))
        assert topic.solving_post_id is None or topic.solving_post_id in {post.id for post in shown}
        _finds_every_word(scene, shown)


def _columns(topic: Topic) -> tuple[Any, ...]:
    return topic.posts_count, topic.last_post_id, topic.first_answer_id, topic.state, topic.solving_post_id


def _finds_every_word(scene: Scene, shown: list[Post]) -> None:
    reading = engine().open(index_keys(scene.peer.viewer))
    for post in shown:
        word = plain_text(post.html)
        if word.startswith("zword"):
            assert reading.statistics([word.lower()]).holding.get(word.lower()), word


@pytest.fixture
def people(site: Site) -> tuple[Site, Person, Person, Person]:
    return site, site.adviser("Maud"), site.adviser("Ines", "pole-emploi"), site.animator()


def scene_of(people: tuple[Site, Person, Person, Person]) -> Scene:
    random.seed()  # Whoosh names segments by chance, which hypothesis makes the same for every example
    site, maud, ines, lise = people
    topic = maud.asks("Une question")
    scene = Scene(site, maud, ines, lise, topic, ines.answers(topic, "Une piste"), ines.answers(topic, "La réponse"))
    maud.solves(topic, scene.solution)
    with site.app.app_context():
        index_changed_topics()
    return scene


SEVERAL = {"deadline": None, "suppress_health_check": list(HealthCheck)}
pairs = given(
    first=st.sampled_from(sorted(ACTS)), second=st.sampled_from(sorted(ACTS)), number=st.integers(1, MOST_STATEMENTS)
)


@pairs
@settings(max_examples=40, **SEVERAL)
def test_an_act_between_two_statements_of_another_loses_nothing(
    people: Any, first: str, second: str, number: int
) -> None:
    scene = scene_of(people)

    interleave(scene, first, second, number)

    check(scene)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pairs
@settings(max_examples=600, **SEVERAL)
def test_an_act_between_any_two_statements_of_another_loses_nothing(
    people: Any, first: str, second: str, number: int
) -> None:
    scene = scene_of(people)

    interleave(scene, first, second, number)

    check(scene)


@pytest.mark.parametrize("number", range(1, 14))
def test_a_section_renamed_while_a_post_is_hidden_waits_and_is_renamed(people: Any, number: int) -> None:
    """Whoever takes topic, section and journal takes them in this order."""
    scene = scene_of(people)
    admin = scene.site.person("Admin", "none", is_admin=True)
    answers: list[int] = []

    def rename() -> None:
        answers.append(admin.post("/administration/rubriques/pairs", name=f"Pairs {number}", position="1").status_code)

    other = threading.Thread(target=rename)

    def meanwhile() -> None:
        other.start()
        other.join(BLOCKED)

    with before_statement(scene.site, number, meanwhile):
        do(scene, "hide")
    if other.ident is not None:
        other.join(30)
        assert answers == [302]
    with scene.site.app.app_context():
        assert scene.site.post(scene.solution).hidden_at is not None


@pytest.mark.parametrize("number", range(1, 12))
def test_a_reply_is_indexed_though_the_sweep_ran_in_its_middle(people: Any, number: int) -> None:
    scene = scene_of(people)
    with scene.site.app.app_context():
        publishing.reply(
            scene.peer.viewer, topics.topic_or_404(scene.peer.viewer, scene.topic), Writing(body="attend l'index")
        )

    interleave(scene, "reply", "index", number)

    check(scene)
    with scene.site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Topic).where(Topic.indexed_at.is_(None))) == 0
