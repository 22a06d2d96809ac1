"""From nothing to accepted in a real browser, the links taken from mails that a real SMTP server received: refused by
one network, accepted by another; desktop and phone, light and dark, with and without scripts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page
from sqlalchemy import update
from werkzeug.serving import make_server

from comcep.accounts.models import Member
from comcep.accounts.passwords import hash_password
from comcep.extensions import db
from tests.browser.test_accessibility import LOOKS, violations
from tests.community import Site
from tests.conftest import build_app, close
from tests.notify.test_sending import Inbox
from tests.servers import free_port

PASSWORD = "trois mots simples"
PHONE_DARK = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
WAYS = {**LOOKS, "phone-dark": PHONE_DARK, "without-scripts": {**PHONE_DARK, "java_script_enabled": False}}
EVERY_WAY = [pytest.param(way, marks=pytest.mark.long) if "light" in way else way for way in WAYS]


@dataclass
class Running:
    """A site that listens and sends its mails to a server of ours."""

    site: Site
    address: str
    inbox: Inbox

    def mails_to(self, address: str) -> list[str]:
        """Subjects and texts of what arrived, after the background has done its work."""
        self.site.works()
        messages = [message_from_bytes(raw, policy=policy.default) for raw in self.inbox.messages]
        return [f"{m['Subject']}\n{m.get_content()}" for m in messages if m["To"] == address]


@pytest.fixture
def running(tmp_path) -> Iterator[Running]:  # type: ignore[no-untyped-def]
    port, inbox = free_port(), Inbox()
    mail = Controller(inbox, hostname="127.0.0.1", port=free_port())
    mail.start()
    address = f"http://127.0.0.1:{port}"
    app = build_app(
        "sqlite", tmp_path / "data", SMTP_URL=f"smtp://127.0.0.1:{mail.port}", PUBLIC_ADDRESS=address,
        WTF_CSRF_ENABLED=True, RATELIMIT_ENABLED=True,
    )  # fmt: skip
    site = Site(app)
    site.open()
    for name, network in (("Nadia", "missions-locales"), ("Paul", "apec")):
        site.hors_pair(name, referent_of=network)
    with app.app_context():
        db.session.execute(update(Member).values(password_hash=hash_password(PASSWORD)))
        db.session.commit()
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Running(site, address, inbox)
    server.shutdown()
    thread.join()
    server.server_close()
    mail.stop()
    close(app)


def signs_in(page: Page, email: str) -> None:
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main button:has-text('Se connecter')")


@pytest.mark.browser
@pytest.mark.parametrize("way", EVERY_WAY)
def test_an_asker_goes_from_nothing_to_accepted(browser: Browser, running: Running, way: str) -> None:
    def opens() -> Page:
        return browser.new_context(base_url=running.address, **WAYS[way]).new_page()  # type: ignore[arg-type]

    def look(page: Page) -> None:
        if way != "without-scripts":
            assert violations(page) == [], page.url
            assert page.evaluate("document.documentElement.scrollWidth") <= WAYS[way]["viewport"]["width"], page.url  # type: ignore[index]

    zoe, nadia, paul = opens(), opens(), opens()
    zoe.goto("/rejoindre")
    zoe.click("main button:has-text('Envoyer')")
    assert zoe.locator(".summary").is_visible()
    look(zoe)
    zoe.fill("#name", "Zoé Nouvelle")
    zoe.fill("#email", "zoe@reseau.example")
    zoe.select_option("#network", "apec")
    zoe.select_option("#region", "53")
    zoe.click("main button:has-text('Envoyer')")
    assert "zoe@reseau.example" in zoe.locator("main").inner_text()
    look(zoe)
    zoe.click("text=Rien reçu")
    look(zoe)

    [mail] = running.mails_to("zoe@reseau.example")
    link = re.findall(r"https?://\S+", mail)[0]
    zoe.goto(link)
    assert zoe.input_value("#name") == "Zoé Nouvelle"
    zoe.select_option("#network", "missions-locales")
    look(zoe)
    zoe.fill("#password", "court")
    zoe.click("main button:has-text('Confirmer')")
    assert zoe.locator(".summary").is_visible()
    assert zoe.input_value("#network") == "missions-locales"
    look(zoe)
    zoe.fill("#password", PASSWORD)
    zoe.click("main button:has-text('Confirmer')")
    signs_in(zoe, "zoe@reseau.example")
    zoe.wait_for_url("**/ma-demande")
    assert zoe.locator("[aria-current=step]").inner_text().endswith("La réponse de votre réseau")
    look(zoe)

    [told] = running.mails_to("nadia@essai.example")
    assert "Zoé" not in told
    nadia.goto(re.findall(r"https?://\S+/demandes", told)[0])
    signs_in(nadia, "nadia@essai.example")
    nadia.goto("/demandes")
    assert nadia.locator("nav .waiting").inner_text() == "1"
    look(nadia)
    nadia.click("summary:has-text('Refuser')")
    nadia.fill("textarea", "Vous êtes de l'Apec.")
    nadia.click("button:has-text('Refuser la demande')")
    assert nadia.locator("nav .waiting").count() == 0

    assert "Vous êtes de l'Apec." in running.mails_to("zoe@reseau.example")[-1]
    zoe.reload()
    assert "Vous êtes de l'Apec." in zoe.locator("blockquote").inner_text()
    look(zoe)
    zoe.select_option("#network", "apec")
    zoe.click("main button:has-text('Envoyer')")
    assert "n'a pas encore répondu" in zoe.locator("main").inner_text()

    assert len(running.mails_to("paul@essai.example")) == 1
    paul.goto("/connexion")
    signs_in(paul, "paul@essai.example")
    paul.goto("/demandes")
    paul.click("button:has-text('Accepter comme conseiller')")

    zoe.goto("/rubriques/pairs")
    assert zoe.locator("body").get_attribute("data-viewer") == "adviser"
    zoe.goto("/ma-demande")
    assert "a validé votre inscription" in zoe.locator("main").inner_text()
    look(zoe)
    zoe.goto(link)
    assert zoe.locator("h1").inner_text() == "Ce lien ne sert plus"
    look(zoe)
    for page in (zoe, nadia, paul):
        page.context.close()
