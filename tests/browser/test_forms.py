"""Forms in a browser: a session that ends while one writes, a reload, a call that fails, a form that comes back; with scripts
and without them.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import EVERY_LOOK, LOOKS, violations

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
TYPED = "Vingt minutes de texte.\nSur deux lignes."


def ask(page: Page, title: str) -> str:
    page.goto("/poser")
    page.fill("#title", title)
    page.fill("#body", "Le texte de la question.")
    page.select_option("#section", "aider-a-monter-un-dossier")
    page.click("main button:has-text('Publier')")
    page.wait_for_url("**/sujets/**")
    return page.url


def session_ends(page: Page) -> None:
    page.context.clear_cookies()


def signs_in_there(page: Page, account: str = "conseillere") -> None:
    page.fill("#email", f"{account}@demo.example")
    page.fill("#password", "comcep-demo")
    page.click("main button:has-text('Se connecter')")


def answering(status: int):  # type: ignore[no-untyped-def]
    """What a call gets: that status, or no answer."""
    return lambda route: route.fulfill(status=status) if status else route.abort()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.className || document.activeElement.id"))


@SCRIPTS
def test_a_question_survives_the_end_of_its_session(open_as, server, scripts: bool) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere", java_script_enabled=scripts)
    maud.goto("/poser")
    maud.fill("#title", "Une question de vingt minutes")
    maud.fill("#body", TYPED)
    maud.select_option("#section", "aider-a-monter-un-dossier")
    maud.select_option("#kind", "discussion")
    maud.check("#anonymous")
    session_ends(maud)
    maud.click("main button:has-text('Publier')")
    assert "pendant que vous écriviez" in maud.locator("main").inner_text()
    assert maud.locator(".kept").first.input_value()
    assert violations(maud) == [] if scripts else True

    signs_in_there(maud)
    maud.wait_for_url("**/reprise/*")
    assert maud.input_value("#title") == "Une question de vingt minutes"
    assert maud.input_value("#body") == TYPED
    assert maud.input_value("#section") == "aider-a-monter-un-dossier"
    assert maud.input_value("#kind") == "discussion"
    assert maud.is_checked("#anonymous")
    assert focused(maud) == "summary back"
    maud.reload()
    assert maud.input_value("#body") == TYPED

    maud.click("main button:has-text('Publier')")
    maud.wait_for_url("**/sujets/**")
    assert "Conseiller·ère" in maud.locator(".post").first.inner_text()


@SCRIPTS
def test_a_form_that_comes_back_is_where_the_eye_is(open_as, server, scripts: bool) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere", java_script_enabled=scripts, viewport={"width": 390, "height": 844})
    address = ask(maud, f"Un long sujet {scripts}")
    for number in range(21):
        maud.fill("#body", f"Réponse {number}")
        maud.click("main button:has-text('Publier')")
    maud.goto(f"{address}?page=2")
    for typed, said in (
        ("", "Écrivez votre message"),
        ("Joindre Maud au 06 12 34 56 78.", "semble désigner une personne"),
    ):
        maud.fill("#body", typed)
        maud.click("main button:has-text('Publier')")
        summary = maud.locator(".write .summary")
        expect(summary).to_contain_text(said)
        expect(summary).to_be_in_viewport(ratio=0.9)
        assert focused(maud) == "summary"
        assert maud.title().startswith("Erreur :")
        assert maud.locator(".pages [aria-current]").inner_text().endswith("2")
        assert maud.input_value("#body") == typed
    maud.locator(".write .summary input").check()
    maud.click("main button:has-text('Publier')")
    assert not maud.title().startswith("Erreur")
    assert maud.locator("text=Joindre Maud").count() == 1


@SCRIPTS
def test_following_does_not_erase_a_reply_being_typed(open_as, server, scripts: bool) -> None:  # type: ignore[no-untyped-def]
    maud, ilyes = open_as("conseillere"), open_as("conseiller", java_script_enabled=scripts)
    ilyes.goto(ask(maud, f"À suivre {scripts}"))
    ilyes.fill("#body", TYPED)
    ilyes.locator(".headline button:has-text('Suivre')").click()
    expect(ilyes.locator(".headline button:has-text('Ne plus suivre')")).to_be_visible()
    assert ilyes.input_value("#body") == TYPED
    ilyes.locator(".headline button:has-text('Ne plus suivre')").click()
    expect(ilyes.locator(".headline button:text-is('Suivre')")).to_be_visible()
    assert ilyes.input_value("#body") == TYPED
    ilyes.click("main button:has-text('Publier')")
    expect(ilyes.locator(".post")).to_have_count(2)
    assert ilyes.input_value("#body") == ""


@SCRIPTS
def test_acts_beside_a_reply_come_back_in_sight_and_erase_nothing(open_as, server, scripts: bool) -> None:  # type: ignore[no-untyped-def]
    phone = {"java_script_enabled": scripts, "viewport": {"width": 390, "height": 844}}
    maud, lise = open_as("conseillere"), open_as("animatrice", **phone)
    address = ask(maud, f"À animer {scripts}")
    lise.goto(address)
    lise.fill("#body", TYPED)
    lise.click("button:text-is('Épingler')")
    expect(lise.locator("button:text-is('Désépingler')")).to_be_visible()
    assert lise.input_value("#body") == TYPED
    lise.goto(address)
    assert lise.input_value("#body") == (TYPED if scripts else "")

    lise.locator(".moderate summary:text-is('Fermer')").click()
    lise.click(".moderate details[open] button:text-is('Fermer')")
    summary = lise.locator(".moderate details[open] .summary")
    expect(summary).to_be_in_viewport(ratio=0.9)
    assert focused(lise) == "summary"
    assert lise.title().startswith("Erreur :")
    assert violations(lise) == [] if scripts else True
    lise.fill("#fermer", "Le sujet a sa réponse.")
    lise.click(".moderate details[open] button:text-is('Fermer')")
    expect(lise.locator(".flash")).to_contain_text("Le sujet est fermé")


@SCRIPTS
def test_enter_on_the_tick_publishes_and_follows_nothing(open_as, server, scripts: bool) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere", java_script_enabled=scripts)
    maud.goto(ask(maud, f"Par la touche Entrée {scripts}"))
    maud.fill("#body", "Une réponse au clavier")
    maud.locator("#anonymous").focus()
    maud.keyboard.press("Enter")
    expect(maud.locator(".post")).to_have_count(2)


def test_a_reload_keeps_the_reply_until_it_is_published_or_its_member_signs_out(open_as, server) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere")
    address = ask(maud, "Recharger")
    maud.fill("#body", TYPED)
    maud.check("#anonymous")
    maud.reload()
    assert maud.input_value("#body") == TYPED
    assert maud.is_checked("#anonymous")
    maud.goto("/actifs")
    maud.goto(address)
    assert maud.input_value("#body") == TYPED
    maud.click("main button:has-text('Publier')")
    expect(maud.locator(".post")).to_have_count(2)
    assert maud.input_value("#body") == ""
    maud.reload()
    assert maud.input_value("#body") == ""

    maud.fill("#body", "Ce qui ne doit pas rester")
    maud.goto("/compte")
    maud.click("main button:has-text('Se déconnecter')")
    maud.wait_for_url("**/")
    assert maud.evaluate("Object.keys(sessionStorage)") == []


def test_another_member_of_the_tab_does_not_see_what_was_typed(open_as, server) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere")
    address = ask(maud, "Un poste partagé")
    maud.fill("#body", "Rien que pour moi")
    session_ends(maud)
    maud.goto("/connexion")
    signs_in_there(maud, "conseiller")
    maud.goto(address)
    assert maud.input_value("#body") == ""
    assert "Rien que pour moi" not in str(maud.evaluate("JSON.stringify(sessionStorage)"))


def test_a_preview_that_fails_says_so_in_place(open_as, server) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere")
    maud.goto("/poser")
    maud.fill("#body", TYPED)
    said = maud.locator("#apercu + [role=alert]")
    for status, words in ((0, "connexion ne répond pas"), (429, "Trop d'essais"), (500, "Une erreur de notre côté")):
        maud.route("**/apercu", answering(status))
        maud.click("button:has-text('Aperçu')")
        expect(said).to_contain_text(words)
        maud.unroute("**/apercu")
    assert violations(maud) == []
    maud.click("button:has-text('Aperçu')")
    expect(maud.locator("#apercu h2")).to_be_visible()
    expect(said).to_have_count(0)
    session_ends(maud)
    maud.click("button:has-text('Aperçu')")
    expect(said).to_contain_text("Votre session s'est terminée")
    assert maud.input_value("#body") == TYPED


def test_what_appears_while_one_types_says_when_it_fails(open_as, server) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere")
    maud.goto("/recherche")
    maud.route(re.compile("recherche/propositions"), lambda route: route.abort())
    maud.locator("input[type=search]").press_sequentially("permis", delay=5)
    expect(maud.locator("form.search + [role=alert]")).to_contain_text("connexion ne répond pas")


@SCRIPTS
def test_sign_out_works_whatever_the_age_of_the_page(open_as, server, scripts: bool) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere", java_script_enabled=scripts)
    maud.goto("/compte")
    maud.locator("form[action='/deconnexion'] [name=csrf_token]").evaluate("field => { field.value = 'périmé' }")
    maud.click("main button:has-text('Se déconnecter')")
    maud.wait_for_url("**/")
    assert maud.locator("body").get_attribute("data-viewer") == "anonymous"


@pytest.mark.parametrize("look", EVERY_LOOK)
def test_axe_finds_nothing_on_forms_that_come_back(open_as, server, look: str) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere", **LOOKS[look])
    found = {}
    maud.goto(ask(maud, f"À regarder {look}"))
    maud.fill("#body", "Joindre Maud au 06 12 34 56 78.")
    maud.click("main button:has-text('Publier')")
    found["warning"] = violations(maud)
    session_ends(maud)
    maud.click("main button:has-text('Publier')")
    found["session ended"] = violations(maud)
    assert maud.evaluate("document.documentElement.scrollWidth") <= LOOKS[look]["viewport"]["width"]
    signs_in_there(maud)
    maud.wait_for_url("**/reprise/*")
    found["resumed"] = violations(maud)
    assert maud.evaluate("document.documentElement.scrollWidth") <= LOOKS[look]["viewport"]["width"]
    assert {name: lines for name, lines in found.items() if lines} == {}
