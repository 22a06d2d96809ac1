"""Plain text of stored HTML, and the passage of a text that shows the words somebody looked for."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup, escape

_TAG = re.compile(r"<[^>]*>")
_BLANK = re.compile(r"\s+")
_WORD = re.compile(r"\w+", re.UNICODE)

LENGTH = 260  # characters of an excerpt


def plain_text(html: str) -> str:
    """The words of stored HTML, on one line."""
    return _BLANK.sub(" ", unescape(_TAG.sub(" ", html))).strip()


def opening(text: str, length: int = LENGTH) -> str:
    """The first words of a text, cut at a word."""
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0] + "…"


@dataclass(frozen=True)
class Passage:
    """Where in a text the most wanted terms stand close together, and which."""

    text: str
    found: list[tuple[int, int, str]]  # start, end, term of each word found
    start: int
    terms: frozenset[str]

    def marked(self) -> Markup:
        """The passage with the words found in it marked; the opening of the text when there are none."""
        if not self.found:
            return escape(opening(self.text))
        begin = 0 if self.start < 60 else self.text.rfind(" ", 0, self.start - 40) + 1
        end = min(len(self.text), begin + LENGTH)
        if end < len(self.text) and self.text.rfind(" ", begin, end) > begin:
            end = self.text.rfind(" ", begin, end)
        return _marked(self.text, begin, end, self.found)


def best_passage(text: str, term_of: Callable[[str], str | None], wanted: frozenset[str]) -> Passage:
    """The passage of a text with the most distinct wanted terms. term_of: the term the index holds for a word."""
    found = [
        (word.start(), word.end(), term)
        for word in _WORD.finditer(text)
        if (term := term_of(word.group())) is not None and term in wanted
    ]
    return Passage(text, found, *_densest(found))


def _densest(found: list[tuple[int, int, str]]) -> tuple[int, frozenset[str]]:
    """Start and terms of the stretch with the most different ones, by a window that slides over the words found."""
    best, terms = 0, frozenset[str]()
    inside: Counter[str] = Counter()
    left = 0
    for _, end, term in found:
        inside[term] += 1
        while end - found[left][0] > LENGTH - 60 and found[left][1] < end:
            inside[found[left][2]] -= 1
            inside += Counter()  # drops the terms that have left
            left += 1
        if len(inside) > len(terms):
            best, terms = found[left][0], frozenset(inside)
    return best, terms


def _marked(text: str, begin: int, end: int, found: list[tuple[int, int, str]]) -> Markup:
    parts, at = [], begin
    for start, stop, _ in found:
        if start < at or stop > end:
            continue
        parts += [escape(text[at:start]), Markup("<mark>"), escape(text[start:stop]), Markup("</mark>")]
        at = stop
    parts.append(escape(text[at:end]))
    before, after = "…" if begin else "", "…" if end < len(text) else ""
    return escape(before) + Markup("").join(parts) + escape(after)
