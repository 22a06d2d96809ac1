"""Sections, topics, posts, themes and reading marks, as rows. What pages show of them lives in reading/."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from comcep.access.visibility import AUDIENCES, PEERS
from comcep.accounts.models import Group, Member
from comcep.clock import now
from comcep.extensions import Model
from comcep.identifiers import Identified, Key

KINDS = ("question", "discussion", "resource", "announcement", "event")
STATES = ("open", "answered", "solved")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


class Category(Model):
    """A heading of the index; it has no audience: it stands where a section of it may be seen."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    position: Mapped[int] = mapped_column(default=0)


class Section(Model):
    """Where topics stand, with one audience, and the counts its line on the index shows."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(300), default="")
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    audience: Mapped[str] = mapped_column(String(20), default=PEERS)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("peer_group.id"))
    closed_at: Mapped[datetime | None]

    # Of what is not hidden; kept by counting.recount_section in the transaction that changes them.
    topics_count: Mapped[int] = mapped_column(default=0)
    posts_count: Mapped[int] = mapped_column(default=0)
    last_post_id: Mapped[int | None] = mapped_column(BigInteger)

    category: Mapped[Category] = relationship()
    group: Mapped[Group | None] = relationship()

    __table_args__ = (
        CheckConstraint(_one_of("audience", AUDIENCES), name="audience"),
        CheckConstraint("(audience = 'group') = (group_id is not null)", name="group"),
    )


class Topic(Identified, Model):
    """A question or another kind of topic. Its first post holds its text."""

    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    anonymous: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(20), default="question")
    state: Mapped[str | None] = mapped_column(String(20))  # of questions only
    title: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)

    closed_at: Mapped[datetime | None]
    pinned: Mapped[bool] = mapped_column(default=False)
    relayed_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    # Once read beyond peers, it counts in no digest: the committee could subtract what it saw.
    shown_beyond_peers: Mapped[bool] = mapped_column(default=False)

    # Of what is not hidden; kept by counting.recount_topic.
    posts_count: Mapped[int] = mapped_column(default=0)
    first_post_id: Mapped[int | None] = mapped_column(BigInteger)
    last_post_id: Mapped[int | None] = mapped_column(BigInteger)
    last_post_at: Mapped[datetime] = mapped_column(default=now)
    first_answer_at: Mapped[datetime | None]  # by somebody else than who asked
    first_answer_id: Mapped[int | None] = mapped_column(BigInteger)

    solving_post_id: Mapped[int | None] = mapped_column(BigInteger)
    solved_at: Mapped[datetime | None]
    # The last post when who asked said that none so far was an answer: the question waits for a later one.
    waits_since: Mapped[int | None] = mapped_column(BigInteger)

    # Of a topic that was moved: where it was written, and since when fewer people read it than it was written for
    # (empty while the same do); where it came from last, and when.
    written_in_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    narrowed_at: Mapped[datetime | None]
    moved_from_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    moved_at: Mapped[datetime | None]

    # What search holds of the topic: changed counts up with each change, indexed_at and embedded_at are empty until
    # the sweeps have seen it.
    changed: Mapped[int] = mapped_column(default=1)
    indexed_at: Mapped[datetime | None]
    embedded_at: Mapped[datetime | None]

    section: Mapped[Section] = relationship(foreign_keys=section_id)

    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("state", STATES), name="state"),
        Index("ix_topic_section_id_pinned_last_post_id", "section_id", "pinned", "last_post_id"),
        Index("ix_topic_section_id_state_last_post_id", "section_id", "state", "last_post_id"),
        Index("ix_topic_state_last_post_id", "state", "last_post_id"),
        Index("ix_topic_last_post_id", "last_post_id"),
        Index("ix_topic_solved_at", "solved_at"),
        Index("ix_topic_relayed_at", "relayed_at"),
        Index("ix_topic_indexed_at", "indexed_at"),
        Index("ix_topic_embedded_at", "embedded_at"),
    )


class Post(Identified, Model):
    """A message: its Markdown source, and its HTML made when it was written."""

    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    anonymous: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    rules: Mapped[int] = mapped_column(default=0)  # version of the Markdown rules that made the HTML
    created_at: Mapped[datetime] = mapped_column(default=now)
    edited_at: Mapped[datetime | None]
    edited_by_moderator: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    despite_warning: Mapped[bool] = mapped_column(default=False)  # personal data shown, and published all the same
    checked_at: Mapped[datetime | None]  # when an animator looked at a message published despite a warning
    hidden_at: Mapped[datetime | None]
    solution_since: Mapped[datetime | None]  # of the solution while it is hidden: shown again, it solves again
    submission: Mapped[str | None] = mapped_column(String(40))  # of the form: two clicks make one post
    notified_at: Mapped[datetime | None]

    topic: Mapped[Topic] = relationship()
    author: Mapped[Member] = relationship()

    __table_args__ = (
        Index("ix_post_topic_id_id", "topic_id", "id"),
        Index("ix_post_created_at", "created_at"),
        Index("ix_post_notified_at", "notified_at"),
        Index("ix_post_despite_warning", "despite_warning", "checked_at"),
        Index("uq_post_author_id_submission", "author_id", "submission", unique=True),
    )


class Revision(Model):
    """What a post said before an edit."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    version: Mapped[int]
    title: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime] = mapped_column(default=now)
    replaced_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))

    __table_args__ = (Index("uq_revision_post_id_version", "post_id", "version", unique=True),)


class Theme(Model):
    """One of the themes the digest counts by."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    label: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int] = mapped_column(default=0)
    # A merged theme stays, so that its topics and its published figures keep their address; counts go to the other.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"))
    # None: it came with the program, or was merged before this was kept. A digest counts themes older than its period.
    created_at: Mapped[datetime | None]
    merged_at: Mapped[datetime | None]


def lasting_theme() -> Any:
    """The key of the theme that a theme counts as: the one it was merged into, if it was. Over a query joined with
    Theme."""
    return func.coalesce(Theme.merged_into_id, Theme.id)


class ThemeName(Model):
    """A label that a theme had before it was renamed."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    label: Mapped[str] = mapped_column(String(120))
    until: Mapped[datetime] = mapped_column(default=now)


class TopicTheme(Model):
    """A theme of a topic, and who set it: its author, an animator, or the model with its confidence (0 to 1)."""

    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), primary_key=True, index=True)
    set_by: Mapped[str] = mapped_column(String(20), default="author")
    confidence: Mapped[float | None]
    set_at: Mapped[datetime | None]  # by hand, in place of others; None: the topic's first themes

    __table_args__ = (CheckConstraint("set_by in ('author', 'animator', 'model')", name="set_by"),)


class FormerTopicTheme(Model):
    """A theme that a topic bore until others were set by hand: a digest of a period begun before counts by it, so that
    who sets themes reads nothing off the figures."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), index=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"))
    set_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime] = mapped_column(default=now)


class TopicWorth(Model):
    """Whether the solution served, said by who asked the question some weeks later."""

    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True)
    helped: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)


class TopicRead(Model):
    """How far a member has read a topic: the last post seen. One row per topic read, none per post."""

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True)
    post_id: Mapped[int] = mapped_column(BigInteger)


class TopicFollow(Model):
    """A member who wants to be told of the replies to a topic."""

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(default=now)
