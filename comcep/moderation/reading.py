"""What the animators' desk, the journal and the author of a statement see."""

from datetime import timedelta
from typing import Any

from flask import abort
from sqlalchemy import func, or_, select

from comcep.access.viewer import Viewer
from comcep.access.visibility import in_visible_section, listed_posts, listed_topics
from comcep.accounts.models import Member, Network
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic
from comcep.membership.models import MembershipRequest
from comcep.moderation.models import JournalEntry, Statement


def late_questions(viewer: Viewer, hours: int, until: int | None = None) -> list[Any]:
    """Questions without an answer for so many hours (as they pass), oldest first, twenty at most."""
    asked = [Topic.created_at <= now() - timedelta(hours=hours)]
    if until is not None:
        asked.append(Topic.created_at > now() - timedelta(hours=until))
    topics = (
        select(Topic.public_id, Topic.slug, Topic.title, Topic.created_at, Section.name.label("section_name"))
        .join(Section, Section.id == Topic.section_id)
        .where(listed_topics(viewer, Topic), Topic.state == "open", *asked)
        .order_by(Topic.created_at, Topic.id)
    )
    return list(db.session.execute(topics.limit(20)).all())


def despite_warning(viewer: Viewer) -> list[Any]:
    """Messages published despite a warning about personal data, not yet looked at."""
    posts = (
        select(Post.public_id, Post.created_at, Topic.title)
        .join(Topic, Topic.id == Post.topic_id)
        .where(listed_posts(viewer, Post, Topic), Post.despite_warning, Post.checked_at.is_(None))
        .order_by(Post.id)
    )
    return list(db.session.execute(posts.limit(20)).all())


def new_members() -> list[Any]:
    """Advisers of the last two weeks, to welcome."""
    members = (
        select(Member.public_id, Member.name, Member.joined_at, Network.name.label("network"))
        .outerjoin(Network, Network.id == Member.network_id)
        .where(Member.standing == "adviser", Member.state == "active", Member.joined_at > now() - timedelta(days=14))
        .order_by(Member.joined_at.desc(), Member.id)
    )
    return list(db.session.execute(members.limit(20)).all())


def requests_waiting_too_long(days: int = 3) -> list[Any]:
    """How many requests wait for longer than that, by network: the asker is the referent's to know."""
    waiting = (
        select(Network.name, func.count().label("requests"), func.min(MembershipRequest.created_at).label("oldest"))
        .join(Network, Network.id == MembershipRequest.network_id)
        .join(Member, Member.id == MembershipRequest.member_id)
        .where(
            MembershipRequest.state == "waiting",
            Member.address_confirmed_at.is_not(None),
            MembershipRequest.created_at < now() - timedelta(days=days),
        )
        .group_by(Network.name)
    )
    return list(db.session.execute(waiting.order_by(Network.name)).all())


def journal_lines(viewer: Viewer) -> Any:
    """Journal lines an animator may read: of sections they see, or of no section. Statement to page through."""
    return (
        select(
            JournalEntry.at,
            JournalEntry.kind,
            JournalEntry.subject_type,
            JournalEntry.subject_public_id,
            JournalEntry.reason,
            JournalEntry.hash,
            Member.name.label("actor"),
            Section.name.label("section"),
        )
        .outerjoin(Member, Member.id == JournalEntry.actor_id)
        .outerjoin(Section, Section.id == JournalEntry.section_id)
        .where(or_(JournalEntry.section_id.is_(None), in_visible_section(viewer, JournalEntry.section_id)))
        .order_by(JournalEntry.id.desc())
    )


def bare_journal_lines() -> Any:
    """For an administrator: time, kind and hash, nothing that tells of whom or where."""
    return select(JournalEntry.at, JournalEntry.kind, JournalEntry.hash).order_by(JournalEntry.id.desc())


def count(statement: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0


def fetch(statement: Any, limit: int, offset: int) -> list[Any]:
    return list(db.session.execute(statement.limit(limit).offset(offset)).all())


def statement_or_404(viewer: Viewer, public_id: int) -> Statement:
    """A statement of reasons, for the author it is addressed to and nobody else."""
    own = (Statement.public_id == public_id, Statement.member_id == viewer.member_id)
    return db.session.scalar(select(Statement).where(*own)) or abort(404)
