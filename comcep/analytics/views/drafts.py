"""The animators' drafts: a period, the words, what the committee will see, publication; then corrections, and passages
taken out."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from comcep.access.permissions import may_write_digests
from comcep.analytics import drafting, emerging, reading, redacting, releasing
from comcep.analytics.forms import CorrectionForm, PeriodForm, RedactionForm, WordsForm
from comcep.analytics.models import Digest
from comcep.analytics.views import analytics
from comcep.analytics.views.to_change import confirmed, to_change
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer
from comcep.web.outages import mark_that_may_wait


@analytics.get("/animation/syntheses")
@requires(may_write_digests)
def drafts() -> str:
    return _drafts(PeriodForm(formdata=None))


def _drafts(form: PeriodForm) -> str:
    return render_template(
        "analytics/drafts.html",
        drafts=reading.drafts(),
        published=reading.published_digests(),
        ledger=reading.ledger(),
        form=form,
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
def draft(digest_id: int) -> Any:
    shown = reading.digest_or_404(digest_id)
    if shown.published_at is not None:
        return redirect(url_for("analytics.digest", digest_id=digest_id))
    return _draft(shown, WordsForm(formdata=None, obj=shown))


def _draft(shown: Digest, form: WordsForm, findings: Any = ()) -> str:
    is_computing, words = True, reading.words_by_theme(shown)
    typed = [name[6:] for name, typed in request.form.items() if name.startswith("theme-") and typed]
    with mark_that_may_wait():
        is_computing = drafting.ask_again_if_changed(shown)
    return render_template(
        "analytics/draft.html",
        digest=shown,
        form=form,
        figures=reading.figures_of(shown),
        words=words,
        to_write=reading.themes_to_write(shown, words, typed),
        typed=request.form,
        findings=findings,
        is_computing=is_computing,
        emerging=emerging.shown(viewer(), shown),
    )


@analytics.post("/animation/syntheses/<public_id:digest_id>")
@requires(may_write_digests)
@offers_text_again
def write(digest_id: int) -> Any:
    """Keep the words; with publish, publish them too."""
    shown, form = reading.digest_or_404(digest_id), WordsForm()
    is_valid = form.validate_on_submit()
    if shown.published_at is not None:
        return _published_meanwhile(shown, form)
    if not is_valid:
        return _draft(shown, form), 422
    of_themes = {name[6:]: words for name, words in request.form.items() if name.startswith("theme-")}
    try:
        releasing.write(
            viewer(), shown, form.title.data or "", form.words.data or "", form.version.data or 0, of_themes
        )
        if not request.form.get("publish"):
            flash(_("Le brouillon est enregistré."))
            return redirect(url_for("analytics.draft", digest_id=shown.public_id))
        findings = releasing.publish(viewer(), shown, confirmed())
    except releasing.Overtaken:
        form.overtaken.data, form.is_stopped = "1", True
        return _draft(shown, _at_version(form, shown)), 409
    except releasing.EarlierWaits:
        form.words.errors = [_("Une période précédente attend encore : publiez-la d'abord. Vos mots sont enregistrés.")]
        return _draft(shown, _at_version(form, shown)), 409
    except releasing.NotDraft:
        return _published_meanwhile(shown, form)
    except releasing.NotReady:
        form.words.errors = [
            "Des sujets ont changé depuis le calcul : les figures se recalculent. Vos mots sont enregistrés ; "
            "relisez les figures dans un instant, puis publiez."
        ]
        return _draft(shown, _at_version(form, shown)), 409
    if findings:
        form.is_stopped = True
        return _draft(shown, _at_version(form, shown), findings), 422
    flash(_("La synthèse est publiée : le comité peut la lire."))
    return redirect(url_for("analytics.digest", digest_id=shown.public_id))


def _published_meanwhile(shown: Digest, form: WordsForm) -> Any:
    """What was published, above it the words that came too late."""
    form.is_stopped = True
    typed = {name[6:]: words for name, words in request.form.items() if name.startswith("theme-")}
    labels = reading.themes_to_write(shown, reading.words_by_theme(shown), typed)
    unsent = [(form.title.label.text, form.title.data), (form.words.label.text, form.words.data)]
    unsent += [(label, typed.get(theme, "")) for theme, label in labels.items()]
    return _published(shown, unsent=unsent), 409


def _published(shown: Digest, **below: Any) -> str:
    """The page of a published digest, with a form of the animators that comes back."""
    page = reading.page_or_404(shown.public_id)
    return render_template(
        "analytics/digest.html", page=page, **{"correction": None, "redaction": None, "unsent": None, **below}
    )


def _at_version(form: WordsForm, shown: Digest) -> WordsForm:
    """The form as typed, of the version that was just kept."""
    form.version.process_data(shown.version)
    form.version.raw_data = None
    return form


@analytics.post("/animation/syntheses/<public_id:digest_id>/corrections")
@requires(may_write_digests)
@offers_text_again
def correct(digest_id: int) -> Any:
    shown = reading.published_digest_or_404(digest_id)
    form = CorrectionForm()
    if form.validate_on_submit():
        if found := releasing.correct(viewer(), shown, form.correction.data or "", confirmed()):
            return to_change(found, {"correction": _("Correction")})
        flash(_("La correction est publiée sous la synthèse."))
        return redirect(url_for("analytics.digest", digest_id=shown.public_id))
    return _published(shown, correction=form), 422


@analytics.post("/animation/syntheses/<public_id:digest_id>/retraits")
@requires(may_write_digests)
@offers_text_again
def redact(digest_id: int) -> Any:
    """Take a passage out of what was published."""
    shown = reading.published_digest_or_404(digest_id)
    form = RedactionForm()
    if form.validate_on_submit():
        try:
            redacting.redact(viewer(), shown, form.passage.data or "", form.reason.data or "")
            flash(_("Le passage est retiré de la synthèse, partout où il se trouvait."))
            return redirect(url_for("analytics.digest", digest_id=shown.public_id))
        except redacting.NotThere as why:
            form.passage.errors = [str(why)]
    return _published(shown, redaction=form), 422
