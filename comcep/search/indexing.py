"""The sweep that keeps the index true: topics marked as changed, and the rebuild when the index is missing or
broken."""

from collections.abc import Iterable

from flask import current_app
from sqlalchemy import select, update

from comcep.access.system_read import system_read
from comcep.access.visibility import index_key
from comcep.clock import now
from comcep.extensions import background, db
from comcep.forum.models import Post, Section, Topic
from comcep.search.analysis import terms
from comcep.search.engines import Document, Engine
from comcep.text.excerpts import plain_text

BATCH = 200  # topics a commit of the index: memory stays bounded, a kill costs one batch


def engine() -> Engine:
    """The engine of this application."""
    found: Engine = current_app.extensions["search_engine"]
    return found


@background.sweep
def index_changed_topics() -> None:
    """Index what is marked; rebuild everything first when the index is not ready. Harmless when killed."""
    rebuilding = not engine().is_ready()
    if rebuilding:
        engine().begin_rebuild()
        db.session.execute(update(Topic).values(indexed_at=None).execution_options(synchronize_session=False))
        db.session.commit()
    while _index_batch():
        pass
    if rebuilding:
        engine().end_rebuild()


def rebuild() -> Iterable[int]:
    """Index everything anew; yields how many topics are done after each batch, for a progress bar."""
    engine().begin_rebuild()
    db.session.execute(update(Topic).values(indexed_at=None).execution_options(synchronize_session=False))
    db.session.commit()
    done = 0
    while count := _index_batch():
        done += count
        yield done
    engine().end_rebuild()


def _index_batch() -> int:
    marked = system_read("topics the index has not seen").rows(
        select(
            Topic.id,
            Topic.changed,
            Topic.title,
            Topic.hidden_at,
            Topic.solving_post_id,
            Section.audience,
            Section.group_id,
        )
        .join(Section, Section.id == Topic.section_id)
        .where(Topic.indexed_at.is_(None))
        .order_by(Topic.id)
        .limit(BATCH)
    )
    topics = list(marked)
    if not topics:
        return 0
    texts = _texts([topic.id for topic in topics])
    documents = [
        Document(
            topic_id=topic.id,
            key=index_key(topic.audience, topic.group_id),
            title=" ".join(terms(topic.title)),
            body=" ".join(text for _, text in texts.get(topic.id, [])),
            solution=" ".join(text for post_id, text in texts.get(topic.id, []) if post_id == topic.solving_post_id),
            is_solved=topic.solving_post_id is not None,
        )
        for topic in topics
        if topic.hidden_at is None
    ]
    engine().replace(documents, [topic.id for topic in topics])
    for topic in topics:
        # Changed again since it was read: the mark stays, and the next batch takes it.
        seen = (Topic.id == topic.id, Topic.changed == topic.changed)
        db.session.execute(
            update(Topic).where(*seen).values(indexed_at=now()).execution_options(synchronize_session=False)
        )
    db.session.commit()
    return len(topics)


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
