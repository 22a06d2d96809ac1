"""Handing a mail over: to an SMTP server within deadlines, or into a folder of .eml files.

Tells apart a server that is away (nothing is wrong with the mail) from one that refuses a mail. What is due, and when
it is tried again, is sending.py.
"""

import os
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app

ANSWER = 10.0  # seconds that a server may take for one answer
CONNECTION = 60.0  # seconds until a connection is cut, whatever it is at: a server may answer a byte at a time
NEW_MAILS = 30.0  # seconds of a connection in which a mail is still begun

UNTRUSTED = "certificate refused"

Deliver = Callable[[EmailMessage], None]


class Away(Exception):
    """The server does not take mails now; the message is the kind of error."""


class Untrusted(Away):
    """The server's certificate is not signed by an authority known here, or not for this host: no password and no mail
    goes to whoever answers in its place."""

    def __init__(self, error: ssl.SSLCertVerificationError) -> None:
        super().__init__(UNTRUSTED)
        self.why = error.verify_message


class Enough(Exception):
    """The connection has been used for long enough: what is left goes with the next one."""


class Refused(Exception):
    """The server does not take this mail: for good, or for now."""

    def __init__(self, error: Exception, for_good: bool) -> None:
        super().__init__(error.__class__.__name__)
        self.for_good = for_good


@contextmanager
def post_office(address: str) -> Iterator[Deliver]:
    """What takes mails one after the other; nothing is opened before the first. Delivering raises Away, Enough or
    Refused."""
    if not address:
        yield _into_folder
        return
    server = _Server(address, current_app.config["SMTP_CA"])
    try:
        yield server.deliver
    finally:
        server.close()


def mail_folder() -> Path:
    """Where mails go as files when no SMTP server is set."""
    folder: Path = current_app.config["DATA"] / "mails"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def _into_folder(message: EmailMessage) -> None:
    folder = mail_folder()
    name = message["Message-ID"].strip("<>").split("@")[0]
    draft = folder / f".{name}"
    try:
        with open(draft, "wb") as file:
            file.write(bytes(message))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(folder / f"{name}.eml")
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise Away(error.__class__.__name__) from error


class _Server:
    """One connection to an SMTP server, cut when its time is over."""

    def __init__(self, address: str, authorities: str) -> None:
        self._address, self._authorities = urlsplit(address), authorities
        self._smtp: smtplib.SMTP | None = None
        self._cut: threading.Timer | None = None
        self._since = time.monotonic()

    def deliver(self, message: EmailMessage) -> None:
        if time.monotonic() - self._since > NEW_MAILS:
            raise Enough
        try:
            smtp = self._smtp or self._connected()
        except ssl.SSLCertVerificationError as error:
            raise Untrusted(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Away(error.__class__.__name__) from error
        try:
            smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise _refused(error, max(codes, default=0)) from error
        except smtplib.SMTPDataError as error:
            raise _refused(error, error.smtp_code) from error
        except (ValueError, smtplib.SMTPNotSupportedError) as error:  # an address that this server cannot write
            raise Refused(error, for_good=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Away(error.__class__.__name__) from error

    def _connected(self) -> smtplib.SMTP:
        parts = self._address
        if parts.scheme == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=ANSWER, context=self._trusting())
        else:
            smtp = smtplib.SMTP(timeout=ANSWER)
        self._cut = threading.Timer(CONNECTION, _hang_up, [smtp])
        self._cut.daemon = True
        self._cut.start()
        self._smtp = smtp
        smtp._host = parts.hostname or "localhost"  # type: ignore[attr-defined]  # whose certificate is expected
        smtp.connect(parts.hostname or "localhost", parts.port or 0)
        if parts.scheme == "smtp+tls":
            smtp.starttls(context=self._trusting())
        if parts.username:
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
        return smtp

    def _trusting(self) -> ssl.SSLContext:
        """Certificate and host name are checked: smtplib by itself checks neither."""
        return ssl.create_default_context(cafile=self._authorities or None)

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._smtp.close()
        if self._cut is not None:
            self._cut.cancel()


def _refused(error: Exception, code: int) -> Exception:
    if code == 421:  # the service is closing
        return Away(error.__class__.__name__)
    return Refused(error, for_good=code >= 500)


def _hang_up(smtp: smtplib.SMTP) -> None:
    if smtp.sock is not None:
        with suppress(OSError):
            smtp.sock.shutdown(socket.SHUT_RDWR)
