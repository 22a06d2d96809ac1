"""Mails of the account itself: confirm an address, somebody used yours, a new password. Anybody who knows an address
can have them sent there, so they are spaced for each address, whoever asks, and nobody is told: those about joining
here, links to a new password where they are asked for (accounts/resetting.py).

What becomes of a request to join is told by notifying.py, to referents by joining.py.
"""

from collections.abc import Iterator
from typing import Any

from flask import current_app
from sqlalchemy import or_, select, update

from comcep.accounts import pacing, tokens
from comcep.accounts.models import Member
from comcep.extensions import background, db
from comcep.notify import letters
from comcep.notify.letters import Letter
from comcep.notify.models import Mail
from comcep.sweeping.aside import one_by_one

BATCH = 100
ABOUT_JOINING = ("confirm", "known")
_NOTHING_DUE: dict[str, Any] = dict.fromkeys(
    ("confirmation_due_at", "known_address_due_at", "password_reset_due_at"), None
)


@background.sweep("news")
def write_account_mails() -> None:
    """Write what is due, one transaction a member."""
    due = or_(*(getattr(Member, mark).is_not(None) for mark in _NOTHING_DUE))
    waiting = list(db.session.scalars(select(Member.id).where(due).order_by(Member.id).limit(BATCH)))
    one_by_one("account", waiting, _write_due, _give_up)


def _write_due(member_id: int) -> None:
    # Held until commit: of two processes at once the second finds nothing due any more.
    held = select(Member).where(Member.id == member_id).with_for_update()
    member = db.session.scalars(held).one()
    for kind, letter in _due(member):
        if not _has_had_enough(member, kind):
            db.session.add(Mail(member_id=member_id, kind=kind, subject=letter.subject, body=letter.body))
    for mark, nothing in _NOTHING_DUE.items():
        setattr(member, mark, nothing)
    db.session.commit()


def _due(member: Member) -> Iterator[tuple[str, Letter]]:
    """Kinds and letters. Who forgot a password before confirming the address gets the link that does both: it shows
    what was asked with the address, which may have been asked by somebody else."""
    link = current_app.config["PUBLIC_ADDRESS"]
    is_confirmed = member.address_confirmed_at is not None
    if not is_confirmed and (member.confirmation_due_at or member.password_reset_due_at):
        yield "confirm", letters.confirm(f"{link}/rejoindre/adresse/{tokens.token_for(member, tokens.CONFIRMATION)}")
    if is_confirmed and member.known_address_due_at:
        yield "known", letters.known_address(f"{link}/connexion", f"{link}/mot-de-passe")
    if is_confirmed and member.password_reset_due_at:
        yield "reset", letters.new_password(f"{link}/mot-de-passe/{tokens.token_for(member, tokens.RESET)}")


def _has_had_enough(member: Member, kind: str) -> bool:
    """Those before still hold their link, so that one more would bring nothing."""
    return kind in ABOUT_JOINING and pacing.wait_of("joining-mail", member.email) > pacing.NONE


def _give_up(member_id: int) -> None:
    db.session.execute(update(Member).where(Member.id == member_id).values(**_NOTHING_DUE))


def mails_about_joining(address: str) -> list[Mail]:
    """Those sent to an address, newest first, for the mailbox of a demo."""
    to_address = select(Mail).join(Member, Member.id == Mail.member_id).where(Member.email == address)
    sent = to_address.where(Mail.kind.in_(ABOUT_JOINING), Mail.sent_at.is_not(None))
    return list(db.session.scalars(sent.order_by(Mail.id.desc()).limit(10)))
