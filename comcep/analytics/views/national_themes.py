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
from comcep.analytics.views import analytics
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer


@analytics.get("/thematiques")
@requires(may_follow_national_themes)
def national() -> str:
    return _page(NominationForm(formdata=None))


def _page(form: NominationForm) -> str:
    return render_template(
        "analytics/national_themes.html",
        national=reading.national_themes(),
        form=form,
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
    national_themes.nominate(viewer(), form.title.data or "", form.reason.data or "")
    flash(_("La thématique est proposée : le comité de pilotage en décide."))
    return redirect("/thematiques")


@analytics.post("/thematiques/<public_id:theme_id>/etat")
@requires(may_decide_national_themes)
@offers_text_again
def decide(theme_id: int) -> Any:
    theme = reading.national_theme_or_404(theme_id)
    form = StepForm()
    if form.validate_on_submit():
        national_themes.decide(viewer(), theme, form.step.data or "", form.outcome.data or "")
        flash(_("L'état de la thématique est à jour."))
    else:
        flash(_("Choisissez un état de la liste ; 2 000 caractères au plus pour ce qui en est sorti."), "alert")
    return redirect("/thematiques")


@analytics.post("/thematiques/<public_id:theme_id>/commentaires")
@requires(may_comment_national_themes)
@offers_text_again
def comment(theme_id: int) -> Any:
    theme = reading.national_theme_or_404(theme_id)
    form = CommentForm()
    if form.validate_on_submit():
        national_themes.comment(viewer(), theme, form.words.data or "")
    else:
        flash(_("Écrivez votre commentaire : 2 000 caractères au plus."), "alert")
    return redirect("/thematiques")
