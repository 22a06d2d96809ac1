"""Members as the directory and their profile show them, without anything they wrote: that is the forum's to say."""

import re
from typing import Any

from flask import abort
from sqlalchemy import and_, false, func, or_, select

from comcep.access.viewer import Viewer
from comcep.access.visibility import visible_members
from comcep.accounts import sessions
from comcep.accounts.models import KnownDevice, Member, MemberSession, Network, Region
from comcep.clock import now
from comcep.extensions import Query, db
from comcep.text.cleaning import flat

DEVICES_SHOWN = 100
_IN_NO_NAME = re.compile(r"[^\w'’.-]|_")


def _rows(viewer: Viewer) -> Query:
    return (
        select(
            Member.id,
            Member.public_id,
            Member.name,
            Member.position,
            Member.standing,
            Member.is_animator,
            Member.joined_at,
            Network.name.label("network"),
            Region.name.label("region"),
        )
        .outerjoin(Network, Network.id == Member.network_id)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(visible_members(viewer, Member))
    )


def directory(viewer: Viewer, words: str, network: str, region: str) -> Query:
    """Members by name, narrowed by words of the name, a network's slug, a region's code. Never by activity."""
    rows = _rows(viewer).order_by(Member.flat_name, Member.id)
    for word in words.split()[:5]:
        is_of_a_name = flat(word) and not _IN_NO_NAME.search(word)
        rows = rows.where(Member.flat_name.contains(flat(word), autoescape=True) if is_of_a_name else false())
    if network:
        rows = rows.where(or_(Network.slug == network, Network.family == network))
    return rows.where(Region.code == region) if region else rows


def count(rows: Query) -> int:
    return db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0


def fetch(rows: Query, limit: int, offset: int) -> list[Any]:
    return list(db.session.execute(rows.limit(limit).offset(offset)).all())


def profile_or_404(viewer: Viewer, public_id: int) -> Any:
    """The row of a member's page."""
    return db.session.execute(_rows(viewer).where(Member.public_id == public_id)).first() or abort(404)


def own_account(viewer: Viewer) -> Member:
    """The viewer's own row, for the page of their account."""
    member = db.session.scalar(select(Member).where(Member.id == viewer.member_id))
    return member or abort(404)


def own_devices(viewer: Viewer) -> list[Any]:
    """The viewer's devices with their open sessions, last used first; a row per session, one for a device without."""
    is_open = (MemberSession.seen_at > now() - sessions.IDLE, MemberSession.opened_at > now() - sessions.LONGEST)
    rows = (
        select(
            KnownDevice.public_id.label("device_id"),
            KnownDevice.browser,
            KnownDevice.system,
            KnownDevice.used_at,
            MemberSession.id,
            MemberSession.public_id.label("session_id"),
            MemberSession.opened_at,
            MemberSession.seen_at,
        )
        .outerjoin(MemberSession, and_(MemberSession.device_id == KnownDevice.id, *is_open))
        .where(KnownDevice.member_id == viewer.member_id)
        .order_by(MemberSession.seen_at.is_(None), MemberSession.seen_at.desc(), KnownDevice.used_at.desc())
    )
    return list(db.session.execute(rows.limit(DEVICES_SHOWN)).all())
