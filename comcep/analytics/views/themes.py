"""Themes: those suggested while one asks, and the animators' page to correct them in bulk."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _

from comcep.access.permissions import may_post_somewhere, may_write_digests
from comcep.analytics import emerging, theming
from comcep.analytics.forms import ThemesForm
from comcep.analytics.guard import NotForTheCommittee
from comcep.analytics.themes import classing, suggesting  # noqa: F401  (the sweep registers itself)
from comcep.analytics.views import analytics
from comcep.analytics.views.to_change import confirmed, to_change
from comcep.extensions import limiter
from comcep.settings import REQUEST_LIMIT
from comcep.web.converters import as_public_id
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer
from comcep.web.limits import LOOKING_UP, by_member, takes
from comcep.web.pagination import as_number, page_of
from comcep.web.redirects import inside

analytics.add_app_template_global(suggesting.suggested, "suggested_themes")


@analytics.post("/poser/themes")
@takes(REQUEST_LIMIT)
@limiter.limit(LOOKING_UP, key_func=by_member)
@requires(may_post_somewhere)
def suggested() -> str:
    """A piece of the asking page: the three likeliest themes of what is typed so far."""
    title, body = request.form.get("title", ""), request.form.get("body", "")
    return render_template(
        "analytics/suggested.html", suggestions=suggesting.suggested(title, body), chosen=request.form.getlist("themes")
    )


WRONG_FIELD = {"add": "label", "rename": "label", "merge": "into"}  # by act, where a refusal is said


@analytics.get("/animation/themes")
@requires(may_write_digests)
def themes() -> str:
    return _page(ThemesForm(formdata=None))


def _page(form: ThemesForm) -> str:
    """A page of topics and the list of themes; form: the one that comes back."""
    waiting_only = request.values.get("tous") is None
    page = page_of(theming.count(viewer(), waiting_only), theming.PER_PAGE, request.form.get("page"))
    return render_template(
        "analytics/themes.html",
        themed=theming.to_look_over(viewer(), waiting_only, page.offset),
        page=page,
        waiting=theming.count(viewer(), waiting_only=True),
        waiting_only=waiting_only,
        themes=theming.current_themes(),
        suggested=suggesting.suggested,
        form=form,
    )


@analytics.post("/animation/themes")
@requires(may_write_digests)
@offers_text_again
def change_themes() -> Any:
    """Add, rename or merge a theme, or set those of the topics that are ticked."""
    form = ThemesForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        flash(_change(form))
    except NotForTheCommittee as why:
        words = {"label": _("Nom"), "description": _("Ce qui en relève")}
        return to_change(why.findings, {name: words[name] for name in words if name in request.form})
    except theming.Refused as why:
        form[WRONG_FIELD.get(form.act.data or "", "themes")].errors = [str(why)]
        return _page(form), 422
    return redirect(_same_list())


def _same_list() -> str:
    """The list and the page of it that the form was on."""
    page = as_number(request.form.get("page", ""))
    return f"/animation/themes?{'tous&' if 'tous' in request.form else ''}page={page}"


def _change(form: ThemesForm) -> str:
    if form.act.data == "add":
        theming.add(viewer(), form.label.data or "", form.description.data or "", confirmed())
        return _("Le thème est ajouté.")
    if form.act.data == "rename":
        theming.rename(viewer(), form.theme.data or "", form.label.data or "", confirmed())
        return _("Le thème est renommé ; les synthèses publiées gardent l'ancien nom.")
    if form.act.data == "merge":
        theming.merge(viewer(), form.theme.data or "", form.into.data or "")
        return _("Les deux thèmes comptent désormais ensemble.")
    topics = [number for typed in form.topics.data or [] if (number := as_public_id(typed)) is not None]
    count = theming.set_themes(viewer(), topics, form.themes.data or [])
    return _("Sujets classés : %(count)s.", count=count)


@analytics.post("/animation/termes")
@requires(may_write_digests)
def approve_term() -> Any:
    """Let the committee read a rising term, if enough advisers use it."""
    try:
        emerging.approve(viewer(), request.form.get("term", ""), request.form.get("label", ""), confirmed())
    except NotForTheCommittee as why:
        return to_change(why.findings, {"label": _("Terme")})
    flash(_("Le terme est approuvé : il paraîtra si assez de conseillers l'emploient."))
    return redirect(inside(request.form.get("back"), "/animation/syntheses"))
