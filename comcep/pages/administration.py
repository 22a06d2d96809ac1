"""Technical administration: sections' names and order, accounts' state, the journal without its content."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select

from comcep.access.permissions import may_administrate
from comcep.accounts import sessions
from comcep.accounts.models import Member
from comcep.extensions import background, db
from comcep.forum.models import Category, Section
from comcep.moderation import journal, reading
from comcep.moderation.journal import Act
from comcep.notify import letters, notifying
from comcep.pages.forms import SectionForm, StateForm
from comcep.text.cleaning import clean_line, clean_text
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer
from comcep.web.forms import Refused
from comcep.web.pagination import page_of

administration = Blueprint("administration", __name__)

REASON = "motif-suspension"  # the field of the page


@administration.get("/administration")
@requires(may_administrate)
def index() -> str:
    return _page("")


@administration.post("/administration/comptes")
@requires(may_administrate)
def find() -> str:
    """The same page with the account of an address, which travels in none: it is somebody's."""
    return _page(request.form.get("account", "").strip().lower()[:254])


def _page(wanted: str, of_section: str = "", form: SectionForm | None = None, refused: Refused | None = None) -> str:
    """form: the one of a section that comes back, and the section's slug; refused: a change of an account's state."""
    # Names and order only: no count, no last post; an administrator is no peer.
    sections = select(Section.slug, Section.name, Section.audience, Section.position, Category.name.label("category"))
    sections = sections.join(Category, Category.id == Section.category_id).order_by(
        Category.position, Section.position, Section.id
    )
    account = select(Member.public_id, Member.email, Member.name, Member.state).where(Member.email == wanted)
    lines = reading.bare_journal_lines()
    page = page_of(reading.count(lines), 50)
    return render_template(
        "pages/administration.html",
        sections=db.session.execute(sections).all(),
        wanted=wanted,
        account=db.session.execute(account).first() if wanted else None,
        lines=reading.fetch(lines, page.size, page.offset),
        page=page,
        of_section=of_section,
        form=form,
        refused=refused,
    )


@administration.post("/administration/rubriques/<slug>")
@requires(may_administrate)
@offers_text_again
def rename(slug: str) -> Any:
    section = db.session.scalar(select(Section).where(Section.slug == slug)) or abort(404)
    form = SectionForm()
    if not form.validate_on_submit():
        return _page("", slug, form), 422
    section.name, section.position = clean_line(form.name.data or ""), int(form.position.data or "")
    journal.record(viewer(), Act("rename-section", "section", section_id=section.id))
    db.session.commit()
    flash(_("La rubrique est enregistrée."))
    return redirect("/administration")


@administration.post("/administration/comptes/<public_id:member_id>/etat")
@requires(may_administrate)
@offers_text_again
def set_state(member_id: int) -> Any:
    """Suspend an account, or end its suspension. Standing and roles are not an administrator's to give."""
    member = db.session.scalar(select(Member).where(Member.public_id == member_id)) or abort(404)
    form = StateForm()
    if not form.validate_on_submit():
        return _page(member.email, refused=Refused(form, REASON if form.state.data == "suspended" else "", "")), 422
    state, reason = form.state.data, clean_text(form.reason.data or "")
    if member.id == viewer().member_id or member.state in ("closed", state):
        form.is_stopped = True
        return _page(member.email, refused=Refused(form, "", _why_not(member))), 409
    member.state = state
    db.session.flush()  # the account's row is held: a sign-in under way sees it suspended, or its session is ended
    sessions.end_all(member.id)
    _write_down(member, state, reason)
    db.session.commit()
    background.wake(current_app)
    if state == "suspended":
        flash(_("Le compte est suspendu, ses sessions sont fermées ; la personne en reçoit le motif."))
    else:
        flash(_("Le compte est rétabli ; la personne en est avertie."))
    return redirect("/administration")


def _why_not(member: Member) -> str:
    if member.id == viewer().member_id:
        return _("On ne change pas l'état de son propre compte.")
    state = {"active": _("actif"), "suspended": _("suspendu"), "closed": _("fermé")}[member.state]
    return _("Ce compte est déjà %(state)s : rien n'a changé, et rien n'a été envoyé.", state=state)


def _write_down(member: Member, state: str, reason: str) -> None:
    """A line in the journal, and a mail: who is suspended cannot sign in to read it."""
    if state == "suspended":
        letter, act = letters.suspended(reason), Act("account-suspended", "member", member.public_id, reason=reason)
    else:
        letter = letters.restored(f"{current_app.config['PUBLIC_ADDRESS']}/connexion")
        act = Act("account-active", "member", member.public_id)
    notifying.write(member.id, letter)
    journal.record(viewer(), act)
