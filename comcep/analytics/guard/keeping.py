"""What somebody keeps of what the guard asked about: written in the journal, and remembered from there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from comcep.access.viewer import Viewer
from comcep.analytics.guard import Finding, NotForTheCommittee, findings
from comcep.analytics.guard.readings import Typed
from comcep.extensions import db
from comcep.moderation import journal
from comcep.moderation.journal import Act
from comcep.moderation.models import JournalEntry


@dataclass(frozen=True)
class Of:
    """What the words are of: a digest, a theme…, as the journal names it; without a number, nothing is remembered."""

    kind: str
    public_id: int | None = None


def require_cleared(viewer: Viewer, typed: Sequence[Typed], of: Of, confirmed: Collection[str] = ()) -> None:
    """Let words go to the committee. confirmed: what the viewer read and keeps. Raises NotForTheCommittee."""
    if left := not_kept(viewer, findings(viewer, typed), of, confirmed):
        raise NotForTheCommittee(left)


def not_kept(viewer: Viewer, found: Sequence[Finding], of: Of, confirmed: Collection[str]) -> list[Finding]:
    """What is left of what was found, without what is kept, now or before; what is kept now is in the journal, even if
    the rest refuses. Commits."""
    kept = _kept_before(of)
    now_kept = {each.words for each in found if each.may_confirm and each.words in confirmed} - kept
    for words in sorted(now_kept):
        journal.record(viewer, Act("confirm-word", of.kind, of.public_id, detail=words))
    if now_kept:
        db.session.commit()
    return [each for each in found if not (each.may_confirm and each.words in kept | now_kept)]


def _kept_before(of: Of) -> set[str]:
    if of.public_id is None:
        return set()
    lines = select(JournalEntry.detail).where(
        JournalEntry.kind == "confirm-word",
        JournalEntry.subject_type == of.kind,
        JournalEntry.subject_public_id == of.public_id,
    )
    return set(db.session.scalars(lines))
