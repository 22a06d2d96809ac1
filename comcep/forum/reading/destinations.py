"""Where a topic may be moved, for the form that offers it and the act that does it. The table is in access.moving."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from comcep.access.moving import may_move
from comcep.access.viewer import Viewer
from comcep.accounts.models import GroupMember
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic
from comcep.forum.reading import sections


@dataclass(frozen=True)
class Destinations:
    """The sections a topic may be moved to, and where it came from, if it may go back there."""

    sections: list[Section]
    back: Section | None


def accepted(viewer: Viewer, topic: Any) -> Destinations:
    """What an animator is offered for a topic they read (topics.page_or_404): the sections they see themselves, as far
    as the table goes."""
    rule = _Rule.of(topic, stands_in=topic)
    offered = [each for each in sections.shown(viewer) if each.id != topic.section_id and rule.accepts(each)]
    return Destinations(offered, next((each for each in offered if each.id == topic.moved_from_id), None))


def accepts(topic: Topic, section: Section) -> bool:
    """Whether the topic may be moved to that section now."""
    return _Rule.of(topic, stands_in=topic.section).accepts(section)


@dataclass(frozen=True)
class _Rule:
    """From where a topic counts as moved: where it stands; and where it was written, or stood before its last move, as
    long as nothing was written since for fewer people."""

    origins: tuple[Any, ...]
    groups_of_author: frozenset[int]

    @classmethod
    def of(cls, topic: Any, stands_in: Any) -> "_Rule":
        """A topic without name goes into no group: that its author is there would tell who may have written it."""
        if topic.anonymous:
            return cls(_origins(topic, stands_in), frozenset())
        return cls(_origins(topic, stands_in), frozenset(db.session.scalars(_GROUPS_OF_AUTHOR, {"topic_id": topic.id})))

    def accepts(self, section: Section) -> bool:
        return any(may_move(origin, section, self.groups_of_author) for origin in self.origins)


_GROUPS_OF_AUTHOR = (
    select(GroupMember.group_id)
    .join(Topic, Topic.author_id == GroupMember.member_id)
    .where(Topic.id == bindparam("topic_id"))
)


def _origins(topic: Any, stands_in: Any) -> tuple[Any, ...]:
    earlier = {topic.written_in_id: topic.narrowed_at, topic.moved_from_id: topic.moved_at}
    before = [key for key, since in earlier.items() if key is not None and since and not _has_grown(topic.id, since)]
    if not before:  # of nearly all topics: a page of theirs asks one question less
        return (stands_in,)
    return (stands_in, *db.session.scalars(select(Section).where(Section.id.in_(before))))


def _has_grown(topic_id: int, since: datetime) -> bool:
    """Whether anything was written in the topic since then: it was written for those who read it then."""
    later = or_(Post.created_at > since, Post.edited_at > since)
    return db.session.scalar(select(Post.id).where(Post.topic_id == topic_id, later).limit(1)) is not None
