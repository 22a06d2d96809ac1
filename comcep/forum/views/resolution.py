"""Solving a question, taking it back, and saying that it still waits."""

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.access.permissions import may_solve, require
from comcep.forum import solving
from comcep.forum.addresses import topic_address
from comcep.forum.models import Topic
from comcep.forum.reading import posts, topics
from comcep.forum.views import forum
from comcep.web.current import viewer
from comcep.web.errors import page

ErrorPage = tuple[str, int, dict[str, str]]


@forum.post("/sujets/<public_id:topic_id>/resolution")
def resolve(topic_id: int) -> Response | ErrorPage:
    topic = topics.topic_or_404(viewer(), topic_id)
    require(may_solve(viewer(), topic))
    if request.form.get("reopen"):
        solving.reopen(viewer(), topic)
        flash(_("La question est rouverte."))
        return redirect(topic_address(topic))
    if request.form.get("waits"):
        return _still_waits(topic)
    wanted = request.form.get("post", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) == 15):
        return page(400, _("Choisissez le message qui a résolu la question."))
    try:
        solving.solve(viewer(), topic, posts.post_or_404(viewer(), int(wanted)))
    except solving.NotAQuestion:
        return page(400, _("Seule une question se résout, par une des réponses qu'elle a reçues."))
    flash(_("La question est marquée comme résolue."))
    return redirect(topic_address(topic))


def _still_waits(topic: Topic) -> Response | ErrorPage:
    try:
        solving.still_waits(viewer(), topic)
    except solving.NotAQuestion:
        return page(409, _("Cette question attend déjà une réponse, ou elle est résolue : rien n'a changé."))
    flash(_("La question est de nouveau parmi celles qui attendent une réponse."))
    return redirect(topic_address(topic))
