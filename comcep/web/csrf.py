"""The check of forms against forgery, and of who sends them. A form whose text must not be lost checks itself and is
shown again; what is sent signed out gets one answer at every address.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, abort, current_app, request
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from comcep.extensions import csrf
from comcep.web.current import viewer
from comcep.web.sent import is_from_here

EXPIRED = _("Ce formulaire avait expiré. Votre texte est gardé : relisez-le et envoyez-le de nouveau.")
SIGNED_OUT = ("accounts", "membership")  # blueprints with forms that one sends signed out: to sign in, to join
READS = ("GET", "HEAD", "OPTIONS")


def offers_text_again(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view whose FlaskForm checks its own token, and shows what was typed before it has done anything."""
    view.offers_text_again = True  # type: ignore[attr-defined]
    return view


def works_when_expired(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that takes an expired form of our own pages: a press on "sign out" must never be in vain."""
    view.works_when_expired = True  # type: ignore[attr-defined]
    return view


def form_at(path: str) -> tuple[str, dict[str, Any]] | None:
    """The view that takes the form sent to this path and shows it again, and the values of its address."""
    try:
        endpoint, values = current_app.url_map.bind("").match(path, method="POST")
    except HTTPException:
        return None
    is_marked = getattr(current_app.view_functions[endpoint], "offers_text_again", False)
    return (endpoint, dict(values)) if is_marked else None


def init_app(app: Flask) -> None:
    @app.before_request
    def check() -> None:
        if request.method in READS:
            return
        if request.blueprint not in SIGNED_OUT and not viewer().is_signed_in:
            abort(413 if _is_too_large() else 404)
        view = current_app.view_functions.get(request.endpoint or "")
        if view is None or not current_app.config["WTF_CSRF_ENABLED"] or getattr(view, "offers_text_again", False):
            return
        if not (getattr(view, "works_when_expired", False) and is_from_here()):
            csrf.protect()


def _is_too_large() -> bool:
    """Whether the form cannot even be read; before the page that shows its texts tries to."""
    try:
        return request.form is None
    except RequestEntityTooLarge:
        return True
