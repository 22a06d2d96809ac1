"""Screenshots of every page, for people to look at: phone and desktop, light and dark. Run by `make screenshots`.

Needs a demo running at COMCEP_ADDRESS (default http://127.0.0.1:8000).
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ADDRESS = os.environ.get("COMCEP_ADDRESS", "http://127.0.0.1:8000")
FOLDER = Path("build/captures")
PASSWORD = "comcep-demo"
LOOKS = (("bureau", 1280, 900, "light"), ("telephone", 390, 844, "light"), ("bureau-sombre", 1280, 900, "dark"))
PAGES = {
    "anonymous": ["/", "/rejoindre", "/rejoindre/lien", "/connexion", "/aide", "/charte", "/vie-privee", "/accessibilite",
                  "/mentions-legales", "/mot-de-passe", "/rubriques", "/membres", "/introuvable"],
    "conseillere": ["/", "/rubriques", "/rubriques/aider-a-monter-un-dossier", "/poser", "/recherche?q=cif",
                    "/recherche?q=zzzz", "/recherche?q=o%C3%B9+bivouaquer", "/recherche?q=illetrisme", "/recherche?q=vae&etat=solved", "/recherches",
                    "/membres", "/compte", "/notifications", "/non-lus", "/boite-de-demo", "/introuvable", "topic", "member", "/thematiques"],
    "animatrice": ["/animation", "/animation/journal", "/animation/recherches", "/animation/syntheses", "/animation/themes",
                   "topic", "/comite", "/thematiques"],
    "comite": ["/", "/comite", "digest", "/thematiques"],
    "horspair": ["/", "/rubriques"],
    "referente": ["/demandes"],
    "admin": ["/administration"],
}  # fmt: skip


def sign_in(page: Page, account: str, address: str = ADDRESS) -> None:
    page.goto(f"{address}/connexion")
    page.fill("#email", f"{account}@demo.example")
    page.fill("#password", PASSWORD)
    page.click("main button")


def address_of(page: Page, wanted: str, address: str = ADDRESS) -> str:
    """The address of a page; "topic", "digest" and "member" are found by following links."""
    if wanted == "topic":
        page.goto(f"{address}/rubriques/aider-a-monter-un-dossier?filtre=resolu")
        return page.locator(".topic .title a").first.get_attribute("href") or "/"
    if wanted == "digest":
        page.goto(f"{address}/comite")
        return page.locator("main .lines a").first.get_attribute("href") or "/"
    if wanted == "member":
        page.goto(f"{address}/membres")
        return page.locator(".people a").first.get_attribute("href") or "/"
    return wanted


def capture(browser: Browser, look: tuple[str, int, int, str], only: str) -> None:
    name, width, height, scheme = look
    for account, pages in PAGES.items():
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        if account != "anonymous":
            sign_in(page, account)
        for wanted in pages:
            if only and only not in f"{account}{wanted}":
                continue
            page.goto(ADDRESS + address_of(page, wanted))
            file = f"{account}-{wanted.strip('/').replace('/', '-').replace('?', '-') or 'accueil'}-{name}.png"
            page.screenshot(path=FOLDER / file, full_page=True)
        context.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        for look in LOOKS:
            capture(browser, look, only)
        browser.close()


if __name__ == "__main__":
    main()
