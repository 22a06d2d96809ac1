"""Signing in and out, a forgotten password, one's own account and its sessions."""

from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from comcep.accounts import devices, reading, resetting, resuming, sessions, signing_in, tokens, viewing
from comcep.accounts.forms import AddressForm, NewPasswordForm, SignInForm
from comcep.extensions import background, db
from comcep.web.csrf import offers_text_again, works_when_expired
from comcep.web.current import requires, viewer
from comcep.web.errors import TooManyAttempts
from comcep.web.filters import how_long
from comcep.web.limits import SHORT_BODY, takes
from comcep.web.redirects import inside
from comcep.web.sent import KEPT

accounts = Blueprint("accounts", __name__)
accounts.after_app_request(viewing.mark_as_seen)

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
    try:
        entry = signing_in.sign_in(form.email.data or "", form.password.data or "", signing_in.this_place())
    except TooManyAttempts as refused:
        return _wait_page(form, refused)
    if entry is None:
        form.password.errors = [WRONG]
        return render_template("accounts/sign_in.html", form=form, next=_next()), 422
    sessions.take_up(entry.session)
    left = resuming.keep(entry.member_id, request.form.get(KEPT, ""))
    return devices.give_cookie(redirect(left or _next()), entry.device)


def _wait_page(form: SignInForm, refused: TooManyAttempts) -> Any:
    sentence = _(
        "Trop d'essais à la suite : attendez %(time)s avant le prochain. Sans attendre, choisissez un nouveau mot de "
        "passe : le lien envoyé à votre adresse vous laisse entrer.",
        time=how_long(refused.wait),
    )
    form.password.errors = [sentence]
    page = render_template("accounts/sign_in.html", form=form, next=_next())
    return page, 429, {"Retry-After": str(refused.seconds)}


def _next() -> str:
    return inside(request.form.get("next") or request.args.get("next"))


@accounts.post("/deconnexion")
@works_when_expired
def sign_out() -> Response:
    why_not = sessions.leave()
    if why_not:
        response = make_response(render_template("accounts/sign_out_later.html", why=why_not), 503)
    else:
        response = make_response(redirect("/"))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@accounts.get("/mot-de-passe")
def forgotten() -> str:
    return render_template("accounts/forgotten.html", form=AddressForm(formdata=None))


@accounts.post("/mot-de-passe")
@takes(SHORT_BODY)
@offers_text_again
def send_reset() -> Any:
    form = AddressForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgotten.html", form=form), 422
    resetting.ask(signing_in.normal_address(form.email.data or ""))
    background.wake(current_app)
    return render_template("accounts/reset_sent.html", email=form.email.data)


@accounts.get("/mot-de-passe/<token>")
def choose_password(token: str) -> Any:
    if tokens.member_of_token(token, tokens.RESET) is None:
        return render_template("membership/link_expired.html"), 410
    return render_template("accounts/new_password.html", form=NewPasswordForm(formdata=None))


@accounts.post("/mot-de-passe/<token>")
@takes(SHORT_BODY)
@offers_text_again
def change_password(token: str) -> Any:
    member = tokens.member_of_token(token, tokens.RESET)
    if member is None:
        return render_template("membership/link_expired.html"), 410
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return render_template("accounts/new_password.html", form=form), 422
    device = resetting.choose(member, form.password.data or "", signing_in.this_place())
    if device is None:
        return render_template("membership/link_expired.html"), 410
    session.clear()
    flash(_("Votre mot de passe est changé, toutes vos sessions sont fermées. Connectez-vous avec le nouveau."))
    return devices.give_cookie(redirect(url_for("accounts.sign_in_page")), device)


@accounts.get("/compte")
@requires(lambda viewer: viewer.is_signed_in)
def account() -> str:
    return render_template(
        "accounts/account.html",
        member=reading.own_account(viewer()),
        devices=reading.own_devices(viewer()),
        this_session=current_user.session_id,
    )


@accounts.post("/compte/sessions")
@requires(lambda viewer: viewer.is_signed_in)
def end_sessions() -> Response:
    sessions.end_all(viewer().member_id or 0)
    db.session.commit()
    session.clear()
    flash(_("Toutes vos sessions sont fermées."))
    return redirect(url_for("accounts.sign_in_page"))


@accounts.post("/compte/sessions/<public_id:session_id>/fin")
@requires(lambda viewer: viewer.is_signed_in)
def end_session(session_id: int) -> Response:
    if not sessions.end_own(viewer(), session_id):
        abort(404)
    return _ended(_("La session est fermée."))


@accounts.post("/compte/appareils/<public_id:device_id>/oubli")
@requires(lambda viewer: viewer.is_signed_in)
def forget_device(device_id: int) -> Response:
    if not devices.forget_own(viewer(), device_id):
        abort(404)
    return _ended(_("Cet appareil n'est plus reconnu, ses sessions sont fermées."))


def _ended(said: str) -> Response:
    db.session.commit()
    is_this_one = not sessions.is_open(current_user.session_id)
    if is_this_one:
        session.clear()
    flash(said)
    return redirect(
        url_for("accounts.sign_in_page") if is_this_one else url_for("accounts.account", _anchor="appareils")
    )
