"""The digest in a real browser: an animator's path from draft to publication, a committee member's reading, the A4 pages."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from tests.browser.test_accessibility import violations


def until_computed(page: Page) -> None:
    """The draft's figures come from the background: reload until they are there."""
    for _ in range(60):
        if page.locator("[data-table=community]").count() and not page.locator("text=Les figures se calculent").count():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError("the figures were never computed")


@pytest.mark.browser
def test_an_animator_drafts_and_publishes_and_the_committee_reads_and_prints(open_as, server) -> None:  # type: ignore[no-untyped-def]
    lise, committee = open_as("animatrice"), open_as("comite")
    lise.goto("/animation/syntheses")
    today = date.today()
    lise.fill("#starts_on", str(today - timedelta(days=6)))
    lise.fill("#ends_on", str(today - timedelta(days=1)))
    lise.click("main button:has-text('Préparer')")
    until_computed(lise)
    assert lise.locator("[data-suppressed]").count()
    assert lise.locator("text=trop peu de conseillers").count() == 0  # not even to who writes it
    assert violations(lise) == []
    lise.fill("#title", "Ce que la période dit")
    lise.fill("#words", "Écrire au 06 12 34 56 78.")
    lise.click("main button:has-text('Publier définitivement')")
    assert "téléphone" in lise.locator(".summary").inner_text()
    lise.fill("#words", "Nos mots, relus.")
    lise.click("main button:has-text('Publier définitivement')")
    lise.wait_for_url("**/comite/syntheses/*")

    committee.goto("/comite")
    committee.click("text=Ce que la période dit")
    assert committee.locator("h1").inner_text() == "Ce que la période dit"
    assert committee.locator("text=trop peu de conseillers").count() == 0
    assert violations(committee) == []
    with committee.expect_download() as download:
        committee.click("main a:has-text('CSV')")
    assert re.fullmatch(r"synthese-\d+\.csv", download.value.suggested_filename)

    committee.emulate_media(media="print")
    assert not committee.locator("header.top").is_visible()
    assert not committee.locator("text=Ce que disent les colonnes").is_visible()
    printed = committee.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[([\d. ]+)\]", printed)
    assert boxes
    for box in boxes:
        width, height = (float(number) for number in box.split()[2:])
        assert abs(width - 595) < 2
        assert abs(height - 842) < 2


@pytest.mark.browser
def test_a_theme_is_suggested_as_one_asks_and_ticked_in_one_click(open_as, server) -> None:  # type: ignore[no-untyped-def]
    maud = open_as("conseillere")
    maud.goto("/poser")
    maud.fill("#title", "Préparer le jury de VAE et le livret 2")
    maud.wait_for_selector("#themes-proches input[value=vae-et-bilan]")
    maud.check("#themes-proches input[value=vae-et-bilan]")
    maud.fill("#body", "Comment faites-vous ?")
    maud.select_option("#section", "aider-a-monter-un-dossier")
    maud.click("main button:has-text('Publier')")
    maud.wait_for_url("**/sujets/**")
    assert maud.locator(".badge:has-text('VAE et bilan')").count()


@pytest.mark.browser
def test_the_committee_nominates_and_an_adviser_follows_without_javascript(open_as, server) -> None:  # type: ignore[no-untyped-def]
    committee, maud = open_as("comite", java_script_enabled=False), open_as("conseillere", java_script_enabled=False)
    committee.goto("/thematiques")
    committee.fill("#title", "Une thématique sans script")
    committee.fill("#reason", "Elle revient à chaque synthèse.")
    committee.click("main button:has-text('Proposer')")
    maud.goto("/thematiques")
    assert maud.locator("h2:has-text('Une thématique sans script')").count() == 1
    assert maud.locator("text=Entre membres du comité").count() == 0
