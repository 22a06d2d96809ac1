"""The animators' desk and acts, the journal, the author's statement of reasons, its contest and the answer."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from comcep.access.permissions import may_answer_contest, may_moderate
from comcep.forum.addresses import topic_address
from comcep.forum.forms import ReasonForm
from comcep.forum.reading import posts, sections, topics
from comcep.moderation import acting, contesting, moving, reading, statements
from comcep.moderation.forms import TAKE_BACK, AnswerForm, ContestForm
from comcep.moderation.models import Statement
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer
from comcep.web.errors import page as error_page
from comcep.web.pagination import page_of

moderation = Blueprint("moderation", __name__)

WHY_REASON = lazy_gettext("Écrivez le motif (2 000 caractères au plus) : il est dit à l'auteur et gardé au journal.")


@moderation.get("/animation")
@requires(may_moderate)
def desk() -> str:
    return render_template(
        "moderation/desk.html",
        late_48=reading.late_questions(viewer(), 48),
        late_24=reading.late_questions(viewer(), 24, until=48),
        warned=reading.despite_warning(viewer()),
        contested=contesting.waiting(viewer()),
        newcomers=reading.new_members(),
        waiting=reading.requests_waiting_too_long(),
    )


@moderation.get("/animation/journal")
@requires(may_moderate)
def journal() -> str:
    lines = reading.journal_lines(viewer())
    page = page_of(reading.count(lines), 50)
    shown = reading.fetch(lines, page.size, page.offset)
    return render_template("moderation/journal.html", lines=shown, page=page)


@moderation.post("/messages/<public_id:post_id>/masquage")
@requires(may_moderate)
def hide(post_id: int) -> Any:
    post = posts.post_or_404(viewer(), post_id)
    if request.form.get("undo"):
        acting.show_again(viewer(), post)
        flash(_("Le message est de nouveau visible."))
        return redirect(topic_address(post.topic))
    form = ReasonForm()
    if not form.validate_on_submit():
        return error_page(422, WHY_REASON)
    acting.hide(viewer(), post, form.reason.data or "")
    flash(_("Le message est masqué ; son auteur en reçoit le motif."))
    return redirect(topic_address(post.topic))


@moderation.post("/messages/<public_id:post_id>/verification")
@requires(may_moderate)
def check(post_id: int) -> Response:
    acting.check(viewer(), posts.post_or_404(viewer(), post_id))
    flash(_("Message vérifié."))
    return redirect("/animation")


@moderation.post("/messages/<public_id:post_id>/auteur")
@requires(may_moderate)
def reveal(post_id: int) -> Any:
    post = posts.post_or_404(viewer(), post_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        return error_page(422, WHY_REASON)
    try:
        name = acting.reveal(viewer(), post, form.reason.data or "")
    except acting.NotPossible as why:
        return error_page(409, str(why))
    return render_template("moderation/revealed.html", name=name, topic=post.topic)


@moderation.post("/sujets/<public_id:topic_id>/deplacement")
@requires(may_moderate)
def move(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    form = ReasonForm()
    goes_back = bool(request.form.get("undo"))
    if not goes_back and not form.validate_on_submit():
        return error_page(422, WHY_REASON)
    try:
        if goes_back:
            section = moving.move_back(viewer(), topic, (form.reason.data or "")[:2000])
        else:
            section = sections.section_or_404(viewer(), request.form.get("section", ""))
            moving.move(viewer(), topic, section, form.reason.data or "")
    except acting.NotPossible as why:
        return error_page(409, str(why))
    flash(_("Le sujet est déplacé dans « %(section)s » ; son auteur en est prévenu.", section=section.name))
    return redirect(topic_address(topic))


@moderation.post("/sujets/<public_id:topic_id>/fermeture")
@requires(may_moderate)
def close(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    if request.form.get("undo"):
        acting.close(viewer(), topic, False, "")
        flash(_("Le sujet est rouvert ; son auteur en est averti."))
        return redirect(topic_address(topic))
    form = ReasonForm()
    if not form.validate_on_submit():
        return error_page(422, WHY_REASON)
    acting.close(viewer(), topic, True, form.reason.data or "")
    flash(_("Le sujet est fermé ; son auteur en reçoit le motif."))
    return redirect(topic_address(topic))


@moderation.post("/sujets/<public_id:topic_id>/epingle")
@requires(may_moderate)
def pin(topic_id: int) -> Response:
    topic = topics.topic_or_404(viewer(), topic_id)
    acting.pin(viewer(), topic, not request.form.get("undo"))
    return redirect(topic_address(topic))


@moderation.post("/sujets/<public_id:topic_id>/relais")
@requires(may_moderate)
def relay(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    relays = not request.form.get("undo")
    try:
        acting.relay(viewer(), topic, relays)
    except acting.NotPossible as why:
        return error_page(409, str(why))
    flash(_("Le sujet est relayé sur l'accueil des pairs.") if relays else _("Le sujet n'est plus relayé."))
    return redirect(topic_address(topic))


@moderation.get("/decisions/<public_id:statement_id>")
@requires(lambda viewer: viewer.is_signed_in)
def statement(statement_id: int) -> str:
    return _statement_page(reading.statement_or_404(viewer(), statement_id), ContestForm(formdata=None))


def _statement_page(shown: Statement, form: ContestForm) -> str:
    return render_template(
        "moderation/statement.html",
        statement=shown,
        kind=statements.KINDS[shown.kind],
        concerned=statements.concerned(viewer(), shown),
        form=form,
    )


@moderation.post("/decisions/<public_id:statement_id>/contestation")
@requires(lambda viewer: viewer.is_signed_in)
@offers_text_again
def contest(statement_id: int) -> Any:
    shown = reading.statement_or_404(viewer(), statement_id)
    form = ContestForm()
    is_valid = form.validate_on_submit()
    if shown.contested_at is not None:
        return _contested_before(shown, form)
    if not is_valid:
        return _statement_page(shown, form), 422
    try:
        contesting.contest(viewer(), shown, form.reason.data or "")
    except contesting.AlreadySaid:
        return _contested_before(shown, form)
    flash(_("Votre contestation est transmise à l'animation."))
    return redirect(f"/decisions/{statement_id}")


def _contested_before(shown: Statement, form: ContestForm) -> Any:
    form.is_stopped = True
    return _statement_page(shown, form), 409


@moderation.get("/animation/contestations/<public_id:statement_id>")
@requires(may_moderate)
def contested(statement_id: int) -> str:
    return _contest_page(contesting.contest_or_404(viewer(), statement_id), AnswerForm(formdata=None))


def _contest_page(shown: Any, form: AnswerForm) -> str:
    left = contesting.is_left_to_actor(shown.Statement)
    return render_template(
        "moderation/contest.html",
        row=shown,
        contested=shown.Statement,
        kind=statements.KINDS[shown.Statement.kind],
        may_answer=may_answer_contest(viewer(), shown.Statement, left),
        form=form,
    )


@moderation.post("/animation/contestations/<public_id:statement_id>")
@requires(may_moderate)
@offers_text_again
def answer_contest(statement_id: int) -> Any:
    shown = contesting.contest_or_404(viewer(), statement_id)
    form = AnswerForm()
    is_valid = form.validate_on_submit()
    if shown.Statement.answered_at is not None:
        return _answered_before(statement_id, form)
    if not is_valid:
        return _contest_page(shown, form), 422
    post = posts.post_or_404(viewer(), shown.post_public_id)
    takes_back = form.decision.data == TAKE_BACK
    try:
        contesting.answer(viewer(), shown.Statement, post, form.reason.data or "", takes_back)
    except contesting.AlreadySaid:
        return _answered_before(statement_id, form)
    except acting.NotPossible as why:
        form.decision.errors = [str(why)]
        return _contest_page(contesting.contest_or_404(viewer(), statement_id), form), 409
    flash(_("Votre réponse est enregistrée ; l'auteur du message en est averti."))
    return redirect(f"/animation/contestations/{statement_id}")


def _answered_before(statement_id: int, form: AnswerForm) -> Any:
    form.is_stopped = True
    return _contest_page(contesting.contest_or_404(viewer(), statement_id), form), 409
