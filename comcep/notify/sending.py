"""Sending what is due. At least once: a mail is marked sent after it is handed over, and claimed before, so that two
processes do not both send it. How it is handed over is delivering.py.
"""

import hashlib
import hmac
import logging
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from comcep.access.permissions import may_moderate
from comcep.accounts.models import Member
from comcep.accounts.viewing import viewer_of_member
from comcep.clock import now
from comcep.extensions import background, db, rows_changed
from comcep.moderation.models import Statement
from comcep.notify.delivering import Away, Deliver, Enough, Refused, Untrusted, post_office
from comcep.notify.models import Mail, Notification
from comcep.notify.notifying import may_read
from comcep.sweeping import aside

logger = logging.getLogger(__name__)

BATCH = 50
MOST_FAILURES = 12  # tries of a mail that a server refuses for now; the last one comes some hours after the first
LONGEST_WAIT = 60  # minutes before another try: when a server comes back its mails leave within the hour
CLAIMED = timedelta(minutes=3)  # a process killed in its middle leaves the mail to another after this


@background.sweep("mail")
def send_due_mails() -> str | None:
    """Send what is due over one connection; the kind of error when the server is away. Then the mail at hand waits
    longer each time, and the others for the next sweep."""
    waiting = list(db.session.scalars(select(Mail.id).where(*_due()).order_by(Mail.id).limit(BATCH)))
    db.session.rollback()  # nothing is held while a server is waited for
    with post_office(current_app.config["SMTP_URL"]) as deliver:
        for mail_id in waiting:
            try:
                _send_one(mail_id, deliver)
            except Untrusted as untrusted:
                logger.error(
                    "the mail server's certificate is refused (%s): mails wait; "
                    "COMCEP_SMTP_CA names the file of a private authority",
                    untrusted.why,
                )
                return str(untrusted)
            except Away as away:
                return str(away)
            except Enough:
                background.wake(current_app)
                return None
    return None


def _due() -> tuple[Any, ...]:
    return Mail.sent_at.is_(None), Mail.dropped_at.is_(None), Mail.not_before <= now()


def _send_one(mail_id: int, deliver: Deliver) -> None:
    claimed = rows_changed(update(Mail).where(Mail.id == mail_id, *_due()).values(not_before=now() + CLAIMED))
    db.session.commit()
    if not claimed:
        return
    mail = db.session.scalars(select(Mail).where(Mail.id == mail_id)).one()
    if not _is_still_allowed(mail):
        _write_down(mail_id, dropped_at=now())
        return
    address = db.session.scalar(select(Member.email).where(Member.id == mail.member_id)) or ""
    failures = mail.failures + 1
    later = {"failures": failures, "not_before": now() + timedelta(minutes=min(2**failures / 2, LONGEST_WAIT))}
    try:
        message = _message(mail, address)
        db.session.rollback()
        deliver(message)
    except Enough:
        _write_down(mail_id, not_before=now())
        raise
    except Away as away:
        logger.warning("mail %s not sent, try %s: the server is away (%s)", mail_id, failures, away)
        _write_down(mail_id, **later)
        raise
    except Refused as refused:
        logger.warning("mail %s refused, try %s (%s)", mail_id, failures, refused)
        _write_down(
            mail_id, **later, **({"dropped_at": now()} if refused.for_good or failures >= MOST_FAILURES else {})
        )
    except Exception as error:
        if aside.is_of_the_machine(error):
            raise
        db.session.rollback()
        aside.set_aside("mail", mail_id, error)
        _write_down(mail_id, dropped_at=now())
    else:
        _write_down(mail_id, sent_at=now())


def _write_down(mail_id: int, **what: Any) -> None:
    db.session.execute(update(Mail).where(Mail.id == mail_id).values(**what))
    db.session.commit()


def _is_still_allowed(mail: Mail) -> bool:
    """Access may have ended between the event and the sending."""
    if mail.notification_id is None:
        return True
    about = select(Notification.kind, Notification.post_id, Statement.post_id.label("judged_id"))
    about = about.outerjoin(Statement, Statement.id == Notification.statement_id)
    row = db.session.execute(about.where(Notification.id == mail.notification_id)).one()
    reader = viewer_of_member(mail.member_id)
    if row.kind == "contest":
        return may_moderate(reader) and may_read(reader, row.judged_id)
    return row.post_id is None or may_read(reader, row.post_id)


def _message(mail: Mail, address: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = current_app.config["MAIL_SENDER"]
    message["To"] = address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{_name(mail.id)}@{_domain()}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _name(mail_id: int) -> str:
    """The same for each try of a mail, so that one that arrives twice is known for it; it tells no number of mails,
    by which whoever gets two would count what happens where they may not read."""
    key, name = current_app.config["SECRET_KEY"].encode(), f"mail {mail_id}".encode()
    return hmac.new(key, name, hashlib.sha256).hexdigest()[:32]


def _domain() -> str:
    return parseaddr(current_app.config["MAIL_SENDER"])[1].rpartition("@")[2] or "comcep.example"
