"""Forms to join and to decide."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _
from wtforms import PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from comcep.accounts.passwords import LONGEST, SHORTEST
from comcep.text.cleaning import clean_line
from comcep.web.forms import Form

POSITIONS = (
    ("adviser", _("Conseiller·ère : j'accompagne des personnes en entretien")),
    ("head", _("Tête de réseau, encadrement, Carif-Oref, expert·e : je n'accompagne pas moi-même")),
)


def email_address(_form: Form, field: Any) -> None:
    """An address that can receive mail, by its form only: whether it is known here is never said."""
    try:
        validate_email((field.data or "").strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValidationError(_("Cette adresse n'a pas la forme attendue, par exemple prenom.nom@reseau.fr.")) from None


def full_name(_form: Form, field: Any) -> None:
    name = clean_line(field.data or "")
    if len(name) < 3 or len(name) > 120:
        raise ValidationError(_("Indiquez votre prénom et votre nom (120 caractères au plus)."))


def new_password(_form: Form, field: Any) -> None:
    if not SHORTEST <= len(field.data or "") <= LONGEST:
        raise ValidationError(
            _("Choisissez un mot de passe d'au moins %(count)s caractères, par exemple trois mots.", count=SHORTEST)
        )


class JoinForm(Form):
    """Who asks, and the network whose word they need."""

    name = StringField(_("Prénom et nom"), [full_name])
    email = StringField(_("Adresse électronique professionnelle"), [email_address])
    password = PasswordField(_("Mot de passe"), [new_password])
    network = SelectField(_("Votre réseau ou organisme"), [InputRequired(_("Choisissez votre réseau."))])
    region = SelectField(_("Votre région"), [InputRequired(_("Choisissez votre région."))])
    position = RadioField(
        _("Votre fonction"), [InputRequired(_("Indiquez votre fonction."))], choices=POSITIONS, default="adviser"
    )


class DecisionForm(Form):
    """The referent's word."""

    decision = RadioField(_("Décision"), choices=[("accept", ""), ("accept-head", ""), ("refuse", "")])
    reason = TextAreaField(_("Motif du refus"), [Length(max=1000, message=_("1 000 caractères au plus."))])

    def validate_reason(self, field: Any) -> None:
        if self.decision.data == "refuse" and not clean_line(field.data or ""):
            raise ValidationError(_("Écrivez le motif : la personne le recevra."))
