"""Joining, one's own request, and the referent's desk."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.permissions import may_decide_requests
from comcep.accounts import tokens
from comcep.membership import deciding, joining, reading
from comcep.membership.forms import DecisionForm, JoinForm
from comcep.membership.joining import Asker
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer

membership = Blueprint("membership", __name__)


@membership.get("/rejoindre")
def join() -> str | Response:
    if viewer().is_signed_in:
        return redirect(url_for("membership.own_request"))
    return _join_page(_join_form(formdata=None))


@membership.post("/rejoindre")
@offers_text_again
def ask() -> Any:
    form = _join_form()
    if not form.validate_on_submit():
        return _join_page(form), 422
    networks = {network.slug: network for network in reading.networks()}
    regions = {region.code: region for region in reading.regions()}
    asker = Asker(
        name=form.name.data or "",
        email=form.email.data or "",
        password=form.password.data or "",
        network=networks[form.network.data],
        region=regions[form.region.data],
        position=form.position.data,
    )
    joining.ask_to_join(asker, request.remote_addr or "", address_is_confirmed=current_app.config["DEMO"])
    return render_template("membership/asked.html", email=asker.email.strip(), network=asker.network)


def _join_form(**options: Any) -> JoinForm:
    form = JoinForm(**options)
    form.network.choices = [("", "Choisir…")] + [(n.slug, n.name) for n in reading.networks()]
    form.region.choices = [("", "Choisir…")] + [(r.code, r.name) for r in reading.regions()]
    return form


def _join_page(form: JoinForm) -> str:
    return render_template("membership/join.html", form=form)


@membership.get("/rejoindre/adresse/<token>")
def confirm_address(token: str) -> Any:
    member = tokens.member_of_token(token, tokens.CONFIRMATION)
    if member is None:
        return render_template("membership/link_expired.html"), 410
    joining.confirm_address(member)
    return render_template("membership/confirmed.html")


@membership.get("/ma-demande")
@requires(lambda viewer: viewer.is_signed_in)
def own_request() -> str:
    return render_template("membership/own_request.html", request_=reading.own_request(viewer()))


@membership.get("/demandes")
@requires(may_decide_requests)
def requests() -> str:
    return _desk(DecisionForm(formdata=None))


def _desk(form: DecisionForm, concerned: int | None = None) -> str:
    return render_template(
        "membership/requests.html",
        waiting=reading.waiting_requests(viewer()),
        decided=reading.decided_requests(viewer()),
        members=reading.network_members(viewer()),
        form=form,
        concerned=concerned,
    )


@membership.post("/demandes/<public_id:request_id>/decision")
@requires(may_decide_requests)
@offers_text_again
def decide(request_id: int) -> Any:
    asked = reading.request_or_404(viewer(), request_id)
    if asked.member.address_confirmed_at is None:
        abort(404)
    form = DecisionForm()
    if not form.validate_on_submit():
        return _desk(form, concerned=asked.public_id), 422
    try:
        if form.decision.data == "refuse":
            deciding.refuse(viewer(), asked, form.reason.data or "")
        else:
            deciding.accept(viewer(), asked, as_hors_pair=form.decision.data == "accept-head")
    except deciding.AlreadyDecided:
        flash(_("Cette demande avait déjà reçu une réponse : elle n'a pas été changée."), "alert")
        return redirect(url_for("membership.requests"))
    flash(_("La réponse à %(name)s est enregistrée ; un courriel lui est envoyé.", name=asked.member.name))
    return redirect(url_for("membership.requests"))
