"""Mails over a real SMTP server: sent once, tried again when the server is away."""

import socket

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import update

from comcep.accounts.models import Member
from comcep.extensions import db
from comcep.notify import notifying, sending
from comcep.notify.models import Mail
from tests.community import Site
from tests.conftest import build_app, close


class Inbox:
    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def handle_DATA(self, _server, _session, envelope) -> str:  # type: ignore[no-untyped-def]
        self.messages.append(envelope.content)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def posted(tmp_path):  # type: ignore[no-untyped-def]
    port = free_port()
    app = build_app("sqlite", tmp_path / "data", SMTP_URL=f"smtp://127.0.0.1:{port}")
    site = Site(app)
    site.open()
    maud, ines = site.adviser("Maud"), site.adviser("Ines")
    ines.answers(maud.asks("Un titre à ne pas dire"), "Un texte à ne pas dire")
    yield site, port
    close(app)


def test_a_mail_leaves_once_with_a_link_and_no_content(posted) -> None:  # type: ignore[no-untyped-def]
    site, port = posted
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    site.works()
    site.works()
    server.stop()

    with site.app.app_context():
        assert sending.send_due_mails() is None, "nothing is due: the server, which is away, is not asked"
    [message] = inbox.messages
    assert b"maud@essai.example" in message
    assert b"/sujets/" in message
    assert b"ne pas dire" not in message
    assert b"Ines" not in message


def test_a_mail_waits_while_the_server_is_away(posted) -> None:  # type: ignore[no-untyped-def]
    site, port = posted
    with site.app.app_context():
        notifying.announce_posts()
        sending.send_due_mails()
        [mail] = db.session.scalars(db.select(Mail))
        assert mail.sent_at is None
        assert mail.failures == 1
        mail.not_before = mail.created_at
        db.session.commit()
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    site.works()
    server.stop()

    assert len(inbox.messages) == 1


def test_a_suspended_follower_is_told_of_nothing_not_even_of_public_replies(lite: Site) -> None:
    lise, maud = lite.animator(), lite.adviser("Maud")
    topic = lise.asks("Annonce à tous", section="publique")
    maud.post(f"/sujets/{topic}/suivi")
    with lite.app.app_context():
        db.session.execute(update(Member).where(Member.id == maud.member_id).values(state="suspended"))
        db.session.commit()
    lise.answers(topic, "Une précision.")
    lite.works()

    assert maud.mails() == []
