"""Members' names in what was typed: full names in any order, half of a compound one, surnames that stand alone.

A full name is refused. A surname alone may be a plain word: it is asked about, where it is written as a name.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from sqlalchemy import select

from comcep.access.system_read import system_read
from comcep.accounts.models import Member
from comcep.analytics.guard.readings import Letters, Reading, words_of
from comcep.search.spelling import french_words

BETWEEN = 3  # particles or initials that may stand between the two words of a name
GLUED = 8  # letters of a full name written as one word
WITHIN = 10  # letters of a full name that runs through other words: a shorter one may be chance
SHORTEST_SURNAME = 3

Pair = tuple[str, str]


@dataclass(frozen=True)
class Named:
    """What was found of members' names, folded: full ones; those that may be chance; surnames alone."""

    full: list[str]
    perhaps: list[str]
    surnames: list[str]


def names(readings: Sequence[Reading], letters: Letters) -> Named:
    """The names of members, in the order of their words."""
    neighbours = _neighbours(readings)
    vocabulary = {word.folded for reading in readings for word in reading.words}
    vocabulary |= {word for reading in readings for word in reading.written_apart()}
    full, perhaps, alone = set(), set(), set()
    for name in _members():
        if (found := next(_said(name, neighbours, vocabulary), None)) is not None:
            full.add(found)
        elif (found := next(_within(name, letters), None)) is not None:
            perhaps.add(found)
        alone |= {word for word in name.surname & vocabulary if len(word) >= SHORTEST_SURNAME}
    surnames = {word for word in alone if is_written_as_a_name([word], readings)}
    surnames -= {word for found in full for word in found.split()}
    return Named(sorted(full), sorted(perhaps), sorted(surnames))


@dataclass(frozen=True)
class _Name:
    """A member's name: every word, the pairs of words that name them together, the words of the surname."""

    words: frozenset[str]
    pairs: tuple[Pair, ...]
    surname: frozenset[str]


def _members() -> Iterator[_Name]:
    """Names of those who were ever let in: nobody is told who else asked to be."""
    rows = system_read("names the committee must not read").rows(
        select(Member.name).where(Member.joined_at.is_not(None)).distinct()
    )
    for row in rows:
        yield _name(row.name)


def _name(name: str) -> _Name:
    """The words of a name by its parts: "Marie-Claude Dupont-Martin" has four, in two parts."""
    written = name.split()
    parts = [[word for word in words_of(part) if len(word) > 1] for part in written]
    capital = [at for at, part in enumerate(written) if len(part) > 2 and part.isupper()]
    surname = capital if 0 < len(capital) < len(written) else range(1 if len(written) > 1 else 0, len(written))
    pairs = {
        (one, other)
        for some, others in combinations(parts, 2)
        for one in some
        for other in others
        if one != other and max(len(one), len(other)) > 2
    }
    return _Name(
        frozenset(word for part in parts for word in part),
        tuple(sorted(pairs)),
        frozenset(word for at in surname for word in parts[at]),
    )


def _neighbours(readings: Sequence[Reading]) -> dict[Pair, set[frozenset[str]]]:
    """Two words that stand near each other, in the order of the alphabet: what stands between them."""
    found: dict[Pair, set[frozenset[str]]] = defaultdict(set)
    for reading in readings:
        words = [word.folded for word in reading.words]
        for at, word in enumerate(words):
            for distance in range(1, BETWEEN + 2):
                if at + distance < len(words):
                    pair = min(word, words[at + distance]), max(word, words[at + distance])
                    found[pair].add(frozenset(words[at + 1 : at + distance]))
    return found


def _said(name: _Name, neighbours: dict[Pair, set[frozenset[str]]], vocabulary: set[str]) -> Iterator[str]:
    for one, other in name.pairs:
        for between in neighbours.get((min(one, other), max(one, other)), ()):
            if all(len(word) == 1 or word in name.words for word in between):
                yield f"{one} {other}"
        for glued in (one + other, other + one):
            if len(glued) >= GLUED and glued in vocabulary:
                yield f"{one} {other}"


def _within(name: _Name, letters: Letters) -> Iterator[str]:
    for one, other in name.pairs:
        for glued in (one + other, other + one):
            if len(glued) >= WITHIN and letters.hold(glued):
                yield f"{one} {other}"


def is_written_as_a_name(words: Sequence[str], readings: Sequence[Reading]) -> bool:
    """Whether some words stand together as a name does: with a capital inside a sentence, or, when one of them is no
    French word, anyhow."""
    anyhow = any(word not in _ordinary() for word in words)
    return any(
        anyhow or _has_capital_inside(reading, at)
        for reading in readings
        for at in reading.where.get(words[0], ())
        if [each.folded for each in reading.words[at : at + len(words)]] == list(words)
    )


def _has_capital_inside(reading: Reading, at: int) -> bool:
    start = reading.words[at].start
    before = reading.text[max(0, start - 20) : start].rstrip(" \t'’«\"(")
    begins = not before or before[-1] in ".!?…:;\n•-–—>#|"
    return reading.text[start].isupper() and not begins


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    return frozenset(french_words())
