"""A forgotten password: a link by mail, and the new one chosen behind it. Never refused: who has the mailbox gets in.

The mail is written by notify/notifying.py from the mark left here; the link is tokens.py.
"""

from sqlalchemy import update

from comcep.accounts import devices, pacing, passwords
from comcep.accounts.models import Member
from comcep.accounts.signing_in import Place
from comcep.clock import now
from comcep.extensions import db, rows_changed


def ask(address: str) -> None:
    """Have a link sent, unless one was a moment ago, which still serves. Alike for an address that nobody has."""
    if not pacing.wait_of("reset-mail", address):
        active = (Member.email == address, Member.state == "active")
        db.session.execute(update(Member).where(*active).values(password_reset_due_at=now()))
    db.session.commit()


def choose(member: Member, password: str, place: Place) -> str | None:
    """Give the account its new password, end every session and forget every device but this one: the cookie by which it
    is known, so that guesses of others keep nobody waiting here. None when the link was used meanwhile."""
    password_hash = passwords.hash_password(password)
    as_seen = (Member.id == member.id, Member.session_key == member.session_key)
    pacing.forget("reset-mail", member.email)  # the link in the last mail is void then; held in the order of ask()
    changed = {"password_hash": password_hash, "session_key": passwords.new_session_key()}
    if not rows_changed(update(Member).where(*as_seen).values(**changed)):
        db.session.rollback()
        return None
    devices.forget_all(member.id)
    cookie = devices.remember(member, "", place.user_agent)[1]
    db.session.commit()
    return cookie
