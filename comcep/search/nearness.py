"""How near topics stand to a question by what they mean: the embedding kept of each, and the comparison.

An embedding tells what its text says, so it lives and goes with the text: made anew by a sweep when the topic has
changed, removed when it is hidden, never sent anywhere. It depends on its topic alone, so nearness tells nothing of
another one.
"""

import hashlib
import re
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from heapq import nlargest
from typing import Any

from flask import current_app
from sqlalchemy import Engine, bindparam, delete, exists, func, or_, select, update

from comcep.access.system_read import system_read
from comcep.access.viewer import Viewer
from comcep.access.visibility import in_visible_section, index_keys, listed_topics
from comcep.clock import now
from comcep.extensions import AS_KEPT, background, db
from comcep.forum.models import Post, Topic
from comcep.search.analysis import LONGEST_TERM
from comcep.search.engines import LONGEST as LONGEST_SEARCH
from comcep.search.facets import among, found_by
from comcep.search.matching import NOTHING_NEAR, Allowed, Near
from comcep.search.models import TopicEmbedding
from comcep.search.signs import Signs, differing
from comcep.sweeping import aside
from comcep.text import embedding
from comcep.text.excerpts import plain_text

LONGEST = 2.0  # seconds that a sweep embeds, some 80 ms a topic
RETURNS = 3.0  # seconds that it waits for the process of the engine, which may just be starting
LONGEST_ASKED = 128  # characters of a question that are embedded: some 15 ms for 64, while its words are looked up
COMPARED = 20_000  # topics, the newest, by their signs: 1 µs each, 0.2 in PostgreSQL
OLDEST_AGE = 600.0  # seconds that the oldest of them is kept
LOOKED_AT = 200  # of them, the likest by their signs: 6 µs each
ALIKE = 0.71  # a cosine: seven of eight queries foreign to the trade stay under it, and one in twenty of the others
LIKEST = 40  # topics, always among those that are ordered
# A code alone means nothing, nor does a word that is none.
_WORD = re.compile(rf"(?<![^\W\d_])[^\W\d_]{{3,{LONGEST_TERM}}}(?![^\W\d_])")
PATIENCE = LONGEST_SEARCH  # seconds that a search waits for the embedding and for the likest, together
THREADS = 2  # questions embedded and compared at a time while their words are looked up: as many connections more


