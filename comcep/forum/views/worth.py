"""Whether a solution served, said in one click."""

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.forum import worth
from comcep.forum.addresses import topic_address
from comcep.forum.reading import topics
from comcep.forum.views import forum
from comcep.web.current import viewer


@forum.post("/sujets/<public_id:topic_id>/utilite")
def say_worth(topic_id: int) -> Response:
    topic = topics.topic_or_404(viewer(), topic_id)
    worth.say(viewer(), topic, request.form.get("helped") == "yes")
    flash(_("Merci : votre réponse compte, avec celles des autres, dans la synthèse."))
    return redirect(topic_address(topic))
