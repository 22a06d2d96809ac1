"""The animators' desk and acts, the journal, the author's statement of reasons, its contest and the answer."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.permissions import may_answer_contest, may_moderate
from comcep.forum.forms import ReasonForm
from comcep.forum.models import Section, Topic
from comcep.forum.reading import posts, sections, topics
from comcep.forum.views.acted import done, not_done, refused
from comcep.moderation import acting, contesting, moving, reading, statements
from comcep.moderation.forms import TAKE_BACK, AnswerForm, ContestForm, MoveForm
from comcep.moderation.models import Statement
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer
from comcep.web.forms import Form
from comcep.web.pagination import page_of

moderation = Blueprint("moderation", __name__)


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
@offers_text_again
def hide(post_id: int) -> Any:
    post = posts.post_or_404(viewer(), post_id)
    undoes = bool(request.form.get("undo"))
    form = Form() if undoes else ReasonForm()
    if not form.validate_on_submit():
        return refused(post.topic, form, "" if undoes else f"masquer-{post_id}")
    if undoes:
        acting.show_again(viewer(), post)
        flash(_("Le message est de nouveau visible."))
        return done(post.topic, post)
    if not acting.hide(viewer(), post, request.form.get("reason", "")):
        return not_done(post.topic, form, _("Ce message était déjà masqué : son auteur a reçu le motif d'alors."))
    flash(_("Le message est masqué ; son auteur en reçoit le motif."))
    return done(post.topic, post)


@moderation.post("/messages/<public_id:post_id>/verification")
@requires(may_moderate)
def check(post_id: int) -> Response:
    acting.check(viewer(), posts.post_or_404(viewer(), post_id))
    flash(_("Message vérifié."))
    return redirect("/animation")


@moderation.post("/messages/<public_id:post_id>/auteur")
@requires(may_moderate)
@offers_text_again
def reveal(post_id: int) -> Any:
    post = posts.post_or_404(viewer(), post_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        return refused(post.topic, form, f"lever-{post_id}")
    try:
        name = acting.reveal(viewer(), post, form.reason.data or "")
    except acting.NotPossible as why:
        return not_done(post.topic, form, str(why))
    return render_template("moderation/revealed.html", name=name, post=post)


@moderation.post("/sujets/<public_id:topic_id>/deplacement")
@requires(may_moderate)
@offers_text_again
def move(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    if request.form.get("undo"):
        return _move_back(topic)
    form, place = MoveForm(), "motif-deplacement"
    if not form.validate_on_submit():
        return refused(topic, form, place)
    section = next((each for each in sections.shown(viewer()) if each.slug == form.section.data), None)
    if section is None:
        form.section.errors = [_("Choisissez une rubrique de la liste.")]
        return refused(topic, form, place)
    try:
        moving.move(viewer(), topic, section, form.reason.data or "")
    except acting.NotPossible as why:
        form.section.errors = [str(why)]
        return refused(topic, form, place, status=409)
    return _moved(topic, section)


def _move_back(topic: Topic) -> Any:
    if not (form := Form()).validate_on_submit():
        return refused(topic, form)
    try:
        section = moving.move_back(viewer(), topic, request.form.get("reason", "")[:2000])
    except acting.NotPossible as why:
        return not_done(topic, form, str(why))
    return _moved(topic, section)


def _moved(topic: Topic, section: Section) -> Any:
    flash(_("Le sujet est déplacé dans « %(section)s » ; son auteur en est prévenu.", section=section.name))
    return done(topic)


@moderation.post("/sujets/<public_id:topic_id>/fermeture")
@requires(may_moderate)
@offers_text_again
def close(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    undoes = bool(request.form.get("undo"))
    form = Form() if undoes else ReasonForm()
    if not form.validate_on_submit():
        return refused(topic, form, "" if undoes else "fermer")
    is_changed = acting.close(viewer(), topic, not undoes, request.form.get("reason", ""))
    if undoes:
        flash(_("Le sujet est rouvert ; son auteur en est averti.") if is_changed else _("Le sujet était déjà ouvert."))
    elif not is_changed:
        return not_done(topic, form, _("Ce sujet était déjà fermé : son auteur a reçu le motif d'alors."))
    else:
        flash(_("Le sujet est fermé ; son auteur en reçoit le motif."))
    return done(topic)


@moderation.post("/sujets/<public_id:topic_id>/epingle")
@requires(may_moderate)
@offers_text_again
def pin(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    if not (form := Form()).validate_on_submit():
        return refused(topic, form)
    pins = not request.form.get("undo")
    acting.pin(viewer(), topic, pins)
    flash(_("Le sujet est épinglé en tête de sa rubrique.") if pins else _("Le sujet n'est plus épinglé."))
    return done(topic)


@moderation.post("/sujets/<public_id:topic_id>/relais")
@requires(may_moderate)
@offers_text_again
def relay(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    if not (form := Form()).validate_on_submit():
        return refused(topic, form)
    relays = not request.form.get("undo")
    try:
        acting.relay(viewer(), topic, relays)
    except acting.NotPossible as why:
        return not_done(topic, form, str(why))
    flash(_("Le sujet est relayé sur l'accueil des pairs.") if relays else _("Le sujet n'est plus relayé."))
    return done(topic)


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
