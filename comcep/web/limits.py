"""Limits: how often one member may publish, preview and look things up, and how long a request may be.

Sign-in and sign-up have their own limits of rate, in a table (accounts); what a field may hold is in forms.py.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, abort, current_app, request
from flask_limiter.util import get_remote_address

from comcep.settings import REQUEST_LIMIT
from comcep.web.current import viewer

POSTING = "30 per 10 minutes; 200 per day"
PREVIEWING = "60 per minute; 600 per hour"
SEARCHING = "60 per minute; 1000 per hour"
LOOKING_UP = "240 per minute; 5000 per hour"  # what a page asks while one types, four times a second at most

LONGEST_ADDRESS = 60_000  # characters of a path and its query: as many as the server lets through (web/server.py)
SHORT_BODY = 60_000  # bytes of a form of a few lines: 2,000 characters written out as %C3%A9, with room for the rest


def by_member() -> str:
    """Counts by member, by address when nobody is signed in."""
    member_id = viewer().member_id
    return f"member-{member_id}" if member_id is not None else get_remote_address()


def takes(most: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a view with how many bytes its forms may have."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.longest_body = most  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Before any form is read. A view that shows a text again takes all that a message may be, unless it is marked."""

    @app.before_request
    def check() -> None:
        if len(request.path) + len(request.query_string) > LONGEST_ADDRESS:
            abort(414)
        view = current_app.view_functions.get(request.endpoint or "")
        otherwise = REQUEST_LIMIT if getattr(view, "offers_text_again", False) else SHORT_BODY
        request.max_content_length = most = getattr(view, "longest_body", otherwise)
        if (request.content_length or 0) > most:
            abort(413)
