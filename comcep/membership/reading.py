"""Requests and members as the referent's desk shows them, and one's own request."""

from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from comcep.access.permissions import may_decide_requests
from comcep.access.viewer import Viewer
from comcep.accounts.models import Member, Network, Region
from comcep.extensions import db
from comcep.membership.models import MembershipRequest


def waiting_requests(viewer: Viewer) -> list[MembershipRequest]:
    """Requests to the viewer's networks, oldest first, once the address is known to be the asker's."""
    requests = _requests(viewer).options(
        joinedload(MembershipRequest.member).joinedload(Member.region), joinedload(MembershipRequest.network)
    )
    return list(
        db.session.scalars(requests.where(_is_waiting()).order_by(MembershipRequest.created_at, MembershipRequest.id))
    )


def count_waiting(viewer: Viewer) -> int:
    """How many requests wait for the viewer's word, up to 99; of the navigation of every page."""
    if not may_decide_requests(viewer):
        return 0
    waiting = _requests(viewer).with_only_columns(MembershipRequest.id).where(_is_waiting()).limit(99)
    return db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def _is_waiting() -> ColumnElement[bool]:
    return MembershipRequest.state == "waiting"


def decided_requests(viewer: Viewer) -> list[MembershipRequest]:
    """The last twenty decisions of the viewer's networks."""
    decided = _requests(viewer).where(MembershipRequest.state.in_(("accepted", "refused")))
    decided = decided.options(joinedload(MembershipRequest.member), joinedload(MembershipRequest.network))
    return list(
        db.session.scalars(decided.order_by(MembershipRequest.decided_at.desc(), MembershipRequest.id).limit(20))
    )


def request_or_404(viewer: Viewer, public_id: int) -> MembershipRequest:
    """A request to one of the viewer's networks from a confirmed address; others do not exist for them."""
    return db.session.scalar(_requests(viewer).where(MembershipRequest.public_id == public_id)) or abort(404)


def _requests(viewer: Viewer) -> Any:
    """What a referent may know of: asked of their networks, by somebody else, who reads the mails of the address."""
    return (
        select(MembershipRequest)
        .join(Member, Member.id == MembershipRequest.member_id)
        .where(
            MembershipRequest.network_id.in_(viewer.referent_of),
            MembershipRequest.member_id != viewer.member_id,
            Member.address_confirmed_at.is_not(None),
        )
    )


def network_members(viewer: Viewer) -> list[Any]:
    """The accepted members of the viewer's networks: name, standing, region; nothing they wrote."""
    members = (
        select(
            Member.name,
            Member.standing,
            Member.state,
            Member.joined_at,
            Network.name.label("network"),
            Region.name.label("region"),
        )
        .join(Network, Network.id == Member.network_id)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(Member.network_id.in_(viewer.referent_of), Member.standing != "none", Member.state != "closed")
    )
    return list(db.session.execute(members.order_by(Network.position, Member.name, Member.id)).all())


def own_request(viewer: Viewer) -> MembershipRequest | None:
    """The viewer's last request."""
    own = select(MembershipRequest).options(joinedload(MembershipRequest.network), joinedload(MembershipRequest.member))
    own = own.where(MembershipRequest.member_id == viewer.member_id)
    return db.session.scalar(own.order_by(MembershipRequest.id.desc()).limit(1))


def networks() -> list[Network]:
    return list(db.session.scalars(select(Network).order_by(Network.position, Network.name, Network.id)))


def regions() -> list[Region]:
    return list(db.session.scalars(select(Region).order_by(Region.name)))


def network(slug: str) -> Network:
    """The network of that slug, which a form offered."""
    return db.session.scalars(select(Network).where(Network.slug == slug)).one()


def region(code: str) -> Region:
    return db.session.scalars(select(Region).where(Region.code == code)).one()
