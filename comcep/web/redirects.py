"""Redirects that stay inside: a next= that leads elsewhere is ignored."""

import re
from urllib.parse import urlsplit

from flask import request


def inside(address: str | None, otherwise: str = "/") -> str:
    """The address if it is a path of this site, else the other one.

    Backslashes and control characters are refused: browsers read "/\\evil.example" as another host.
    """
    if not address or not address.startswith("/") or address.startswith("//"):
        return otherwise
    if any(ord(character) < 33 or character == "\\" for character in address):
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.scheme or parts.netloc else address


def back(otherwise: str) -> str:
    """The page the form was on, if it named one of ours."""
    return inside(request.form.get("next"), otherwise)


def without_title(path: str) -> str:
    """A path as it may be carried in next=: a topic's loses its readable end."""
    return re.sub(r"^(/sujets/[0-9]{15})-.*", r"\1", path)
