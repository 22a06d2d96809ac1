"""Themes: those suggested while one asks, and the animators' page to correct them in bulk."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _

from comcep.access.permissions import may_post_somewhere, may_write_digests
from comcep.analytics import emerging, theming
from comcep.analytics.guard import NotForTheCommittee
from comcep.analytics.themes import classing, suggesting  # noqa: F401  (the sweep registers itself)
from comcep.analytics.views import analytics
from comcep.analytics.views.to_change import confirmed, to_change
from comcep.extensions import limiter
from comcep.settings import REQUEST_LIMIT
from comcep.web.converters import as_public_id
from comcep.web.current import requires, viewer
from comcep.web.limits import LOOKING_UP, by_member, takes
from comcep.web.pagination import page_of
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


@analytics.get("/animation/themes")
@requires(may_write_digests)
def themes() -> str:
    waiting_only = request.args.get("tous") is None
    page = page_of(theming.count(viewer(), waiting_only), theming.PER_PAGE)
    return render_template(
        "analytics/themes.html",
        themed=theming.to_look_over(viewer(), waiting_only, page.offset),
        page=page,
        waiting=theming.count(viewer(), waiting_only=True),
        waiting_only=waiting_only,
        themes=theming.current_themes(),
        suggested=suggesting.suggested,
    )


@analytics.post("/animation/themes")
@requires(may_write_digests)
def change_themes() -> Any:
    """Add, rename or merge a theme, or set those of the topics that are ticked."""
    try:
        flash(_change(request.form))
    except NotForTheCommittee as why:
        words = {"label": _("Nom"), "description": _("Ce qui en relève")}
        return to_change(why.findings, {name: words[name] for name in words if name in request.form})
    except theming.Refused as why:
        flash(str(why), "alert")
    return redirect("/animation/themes")


def _change(form: Any) -> str:
    if form.get("act") == "add":
        theming.add(viewer(), form.get("label", ""), form.get("description", ""), confirmed())
        return _("Le thème est ajouté.")
    if form.get("act") == "rename":
        theming.rename(viewer(), form.get("theme", ""), form.get("label", ""), confirmed())
        return _("Le thème est renommé ; les synthèses publiées gardent l'ancien nom.")
    if form.get("act") == "merge":
        theming.merge(viewer(), form.get("theme", ""), form.get("into", ""))
        return _("Les deux thèmes comptent désormais ensemble.")
    topics = [number for typed in form.getlist("topics") if (number := as_public_id(typed)) is not None]
    count = theming.set_themes(viewer(), topics, form.getlist("themes"))
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
