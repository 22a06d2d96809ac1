"""Forms of technical administration: a section's name and place, an account's state."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from comcep.text.cleaning import clean_line, clean_text
from comcep.web.forms import Form


class SectionForm(Form):
    name = StringField(_("Nom"))
    position = StringField(_("Ordre"))

    def validate_name(self, field: Any) -> None:
        if not 1 <= len(clean_line(field.data or "")) <= 120:
            raise ValidationError(_("Le nom compte de 1 à 120 caractères. Rien n'a changé."))

    def validate_position(self, field: Any) -> None:
        typed = field.data or ""
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 4):
            raise ValidationError(_("L'ordre est un nombre, de 0 à 999. Rien n'a changé."))


class StateForm(Form):
    state = RadioField(_("État"), [InputRequired(_("Choisissez un état."))], choices=("active", "suspended"))
    reason = TextAreaField(_("Motif, envoyé à la personne"))

    def validate_reason(self, field: Any) -> None:
        if self.state.data == "suspended" and not 1 <= len(clean_text(field.data or "")) <= 2000:
            raise ValidationError(
                _("Écrivez le motif (2 000 caractères au plus) : la personne le recevra. Rien n'a changé.")
            )
