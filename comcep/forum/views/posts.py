"""A reply, a post's edit and history, its address, and the preview of a text."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.permissions import may_edit, may_post_somewhere, may_see_history, require, wrote
from comcep.extensions import limiter
from comcep.forum import publishing, resending
from comcep.forum.addresses import post_address
from comcep.forum.forms import EditForm, WritingForm
from comcep.forum.models import Post
from comcep.forum.publishing import Writing
from comcep.forum.reading import posts, topics
from comcep.forum.views import forum
from comcep.forum.views.editing import edit_page, overtaken_page, sent_again
from comcep.forum.views.topics import topic_of, topic_page
from comcep.settings import REQUEST_LIMIT
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer
from comcep.web.filters import rendered
from comcep.web.limits import POSTING, PREVIEWING, by_member, takes


@forum.post("/sujets/<public_id:topic_id>/messages")
@offers_text_again
@limiter.limit(POSTING, key_func=by_member)
def reply(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    form = WritingForm()
    is_valid = form.validate_on_submit()
    if request.form.get("preview"):
        return topic_page(topic_of(topic), form, preview=form.body.data)
    if not is_valid or form.warns():
        return topic_page(topic_of(topic), form, 422)
    writing = _writing(form)
    try:
        post = publishing.reply(viewer(), topic, writing)
    except publishing.NeedsName:
        form.anonymous.errors = [
            _("Ici, chaque message porte le nom de son auteur : rien n'est publié. « Publier » le fera sous le vôtre.")
        ]
        return topic_page(topic_of(topic), form, 422)
    except resending.SentBefore as sent:
        return sent_again(sent.post, writing)
    except publishing.Closed:
        form.body.errors = [
            _("Ce sujet a été fermé entre-temps : il ne reçoit plus de réponse. Votre texte est gardé ici.")
        ]
        return topic_page(topic_of(topic), form, 409)
    flash(_("Votre réponse est publiée."))
    return _to_post(post)


def _writing(form: WritingForm) -> Writing:
    return Writing(
        body=form.body.data or "",
        anonymous=form.anonymous.data,
        despite_warning=bool(form.found),
        submission=request.form.get("submission") or None,
    )


@forum.get("/messages/<public_id:post_id>")
def show_post(post_id: int) -> Response:
    return _to_post(posts.post_or_404(viewer(), post_id))


def _to_post(post: Post) -> Response:
    return redirect(post_address(post.topic, posts.page_of(viewer(), post), post.public_id))


@forum.get("/messages/<public_id:post_id>/modifier")
@requires(may_post_somewhere)
def edit(post_id: int) -> str:
    post = posts.post_or_404(viewer(), post_id)
    require(may_edit(viewer(), post))
    form = EditForm(formdata=None, body=post.source, title=post.topic.title, version=post.version)
    return edit_page(post, form)


@forum.post("/messages/<public_id:post_id>/modifier")
@requires(may_post_somewhere)
@offers_text_again
@limiter.limit(POSTING, key_func=by_member)
def save_edit(post_id: int) -> Any:
    post = posts.post_or_404(viewer(), post_id)
    require(may_edit(viewer(), post))
    form = EditForm()
    form.has_title = post.id == post.topic.first_post_id
    form.is_of_another = not wrote(viewer(), post)
    is_valid = form.validate_on_submit()
    if request.form.get("preview"):
        return edit_page(post, form, preview=form.body.data)
    if not is_valid or form.warns():
        return edit_page(post, form), 422
    writing = Writing(body=form.body.data or "", title=form.title.data or "", despite_warning=bool(form.found))
    try:
        publishing.edit(viewer(), post.topic, post, writing, form.version.data or 0, form.reason.data or "")
    except publishing.EditConflict as conflict:
        return overtaken_page(post, form, conflict.version), 409
    flash(_("Votre modification est publiée."))
    return _to_post(post)


@forum.get("/messages/<public_id:post_id>/historique")
@requires(may_post_somewhere)
def history(post_id: int) -> str:
    post = posts.post_or_404(viewer(), post_id)
    require(may_see_history(viewer(), post))
    return render_template("forum/history.html", post=post, topic=post.topic, revisions=posts.revisions(post))


@forum.post("/apercu")
@takes(REQUEST_LIMIT)
@limiter.limit(PREVIEWING, key_func=by_member)
@requires(may_post_somewhere)
def preview() -> str:
    """The HTML a text would have, for the composer."""
    return render_template("forum/_preview.html", html=rendered(request.form.get("body", "")))
