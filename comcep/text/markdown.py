"""Markdown to the HTML that is stored: written once, sanitised once, shown as it is.

Raw HTML is shown as text and images become links: a remote image tells who reads. bleach is the second wall behind
Markdown's own escaping, the policy header (web/headers.py) the third. RULES grows when the rules change: what was
rendered under older ones is rendered again by itself (forum/rendering.py). The rules themselves are in parsing.py.
"""

import re
import threading
from html import escape
from typing import Any

import bleach
from bleach.html5lib_shim import getTreeWalker
from markupsafe import Markup

from comcep.text import links
from comcep.text.parsing import REL, new_parser

# 1: threads shared a parser, what it stored may hold words of another text. 2: bleach looked for the links.
RULES = 3

TAGS = frozenset(
    [
        "p",
        "br",
        "hr",
        "strong",
        "em",
        "del",
        "blockquote",
        "ul",
        "ol",
        "li",
        "pre",
        "code",
        "a",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)
ATTRIBUTES = {"a": ["href", "title", "rel"], "ol": ["start"]}
PROTOCOLS = frozenset(["http", "https", "mailto"])

MOST_LINES = 1000  # each becomes an element, which costs as much as hundreds of letters
MOST_SIGNS = 10_000  # bars of tables, and signs that HTML must write out: each costs as much as dozens of letters

_BLOCKS = re.compile(r"\n\s*\n")


def render(source: str) -> str:
    """Safe HTML of a Markdown source; any text gives some HTML, in time that grows with its length."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if source.count("\n") > MOST_LINES or sum(map(source.count, "|<>&")) > MOST_SIGNS:
        return as_written(source)
    try:
        html = _own.parser.reset().convert(source)
        return _own.cleaner.clean(html) if html.strip() else as_written(source)  # only link definitions: show them
    except RecursionError:
        _own.begin_anew()
        return as_written(source)
    except BaseException:
        _own.begin_anew()
        raise


def stored_html(html: str) -> Markup:
    """Mark HTML that render() made as safe for a template. The only place where stored text is trusted."""
    return Markup(html)  # noqa: S704  (made by render, and only by it)


def as_written(source: str) -> str:
    """The text with every sign shown, its paragraphs, lines and addresses: what no rule of Markdown can upset.

    Nothing of it needs cleaning, which costs more for each sign than all the rest: every sign typed is escaped here.
    """
    return "".join(f"<p>{_escaped(block)}</p>" for block in _BLOCKS.split(source))


def _escaped(block: str) -> str:
    return "".join(
        f'<a href="{escape(address)}" rel="{REL}">{escape(words)}</a>' if address else _escaped_words(words)
        for words, address in links.pieces(block)
    )


def _escaped_words(words: str) -> str:
    return escape(words, quote=False).replace("\n", "<br>")


class _Machines(threading.local):
    """The parser and the cleaner of one thread. Both hold the text at work: of two threads that shared them, one stored
    the other's words. What an error left half done is thrown away, reset() does not clear all of it."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        self.parser, self.cleaner = new_parser(), _new_cleaner()


def _new_cleaner() -> bleach.Cleaner:
    cleaner = bleach.Cleaner(tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True)
    cleaner.walker = _Walker
    return cleaner


class _Walker(getTreeWalker("etree")):  # type: ignore[misc]
    """The library's walk through a tree, which counts all children of an element to know where it stands in it."""

    def __init__(self, tree: Any) -> None:
        super().__init__(tree)
        self.places: dict[Any, int] = {}

    def getFirstChild(self, node: Any) -> Any:
        if isinstance(node, tuple):
            self.places[node[0]] = node[1]
        return super().getFirstChild(node)

    def getParentNode(self, node: Any) -> Any:
        if not isinstance(node, tuple) or node[3] == "text" or len(node[2]) < 2:
            return super().getParentNode(node)
        parents = node[2]
        parent = parents.pop()
        return parent, self.places[parent], parents, None


_own = _Machines()
