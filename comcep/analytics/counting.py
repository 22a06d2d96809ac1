"""What is counted of a period, as statements: posts and topics of peers by adviser and theme, past visibility.

Their rows are sealed; gathering.py makes raw figures of them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from comcep.access.system_read import SealedRow, system_read
from comcep.access.visibility import PEERS
from comcep.forum.models import Post, Section, Theme, Topic, TopicTheme, TopicWorth


def peer_topics() -> list[Any]:
    """Topics that only peers have ever read: one moved from a section the committee reads would be subtracted."""
    return [Section.audience == PEERS, Topic.hidden_at.is_(None), Topic.shown_beyond_peers.is_(False)]


def counted(first: datetime, after: datetime, *columns: Any) -> Any:
    """Posts of the period by peers, counted by author and by the columns the caller groups by."""
    return (
        select(Post.author_id, func.count().label("count"), *columns)
        .select_from(Post)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Section, Section.id == Topic.section_id)
        .where(*peer_topics(), Post.hidden_at.is_(None), Post.created_at >= first, Post.created_at < after)
    )


def posts(first: datetime, after: datetime) -> Iterable[SealedRow]:
    """Posts of the period, by author."""
    return system_read("posts of the period, to be counted").rows(counted(first, after).group_by(Post.author_id))


def topics(first: datetime, after: datetime) -> Iterable[SealedRow]:
    """Topics opened in the period, by author."""
    return system_read("topics of the period, to be counted").rows(
        select(Topic.author_id, func.count().label("count"))
        .join(Section, Section.id == Topic.section_id)
        .where(*peer_topics(), Topic.created_at >= first, Topic.created_at < after)
        .group_by(Topic.author_id)
    )


def lasting_theme_of() -> Any:
    """The theme a topic counts for: the one its own theme was merged into, if it was."""
    merged = Theme.__table__.alias()
    into = select(merged.c.merged_into_id).where(merged.c.id == TopicTheme.theme_id).scalar_subquery()
    return func.coalesce(into, TopicTheme.theme_id)


def posts_by_theme(first: datetime, after: datetime, *conditions: Any) -> Iterable[SealedRow]:
    """Posts of the period by theme and author, a merged theme under the one it went into."""
    theme = lasting_theme_of().label("theme_id")
    posts = counted(first, after, theme).join(TopicTheme, TopicTheme.topic_id == Topic.id).where(*conditions)
    return system_read("posts of the period by theme, to be counted").rows(posts.group_by(theme, Post.author_id))


def first_answers_by_theme(first: datetime, after: datetime) -> Iterable[SealedRow]:
    """Questions of the period that were answered: theme, when asked, when first answered, by whom."""
    return system_read("delays of each theme").rows(
        select(lasting_theme_of().label("theme_id"), Topic.created_at, Topic.first_answer_at, Post.author_id)
        .join(Section, Section.id == Topic.section_id)
        .join(TopicTheme, TopicTheme.topic_id == Topic.id)
        .join(Post, Post.id == Topic.first_answer_id)
        .where(*peer_topics(), Topic.kind == "question", Topic.created_at >= first, Topic.created_at < after)
    )


def worth(first: datetime, after: datetime) -> tuple[int, int]:
    """How many said in the period whether a solution served, and how many that it did."""
    row = system_read("whether solutions served").first(
        select(func.count().label("said"), func.count(case((TopicWorth.helped, 1))).label("served"))
        .select_from(TopicWorth)
        .join(Topic, Topic.id == TopicWorth.topic_id)
        .join(Section, Section.id == Topic.section_id)
        .where(*peer_topics(), TopicWorth.at >= first, TopicWorth.at < after)
    )
    return (row.said, row.served) if row is not None else (0, 0)
