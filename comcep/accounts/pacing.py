"""How often one may try, and how long one waits then: a growing delay, never without an end, nor for somebody else.

What is tried, by whom, is said by the callers: signing in (signing_in.py), asking to join, mails to an address.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import current_app
from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from comcep.accounts.models import Pace
from comcep.clock import now
from comcep.extensions import db, rows_changed
from comcep.web.errors import TooManyAttempts

NONE = timedelta()


@dataclass(frozen=True)
class Rule:
    """So many tries without waiting; then a delay that doubles up to the longest; all forgotten after a quiet time."""

    free: int
    first: timedelta
    longest: timedelta
    forgotten: timedelta

    def delay(self, tries: int) -> timedelta:
        """How long the next try waits after so many."""
        if tries < self.free:
            return NONE
        return min(self.first * 2 ** min(tries - self.free, 20), self.longest)


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = {
    # A person who mistypes, or guesses, at one address from one place.
    "sign-in": Rule(10, MINUTE / 2, 15 * MINUTE, 12 * HOUR),
    # Everybody at one address from places it does not know. Short at its longest: its owner may be on a new device.
    "address": Rule(100, MINUTE / 12, MINUTE, HOUR),
    # Everybody behind one connection that no account knows: an office, or somebody with a list of addresses.
    "client": Rule(100, MINUTE / 12, MINUTE, HOUR),
    # A device at an account that knows it: others may guess as they like, this one's owner passes.
    "device": Rule(10, MINUTE / 4, 2 * MINUTE, HOUR),
    "joining": Rule(20, MINUTE / 6, 2 * MINUTE, HOUR),
    # Mails to one address, whoever asks. The longest is below the age of a link: one that works is always in the box.
    "reset-mail": Rule(1, 10 * MINUTE, 90 * MINUTE, 24 * HOUR),
    "joining-mail": Rule(3, 10 * MINUTE, 24 * HOUR, 48 * HOUR),
}
KEPT = max(rule.forgotten for rule in RULES.values())
_CONTESTED = 20  # times that another may come first before this one waits


def wait_of(kind: str, subject: str) -> timedelta:
    """Count one try and let it pass: no wait; or count nothing, and the time until the next may pass.

    The row is held until the caller commits. Of many at once each is counted, in turn.
    """
    if not current_app.config["RATELIMIT_ENABLED"]:
        return NONE
    rule, key = RULES[kind], _key(kind, subject)
    for _ in range(_CONTESTED):
        row = db.session.execute(select(Pace.tries, Pace.last_at, Pace.free_at).where(*key)).first()
        moment = now()
        if row is None:
            if _is_first(kind, subject, moment, rule):
                return NONE
            continue
        wait = row.free_at - moment if row.tries >= rule.free else NONE
        if NONE < wait <= rule.longest:  # beyond it: a clock was ahead, and put right since
            return wait
        tries = 1 if abs(moment - row.last_at) > rule.forgotten else row.tries + 1
        counted = {"tries": tries, "last_at": moment, "free_at": moment + rule.delay(tries)}
        as_seen = (*key, Pace.tries == row.tries, Pace.last_at == row.last_at)
        if rows_changed(update(Pace).where(*as_seen).values(**counted)):
            return NONE
    return rule.delay(rule.free)


def count(tries: dict[str, str]) -> None:
    """Count one try for each of these subjects, by kind; the caller commits.

    Raises TooManyAttempts when one has to wait; the try then counts nowhere, or whoever hammers would hold the door
    for good.
    """
    for kind, subject in tries.items():
        wait = wait_of(kind, subject)
        if wait > NONE:
            db.session.rollback()
            raise TooManyAttempts(wait)


def forget(kind: str, subject: str) -> None:
    """The subject starts anew; the caller commits."""
    db.session.execute(delete(Pace).where(*_key(kind, subject)))


def give_back(kind: str, subject: str) -> None:
    """One try that was none after all; the caller commits."""
    counted = (*_key(kind, subject), Pace.tries > 0)
    db.session.execute(update(Pace).where(*counted).values(tries=Pace.tries - 1, free_at=now()))


def client_of(address: str) -> str:
    """Whom a network address stands for: an IPv6 network of 64 bits is one connection, whatever its end."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or IPv6Address(int(known) >> 64 << 64))
    return str(known)


def hidden(subject: str) -> str:
    """An address, a client or a device as tables hold it."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), subject.encode(), hashlib.sha256).hexdigest()


def is_forgotten(moment: datetime) -> Any:
    """Condition over Pace: no rule counts it any more, or it comes from a clock that was ahead."""
    return or_(Pace.last_at < moment - KEPT, Pace.last_at > moment + KEPT)


def _is_first(kind: str, subject: str, moment: datetime, rule: Rule) -> bool:
    """Write the first try of a subject, unless another comes first. PostgreSQL counts no rows of such a statement:
    what it returns tells."""
    first = {"kind": kind, "subject": hidden(subject), "tries": 1, "last_at": moment, "free_at": moment + rule.delay(1)}
    written = _insert().values(**first).on_conflict_do_nothing().returning(Pace.tries)
    return db.session.execute(written).first() is not None


def _key(kind: str, subject: str) -> tuple[Any, Any]:
    return Pace.kind == kind, Pace.subject == hidden(subject)


def _insert() -> Any:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(Pace)
