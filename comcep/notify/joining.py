"""Around a request to join: referents are told that one waits, people what they were named, and an address that nobody
confirmed is forgotten. What a network decided is told by notifying.py."""

from datetime import timedelta

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy import delete, exists, select, update

from comcep.accounts.models import Member, Referent
from comcep.accounts.viewing import viewer_of_member
from comcep.clock import now
from comcep.extensions import background, db
from comcep.membership.models import MembershipRequest
from comcep.membership.reading import count_waiting
from comcep.moderation.signals import appointed
from comcep.notify import letters
from comcep.notify.models import Mail
from comcep.sweeping.aside import one_by_one

BATCH = 100
QUIET = timedelta(hours=1)  # between two mails to a referent: one says that requests wait, not how many came
FORGOTTEN = timedelta(days=30)  # after the last asking; the link has served its fourteen days

# What is said to whom an appointment concerns, by the kind of act.
WORDS = {
    "name-admin": _("Vous êtes maintenant de l'administration technique de ComCEP."),
    "withdraw-admin": _("Vous n'êtes plus de l'administration technique de ComCEP."),
    "name-animator": _("Vous êtes maintenant de l'animation de ComCEP."),
    "withdraw-animator": _("Vous n'êtes plus de l'animation de ComCEP."),
    "name-committee": _("Vous êtes maintenant du comité opérationnel : vous lisez les synthèses thématiques."),
    "withdraw-committee": _("Vous n'êtes plus du comité opérationnel."),
    "name-referent": _("Vous êtes maintenant référent·e de %(place)s : vous répondez à ses demandes d'inscription."),
    "withdraw-referent": _("Vous n'êtes plus référent·e de %(place)s."),
    "join-group": _("Vous êtes maintenant du groupe « %(place)s »."),
    "leave-group": _("Vous n'êtes plus du groupe « %(place)s »."),
    "end-membership": _("Votre inscription à ComCEP a pris fin, et avec elle ce qui en dépendait. Motif : %(reason)s"),
}


@appointed.connect
def tell(member: Member, kind: str, place: str = "", reason: str = "") -> None:
    """Write to whom an appointment or its end concerns, in the transaction of the act."""
    link = current_app.config["PUBLIC_ADDRESS"]
    if kind == "create-account":
        letter = letters.account_opened(f"{link}/mot-de-passe")
    else:
        letter = letters.appointed(str(WORDS[kind]) % {"place": place, "reason": reason}, f"{link}/compte")
    db.session.add(Mail(member_id=member.id, subject=letter.subject, body=letter.body))


@background.sweep("news")
def tell_referents() -> None:
    """Tell referents that requests wait, once for all that came within the hour."""
    lately = exists().where(
        Referent.member_id == Member.id, Referent.requests_told_at > now() - QUIET, Referent.requests_told_at <= now()
    )
    is_due = exists().where(Referent.member_id == Member.id, Referent.requests_due_at.is_not(None))
    due = select(Member.id).where(is_due, ~lately).order_by(Member.id).limit(BATCH)
    one_by_one("referent", list(db.session.scalars(due)), _tell_referent, _give_up)


def _tell_referent(member_id: int) -> None:
    # Held until commit: a request that comes meanwhile marks them anew afterwards, another process finds nothing due.
    own = select(Referent).where(Referent.member_id == member_id, Referent.requests_due_at.is_not(None))
    held = list(db.session.scalars(own.order_by(Referent.network_id).with_for_update()))
    if held and count_waiting(viewer_of_member(member_id)):
        letter = letters.requests_wait(f"{current_app.config['PUBLIC_ADDRESS']}/demandes")
        db.session.add(Mail(member_id=member_id, subject=letter.subject, body=letter.body))
        held[0].requests_told_at = now()
    for place in held:
        place.requests_due_at = None
    db.session.commit()


def _give_up(member_id: int) -> None:
    db.session.execute(update(Referent).where(Referent.member_id == member_id).values(requests_due_at=None))


@background.sweep("slow")
def forget_unconfirmed() -> None:
    """Erase addresses with which somebody asked to join and that nobody confirmed: they may be a stranger's."""
    asked_lately = exists().where(
        MembershipRequest.member_id == Member.id, MembershipRequest.created_at > now() - FORGOTTEN
    )
    old = (Member.address_confirmed_at.is_(None), Member.created_at < now() - FORGOTTEN, ~asked_lately)
    gone = select(Member.id).where(*old).order_by(Member.id).limit(BATCH)
    one_by_one("unconfirmed", list(db.session.scalars(gone)), _forget, lambda _: None)


def _forget(member_id: int) -> None:
    unconfirmed = (Member.id == member_id, Member.address_confirmed_at.is_(None))
    if db.session.scalar(select(Member.id).where(*unconfirmed).with_for_update()) is None:
        db.session.rollback()  # confirmed meanwhile
        return
    for rows in (Mail, MembershipRequest):
        db.session.execute(delete(rows).where(rows.member_id == member_id))
    db.session.execute(delete(Member).where(*unconfirmed))
    db.session.commit()
