"""National themes: nominated by the committee, decided, followed by advisers; the committee's comments are its own."""

from typing import Any

from flask import flash, redirect, render_template
from flask_babel import gettext as _

from comcep.access.permissions import (
    may_comment_national_themes,
    may_decide_national_themes,
    may_follow_national_themes,
)
from comcep.analytics import national_themes, reading
from comcep.analytics.forms import CommentForm, NominationForm, StepForm
from comcep.analytics.guard import NotForTheCommittee
from comcep.analytics.views import analytics
from comcep.analytics.views.to_change import confirmed, to_change
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer
from comcep.web.forms import Form


@analytics.get("/thematiques")
@requires(may_follow_national_themes)
def national() -> str:
    return _page(NominationForm(formdata=None))


def _page(form: NominationForm, of_theme: Form | None = None, concerned: int | None = None) -> str:
    """of_theme: the form that comes back below one of the themes, and that theme's public id."""
    return render_template(
        "analytics/national_themes.html",
        national=reading.national_themes(),
        form=form,
        of_theme=of_theme,
        concerned=concerned,
        steps=national_themes.STEP_NAMES,
        may_nominate=may_comment_national_themes(viewer()),
        may_decide=may_decide_national_themes(viewer()),
    )


@analytics.post("/thematiques")
@requires(may_comment_national_themes)
@offers_text_again
def nominate() -> Any:
    form = NominationForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        national_themes.nominate(viewer(), form.title.data or "", form.reason.data or "", confirmed())
    except NotForTheCommittee as why:
        return to_change(why.findings, {"title": _("Thématique"), "reason": _("Pourquoi")})
    flash(_("La thématique est proposée : le comité de pilotage en décide."))
    return redirect("/thematiques")


@analytics.post("/thematiques/<public_id:theme_id>/etat")
@requires(may_decide_national_themes)
@offers_text_again
def decide(theme_id: int) -> Any:
    theme = reading.national_theme_or_404(theme_id)
    form = StepForm()
    if not form.validate_on_submit():
        return _page(NominationForm(formdata=None), form, theme_id), 422
    try:
        national_themes.decide(
            viewer(),
            theme,
            form.step.data or "",
            form.outcome.data or "",
            form.version.data or theme.version,
            confirmed(),
        )
    except NotForTheCommittee as why:
        return to_change(why.findings, {"outcome": _("Ce qui en est sorti")})
    except national_themes.Overtaken:
        form.version.process_data(theme.version)
        form.overtaken.data, form.is_stopped = "1", True
        return _page(NominationForm(formdata=None), form, theme_id), 409
    flash(_("L'état de la thématique est à jour."))
    return redirect("/thematiques")


@analytics.post("/thematiques/<public_id:theme_id>/commentaires")
@requires(may_comment_national_themes)
@offers_text_again
def comment(theme_id: int) -> Any:
    theme = reading.national_theme_or_404(theme_id)
    form = CommentForm()
    if not form.validate_on_submit():
        return _page(NominationForm(formdata=None), form, theme_id), 422
    try:
        national_themes.comment(viewer(), theme, form.words.data or "", confirmed())
    except NotForTheCommittee as why:
        return to_change(why.findings, {"words": _("Commentaire, lu du comité seul")})
    return redirect("/thematiques")
