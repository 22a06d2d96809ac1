"""The check of forms against forgery. A form whose text must not be lost checks itself and is shown again."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _

from comcep.extensions import csrf

EXPIRED = _("Ce formulaire avait expiré. Votre texte est gardé : relisez-le et envoyez-le de nouveau.")


def offers_text_again(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view whose FlaskForm checks its own token and shows what was typed."""
    view.offers_text_again = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    @app.before_request
    def check() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS") or not current_app.config["WTF_CSRF_ENABLED"]:
            return
        view = current_app.view_functions.get(request.endpoint or "")
        if view is not None and not getattr(view, "offers_text_again", False):
            csrf.protect()
