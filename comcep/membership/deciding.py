"""The referent's decision: the one way in which an account becomes a membership (product.md, rule 2)."""

from flask import current_app
from sqlalchemy import select, update

from comcep.access.permissions import may_decide, require
from comcep.access.viewer import ADVISER, HORS_PAIR, Viewer
from comcep.accounts.floor import newest_post_id
from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import background, db, rows_changed
from comcep.membership.models import MembershipRequest
from comcep.membership.signals import request_decided
from comcep.text.cleaning import clean_text


class AlreadyDecided(Exception):
    """It waits no longer: decided by somebody else, or asked otherwise by the person. Nothing was changed."""


def accept(viewer: Viewer, request: MembershipRequest, as_hors_pair: bool) -> None:
    """Give the standing the request asks for, or that of a hors pair; a head never becomes an adviser.

    Raises Forbidden for another network's request, AlreadyDecided for one that waits no longer.
    """
    require(may_decide(viewer, request))
    _decide(viewer, request, "accepted", "")
    member = request.member
    member.network_id = request.network_id
    member.standing = HORS_PAIR if as_hors_pair or request.asks_as == "head" else ADVISER
    member.joined_at = now()
    member.read_floor = newest_post_id()
    db.session.commit()
    background.wake(current_app)


def refuse(viewer: Viewer, request: MembershipRequest, reason: str) -> None:
    """Say no, with the reason the person will read. Raises as accept does."""
    require(may_decide(viewer, request))
    _decide(viewer, request, "refused", clean_text(reason))
    db.session.commit()
    background.wake(current_app)


def _decide(viewer: Viewer, request: MembershipRequest, state: str, reason: str) -> None:
    # The member first, as whoever asks again does: of two at once neither waits for the other.
    db.session.execute(select(Member.id).where(Member.id == request.member_id).with_for_update())
    waiting = (MembershipRequest.id == request.id, MembershipRequest.state == "waiting")
    decided = rows_changed(
        update(MembershipRequest)
        .where(*waiting)
        .values(state=state, reason=reason, decided_at=now(), decided_by_id=viewer.member_id)
    )
    if decided == 0:
        db.session.rollback()
        raise AlreadyDecided
    request_decided.send(viewer, request=request)
