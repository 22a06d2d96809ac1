"""Markdown to the HTML that is stored: written once, sanitised once, shown as it is.

Raw HTML is shown as text and images become links: a remote image tells who reads. bleach is the second wall behind
Markdown's own escaping, the policy header (web/headers.py) the third. RULES grows when the rules change: what was
rendered under older ones is rendered again by itself (forum/rendering.py).
"""

import re
import threading
from functools import partial
from html import escape
from typing import Any

import bleach
from bleach.linkifier import LinkifyFilter
from markdown import Markdown
from markdown.inlinepatterns import IMAGE_LINK_RE, IMAGE_REFERENCE_RE, LinkInlineProcessor, ReferenceInlineProcessor
from markupsafe import Markup

RULES = 2  # under 1, threads shared a parser: what it stored may hold words of another text

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
ATTRIBUTES = {"a": ["href", "title"], "ol": ["start"]}
PROTOCOLS = frozenset(["http", "https", "mailto"])

DEEPEST = 6  # nested quotes or lists: deeper ones cost time that grows with their square, and nobody reads them
MARKS_IN_A_BLOCK = 400  # brackets, stars, backquotes… of one paragraph: Markdown's patterns go back over them all
MOST_LINES = 2000  # fences and tables cost the square of their number
LONGEST_WORD = 2000  # signs without a blank: no address is longer, and looking for one in a run costs its square

_QUOTES = re.compile(rf"^(?: {{0,3}}>){{{DEEPEST}}}(?:[ >])*", re.MULTILINE)
_INDENT = re.compile(rf"^ {{{4 * DEEPEST},}}(?=\S)", re.MULTILINE)
_BLOCKS = re.compile(r"\n\s*\n")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD}}}")
_MARKS = re.compile(r"[\[\]()*_`!<>&\\~]")


def render(source: str) -> str:
    """Safe HTML of a Markdown source; any text gives some HTML, in time that grows with its length."""
    try:
        cleaner = _own.cleaner_without_links if _LONG_WORD.search(source) else _own.cleaner
        return cleaner.clean(_markdown(_tamed(source)))
    except BaseException:
        _own.begin_anew()
        raise


def stored_html(html: str) -> Markup:
    """Mark HTML that render() made as safe for a template. The only place where stored text is trusted."""
    return Markup(html)  # noqa: S704  (made by render, and only by it)


def _markdown(source: str) -> str:
    if _is_too_heavy(source):
        return as_written(source)
    try:
        html = _own.parser.reset().convert(source)
    except RecursionError:
        _own.begin_anew()
        return as_written(source)
    return html if html.strip() else as_written(source)  # nothing but link definitions: show them


def _is_too_heavy(source: str) -> bool:
    if source.count("\n") > MOST_LINES:
        return True
    return any(len(_MARKS.findall(block)) > MARKS_IN_A_BLOCK for block in _BLOCKS.split(source))


def as_written(source: str) -> str:
    """The text with every sign shown, its paragraphs and lines: what no rule of Markdown can upset."""
    blocks = (escape(block).replace("\n", "<br>") for block in _BLOCKS.split(source))
    return "".join(f"<p>{block}</p>" for block in blocks)


def _tamed(source: str) -> str:
    source = _QUOTES.sub("> " * DEEPEST, source)
    return _INDENT.sub(" " * 4 * DEEPEST, source)


class _Machines(threading.local):
    """The parser and the cleaner of one thread. Both hold the text at work: of two threads that shared them, one stored
    the other's words. What an error left half done is thrown away, reset() does not clear all of it."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        self.parser = _new_parser()
        self.cleaner, self.cleaner_without_links = _new_cleaner([_LINKS]), _new_cleaner([])


def _new_parser() -> Markdown:
    parser = Markdown(extensions=["fenced_code", "tables", "sane_lists", "nl2br"], tab_length=4, output_format="html")
    parser.preprocessors.deregister("html_block")
    parser.inlinePatterns.deregister("html")
    parser.parser.blockprocessors.deregister("setextheader")  # quadratic, and a line of === is no adviser's title
    parser.inlinePatterns.register(LinkInlineProcessor(IMAGE_LINK_RE, parser), "image_link", 150)
    parser.inlinePatterns.register(ReferenceInlineProcessor(IMAGE_REFERENCE_RE, parser), "image_reference", 140)
    parser.treeprocessors.register(_HeadingsBelowThePage(), "headings", 5)
    return parser


class _HeadingsBelowThePage:
    """A post's headings start at h3: h1 and h2 belong to the page."""

    def run(self, root: Any) -> None:
        for element in root.iter():
            if element.tag in ("h1", "h2"):
                element.tag = "h3"


def _external(attributes: dict[Any, Any], _new: bool = False) -> dict[Any, Any]:
    attributes[(None, "rel")] = "nofollow noopener ugc"
    return attributes


_LINKS = partial(LinkifyFilter, callbacks=[_external], skip_tags={"pre", "code"}, parse_email=False)


def _new_cleaner(filters: list[Any]) -> bleach.Cleaner:
    return bleach.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        protocols=PROTOCOLS,
        strip=True,
        filters=filters,
    )


_own = _Machines()
