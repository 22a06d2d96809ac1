"""What one reader typed or opened is told to nobody by how soon the next one is answered, and no count of what one may not
see by how long it takes. The lists of what may be remembered stand here: whatever is added needs its reason.
"""

import ast
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from comcep.search.engines import Document, Engine
from tests.attacks.timing import Told, misspelt, pairs_of, sentences, tell_apart
from tests.community import Person, Site

PAIRS = 300 if os.environ.get("COMCEP_LONG") else 45
READERS = ["a visitor", pytest.param("a hors pair", marks=pytest.mark.long)]

# What a process remembers, and why it tells no reader of another.
REMEMBERED = {
    "comcep/accounts/passwords.py": "what comes with the program",
    "comcep/analytics/guard/naming.py:_ordinary": "French words, which come with the program",
    "comcep/analytics/guard/pointing.py:_places": "what comes with the program",
    "comcep/analytics/guard/quotations.py:_public_sentences": "what comes with the program",
    "comcep/analytics/guard/readings.py:_folded_character": "single signs, which tell of no text",
    "comcep/analytics/reading.py:_published": "figures of published digests, by themselves: all their readers see them all",
    "comcep/analytics/themes/suggesting.py:_read": "the models of themes, by their file",
    "comcep/analytics/themes/training.py": "the command that trains: no reader waits for it",
    "comcep/forum/reading/posts.py": "statements, by what a kind of viewer reaches: no value stands in them",
    "comcep/forum/reading/sections.py:_index_statement": "a statement, likewise",
    "comcep/forum/reading/topics.py": "statements, likewise",
    "comcep/notify/reading.py:_unread_statement": "a statement, likewise",
    "comcep/pages/documents.py": "the public pages that come with the program",
    "comcep/search/engines/kept.py:kept_of": "columns and words of a segment of one audience's index, each whole",
    "comcep/search/nearness.py:_threads": "two threads",
    "comcep/search/spelling.py": "French words, which come with the program",
    "comcep/search/thesaurus.py": "what comes with the program",
    "comcep/text/embedding.py": "the engine, and the middle of the trade's embeddings, which come with the program",
    "comcep/text/engine/asking.py:why_not": "whether this machine can embed",
    "comcep/web/filters.py:asset": "fingerprints of static files",
}


@pytest.fixture
def maud(lite: Site) -> Person:
    """A peer, on a site where every section holds topics: what nobody finds is compared with nothing."""
    lite.app.config["EMBEDDINGS"] = True
    lise = lite.animator()
    for section in ("publique", "hors-pairs", "pairs"):
        for title in ("Bilan de compétences pendant un arrêt", "Dormir près du centre", "Le jury de la VAE"):
            lise.asks(title, section=section)
    lite.works()
    return lite.adviser("Maud")


def reader(site: Site, kind: str) -> Person:
    return site.anonymous() if kind == "a visitor" else site.hors_pair()


@pytest.mark.parametrize("kind", READERS)
def test_what_a_peer_searches_is_told_by_no_time(lite: Site, maud: Person, kind: str) -> None:
    somebody = reader(lite, kind)

    told = tell_apart(pairs_of(sentences(1), PAIRS), maud.searches, somebody.searches)

    assert not told.tells, told


@pytest.mark.parametrize("kind", READERS)
def test_which_words_a_peer_misspells_is_told_by_no_time(lite: Site, maud: Person, kind: str) -> None:
    lite.app.config["EMBEDDINGS"] = False  # words alone: nothing longer hides what they take
    somebody = reader(lite, kind)

    told = tell_apart(pairs_of(misspelt(2), PAIRS), maud.searches, somebody.searches)

    assert not told.tells, told


@pytest.mark.parametrize("kind", READERS)
def test_which_titles_a_peer_opens_is_told_by_no_time(lite: Site, maud: Person, kind: str) -> None:
    somebody = reader(lite, kind)
    lite.app.config["EMBEDDINGS"] = False
    pairs = pairs_of(sentences(3), PAIRS)
    asked = {title: maud.asks(title) for pair in pairs for title in pair}
    lite.works()
    lite.app.config["EMBEDDINGS"] = True

    def opens(title: str) -> None:
        assert maud.get(f"/sujets/{asked[title]}", follow_redirects=True).status_code == 200
        assert maud.get(f"/recherche/proches?sujet={asked[title]}").status_code == 200

    told = tell_apart(pairs, opens, somebody.searches)

    assert not told.tells, told


@pytest.mark.parametrize("suggests", ["/recherche/proches", "/poser/themes"])
def test_what_a_peer_is_writing_is_told_by_no_time(lite: Site, maud: Person, suggests: str) -> None:
    agnes = lite.hors_pair()

    def types(who: Person) -> Callable[[str], None]:
        def typed(text: str) -> None:
            assert who.post(suggests, title=text, body=60 * text).status_code == 200

        return typed

    told = tell_apart(pairs_of(sentences(4), PAIRS), types(maud), types(agnes))

    assert not told.tells, told


def test_an_attack_by_time_finds_what_is_remembered() -> None:
    known: dict[str, int] = {}

    def asks(text: str) -> None:
        if text not in known:
            known[text] = sum(range(20_000))

    assert tell_apart(pairs_of(sentences(5), 60), asks, asks).tells
    assert not Told(0.56, 0.1).tells


def test_how_many_topics_of_others_hold_a_word_is_told_by_no_time(engine: Engine) -> None:
    """One public topic holds each word; what peers wrote holds the one 5,000 times, and never the other."""
    words = [(f"zqsu{number}", f"zqin{number}") for number in range(5)]

    def document(number: int, key: str, text: str) -> Document:
        return Document(number, key, (text, "", "", text), (), False, 1.0, "")

    said = " ".join([word for word, _ in words] + [f"mot{number}" for number in range(80)])
    engine.begin_rebuild()
    engine.add_rebuilt([document(number, "peers", said) for number in range(1, 5001)], 5000)
    engine.add_rebuilt([document(5001 + at, "public", f"{one} {two}") for at, (one, two) in enumerate(words)], 5005)
    engine.finish_rebuild()

    def asks(word: str) -> None:
        reading = engine.open(["public"])
        reading.statistics([word])
        assert len(reading.topics_with([(word,), (f"title:{word}",)])) == 2

    told = tell_apart(words * 12, lambda _word: None, asks)

    assert not told.tells, told


def test_whatever_a_process_remembers_has_its_reason() -> None:
    remembered = set()
    for path in sorted(Path("comcep").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any(is_cache(each) for each in node.decorator_list):
                remembered |= {f"{path}:{node.name}", str(path)} & REMEMBERED.keys() or {f"{path}:{node.name}"}

    assert remembered == REMEMBERED.keys()


def is_cache(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in ("lru_cache", "cache")
