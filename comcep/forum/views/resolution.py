"""Solving a question, taking it back, and saying that it still waits."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from comcep.access.permissions import may_solve, require
from comcep.forum import solving
from comcep.forum.models import Topic
from comcep.forum.reading import posts, topics
from comcep.forum.views import forum
from comcep.forum.views.acted import done, not_done, refused
from comcep.web.converters import as_public_id
from comcep.web.csrf import offers_text_again
from comcep.web.current import viewer
from comcep.web.errors import page
from comcep.web.forms import Form


@forum.post("/sujets/<public_id:topic_id>/resolution")
@offers_text_again
def resolve(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    require(may_solve(viewer(), topic))
    if not (form := Form()).validate_on_submit():
        return refused(topic, form)
    if request.form.get("reopen"):
        solving.reopen(viewer(), topic)
        flash(_("La question est rouverte."))
        return done(topic)
    if request.form.get("waits"):
        return _still_waits(topic, form)
    post_id = as_public_id(request.form.get("post", ""))
    if post_id is None:
        return page(400, _("Choisissez le message qui a résolu la question."))
    try:
        solving.solve(viewer(), topic, posts.post_or_404(viewer(), post_id))
    except solving.NotAQuestion:
        return page(400, _("Seule une question se résout, par une des réponses qu'elle a reçues."))
    flash(_("La question est marquée comme résolue."))
    return done(topic)


def _still_waits(topic: Topic, form: Form) -> Any:
    try:
        solving.still_waits(viewer(), topic)
    except solving.NotAQuestion:
        return not_done(
            topic, form, _("Cette question attend déjà une réponse, ou elle est résolue : rien n'a changé.")
        )
    flash(_("La question est de nouveau parmi celles qui attendent une réponse."))
    return done(topic)
