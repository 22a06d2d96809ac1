"""What comes in with a request, before any view reads it: no value holds a character that a database, a file name, a
header or a mail would refuse. NUL is one: PostgreSQL keeps no text with it. A half of a surrogate pair is another.

Such a character is taken out of fields and arguments, and whoever sent it is told; the rest of the text is kept. In the
path it leads nowhere, in a cookie it is no cookie of ours. How long a value may be is each form's to say.
"""

import logging
import re
import threading
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from flask import Flask, Request, abort, flash, request
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.datastructures.structures import iter_multi_items
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property

logger = logging.getLogger(__name__)

REMOVED = _(
    "Des caractères invisibles, qui ne peuvent pas être enregistrés, ont été retirés de ce que vous avez envoyé. "
    "Le reste est gardé tel quel."
)
NOBODY = "0.0.0.0"  # noqa: S104  (an address that is none, never listened on)
_REFUSED = re.compile("[\x00\ud800-\udfff]")
_OF_OURS = re.compile(r"[\x21-\x7e]+")


def storable(text: str) -> str:
    """The text without the characters that cannot be kept."""
    return _REFUSED.sub("", text)


class Fields(ImmutableMultiDict[str, Any]):
    """Fields or arguments; what could not be kept is gone from them, and were_changed says that there was some."""

    def __init__(self, pairs: Any = None) -> None:
        sent = list(iter_multi_items(pairs)) if pairs is not None else []
        kept: list[Any] = [tuple(storable(part) if isinstance(part, str) else part for part in pair) for pair in sent]
        self.were_changed = kept != sent
        super().__init__(kept)


class Incoming(Request):
    """A request whose values can all be kept."""

    parameter_storage_class = Fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remote_addr = _address(self.remote_addr)

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """Those that this site may have set: all of ASCII signs that can be seen."""
        ascii_only = "".join(
            sign if " " <= sign <= "~" else "\x7f" for sign in ";".join(self.headers.getlist("Cookie"))
        )
        return ImmutableMultiDict(list(_of_ours(parse_cookie(ascii_only).items(multi=True))))

    def get_json(self, *args: Any, **kwargs: Any) -> Any:
        """What was sent as JSON, cleaned in the same way at every depth."""
        return _storable_at_any_depth(super().get_json(*args, **kwargs))


def _of_ours(cookies: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((name, value) for name, value in cookies if _OF_OURS.fullmatch(name) and _OF_OURS.fullmatch(value))


def _address(sent: str | None) -> str:
    """The client's address: a proxy hands on what it was told, which may be no address at all, and limits count it."""
    try:
        return str(ip_address(sent or NOBODY))
    except ValueError:
        return NOBODY


def _storable_at_any_depth(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable_at_any_depth(each) for each in value]
    if isinstance(value, dict):
        return {storable(name): _storable_at_any_depth(each) for name, each in value.items()}
    return value


def init_app(app: Flask) -> None:
    app.request_class = Incoming

    said = threading.Event()

    @app.before_request
    def refuse_or_tell() -> None:
        if "X-Forwarded-For" in request.headers and not app.config["PROXIES"] and not said.is_set():
            said.set()
            logger.warning(
                "a proxy stands in front that COMCEP_PROXIES does not count: limits take all clients for one"
            )
        if _REFUSED.search(request.path):
            abort(404)
        if request.method == "POST" and isinstance(request.form, Fields) and request.form.were_changed:
            flash(str(REMOVED), "alert")
