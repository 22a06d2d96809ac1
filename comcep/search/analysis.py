"""French analysis: from a text to the terms the index holds, and from typed words to what they may also be called.

One analysis for texts and queries, for every engine. It folds case, accents and ligatures, drops elided articles and
common words, and cuts endings lightly: heavy stemming confuses the short words of this trade. Acronyms and their
expansions come from seed/glossary.tsv.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

GLOSSARY = Path(__file__).resolve().parents[2] / "seed" / "glossary.tsv"

_TOKEN = re.compile(r"[^\W_]+", re.UNICODE)
_CODE = re.compile(r"(?<![^\W_])(?=[^\s]*\d)[A-Za-z0-9]+(?:[./-][A-Za-z0-9]+)+")
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.)+[^\W\d_](?![^\W_])")  # C.S.P, written as initials
_ELIDED = frozenset(["c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"])
# "sans", "non", "hors", "pas" change the case met: they stay.
_COMMON = frozenset(
    [
        "a",
        "ai",
        "as",
        "au",
        "aux",
        "avec",
        "ce",
        "ces",
        "cet",
        "cette",
        "ceux",
        "ci",
        "comme",
        "dans",
        "de",
        "des",
        "du",
        "elle",
        "elles",
        "en",
        "entre",
        "est",
        "et",
        "etait",
        "ete",
        "etre",
        "eux",
        "il",
        "ils",
        "je",
        "la",
        "le",
        "les",
        "leur",
        "leurs",
        "lui",
        "ma",
        "mais",
        "me",
        "mes",
        "mon",
        "ne",
        "nos",
        "notre",
        "nous",
        "on",
        "ont",
        "ou",
        "par",
        "pour",
        "qu",
        "que",
        "quel",
        "quelle",
        "quelles",
        "quels",
        "qui",
        "sa",
        "se",
        "ses",
        "si",
        "son",
        "sont",
        "sur",
        "ta",
        "te",
        "tes",
        "toi",
        "ton",
        "tu",
        "un",
        "une",
        "vos",
        "votre",
        "vous",
        "y",
    ]
)


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """The word in lower case without accents or ligatures."""
    word = word.lower().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


# Endings from longest to shortest, with what takes their place; the root keeps three letters at least.
_ENDINGS = (
    ("issement", ""), ("issante", ""), ("issant", ""), ("atrice", ""), ("ateur", ""), ("ation", ""), ("ement", ""),
    ("euse", ""), ("trice", "t"), ("eur", ""), ("ment", ""), ("ance", ""), ("ence", ""), ("able", ""), ("ible", ""),
    ("ique", ""), ("ante", ""), ("ant", ""), ("iere", ""), ("ier", ""), ("ite", ""), ("ive", ""), ("if", ""),
    ("ees", ""), ("ee", ""), ("er", ""), ("ez", ""), ("ir", ""), ("e", ""), ("i", ""),
)  # fmt: skip


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The root of a folded word: plural and common endings cut; short words and codes stay as they are."""
    if len(word) <= 3 or any(character.isdigit() for character in word):
        return word
    if word.endswith("eaux"):
        word = word[:-1]
    elif word.endswith("aux"):
        word = word[:-3] + "al"
    elif word[-1] in "sx":
        word = word[:-1]
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: len(word) - len(ending)] + instead
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def terms(text: str) -> list[str]:
    """The terms of a text in order; codes stand whole and in parts ("R.4162-17": r416217, r, 4162, 17)."""
    text = _DOTTED.sub(lambda initials: initials.group().replace(".", ""), text)
    found = [term for match in _TOKEN.finditer(text) if (term := term_of(match.group())) is not None]
    return found + [_joined(match.group()) for match in _CODE.finditer(text)]


@lru_cache(maxsize=100_000)
def term_of(token: str) -> str | None:
    """The term the index holds for one word of a text; none for a word too common to be held."""
    folded = fold(token)
    if folded in _ELIDED and len(token) < 7:
        return None
    if folded in _COMMON and not (len(token) > 1 and token.isupper()):  # "DE" is a person, "de" is not
        return None
    return stem(folded)


def _joined(code: str) -> str:
    return fold(re.sub(r"[./-]", "", code))


@dataclass(frozen=True)
class Wanted:
    """One thing searched for: the terms as typed, and other ways to say it, each a set of terms that go together."""

    typed: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def all_terms(self) -> frozenset[str]:
        return frozenset(self.typed).union(*self.others)


MOST_WANTED = 12  # words of a query that count; the rest of a pasted paragraph adds time and no sense


def wanted(query: str) -> list[Wanted]:
    """What a query asks for, in order: known expressions first seen as a whole, then single words."""
    tokens = terms(query)
    ways = _ways_to_say()
    things: list[Wanted] = []
    at = 0
    while at < len(tokens) and len(things) < MOST_WANTED:
        for length in range(min(_longest_way(), len(tokens) - at), 0, -1):
            typed = tuple(tokens[at : at + length])
            if typed in ways:
                things.append(Wanted(typed, tuple(way for way in ways[typed] if way != typed)))
                at += length
                break
        else:
            things.append(Wanted((tokens[at],)))
            at += 1
    return list(dict.fromkeys(things))


@lru_cache(maxsize=1)
def _ways_to_say() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Each way to say a thing of the glossary, with all its ways."""
    ways: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines()[1:]:
        term, expansion, also = [*line.split("\t"), "", ""][:3]
        names = [re.sub(r"\(.*?\)", "", term), expansion, *also.split(",")]
        said = [way for name in names if (way := tuple(terms(name))) and len(way) <= 10]
        for way in said:
            ways.setdefault(way, {}).update(dict.fromkeys(said))
    return {way: tuple(others) for way, others in ways.items()}


@lru_cache(maxsize=1)
def _longest_way() -> int:
    return max(len(way) for way in _ways_to_say())
