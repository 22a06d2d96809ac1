"""The mails of a demo, each account its own: no mail leaves a demo machine. Whoever asks to join has no account yet:
their browser reads the mails about joining that went to the address it asked with, and no others."""

from email import message_from_bytes, policy
from typing import Any

from flask import Blueprint, abort, current_app, render_template, session

from comcep.accounts.reading import own_account
from comcep.notify.account_mails import mails_about_joining
from comcep.notify.delivering import mail_folder
from comcep.web.current import viewer

demo_mailbox = Blueprint("demo_mailbox", __name__)


@demo_mailbox.get("/boite-de-demo")
def show() -> str:
    if not current_app.config["DEMO"] or not (viewer().is_signed_in or "asked_with" in session):
        abort(404)
    if viewer().is_signed_in:
        return render_template("pages/demo_mailbox.html", mails=_mails_to(own_account(viewer()).email))
    mails = mails_about_joining(session["asked_with"])
    shown = [{"subject": mail.subject, "date": mail.sent_at, "body": mail.body} for mail in mails]
    return render_template("pages/demo_mailbox.html", mails=shown)


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
