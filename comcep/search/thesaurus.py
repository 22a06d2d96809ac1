"""What a thing is also called: acronyms and expansions, everyday words for the trade's, old and new names.

Read from seed/: glossary.tsv (acronyms), thesaurus.tsv (words), regions.tsv (names before and after 2016), towns.tsv.
The same for every engine: the words are added to the query, never to the index.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from comcep.search.analysis import terms

SEED = Path(__file__).resolve().parents[2] / "seed"

SAME_WEIGHT = 0.8  # another name of the same thing, beside the word as typed
NEAR_WEIGHT = 0.75  # a word for something close
LONGEST_WAY = 8  # terms; longer expansions are definitions

Way = tuple[str, ...]


@lru_cache(maxsize=1)
def ways_to_say() -> dict[Way, dict[Way, float]]:
    """Each way to say a thing, as terms, with the other ways and their weight."""
    ways: dict[Way, dict[Way, float]] = {}
    for weight, group in [*_glossary(), *_thesaurus(), *_regions(), *_towns()]:
        said = list(dict.fromkeys(way for name in group if (way := tuple(terms(name))) and len(way) <= LONGEST_WAY))
        for way in said:
            others = ways.setdefault(way, {})
            for other in said:
                if other != way:
                    others[other] = max(weight, others.get(other, 0.0))
    return ways


@lru_cache(maxsize=1)
def concepts() -> dict[Way, tuple[str, ...]]:
    """Each way to say a thing, with the names of the groups of ways it belongs to; ways of one group mean much the
    same. A group's name is its first way: it stays when lines are added."""
    found: dict[Way, list[str]] = {}
    for _, group in [*_glossary(), *_thesaurus(), *_regions()]:
        ways = [way for way in dict.fromkeys(tuple(terms(name)) for name in group) if way]
        for way in ways:
            found.setdefault(way, []).append("+".join(ways[0]))
    return {way: tuple(dict.fromkeys(names)) for way, names in found.items()}


@lru_cache(maxsize=1)
def longest_way() -> int:
    """How many terms the longest known expression has."""
    return max(len(way) for way in ways_to_say())


@lru_cache(maxsize=1)
def known_terms() -> frozenset[str]:
    """Every term of every known expression: no spelling mistake, whether an index holds it or not."""
    return frozenset(term for way in ways_to_say() for term in way)


def _lines(name: str) -> Iterable[list[str]]:
    for line in (SEED / name).read_text(encoding="utf-8").splitlines()[1:]:
        yield [*line.split("\t"), "", ""]


def _glossary() -> Iterable[tuple[float, list[str]]]:
    for term, expansion, also, *_ in _lines("glossary.tsv"):
        yield SAME_WEIGHT, [re.sub(r"\(.*?\)", "", name) for name in [term, expansion, *also.split(", ")]]


def _thesaurus() -> Iterable[tuple[float, list[str]]]:
    for strength, names, *_ in _lines("thesaurus.tsv"):
        yield SAME_WEIGHT if strength == "same" else NEAR_WEIGHT, names.split(", ")


def _regions() -> Iterable[tuple[float, list[str]]]:
    """Each old region with the new one it went into; two old regions are not each other's names."""
    for _, region, before, *_ in _lines("regions.tsv"):
        for old in before.split(", "):
            yield SAME_WEIGHT, [region, old]


def _towns() -> Iterable[tuple[float, list[str]]]:
    """Each town with its region: who types one may want a case that names the other."""
    for region, also, towns, *_ in _lines("towns.tsv"):
        for town in towns.split(", "):
            yield NEAR_WEIGHT, [town, region, *also.split(", ")]
