"""Who looks, in a request: the Viewer that every view hands on, and the gate in front of a view."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, g
from flask_login import current_user

from comcep.access.viewer import ANONYMOUS, Viewer


def viewer() -> Viewer:
    """The Viewer of this request; nobody once the database has failed in it."""
    if "without_database" in g:
        return ANONYMOUS
    member = current_user._get_current_object()  # looked up once, not for each of its attributes
    return member.viewer if member.is_authenticated else ANONYMOUS


def read_floor() -> int:
    """The post up to which everything counts as read for whoever looks."""
    return current_user.read_floor if viewer().is_signed_in else 0


def requires(permission: Callable[[Viewer], bool]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A view for those who may: to everybody else it does not exist (404)."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def gate(*args: Any, **kwargs: Any) -> Any:
            if not permission(viewer()):
                abort(404)
            return view(*args, **kwargs)

        return gate

    return decorate
