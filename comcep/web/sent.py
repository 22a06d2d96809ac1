"""What a form held that did not arrive: its texts, to be shown; its fields, to be sent again, or to come back filled.

Passwords and tokens are never among them. Where a form waits for who signs in lives in accounts/resuming.py.
"""

import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, g, request

from comcep.web.incoming import storable

Fields = list[tuple[str, str]]

KEPT = "kept"  # the field of the sign-in form that carries a form
SIGN_IN = "accounts.sign_in"
_SECRET = ("password", "token", "secret")
_OF_THE_PAGE = (KEPT, "next", "preview")


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(kept_copy=kept_copy, is_resumed=is_resumed)


def fields() -> Fields:
    """Every field of the form just sent, without its secrets."""
    return _without_secrets(request.form.items(multi=True)) if request.method == "POST" else []


def texts() -> list[str]:
    """What a person wrote in it, field by field; in a sign-in form, what was written in the form that waits there."""
    kept = read_copy(request.form.get(KEPT, "")) if request.method == "POST" else None
    return [value.strip() for name, value in (kept[1] if kept else fields()) if _is_written(name, value.strip())]


def kept_copy() -> str:
    """The form as the sign-in form carries it, until it is known whose it is; empty where there is none."""
    if request.method != "POST":
        return ""
    if KEPT in request.form:
        return request.form[KEPT] if read_copy(request.form[KEPT]) else ""
    if request.endpoint == SIGN_IN:  # an address mistyped is no text to come back to
        return ""
    sent = [field for field in fields() if field[0] not in _OF_THE_PAGE]
    return json.dumps([storable(request.path), sent], ensure_ascii=False) if sent and not is_from_elsewhere() else ""


def read_copy(copy: str) -> tuple[str, Fields] | None:
    """The address and the fields that a copy holds; none where it is no copy of ours."""
    try:
        path, sent = json.loads(copy)
        read = [(name, value) for name, value in sent]
        "".join([path, *(part for field in read for part in field)]).encode()  # text, and nothing else
    except (ValueError, TypeError, RecursionError):
        return None
    return path, _without_secrets(read)


def is_from_elsewhere() -> bool:
    """Whether another site sent this: what it typed is not offered as somebody's own words."""
    return _is_ours() is False


def is_from_here() -> bool:
    """Whether the browser says that one of our own pages sent this, as every browser of these years does."""
    return _is_ours() is True


def _is_ours() -> bool | None:
    said, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if said is not None:
        return said == "same-origin"
    return None if origin is None else is_on_this_host(origin)


def is_on_this_host(address: str) -> bool:
    """Whether an address that a browser sent along is one of this site, as far as it can be read."""
    try:
        return urlsplit(address).netloc == host_as_sent()
    except ValueError:  # half an IPv6 address
        return False


def host_as_sent() -> str:
    """The Host of the request, also one that this site does not answer to: request.host raises for it."""
    return request.headers.get("Host", "")


def is_resumed() -> bool:
    """Whether this page shows a form as it was left when a session ended: filled, and not yet sent again."""
    return bool(g.get("resumed"))


def _without_secrets(sent: Iterable[tuple[str, str]]) -> Fields:
    return [(name, value) for name, value in sent if not any(word in name for word in _SECRET)]


def _is_written(name: str, text: str) -> bool:
    """Whether a field holds what a person wrote: by its name, or since it has the look of a sentence."""
    if not text or name in _OF_THE_PAGE:
        return False
    return name in ("title", "body", "reason", "words") or " " in text or "\n" in text
