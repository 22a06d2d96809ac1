"""Forms of a digest: its period, and the animator's words."""

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from comcep.web.forms import Form


class PeriodForm(Form):
    starts_on = DateField(_("Premier jour"), [InputRequired(_("Indiquez le premier jour, par exemple 2017-01-01."))])
    ends_on = DateField(_("Dernier jour"), [InputRequired(_("Indiquez le dernier jour, par exemple 2017-02-28."))])


class WordsForm(Form):
    title = StringField(
        _("Titre"),
        [
            DataRequired(_("Donnez un titre : ce qu'il faut retenir, en une phrase.")),
            Length(max=200, message=_("200 caractères au plus.")),
        ],
    )
    words = TextAreaField(
        _("Ce que l'animation en retient"),
        [
            DataRequired(_("Écrivez ce que vous retenez de la période.")),
            Length(max=20_000, message=_("20 000 caractères au plus.")),
        ],
    )
    version = IntegerField(_("Version"), [InputRequired(_("Rouvrez le brouillon."))])
