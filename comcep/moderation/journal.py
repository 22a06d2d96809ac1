"""The journal: what was done by virtue of a role, chained by hashes so that a line taken out or changed shows.

Lines name the thing by its public id, never by its title or words (leaks-elsewhere #7).
"""

import hashlib
import hmac
import json
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select, update

from comcep.access.viewer import Viewer
from comcep.accounts.models import SiteFact
from comcep.clock import now
from comcep.extensions import db, rows_changed
from comcep.moderation.acts import require_words
from comcep.moderation.models import JournalEntry
from comcep.secrets_file import secret

_CHAIN = "journal"
_START = "0" * 64


@dataclass(frozen=True)
class Act:
    """Something done: its kind, the thing it was done to, the section it happened in, why, and what changed.

    Raises ValueError for a kind without words."""

    kind: str
    subject_type: str
    subject_public_id: int | None = None
    section_id: int | None = None
    reason: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        require_words(self.kind, self.subject_type)


def record(viewer: Viewer | None, act: Act) -> JournalEntry:
    """Add a line to the journal, in the caller's transaction."""
    previous = _last_hash()
    entry = JournalEntry(
        at=now(),
        kind=act.kind,
        actor_id=viewer.member_id if viewer else None,
        subject_type=act.subject_type,
        subject_public_id=act.subject_public_id,
        section_id=act.section_id,
        reason=act.reason,
        detail=act.detail,
        previous_hash=previous,
    )
    entry.hash = _hash(entry)
    db.session.add(entry)
    db.session.execute(update(SiteFact).where(SiteFact.key == _CHAIN).values(value=entry.hash))
    return entry


def has_done(viewer: Viewer, kind: str, subject_public_id: int) -> bool:
    """Whether the journal holds that act of the viewer on that thing."""
    own = (JournalEntry.actor_id == viewer.member_id, JournalEntry.kind == kind)
    line = select(JournalEntry.id).where(*own, JournalEntry.subject_public_id == subject_public_id)
    return db.session.scalar(line.limit(1)) is not None


def first_broken_line() -> int | None:
    """The key of the first line that does not follow from the one before; none when the chain holds to its end."""
    previous = _START
    for entry in db.session.scalars(select(JournalEntry).order_by(JournalEntry.id)):
        if entry.previous_hash != previous or entry.hash != _hash(entry):
            return entry.id
        previous = entry.hash
    held = db.session.scalar(select(SiteFact.value).where(SiteFact.key == _CHAIN))
    return 0 if held not in (None, previous) else None


def _last_hash() -> str:
    """The end of the chain; its row stays locked until commit, so that two writers cannot fork it."""
    touched = rows_changed(update(SiteFact).where(SiteFact.key == _CHAIN).values(value=SiteFact.value))
    if touched == 0:
        db.session.add(SiteFact(key=_CHAIN, value=_START))
    return db.session.scalar(select(SiteFact.value).where(SiteFact.key == _CHAIN)) or _START


def _hash(entry: JournalEntry) -> str:
    """Keyed: whoever can change a line in the database still cannot make it fit."""
    line = json.dumps(
        [
            entry.previous_hash,
            entry.at.isoformat(),
            entry.kind,
            entry.actor_id,
            entry.subject_type,
            entry.subject_public_id,
            entry.section_id,
            entry.reason,
            entry.detail,
        ]
    )
    key = secret(current_app.config["DATA"], "journal").encode()
    return hmac.new(key, line.encode(), hashlib.sha256).hexdigest()
