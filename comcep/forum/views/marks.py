"""Following a topic, and marking everything as read."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.permissions import may_follow
from comcep.extensions import db
from comcep.forum import marks
from comcep.forum.reading import topics
from comcep.forum.views import forum
from comcep.forum.views.acted import done, refused
from comcep.web.csrf import offers_text_again
from comcep.web.current import requires, viewer
from comcep.web.forms import Form
from comcep.web.redirects import back


@forum.post("/sujets/<public_id:topic_id>/suivi")
@requires(may_follow)
@offers_text_again
def follow(topic_id: int) -> Any:
    """In place for htmx. Without scripts the button belongs to the form of the reply: what is being typed there comes
    back with the page."""
    topic = topics.topic_or_404(viewer(), topic_id)
    if not (form := Form()).validate_on_submit():
        return refused(topic, form)
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
    return done(topic)


@forum.post("/lecture")
@requires(may_follow)
def mark_all_read() -> Response:
    marks.mark_all_read(viewer())
    flash(_("Tout est marqué comme lu."))
    return redirect(back("/"))
