"""A form that was left when a session ended, shown again as it was: filled, not sent.

Its own view shows it, as it shows a form whose token is wrong: so every form that offers its text again comes back,
and a new kind of form has nothing to add.
"""

from typing import Any

from flask import Blueprint, abort, current_app, g, make_response, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from comcep.accounts.resuming import kept_or_404
from comcep.web.csrf import form_at
from comcep.web.current import requires, viewer
from comcep.web.sent import Fields

resuming = Blueprint("resuming", __name__)


@resuming.get("/reprise/<public_id:kept_id>")
@requires(lambda viewer: viewer.is_signed_in)
def resume(kept_id: int) -> Response:
    """Only its member may open it; what they may no longer see answers as everywhere."""
    path, fields = kept_or_404(viewer(), kept_id)
    endpoint, values = form_at(path) or abort(404)
    _take_as_sent(path, fields)
    shown = make_response(current_app.view_functions[endpoint](**values))
    if shown.status_code == 422:  # as a form comes back; here it has not been sent
        shown.status_code = 200
    return shown


def _take_as_sent(path: str, fields: Fields) -> None:
    """From here on the request is the form's, but no form of it passes its check (web/forms.py): nothing is done."""
    g.resumed = True
    asked: Any = request
    asked.method, asked.path = "POST", path
    asked.form, asked.files = ImmutableMultiDict(fields), ImmutableMultiDict()
