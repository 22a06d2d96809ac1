"""The page that corrects a message, as several views show it, and what a form that is sent twice becomes."""

from typing import Any

from flask import flash, redirect, render_template
from flask_babel import gettext as _

from comcep.access.permissions import wrote
from comcep.forum import publishing
from comcep.forum.addresses import post_address
from comcep.forum.forms import EditForm
from comcep.forum.models import Post
from comcep.forum.publishing import Writing
from comcep.forum.reading import posts
from comcep.web.current import viewer


def edit_page(post: Post, form: EditForm, preview: str | None = None) -> str:
    """The form with a message's text; beside it what somebody else made of it meanwhile, once that was said."""
    is_first = post.id == post.topic.first_post_id
    return render_template(
        "forum/edit.html",
        post=post,
        topic=post.topic,
        form=form,
        is_first=is_first,
        preview=preview,
        is_of_another=not wrote(viewer(), post),
    )


def overtaken_page(post: Post, form: EditForm, version: int) -> str:
    """The form as typed, of the version that somebody else made: their text stands above it."""
    form.version.process_data(version)
    form.version.raw_data, form.overtaken.data, form.is_stopped = None, "1", True
    return edit_page(post, form)


def sent_again(post: Post, writing: Writing) -> Any:
    """The form made this message before, and says something else now: kept as an edit, and said."""
    try:
        has_changed = publishing.replace(viewer(), post, writing)
    except publishing.EditConflict as conflict:
        form = EditForm(formdata=None, body=writing.body, title=writing.title)
        return overtaken_page(post, form, conflict.version), 409
    flash(_said(post, writing, has_changed))
    return redirect(post_address(post.topic, posts.page_of(viewer(), post), post.public_id))


def _said(post: Post, writing: Writing, has_changed: bool) -> str:
    first = _("Ce message était déjà publié : votre nouveau texte le remplace, l'ancien reste dans son historique.")
    if not has_changed:
        first = _("Ce message était déjà publié : il n'a pas été publié une seconde fois.")
    return f"{first} {_what_stays(post, writing)}".strip()


def _what_stays(post: Post, writing: Writing) -> str:
    """What a second sending cannot change, where it would matter."""
    if writing.anonymous and not post.anonymous:
        return _("Il l'est sous votre nom, et le reste.")
    if post.anonymous and not writing.anonymous:
        return _("Il l'est sans votre nom, et le reste.")
    if post.id == post.topic.first_post_id:
        return _("Sa rubrique, sa nature et ses thèmes restent ceux de la première fois.")
    return ""
