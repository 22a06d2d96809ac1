"""Places of people: roles, referents of networks, groups, and the end of a membership. Each act is a line of the
journal and is told to whom it concerns (notify); who may ask for it is the caller's matter: the command line today.

Naming an animator or a network's first referent is journalled; the second approval it will need comes with its pages.
A standing is a network's to give (membership/deciding.py): nothing here gives one. What is taken away is gone with the
next request: a Viewer is built for each.
"""

from flask_babel import gettext as _
from sqlalchemy import Select, delete, func, select

from comcep.access.permissions import is_vouched_for, may_hold
from comcep.access.viewer import NONE
from comcep.accounts.models import Group, GroupMember, Member, Network, Referent
from comcep.clock import now
from comcep.extensions import db, rows_changed
from comcep.moderation import journal
from comcep.moderation.acting import NotPossible
from comcep.moderation.journal import Act
from comcep.moderation.signals import appointed

ROLES = {"admin": "is_admin", "animator": "is_animator", "committee": "is_committee"}
_CANNOT_END = ("admin", "animator")  # roles without which the site has nobody to do what only they may


class LastOne(NotPossible):
    """Nobody would be left in this place; the caller may insist."""


def grant(member: Member, role: str) -> bool:
    """Give a role; whether anything changed. The caller commits. Raises NotPossible."""
    _require_active(member)
    if not may_hold(member.standing, role):
        raise NotPossible(
            _("L'animation se choisit parmi les conseillers que leur réseau a acceptés.")
            if role == "animator"
            else _("Le comité opérationnel se compose de hors pairs que leur réseau a acceptés.")
        )
    if getattr(member, ROLES[role]):
        return False
    setattr(member, ROLES[role], True)
    _record(member, "name-admin" if role == "admin" else "name-animator" if role == "animator" else "name-committee")
    return True


def withdraw(member: Member, role: str, even_the_last: bool = False) -> bool:
    """Take a role back; whether anything changed. The caller commits. Raises LastOne."""
    if not getattr(member, ROLES[role]):
        return False
    if role in _CANNOT_END and not even_the_last:
        _require_another(member, role)
    setattr(member, ROLES[role], False)
    _record(
        member,
        "withdraw-admin" if role == "admin" else "withdraw-animator" if role == "animator" else "withdraw-committee",
    )
    return True


def _require_another(member: Member, role: str) -> None:
    # All of them held: of two withdrawals at once the second counts after the first.
    held = getattr(Member, ROLES[role])
    holders = select(Member.id).where(held, Member.state == "active").order_by(Member.id).with_for_update()
    if set(db.session.scalars(holders)) <= {member.id}:
        raise LastOne(
            _("C'est la dernière personne de l'administration technique.")
            if role == "admin"
            else _("C'est la dernière personne de l'animation.")
        )


def add_referent(member: Member, network: Network) -> bool:
    """Have somebody speak for a network; whether anything changed. The caller commits. Raises NotPossible."""
    _require_active(member)
    if db.session.scalar(_as_referent(member, network)) is not None:
        return False
    # Due: requests that nobody was there to answer may wait.
    db.session.add(Referent(member_id=member.id, network_id=network.id, requests_due_at=now()))
    _record(member, "name-referent", network.name, network.slug)
    return True


def remove_referent(member: Member, network: Network, even_the_last: bool = False) -> bool:
    """Have somebody speak for a network no more; whether anything changed. The caller commits. Raises LastOne."""
    place = db.session.scalar(_as_referent(member, network))
    if place is None:
        return False
    others = select(func.count()).where(Referent.network_id == network.id, Referent.member_id != member.id)
    if not even_the_last and not db.session.scalar(others):
        raise LastOne(_("Personne d'autre ne répond aux demandes de %(network)s.", network=network.name))
    db.session.delete(place)
    _record(member, "withdraw-referent", network.name, network.slug)
    return True


def _as_referent(member: Member, network: Network) -> Select[Referent]:
    return select(Referent).where(Referent.member_id == member.id, Referent.network_id == network.id)


def join_group(member: Member, group: Group) -> bool:
    """Put an adviser into a group of peers; whether anything changed. The caller commits. Raises NotPossible."""
    _require_active(member)
    if not may_hold(member.standing, "group"):
        raise NotPossible(_("Un groupe réunit des conseillers que leur réseau a acceptés."))
    known = select(GroupMember).where(GroupMember.member_id == member.id, GroupMember.group_id == group.id)
    if db.session.scalar(known) is not None:
        return False
    db.session.add(GroupMember(group_id=group.id, member_id=member.id))
    _record(member, "join-group", group.name)
    return True


def leave_group(member: Member, group: Group) -> bool:
    """Take somebody out of a group; whether anything changed. The caller commits."""
    place = delete(GroupMember).where(GroupMember.member_id == member.id, GroupMember.group_id == group.id)
    if not rows_changed(place):
        return False
    _record(member, "leave-group", group.name)
    return True


def end_membership(member: Member, reason: str, even_the_last: bool = False) -> bool:
    """Take back the standing a network gave, and what rests on it: animation, committee, groups. A referent or
    administrator stays one. What they wrote stays. Whether anything changed; the caller commits. Raises LastOne."""
    if not is_vouched_for(member.standing):
        return False
    for role in ("animator", "committee"):
        withdraw(member, role, even_the_last)
    in_groups = select(Group).join(GroupMember, GroupMember.group_id == Group.id)
    for group in list(db.session.scalars(in_groups.where(GroupMember.member_id == member.id))):
        leave_group(member, group)
    member.standing = NONE
    _record(member, "end-membership", reason=reason)
    return True


def _require_active(member: Member) -> None:
    if member.state != "active":
        raise NotPossible(_("Ce compte est suspendu ou fermé : rien ne peut lui être confié."))
    if member.address_confirmed_at is None:
        raise NotPossible(_("L'adresse de ce compte n'est pas encore confirmée par qui en lit les courriels."))


def _record(member: Member, kind: str, place: str = "", detail: str = "", reason: str = "") -> None:
    """A line of the journal, and word to whom it concerns, with the act in one transaction."""
    appointed.send(member, kind=kind, place=place, reason=reason)
    journal.record(None, Act(kind, "member", member.public_id, reason=reason, detail=detail))
