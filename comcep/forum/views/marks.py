"""Following a topic, and marking everything as read."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.permissions import may_follow
from comcep.extensions import db
from comcep.forum import marks
from comcep.forum.addresses import topic_address
from comcep.forum.forms import WritingForm
from comcep.forum.reading import topics
from comcep.forum.views import forum
from comcep.forum.views.topics import topic_of, topic_page
from comcep.text.cleaning import clean_text
from comcep.web.current import requires, viewer
from comcep.web.redirects import back


@forum.post("/sujets/<public_id:topic_id>/suivi")
@requires(may_follow)
def follow(topic_id: int) -> Any:
    """In place for htmx. Without scripts the button belongs to the form of the reply: what is being typed there comes
    back with the page."""
    topic = topics.topic_or_404(viewer(), topic_id)
    followed = not request.form.get("stop")
    (marks.follow if followed else marks.unfollow)(viewer(), topic.id)
    db.session.commit()
    if request.headers.get("HX-Request"):
        return render_template(
            "forum/_follow.html", topic_id=topic.public_id, followed=followed, beside_reply=True, is_said=True
        )
    flash(
        _("Vous suivez ce sujet : chaque réponse vous sera signalée.")
        if followed
        else _("Vous ne suivez plus ce sujet.")
    )
    if clean_text(request.form.get("body", "")):
        return topic_page(topic_of(topic), WritingForm())
    return redirect(topic_address(topic, _page()))


def _page() -> int:
    typed = request.form.get("page", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 1


@forum.post("/lecture")
@requires(may_follow)
def mark_all_read() -> Response:
    marks.mark_all_read(viewer())
    flash(_("Tout est marqué comme lu."))
    return redirect(back("/"))
