"""A demo site and a real Chromium, one of each for all browser tests of a process."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.captures import sign_in
from tests.servers import Server

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not shutil.which("chromium"):
        if os.environ.get("CI"):
            pytest.fail("Chromium is required in CI")
        pytest.skip("no Chromium at hand: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("browser") / "data"
    data.mkdir()
    server = Server(data, COMCEP_RATE_LIMITS="off")
    yield server
    server.stop()


@pytest.fixture
def open_as(browser: Browser, server: Server) -> Iterator:  # type: ignore[type-arg]
    """A page in a context of its own, signed in as a demo account."""
    contexts = []

    def open_page(account: str = "", **options: object) -> Page:
        context = browser.new_context(base_url=server.address, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        if account:
            sign_in(page, account, server.address)
        return page

    yield open_page
    for context in contexts:
        context.close()
