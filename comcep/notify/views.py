"""The page of notifications, and where each leads."""

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from comcep.notify import reading
from comcep.notify.letters import SENTENCES
from comcep.web.current import requires, viewer

notify = Blueprint("notify", __name__)


@notify.get("/notifications")
@requires(lambda viewer: viewer.is_signed_in)
def index() -> str:
    return render_template("notify/index.html", notifications=reading.newest(viewer()), words_of=SENTENCES)


@notify.get("/notifications/<public_id:notification_id>")
@requires(lambda viewer: viewer.is_signed_in)
def follow(notification_id: int) -> Response:
    row = reading.opened(viewer(), notification_id)
    if row.kind == "contest":
        return redirect(f"/animation/contestations/{row.statement_public_id}")
    if row.statement_public_id is not None:
        return redirect(f"/decisions/{row.statement_public_id}")
    return redirect(f"/messages/{row.post_public_id}")


@notify.post("/notifications/lecture")
@requires(lambda viewer: viewer.is_signed_in)
def mark_all() -> Response:
    reading.mark_all(viewer())
    flash(_("Toutes les notifications sont lues."))
    return redirect("/notifications")
