"""The parser of Markdown, bent where the library is not for us: no HTML passes, images become links, an address that
is typed becomes one, and no rule costs more than the length of what it reads.

The library looks for the end of some rules from each of their beginnings, which costs the square of a text that is
made of beginnings. Each class below says which one it takes the place of. What comes out is cleaned by markdown.py.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from html import escape
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import HashHeaderProcessor
from markdown.extensions.tables import TableProcessor
from markdown.inlinepatterns import (
    InlineProcessor,
    LinkInlineProcessor,
    ReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
)
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from comcep.text import links

REL = "nofollow noopener ugc"
DEEPEST = 6  # nested quotes or lists: deeper ones cost time that grows with their square, and nobody reads them
MARKS_IN_A_TEXT = 400  # stars, backquotes… of one paragraph, item or cell: more are shown as they were typed
COLUMNS = 100  # of a table

_MARKS = r"[]()*_`!<>&\~"
# A bracket that opens is tried only where brackets close behind it as they should: it is seen before the next opens.
_WORDS = r"\[(?=[^\[\]]*+(?:\[[^\[\]]*+\][^\[\]]*+)*+\]"
_TO_AN_ADDRESS = _WORDS + r"\([^()]*+(?:\([^()]*+\)[^()]*+)*+\))"
_TO_A_REFERENCE = _WORDS + r"\s?\[[^\]\[]*+\])"
_REFERENCE = _WORDS + ")"


def new_parser() -> Markdown:
    """A parser with our rules. It holds the text at work: one for each thread."""
    parser = Markdown(extensions=["tables", "sane_lists", "nl2br"], tab_length=4, output_format="html")
    parser.preprocessors.deregister("html_block")
    parser.preprocessors.register(_Fences(parser), "fences", 25)
    parser.preprocessors.register(_NotDeeper(parser), "depth", 24)
    blocks = parser.parser.blockprocessors
    blocks.deregister("setextheader")  # quadratic, and a line of === is no adviser's title
    blocks.register(_Headings(parser.parser), "hashheader", 70)
    blocks.register(_Tables(parser.parser, {"use_align_attribute": False}), "table", 75)
    inline = parser.inlinePatterns
    inline.deregister("html")
    inline.deregister("linebreak")  # every end of line is one (nl2br)
    inline.register(ReferenceInlineProcessor(r"(?<!!)" + _TO_A_REFERENCE, parser), "reference", 170)
    inline.register(LinkInlineProcessor(r"(?<!!)" + _TO_AN_ADDRESS, parser), "link", 160)
    inline.register(LinkInlineProcessor("!" + _TO_AN_ADDRESS, parser), "image_link", 150)
    inline.register(ReferenceInlineProcessor("!" + _TO_A_REFERENCE, parser), "image_reference", 140)
    inline.register(ShortReferenceInlineProcessor(r"(?<!!)" + _REFERENCE, parser), "short_reference", 130)
    inline.register(ShortReferenceInlineProcessor("!" + _REFERENCE, parser), "short_image_ref", 125)
    inline.register(_Addresses(links.CANDIDATE.pattern, parser), "address", 115)
    parser.treeprocessors.register(_HeavyTextsAside(parser), "heavy", 25)
    parser.treeprocessors.register(_AsTyped(parser), "as_typed", 8)
    parser.treeprocessors.register(_Finish(parser), "finish", 5)
    return parser


class _Fences(Preprocessor):
    """In place of the fenced_code extension, which looks for the end of every fence in all that follows it."""

    _OPENING = re.compile(r"(`{3,}|~{3,}) *\.?[\w#.+-]* *")
    _CLOSING = re.compile(r"(`{3,}|~{3,}) *")

    def run(self, lines: list[str]) -> list[str]:
        closings = defaultdict(list)
        for number, line in enumerate(lines):
            if closing := self._CLOSING.fullmatch(line):
                closings[closing[1]].append(number)
        kept: list[str] = []
        number = 0
        while number < len(lines):
            opening = self._OPENING.fullmatch(lines[number]) if closings else None
            ends = closings[opening[1]] if opening else []
            nearest = bisect_right(ends, number)
            if nearest < len(ends):
                kept += ["", self._stored(lines[number + 1 : ends[nearest]]), ""]
                number = ends[nearest]
            else:
                kept.append(lines[number])
            number += 1
        return kept

    def _stored(self, lines: list[str]) -> str:
        code = escape("".join(f"{line}\n" for line in lines))
        return str(self.md.htmlStash.store(f"<pre><code>{code}</code></pre>"))


class _NotDeeper(Preprocessor):
    """Of what one line opens and how far it is indented, no more than we nest; the rest is signs like any other."""

    _QUOTES = re.compile(rf" {{0,3}}(?:> {{0,3}}){{{DEEPEST}}}[ >]*+")
    _RULE = re.compile(r" *([*_-])(?: *\1)* *")
    _OPENINGS = re.compile(rf"( *+(?:(?:>|[*+-] |\d{{1,9}}\. ) *+){{{DEEPEST}}})(?:([>*+-])|(\d{{1,9}})(?=\. ))")

    def run(self, lines: list[str]) -> list[str]:
        return [self._line(line) if line and line[0] in " >*+-0123456789" else line for line in lines]

    def _line(self, line: str) -> str:
        words = line.lstrip(" ")
        line = " " * min(len(line) - len(words), 4 * DEEPEST) + words
        line = self._QUOTES.sub("> " * DEEPEST, line, count=1) if words[:1] == ">" else line
        opening = self._OPENINGS.match(line)
        if opening is None or self._RULE.fullmatch(line):
            return line
        return f"{opening[1]}{opening[3] or ''}\\{opening[2] or ''}{line[opening.end() :]}"


class _Headings(HashHeaderProcessor):
    """The library's, which goes back over every run of # in a line."""

    RE = re.compile(r"(?:^|\n)(?P<level>#{1,6}+)(?P<header>(?:\\[^\n]|[^\\#\n]|#++(?=[^#\n]))*+)#*+(?:\n|$)")


