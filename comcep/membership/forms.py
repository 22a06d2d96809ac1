"""Forms to join and to decide."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from comcep.accounts.addresses import is_address
from comcep.accounts.forms import new_password
from comcep.membership import reading
from comcep.text.cleaning import clean_line
from comcep.web.forms import Form

LONGEST_NAME = 120
POSITIONS = (
    ("adviser", _("Conseiller·ère : j'accompagne des personnes en entretien")),
    ("head", _("Tête de réseau, encadrement, Carif-Oref, expert·e : je n'accompagne pas moi-même")),
)


def email_address(_form: Form, field: Any) -> None:
    """An address that can receive mail, by its form only: whether it is known here is never said."""
    if not is_address(field.data or ""):
        raise ValidationError(_("Cette adresse n'a pas la forme attendue, par exemple prenom.nom@reseau.fr."))


def full_name(_form: Form, field: Any) -> None:
    name = clean_line(field.data or "")
    if len(name) < 3 or len(name) > LONGEST_NAME:
        raise ValidationError(_("Indiquez votre prénom et votre nom (120 caractères au plus)."))


class NetworkForm(Form):
    """The network whose word one needs, and as what; what is asked again from one's own request."""

    network = SelectField(_("Votre réseau ou organisme"), [DataRequired(_("Choisissez votre réseau."))])
    region = SelectField(_("Votre région"), [DataRequired(_("Choisissez votre région."))])
    position = RadioField(
        _("Votre fonction"), [DataRequired(_("Indiquez votre fonction."))], choices=POSITIONS, default="adviser"
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.network.choices = [("", "Choisir…")] + [(n.slug, n.name) for n in reading.networks()]
        self.region.choices = [("", "Choisir…")] + [(r.code, r.name) for r in reading.regions()]


class JoinForm(NetworkForm):
    """Who asks. The password is chosen behind the link in the mail: whoever types an address may not read its mails."""

    name = StringField(_("Prénom et nom"), [full_name])
    email = StringField(_("Adresse électronique professionnelle"), [email_address])


class ConfirmForm(NetworkForm):
    """What was asked with the address, to be put right by who reads its mails, and their password."""

    name = StringField(_("Prénom et nom"), [full_name])
    password = PasswordField(_("Mot de passe"), [new_password])


class LinkForm(Form):
    """The address to send the link to once more."""

    email = StringField(_("Adresse électronique"), [email_address])


class DecisionForm(Form):
    """The referent's word."""

    decision = RadioField(_("Décision"), choices=[("accept", ""), ("accept-head", ""), ("refuse", "")])
    reason = TextAreaField(_("Motif du refus"), [Length(max=1000, message=_("1 000 caractères au plus."))])

    def validate_reason(self, field: Any) -> None:
        if self.decision.data == "refuse" and not clean_line(field.data or ""):
            raise ValidationError(_("Écrivez le motif : la personne le recevra."))
