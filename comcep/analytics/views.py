"""The committee's digests, and the animators' drafts."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from comcep.access.permissions import may_read_digests, may_write_digests
from comcep.analytics import reading, releasing
from comcep.analytics.forms import PeriodForm, WordsForm
from comcep.analytics.models import Digest
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer

analytics = Blueprint("analytics", __name__)


@analytics.get("/comite")
@requires(may_read_digests)
def index() -> str:
    return render_template("analytics/committee.html", digests=reading.published_digests())


@analytics.get("/comite/syntheses/<public_id:digest_id>")
@requires(may_read_digests)
def digest(digest_id: int) -> str:
    shown = reading.published_digest_or_404(digest_id)
    return render_template("analytics/digest.html", digest=shown, figures=releasing.figures_of(shown))


@analytics.get("/animation/syntheses")
@requires(may_write_digests)
def drafts() -> str:
    return _drafts(PeriodForm(formdata=None))


def _drafts(form: PeriodForm) -> str:
    return render_template(
        "analytics/drafts.html", drafts=reading.drafts(), published=reading.published_digests(), form=form
    )


@analytics.post("/animation/syntheses")
@requires(may_write_digests)
@offers_text_again
def create() -> Any:
    form = PeriodForm()
    if not form.validate_on_submit():
        return _drafts(form), 422
    try:
        made = releasing.draft(viewer(), form.starts_on.data, form.ends_on.data)
    except releasing.PeriodRefused as why:
        form.ends_on.errors = [str(why)]
        return _drafts(form), 422
    return redirect(url_for("analytics.draft", digest_id=made.public_id))


@analytics.get("/animation/syntheses/<public_id:digest_id>")
@requires(may_write_digests)
def draft(digest_id: int) -> str:
    shown = reading.draft_or_404(digest_id)
    return _draft(shown, WordsForm(formdata=None, obj=shown))


def _draft(shown: Digest, form: WordsForm, findings: Any = ()) -> str:
    return render_template(
        "analytics/draft.html", digest=shown, form=form, figures=releasing.figures_of(shown), findings=findings
    )


@analytics.post("/animation/syntheses/<public_id:digest_id>")
@requires(may_write_digests)
@offers_text_again
def write(digest_id: int) -> Any:
    """Keep the words; with publish, publish them too."""
    shown = reading.draft_or_404(digest_id)
    form = WordsForm()
    if not form.validate_on_submit():
        return _draft(shown, form), 422
    try:
        releasing.write(viewer(), shown, form.title.data or "", form.words.data or "", form.version.data or 0)
        if not request.form.get("publish"):
            flash(_("Le brouillon est enregistré."))
            return redirect(url_for("analytics.draft", digest_id=shown.public_id))
        findings = releasing.publish(viewer(), shown)
    except releasing.NotDraft:
        form.words.errors = [
            "Quelqu'un d'autre a modifié ou publié cette synthèse entre-temps. Votre texte est gardé ici."
        ]
        return _draft(shown, form), 409
    if findings:
        form.version.process_data(shown.version)
        form.version.raw_data = None
        return _draft(shown, form, findings), 422
    flash(_("La synthèse est publiée : le comité peut la lire."))
    return redirect(url_for("analytics.digest", digest_id=shown.public_id))
