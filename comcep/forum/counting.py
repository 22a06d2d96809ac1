"""The counts that lists show, kept in the transaction that changes them: of a topic from its posts, of a section by
steps.

Only what is not hidden counts. The caller holds the topic (changing.py) and commits.
"""

from datetime import datetime

from sqlalchemy import and_, case, func, or_, select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic


def recount_topic(topic: Topic) -> None:
    """Set the topic's counts, last post, first answer and state from its posts.

    The first answer is by somebody else than who asked, and only counted with, never shown. The state is shown: a
    message without a name answers whoever wrote it, or "waiting, one reply" would say that it is the asker's own.
    """
    by_another = Post.author_id != topic.author_id
    answers = and_(Post.id != topic.first_post_id, Post.id > (topic.waits_since or 0), or_(by_another, Post.anonymous))
    figures = db.session.execute(
        select(
            func.count().label("shown"),
            func.min(Post.id).label("first"),
            func.max(Post.id).label("last"),
            func.min(case((by_another, Post.id))).label("first_answer"),
            func.max(case((answers, 1))).label("is_answered"),
        ).where(Post.topic_id == topic.id, Post.hidden_at.is_(None))
    ).one()
    topic.posts_count, topic.first_post_id = figures.shown, topic.first_post_id or figures.first
    topic.last_post_id = figures.last or topic.first_post_id
    topic.last_post_at = _written_at(topic.last_post_id) or now()
    topic.first_answer_id, topic.first_answer_at = figures.first_answer, _written_at(figures.first_answer)
    topic.state = _state(topic, bool(figures.is_answered))


def _written_at(post_id: int | None) -> datetime | None:
    return db.session.scalar(select(Post.created_at).where(Post.id == post_id)) if post_id else None


def _state(topic: Topic, is_answered: bool) -> str | None:
    if topic.kind != "question":
        return None
    if topic.solving_post_id is not None:
        return "solved"
    return "answered" if is_answered else "open"


def count_new(section_id: int, post_id: int, topics: int, posts: int) -> None:
    """Add to a section's counts; by steps, so that a reply costs the same in a section of 100,000 topics."""
    db.session.execute(
        update(Section)
        .where(Section.id == section_id)
        .values(
            topics_count=Section.topics_count + topics,
            posts_count=Section.posts_count + posts,
            last_post_id=post_id,
        )
        .execution_options(synchronize_session=False)
    )


def hold_section(section_id: int) -> None:
    """Lock a section until commit: who counts in it, or opens a topic, waits for the other."""
    held = update(Section).where(Section.id == section_id).values(topics_count=Section.topics_count)
    db.session.execute(held.execution_options(synchronize_session=False))


def recount_section(section_id: int) -> None:
    """Count a section anew: after a hide, a move, a load."""
    hold_section(section_id)  # a reply that counts by a step meanwhile would be written over
    shown = (Topic.section_id == section_id, Topic.hidden_at.is_(None))
    figures = select(func.count(), func.coalesce(func.sum(Topic.posts_count), 0), func.max(Topic.last_post_id))
    topics, posts, last = db.session.execute(figures.where(*shown)).one()
    db.session.execute(
        update(Section)
        .where(Section.id == section_id)
        .values(topics_count=topics, posts_count=posts, last_post_id=last)
        .execution_options(synchronize_session=False)
    )
