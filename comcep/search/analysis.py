"""French analysis: from a text to the terms an index holds. One analysis for texts and queries, for every engine.

It folds case, accents and ligatures, drops elided articles and common words, and cuts endings lightly: heavy stemming
confuses the short words of this trade (docs/search-quality.md has the measurement). Codes stand whole and in parts.
What a word may also be called is thesaurus.py; what a query asks for is queries.py.
"""

import re
import unicodedata

from comcep.text.cleaning import composed, lower_heaps

VERSION = "2"  # of what follows: an index made by another version must be rebuilt

_SIGNS = str.maketrans({"€": " euro ", "%": " pourcent ", "’": "'", "‐": "-", "‑": "-", "\u00ad": "", "\u200b": ""})
_TOKEN = re.compile(r"[^\W_]+", re.UNICODE)
# How far it looks for a digit is bounded: from each sign of a long run to its end would be the square of its length.
_CODE = re.compile(r"(?<![^\W_])(?=[^\s]{0,60}\d)[A-Za-z0-9]+(?:[.,/-] ?[A-Za-z0-9]+)+(?![^\W_])")
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.)+[^\W\d_](?![^\W_])")  # C.S.P, written as initials
_JOINED_NAME = re.compile(r"(?<![^\W_])[^\W\d_]{2,}\.[A-Z][^\W\d_]*(?![^\W_])")  # FAF.TT
_PREFIXED = re.compile(  # co-financement, also found as cofinancement
    r"(?<![^\W_])(?:anti|auto|co|e|extra|i|inter|micro|mini|multi|non|pluri|post|pre|pré|re|ré|semi|sous|sur|tele|télé)"
    r"-[^\W\d_]{3,}",
    re.IGNORECASE,
)
_MIXED = re.compile(r"(\d+)([a-z]+)|([a-z]+)(\d+)")  # 332t, RNCP12345: one change from digits to letters or back

LONGEST_TERM = 60  # characters; a longer word is no word, and what is joined to more than that no code

_ELIDED_WORDS = "c d j l m n s t qu jusqu lorsqu puisqu quoiqu presqu quelqu"
_ELIDED = frozenset(_ELIDED_WORDS.split())
# "sans", "non", "hors", "pas" change the case met: they stay.
_COMMON_WORDS = """
a ai as au aux avec ce ces cet cette ceux ci comme dans de des du elle elles en entre est et etait ete etre eux il
ils je la le les leur leurs lui ma mais me mes mon ne nos notre nous on ont ou par pour qu que quel quelle quelles
quels qui sa se ses si son sont sur ta te tes toi ton tu un une vos votre vous y
"""
_COMMON = frozenset(_COMMON_WORDS.split())


# Nothing below remembers a word: what one reader typed would be told to the next one by how soon it is answered.


def fold(word: str) -> str:
    """The word in lower case without accents or ligatures."""
    if word.isascii():
        return word.lower()
    # Letters of other alphabets become capitals between.
    word = unicodedata.normalize("NFKD", lower_heaps(word).lower()).lower()
    return "".join(c for c in word if not unicodedata.combining(c)).replace("œ", "oe").replace("æ", "ae")


# Endings from longest to shortest, with what takes their place; the root keeps four letters, or three.
_ENDINGS = (
    ("issement", ""), ("issante", ""), ("issant", ""), ("atrice", ""), ("ateur", ""), ("ation", ""), ("ement", ""),
    ("euse", ""), ("trice", "t"), ("eur", ""), ("ment", ""), ("ance", ""), ("ence", ""), ("able", ""), ("ible", ""),
    ("ique", ""), ("ante", ""), ("ant", ""), ("iere", ""), ("ier", ""), ("ite", ""), ("ive", ""), ("if", ""),
    ("ees", ""), ("ee", ""), ("er", ""), ("ez", ""), ("ir", ""), ("e", ""), ("i", ""),
)  # fmt: skip


_SHORT_ENDINGS = ("er", "e", "ez", "ee")  # paye, payer: three letters of root are enough
_ENDINGS_IN = {last: [each for each in _ENDINGS if each[0][-1] == last] for last in {each[0][-1] for each in _ENDINGS}}


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
    for ending, instead in _ENDINGS_IN.get(word[-1], ()):
        if word.endswith(ending) and len(word) - len(ending) >= (3 if ending in _SHORT_ENDINGS else 4):
            word = word[: len(word) - len(ending)] + instead
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def terms(text: str) -> list[str]:
    """The terms of a text in order, then its codes whole ("R.4162-17": r, 4162, 17, …, r416217)."""
    text = tidy(text)
    found = [term for match in _TOKEN.finditer(text) for term in _terms_of(match.group())]
    return found + [whole for match in _joined(text) if len(match) <= LONGEST_TERM and (whole := stem(fold(match)))]


def words(text: str) -> list[str]:
    """The words of a text as written, in order."""
    return _TOKEN.findall(tidy(text))


def tidy(text: str) -> str:
    """The text with its signs written out and initials joined, as terms() reads it."""
    return _DOTTED.sub(lambda initials: initials.group().replace(".", ""), composed(text).translate(_SIGNS))


def _joined(text: str) -> list[str]:
    return [
        re.sub(r"[., /-]", "", match.group())
        for pattern in (_CODE, _JOINED_NAME, _PREFIXED)
        for match in pattern.finditer(text)
    ]


def _terms_of(token: str) -> list[str]:
    term = term_of(token)
    if term is None:
        return []
    return [term, *parts] if (parts := parts_of(term)) else [term]


def parts_of(term: str) -> tuple[str, ...]:
    """The digits and the letters of a code of two parts ("332t": 332, t); empty for any other term."""
    mixed = _MIXED.fullmatch(term)
    return tuple(part for part in mixed.groups() if part) if mixed else ()


def term_of(token: str) -> str | None:
    """The term the index holds for one word of a text; none for a word too common to be held."""
    folded = fold(token)
    if folded in _ELIDED and len(token) < 7:
        return None
    if folded in _COMMON and not (len(token) > 1 and token.isupper()):  # "DE" is a person, "de" is not
        return None
    return stem(folded[:LONGEST_TERM]) or None  # some signs of other alphabets fold to nothing
