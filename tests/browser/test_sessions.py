"""One's sessions and devices at /compte, in a browser: seen, ended one by one, by keyboard, on a phone as on a desktop."""

import pytest

from tests.browser.test_accessibility import EVERY_LOOK, LOOKS, violations


@pytest.mark.browser
@pytest.mark.parametrize("look", EVERY_LOOK)
def test_a_session_is_found_and_closed(open_as, server, look: str) -> None:  # type: ignore[no-untyped-def]
    here = open_as("conseiller", **LOOKS[look])
    there = open_as("conseiller", user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")
    here.goto("/compte")
    other = here.locator("li[data-session-id]", has_text="Firefox sur Linux").first
    assert here.locator("li", has_text="cette session").count() == 1
    assert violations(here) == []
    assert here.evaluate("document.documentElement.scrollWidth") <= LOOKS[look]["viewport"]["width"]
    for button in here.locator("[data-device-id] button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 24

    other.locator("button", has_text="Fermer la session").focus()
    here.keyboard.press("Enter")

    here.locator("text=La session est fermée.").wait_for()
    assert violations(here) == []
    there.goto("/compte")
    assert there.locator("body").get_attribute("data-viewer") == "anonymous"
    here.reload()
    assert here.locator("body").get_attribute("data-viewer") == "adviser"
