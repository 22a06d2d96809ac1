"""Pages for what went wrong, in the look of the rest: what to do, and what was typed, kept."""

import logging
from typing import Any

from flask import Flask, Response, render_template, request
from flask_babel import lazy_gettext as _
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from comcep import logs
from comcep.access.permissions import Forbidden
from comcep.web import outages
from comcep.web.csrf import EXPIRED
from comcep.web.current import viewer
from comcep.web.incoming import storable
from comcep.web.redirects import without_title

logger = logging.getLogger(__name__)


NO_FILE = _("Ce fichier n'existe pas.")
NOT_TO_BE_KEPT = _(
    "Une valeur de cet envoi ne peut pas être enregistrée : un nombre trop grand, ou un caractère illisible. "
    "Rien n'a changé ; corrigez-la et recommencez."
)


class TooManyAttempts(Exception):
    """A limit is reached; said alike for known and unknown addresses."""


MESSAGES = {
    400: (_("Demande incomplète"), _("Il manque quelque chose à cette demande. Revenez en arrière et recommencez.")),
    403: (_("Action non permise"), _("Vous pouvez lire cette page, mais cette action ne vous est pas ouverte.")),
    404: (_("Page introuvable"), _("Cette adresse ne mène à rien que vous puissiez lire.")),
    405: (_("Action impossible ici"), _("Cette adresse ne s'utilise pas ainsi. Revenez à l'accueil.")),
    413: (_("Envoi trop volumineux"), _("L'envoi dépasse la taille permise. Raccourcissez le texte et recommencez.")),
    429: (_("Trop d'essais à la suite"), _("Attendez quelques minutes avant de recommencer. Rien n'est perdu.")),
    500: (
        _("Une erreur de notre côté"),
        _("L'erreur est notée. Réessayez dans un instant ; ce qui était publié l'est."),
    ),
    503: (
        _("ComCEP ne peut pas enregistrer pour l'instant"),
        outages.AWAY,
    ),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(Forbidden, lambda _: page(403))
    app.register_error_handler(TooManyAttempts, lambda _: page(429))
    app.register_error_handler(RateLimitExceeded, lambda _: page(429))
    for error in outages.ERRORS:
        app.register_error_handler(error, _database_error)
    for unfit in (DataError, OverflowError, UnicodeError):
        app.register_error_handler(unfit, _not_to_be_kept)
    app.register_error_handler(Exception, _unexpected)


def is_static() -> bool:
    """Whether a file was asked for that is the same for everybody: nothing personal goes with what is said of it."""
    return request.path.startswith("/static/")


def page(status: int, sentence: str | None = None, heading: str | None = None) -> tuple[str, int, dict[str, str]]:
    """An error page. Signed out, an address that is not public always gives the same 404 with the sign-in form."""
    title, message = MESSAGES.get(status, MESSAGES[400])
    html = render_template(
        "errors/error.html",
        status=status,
        title=heading or title,
        message=sentence or message,
        typed=_typed(status),
        sent=_sent(status),
        path=storable(request.path),
        offers_sign_in=status == 404 and not viewer().is_signed_in,
        next=without_title(storable(request.path)) if request.method == "GET" else "/",
    )
    return html, status, {"Retry-After": "60"} if status in (429, 503) else {}


def _typed(status: int) -> list[str]:
    """The texts of the form, to be copied: what was typed is never lost."""
    if request.method == "GET" or status == 413:
        return []
    fields = request.form.items(multi=True)
    return [text for name, value in fields if (text := value.strip()) and _is_typed(name, text)]


def _sent(status: int) -> list[tuple[str, str]]:
    """All fields of the form, to send it once more in one click: where only the moment was wrong, and no secret is
    among them. Its number makes one post of both."""
    fields = list(request.form.items(multi=True)) if request.method == "POST" and status == 503 else []
    return [] if any("password" in name for name, _ in fields) else fields


def _is_typed(name: str, text: str) -> bool:
    """Whether a field holds what a person wrote, and no secret: by its name, or since it has the look of a sentence."""
    if "password" in name or name in ("csrf_token", "next"):
        return False
    return name in ("title", "body", "reason", "words") or " " in text or "\n" in text


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    if is_static():
        return Response(str(NO_FILE), error.code, content_type="text/plain; charset=utf-8")
    return page(error.code)


def _expired(_error: CSRFError) -> Any:
    return page(400, EXPIRED)


def _database_error(error: SQLAlchemyError) -> Any:
    logger.error("database: %s", logs.kind(error))
    outages.forget_database()
    why = outages.why(error)
    return page(503, why, outages.UNAVAILABLE if why is outages.AWAY else None)


def _not_to_be_kept(error: Exception) -> Any:
    """A value that no form looked at, and that the database or the encoding of text refuses: a number too large."""
    logger.warning("a value was refused on %s: %s", request.endpoint, logs.kind(error))
    outages.forget_database()
    return page(400, NOT_TO_BE_KEPT)


def _unexpected(_error: Exception) -> Any:
    logger.exception("unexpected error on %s", request.endpoint)
    outages.forget_database()
    return page(500)
