"""Search in a browser: find, refine, ask with close cases beside, keep a search; by keyboard and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_finding_refining_and_keeping_a_search(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page: Page = open_as("conseillere")
    page.goto("/")
    page.fill("input[type=search]", "illetrisme")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=illetrisme")
    expect(page.locator(".result .title").first).to_contain_text("illettrisme")
    expect(page.locator("[data-correction]")).to_contain_text("illettrisme")

    page.fill("input[type=search]", "cif")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=cif")
    before = int(page.locator("[data-total]").get_attribute("data-total") or 0)
    solved = page.locator('[data-facet="state"][data-value="solved"]')
    count = int(solved.get_attribute("data-count") or 0)
    solved.click()
    expect(page.locator("[data-total]")).to_have_attribute("data-total", str(count))
    assert 0 < count < before
    assert page.locator('.result:not([data-state="solved"])').count() == 0

    page.get_by_role("button", name="Garder cette recherche").click()
    expect(page.locator("main")).to_contain_text("Recherche gardée")
    page.locator("main .lines a").first.click()
    expect(page.locator("[data-total]")).to_have_attribute("data-total", str(count))


def test_a_passage_leads_to_the_reply_it_stands_in(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page: Page = open_as("conseillere")
    page.goto("/recherche?q=cif+refus+employeur+recours")

    page.locator(".excerpt a").first.click()  # the title's link takes the whole row below it
    page.wait_for_url(re.compile("/sujets/.*#message-"))
    expect(page.locator(":target")).to_be_visible()


def test_a_count_of_two_digits_stays_whole_beside_a_long_name(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page: Page = open_as("conseillere")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/recherche?q=licenciement+pendant+un+CIF")

    # A line box each: a number that is broken has two.
    lines = page.locator(".facet .value b").evaluate_all(
        "counts => counts.map(count => { const range = document.createRange(); range.selectNodeContents(count);"
        " return range.getClientRects().length; })"
    )
    assert lines
    assert set(lines) == {1}


def test_close_cases_appear_while_the_title_is_typed(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page: Page = open_as("conseillere")
    page.goto("/poser")
    assert page.locator("[data-close]").count() == 0
    page.locator("#title").press_sequentially("Licencié pendant un CIF", delay=5)
    expect(page.locator("[data-close] li").first).to_be_visible()
    assert page.locator("[data-close] li").count() <= 4


def test_titles_are_offered_while_one_types(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page: Page = open_as("conseillere")
    page.goto("/recherche")
    page.locator("input[type=search]").press_sequentially("permis de cond", delay=5)
    expect(page.locator("#propositions option").first).to_be_attached()
    assert "ermis" in (page.locator("#propositions option").first.get_attribute("value") or "")


def test_what_is_opened_is_told_by_its_rank_alone(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page: Page = open_as("conseillere")
    page.goto("/recherche?q=permis")
    with page.expect_request("**/recherche/ouverture") as sent:
        page.locator(".result .title a").first.click()
    said = sent.value.post_data or ""
    assert re.fullmatch(r"search=\d{15}&rank=1&csrf_token=[\w.-]+", said)


def test_close_cases_show_below_a_topic(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page: Page = open_as("conseillere")
    page.goto("/recherche?q=VAE")
    page.locator(".result .title a").first.click()
    page.mouse.wheel(0, 5000)
    expect(page.locator("[data-close] li").first).to_be_visible()


def test_everything_works_without_scripts(open_as, server) -> None:  # type: ignore[no-untyped-def]
    page: Page = open_as("conseillere", java_script_enabled=False)
    page.goto("/recherche?q=cif")
    page.locator('[data-facet="state"][data-value="solved"]').click()
    assert page.locator(".result").count() > 0
    page.get_by_role("button", name="Garder cette recherche").click()
    assert "Recherche gardée" in page.locator("main").inner_text()
    page.goto("/recherche?q=zzqqzz")
    page.get_by_role("button", name="Poser la question").click()
    assert page.locator("#title").input_value() == "zzqqzz"
    page.goto("/recherche?q=licenciement pendant un cif année:2015")
    page.get_by_role("button", name="Poser la question").click()
    assert page.locator("#title").input_value() == "licenciement pendant un cif"
    assert page.url.endswith("/poser/debut")
    assert page.locator("[data-close] li").count() > 0
