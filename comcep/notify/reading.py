"""Notifications as their member sees them: what they may no longer see is neither listed nor counted."""

from functools import lru_cache
from typing import Any

from flask import abort
from sqlalchemy import and_, bindparam, case, func, or_, select, update

from comcep.access.permissions import may_moderate
from comcep.access.viewer import Viewer
from comcep.access.visibility import visible_posts
from comcep.clock import now
from comcep.extensions import Query, db
from comcep.forum.models import Post, Topic
from comcep.forum.signals import topic_read
from comcep.moderation.models import Statement
from comcep.notify.models import Notification
from comcep.web.outages import mark_that_may_wait


def _own(viewer: Viewer, *columns: Any) -> Query:
    return (
        select(*columns)
        .select_from(Notification)
        .outerjoin(Statement, Statement.id == Notification.statement_id)
        .outerjoin(Post, Post.id == _post_id(viewer))
        .outerjoin(Topic, Topic.id == Post.topic_id)
        .where(
            Notification.member_id == bindparam("viewer_id", viewer.member_id),
            or_(_is_ones_own(), visible_posts(viewer, Post, Topic)),
        )
    )


def _is_ones_own() -> Any:
    """What was decided on one's own message is one's own to read, wherever the message stands; a contest is not."""
    return and_(Notification.post_id.is_(None), Notification.kind != "contest")


def _post_id(viewer: Viewer) -> Any:
    """The message a notification is about, for whom it has to be visible: of a contest, only for animators."""
    if not may_moderate(viewer):
        return Notification.post_id
    return func.coalesce(Notification.post_id, case((Notification.kind == "contest", Statement.post_id)))


def count_unread(viewer: Viewer) -> int:
    """How many notifications wait, up to 99."""
    if not viewer.is_signed_in:
        return 0
    return db.session.scalar(_unread_statement(viewer.reach), {"viewer_id": viewer.member_id}) or 0


@lru_cache(maxsize=64)
def _unread_statement(reach: Viewer) -> Query:
    unread = _own(reach, Notification.id).where(Notification.read_at.is_(None)).limit(99)
    return select(func.count()).select_from(unread.subquery())


def newest(viewer: Viewer) -> list[Any]:
    """The last fifty, with the title of their topic."""
    rows = _own(
        viewer,
        Notification.public_id,
        Notification.kind,
        Notification.created_at,
        Notification.read_at,
        Topic.title,
    )
    return list(db.session.execute(rows.order_by(Notification.id.desc()).limit(50)).all())


def opened(viewer: Viewer, public_id: int) -> Any:
    """Where a notification leads, marked as read: its kind, post and statement ids. 404 when access has ended."""
    row = db.session.execute(
        _own(
            viewer,
            Notification.id,
            Notification.kind,
            Post.public_id.label("post_public_id"),
            Statement.public_id.label("statement_public_id"),
        ).where(Notification.public_id == public_id)
    ).first()
    if row is None:
        abort(404)
    with mark_that_may_wait():
        _mark(Notification.id == row.id)
    return row


def mark_all(viewer: Viewer) -> None:
    _mark(Notification.member_id == viewer.member_id)


@topic_read.connect
def mark_topic(viewer: Viewer, topic_id: int, up_to: int) -> None:
    """What the topic's page has just shown needs no notification any more."""
    own = (Notification.member_id == viewer.member_id, Notification.topic_id == topic_id)
    _mark(*own, Notification.post_id <= up_to)


def _mark(*which: Any) -> None:
    db.session.execute(update(Notification).where(*which, Notification.read_at.is_(None)).values(read_at=now()))
    db.session.commit()
