"""Search over 20,000 posts: how long a query takes on the page, and how soon a published post is found."""

import random
import re
import statistics
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from tests.benchmarks.load import WORDS, load
from tests.servers import Server, Visitor, flask


def measure(folder: Path) -> dict[str, Any]:
    """800 topics of 25 posts, the site as `make run` starts it, one reader asking through the page."""
    data = folder / "search"
    load(data, 800, 25)
    flask(data, "index", "rebuild")
    server = Server(data, COMCEP_RATE_LIMITS="off", COMCEP_EMBEDDINGS="on")
    try:
        visitor = Visitor(server.address, "conseillere")
        return {**_queries(visitor), **_freshness(visitor)}
    finally:
        server.stop()


def _queries(visitor: Visitor) -> dict[str, Any]:
    chance = random.Random(2)
    times = []
    for _ in range(120):
        query = quote_plus(" ".join(chance.choices(WORDS, k=chance.randint(1, 4))))
        start = time.perf_counter()
        visitor.get(f"/recherche?q={query}")
        times.append(time.perf_counter() - start)
    times = times[20:]
    p95 = 1000 * statistics.quantiles(times, n=20)[-1]
    return {"search over 20,000 posts, page, median / p95": f"{1000 * statistics.median(times):.0f} / {p95:.0f} ms"}


def _freshness(visitor: Visitor) -> dict[str, Any]:
    delays = []
    for number in range(20):
        word = f"zqfrais{number}"
        visitor.post(
            "/poser", title=f"Un sujet {word}", body="Texte", section="aider-a-monter-un-dossier", kind="question"
        )
        start = time.perf_counter()
        while not re.search(f'class="topic result".*?{word}', visitor.get(f"/recherche?q={word}"), re.DOTALL):
            time.sleep(0.02)
        delays.append(time.perf_counter() - start)
    return {
        "a published post is found after, median / worst of 20": f"{statistics.median(delays):.2f} / {max(delays):.2f} s"
    }
