"""What a model looks at in a title and a body: words, pairs, concepts of the thesaurus, pieces of words; and their
place in a space of word vectors. The same code when a model is trained and when it suggests; nothing heavy is
imported.
"""

import json
import math
import re
from array import array
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from comcep.search.analysis import fold, terms
from comcep.search.thesaurus import concepts

SEED = Path(__file__).resolve().parents[3] / "seed"
VECTORS = SEED / "word-vectors.bin"
TITLE_TIMES = 2  # the title says most of it
LONGEST_CONCEPT = 4  # terms
PIECES = (3, 4, 5)  # letters
LONGEST_TEXT = 4_000  # characters of a body that are read

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[^\W_]+")


def of_words(title: str, body: str) -> Counter[str]:
    """Terms, pairs of terms and concepts, with how often each occurs."""
    found = terms(" . ".join([title] * TITLE_TIMES + [body[:LONGEST_TEXT]]))
    counts = Counter(found)
    counts.update(f"{first}_{second}" for first, second in pairwise(found))
    known = concepts()
    for start in range(len(found)):
        for length in range(1, LONGEST_CONCEPT + 1):
            counts.update(f"={name}" for name in known.get(tuple(found[start : start + length]), ()))
    return counts


def of_pieces(title: str, body: str) -> Counter[str]:
    """Runs of three to five letters: what is left of a word that is misspelt."""
    text = f" {_NOT_LETTERS.sub(' ', fold(' '.join([title] * TITLE_TIMES + [body[:LONGEST_TEXT]])))} "
    return Counter(
        text[at : at + size] for size in PIECES for at in range(len(text) - size + 1) if text[at : at + size].strip()
    )


def weighted(counts: Counter[str], rarity: dict[str, float]) -> dict[str, float]:
    """TF-IDF of the features that a model knows, of length 1; empty when it knows none."""
    values = {name: (1 + math.log(count)) * rarity[name] for name, count in counts.items() if name in rarity}
    length = math.sqrt(sum(value * value for value in values.values()))
    return {name: value / length for name, value in values.items()} if length else {}


def place(title: str, body: str) -> list[float]:
    """Where a text stands among word vectors: the sum of those of its words, of length 1; zeros when none is known."""
    vectors = word_vectors()
    found = [at for word in _WORD.findall(f"{title} . {body[:LONGEST_TEXT]}".lower()) if (at := vectors.at(word)) >= 0]
    total = [0.0] * vectors.dimensions
    for at in found:
        row = vectors.row(at)
        for index, value in enumerate(row):
            total[index] += value
    length = math.sqrt(sum(value * value for value in total))
    return [value / length for value in total] if length else total


class WordVectors:
    """French words in a space where words of like meaning are near; each vector already weighted by the word's rarity.

    Read from seed/word-vectors.bin: a line of JSON, the words one a line in order, then one signed byte a dimension.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            header = json.loads(file.readline())
            self.dimensions: int = header["dimensions"]
            words = file.read(header["words_bytes"]).decode().split("\n")
            self._vectors = array("b", file.read())
        self._at = {word: at for at, word in enumerate(words)}

    def at(self, word: str) -> int:
        return self._at.get(word, -1)

    def row(self, at: int) -> "array[int]":
        return self._vectors[at * self.dimensions : (at + 1) * self.dimensions]


@lru_cache(maxsize=1)
def word_vectors() -> WordVectors:
    return WordVectors(VECTORS)
