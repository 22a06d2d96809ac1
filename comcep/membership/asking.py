"""A request on its way to a network: how it gets there, and asking again when it was refused or misdirected."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, func, select, update

from comcep.access.permissions import may_ask_to_join, require
from comcep.access.viewer import Viewer
from comcep.accounts.models import Member, Network, Referent, Region
from comcep.accounts.viewing import viewer_of_member
from comcep.clock import now
from comcep.extensions import background, db
from comcep.membership.models import MembershipRequest

MOST_A_DAY = 5  # requests of one person: each costs a referent's time


class AlreadyWaiting(Exception):
    """The same was asked of the same network, which has not answered yet; nothing was changed."""


class TooManyRequests(Exception):
    """Asked too often today; nothing was changed."""


def standing_asked(network: Network, position: str) -> str:
    """As what somebody of that position asks there: a partner body has no advisers, so as a hors pair."""
    return "head" if network.kind == "partner" else position


def reach_network(request: MembershipRequest) -> None:
    """The network sees the request from now on, and its referents are to be told; the caller commits."""
    request.created_at = now()
    of_network = update(Referent).where(Referent.network_id == request.network_id)
    db.session.execute(of_network.values(requests_due_at=now()))


def ask_again(viewer: Viewer, network: Network, region: Region, position: str) -> None:
    """Ask a network, in place of a request that waits elsewhere. The address is confirmed: nobody signs in before.

    A new request, never the old one changed: a referent who decides on the page they have open decides what they read.
    Raises Forbidden for a member, AlreadyWaiting, TooManyRequests.
    """
    try:
        # Held from here on: a network that accepts at this moment does so before or after, and its word stays.
        db.session.execute(update(Member).where(Member.id == viewer.member_id).values(region_id=region.id))
        require(may_ask_to_join(viewer_of_member(viewer.member_id or 0)))
        own = MembershipRequest.member_id == viewer.member_id
        request = MembershipRequest(
            member_id=viewer.member_id, network_id=network.id, asks_as=standing_asked(network, position)
        )
        _refuse_repetition(own, request)
        withdrawn = {"state": "withdrawn", "decided_at": now(), "told_at": now()}  # told: they know, they did it
        db.session.execute(update(MembershipRequest).where(own, MembershipRequest.state == "waiting").values(withdrawn))
        db.session.add(request)
        reach_network(request)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    background.wake(current_app)


def _refuse_repetition(own: ColumnElement[bool], request: MembershipRequest) -> None:
    same = (MembershipRequest.network_id == request.network_id, MembershipRequest.asks_as == request.asks_as)
    waiting = select(MembershipRequest.id).where(own, *same, MembershipRequest.state == "waiting")
    if db.session.scalar(waiting) is not None:
        raise AlreadyWaiting
    today = MembershipRequest.created_at > now() - timedelta(days=1)
    if (db.session.scalar(select(func.count()).where(own, today)) or 0) >= MOST_A_DAY:
        raise TooManyRequests
