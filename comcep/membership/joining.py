"""Asking to join, from the form to the confirmed address. Whoever reads the mailbox says who they are and chooses the
password; what was typed with the address before is a proposal that they see and put right.

A known address gets the same answer as a new one; its owner is told by mail, nobody else is. How a request reaches its
network, and asking again, live in asking.py.
"""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from comcep.accounts import passwords
from comcep.accounts.models import Member, Network, Region
from comcep.accounts.signing_in import count_attempt, end_sessions, normal_address
from comcep.clock import now
from comcep.extensions import background, db, rows_changed
from comcep.membership import asking
from comcep.membership.models import MembershipRequest
from comcep.text.cleaning import clean_line


@dataclass(frozen=True)
class Asker:
    """What somebody says of themselves when they ask to join."""

    name: str
    network: Network
    region: Region
    position: str


class AlreadyConfirmed(Exception):
    """The link has served; nothing was changed."""


def ask_to_join(address: str, asker: Asker, client: str) -> None:
    """Note what is asked with an address, in place of what was asked before, and have a link sent there.

    Raises TooManyAttempts past twenty tries of one client in 15 minutes.
    """
    count_attempt("sign-up-client", client)
    try:
        _note(normal_address(address), asker)
    except IntegrityError:  # asked twice at once: the second finds what the first noted
        db.session.rollback()
        _note(normal_address(address), asker)
    background.wake(current_app)


def _note(address: str, asker: Asker) -> None:
    member = db.session.scalar(select(Member).where(Member.email == address).with_for_update())
    if member is None:
        member = Member(
            email=address,
            name=clean_line(asker.name),
            password_hash="",
            session_key=passwords.new_session_key(),
            is_demo=current_app.config["DEMO"],
        )
        db.session.add(member)
        db.session.flush()
    if member.address_confirmed_at is None:
        _write_down(member, asker)
        member.confirmation_due_at = now()
    else:
        member.known_address_due_at = now()
    db.session.commit()


def _write_down(member: Member, asker: Asker) -> MembershipRequest:
    """What is asked becomes the one request of a member whose address is not confirmed."""
    member.name = clean_line(asker.name)
    member.network_id, member.region_id = asker.network.id, asker.region.id
    request = asked_with(member) or MembershipRequest(member_id=member.id)
    request.network_id = asker.network.id
    request.asks_as = asking.standing_asked(asker.network, asker.position)
    request.created_at = now()
    db.session.add(request)
    return request


def asked_with(member: Member) -> MembershipRequest | None:
    """The request that waits for the member's address to be confirmed."""
    own = select(MembershipRequest).where(MembershipRequest.member_id == member.id)
    return db.session.scalar(own.where(MembershipRequest.state == "waiting").order_by(MembershipRequest.id.desc()))


def send_link_again(address: str, client: str) -> None:
    """Have the link sent once more to an address that waits for it; a known one is told that it has an account.

    Raises TooManyAttempts as ask_to_join does. How many mails an address gets is the sweep's to limit (notify).
    """
    count_attempt("sign-up-client", client)
    of_address = (Member.email == normal_address(address), Member.state == "active")
    for is_confirmed, mark in ((False, "confirmation_due_at"), (True, "known_address_due_at")):
        confirmed = Member.address_confirmed_at.is_not(None)
        db.session.execute(update(Member).where(*of_address, confirmed == is_confirmed).values(**{mark: now()}))
    db.session.commit()
    background.wake(current_app)


def confirm(member: Member, asker: Asker, password: str) -> None:
    """Take the word of who followed the link: name, network, function, password. Their network sees the request now.

    Raises AlreadyConfirmed for a link that has served. Links sent before, and sessions, are void afterwards.
    """
    password_hash = passwords.hash_password(password)
    unconfirmed = (Member.id == member.id, Member.address_confirmed_at.is_(None))
    if not rows_changed(update(Member).where(*unconfirmed).values(address_confirmed_at=now())):
        db.session.rollback()
        raise AlreadyConfirmed
    member.password_hash = password_hash
    end_sessions(member)
    asking.reach_network(_write_down(member, asker))
    db.session.commit()
    background.wake(current_app)
