"""Joining, one's own request, and the referent's desk."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.permissions import may_ask_to_join, may_decide_requests
from comcep.accounts import tokens
from comcep.accounts.models import Member
from comcep.accounts.signing_in import normal_address
from comcep.membership import asking, deciding, joining, reading
from comcep.membership.forms import ConfirmForm, DecisionForm, JoinForm, LinkForm, NetworkForm
from comcep.membership.joining import Asker
from comcep.membership.models import MembershipRequest
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer
from comcep.web.limits import SHORT_BODY, takes

membership = Blueprint("membership", __name__)


@membership.get("/rejoindre")
def join() -> str | Response:
    if viewer().is_signed_in:
        return redirect(url_for("membership.own_request"))
    return render_template("membership/join.html", form=JoinForm(formdata=None))


@membership.post("/rejoindre")
@takes(SHORT_BODY)
@offers_text_again
def ask() -> Any:
    form = JoinForm()
    if not form.validate_on_submit():
        return render_template("membership/join.html", form=form), 422
    asker = _asker(form)
    joining.ask_to_join(form.email.data or "", asker, request.remote_addr or "")
    return _sent("membership/asked.html", form.email.data or "", network=asker.network)


def _asker(form: JoinForm | ConfirmForm) -> Asker:
    return Asker(
        name=form.name.data or "",
        network=reading.network(form.network.data),
        region=reading.region(form.region.data),
        position=form.position.data,
    )


def _sent(template: str, address: str, **what: Any) -> str:
    """The page after a mail went to an address, or did not. In a demo, whose mails stay here, this browser may read
    those about joining."""
    if current_app.config["DEMO"]:
        session["asked_with"] = normal_address(address)
    return render_template(template, email=address.strip(), **what)


@membership.get("/rejoindre/lien")
def lost_link() -> str:
    return render_template("membership/lost_link.html", form=LinkForm(formdata=None), is_void=False)


@membership.post("/rejoindre/lien")
@takes(SHORT_BODY)
@offers_text_again
def send_link() -> Any:
    form = LinkForm()
    if not form.validate_on_submit():
        return render_template("membership/lost_link.html", form=form, is_void=False), 422
    joining.send_link_again(form.email.data or "", request.remote_addr or "")
    return _sent("membership/link_sent.html", form.email.data or "")


@membership.get("/rejoindre/adresse/<token>")
def confirm_address(token: str) -> Any:
    """What was asked with the address, to be looked at: opening the link changes nothing, mail scanners do it too."""
    member = _unconfirmed(token)
    if member is None:
        return _void_link()
    return _confirm_page(_confirm_form(member, formdata=None), member)


def _unconfirmed(token: str) -> Member | None:
    member = tokens.member_of_token(token, tokens.CONFIRMATION)
    return member if member is not None and member.address_confirmed_at is None else None


def _void_link() -> tuple[str, int]:
    return render_template("membership/lost_link.html", form=LinkForm(formdata=None), is_void=True), 410


def _confirm_form(member: Member, **options: Any) -> ConfirmForm:
    asked = joining.asked_with(member)
    shown = {
        "name": member.name,
        "network": member.network.slug if member.network else "",
        "region": member.region.code if member.region else "",
        "position": asked.asks_as if asked else "adviser",
    }
    return ConfirmForm(data=shown, **options)


def _confirm_page(form: ConfirmForm, member: Member) -> str:
    return render_template("membership/confirm.html", form=form, email=member.email)


@membership.post("/rejoindre/adresse/<token>")
@takes(SHORT_BODY)
@offers_text_again
def confirm(token: str) -> Any:
    member = _unconfirmed(token)
    if member is None:
        return _void_link()
    form = _confirm_form(member)
    if not form.validate_on_submit():
        return _confirm_page(form, member), 422
    try:
        joining.confirm(member, _asker(form), form.password.data or "")
    except joining.AlreadyConfirmed:
        return _void_link()
    flash(_("Votre adresse est confirmée, votre réseau voit votre demande. Connectez-vous pour en suivre l'état."))
    return redirect(url_for("accounts.sign_in_page", next=url_for("membership.own_request")))


@membership.get("/ma-demande")
@requires(lambda viewer: viewer.is_signed_in)
def own_request() -> str:
    own = reading.own_request(viewer())
    return _own_page(_again_form(own, formdata=None), own)


def _again_form(own: Any, **options: Any) -> NetworkForm:
    """As asked last, to be put right."""
    shown = {"position": own.asks_as, "region": own.member.region.code if own.member.region else ""} if own else {}
    return NetworkForm(data=shown, **options)


def _own_page(form: NetworkForm, own: Any) -> str:
    return render_template(
        "membership/own_request.html",
        request_=own,
        form=form,
        may_ask=may_ask_to_join(viewer()),
        is_open=form.errors or form.is_resumed,
    )


@membership.post("/ma-demande")
@takes(SHORT_BODY)
@requires(may_ask_to_join)
@offers_text_again
def ask_again() -> Any:
    own = reading.own_request(viewer())
    form = _again_form(own)
    if not form.validate_on_submit():
        return _own_page(form, own), 422
    network, region = reading.network(form.network.data), reading.region(form.region.data)
    try:
        asking.ask_again(viewer(), network, region, form.position.data)
    except asking.AlreadyWaiting:
        flash(_("Cette demande attend déjà la réponse de %(network)s : rien n'a changé.", network=network.name))
    except asking.TooManyRequests:
        flash(_("Vous avez envoyé plusieurs demandes aujourd'hui. Attendez demain pour la suivante."), "alert")
    else:
        flash(_("Votre demande est envoyée à %(network)s.", network=network.name))
    return redirect(url_for("membership.own_request"))


@membership.get("/demandes")
@requires(may_decide_requests)
def requests() -> str:
    return _desk(DecisionForm(formdata=None))


def _desk(form: DecisionForm, concerned: int | None = None, late: MembershipRequest | None = None) -> str:
    """concerned: the request whose form comes back. late: the one that had been decided when this decision came."""
    return render_template(
        "membership/requests.html",
        waiting=reading.waiting_requests(viewer()),
        decided=reading.decided_requests(viewer()),
        members=reading.network_members(viewer()),
        form=form,
        concerned=concerned,
        late=late,
    )


@membership.post("/demandes/<public_id:request_id>/decision")
@takes(SHORT_BODY)
@requires(may_decide_requests)
@offers_text_again
def decide(request_id: int) -> Any:
    asked = reading.request_or_404(viewer(), request_id)
    form = DecisionForm()
    is_valid = form.validate_on_submit()
    if asked.state != "waiting":
        return _decided_before(asked, form)
    if not is_valid:
        return _desk(form, concerned=asked.public_id), 422
    try:
        if form.decision.data == "refuse":
            deciding.refuse(viewer(), asked, form.reason.data or "")
        else:
            deciding.accept(viewer(), asked, as_hors_pair=form.decision.data == "accept-head")
    except deciding.AlreadyDecided:
        return _decided_before(asked, form)
    flash(_("La réponse à %(name)s est enregistrée ; un courriel lui est envoyé.", name=asked.member.name))
    return redirect(url_for("membership.requests"))


def _decided_before(asked: MembershipRequest, form: DecisionForm) -> Any:
    form.is_stopped = True
    return _desk(form, late=asked), 409
