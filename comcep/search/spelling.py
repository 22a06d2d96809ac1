"""Spelling help: a word that nobody wrote, put right by French words, the words of the reader's own indexes, the
thesaurus.

Indexes hold roots: "formassion" is far from "form" and near to "formation". So the word as typed is first compared with
French words (seed/words.txt, the same for every reader); those count that the reader's own indexes hold.

Source: the optimal string alignment distance (Damerau 1964: a letter more, less, other, or two swapped), by rapidfuzz.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from comcep.search.analysis import fold, stem, term_of, words
from comcep.search.engines import Reading, is_word
from comcep.search.queries import WEAK, said_by, things_of
from comcep.search.sounds import sound_of
from comcep.search.thesaurus import SEED, known_terms, ways_to_say

FAR = 6  # letters from which two mistakes are put right
BEGUN = 2  # letters of a word being typed that may stand for several
MOST_BEGUN = 6
MOST_NEAR = 100  # words as near as each other that are weighed
KEPT = 2  # letters of a word that its root begins with in any case
COMPLETED = 4  # letters from which the beginning of a word stands for it
_TYPED = re.compile(r"[^\W_]+")  # one pattern for all words: those that a process compiles it keeps, whoever typed them


class Spelling:
    """What the words of one query become. Words are asked for only when one is unknown."""

    def __init__(self, reading: Reading, typed: str = "") -> None:
        self._reading = reading
        self._typed = {term_of(word): fold(word) for word in words(typed)}
        self._words: Collection[str] | None = None
        self.corrected: dict[str, str] = {}

    def correct(self, terms: Collection[str]) -> dict[str, str]:
        """Each unknown term with the term it most likely stands for."""
        things = things_of(list(terms))
        expected = {term for thing in things if thing.typed in ways_to_say() for term in thing.typed}
        # What else a query of these terms wants is counted with them: one question less to the engine.
        holding = self._reading.statistics({*terms, *said_by(things)}).holding
        for term in terms:
            is_known = holding.get(term) or term in expected or term in WEAK
            if not is_known and is_word(self._typed.get(term, term)) and (right := self._nearest(term)):
                self.corrected[term] = right
        return self.corrected

    def as_meant(self, text: str) -> str:
        """A text with the words that were put right as French writes them. A French word means what it says, though
        nobody here wrote it."""
        return _TYPED.sub(lambda typed: self._spelt(typed.group()), text)

    def _spelt(self, word: str) -> str:
        right = self.corrected.get(term_of(word) or "")
        if right and fold(word) not in french_words() and (spelt := _words_of(right)):
            return likest(word, spelt)
        return word

    def beginning_with(self, term: str) -> list[str]:
        """The words that begin so, the most used first."""
        if len(term) < BEGUN:
            return []
        words = [word for word in self._all() if word.startswith(term) and word != term]
        holding = self._reading.statistics(words).holding
        return sorted((word for word in words if holding.get(word)), key=lambda word: -holding[word])[:MOST_BEGUN]

    def _nearest(self, term: str) -> str | None:
        """What an unknown term most likely stands for. A French word that nobody has written is no mistake: it stands
        for its family at most."""
        word = self._typed.get(term, term)
        root = [root for root in (stem(term),) if root != term]  # "employeure", one ending too many
        of_its_sound = words_by_sound().get(sound_of(word), [])
        if word in of_its_sound:
            return self._first_known([root, self._family(term)])
        french, terms = self._mistakes_away(term, word, 1)
        kinds = [french, [stem(each) for each in of_its_sound], root, terms]
        begun = [each for each in self._all() if each.startswith(term)] if len(term) >= COMPLETED else []
        if len(word) < FAR:  # a short word is begun more often than mistyped
            return self._first_known([begun, *kinds])
        return self._first_known([*kinds, begun]) or self._first_known(self._mistakes_away(term, word, 2))

    def _mistakes_away(self, term: str, word: str, mistakes: int) -> list[list[str]]:
        """The terms of French words as near as that to a word as typed, and the terms as near to its own."""
        return [
            [stem(each) for each in _within(word, french_words(), mistakes)],
            _within(term, self._all(), mistakes),
        ]

    def _family(self, term: str) -> list[str]:
        """Terms that differ by one letter at their end."""
        begins = term[: max(COMPLETED, len(term) - 1)]
        return [each for each in self._all() if each.startswith(begins) and OSA.distance(each, term) == 1]

    def _first_known(self, kinds: list[list[str]]) -> str | None:
        """The word of the first kind that most topics hold; among words that none holds, one of the thesaurus."""
        holding = self._reading.statistics({word for kind in kinds for word in kind}).holding
        for kind in kinds:
            known = [word for word in kind if holding.get(word) or word in known_terms()]
            if known:
                return max(known, key=lambda word: (holding.get(word, 0), word))
        return None

    def _all(self) -> Collection[str]:
        if self._words is None:
            self._words = {word for word in known_terms() if is_word(word)}.union(self._reading.vocabulary())
        return self._words


def likest(word: str, among: Collection[str]) -> str:
    """Of some words, the one spelt most like a word."""
    return min(sorted(among), key=lambda each: OSA.distance(fold(each), fold(word)))


@lru_cache(maxsize=1)
def french_words() -> Sequence[str]:
    """French words, folded, the most written first."""
    return (SEED / "words.txt").read_text(encoding="utf-8").split()


def _words_of(root: str) -> list[str]:
    """French words of a root, which begin as it does."""
    return [word for word in french_words() if word.startswith(root[:KEPT]) and stem(word) == root]


@lru_cache(maxsize=1)
def words_by_sound() -> dict[str, list[str]]:
    """French words by what they sound like."""
    found: dict[str, list[str]] = {}
    for word in french_words():
        found.setdefault(sound_of(word), []).append(word)
    return found


def _within(word: str, among: Collection[str], distance: int) -> list[str]:
    found = process.extract(word, among, scorer=OSA.distance, score_cutoff=distance, limit=MOST_NEAR)
    least = min((away for _, away, _ in found), default=0)
    nearest = [near for near, away, _ in found if away == least]
    # Mistakes are rarer in a first letter (Pollock and Zamora 1984).
    return [near for near in nearest if near[0] == word[0]] or nearest
