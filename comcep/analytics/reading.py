"""Digests as the committee and the animators see them."""

from flask import abort
from sqlalchemy import select

from comcep.analytics.models import Digest
from comcep.extensions import db


def published_digests() -> list[Digest]:
    """Newest period first."""
    published = select(Digest).where(Digest.published_at.is_not(None))
    return list(db.session.scalars(published.order_by(Digest.ends_on.desc())))


def published_digest_or_404(public_id: int) -> Digest:
    """A published digest; a draft does not exist for its readers."""
    wanted = select(Digest).where(Digest.public_id == public_id, Digest.published_at.is_not(None))
    return db.session.scalar(wanted) or abort(404)


def drafts() -> list[Digest]:
    waiting = select(Digest).where(Digest.published_at.is_(None))
    return list(db.session.scalars(waiting.order_by(Digest.ends_on.desc())))


def draft_or_404(public_id: int) -> Digest:
    wanted = select(Digest).where(Digest.public_id == public_id, Digest.published_at.is_(None))
    return db.session.scalar(wanted) or abort(404)
