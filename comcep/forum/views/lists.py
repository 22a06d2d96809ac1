"""The index of sections, a section, and the lists across sections."""

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from comcep.access.permissions import may_follow, may_post
from comcep.forum.models import Topic
from comcep.forum.reading import sections, topics
from comcep.forum.views import forum
from comcep.settings import POSTS_PER_PAGE
from comcep.web.current import read_floor, requires, viewer
from comcep.web.pagination import page_of

FILTERS = {
    "ouvert": (lazy_gettext("En attente"), Topic.state == "open"),
    "repondu": (lazy_gettext("Répondus"), Topic.state == "answered"),
    "resolu": (lazy_gettext("Résolus"), Topic.state == "solved"),
    "question": (lazy_gettext("Questions"), Topic.kind == "question"),
    "autre": (lazy_gettext("Autres sujets"), Topic.kind != "question"),
}


@forum.get("/rubriques")
def index() -> str:
    return render_template("forum/index.html", categories=sections.index(viewer(), read_floor()))


@forum.get("/rubriques/<slug>")
def section(slug: str) -> str:
    shown = sections.section_or_404(viewer(), slug)
    wanted = request.args.get("filtre", "")
    sort = "creation" if request.args.get("tri") == "creation" else "activite"
    narrowed = [FILTERS[wanted][1]] if wanted in FILTERS else []
    in_section = Topic.section_id == shown.id
    total = topics.count(viewer(), in_section, *narrowed) if narrowed else shown.topics_count
    page = page_of(total, POSTS_PER_PAGE)
    rows = topics.of_section(viewer(), read_floor(), shown.id, narrowed, sort)
    return render_template(
        "forum/section.html",
        section=shown,
        topics=rows.fetch(page.size, page.offset),
        page=page,
        filters=FILTERS,
        wanted=wanted if wanted in FILTERS else "",
        sort=sort,
        may_post=may_post(viewer(), shown) and shown.closed_at is None,
    )


@forum.get("/actifs")
@requires(may_follow)
def active() -> str:
    page = page_of(sections.topics_in_all(viewer()), POSTS_PER_PAGE)
    return _list(_("Sujets actifs"), topics.newest_first(viewer(), read_floor()), page)


@forum.get("/sans-reponse")
@requires(may_follow)
def waiting() -> str:
    page = page_of(topics.count(viewer(), Topic.state == "open"), POSTS_PER_PAGE)
    return _list(_("En attente de réponse"), topics.waiting(viewer(), read_floor()), page)


@forum.get("/non-lus")
@requires(may_follow)
def unread() -> str:
    page = page_of(topics.count_unread(viewer(), read_floor()), POSTS_PER_PAGE)
    return _list(_("Non lus"), topics.unread(viewer(), read_floor()), page)


def _list(title, rows, page) -> str:  # type: ignore[no-untyped-def]
    shown = rows.fetch(page.size, page.offset)
    return render_template("forum/list.html", title=title, topics=shown, page=page)
