"""Pages beside the bare ceiling, pages as topics grow, memory of a worker."""

import re
import statistics
from pathlib import Path
from typing import Any

from tests.benchmarks.load import load
from tests.benchmarks.servers import Visitor, gunicorn, pss_of_workers, wrk

SECTION = "/rubriques/aider-a-monter-un-dossier"
GROWTH = (1_000, 10_000, 100_000)


def measure(folder: Path) -> dict[str, Any]:
    return {**beside_the_ceiling(folder / "pages"), **as_topics_grow(folder)}


def beside_the_ceiling(data: Path) -> dict[str, Any]:
    """Requests per second, signed in, 300 topics of 25 posts, each page beside the bare application."""
    load(data, 300, 25)
    environment = {"COMCEP_DATA": str(data), "COMCEP_RATE_LIMITS": "off", "PORT": "8201"}
    figures: dict[str, Any] = {}
    with (
        gunicorn("wsgi:app", 8201, environment) as site,
        gunicorn("tests.benchmarks.bare:app", 8202, {"BARE_DATABASE": str(data / "comcep.sqlite3")}),
    ):
        visitor = Visitor(8201)
        topic = re.search(r'href="(/sujets/(\d{15})-[^"]*)"', visitor.get(SECTION))
        assert topic is not None
        digest = re.search(r'href="(/comite/syntheses/\d{15})"', visitor.get("/comite"))
        assert digest is not None
        pages = {"topic page": topic[1], "section page": SECTION, "index page": "/rubriques", "home page": "/"}
        pages["digest page"] = digest[1]
        for address in pages.values():
            visitor.get(address)
        for name, address in pages.items():
            shares = []
            for _ in range(5):  # in turn: the machine's speed drifts
                bare = wrk(f"http://127.0.0.1:8202/sujets/{topic[2]}", seconds=4)
                ours = wrk(visitor.address + address, visitor.cookie, seconds=4)
                shares.append((ours / bare, ours, bare))
            share, ours, bare = sorted(shares)[2]
            figures[f"{name}: share of the bare ceiling"] = f"{share:.1%} ({ours:.0f} of {bare:.0f} req/s)"
        for number in range(1000):
            visitor.get(list(pages.values())[number % 5])
        figures["memory of a worker after the views"] = f"{max(pss_of_workers(site)) / 1e6:.0f} MB (PSS)"
    return figures


def as_topics_grow(folder: Path) -> dict[str, Any]:
    """Median milliseconds of a page, one request after another, at 1,000, 10,000 and 100,000 topics."""
    medians: dict[str, list[float]] = {}
    for topics in GROWTH:
        data = folder / f"growth-{topics}"
        load(data, topics, 3)
        environment = {"COMCEP_DATA": str(data), "COMCEP_RATE_LIMITS": "off", "PORT": "8203"}
        with gunicorn("wsgi:app", 8203, environment):
            visitor = Visitor(8203)
            found = re.search(r'href="(/sujets/\d{15}-[^"]*)"', visitor.get(SECTION))
            assert found is not None
            for address in (found[1], SECTION, "/rubriques", "/", "/actifs", "/sans-reponse", "/non-lus"):
                times = [visitor.seconds(address) for _ in range(25)][5:]
                name = "topic" if address == found[1] else address
                medians.setdefault(name, []).append(1000 * statistics.median(times))
    return {
        f"growth of {name} at 1k/10k/100k topics": f"{values[0]:.1f} / {values[1]:.1f} / {values[2]:.1f} ms"
        for name, values in medians.items()
    }
