"""What is counted of a period, as statements: posts and topics of peers by adviser and theme, past visibility.

Their rows are sealed; gathering.py makes raw figures of them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, union

from comcep.access.system_read import SealedRow, system_read
from comcep.access.visibility import PEERS
from comcep.forum.models import FormerTopicTheme, Post, Section, Theme, Topic, TopicTheme, TopicWorth


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


def themes_borne(first: datetime) -> Any:
    """The themes each topic counts for in a period that begins at a moment, each pair once: topic_id, theme_id.

    Those it bore then, or its first ones: who sets themes by hand would read off the figures, one try after another,
    who wrote without their name. A merged theme is the one it went into, and a topic that bears both counts once.
    """
    current = select(TopicTheme.topic_id, TopicTheme.theme_id).where(_set_before(TopicTheme, first))
    former = select(FormerTopicTheme.topic_id, FormerTopicTheme.theme_id).where(
        _set_before(FormerTopicTheme, first), FormerTopicTheme.replaced_at >= first
    )
    borne = union(current, former).subquery()
    lasting = func.coalesce(Theme.merged_into_id, Theme.id).label("theme_id")
    return select(borne.c.topic_id, lasting).join(Theme, Theme.id == borne.c.theme_id).distinct().subquery("borne")


def _set_before(kind: Any, first: datetime) -> Any:
    return or_(kind.set_at.is_(None), kind.set_at < first)


def posts_by_theme(first: datetime, after: datetime, *conditions: Any) -> Iterable[SealedRow]:
    """Posts of the period by theme and author, a merged theme under the one it went into."""
    borne = themes_borne(first)
    posts = counted(first, after, borne.c.theme_id).join(borne, borne.c.topic_id == Topic.id).where(*conditions)
    return system_read("posts of the period by theme, to be counted").rows(
        posts.group_by(borne.c.theme_id, Post.author_id)
    )


def first_answers_by_theme(first: datetime, after: datetime) -> Iterable[SealedRow]:
    """Questions of the period that were answered: theme, when asked, when first answered, by whom."""
    borne = themes_borne(first)
    return system_read("delays of each theme").rows(
        select(borne.c.theme_id, Topic.created_at, Topic.first_answer_at, Post.author_id)
        .select_from(Topic)
        .join(Section, Section.id == Topic.section_id)
        .join(borne, borne.c.topic_id == Topic.id)
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
