"""Handing a mail over: what stands in it, what each answer of a server makes of it, and how a connection and a folder are
used."""

import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select, update

from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import background, db
from comcep.notify import delivering, notifying, sending
from comcep.notify.models import Mail
from comcep.sweeping.models import SetAside
from tests.community import Site
from tests.conftest import build_app, close
from tests.moderation.deciding import decision
from tests.notify.test_sending import Inbox, free_port
from tests.notify.test_servers_in_trouble import make_due, port_of, send, states, write_mails


class Answering(Inbox):
    """Answers as told at an address and after the text, and counts what else is asked."""

    def __init__(self, at_address: str = "250 OK", after_text: str = "250 OK") -> None:
        super().__init__()
        self.at_address, self.after_text = at_address, after_text
        self.greeted = self.left = 0
        self.timers: list[threading.Timer] = []

    async def handle_EHLO(self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]) -> Any:
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_QUIT(self, *_of: Any) -> str:
        self.left += 1
        return "221 Bye"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.at_address.startswith("250") or "maud" not in address:
            envelope.rcpt_tos.append(address)
            return "250 OK"
        return self.at_address

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.timers += [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
        if self.after_text.startswith("250") or "maud" not in envelope.rcpt_tos[0]:
            return await super().handle_DATA(server, session, envelope)
        return self.after_text


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Site]:
    app = build_app("sqlite", tmp_path / "data", SMTP_URL=f"smtp://127.0.0.1:{free_port()}")
    site = Site(app)
    site.open()
    yield site
    close(app)


@contextmanager
def running(inbox: Inbox, port: int, **options: Any) -> Iterator[None]:
    server = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    server.start()
    try:
        yield
    finally:
        server.stop()


def failures(site: Site) -> list[int]:
    with site.app.app_context():
        return list(db.session.scalars(select(Mail.failures).order_by(Mail.id)))


@pytest.mark.parametrize(
    ("place", "answer", "becomes"),
    [
        ("at_address", "500 unknown", ("dropped", "sent")),
        ("at_address", "550 no such address", ("dropped", "sent")),
        ("at_address", "499 later", ("waits", "sent")),
        ("after_text", "554 no", ("dropped", "sent")),
        ("after_text", "452 full", ("waits", "sent")),
    ],
)
def test_what_a_server_says_of_one_mail_concerns_that_mail(
    post: Site, place: str, answer: str, becomes: tuple[str, str]
) -> None:
    write_mails(post, "Maud", "Ines")
    with running(Answering(**{place: answer}), port_of(post)):
        assert send(post) is None

    assert tuple(states(post).values()) == becomes
    assert failures(post) == [1, 0]


@pytest.mark.parametrize("place", ["at_address", "after_text"])
def test_a_server_that_closes_is_away_and_no_other_mail_is_tried(post: Site, place: str) -> None:
    write_mails(post, "Maud", "Ines")
    inbox = Answering(**{place: "421 closing"})
    with running(inbox, port_of(post)):
        assert send(post)

    assert list(states(post).values()) == ["waits", "waits"]
    assert failures(post) == [1, 0]
    assert inbox.messages == []


def test_an_address_that_the_server_cannot_write_is_dropped_and_the_others_go(post: Site) -> None:
    write_mails(post, "Maud", "Ines")
    with post.app.app_context():
        db.session.execute(update(Member).where(Member.name == "Maud Essai").values(email="maüd@essai.example"))
        db.session.commit()
    with running(Answering(), port_of(post), enable_SMTPUTF8=False):
        assert send(post) is None

    assert states(post) == {"Maud": "dropped", "Ines": "sent"}


def test_mails_leave_over_one_connection_that_is_ended_politely_and_watched_by_nobody_afterwards(post: Site) -> None:
    """A watch that is no daemon, or lives on, would keep a process from ending for a minute."""
    write_mails(post, "Maud", "Ines", "Zoe")
    inbox = Answering()
    with running(inbox, port_of(post)):
        assert send(post) is None
        assert (inbox.greeted, inbox.left, len(inbox.messages)) == (1, 1, 3)

    assert inbox.timers
    for timer in inbox.timers:
        timer.join(2)
        assert timer.daemon
        assert not timer.is_alive()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_who_sends_says_their_name_and_word_where_the_address_of_the_server_holds_them(post: Site) -> None:
    said: list[tuple[bytes, bytes]] = []

    def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        said.append((data.login, data.password))
        return AuthResult(success=True)

    port = port_of(post)
    post.app.config["SMTP_URL"] = f"smtp://nous%40comcep:mot%3Ade%2Fpasse@127.0.0.1:{port}"
    write_mails(post, "Maud")
    with running(Answering(), port, authenticator=authenticator, auth_require_tls=False, auth_required=True):
        assert send(post) is None

    assert said == [(b"nous@comcep", b"mot:de/passe")]
    assert states(post) == {"Maud": "sent"}


