"""Plain text of stored HTML, and the passage of a text that shows the words somebody looked for."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup, escape

_TAG = re.compile(r"<[^<>]*>")  # a tag of ours holds no bracket: none is looked for past the next
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
    """Where in a text the most of what is wanted is said close together, and what."""

    text: str
    found: list[tuple[int, int, str]]  # start, end, term of each word found
    start: int
    says: frozenset[int]

    def marked(self) -> Markup:
        """The passage with the words found in it marked; the opening of the text when there are none."""
        if not self.found:
            return escape(opening(self.text))
        begin = 0 if self.start < 60 else self.text.rfind(" ", 0, self.start - 40) + 1
        end = min(len(self.text), begin + LENGTH)
        if end < len(self.text) and self.text.rfind(" ", begin, end) > begin:
            end = self.text.rfind(" ", begin, end)
        return _marked(self.text, begin, end, self.found)


def best_passage(text: str, term_of: Callable[[str], str | None], wanted: Mapping[str, int]) -> Passage:
    """The passage of a text that says most of what is wanted. term_of: the term the index holds for a word; wanted:
    what each term says, by number: two ways to say one thing count once."""
    found = [
        (word.start(), word.end(), term)
        for word in _WORD.finditer(text)
        if (term := term_of(word.group())) is not None and term in wanted
    ]
    return Passage(text, found, *_densest(found, wanted))


def _densest(found: list[tuple[int, int, str]], wanted: Mapping[str, int]) -> tuple[int, frozenset[int]]:
    """Start of the stretch that says most, and what it says, by a window that slides over the words found."""
    best, says = 0, frozenset[int]()
    inside: Counter[int] = Counter()
    left = 0
    for _, end, term in found:
        inside[wanted[term]] += 1
        while end - found[left][0] > LENGTH - 60 and found[left][1] < end:
            inside[wanted[found[left][2]]] -= 1
            inside += Counter()  # drops what has left
            left += 1
        if len(inside) > len(says):
            best, says = found[left][0], frozenset(inside)
    return best, says


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