class _Tables(TableProcessor):
    """The library's fills up rows that are short: a wide first row and many short ones make millions of cells."""

    def test(self, parent: Any, block: str) -> bool:
        columns = block.split("\n", 1)[0].count("|")
        if not 0 < columns <= COLUMNS or columns * block.count("\n") > 2 * block.count("|"):
            return False
        return bool(super().test(parent, block))


class _Addresses(InlineProcessor):
    """An address typed as it is becomes a link, before its underscores are taken for italics."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, match: re.Match[str], data: str) -> tuple[Element | None, int | None, int | None]:
        found = links.link_at(data, match)
        if found is None:
            return None, match.start(), match.end()
        return _link(data[found[0] : found[1]], found[2]), found[0], found[1]


class _Typed(AtomicString):
    """A text that no inline rule reads."""


class _HeavyTextsAside(Treeprocessor):
    """A paragraph, an item or a cell of too many marks is kept from the inline rules."""

    def run(self, root: Element) -> None:
        for element in list(root.iter()):
            if _is_heavy(element.text):
                element.text = _Typed(element.text)
            for number, child in reversed(list(enumerate(element, 1))):
                if _is_heavy(child.tail):
                    element.insert(number, Element("span"))  # which cleaning takes away
                    element[number].text, child.tail = _Typed(child.tail), None


def _is_heavy(text: str | None) -> bool:
    if text is None or len(text) <= MARKS_IN_A_TEXT:
        return False
    return sum(map(text.count, _MARKS)) > MARKS_IN_A_TEXT


class _AsTyped(Treeprocessor):
    """And shown as it was typed, its lines and addresses kept: afterwards, for the inline rules count all elements."""

    def run(self, root: Element) -> None:
        for element in list(root.iter()):
            if isinstance(element.text, _Typed):
                element.text, followers = _as_typed(element.text)
                element[0:0] = followers


def _as_typed(text: str) -> tuple[str, list[Element]]:
    """The words before the first element, and the elements, each with what follows it."""
    elements = [Element("span")]
    elements[0].tail = AtomicString("")
    for words, address in links.pieces(text):
        if address:
            elements.append(_link(words, address))
            elements[-1].tail = AtomicString("")
            continue
        first, *lines = words.split("\n")
        elements[-1].tail = AtomicString((elements[-1].tail or "") + first)
        for line in lines:
            elements.append(Element("br"))
            elements[-1].tail = AtomicString(line)
    return elements[0].tail or "", elements[1:]


def _link(words: str, address: str) -> Element:
    link = Element("a", {"href": address})
    link.text = AtomicString(words)
    return link


class _Finish(Treeprocessor):
    """A post's headings start at h3: h1 and h2 belong to the page. What a link vouches for is said on each."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.tag in ("h1", "h2"):
                element.tag = "h3"
            elif element.tag == "a":
                element.set("rel", REL)
