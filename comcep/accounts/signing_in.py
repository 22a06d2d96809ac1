"""Signing in, and the limits on trying. The same answer, in the same time, whether an address is known or not.

Nobody shuts another out: wrong tries count for the place they come from. A device that the account knows is a place of
its own; from any other, an account that many guess at is open once a minute, and by mail always (resetting.py).
"""

from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy import select, update

from comcep.accounts import devices, pacing, passwords, sessions
from comcep.accounts.models import Member
from comcep.extensions import db, rows_changed


@dataclass(frozen=True)
class Place:
    """Where somebody tries from: their connection, the cookie of their device, what it says it is."""

    client: str = ""
    device: str = field(default="", repr=False)
    user_agent: str = ""


@dataclass(frozen=True)
class Entry:
    """What a browser is given after the right password: a session, and the cookie by which its device is known."""

    member_id: int
    session: str = field(repr=False)
    device: str = field(repr=False)


def this_place() -> Place:
    """Where this request comes from."""
    client = pacing.client_of(request.remote_addr or "")
    return Place(client, devices.cookie_sent(), request.headers.get("User-Agent", ""))


def normal_address(address: str) -> str:
    """An e-mail address as accounts hold it."""
    return address.strip().lower()


def sign_in(address: str, password: str, place: Place) -> Entry | None:
    """Open a session for the active member of that address and password; nothing for anybody else.

    Raises TooManyAttempts, which says how long to wait, after too many wrong tries from this place.
    """
    address = normal_address(address)
    columns = (Member.id, Member.public_id, Member.password_hash, Member.state)
    member = db.session.execute(select(*columns).where(Member.email == address)).first()
    is_known = devices.knows(member.public_id if member else None, place.device)
    tries = _tries(address, place, is_known)
    pacing.count(tries)
    db.session.commit()  # before the password is looked at: of many tries at once none comes for nothing
    if not passwords.is_right(member.password_hash if member else None, password):
        return None
    if member is None or member.state != "active":
        return None
    return _enter(member, place, tries)


def _tries(address: str, place: Place, is_known: bool) -> dict[str, str]:
    """What a try counts for, by kind. Strangers wait for each other, a known device for nobody."""
    if is_known:
        return {"device": f"{address} {place.device}"}
    return {"sign-in": f"{address} {place.client}", "address": address, "client": place.client}


def _enter(member: Any, place: Place, tries: dict[str, str]) -> Entry | None:
    # Holds the account's row: a password changed or a member suspended meanwhile ends this session too.
    as_seen = (Member.id == member.id, Member.password_hash == member.password_hash, Member.state == "active")
    if not rows_changed(update(Member).where(*as_seen).values(password_hash=member.password_hash)):
        db.session.rollback()
        return None
    device_id, cookie = devices.remember(member, place.device, place.user_agent)
    sessions.end(sessions.left_behind())
    token = sessions.open_session(member.id, device_id)
    for kind, subject in tries.items():
        if kind in ("sign-in", "device"):
            pacing.forget(kind, subject)
        else:  # others may be guessing there
            pacing.give_back(kind, subject)
    db.session.commit()
    return Entry(member.id, token, cookie)
