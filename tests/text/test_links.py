"""Which words of a message become links, and where each ends: an address that says so itself, and nothing else."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comcep.text.links import links, pieces
from comcep.text.markdown import as_written, render

LINKS = {
    "Écrire à conseil@mission-locale.example ou à c.durand@pole-emploi.example": [],
    "Bonjour.Je cherche un contact chez C.A.P.de la région, etc.Et vite": [],
    "Voir notice.pdf, script.py et Readme.md dans Commun": [],
    "https://www.region.bzh/aides et https://formation.paris/cep et http://intranet/fiche": [
        "https://www.region.bzh/aides", "https://formation.paris/cep", "http://intranet/fiche"],
    "www.exemple.fr, puis WWW.EXEMPLE.FR/Page.": ["www.exemple.fr", "WWW.EXEMPLE.FR/Page"],
    "(voir https://exemple.fr/page) ; «https://exemple.fr/cif», “https://exemple.fr/a” !": [
        "https://exemple.fr/page", "https://exemple.fr/cif", "https://exemple.fr/a"],
    "« https://exemple.fr/b », ‘https://exemple.fr/c’": ["https://exemple.fr/b", "https://exemple.fr/c"],
    "https://exemple.fr/wiki/Congé_individuel_(France).": ["https://exemple.fr/wiki/Congé_individuel_(France)"],
    "(voir https://exemple.fr/wiki/Congé_(France))": ["https://exemple.fr/wiki/Congé_(France)"],
    "[voir https://exemple.fr/page]": ["https://exemple.fr/page"],
    "https://x.example/_a et https://x.example/b_ se suivent": ["https://x.example/_a", "https://x.example/b_"],
    "https://x.example/*a* et https://x.example/__c__d": ["https://x.example/*a", "https://x.example/__c__d"],
    "https://partage.example/doc?_x_=1&_y_=2": ["https://partage.example/doc?_x_=1&_y_=2"],
    "**https://exemple.fr/gras** et _https://exemple.fr/mince_": ["https://exemple.fr/gras", "https://exemple.fr/mince"],
    "https://exemple.fr/a\u00a0: voir\u202fhttps://exemple.fr/d\u202f?": ["https://exemple.fr/a", "https://exemple.fr/d"],
    "Site : HTTPS://Exemple.fr/A?b=c;d#e…": ["HTTPS://Exemple.fr/A?b=c;d#e"],
    "https:// http://) www. www.- www.seul wwwexemple.fr xhttps://exemple.fr": [],
    "dit,https://exemple.fr/colle": ["https://exemple.fr/colle"],
    "[le nom](https://exemple.fr/n) https://exemple.fr/o": ["le nom", "https://exemple.fr/o"],
    "[https://exemple.fr/p](https://exemple.fr/q)": ["https://exemple.fr/p"],
    "<https://exemple.fr/r>": ["https://exemple.fr/r"],
    "`https://exemple.fr/code`": [],
    "```\nhttps://exemple.fr/code\n```": [],
    "| a | b |\n|---|---|\n| https://exemple.fr/t | www.exemple.fr |": ["https://exemple.fr/t", "www.exemple.fr"],
}  # fmt: skip


@pytest.mark.parametrize("text", LINKS)
def test_an_address_is_a_link_and_nothing_else_is(text: str) -> None:
    shown = re.findall(r"<a href=[^>]*>([^<]*)</a>", render(text))

    assert [words.replace("&amp;", "&") for words in shown] == LINKS[text]


def test_a_text_too_heavy_for_markdown_keeps_its_links_and_lines() -> None:
    heavy = render("*a " * 500 + "\nVoir https://exemple.fr/page?a=1&b=2.\nFin")

    link = '<a href="https://exemple.fr/page?a=1&amp;b=2" rel="nofollow noopener ugc">https://exemple.fr/page?a=1&amp;b=2</a>'
    assert f"Voir {link}.<br>" in heavy
    assert as_written("a\nhttps://exemple.fr/'<b>\n\nc").startswith('<p>a<br><a href="https://exemple.fr/" rel=')


@given(st.text(max_size=200), st.sampled_from(["https://exemple.fr/", "www.exemple.fr", "(", ")", "_", "*", "«"]))
def test_the_pieces_of_a_text_are_the_text(text: str, sign: str) -> None:
    whole = sign.join(text) + sign

    assert "".join(words for words, _ in pieces(whole)) == whole
    assert [whole[start:end] for start, end, _ in links(whole)] == [
        words for words, address in pieces(whole) if address
    ]


@pytest.mark.parametrize(
    "run", ["www.-", "www.", "https://a.fr/)", "https://a.fr/.", "https://", "_https://a", "(www.a.b)"]
)
def test_an_address_is_looked_for_once(run: str) -> None:
    began = time.process_time()
    list(links(run * 60_000))

    assert time.process_time() - began < 2
