"""From a session cookie to a Viewer: one statement for member and session, one more only for those with groups or
networks. And the mark that a session was seen.
"""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g, request, session
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.exc import SQLAlchemyError

from comcep.access.viewer import ANONYMOUS, Viewer
from comcep.accounts import sessions
from comcep.accounts.models import GroupMember, Member, MemberSession, Referent
from comcep.clock import now
from comcep.extensions import db, login
from comcep.web import outages

SEEN_EVERY = timedelta(minutes=5)  # a session is marked as seen no oftener


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The member behind a session, as Flask-Login wants it, with the Viewer that everything else asks for."""

    viewer: Viewer
    public_id: int
    name: str
    read_floor: int
    session_id: int
    seen_at: datetime
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False


_COLUMNS = (
    Member.id,
    Member.public_id,
    Member.name,
    Member.read_floor,
    Member.standing,
    Member.state,
    Member.is_animator,
    Member.is_committee,
    Member.is_admin,
    Member.network_id,
    exists().where(Referent.member_id == Member.id).label("is_referent"),
    exists().where(GroupMember.member_id == Member.id).label("has_groups"),
)

_OF_SESSION = (MemberSession.id.label("session_id"), MemberSession.opened_at, MemberSession.seen_at)
_BY_TOKEN = (
    select(*_COLUMNS, *_OF_SESSION)
    .join(MemberSession, MemberSession.member_id == Member.id)
    .where(MemberSession.token_hash == bindparam("token_hash"))
)


@login.user_loader
def signed_in(token: str) -> SignedIn | None:
    """Who holds the cookie with this token; nobody when its session was ended or is over, or the account not active."""
    row = db.session.execute(_BY_TOKEN, {"token_hash": sessions.hash_of(token)}).first()
    if row is None or row.state != "active" or sessions.is_over(row.opened_at, row.seen_at):
        return None
    return SignedIn(viewer_of(row), row.public_id, row.name, row.read_floor, row.session_id, row.seen_at)


def mark_as_seen(response: Response) -> Response:
    """After the answer is made: write now and then that the session was used. The answer never waits long for it."""
    if request.endpoint == "static" or "without_database" in g:
        return response
    who = g.get("_login_user")
    if sessions.TO_END in session:
        _undo_the_rest()
        sessions.end_left_behind()
    elif isinstance(who, SignedIn) and abs(now() - who.seen_at) > SEEN_EVERY:
        _undo_the_rest()
        with outages.mark_that_may_wait():
            seen = update(MemberSession).where(MemberSession.id == who.session_id).values(seen_at=now())
            db.session.execute(seen)
            db.session.commit()
    return response


def _undo_the_rest() -> None:
    """What a view left without a commit is not to be written along with a mark."""
    with contextlib.suppress(SQLAlchemyError):
        db.session.rollback()


def viewer_of(row: Any) -> Viewer:
    """The Viewer of a member's row; a suspended or closed account sees what everybody sees."""
    if row.state != "active":
        return ANONYMOUS
    return Viewer(
        member_id=row.id,
        standing=row.standing,
        animator=row.is_animator,
        committee=row.is_committee,
        admin=row.is_admin,
        referent_of=_keys(Referent.network_id, Referent.member_id, row.id) if row.is_referent else frozenset(),
        groups=_keys(GroupMember.group_id, GroupMember.member_id, row.id) if row.has_groups else frozenset(),
        network_id=row.network_id,
    )


def viewer_of_member(member_id: int) -> Viewer:
    """The Viewer a job or a mail acts for."""
    row = db.session.execute(select(*_COLUMNS).where(Member.id == member_id)).first()
    return ANONYMOUS if row is None else viewer_of(row)


def _keys(wanted: Any, column: Any, member_id: int) -> frozenset[int]:
    return frozenset(db.session.scalars(select(wanted).where(column == member_id)))
