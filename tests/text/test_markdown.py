"""Markdown to HTML: safe whatever the source, never empty, and quick enough on hostile input to end."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comcep.text.cleaning import clean_line, clean_text
from comcep.text.excerpts import best_passage, plain_text
from comcep.text.markdown import ATTRIBUTES, TAGS, render

pieces = st.sampled_from(
    ["<script>", "</script>", "<img src=x onerror=alert(1)>", "javascript:", "[a](", ")", "![", "](", "`", "```\n", "\n\n", "> ",
     "<a href='", "'>", "\"", "&#106;", "<!--", "-->", "<svg/onload=", "data:text/html,", "| a |\n|--|\n", "**", "_", "\\", "<b>",
     "http://a.example/", "<http://b.example>", "[r]: ", "\t", "x"]
)  # fmt: skip


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Reader()
    reader.feed(html)
    return reader.found


@given(st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=30).map("".join))
def test_only_known_elements_and_addresses_come_out(source: str) -> None:
    for tag, attributes in elements(render(source)):
        assert tag in TAGS
        assert set(attributes) <= {*ATTRIBUTES.get(tag, []), "rel"}
        address = (attributes.get("href") or "http:").strip().lower()
        assert address.startswith(("http:", "https:", "mailto:", "/", "#", "?")) or ":" not in address.split("/")[0]


@given(st.text(min_size=1, max_size=300).filter(lambda text: clean_text(text)))
def test_a_text_never_becomes_nothing(text: str) -> None:
    assert render(clean_text(text)).strip()


def test_what_advisers_write_comes_out_as_they_mean_it() -> None:
    html = render("# Titre\n\n**CPF** & <CIF>\nligne\n\n- un\n- deux\n\n> cité\n\nhttp://exemple.fr/x")

    assert "<h3>Titre</h3>" in html
    assert "<strong>CPF</strong> &amp; &lt;CIF&gt;<br>" in html
    assert "<li>un</li>" in html
    assert "<blockquote>" in html
    assert '<a href="http://exemple.fr/x" rel="nofollow noopener ugc">' in html


def test_a_remote_image_becomes_a_link() -> None:
    assert "<img" not in render("![plan](http://ailleurs.example/p.png)")
    assert 'href="http://ailleurs.example/p.png"' in render("![plan](http://ailleurs.example/p.png)")


BOMBS = ["[" * 100_000, "> " * 50_000, "`a" * 50_000, "*a " * 33_000, "[a](" * 25_000, "[a](b *c* `d`\n" * 7_000, "a\n=\n" * 20_000,
         "```\n" * 25_000, "|a|b|\n|-|-|\n" + "|x|y|\n" * 15_000, "<" * 100_000,
         "\n".join(" " * (4 * depth) + "- a" for depth in range(400))]  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_ends_soon(bomb: str) -> None:
    start = time.process_time()
    render(bomb[:100_000])

    assert time.process_time() - start < 20  # unguarded, two of these took 68 and 37 seconds


@given(st.text(max_size=400))
def test_cleaning_is_done_once_and_for_all(text: str) -> None:
    clean = clean_text(text)

    assert clean_text(clean) == clean
    assert "\x00" not in clean
    assert "\n" not in clean_line(text)


@given(st.text(max_size=600), st.sets(st.text(min_size=1, max_size=5), max_size=3))
def test_an_excerpt_never_lets_markup_through(text: str, words: set[str]) -> None:
    passage = best_passage(text, str.lower, {word: number for number, word in enumerate(words)}).marked()

    assert {tag for tag, _ in elements(str(passage))} <= {"mark"}


def test_the_passage_that_says_two_things_goes_before_one_that_says_one_in_three_ways() -> None:
    filler = " et puis encore" * 40
    text = f"reste charge sous{filler} financer une VAE{filler} aide financeur argent"
    money = ("reste", "charge", "sous", "financer", "aide", "financeur", "argent")

    passage = best_passage(text, str.lower, {**dict.fromkeys(money, 0), "vae": 1})

    assert "<mark>financer</mark> une <mark>VAE</mark>" in passage.marked()
    assert passage.says == {0, 1}


def test_plain_text_keeps_the_words_of_html() -> None:
    assert plain_text("<p>l&#39;<strong>abondement</strong></p><p>suite</p>") == "l' abondement suite"


@pytest.mark.parametrize("run", ["(", "www.-", "a@", "a.", "[", "*", "`", "> "])
def test_what_rendering_costs_grows_with_the_length_of_a_run(run: str) -> None:
    def seconds(length: int) -> float:
        began = time.process_time()
        render((run * length)[:length])
        return time.process_time() - began

    seconds(1_000)
    assert seconds(80_000) < 4 * 2.5 * max(min(seconds(20_000) for _ in range(2)), 0.02)


def test_runs_just_short_enough_to_hold_an_address_end_soon_as_well() -> None:
    began = time.process_time()
    render(("(" * 1_999 + " ") * 50)

    assert time.process_time() - began < 10


def test_a_long_address_is_a_link_and_a_run_that_is_none_is_shown() -> None:
    address = "https://exemple.fr/" + "a" * 1_500
    assert f'href="{address}"' in render(f"Voir {address} ici")
    assert "(" * 5_000 in render("(" * 5_000)
