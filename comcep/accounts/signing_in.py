"""Signing in and out, and the limits on trying. The same answer, in the same time, whether an address is known or
not."""

import hashlib
import hmac
from datetime import timedelta

from flask import current_app
from sqlalchemy import and_, delete, func, or_, select

from comcep.accounts import passwords
from comcep.accounts.models import Attempt, Member
from comcep.clock import now
from comcep.extensions import db
from comcep.web.errors import TooManyAttempts

WINDOW = timedelta(minutes=15)
# Per address: a person who mistypes; per client: an office of advisers behind one connection.
LIMITS = {"sign-in": 10, "sign-in-client": 100, "sign-up-client": 20, "reset": 5}


def normal_address(address: str) -> str:
    """An e-mail address as accounts hold it."""
    return address.strip().lower()


def member_with_password(address: str, password: str, client: str) -> Member | None:
    """The active member of that address and password, or nobody.

    Raises TooManyAttempts past ten wrong tries for an address or a hundred for a client within 15 minutes.
    """
    address = normal_address(address)
    tries = [count_attempt("sign-in", address), count_attempt("sign-in-client", client)]
    member = db.session.scalar(select(Member).where(Member.email == address))
    if not passwords.is_right(member.password_hash if member else None, password):
        return None
    if member is None or member.state != "active":
        return None
    _forgive(address, tries)
    return member


def count_attempt(kind: str, subject: str) -> int | None:
    """Count one try in a transaction of its own; its key. Raises TooManyAttempts past the limit of the window."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return None
    key, since = _hidden(subject), now() - WINDOW
    attempt = Attempt(kind=kind, subject=key)
    db.session.add(attempt)
    db.session.execute(delete(Attempt).where(Attempt.at < now() - timedelta(hours=1)))
    tries = db.session.scalar(
        select(func.count()).where(Attempt.kind == kind, Attempt.subject == key, Attempt.at > since)
    )
    db.session.commit()
    if (tries or 0) > LIMITS[kind]:
        raise TooManyAttempts
    return attempt.id


def _forgive(address: str, tries: list[int | None]) -> None:
    """Whoever signs in is no guesser: their address starts anew, their client gets back this one try."""
    of_address = (Attempt.kind == "sign-in", Attempt.subject == _hidden(address))
    db.session.execute(delete(Attempt).where(or_(and_(*of_address), Attempt.id.in_([t for t in tries if t]))))
    db.session.commit()


def _hidden(subject: str) -> str:
    """An address or a client as the table holds it: nobody reads there who tried."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), subject.encode(), hashlib.sha256).hexdigest()


def end_sessions(member: Member) -> None:
    """Sign the member out everywhere; the caller commits."""
    member.session_key = passwords.new_session_key()
