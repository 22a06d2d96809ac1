"""Asking to join, from the form to the confirmed address. Whoever reads the mailbox says who they are and chooses the
password; what was typed with the address before is a proposal that they see and put right.

A known address gets the same answer as a new one; its owner is told by mail, nobody else is. How a request reaches its
network, and asking again, live in asking.py.
"""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import exists, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from comcep.accounts import devices, pacing, passwords
from comcep.accounts.models import Member, Network, Region
from comcep.accounts.signing_in import normal_address
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

    Raises TooManyAttempts when too many have asked from one connection.
    """
    pacing.count({"joining": pacing.client_of(client)})
    _note(normal_address(address), asker)
    background.wake(current_app)


def _note(address: str, asker: Asker) -> None:
    """Note what is asked with the address, or that its owner is to be told, by the same statements for an address that
    is new, waits or is known: how long it takes tells as little as the answer."""
    member_id = _account_of(address, asker)
    own, waits = Member.id == member_id, Member.address_confirmed_at.is_(None)
    said = {"name": clean_line(asker.name), "network_id": asker.network.id, "region_id": asker.region.id}
    _execute(update(Member).where(own, waits).values(**said, confirmation_due_at=now()))
    _execute(update(Member).where(own, ~waits).values(known_address_due_at=now()))
    request = (MembershipRequest.member_id == member_id, MembershipRequest.state == "waiting")
    asked = {
        "network_id": asker.network.id,
        "asks_as": asking.standing_asked(asker.network, asker.position),
        "created_at": now(),
    }
    of_unconfirmed = exists().where(own, waits)
    _execute(update(MembershipRequest).where(*request, of_unconfirmed).values(**asked))
    first = select(*(literal(value) for value in (member_id, *asked.values())))
    first = first.where(of_unconfirmed, ~exists().where(*request))
    _execute(insert(MembershipRequest).from_select(["member_id", *asked], first))
    db.session.commit()


def _account_of(address: str, asker: Asker) -> int:
    """The key of the account that has the address, held; where there is none, one is noted that no password fits."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    noted = {
        "email": address,
        "name": clean_line(asker.name),
        "password_hash": "",
        "session_key": passwords.new_session_key(),
        "is_demo": current_app.config["DEMO"],
    }
    _execute(dialect.insert(Member).values(**noted).on_conflict_do_nothing(index_elements=["email"]))
    return db.session.scalars(select(Member.id).where(Member.email == address).with_for_update()).one()


def _execute(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


def asked_with(member: Member) -> MembershipRequest | None:
    """The request that waits for the member's address to be confirmed."""
    own = select(MembershipRequest).where(MembershipRequest.member_id == member.id)
    return db.session.scalar(own.where(MembershipRequest.state == "waiting").order_by(MembershipRequest.id.desc()))


def send_link_again(address: str, client: str) -> None:
    """Have the link sent once more to an address that waits for it; a known one is told that it has an account.

    Raises TooManyAttempts as ask_to_join does. How many mails an address gets is the sweep's to limit (notify).
    """
    pacing.count({"joining": pacing.client_of(client)})
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
    member.session_key = passwords.new_session_key()
    devices.forget_all(member.id)
    asking.reach_network(_write_down(member, asker))
    db.session.commit()
    background.wake(current_app)


def _write_down(member: Member, asker: Asker) -> MembershipRequest:
    """What the member says becomes the one request of theirs that waits."""
    member.name = clean_line(asker.name)
    member.network_id, member.region_id = asker.network.id, asker.region.id
    request = asked_with(member) or MembershipRequest(member_id=member.id)
    request.network_id = asker.network.id
    request.asks_as = asking.standing_asked(asker.network, asker.position)
    db.session.add(request)
    return request
