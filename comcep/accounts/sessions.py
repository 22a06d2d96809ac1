"""Sessions as rows: opened at a sign-in, ended one by one or all, by the member, by time, by a new password.

The cookie holds a random token and the row its hash: neither the database nor a backup opens a session. From a token to
who is signed in: viewing.py. What an account knows of devices: devices.py.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import session
from sqlalchemy import delete, or_, select

from comcep.access.viewer import Viewer
from comcep.accounts import devices, pacing
from comcep.accounts.models import KnownDevice, MemberSession
from comcep.clock import now
from comcep.extensions import background, db, rows_changed
from comcep.web import outages

IDLE = timedelta(days=14)  # without a page
LONGEST = timedelta(days=30)  # however active: NIST SP 800-63B, 4.1.3
GONE = timedelta(days=1)  # after its end, until a row is taken out
IN_COOKIE = "_user_id"  # where Flask-Login keeps in the signed cookie who is signed in: here the session's token
TO_END = "to-end"  # in the cookie, the hash of a session that the database could not end yet


def open_session(member_id: int, device_id: int) -> str:
    """A new session of the member; its token, which stands nowhere else. The caller commits."""
    token = secrets.token_urlsafe(32)
    db.session.add(MemberSession(member_id=member_id, device_id=device_id, token_hash=hash_of(token)))
    db.session.flush()
    return token


def hash_of(token: str) -> str:
    """A token as its row holds it; of 256 random bits, so that nothing has to slow a guess down."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_over(opened_at: datetime, seen_at: datetime) -> bool:
    """Whether a session has ended by time. Dates far ahead, by a clock that was put right since, end it as well."""
    moment = now()
    return abs(moment - opened_at) > LONGEST or abs(moment - seen_at) > IDLE


def take_up(token: str) -> None:
    """Put a new session into this browser's cookie, and nothing of an earlier one: what was fixed before signing in is
    worth nothing after it."""
    session.clear()
    session[IN_COOKIE], session["_fresh"] = token, True
    session.permanent = True


def left_behind() -> list[str]:
    """The hashes of sessions that this browser's cookie speaks of."""
    hashes = [hash_of(str(session[IN_COOKIE]))] if IN_COOKIE in session else []
    return [*hashes, str(session[TO_END])] if TO_END in session else hashes


def leave() -> str:
    """End this browser's session. Empty, or why the database cannot do it now: then the browser is signed out all the
    same, and its next page ends the session on our side (end_left_behind)."""
    hashes = left_behind()
    session.clear()
    try:
        end(hashes)
        db.session.commit()
    except outages.ERRORS as error:
        session[TO_END] = hashes[0]
        outages.forget_database()
        return outages.why(error)
    return ""


def end_left_behind() -> None:
    """End what an earlier request could not, if the database can now."""
    with outages.mark_that_may_wait():
        end([str(session[TO_END])])
        db.session.commit()
        session.pop(TO_END)


def end(hashes: list[str]) -> None:
    """End the sessions of these hashes; the caller commits."""
    if hashes:
        db.session.execute(delete(MemberSession).where(MemberSession.token_hash.in_(hashes)))


def end_own(viewer: Viewer, public_id: int) -> bool:
    """End one of the viewer's sessions; whether it was theirs to end. The caller commits."""
    own = (MemberSession.public_id == public_id, MemberSession.member_id == viewer.member_id)
    return bool(rows_changed(delete(MemberSession).where(*own)))


def is_open(session_id: int) -> bool:
    """Whether a session still has its row."""
    return db.session.scalar(select(MemberSession.id).where(MemberSession.id == session_id)) is not None


def end_all(member_id: int) -> None:
    """Sign a member out everywhere; the caller commits."""
    db.session.execute(delete(MemberSession).where(MemberSession.member_id == member_id))


@background.sweep("slow")
def take_out_what_is_over() -> None:
    """Sessions that ended by time, devices not used for long, tries that count no more."""
    moment = now()
    ended = or_(MemberSession.seen_at < moment - IDLE - GONE, MemberSession.opened_at < moment - LONGEST - GONE)
    has_session = select(MemberSession.id).where(MemberSession.device_id == KnownDevice.id).exists()
    unused = (KnownDevice.used_at < moment - devices.KEPT, ~has_session)
    for model, over in (
        (MemberSession, (ended,)),
        (KnownDevice, unused),
        (pacing.Pace, (pacing.is_forgotten(moment),)),
    ):
        if db.session.scalar(select(1).select_from(model).where(*over).limit(1)):  # else nobody waits for a write
            db.session.execute(delete(model).where(*over).execution_options(synchronize_session=False))
        db.session.commit()
