"""Forms of a move, of contests and of their answers. The reason of an act is forum/forms.py's ReasonForm."""

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from comcep.forum.forms import ReasonForm
from comcep.web.forms import Form

TOO_LONG = _("2 000 caractères au plus.")
KEEP, TAKE_BACK = "keep", "take-back"


class MoveForm(ReasonForm):
    """Where a topic is moved to, and why."""

    section = SelectField(_("Vers la rubrique"), validate_choice=False)


class ContestForm(Form):
    """Why the author of a message contests a decision on it."""

    reason = TextAreaField(
        _("Pourquoi vous la contestez"),
        [DataRequired(_("Écrivez pourquoi : l'animation le lira.")), Length(max=2000, message=TOO_LONG)],
    )


class AnswerForm(Form):
    """What an animator answers to a contest."""

    decision = RadioField(
        _("Votre réponse"),
        [DataRequired(_("Dites si la décision est maintenue ou reprise."))],
        choices=((KEEP, _("Maintenir la décision")), (TAKE_BACK, _("La reprendre"))),
    )
    reason = TextAreaField(
        _("Motif, dit à l'auteur"),
        [DataRequired(_("Écrivez le motif : l'auteur le lira.")), Length(max=2000, message=TOO_LONG)],
    )
