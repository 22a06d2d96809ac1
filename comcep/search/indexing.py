"""The sweep that keeps the indexes true: topics marked as changed, and the rebuild aside when there is no index of this
version, or when one is asked for. What an index holds of a topic is decided here; how, in engines/.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select, update

from comcep.access.system_read import system_read
from comcep.access.visibility import index_key
from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import Query, background, db
from comcep.forum.models import Post, Section, Theme, Topic, TopicTheme, lasting_theme
from comcep.search.analysis import terms
from comcep.search.engines import Document, Engine
from comcep.sweeping import aside
from comcep.text.excerpts import plain_text

logger = logging.getLogger(__name__)

BATCH = 200  # topics changed that are indexed in one commit
WORK = "index"  # what is set aside is named after it
MOST_BYTES = 800_000  # of the different terms of a topic; PostgreSQL's tsvector holds a megabyte
KEY_BYTES = 16  # before each of them there, at most: the key of its index
MOST_TERMS = 200_000  # of a topic, from which what is said again is left out: ranking reads them all


def engine() -> Engine:
    """The engine of this application."""
    found: Engine = current_app.extensions["search_engine"]
    return found


@background.sweep("index")
def index_changed_topics() -> None:
    """Index what is marked, and go on with a rebuild that is needed or under way. Harmless when killed."""
    if not engine().is_ready() and engine().rebuilt_up_to() is None:
        engine().begin_rebuild()
    while _index_marked():
        pass
    for _ in go_on_rebuilding():
        while _index_marked():  # what is written meanwhile does not wait for the rebuild to end
            pass


def rebuild() -> Iterator[int]:
    """Index everything anew, aside, from where an earlier rebuild was broken off; yields how many topics are done after
    each batch, for a progress bar."""
    if engine().rebuilt_up_to() is None:
        engine().begin_rebuild()
    yield from go_on_rebuilding()


def go_on_rebuilding() -> Iterator[int]:
    """Batch after batch of the rebuild under way, if there is one; how many topics each took."""
    while (up_to := engine().rebuilt_up_to()) is not None:
        with engine().writing():
            topics = _topics(Topic.id > up_to, engine().rebuild_batch)
            if topics:
                _write(topics, lambda shown, some: engine().add_rebuilt(shown, some[-1].id))
            else:
                engine().finish_rebuild()
            db.session.commit()  # and a new batch reads what was written meanwhile
        yield len(topics)


def count() -> int:
    """How many topics there are to index."""
    counted = system_read("size of the index").first(select(func.count(Topic.id).label("topics")))
    return counted.topics if counted is not None else 0


def some_wait() -> bool:
    """Whether a topic waits to be found."""
    waiting = select(Topic.id).where(Topic.indexed_at.is_(None)).limit(1)
    return system_read("whether a topic waits to be found").first(waiting) is not None


def already_rebuilt() -> int:
    """How many topics a rebuild that was broken off had done."""
    up_to = engine().rebuilt_up_to() or 0
    done = system_read("progress of the rebuild").first(
        select(func.count(Topic.id).label("topics")).where(Topic.id <= up_to)
    )
    return done.topics if done is not None else 0


def _index_marked() -> int:
    with engine().writing():
        topics = _topics(Topic.indexed_at.is_(None), BATCH)
        if not topics:
            return 0
        _write(topics, lambda shown, some: engine().replace(shown, [topic.id for topic in some]))
        for topic in topics:
            # Changed again since it was read: the mark stays, and the next batch takes it.
            seen = (Topic.id == topic.id, Topic.changed == topic.changed)
            marks = {"indexed_at": now(), "embedded_at": None}
            db.session.execute(update(Topic).where(*seen).values(marks).execution_options(synchronize_session=False))
        db.session.commit()
    return len(topics)


def _write(topics: list[Any], write: Callable[[list[Document], list[Any]], None]) -> None:
    """Write topics together; where that fails, by halves until the one that cannot be indexed stands alone. It is set
    aside, and nothing of it stays in the index. Raises what is wrong with the machine; when not even nothing can be
    written, the index itself is broken, and is made anew."""
    try:
        write(_documents(topics), topics)
        aside.done(WORK, [topic.id for topic in topics])
    except Exception as error:
        db.session.rollback()
        if aside.is_of_the_machine(error):
            raise
        if len(topics) > 1:
            half = len(topics) // 2
            _write(topics[:half], write)
            _write(topics[half:], write)
            return
        try:
            write([], topics)
        except Exception:
            logger.exception("the index cannot be written: it is made anew")
            engine().discard()
            raise
        aside.set_aside(WORK, topics[0].id, error)
        db.session.commit()


def _topics(condition: Any, most: int) -> list[Any]:
    return list(system_read("topics to index").rows(_TOPICS.where(condition).limit(most)))


_TOPICS: Query = (
    select(
        Topic.id,
        Topic.changed,
        Topic.title,
        Topic.state,
        Topic.hidden_at,
        Topic.created_at,
        Topic.author_id,
        Topic.anonymous,
        Topic.section_id,
        Topic.first_post_id,
        Topic.solving_post_id,
        Section.audience,
        Section.group_id,
        Member.network_id,
        Member.region_id,
    )
    .join(Section, Section.id == Topic.section_id)
    .join(Member, Member.id == Topic.author_id)
    .order_by(Topic.id)
)


def _documents(topics: list[Any]) -> list[Document]:
    shown = [topic for topic in topics if topic.hidden_at is None]
    ids = [topic.id for topic in shown]
    texts, tags = _texts(ids), (_themes(ids), _authors(ids))
    return [_document(topic, texts.get(topic.id, []), *(each.get(topic.id, []) for each in tags)) for topic in shown]


def _document(topic: Any, texts: list[tuple[int, str]], themes: list[int], authors: list[int]) -> Document:
    title = " ".join(terms(topic.title))
    apart = {topic.first_post_id, topic.solving_post_id}
    return Document(
        topic_id=topic.id,
        key=index_key(topic.audience, topic.group_id),
        fields=bounded(
            title,
            " ".join(text for post_id, text in texts if post_id == topic.solving_post_id),
            " ".join(text for post_id, text in texts if post_id == topic.first_post_id != topic.solving_post_id),
            " ".join(text for post_id, text in texts if post_id not in apart),
        ),
        tags=(*_tags(topic, themes), *(f"author:{author}" for author in authors)),
        is_solved=topic.solving_post_id is not None,
        day=day_of(topic.created_at),
        copy=_copy(topic, title),
    )


def bounded(*fields: str) -> tuple[str, str, str, str]:
    """The fields of a topic as far as an index can hold them: beyond, words said before are left out, then new ones.
    The title, the solution and the question come first; the last to go is what was written last."""
    if sum(len(field.encode()) + KEY_BYTES * (field.count(" ") + 1) for field in fields) <= MOST_BYTES:
        return fields  # type: ignore[return-value]
    known: set[str] = set()
    bytes_left, terms_left, kept = MOST_BYTES, MOST_TERMS, []
    for field in fields:
        terms_kept = []
        for term in field.split():
            size = 0 if term in known else len(term.encode()) + KEY_BYTES
            if size > bytes_left or (size == 0 and terms_left <= 0):
                continue
            known.add(term)
            bytes_left, terms_left = bytes_left - size, terms_left - 1
            terms_kept.append(term)
        kept.append(" ".join(terms_kept))
    return tuple(kept)  # type: ignore[return-value]


def _tags(topic: Any, themes: list[int]) -> Iterable[str]:
    """What facets.py narrows by."""
    yield f"section:{topic.section_id}"
    yield f"year:{topic.created_at.year}"
    yield from (f"theme:{theme}" for theme in themes)
    if topic.state:
        yield f"state:{topic.state}"
    if not topic.anonymous:  # written without a name: nothing that would narrow the author down
        yield f"network:{topic.network_id}"
        yield f"region:{topic.region_id}"


def _copy(topic: Any, title: str) -> str:
    if topic.anonymous:
        return ""
    return hashlib.sha256(f"{topic.author_id} {title}".encode()).hexdigest()[:16]


def day_of(moment: datetime) -> float:
    """A moment in days since 1970, as ranking counts them."""
    return moment.replace(tzinfo=UTC).timestamp() / 86_400


def _texts(topic_ids: list[int]) -> dict[int, list[tuple[int, str]]]:
    posts = system_read("texts to index").rows(
        select(Post.topic_id, Post.id, Post.html)
        .where(Post.topic_id.in_(topic_ids), Post.hidden_at.is_(None))
        .order_by(Post.topic_id, Post.id)
    )
    texts: dict[int, list[tuple[int, str]]] = {}
    for post in posts:
        texts.setdefault(post.topic_id, []).append((post.id, " ".join(terms(plain_text(post.html)))))
    return texts


def _authors(topic_ids: list[int]) -> dict[int, list[int]]:
    """Who wrote under their name."""
    rows = system_read("authors to index").rows(
        select(Post.topic_id, Post.author_id)
        .where(Post.topic_id.in_(topic_ids), Post.hidden_at.is_(None), Post.anonymous.is_(False))
        .distinct()
    )
    authors: dict[int, list[int]] = {}
    for row in rows:
        authors.setdefault(row.topic_id, []).append(row.author_id)
    return authors


def _themes(topic_ids: list[int]) -> dict[int, list[int]]:
    rows = system_read("themes to index").rows(
        select(TopicTheme.topic_id, lasting_theme().label("theme_id"))
        .join(Theme, Theme.id == TopicTheme.theme_id)
        .where(TopicTheme.topic_id.in_(topic_ids))
    )
    themes: dict[int, list[int]] = {}
    for row in rows:
        themes.setdefault(row.topic_id, []).append(row.theme_id)
    return themes
