"""What a query asks for: things wanted with all their ways to be said, phrases, words left out, and filters.

Nothing here knows an engine. Whether a word exists is asked of the reader's own indexes (spelling.py).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from comcep.search.analysis import fold, parts_of, terms, tidy
from comcep.search.thesaurus import Way, longest_way, ways_to_say
from comcep.text.cleaning import composed

LONGEST = 40  # things read from a query
MOST_LEFT_OUT = 10  # phrases, and words or phrases left out, that a query may hold
PART_WEIGHT = 0.15  # one word of an expression searched for as a whole
CODE_PARTS_WEIGHT = 0.8  # all the parts of a code, where the code does not stand whole
BEGUN_WEIGHT = 0.8  # a word of which what is typed is the beginning
WEAK_IMPORTANCE = 0.4  # words of asking ("comment", "faut"), beside words of the case

_WEAK_WORDS = """
aller apres arrive arriver avoir beaucoup besoin bien bonjour cas cela chez chose combien comment connaitre depuis
deja dire disent dit doit doivent donc dont etre faire fait faites faut faudrait jamais merci meme met mettre moins
ne ni parce parler parle peut peuvent plus pourquoi pourrait pouvoir quand quelque quelqu question quoi rencontre
rencontrer reponse sait sais savent savoir se soit souhaite toujours tout tous toute toutes tres trouver va vais
vers veut veux voudrait vouloir vont
"""
WEAK = frozenset(term for word in _WEAK_WORDS.split() for term in terms(word))
_FILTER = re.compile(r'(?<!\S)([^\W\d_]+):(?:"([^"]*)"|(\S+))')
_PHRASE = re.compile(r'(?<!\S)(-?)"([^"]*)"')
_LEFT_OUT = re.compile(r"(?<!\S)-(?=[^\W_])(\S+)")

# What may stand before a colon, folded, and the filter it sets.
FILTERS = {
    "section": "section", "rubrique": "section", "auteur": "author", "autrice": "author", "reseau": "network",
    "theme": "theme", "etat": "state", "statut": "state", "region": "region", "annee": "year",
}  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """One thing wanted: each way to say it with its weight (as typed: 1), and how much it counts in the query."""

    typed: Way
    ways: dict[Way, float] = field(hash=False)
    importance: float = 1.0

    @property
    def terms(self) -> frozenset[str]:
        return frozenset(term for way in self.ways for term in way)


@dataclass(frozen=True)
class Query:
    """A query taken apart. words: what is left to be found; filters: name of the filter and what was typed."""

    words: str
    phrases: tuple[Way, ...] = ()
    left_out: tuple[Way, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()


def parse(text: str) -> Query:
    """A typed text taken apart; signs that close nothing and unknown filters are words like others."""
    filters: list[tuple[str, str]] = []
    left_out: list[Way] = []
    phrases: list[Way] = []

    def take_filter(match: re.Match[str]) -> str:
        name = FILTERS.get(fold(match[1]))
        value = (match[2] or match[3] or "").strip()
        if name is None or not value:
            return match[0]
        filters.append((name, value))
        return " "

    def take_phrase(match: re.Match[str]) -> str:
        if way := tuple(terms(match[2])):
            (left_out if match[1] else phrases).append(way)
        return " " if match[1] or not way else f" {match[2]} "

    def take_left_out(match: re.Match[str]) -> str:
        if way := tuple(terms(match[1])):
            left_out.append(way)
        return " "

    text = _FILTER.sub(take_filter, composed(text))
    text = _PHRASE.sub(take_phrase, text)
    text = _LEFT_OUT.sub(take_left_out, text)
    return Query(
        " ".join(text.split()), tuple(phrases[:MOST_LEFT_OUT]), tuple(left_out[:MOST_LEFT_OUT]), tuple(filters)
    )


def query_terms(words: str) -> list[str]:
    """The terms of the words of a query; written in capitals throughout, it is read as small letters."""
    if words.isupper() and len(words.split()) > 2:
        words = words.lower()
    return _acronym_at_the_end(words, terms(words))


def _acronym_at_the_end(words: str, found: list[str]) -> list[str]:
    """ "cet" and "de" say nothing before a noun; alone or last, they are the acronyms CET and DE."""
    last = (tidy(words).split() or [""])[-1]
    if last.islower() and not terms(last) and (acronym := tuple(terms(last.upper()))) in ways_to_say():
        return [*found, *acronym]
    return found


def things_of(tokens: list[str]) -> list[Thing]:
    """The things a query wants, in order: known expressions first seen as a whole, then single words."""
    found: list[Thing] = []
    at = 0
    while at < len(tokens) and len(found) < LONGEST:
        length = _longest_from(tokens, at)
        found.append(_thing(tuple(tokens[at : at + length])))
        at += length
    return list({thing.typed: thing for thing in found}.values())


def _longest_from(tokens: list[str], at: int) -> int:
    known = ways_to_say()
    for length in range(min(longest_way(), len(tokens) - at), 1, -1):
        if tuple(tokens[at : at + length]) in known:
            return length
    return 1


def _thing(typed: Way) -> Thing:
    ways = {typed: 1.0}
    for way, weight in ways_to_say().get(typed, {}).items():
        ways[way] = weight
    if len(typed) > 1:
        for term in typed:
            if term not in WEAK:
                ways.setdefault((term,), PART_WEIGHT)
    elif parts := parts_of(typed[0]):
        ways.setdefault(parts, CODE_PARTS_WEIGHT)
    weak = len(typed) == 1 and typed[0] in WEAK
    return Thing(typed, ways, WEAK_IMPORTANCE if weak else 1.0)


def unfinished(thing: Thing, words: Iterable[str]) -> Thing:
    """The last thing typed, which may also be the beginning of each of these words."""
    return Thing(thing.typed, {**dict.fromkeys(((word,) for word in words), BEGUN_WEIGHT), **thing.ways}, 1.0)


def said_by(things: Sequence[Thing]) -> dict[str, int]:
    """Every term of every way, which an excerpt marks, with the number of the thing it says: the first of several."""
    return {term: number for number, thing in reversed([*enumerate(things)]) for term in thing.terms}
