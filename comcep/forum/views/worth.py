"""Whether a solution served, said in one click."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from comcep.forum import worth
from comcep.forum.reading import topics
from comcep.forum.views import forum
from comcep.forum.views.acted import done, refused
from comcep.web.csrf import offers_text_again
from comcep.web.current import viewer
from comcep.web.forms import Form


@forum.post("/sujets/<public_id:topic_id>/utilite")
@offers_text_again
def say_worth(topic_id: int) -> Any:
    topic = topics.topic_or_404(viewer(), topic_id)
    if not (form := Form()).validate_on_submit():
        return refused(topic, form)
    worth.say(viewer(), topic, request.form.get("helped") == "yes")
    flash(_("Merci : votre réponse compte, avec celles des autres, dans la synthèse."))
    return done(topic)
