"""Forms of digests: a period, words, a correction, a passage to take out; of national themes; of themes."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from comcep.analytics.models import STEPS
from comcep.web.forms import Form, Seen


class PeriodForm(Form):
    starts_on = DateField(_("Premier jour"), [InputRequired(_("Indiquez le premier jour, par exemple 2017-01-01."))])
    ends_on = DateField(_("Dernier jour"), [InputRequired(_("Indiquez le dernier jour, par exemple 2017-02-28."))])


class WordsForm(Form):
    longest = {"words": 50_000}

    title = StringField(
        _("Titre"),
        [
            Seen(_("Donnez un titre : ce qu'il faut retenir, en une phrase.")),
            Length(max=200, message=_("200 caractères au plus.")),
        ],
    )
    words = TextAreaField(
        _("Ce que l'animation en retient"),
        [
            Seen(_("Écrivez ce que vous retenez de la période.")),
            Length(max=20_000, message=_("20 000 caractères au plus.")),
        ],
    )
    version = IntegerField(_("Version"), [InputRequired(_("Rouvrez le brouillon."))])
    overtaken = HiddenField()  # somebody else was first: the form goes on showing their words until it is kept


def _words(label: Any, missing: Any) -> TextAreaField:
    return TextAreaField(label, [Seen(missing), Length(max=2000, message=_("2 000 caractères au plus."))])


class CorrectionForm(Form):
    correction = _words(_("Correction"), _("Écrivez ce qu'il faut corriger."))


class RedactionForm(Form):
    passage = _words(_("Passage à retirer"), _("Recopiez le passage à retirer, tel qu'il se lit."))
    reason = _words(_("Pourquoi (inscrit au journal)"), _("Dites pourquoi ce passage est retiré."))


class NominationForm(Form):
    title = StringField(
        _("Thématique"),
        [Seen(_("Nommez la thématique.")), Length(max=200, message=_("200 caractères au plus."))],
    )
    reason = _words(_("Pourquoi"), _("Dites pourquoi elle mérite un travail national."))


class StepForm(Form):
    step = SelectField(_("État"), choices=[(step, step) for step in STEPS])
    outcome = TextAreaField(_("Ce qui en est sorti"), [Length(max=2000, message=_("2 000 caractères au plus."))])
    version = IntegerField(_("Version"), [Optional()])  # what a page opened earlier lacks
    overtaken = HiddenField()


class ThemesForm(Form):
    """One of the four forms on the page of themes; act says which."""

    act = HiddenField()
    label = StringField(_("Nom"))
    description = StringField(_("Ce qui en relève"))
    theme = SelectField(_("Thème"), validate_choice=False)
    into = SelectField(_("Compte désormais avec"), validate_choice=False)
    topics = SelectMultipleField(_("Sujets"), validate_choice=False)
    themes = SelectMultipleField(_("Thèmes"), validate_choice=False)


class CommentForm(Form):
    words = _words(_("Commentaire"), _("Écrivez votre commentaire."))
