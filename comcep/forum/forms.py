"""The forum's forms: what is checked before anything is written, and the sentence beside the field."""

import secrets
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, ValidationError

from comcep.forum.models import KINDS
from comcep.settings import BODY_LIMIT
from comcep.text.cleaning import clean_line, clean_text
from comcep.text.personal_data import PersonalDatum, find_personal_data
from comcep.web.forms import Form, Seen

KIND_LABELS = {
    "question": _("Question"),
    "discussion": _("Discussion"),
    "resource": _("Outil ou ressource à partager"),
    "announcement": _("Annonce"),
    "event": _("Événement"),
}
MOST_THEMES = 3


def written(_form: Form, field: Any) -> None:
    """A text with at least one visible character, and no more than a post holds."""
    text = clean_text(field.data or "")
    if not text:
        raise ValidationError(_("Écrivez votre message."))
    if len(text) > BODY_LIMIT:
        raise ValidationError(
            _("Le message compte %(count)s caractères ; 100 000 au plus. Raccourcissez-le.", count=len(text))
        )


def titled(_form: Form, field: Any) -> None:
    """A title of 1 to 200 visible characters."""
    title = clean_line(field.data or "")
    if not title:
        raise ValidationError(_("Donnez un titre : la question en une phrase."))
    if len(title) > 200:
        raise ValidationError(
            _("Le titre compte %(count)s caractères ; 200 au plus. Le détail va dans le message.", count=len(title))
        )


class WritingForm(Form):
    """What every message has: its text, with or without one's name, and the warning about personal data."""

    longest = {"body": 2 * BODY_LIMIT}  # letters may come in two pieces, ends of line in two characters

    body = TextAreaField(_("Message"), [written])
    anonymous = BooleanField(_("Publier sans mon nom"))
    confirm = BooleanField(_("J'ai relu : publier ainsi"))
    submission = HiddenField(default=lambda: secrets.token_urlsafe(20))

    found: list[PersonalDatum] = []

    def texts(self) -> str:
        return clean_text(self.body.data or "")

    def warns(self) -> bool:
        """Whether personal data was found and not yet confirmed; found holds it for the page."""
        self.found = find_personal_data(self.texts())
        return self.is_warned

    @property
    def is_warned(self) -> bool:
        return bool(self.found) and not self.confirm.data

    @property
    def is_refused(self) -> bool:
        return self.is_warned or super().is_refused


class TopicForm(WritingForm):
    """A new topic."""

    title = StringField(_("Titre"), [titled])
    section = SelectField(_("Rubrique"), [InputRequired(_("Choisissez une rubrique."))], validate_choice=False)
    kind = SelectField(_("Nature"), choices=[(kind, KIND_LABELS[kind]) for kind in KINDS], default="question")
    themes = SelectMultipleField(_("Thèmes"), validate_choice=False)

    def texts(self) -> str:
        return f"{clean_line(self.title.data or '')}\n{super().texts()}"

    def validate_themes(self, field: Any) -> None:
        if len(set(field.data or [])) > MOST_THEMES:
            raise ValidationError(_("Trois thèmes au plus."))


class EditForm(WritingForm):
    """A post as its author or an animator corrects it; the title only with the first post."""

    title = StringField(_("Titre"))
    version = IntegerField(_("Version"), [InputRequired(_("La version modifiée manque : rouvrez le message."))])
    overtaken = HiddenField()  # somebody else was first: the form goes on showing their text until it is published
    reason = TextAreaField(_("Motif, dit à l'auteur"), [Length(max=2000, message=_("2 000 caractères au plus."))])

    has_title = False
    is_of_another = False  # an animator corrects somebody else's message, and says why

    def validate_title(self, field: Any) -> None:
        if self.has_title:
            titled(self, field)

    def validate_reason(self, field: Any) -> None:
        if self.is_of_another and not clean_text(field.data or ""):
            raise ValidationError(_("Écrivez le motif : l'auteur le recevra, avec son texte d'avant."))


class ReasonForm(Form):
    """An act of moderation with its reason."""

    reason = TextAreaField(
        _("Motif"),
        [
            Seen(_("Écrivez le motif : il est dit à l'auteur.")),
            Length(max=2000, message=_("2 000 caractères au plus.")),
        ],
    )