def test_a_connection_used_for_long_enough_leaves_the_rest_to_the_next_at_once(
    post: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[object] = []
    monkeypatch.setattr(background, "wake", woken.append)
    monkeypatch.setattr(delivering, "NEW_MAILS", -1.0)
    write_mails(post, "Maud", "Ines")
    with running(Answering(), port_of(post)):
        assert send(post) is None
        assert states(post) == {"Maud": "waits", "Ines": "waits"}
        assert (len(woken), failures(post)) == (1, [0, 0])
        monkeypatch.undo()
        assert send(post) is None, "they are due already"

    assert states(post) == {"Maud": "sent", "Ines": "sent"}


def read(folder: Path) -> list[EmailMessage]:
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def test_a_mail_says_from_whom_it_comes_that_it_is_automatic_and_when_it_left(lite: Site) -> None:
    lite.app.config["MAIL_SENDER"] = "ComCEP <nous@reseau.example>"
    write_mails(lite, "Maud")
    assert send(lite) is None

    folder = lite.app.config["DATA"] / "mails"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    [mail] = read(folder)
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "ComCEP <nous@reseau.example>", "maud@essai.example", "Pour Maud",
    )  # fmt: skip
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().strip() == "Un lien"
    assert mail["Message-ID"].endswith("@reseau.example>")
    assert abs((parsedate_to_datetime(mail["Date"]).replace(tzinfo=None) - now()).total_seconds()) < 60


@pytest.mark.parametrize("sender", ["", "nous@"])
def test_a_sender_without_a_host_still_names_its_mails(lite: Site, sender: str) -> None:
    with lite.app.app_context():
        lite.app.config["MAIL_SENDER"] = sender
        assert sending._domain() == "comcep.example"


def test_a_file_is_on_the_disk_before_it_is_a_mail(lite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the database, which says that it was sent."""
    folder, synced = lite.app.config["DATA"] / "mails", []
    sync: Callable[[int], None] = os.fsync

    def recorded(file: int) -> None:
        synced.append((os.fstat(file).st_size, [path.name[0] for path in folder.iterdir()]))
        sync(file)

    write_mails(lite, "Maud")
    with monkeypatch.context() as watched:
        watched.setattr(os, "fsync", recorded)
        send(lite)

    [path] = folder.iterdir()
    assert synced == [(path.stat().st_size, ["."])]


def test_a_folder_that_takes_no_file_is_away_and_holds_no_part_of_one(lite: Site) -> None:
    write_mails(lite, "Maud", "Ines")
    with lite.app.app_context():
        first = lite.app.config["DATA"] / "mails" / f"{sending._name(1)}.eml"
    first.mkdir(parents=True)

    assert send(lite) == "IsADirectoryError"
    assert list(states(lite).values()) == ["waits", "waits"]
    assert [path.name for path in first.parent.iterdir()] == [first.name]
    first.rmdir()
    make_due(lite)
    assert send(lite) is None
    assert list(states(lite).values()) == ["sent", "sent"]


def test_what_is_wrong_with_the_machine_drops_no_mail(lite: Site) -> None:
    """A file where the folder of mails should be."""
    write_mails(lite, "Maud")
    (lite.app.config["DATA"] / "mails").write_text("")
    with pytest.raises(OSError, match="mails"):
        send(lite)

    assert states(lite) == {"Maud": "waits"}
    with lite.app.app_context():
        assert list(db.session.scalars(select(SetAside))) == []
    (lite.app.config["DATA"] / "mails").unlink()
    assert send(lite) is None
    assert states(lite) == {"Maud": "waits"}, "it is kept for whoever claimed it, some minutes"
    make_due(lite)
    send(lite)
    assert states(lite) == {"Maud": "sent"}


def test_a_mail_that_another_sent_or_dropped_or_holds_is_left_alone(lite: Site) -> None:
    """Between the list of what is due and its turn."""
    write_mails(lite, "Sent", "Dropped", "Held", "Due")
    with lite.app.app_context():
        for number, what in enumerate(
            ({"sent_at": now()}, {"dropped_at": now()}, {"not_before": now() + sending.CLAIMED})
        ):
            db.session.execute(update(Mail).where(Mail.id == number + 1).values(**what))
        db.session.commit()
        delivered: list[str] = []
        for mail_id in range(1, 5):
            sending._send_one(mail_id, lambda message: delivered.append(str(message["Subject"])))

    assert delivered == ["Pour Due"]
    assert failures(lite) == [0, 0, 0, 0]


def test_a_contest_is_mailed_to_who_still_moderates_and_a_decision_to_its_author(lite: Site) -> None:
    maud, lise, other = lite.adviser("Maud"), lite.animator(), lite.animator("Autre")
    post = maud.answers(maud.asks("Question"), "Réponse")
    lise.post(f"/messages/{post}/masquage", reason="Motif")
    maud.post(f"{decision(lite, maud)}/contestation", reason="Je ne suis pas d'accord.")
    with lite.app.app_context():
        notifying.announce_statements()
        notifying.announce_contests()
        db.session.execute(update(Member).where(Member.id == other.member_id).values(is_animator=False))
        db.session.commit()
    send(lite)

    first_lines = [[mail.splitlines()[0] for mail in person.mails()] for person in (maud, lise, other)]
    assert first_lines == [["Une décision de l'animation vous concerne"], ["Une décision est contestée"], []]
