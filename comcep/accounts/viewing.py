"""From a session cookie to a Viewer: one statement for the member, one more only for those with groups or networks."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, select

from comcep.access.viewer import ANONYMOUS, Viewer
from comcep.accounts.models import GroupMember, Member, Referent
from comcep.extensions import db, login


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The member behind a session, as Flask-Login wants it, with the Viewer that everything else asks for."""

    viewer: Viewer
    public_id: int
    name: str
    session_key: str
    read_floor: int
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return session_id(self.public_id, self.session_key)


def session_id(public_id: int, session_key: str) -> str:
    """What the cookie holds: changing a member's session key ends all their sessions."""
    return f"{public_id}.{session_key}"


_COLUMNS = (
    Member.id,
    Member.public_id,
    Member.name,
    Member.session_key,
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

_BY_PUBLIC_ID = select(*_COLUMNS).where(Member.public_id == bindparam("public_id"))


@login.user_loader
def signed_in(cookie: str) -> SignedIn | None:
    """Who holds this cookie; nobody when the account is not active or its sessions were ended."""
    public_id, _, session_key = cookie.partition(".")
    if not public_id.isdecimal():
        return None
    row = db.session.execute(_BY_PUBLIC_ID, {"public_id": int(public_id)}).first()
    if row is None or row.session_key != session_key or row.state != "active":
        return None
    return SignedIn(viewer_of(row), row.public_id, row.name, row.session_key, row.read_floor)


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
