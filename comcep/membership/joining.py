"""Asking to join. A known address gets the same answer as a new one; its owner is told by mail, nobody else is."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from comcep.accounts import passwords
from comcep.accounts.models import Member, Network, Region
from comcep.accounts.signing_in import count_attempt, normal_address
from comcep.clock import now
from comcep.extensions import background, db
from comcep.membership.models import MembershipRequest
from comcep.text.cleaning import clean_line


@dataclass(frozen=True)
class Asker:
    """What somebody says of themselves when they ask to join."""

    name: str
    email: str
    password: str
    network: Network
    region: Region
    position: str


def ask_to_join(asker: Asker, client: str, address_is_confirmed: bool) -> None:
    """Create the account without any standing, and the request its network will answer.

    address_is_confirmed: demo mode, where no mail leaves the machine. Raises TooManyAttempts past twenty tries of one
    client in 15 minutes.
    """
    count_attempt("sign-up-client", client)
    password_hash = passwords.hash_password(asker.password)  # before the look-up: the same time for a known address
    try:
        _create(asker, password_hash, address_is_confirmed)
    except IntegrityError:
        db.session.rollback()
        known = db.session.scalar(select(Member).where(Member.email == normal_address(asker.email)))
        if known is not None:
            known.known_address_due_at = now()
            db.session.commit()
    background.wake(current_app)


def _create(asker: Asker, password_hash: str, address_is_confirmed: bool) -> None:
    member = Member(
        email=normal_address(asker.email),
        name=clean_line(asker.name),
        password_hash=password_hash,
        session_key=passwords.new_session_key(),
        network_id=asker.network.id,
        region_id=asker.region.id,
        address_confirmed_at=now() if address_is_confirmed else None,
        confirmation_due_at=None if address_is_confirmed else now(),
        is_demo=address_is_confirmed,
    )
    db.session.add(member)
    db.session.flush()
    # A partner body has no advisers: whoever asks there asks as a hors pair.
    asks_as = "head" if asker.network.kind == "partner" else asker.position
    db.session.add(MembershipRequest(member_id=member.id, network_id=asker.network.id, asks_as=asks_as))
    db.session.commit()


def confirm_address(member: Member) -> None:
    """The link in the mail was followed: the referent sees the request from now on."""
    if member.address_confirmed_at is None:
        member.address_confirmed_at = now()
        db.session.commit()
