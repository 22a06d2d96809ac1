"""The base of every form: WTForms' own few sentences in French, loaded once."""

from flask_wtf import FlaskForm


class Form(FlaskForm):
    class Meta(FlaskForm.Meta):
        locales = ("fr",)
        cache_translations = True
