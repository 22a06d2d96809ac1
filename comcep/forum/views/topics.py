"""A topic's page, and asking."""

from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.naming import NAMED, offered
from comcep.access.permissions import (
    may_moderate,
    may_post,
    may_post_somewhere,
    may_solve,
)
from comcep.extensions import db, limiter
from comcep.forum import marks, publishing, resending, worth
from comcep.forum.addresses import topic_address
from comcep.forum.forms import TopicForm, WritingForm
from comcep.forum.models import Section, Topic
from comcep.forum.publishing import Writing
from comcep.forum.reading import destinations, posts, sections, topics
from comcep.forum.signals import topic_read
from comcep.forum.views import forum
from comcep.forum.views.editing import sent_again
from comcep.settings import POSTS_PER_PAGE
from comcep.web.csrf import offers_text_again
from comcep.web.current import read_floor, requires, viewer
from comcep.web.limits import POSTING, by_member
from comcep.web.outages import mark_that_may_wait
from comcep.web.pagination import page_of


@forum.get("/sujets/<public_id:topic_id>")
@forum.get("/sujets/<public_id:topic_id>-<slug>")
def show(topic_id: int, slug: str = "") -> str | Response:
    topic = topics.page_or_404(viewer(), topic_id)
    if slug != topic.slug:  # only after access was checked: the slug is the title
        query = request.query_string.decode()
        return redirect(topic_address(topic) + (f"?{query}" if query else ""))
    return topic_page(topic, WritingForm(formdata=None))


def topic_page(
    topic: Any, form: WritingForm, status: int = 200, preview: str | None = None, refused: Any = None
) -> Any:
    """The topic's page with its reply form, blank or as it was typed; refused: an act that was not done (acted.py)."""
    page = page_of(posts.count(viewer(), topic), POSTS_PER_PAGE, request.form.get("page"))
    shown = posts.of_topic(viewer(), topic.id, page.offset)
    html = render_template(
        "forum/topic.html",
        topic=topic,
        posts=shown,
        page=page,
        solution=_solution(topic, shown),
        themes=topics.themes_of(topic.id),
        read_up_to=max(topic.read_post_id or 0, read_floor()),
        form=form,
        preview=preview,
        refused=refused,
        may_reply=may_post(viewer(), topic) and not topic.hidden_at,
        is_closed=topic.closed_at is not None or topic.section_closed_at is not None,
        may_solve=may_solve(viewer(), topic) and topic.kind == "question",
        may_moderate=may_moderate(viewer()),
        asks_worth=worth.is_asked(viewer(), topic, topic.solved_at),
        naming=offered(viewer(), topic, topic.was_unnamed),
        destinations=destinations.accepted(viewer(), topic) if may_moderate(viewer()) else None,
    )
    _mark_read(topic, shown)
    return html, status


def _solution(topic: Any, shown: list[Any]) -> Any | None:
    if topic.solving_post_id is None:
        return None
    on_page = next((post for post in shown if post.id == topic.solving_post_id), None)
    return on_page or posts.row(viewer(), topic.solving_post_id)


def _mark_read(topic: Any, shown: list[Any]) -> None:
    """After the page is made, so that it still shows what is new; written only when the mark moves."""
    if not viewer().is_member or not shown:
        return
    last = shown[-1].id
    if last > max(topic.read_post_id or 0, read_floor()):
        with mark_that_may_wait():
            marks.mark_read(viewer(), topic.id, last)
            db.session.commit()
            topic_read.send(viewer(), topic_id=topic.id, up_to=last)


@forum.get("/poser")
@requires(may_post_somewhere)
def ask() -> str:
    form = TopicForm(formdata=None)
    wanted = request.args.get("rubrique", "")
    form.section.data = wanted
    return _ask_page(form)


@forum.post("/poser/debut")
@requires(may_post_somewhere)
def begin() -> Any:
    """The page to ask at, with the title that somebody has searched for in vain: typed, it travels in no address."""
    form = TopicForm(formdata=None)
    form.title.data = request.form.get("title", "")[:200]
    return _ask_page(form)


@forum.post("/poser")
@requires(may_post_somewhere)
@offers_text_again
@limiter.limit(POSTING, key_func=by_member)
def create() -> Any:
    form = TopicForm()
    is_valid = form.validate_on_submit()
    if request.form.get("preview"):
        return _ask_page(form, preview=form.body.data)
    if not is_valid:
        return _ask_page(form, 422)
    section = next((s for s in sections.open_to(viewer()) if s.slug == form.section.data), None)
    if section is None:
        form.section.errors = [_why_not(form.section.data)]
        return _ask_page(form, 422)
    if form.warns():
        return _ask_page(form, 422)
    themes = [theme for theme in topics.all_themes() if theme.slug in (form.themes.data or [])]
    try:
        topic = publishing.open_topic(viewer(), section, _writing(form), form.kind.data, themes)
    except publishing.Closed:
        form.section.errors = [_why_not(form.section.data)]
        return _ask_page(form, 409)
    except publishing.NeedsName:
        form.anonymous.errors = [_needs_name(section.name)]
        return _ask_page(form, 422)
    except resending.SentBefore as sent:
        return sent_again(sent.post, _writing(form))
    flash(_("Votre sujet est publié."))
    return redirect(topic_address(topic))


def _needs_name(section: str) -> str:
    return _(
        "Dans « %(section)s », les messages portent le nom de leur auteur : rien n'est publié. "
        "Décochez « sans mon nom », ou choisissez une autre rubrique.",
        section=section,
    )


def _writing(form: TopicForm) -> Writing:
    return Writing(
        title=form.title.data or "",
        body=form.body.data or "",
        anonymous=form.anonymous.data,
        despite_warning=bool(form.found),
        submission=request.form.get("submission") or None,
    )


def _why_not(slug: str) -> str:
    """Why a section takes no topic, without telling of one the viewer may not see."""
    visible: dict[str, Section] = {section.slug: section for section in sections.shown(viewer())}
    if slug in visible and visible[slug].closed_at is not None:
        return _("Cette rubrique est fermée depuis peu. Choisissez-en une autre ; votre texte est gardé.")
    return _("Cette rubrique n'existe pas ou ne vous est pas ouverte. Choisissez-en une dans la liste.")


def _ask_page(form: TopicForm, status: int = 200, preview: str | None = None) -> Any:
    open_sections = sections.open_to(viewer())
    if not open_sections and request.method == "GET":  # what was sent comes back, whatever closed meanwhile
        abort(404)
    return (
        render_template(
            "forum/ask.html",
            form=form,
            sections=open_sections,
            themes=topics.all_themes(),
            preview=preview,
            need_name=[section for section in open_sections if offered(viewer(), section) == NAMED],
        ),
        status,
    )


def topic_of(topic: Topic) -> Any:
    """The page row of a topic already found to act on."""
    return topics.page_or_404(viewer(), topic.public_id)
