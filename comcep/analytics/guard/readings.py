"""The ways to read what somebody typed: as it stands, and as a page shows it; as text, as words, as bare letters.

Neither capitals, accents, signs that cannot be seen, emphasis in the middle of a word, entities nor letters of other
alphabets that look like ours make a text another one. Nothing is decided here.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from urllib.parse import unquote

from comcep.text import markdown

OPENING = 12  # letters: fewer say nothing yet
LONGEST = 64  # letters compared at most: as long as that is no chance

# What stands for a letter of ours in Cyrillic and Greek.
_LOOKALIKES = str.maketrans(
    "авекмнорстухіјѕԁɡһӏαβεηικμνορτυχѵ"
    "АВЕКМНОРСТУХІЈЅΑΒΕΗΙΚΜΝΟΡΤΥΧ",
    "abekmhopctyxijsdghlabeniknvoptuxv"
    "abekmhopctyxijsabehikmnoptyx",
)  # fmt: skip
_FOREIGN = re.compile("[\u0250-\u02af\u0370-\u052f]")
_NOT_SEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_MARKS = re.compile(r"[*_~`\\]")
_INLINE_TAG = re.compile(r"</?(?:strong|em|del|code|a)(?: [^>]*)?>")
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"[a-z0-9]+")
_LETTERS_APART = re.compile(r"(?<![a-z0-9])[a-z0-9](?: +[a-z0-9](?![a-z0-9])){3,}")


@dataclass(frozen=True)
class Typed:
    """A string on its way to the committee. is_markdown: pages show it rendered."""

    text: str
    is_markdown: bool = False


@dataclass(frozen=True)
class Word:
    """A folded word of a reading, and where it stands in its text."""

    folded: str
    start: int
    end: int


class Reading:
    """One way to read a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._at: list[int] = []  # where each folded character comes from
        pieces = []
        for at, character in enumerate(text):
            folded = _folded_character(character)
            pieces.append(folded)
            self._at += [at] * len(folded)
        self.folded = "".join(pieces)

    @cached_property
    def words(self) -> list[Word]:
        return [
            Word(found.group(), self._at[found.start()], self._at[found.end() - 1] + 1)
            for found in _WORD.finditer(self.folded)
        ]

    @cached_property
    def where(self) -> dict[str, list[int]]:
        """Where each folded word stands among the words."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self.words):
            found[word.folded].append(at)
        return found

    @cached_property
    def letters(self) -> str:
        return "".join(word.folded for word in self.words)

    @cached_property
    def _of_letters(self) -> list[int]:
        return [self._at[at] for found in _WORD.finditer(self.folded) for at in range(found.start(), found.end())]

    def passage(self, start: int, end: int) -> str:
        """What was typed, from a letter to another."""
        return self.text[self._of_letters[start] : self._of_letters[end - 1] + 1]

    def written_apart(self) -> Iterator[str]:
        """Words written letter by letter."""
        for found in _LETTERS_APART.finditer(self.folded):
            yield found.group().replace(" ", "")


@lru_cache(maxsize=10_000)
def _folded_character(character: str) -> str:
    """Lower-case ASCII letters and digits; a space for what parts words; nothing for what cannot be seen."""
    if _NOT_SEEN.match(character):
        return ""
    plain = unicodedata.normalize("NFKD", character.translate(_LOOKALIKES)).lower().translate(_LOOKALIKES)
    plain = plain.replace("œ", "oe").replace("æ", "ae")
    kept = "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
    if kept:
        return kept
    return "" if unicodedata.combining(character) else " "


def readings(typed: Sequence[Typed]) -> list[Reading]:
    """Every way to read some texts, each way once: as typed, with its entities resolved, as shown."""
    texts: dict[str, None] = {}
    for each in typed:
        for text in _ways(each):
            texts.setdefault(_NOT_SEEN.sub("", text))
    return [Reading(text) for text in texts if text.strip()]


def _ways(typed: Typed) -> Iterator[str]:
    # Without the signs of emphasis, which may stand in the middle of a word; with them, for what they part.
    yield _MARKS.sub("", typed.text)
    yield typed.text
    if "&" in typed.text or "%" in typed.text:
        yield _MARKS.sub("", unescape(unquote(typed.text)))
    if typed.is_markdown:
        yield shown(markdown.render(typed.text))


def shown(html: str) -> str:
    """The text of stored HTML as it is read: emphasis parts no word."""
    return unescape(_TAG.sub(" ", _INLINE_TAG.sub("", html)))


def words_of(text: str) -> list[str]:
    """The folded words of a text that nobody disguised: a post, a name."""
    if _FOREIGN.search(text):
        text = text.translate(_LOOKALIKES)
    text = text.lower().replace("œ", "oe").replace("æ", "ae").replace("’", "'").replace("–", " ").replace("—", " ")
    return _WORD.findall(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower())


class Letters:
    """The letters of some readings, made to find runs of letters in: in time that does not grow with them."""

    def __init__(self, of: Sequence[Reading]) -> None:
        self._of = of
        self._windows = sorted(
            (reading.letters[at : at + LONGEST], number, at)
            for number, reading in enumerate(of)
            for at in range(len(reading.letters))
        )
        self.openings = {reading.letters[at : at + OPENING] for reading in of for at in range(len(reading.letters))}

    def hold(self, run: str) -> bool:
        return next(self._places(run), None) is not None

    def _places(self, run: str) -> Iterator[tuple[int, int]]:
        run = run[:LONGEST]
        for at in range(bisect_left(self._windows, (run,)), len(self._windows)):
            letters, number, start = self._windows[at]
            if not letters.startswith(run):
                return
            yield number, start

    def passages(self, runs: Sequence[str]) -> list[str]:
        """What was typed where these runs stand; runs that overlap are one passage."""
        covered: dict[int, list[tuple[int, int]]] = {}
        for run in runs:
            for number, start in self._places(run):
                end = min(start + len(run), len(self._of[number].letters))
                covered.setdefault(number, []).append((start, end))
        found: dict[str, str] = {}
        for number, ranges in sorted(covered.items()):
            for start, end in _joined(ranges):
                found.setdefault(self._of[number].letters[start:end], self._of[number].passage(start, end))
        return list(found.values())


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(set(ranges)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