class Question:
    """What somebody asks, embedded in the background as soon as it is known: as typed, and as it was put right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._readings: list[Future[embedding.Embedding | None]] = []
        self._until = time.monotonic() + PATIENCE
        if current_app.config["EMBEDDINGS"] and embedding.is_available():
            self._read(text)

    def is_put_right(self, meant: str) -> None:
        """Read it in the other words as well: what is put right may have been right."""
        if self._readings and meant != self.text:
            self._read(meant)

    def is_read(self) -> bool:
        return bool(self._readings)

    def meaning(self) -> embedding.Embedding | None:
        """Half-way between its readings; None for a text that means nothing. Raises TimeoutError past the time a search
        may take."""
        return embedding.mean([reading.result(self.left()) for reading in self._readings])

    def left(self) -> float:
        """Seconds that a search may still wait for what it means."""
        return max(0.0, self._until - time.monotonic())

    def _read(self, text: str) -> None:
        self._readings.append(_threads().submit(_read, text))


def _read(text: str) -> embedding.Embedding | None:
    """None also where the engine is away: what a question means is then not known, and its words do the work."""
    try:
        return embedding.of_question(text, LONGEST_ASKED)
    except embedding.EngineAway:
        return None


def nearness_to(viewer: Viewer, question: Question, least: float | None = None, solved_only: bool = False) -> Near:
    """What is known of topics by what a question means. Asking waits for it, and raises TimeoutError past the time a
    search may take.

    least: the cosine from which a topic that holds none of its words says the same, ALIKE by default; solved_only: the
    likest are looked for among solved topics, whatever the index is asked.
    """
    if not question.is_read():
        return NOTHING_NEAR
    kept = _kept(viewer)
    read: dict[int, embedding.Numbers] = {}

    def of(topic_ids: Collection[int]) -> Mapping[int, float]:
        if not topic_ids:
            return {}
        found = _numbers(db.session.execute(kept.where(among(Topic.id, list(topic_ids)))))
        read.update(found)
        return _cosines(question.meaning(), found)

    def likest(allowed: Allowed) -> Callable[[], Mapping[int, float]]:
        if not _WORD.search(question.text):
            return dict
        compared = _compared(viewer)
        if solved_only:  # to list all solved topics of a large site takes longer than all the rest
            compared = compared.where(TopicEmbedding.is_solved)
        elif allowed is not None:
            compared = compared.where(among(TopicEmbedding.topic_id, list(allowed())))
        looked_for = _threads().submit(_likest, db.engine, _nearest_by_signs(viewer, compared), question)

        def told() -> Mapping[int, float]:
            cosines, found = looked_for.result(question.left())
            read.update(found)
            return cosines

        return told

    def likeness(one: int, other: int) -> float:
        return embedding.closeness_of(read[one], read[other])

    return Near(of, likest, ALIKE if least is None else least, likeness)


def _likest(
    engine: Engine, nearest: Any, question: Question
) -> tuple[Mapping[int, float], Mapping[int, embedding.Numbers]]:
    """The nearest of the topics that are compared, as cosines and as numbers. In a thread of its own, hence with a
    connection of its own."""
    wanted = question.meaning()
    if wanted is None:
        return {}, {}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        found = _numbers(connection.execute(nearest, {"asked": embedding.signs(wanted)}))
    near = _cosines(wanted, found)
    first = nlargest(LIKEST, near, key=near.__getitem__)
    return {each: near[each] for each in first}, {each: found[each] for each in first}


def _numbers(rows: Any) -> dict[int, embedding.Numbers]:
    return {row.topic_id: embedding.numbers(row.embedding) for row in rows}


def _cosines(wanted: embedding.Embedding | None, found: Mapping[int, embedding.Numbers]) -> dict[int, float]:
    if wanted is None:
        return {}
    asked = embedding.numbers(wanted)
    return {each: embedding.closeness_of(asked, kept) for each, kept in found.items()}


def _kept(viewer: Viewer) -> Any:
    return (
        select(TopicEmbedding.topic_id, TopicEmbedding.embedding)
        .join(Topic, Topic.id == TopicEmbedding.topic_id)
        .where(TopicEmbedding.version == embedding.VERSION, listed_topics(viewer, Topic))
        .execution_options(**{AS_KEPT: True})
    )


def _compared(viewer: Viewer) -> Any:
    """The topics that are compared by their signs: of the sections that the viewer may see, the newest. What is listed
    is asked of the topics themselves for those that come near, as for what an index has found."""
    return select(TopicEmbedding.topic_id).where(
        TopicEmbedding.version == embedding.VERSION,
        in_visible_section(viewer, TopicEmbedding.section_id),
        # Written into the statement: the planner must know how few of a large site's topics these are.
        TopicEmbedding.topic_id > bindparam("oldest", _oldest_compared(viewer), literal_execute=True),
    )


def _nearest_by_signs(viewer: Viewer, compared: Any) -> Any:
    """Of the topics that are compared, those that stand nearest to what is asked by their signs, as far as the viewer
    may list them."""
    side = bindparam("asked", type_=Signs)
    ordered = compared.order_by(differing(TopicEmbedding.signs, side), TopicEmbedding.topic_id.desc())
    return _kept(viewer).where(found_by(Topic.id, ordered.limit(LOOKED_AT)))


def _oldest_compared(viewer: Viewer) -> int:
    """The topic that is too old to be compared, and all before it, looked up now and then; 0 for none."""
    known: dict[tuple[str, ...], tuple[float, int]] = current_app.extensions.setdefault("oldest compared", {})
    keys = index_keys(viewer)
    until, oldest = known.get(keys, (0.0, 0))
    if time.monotonic() > until:
        seen = select(TopicEmbedding.topic_id).where(in_visible_section(viewer, TopicEmbedding.section_id))
        oldest = db.session.scalar(seen.order_by(TopicEmbedding.topic_id.desc()).offset(COMPARED).limit(1)) or 0
        known[keys] = (time.monotonic() + OLDEST_AGE, oldest)
    return oldest


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, "embedding")


@background.sweep("slow")
def embed_changed_topics() -> None:
    """Embed topics that have changed, the newest first, for some seconds or until one waits to be found; then ask for
    another sweep. Where nothing is embedded, what a changed topic said must still go. Harmless when killed."""
    if not current_app.config["EMBEDDINGS"] or not embedding.answers(RETURNS):
        db.session.execute(delete(TopicEmbedding).where(_of_changed_topic()))
        db.session.commit()
        return
    _mark_topics_of_another_model()
    until = time.monotonic() + LONGEST
    while topic := system_read("topics to embed").first(_CHANGED.limit(1)):
        try:
            _embed(topic)
            aside.went_well("embedding", topic.id)
        except Exception as error:
            db.session.rollback()
            if aside.ends_the_sweep("embedding", topic.id, error):
                raise
            db.session.execute(delete(TopicEmbedding).where(TopicEmbedding.topic_id == topic.id))
            aside.set_aside("embedding", topic.id, error)
        # Changed again since it was read: the index sweep marks it again.
        db.session.execute(
            update(Topic)
            .where(Topic.id == topic.id, Topic.changed == topic.changed)
            .values(embedded_at=now())
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
        if time.monotonic() > until or system_read("whether a topic waits to be found").first(_WAITING):
            background.wake(current_app)
            return


def _mark_topics_of_another_model() -> None:
    """After the program has been changed for one with another sentence model, or back."""
    kept = TopicEmbedding.version
    of_another = exists().where(
        Topic.id == TopicEmbedding.topic_id, or_(kept < embedding.VERSION, kept > embedding.VERSION)
    )
    marked = update(Topic).where(Topic.embedded_at.is_not(None), of_another).values(embedded_at=None)
    db.session.execute(marked.execution_options(synchronize_session=False))
    db.session.commit()


def _of_changed_topic() -> Any:
    return exists().where(Topic.id == TopicEmbedding.topic_id, Topic.embedded_at.is_(None))


_WAITING = select(Topic.id).where(Topic.indexed_at.is_(None)).limit(1)
_CHANGED = (
    select(
        Topic.id,
        Topic.changed,
        Topic.title,
        Topic.hidden_at,
        Topic.section_id,
        Topic.state,
        Post.html,
        Post.hidden_at.label("post_hidden_at"),
    )
    .join(Post, Post.id == func.coalesce(Topic.solving_post_id, Topic.first_post_id), isouter=True)
    .where(Topic.embedded_at.is_(None))
    .order_by(Topic.id.desc())
)


def _embed(topic: Any) -> None:
    if topic.hidden_at is not None:
        db.session.execute(delete(TopicEmbedding).where(TopicEmbedding.topic_id == topic.id))
        return
    body = plain_text(topic.html) if topic.html and topic.post_hidden_at is None else ""
    made_of = hashlib.sha256(f"{topic.title}\n{body}".encode()).hexdigest()[:16]
    is_now = {"section_id": topic.section_id, "is_solved": topic.state == "solved"}
    kept = select(TopicEmbedding.version, TopicEmbedding.made_of).where(TopicEmbedding.topic_id == topic.id)
    if db.session.execute(kept).one_or_none() == (embedding.VERSION, made_of):
        db.session.execute(update(TopicEmbedding).where(TopicEmbedding.topic_id == topic.id).values(is_now))
        return
    found = of_topic(topic.title, body)
    if found is None:  # what it says now has no word to embed: what it said goes all the same
        db.session.execute(delete(TopicEmbedding).where(TopicEmbedding.topic_id == topic.id))
    else:
        made = {"version": embedding.VERSION, "made_of": made_of, "signs": embedding.signs(found)}
        db.session.merge(TopicEmbedding(topic_id=topic.id, embedding=found, **made, **is_now))


def of_topic(title: str, body: str) -> embedding.Embedding | None:
    """The embedding of a topic: half its title, half its title with what solved it, or with what was asked."""
    asked = embedding.of_question(title, patience=embedding.SWEPT)
    return embedding.mean([asked, embedding.of_passage(f"{title}. {body}")])
