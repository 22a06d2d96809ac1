"""SMTP over TLS: no mail and no password goes to a server whose certificate is not of its host, or of no known authority."""

import json
import logging
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from comcep.notify import sending
from comcep.notify.models import Mail
from comcep.settings import SettingsError, load
from comcep.sweeping import lanes
from tests.community import Site
from tests.conftest import build_app, close
from tests.notify.test_sending import Inbox, free_port
from tests.notify.test_servers_in_trouble import make_due, states, write_mails


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed certificates, each its own authority: of localhost, and of another host."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("localhost", "autre.example"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
             "-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")],
            check=True, capture_output=True,
        )  # fmt: skip
    return folder


@contextmanager
def server(inbox: Inbox, port: int, certificates: Path, host: str, kind: str) -> Iterator[None]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / f"{host}.pem", certificates / f"{host}.key")
    options = {"ssl_context": context} if kind == "smtps" else {"tls_context": context, "require_starttls": True}
    running = Controller(inbox, hostname="localhost", port=port, **options)
    running.start()
    try:
        yield
    finally:
        running.stop()


@contextmanager
def site_mailing(folder: Path, port: int, kind: str, authority: Path | str) -> Iterator[Site]:
    app: Flask = build_app("sqlite", folder, SMTP_URL=f"{kind}://localhost:{port}", SMTP_CA=str(authority))
    site = Site(app)
    site.open()
    write_mails(site, "Maud")
    yield site
    close(app)


def send(site: Site) -> str | None:
    with site.app.app_context():
        return sending.send_due_mails()


@pytest.mark.parametrize("kind", ["smtps", "smtp+tls"])
def test_a_mail_goes_to_the_host_whose_authority_is_named(tmp_path: Path, certificates: Path, kind: str) -> None:
    inbox, port = Inbox(), free_port()
    with (
        server(inbox, port, certificates, "localhost", kind),
        site_mailing(tmp_path / "data", port, kind, certificates / "localhost.pem") as site,
    ):
        assert send(site) is None
        assert states(site) == {"Maud": "sent"}
    assert len(inbox.messages) == 1


@pytest.mark.parametrize("kind", ["smtps", "smtp+tls"])
@pytest.mark.parametrize(("host", "trusts"), [("localhost", ""), ("autre.example", "autre.example")])
def test_a_mail_waits_where_the_certificate_is_nobodys_or_anothers(
    tmp_path: Path, certificates: Path, kind: str, host: str, trusts: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Self-signed; or of a known authority, for another host."""
    inbox, port = Inbox(), free_port()
    authority = certificates / f"{trusts}.pem" if trusts else ""
    with (
        server(inbox, port, certificates, host, kind),
        site_mailing(tmp_path / "data", port, kind, authority) as site,
        caplog.at_level(logging.WARNING),
    ):
        assert send(site) == "certificate refused"
        assert states(site) == {"Maud": "waits"}
        assert "the mail server's certificate is refused" in caplog.text
        assert "COMCEP_SMTP_CA" in caplog.text
        assert inbox.messages == []

        make_due(site)
        failures = site_lane(site)
        assert json.loads(site.anonymous().get("/sante").text)["mail"] == "certificate"
        assert failures


def site_lane(site: Site) -> list[object]:
    """Run the lane of mails as the worker does, which writes down how it stands."""
    from comcep.extensions import background

    failures = background.run_lane(site.app, "mail")
    with site.app.app_context():
        lanes._write_down("mail", failures)
    return list(failures)


def test_a_file_of_authorities_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="COMCEP_SMTP_CA"):
        load({"DATA": tmp_path, "SMTP_CA": str(tmp_path / "absent.pem")})


def test_the_mail_of_a_member_has_a_name_that_tells_no_number(lite: Site) -> None:
    write_mails(lite, "Maud", "Ines")
    with lite.app.app_context():
        from comcep.extensions import db

        first, second = db.session.scalars(db.select(Mail).order_by(Mail.id))
        names = [str(sending._message(mail, "a@b.example")["Message-ID"]) for mail in (first, first, second)]

    assert names[0] == names[1] != names[2]  # a mail sent twice is known for it
    assert all(len(name) == len("<@comcep.example>") + 32 for name in names)
