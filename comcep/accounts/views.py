"""Signing in and out, a forgotten password, one's own account."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import login_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from comcep.accounts import passwords, reading, resuming, signing_in, tokens
from comcep.accounts.forms import AddressForm, NewPasswordForm, SignInForm
from comcep.accounts.models import Member
from comcep.accounts.viewing import session_id, signed_in
from comcep.clock import now
from comcep.extensions import background, db
from comcep.web.csrf import offers_text_again, works_when_expired
from comcep.web.current import requires, viewer
from comcep.web.redirects import inside
from comcep.web.sent import KEPT

accounts = Blueprint("accounts", __name__)

WRONG = lazy_gettext("Adresse ou mot de passe inexact. Vérifiez les deux, ou choisissez un nouveau mot de passe.")


@accounts.get("/connexion")
def sign_in_page() -> str | Response:
    if viewer().is_signed_in:
        return redirect(inside(request.args.get("next")))
    return render_template("accounts/sign_in.html", form=SignInForm(formdata=None), next=_next())


@accounts.post("/connexion")
@offers_text_again
def sign_in() -> Any:
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form, next=_next()), 422
    member = signing_in.member_with_password(form.email.data or "", form.password.data or "", request.remote_addr or "")
    if member is None:
        form.password.errors = [WRONG]
        return render_template("accounts/sign_in.html", form=form, next=_next()), 422
    session.clear()  # a session fixed before signing in is worth nothing after it
    login_user(signed_in(session_id(member.public_id, member.session_key)))
    session.permanent = True
    return redirect(resuming.keep(member.id, request.form.get(KEPT, "")) or _next())


def _next() -> str:
    return inside(request.form.get("next") or request.args.get("next"))


@accounts.post("/deconnexion")
@works_when_expired
def sign_out() -> Response:
    logout_user()
    session.clear()
    response = redirect("/")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@accounts.get("/mot-de-passe")
def forgotten() -> str:
    return render_template("accounts/forgotten.html", form=AddressForm(formdata=None))


@accounts.post("/mot-de-passe")
@offers_text_again
def send_reset() -> Any:
    form = AddressForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgotten.html", form=form), 422
    address = signing_in.normal_address(form.email.data or "")
    signing_in.count_attempt("reset", address)
    member = db.session.scalar(select(Member).where(Member.email == address, Member.state == "active"))
    if member is not None:
        member.password_reset_due_at = now()
        db.session.commit()
    background.wake(current_app)
    return render_template("accounts/reset_sent.html", email=form.email.data)


@accounts.get("/mot-de-passe/<token>")
def choose_password(token: str) -> Any:
    if tokens.member_of_token(token, tokens.RESET) is None:
        return render_template("membership/link_expired.html"), 410
    return render_template("accounts/new_password.html", form=NewPasswordForm(formdata=None))


@accounts.post("/mot-de-passe/<token>")
@offers_text_again
def change_password(token: str) -> Any:
    member = tokens.member_of_token(token, tokens.RESET)
    if member is None:
        return render_template("membership/link_expired.html"), 410
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return render_template("accounts/new_password.html", form=form), 422
    member.password_hash = passwords.hash_password(form.password.data or "")
    signing_in.end_sessions(member)
    db.session.commit()
    flash(_("Votre mot de passe est changé. Connectez-vous avec le nouveau."))
    return redirect(url_for("accounts.sign_in_page"))


@accounts.get("/compte")
@requires(lambda viewer: viewer.is_signed_in)
def account() -> str:
    return render_template("accounts/account.html", member=reading.own_account(viewer()))


@accounts.post("/compte/sessions")
@requires(lambda viewer: viewer.is_signed_in)
def end_sessions() -> Response:
    signing_in.end_sessions(reading.own_account(viewer()))
    db.session.commit()
    session.clear()
    flash(_("Toutes vos sessions sont fermées."))
    return redirect(url_for("accounts.sign_in_page"))
