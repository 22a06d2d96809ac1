"""The base of every form: a field's length is looked at before anything is done with it; WTForms' own few sentences are
in French, loaded once; and whether a form comes back.
"""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms.validators import StopValidation

from comcep.text.cleaning import clean_text
from comcep.web.sent import is_resumed

LONGEST = 10_000  # characters of a field as they came; what may be stored of it is each field's own, and far less


class Form(FlaskForm):
    """A form whose fields are no longer than `longest` says, LONGEST where it does not."""

    longest: dict[str, int] = {}

    class Meta(FlaskForm.Meta):
        locales = ("fr",)
        cache_translations = True

    is_resumed = False
    is_stopped = False  # for another reason than what a field holds: somebody else was first, a guard found something

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            field.validators = (_short_enough, *field.validators)
        g.setdefault("forms", []).append(self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Never while a form is shown as it was left: it is filled, and nobody has sent it again."""
        self.is_resumed = is_resumed()
        return not self.is_resumed and super().validate(extra_validators)

    @property
    def is_refused(self) -> bool:
        """Whether it comes back to be corrected."""
        return self.is_stopped or bool(self.errors)


@dataclass(frozen=True)
class Refused:
    """An act that was not done. place: the id of its field on the page, where its form comes back; with none, it is
    said at the top why, with the words that went nowhere."""

    form: Form
    place: str
    why: str

    @property
    def reason(self) -> str:
        return str(self.form["reason"].data or "") if "reason" in self.form else ""


def _short_enough(form: Form, field: Any) -> None:
    """Before every other check of a field, which may cost more for each character."""
    length, most = sum(len(value) for value in field.raw_data or []), form.longest.get(field.short_name, LONGEST)
    if length > most:
        raise StopValidation(
            _("%(length)s caractères, c'est trop : raccourcissez ce champ.", length=f"{length:_}".replace("_", " "))
        )


class Seen:
    """Requires a text of which something can be seen."""

    field_flags = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Any) -> None:
        if not clean_text(field.data or ""):
            raise StopValidation(self.message)


def init_app(app: Flask) -> None:
    # The title of a page says first that a form of it was refused: it is what one hears, and what a tab shows.
    app.jinja_env.globals["is_refused"] = lambda: any(form.is_refused for form in g.get("forms", ()))
