"""axe on every page, light, dark and on a phone; and the pages by keyboard alone and without JavaScript."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.captures import PAGES, address_of

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
LOOKS = {
    "desktop-light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "desktop-dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone-light": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
# Dark and a phone with every change, each page large and light in the long tests.
EVERY_LOOK = [pytest.param(look, marks=pytest.mark.long) if look == "desktop-light" else look for look in LOOKS]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[str]:
    """What axe finds, one line each, run from outside the page's own policy."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{v['id']}: {node['target']} {node['failureSummary'][:200]}"
        for v in found["violations"]
        for node in v["nodes"]
    ]


@pytest.mark.browser
@pytest.mark.parametrize("look", EVERY_LOOK)
@pytest.mark.parametrize("account", PAGES)
def test_axe_finds_nothing_on_any_page(open_as, server, account: str, look: str) -> None:  # type: ignore[no-untyped-def]
    page = open_as("" if account == "anonymous" else account, **LOOKS[look])
    found = {}
    for wanted in PAGES[account]:
        page.goto(address_of(page, wanted, server.address))
        if lines := violations(page):
            found[wanted] = lines
        if "phone" in look:
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390, f"{wanted} scrolls sideways on a phone: {width}"
    assert found == {}


@pytest.mark.browser
def test_asking_by_keyboard_alone(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page = open_as("conseillere")
    page.goto("/poser")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    typed = {"title": "Question posée au clavier", "body": "Le texte de la question."}
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()")
        if name in typed:
            page.keyboard.type(typed.pop(name))
        elif name == "section":
            page.keyboard.type("Le premier")
        elif name == "Publier":
            page.keyboard.press("Enter")
            break
    page.wait_for_url("**/sujets/**")
    assert page.locator("h1").inner_text() == "Question posée au clavier"


@pytest.mark.browser
def test_ask_answer_and_solve_without_javascript(open_as, server) -> None:  # type: ignore[no-untyped-def]
    maud, ilyes = open_as("conseillere", java_script_enabled=False), open_as("conseiller", java_script_enabled=False)
    maud.goto("/poser")
    maud.fill("#title", "Sans script")
    maud.fill("#body", "Un **aperçu** d'abord.")
    maud.select_option("#section", "aider-a-monter-un-dossier")
    maud.click("text=Aperçu")
    assert maud.locator("#apercu strong").inner_text() == "aperçu"
    assert maud.input_value("#title") == "Sans script"
    maud.click("main button:has-text('Publier')")
    ilyes.goto(maud.url)
    ilyes.fill("#body", "Voici la réponse.")
    ilyes.click("main button:has-text('Publier')")
    maud.reload()
    maud.click("text=C'est la solution")
    assert maud.locator("main").get_attribute("data-state") == "solved"


@pytest.mark.browser
def test_the_preview_comes_in_place_with_htmx(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page = open_as("conseillere")
    page.goto("/poser")
    page.fill("#body", "Du **gras**")
    page.click("text=Aperçu")
    page.wait_for_selector("#apercu strong")
    assert page.url.endswith("/poser")


@pytest.mark.browser
def test_axe_finds_nothing_on_pages_that_a_path_leads_to(open_as, server) -> None:  # type: ignore[no-untyped-def]
    """Forms with errors, warnings and conflicts, histories, drafts, decisions: what no menu shows."""
    found = {}

    def look(page: Page, name: str) -> None:
        if lines := violations(page):
            found[name] = lines

    maud, lise = open_as("conseillere"), open_as("animatrice")
    maud.goto("/poser")
    maud.click("main button:has-text('Publier')")
    look(maud, "form with errors")
    maud.fill("#title", "Un chemin à regarder")
    maud.fill("#body", "Tél. 06 12 34 56 78")
    maud.select_option("#section", "aider-a-monter-un-dossier")
    maud.click("main button:has-text('Publier')")
    look(maud, "warning of personal data")
    maud.fill("#body", "Un texte sans identifiant")
    maud.click("main button:has-text('Publier')")
    topic = maud.url
    maud.click("main a:has-text('Modifier')")
    look(maud, "edit")
    edited = maud.url
    lise.goto(edited)
    lise.fill("#body", "Corrigé par l'animation")
    lise.click("main button:has-text('Publier')")
    maud.fill("#body", "Corrigé par moi")
    maud.click("main button:has-text('Publier')")
    look(maud, "edit conflict")
    maud.goto(edited.replace("modifier", "historique"))
    look(maud, "history")
    lise.goto(topic)
    lise.click("summary:has-text('Masquer')")
    look(lise, "open menu")
    lise.fill("[id^=masquer-]", "Un motif")
    lise.click("details[open] button")
    look(lise, "hidden topic")
    for _ in range(40):
        maud.goto("/notifications")
        if maud.locator("text=Une décision de l'animation").count():
            break
        maud.wait_for_timeout(250)
    maud.locator("text=Une décision de l'animation").first.click()
    maud.wait_for_url("**/decisions/*")
    look(maud, "decision")
    lise.goto("/animation/syntheses")
    lise.fill("#starts_on", "2017-01-01")
    lise.fill("#ends_on", "2017-01-31")
    lise.click("main button:has-text('Préparer')")
    look(lise, "draft of a digest")
    assert found == {}
