"""What is done to any text before it is stored: one form of each character, in time that grows with its length."""

import time
import unicodedata

import pytest

from comcep.text.cleaning import clean_line, clean_text
from tests.community import Site


def seconds(text: str) -> float:
    began = time.process_time()
    clean_text(text)
    return time.process_time() - began


@pytest.mark.parametrize("heap", ["\u0345\u0334", "\u0301", "\u0315\u0300", "\u202f", "é\u0323", "ﷺ", "🙂", "「"])
def test_what_cleaning_costs_grows_with_the_length(heap: str) -> None:
    length = 60_000
    shorter = "a" + (heap * length)[:length]
    longer = "a" + (heap * 4 * length)[: 4 * length]
    seconds(shorter)

    assert min(seconds(longer) for _ in range(3)) < 4 * 2.5 * max(min(seconds(shorter) for _ in range(3)), 0.005)


def test_a_heap_sorted_the_worst_way_is_cleaned_at_once() -> None:
    assert seconds("a" + "\u0345" * 240_000 + "\u0334" * 240_000) < 1


def test_languages_that_put_marks_upon_letters_keep_them() -> None:
    for word in ("Tiếng Việt", "שָׁלוֹם", "ก็ไม่", "e\u0301te\u0301", "नमस्ते", "Z̈ǎ̧"):
        assert clean_line(word) == unicodedata.normalize("NFC", word)


def test_thirty_marks_stand_upon_a_letter_and_no_more() -> None:
    assert len(clean_text("x" + "\u0323" * 500 + "y")) == 32


def test_letters_are_stored_in_their_composed_form_by_every_form_that_stores_words(lite: Site) -> None:
    """Typed on a Mac as a letter and its accent, found by whoever types them as one."""
    apart, whole = "Me\u0301thode de\u0301taille\u0301e", "Méthode détaillée"
    maud = lite.adviser("Maud")
    topic = maud.asks(apart, apart)
    post = maud.answers(topic, f"Suite : {apart}")
    lite.works()

    assert clean_line(apart) == clean_text(apart) == whole
    assert maud.searches(whole) == maud.searches(apart) == maud.searches(f"re\u0301seau:fongecif {apart}") == [topic]
    assert maud.searches(f"re\u0301seau:apec {apart}") == []
    with lite.app.app_context():
        assert lite.topic(topic).title == whole
        assert whole in lite.post(post).source
        assert whole in lite.post(post).html
