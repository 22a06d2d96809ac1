"""The page of results, what appears while one types, kept searches, and what peers search for in vain."""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.permissions import may_moderate
from comcep.extensions import limiter
from comcep.forum.reading import topics
from comcep.search import log, saved, searching, similar
from comcep.search.addresses import Asked, asked, read
from comcep.search.facets import FACETS
from comcep.search.searching import Results
from comcep.web.converters import as_public_id
from comcep.web.current import read_floor, requires, viewer
from comcep.web.limits import LOOKING_UP, SEARCHING, by_member
from comcep.web.outages import mark_that_may_wait

search = Blueprint("search", __name__)
search.add_app_template_global(lambda text: similar.solved_cases(viewer(), text, read_floor()), "solved_cases")


@search.get("/recherche")
@limiter.limit(SEARCHING, key_func=by_member)
def results() -> str:
    this = asked(request.args.items(multi=True))
    found = searching.search(viewer(), this.words, read_floor(), this.selected(), this.newest_first)
    return render_template(
        "search/results.html",
        found=found,
        asked=this,
        facets=FACETS,
        searched=_logged(found) if found.page.number == 1 else None,
        close=_close_to(found),
    )


def _logged(found: Results) -> int | None:
    """A search is answered whether it can be written down or not."""
    with mark_that_may_wait():
        return log.log(viewer(), found.query, 0 if found.is_by_meaning else found.total)
    return None


def _close_to(found: Results) -> list[object]:
    """When nothing fits what was asked, the solved cases closest to its words."""
    if found.results or not found.words:
        return []
    return similar.solved_cases(viewer(), found.words, read_floor())


@search.get("/recherche/proches")
@limiter.limit(LOOKING_UP, key_func=by_member)
@requires(lambda viewer: viewer.is_member)
def close_cases() -> str:
    """A piece of a page: solved cases close to a topic."""
    topic = topics.page_or_404(viewer(), as_public_id(request.args.get("sujet", "")) or abort(404))
    found = similar.solved_cases(viewer(), topic.title, read_floor(), besides=topic.id)
    return render_template("search/close.html", topics=found, is_asking=False)


# What is typed travels in no address: those stand in histories and in the logs of what lies between.
@search.post("/recherche/proches")
@limiter.limit(LOOKING_UP, key_func=by_member)
@requires(lambda viewer: viewer.is_member)
def close_to_a_title() -> str:
    """A piece of a page: solved cases close to a title being written."""
    found = similar.solved_cases(viewer(), request.form.get("title", ""), read_floor())
    return render_template("search/close.html", topics=found, is_asking=True)


@search.post("/recherche/propositions")
@limiter.limit(LOOKING_UP, key_func=by_member)
@requires(lambda viewer: viewer.is_member)
def suggestions() -> str:
    """A piece of a page: titles that what is typed so far may be looking for."""
    return render_template(
        "search/suggestions.html", topics=similar.titles(viewer(), request.form.get("q", ""), read_floor())
    )


@search.post("/recherche/ouverture")
@requires(lambda viewer: viewer.is_adviser)
def note_opening() -> Response:
    """Which result of one's own search was opened: sent by the page, nothing comes back."""
    searched, rank = as_public_id(request.form.get("search", "")), request.form.get("rank", "")
    if searched is not None and rank.isascii() and rank.isdecimal() and 0 < int(rank[:4]) <= 1000:
        log.opened(viewer(), searched, int(rank[:4]))
    return Response(status=204)


@search.get("/recherches")
@requires(lambda viewer: viewer.is_member)
def kept() -> str:
    return render_template("search/kept.html", kept=saved.own(viewer()), facets={f.parameter: f for f in FACETS})


@search.post("/recherches")
@requires(lambda viewer: viewer.is_member)
def keep() -> Response:
    wanted: Asked = read(request.form.get("address", "")[: saved.LONGEST + 1])
    try:
        saved.keep(viewer(), wanted)
        flash(_("Recherche gardée : vous serez prévenu·e quand un cas résolu lui répondra."))
    except saved.CannotKeep:
        flash(
            _("Cette recherche ne peut pas être gardée : elle est vide, trop longue, ou vous en gardez déjà 30."),
            "alert",
        )
    return redirect("/recherches")


@search.post("/recherches/<public_id:kept_id>/oubli")
@requires(lambda viewer: viewer.is_member)
def forget(kept_id: int) -> Response:
    saved.forget(viewer(), kept_id)
    flash(_("Recherche oubliée."))
    return redirect("/recherches")


@search.get("/animation/recherches")
@requires(may_moderate)
def in_vain() -> str:
    return render_template("search/in_vain.html", searches=log.searched_in_vain(), fewest=log.FEWEST_SEARCHERS)
