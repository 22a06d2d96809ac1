"""Signed links sent by mail: to confirm an address, to choose a new password. They hold no secret and expire."""

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select

from comcep.accounts.models import Member
from comcep.extensions import db

CONFIRMATION = "confirm-address"
RESET = "reset-password"
AGES = {CONFIRMATION: 14 * 24 * 3600, RESET: 2 * 3600}  # seconds


def token_for(member: Member, purpose: str) -> str:
    """A link's token. It holds the session key, so a changed password makes older links void."""
    return _serializer(purpose).dumps([member.public_id, member.session_key])


def member_of_token(token: str, purpose: str) -> Member | None:
    """The member a token was made for; nobody when it is wrong, too old or used."""
    try:
        public_id, session_key = _serializer(purpose).loads(token, max_age=AGES[purpose])
    except (BadSignature, ValueError, TypeError):
        return None
    member = db.session.scalar(select(Member).where(Member.public_id == public_id))
    return member if member is not None and member.session_key == session_key else None


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=purpose)
