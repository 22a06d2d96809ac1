"""Sending what is due: over SMTP, or into a folder of .eml files. At least once: a mail is marked sent after it is."""

import logging
import os
import smtplib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy import select

from comcep.accounts.models import Member
from comcep.accounts.viewing import viewer_of_member
from comcep.clock import now
from comcep.extensions import background, db
from comcep.notify.models import Mail, Notification
from comcep.notify.notifying import may_read

logger = logging.getLogger(__name__)

BATCH = 50
MOST_FAILURES = 12  # the last try comes about two days after the first


@background.sweep
def send_due_mails() -> None:
    """Send what is due, each in its own transaction; a failure waits longer each time."""
    due = select(Mail.id).where(Mail.sent_at.is_(None), Mail.dropped_at.is_(None), Mail.not_before <= now())
    for mail_id in list(db.session.scalars(due.order_by(Mail.id).limit(BATCH))):
        _send_one(mail_id)


def _send_one(mail_id: int) -> None:
    mail = db.session.scalar(select(Mail).where(Mail.id == mail_id, Mail.sent_at.is_(None)))
    if mail is None:
        return
    if not _is_still_allowed(mail) or mail.failures >= MOST_FAILURES:
        mail.dropped_at = now()
        db.session.commit()
        return
    address = db.session.scalar(select(Member.email).where(Member.id == mail.member_id)) or ""
    try:
        _deliver(_message(mail, address))
        mail.sent_at = now()
    except (OSError, smtplib.SMTPException):
        logger.warning("mail %s not sent, try %s", mail.id, mail.failures + 1, exc_info=True)
        mail.failures += 1
        mail.not_before = now() + timedelta(minutes=2**mail.failures / 2)
    db.session.commit()


def _is_still_allowed(mail: Mail) -> bool:
    """Access may have ended between the event and the sending."""
    if mail.notification_id is None:
        return True
    post_id = db.session.scalar(select(Notification.post_id).where(Notification.id == mail.notification_id))
    return post_id is None or may_read(viewer_of_member(mail.member_id), post_id)


def _message(mail: Mail, address: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = current_app.config["MAIL_SENDER"]
    message["To"] = address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(f"mail-{mail.id}", domain="comcep.example")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _deliver(message: EmailMessage) -> None:
    if current_app.config["SMTP_URL"]:
        _over_smtp(message, current_app.config["SMTP_URL"])
    else:
        _into_folder(message, mail_folder())


def mail_folder() -> Path:
    """Where mails go as files when no SMTP server is set."""
    folder: Path = current_app.config["DATA"] / "mails"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def _into_folder(message: EmailMessage, folder: Path) -> None:
    name = message["Message-ID"].strip("<>").split("@")[0]
    draft = folder / f".{name}"
    with open(draft, "wb") as file:
        file.write(bytes(message))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / f"{name}.eml")


def _over_smtp(message: EmailMessage, address: str) -> None:
    parts = urlsplit(address)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname or "localhost", parts.port or 0, timeout=20) as server:
        if parts.scheme == "smtp+tls":
            server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
