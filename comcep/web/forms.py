"""The base of every form: WTForms' own few sentences in French, loaded once; and whether a form comes back."""

from typing import Any

from flask import Flask, g
from flask_wtf import FlaskForm

from comcep.web.sent import is_resumed


class Form(FlaskForm):
    class Meta(FlaskForm.Meta):
        locales = ("fr",)
        cache_translations = True

    is_resumed = False
    is_stopped = False  # for another reason than what a field holds: somebody else was first, a guard found something

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        g.setdefault("forms", []).append(self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Never while a form is shown as it was left: it is filled, and nobody has sent it again."""
        self.is_resumed = is_resumed()
        return not self.is_resumed and super().validate(extra_validators)

    @property
    def is_refused(self) -> bool:
        """Whether it comes back to be corrected."""
        return self.is_stopped or bool(self.errors)


def init_app(app: Flask) -> None:
    # The title of a page says first that a form of it was refused: it is what one hears, and what a tab shows.
    app.jinja_env.globals["is_refused"] = lambda: any(form.is_refused for form in g.get("forms", ()))
