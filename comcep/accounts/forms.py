"""Forms of signing in and of one's account."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from comcep.accounts.passwords import LONGEST, weakness
from comcep.web.forms import Form


class SignInForm(Form):
    email = StringField(_("Adresse électronique"), [InputRequired(_("Indiquez votre adresse.")), Length(max=254)])
    password = PasswordField(_("Mot de passe"), [InputRequired(_("Indiquez votre mot de passe.")), Length(max=LONGEST)])


class AddressForm(Form):
    email = StringField(_("Adresse électronique"), [InputRequired(_("Indiquez votre adresse.")), Length(max=254)])


def new_password(_form: Form, field: Any) -> None:
    if sentence := weakness(field.data or ""):
        raise ValidationError(sentence)


class NewPasswordForm(Form):
    password = PasswordField(_("Nouveau mot de passe"), [new_password])
