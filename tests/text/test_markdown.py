"""Markdown to HTML: safe whatever the source, never empty, and quick enough on hostile input to end."""

import re
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


# A browser leaves out tabs and ends of line, and spaces and control signs before; then letters up to a colon are a scheme
# (WHATWG, URL, 4.4). "<a href='javascript:" has none: it is the name of a page of ours.
_LEFT_OUT = re.compile(r"^[\x00-\x20]+|[\t\n\r]+")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def scheme(address: str) -> str:
    """The scheme a browser reads in an address, in lower case; empty when it is an address of this site."""
    found = _SCHEME.match(_LEFT_OUT.sub("", address))
    return found[1].lower() if found else ""


@pytest.mark.parametrize(
    ("address", "read"),
    [("<a href='javascript:alert(1)", ""), ("java script:x", ""), ("/a:b", ""), ("?x=a:b", ""), ("javascript:x", "javascript"),
     (" \x01JavaScript:x", "javascript"), ("java\tscri\npt:x", "javascript"), ("DATA:text/html,x", "data"), ("https://a.fr", "https")],
)  # fmt: skip
def test_the_tests_read_an_address_as_a_browser_does(address: str, read: str) -> None:
    assert scheme(address) == read


@given(st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=30).map("".join))
def test_only_known_elements_and_addresses_come_out(source: str) -> None:
    for tag, attributes in elements(render(source)):
        assert tag in TAGS
        assert set(attributes) <= {*ATTRIBUTES.get(tag, []), "rel"}
        assert scheme(attributes.get("href") or "") in ("", "http", "https", "mailto")


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


def signs(text: str) -> str:
    return "".join(text.split())


RUNS = ["(", "www.-", "a@", "a.", "[", "*", "`", "&", "<", "'", '"', "_", "![", "[a](", "|", "\u202f-"]


@pytest.mark.parametrize(
    ("sign", "length"), [(run, n) for run in RUNS for n in (300, 3_000, 30_000)] + [("`a", 3_000), ("*a ", 3_000)]
)
def test_every_sign_of_a_run_is_shown(sign: str, length: int) -> None:
    run = f"avant {sign * (length // len(sign))} après"

    assert signs(plain_text(render(run))) == signs(run)


def test_only_the_heavy_paragraph_is_shown_as_typed() -> None:
    html = render("Du **gras**\n\n" + "*a " * 500 + "\n\n- encore **gras**")

    assert html.count("<strong>gras</strong>") == 2
    assert html.count("*a") == 500


def test_forty_five_links_with_emphasis_in_a_list_are_links() -> None:
    items = "\n".join(f"- [Fiche_{n} (région)](https://exemple.fr/fiche_{n}_v2.pdf) : *à lire*" for n in range(45))

    assert render(items).count("<a href=") == render(items).count("<em>à lire</em>") == 45


@pytest.mark.parametrize("line", ["> - " * 40, "1. " * 40, "- > 1. " * 20, "* " * 40 + "a", "-   " * 40 + "a"])
def test_what_one_line_opens_beyond_six_is_shown_as_typed(line: str) -> None:
    html = render(line)

    assert len(re.findall("<(?:ul|ol|blockquote)>", html)) == 6
    assert html.count("\\") == 0


@pytest.mark.parametrize("line", ["* * * * * * * *", "- - - - - - - - -", "---------", "_ _ _ _ _ _ _ _"])
def test_a_rule_is_a_rule_however_long(line: str) -> None:
    assert render(f"a\n\n{line}\n\nb") == "<p>a</p>\n<hr>\n<p>b</p>"


@pytest.mark.parametrize(
    ("source", "code"),
    [("```\n- - - - - - - - a\n```", "- - - - - - - - a"), ("~~~python\na\n\nb < c\n~~~", "a\n\nb &lt; c"),
     ("````\n```\n````", "```"), ("```\nhttps://a.fr\n```", "https://a.fr"), ("```\r\na\r\n```", "a")],
)  # fmt: skip
def test_a_fence_keeps_what_it_holds(source: str, code: str) -> None:
    assert f"<pre><code>{code}\n</code></pre>" in render(f"avant\n{source}\naprès")


def test_a_fence_never_closed_is_text() -> None:
    assert "```" in render("avant\n\n```\nrien ne ferme")


def test_a_table_of_few_cells_and_many_columns_is_no_table() -> None:
    wide = "|a" * 90 + "|\n" + "|-" * 90 + "|\n" + "x\n" * 500

    assert render(wide).count("<td>") == 0
    assert render("|a|b|\n|-|-|\n|x|\n|y|z|").count("<td>") == 4
