"""Following a topic, and marking everything as read."""

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.permissions import may_follow
from comcep.extensions import db
from comcep.forum import marks
from comcep.forum.addresses import topic_address
from comcep.forum.reading import topics
from comcep.forum.views import forum
from comcep.web.current import requires, viewer
from comcep.web.redirects import back


@forum.post("/sujets/<public_id:topic_id>/suivi")
@requires(may_follow)
def follow(topic_id: int) -> Response:
    topic = topics.topic_or_404(viewer(), topic_id)
    if request.form.get("stop"):
        marks.unfollow(viewer(), topic.id)
        flash(_("Vous ne suivez plus ce sujet."))
    else:
        marks.follow(viewer(), topic.id)
        flash(_("Vous suivez ce sujet : chaque réponse vous sera signalée."))
    db.session.commit()
    return redirect(topic_address(topic))


@forum.post("/lecture")
@requires(may_follow)
def mark_all_read() -> Response:
    marks.mark_all_read(viewer())
    flash(_("Tout est marqué comme lu."))
    return redirect(back("/"))
