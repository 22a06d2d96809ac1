"""Several threads at once, as a web worker has: each finds its own words in what comes back, and nobody else's.

What is tried is found in the source: every public function of the listed modules that takes one text.
"""

import inspect
import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from comcep.analytics.themes.predicting import Model
from comcep.analytics.themes.suggesting import SHIPPED
from comcep.extensions import db
from comcep.forum.models import Post
from comcep.search import analysis
from comcep.search.engines import Document, Engine
from comcep.text import embedding, markdown
from comcep.text.excerpts import best_passage
from tests.community import Site

THREADS = 8
MODULES = (
    "text.markdown", "text.cleaning", "text.excerpts", "text.personal_data", "search.analysis", "search.queries",
    "search.sounds", "search.log", "web.filters",
)  # fmt: skip
TEXTS = 96


@pytest.fixture(autouse=True)
def busy_threads() -> Iterator[None]:
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def a_text(number: int) -> str:
    """Markdown with all that our rules know, whose every word bears a number of its own."""
    chance = random.Random(number)
    words = [f"{word}{number}" for word in ("mot", "congé", "l'été", "VAE", "R.4162-", "co-financement")]
    said = " ".join(chance.choice(words) for _ in range(chance.randint(3, 40)))
    return (
        f"# Titre{number}\n\n{said} **gras{number}** et _mince{number}_, `code{number}`, [nom{number}][r]\n\n"
        f"- un{number}\n- deux{number}\n\n> dit{number}\n\n```\nfermé{number}\n```\n\n| a{number} | b |\n|---|---|\n| c | d |\n\n"
        f"https://e{number}.example/p Tél. 06 12 34 5{number % 10} {number % 90 + 10}, a{number}@e.example\n\n"
        f"[r]: https://r{number}.example/"
    )


def functions_of_one_text() -> dict[str, Callable[[str], Any]]:
    found = {}
    for name in MODULES:
        module = import_module(f"comcep.{name}")
        for function_name, function in inspect.getmembers(module, callable):
            function = inspect.unwrap(function)
            if not inspect.isfunction(function) or function.__module__ != module.__name__ or function_name[0] == "_":
                continue
            wanted = [each for each in inspect.signature(function).parameters.values() if each.default is each.empty]
            if [each.annotation for each in wanted] == [str]:
                found[f"{name}.{function_name}"] = getattr(module, function_name)
    return found


# And what takes more than a text, or comes from elsewhere.
OTHERS: dict[str, Callable[[str], Any]] = {
    "passages": lambda text: best_passage(text, analysis.term_of, dict.fromkeys(analysis.terms(text)[:5], 1)).marked(),
    "questions embedded": lambda text: embedding.of_question(text),
    "passages embedded": lambda text: embedding.of_passage(text),
    "themes suggested": lambda text: _themes.probabilities(text[:60], text, by_meaning=False),
}
_themes = Model.read(SHIPPED)


@pytest.mark.parametrize("name", [*functions_of_one_text(), *OTHERS])
def test_eight_threads_each_get_what_their_own_text_gives(name: str) -> None:
    function = {**functions_of_one_text(), **OTHERS}[name]
    texts = [a_text(number) for number in range(TEXTS if "embedded" not in name else TEXTS // 3)]
    with ThreadPoolExecutor(THREADS) as threads:
        together = list(threads.map(function, texts))

    assert together == [function(text) for text in texts]


def test_all_that_renders_and_analyses_is_tried() -> None:
    assert {"text.markdown.render", "text.cleaning.slug", "text.personal_data.find_personal_data", "search.analysis.terms",
            "search.queries.query_terms", "web.filters.rendered"} <= set(functions_of_one_text())  # fmt: skip


def test_what_an_error_leaves_half_done_is_in_no_later_text() -> None:
    whole = markdown.render("- un\n- deux\n\ntrois")
    deep = sys.getrecursionlimit()
    for room in range(30, 120, 3):
        sys.setrecursionlimit(len(inspect.stack(0)) + room)
        try:
            markdown.render("> - > - > 1. **a** _b_ `c` [d](http://e.example)\n> - f")
        except RecursionError:
            pass
        finally:
            sys.setrecursionlimit(deep)

        assert markdown.render("- un\n- deux\n\ntrois") == whole


def test_previews_and_posts_at_once_hold_only_their_own_words(site: Site) -> None:
    topic = site.animator().asks("Un sujet", section="hors-pairs")
    people = [site.adviser(f"Membre{number}") for number in range(THREADS)]

    def writes(number: int) -> list[str]:
        person, foreign = people[number], []
        for turn in range(8):
            own = number * 100 + turn
            preview = person.post("/apercu", body=a_text(own)).text
            person.answers(topic, a_text(own + 50), confirm="1")
            if preview.count(f"gras{own}<") != 1 or preview.count("gras") != 1:
                foreign.append(preview)
        return foreign

    with ThreadPoolExecutor(THREADS) as threads:
        assert [page for pages in threads.map(writes, range(THREADS)) for page in pages] == []
    with site.app.app_context():
        stored = db.session.execute(select(Post.source, Post.html).where(Post.source.contains("gras"))).all()
        assert len(stored) == 8 * THREADS
        assert [post.html for post in stored] == [markdown.render(post.source) for post in stored]


def test_searches_at_once_find_only_what_each_looks_for(site: Site) -> None:
    maud = site.adviser("Maud")
    words = [f"zu{chr(97 + number)}bodrak" for number in range(16)]
    topics = {word: maud.asks(f"Un cas de {word}", f"Du {word} et du plâtre") for word in words}
    site.works()
    people = [site.adviser(f"Membre{number}", "pole-emploi") for number in range(THREADS)]

    def looks(number: int) -> list[tuple[str, list[int]]]:
        mine = words[number::THREADS] * 4
        return [(word, people[number].searches(f'"{word}"')) for word in mine]

    with ThreadPoolExecutor(THREADS) as threads:
        found = [each for several in threads.map(looks, range(THREADS)) for each in several]

    assert found == [(word, [topics[word]]) for word, _ in found]


def test_an_index_asked_by_many_threads_stays_in_place(engine: Engine) -> None:
    documents = [
        Document(number, "peers", (f"mot{number} {'pair' if number % 2 else 'impair'}", "", "", ""), (), False, 1.0, "")
        for number in range(1, 60)
    ]
    engine.replace(documents, [document.topic_id for document in documents])
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def asks(number: int) -> list[list[int]]:
        ways = [(f"mot{at}",) for at in range(number + 1, 60, THREADS)]
        with app.app_context():
            return [list(engine.open(["peers"]).topics_with([way]).get(way, ())) for way in ways * 10]

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(asks, range(THREADS)))

    assert engine.is_ready()
    assert found == [[[at] for at in range(number + 1, 60, THREADS)] * 10 for number in range(THREADS)]
