"""Spelling help: a word that nobody wrote, put right by the words of the reader's own indexes and of the thesaurus.

Source: the optimal string alignment distance (Damerau 1964: a letter more, less, other, or two swapped), by rapidfuzz.
"""

from collections.abc import Collection

from rapidfuzz import process
from rapidfuzz.distance import OSA

from comcep.search.analysis import stem
from comcep.search.engines import Reading, is_word
from comcep.search.thesaurus import known_terms

FAR = 6  # letters from which two mistakes are put right
BEGUN = 2  # letters of a word being typed that may stand for several
MOST_BEGUN = 6
COMPLETED = 4  # letters from which the beginning of a word stands for it


class Spelling:
    """What the words of one query become. Words are asked for only when one is unknown."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._words: Collection[str] | None = None
        self.corrected: dict[str, str] = {}

    def correct(self, terms: Collection[str]) -> dict[str, str]:
        """Each unknown term with the term it most likely stands for."""
        holding = self._reading.statistics(terms).holding
        for term in terms:
            if not holding.get(term) and _may_be_wrong(term) and (right := self._nearest(term)):
                self.corrected[term] = right
        return self.corrected

    def beginning_with(self, term: str) -> list[str]:
        """The words that begin so, the most used first."""
        if len(term) < BEGUN:
            return []
        words = [word for word in self._all() if word.startswith(term) and word != term]
        holding = self._reading.statistics(words).holding
        return sorted((word for word in words if holding.get(word)), key=lambda word: -holding[word])[:MOST_BEGUN]

    def _nearest(self, term: str) -> str | None:
        """Its own root, else one mistake away, else the word it begins, else two mistakes away; the most used of
        equals."""
        if near := self._most_used(
            [root for root in (stem(term),) if root != term]
        ):  # "employeure", one ending too many
            return near
        for distance in (1, 2) if len(term) >= FAR else (1,):
            if near := self._most_used(self._within(term, distance)):
                return near
            if len(term) >= COMPLETED and (near := self._most_used([w for w in self._all() if w.startswith(term)])):
                return near
        return None

    def _within(self, term: str, distance: int) -> list[str]:
        found = process.extract(term, self._all(), scorer=OSA.distance, score_cutoff=distance, limit=20)
        least = min((away for _, away, _ in found), default=0)
        nearest = [word for word, away, _ in found if away == least]
        # Mistakes are rarer in a first letter (Pollock and Zamora 1984).
        return [word for word in nearest if word[0] == term[0]] or nearest

    def _most_used(self, words: list[str]) -> str | None:
        """The word that most topics hold; among words that none holds, one of the thesaurus."""
        if not words:
            return None
        holding = self._reading.statistics(words).holding
        known = [word for word in words if holding.get(word) or word in known_terms()]
        return max(known, key=lambda word: (holding.get(word, 0), word), default=None)

    def _all(self) -> Collection[str]:
        if self._words is None:
            self._words = {word for word in known_terms() if is_word(word)}.union(self._reading.vocabulary())
        return self._words


def _may_be_wrong(term: str) -> bool:
    return is_word(term) and term not in known_terms()
