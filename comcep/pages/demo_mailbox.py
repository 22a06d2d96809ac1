"""The mails of a demo, each account its own: no mail leaves a demo machine."""

from email import message_from_bytes, policy
from typing import Any

from flask import Blueprint, abort, current_app, render_template

from comcep.accounts.reading import own_account
from comcep.notify.delivering import mail_folder
from comcep.web.current import requires, viewer

demo_mailbox = Blueprint("demo_mailbox", __name__)


@demo_mailbox.get("/boite-de-demo")
@requires(lambda viewer: viewer.is_signed_in)
def show() -> str:
    if not current_app.config["DEMO"]:
        abort(404)
    return render_template("pages/demo_mailbox.html", mails=_mails_to(own_account(viewer()).email))


def _mails_to(address: str) -> list[dict[str, Any]]:
    """The last fifty mails to an address, newest first."""
    files = sorted(mail_folder().glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    mails: list[dict[str, Any]] = []
    for path in files[:2000]:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if message["To"] == address and len(mails) < 50:
            body = message.get_body()
            mails.append(
                {"subject": message["Subject"], "date": message["Date"], "body": body.get_content() if body else ""}
            )
    return mails
