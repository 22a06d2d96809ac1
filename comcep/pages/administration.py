"""Technical administration: sections' names and order, accounts' state, the journal without its content."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from comcep.access.permissions import may_administrate
from comcep.accounts import sessions
from comcep.accounts.models import Member
from comcep.extensions import background, db
from comcep.forum.models import Category, Section
from comcep.moderation import journal, reading
from comcep.moderation.journal import Act
from comcep.notify import letters, notifying
from comcep.text.cleaning import clean_line, clean_text
from comcep.web.current import requires, viewer
from comcep.web.pagination import page_of

administration = Blueprint("administration", __name__)


@administration.get("/administration")
@requires(may_administrate)
def index() -> str:
    return _page("")


@administration.post("/administration/comptes")
@requires(may_administrate)
def find() -> str:
    """The same page with the account of an address, which travels in none: it is somebody's."""
    return _page(request.form.get("account", "").strip().lower()[:254])


def _page(wanted: str) -> str:
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
    )


@administration.post("/administration/rubriques/<slug>")
@requires(may_administrate)
def rename(slug: str) -> Any:
    section = db.session.scalar(select(Section).where(Section.slug == slug)) or abort(404)
    name, position = clean_line(request.form.get("name", "")), request.form.get("position", "")
    if not 1 <= len(name) <= 120 or not (position.isascii() and position.isdecimal() and len(position) < 4):
        flash(_("Le nom compte de 1 à 120 caractères, l'ordre est un nombre. Rien n'a changé."), "alert")
        return redirect("/administration")
    section.name, section.position = name, int(position)
    journal.record(viewer(), Act("rename-section", "section", section_id=section.id))
    db.session.commit()
    flash(_("La rubrique est enregistrée."))
    return redirect("/administration")


@administration.post("/administration/comptes/<public_id:member_id>/etat")
@requires(may_administrate)
def set_state(member_id: int) -> Response:
    """Suspend an account, or end its suspension. Standing and roles are not an administrator's to give."""
    member = db.session.scalar(select(Member).where(Member.public_id == member_id)) or abort(404)
    state, reason = request.form.get("state", ""), clean_text(request.form.get("reason", ""))
    if state not in ("active", "suspended") or member.id == viewer().member_id or member.state in ("closed", state):
        flash(_("Cet état n'est pas possible pour ce compte. Rien n'a changé."), "alert")
        return redirect("/administration")
    if state == "suspended" and not 1 <= len(reason) <= 2000:
        flash(_("Écrivez le motif (2 000 caractères au plus) : la personne le recevra. Rien n'a changé."), "alert")
        return redirect("/administration")
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


def _write_down(member: Member, state: str, reason: str) -> None:
    """A line in the journal, and a mail: who is suspended cannot sign in to read it."""
    if state == "suspended":
        letter, act = letters.suspended(reason), Act("account-suspended", "member", member.public_id, reason=reason)
    else:
        letter = letters.restored(f"{current_app.config['PUBLIC_ADDRESS']}/connexion")
        act = Act("account-active", "member", member.public_id)
    notifying.write(member.id, letter)
    journal.record(viewer(), act)
