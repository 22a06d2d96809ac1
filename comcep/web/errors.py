"""Pages for what went wrong, in the look of the rest: what to do, and what was typed, kept."""

import logging
import math
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, render_template, request
from flask_babel import lazy_gettext as _
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from comcep import logs
from comcep.access.permissions import Forbidden
from comcep.web import outages, sent
from comcep.web.csrf import EXPIRED, READS
from comcep.web.current import viewer
from comcep.web.filters import how_long
from comcep.web.incoming import storable
from comcep.web.redirects import inside, without_title

logger = logging.getLogger(__name__)


NO_FILE = _("Ce fichier n'existe pas.")
NOT_TO_BE_KEPT = _(
    "Une valeur de cet envoi ne peut pas être enregistrée : un nombre trop grand, ou un caractère illisible. "
    "Rien n'a changé ; corrigez-la et recommencez."
)


class TooManyAttempts(Exception):
    """A limit is reached, and how long the next try waits; said alike for known and unknown addresses."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many tries")
        self.wait = wait

    @property
    def seconds(self) -> int:
        """As Retry-After has it: not before."""
        return math.ceil(self.wait.total_seconds())


MESSAGES = {
    400: (_("Demande incomplète"), _("Il manque quelque chose à cette demande. Revenez en arrière et recommencez.")),
    403: (_("Action non permise"), _("Vous pouvez lire cette page, mais cette action ne vous est pas ouverte.")),
    404: (_("Page introuvable"), _("Cette adresse ne mène à rien que vous puissiez lire.")),
    405: (_("Action impossible ici"), _("Cette adresse ne s'utilise pas ainsi. Revenez à l'accueil.")),
    413: (_("Envoi trop volumineux"), _("L'envoi dépasse la taille permise. Raccourcissez le texte et recommencez.")),
    414: (_("Adresse trop longue"), _("Cette adresse est trop longue. Raccourcissez ce que vous cherchez.")),
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

ENDED = _("Votre session s'est terminée")
ENDED_WRITING = _(
    "C'était pendant que vous écriviez : rien n'a été envoyé, et rien n'est perdu. "
    "Connectez-vous, et le formulaire revient tel que vous l'aviez rempli."
)
ENDED_OTHERWISE = _("Rien n'a été envoyé. Connectez-vous, puis recommencez.")


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(Forbidden, lambda _: page(403))
    app.register_error_handler(TooManyAttempts, _too_many)
    app.register_error_handler(RateLimitExceeded, lambda _: page(429))
    for error in outages.ERRORS:
        app.register_error_handler(error, _database_error)
    for unfit in (DataError, OverflowError, UnicodeError):
        app.register_error_handler(unfit, _not_to_be_kept)
    app.register_error_handler(Exception, _unexpected)


def is_static() -> bool:
    """Whether a file was asked for that is the same for everybody: nothing personal goes with what is said of it."""
    return request.path.startswith("/static/")


def page(
    status: int, sentence: str | None = None, heading: str | None = None, again: bool = False
) -> tuple[str, int, dict[str, str]]:
    """An error page. Signed out, an address that is not public always gives the same 404 with the sign-in form; what
    was sent to it comes back with it, whatever the address. again: only the moment was wrong, one click sends it once
    more."""
    title, message = MESSAGES.get(status, MESSAGES[400])
    is_stranger = not viewer().is_signed_in
    typed = [] if status == 413 else sent.texts()
    has_ended = is_stranger and status == 404 and request.method not in READS and not sent.is_from_elsewhere()
    if has_ended:
        title, message = ENDED, ENDED_WRITING if typed else ENDED_OTHERWISE
    html = render_template(
        "errors/error.html",
        status=status,
        title=heading or title,
        message=sentence or message,
        typed=typed,
        sent=_sent_again() if again or status in (429, 503) else [],
        path=storable(request.path),
        here="",  # no place of the navigation: all addresses answer alike
        is_unknown=status == 404 and not has_ended,
        offers_sign_in=is_stranger and (status == 404 or (status != 413 and sent.KEPT in request.form)),
        next=_page_before() if request.method not in READS else without_title(storable(request.path)),
    )
    return html, status, {"Retry-After": "60"} if status in (429, 503) else {}


def _sent_again() -> sent.Fields:
    """All fields of the form, where one of our own pages sent it and no secret was among them. Its number makes one
    post of both."""
    is_whole = not any("password" in name for name in request.form)
    return sent.fields() if is_whole and not sent.is_from_elsewhere() else []


def _page_before() -> str:
    """The page that a form was on, as far as the browser says it."""
    if not sent.is_on_this_host(request.referrer or ""):
        return "/"
    before = urlsplit(request.referrer or "")
    return inside(without_title(before.path) + (f"?{before.query}" if before.query else ""))


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    if is_static():
        return Response(str(NO_FILE), error.code, content_type="text/plain; charset=utf-8")
    return page(error.code)


def _too_many(error: TooManyAttempts) -> Any:
    sentence = _("Attendez %(time)s avant de recommencer. Rien n'est perdu.", time=how_long(error.wait))
    html, status, headers = page(429, sentence)
    return html, status, {**headers, "Retry-After": str(error.seconds)}


def _expired(_error: CSRFError) -> Any:
    return page(400, EXPIRED, again=True) if viewer().is_signed_in else page(404)


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
