"""What a model looks at in a title and a body: words, pairs, concepts of the thesaurus, pieces of words; and the
sentence's embedding. The same code when a model is trained and when it suggests; nothing heavy is imported.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from comcep.search.analysis import fold, terms
from comcep.search.thesaurus import concepts
from comcep.text import embedding

SEED = Path(__file__).resolve().parents[3] / "seed"
TITLE_TIMES = 2  # the title says most of it
LONGEST_CONCEPT = 4  # terms
PIECES = (3, 4, 5)  # letters
LONGEST_TEXT = 4_000  # characters of a body that are read
LONGEST_EMBEDDED = 64  # characters of title and body: some 25 ms; 100 tell themes no better
LONGEST_TAUGHT = 100  # when a model learns, which nobody waits for: with 64 it learns less

Name = TypeVar("Name", str, int)

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


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


def weighted(counts: Mapping[Name, int], rarity: Mapping[Name, float]) -> dict[Name, float]:
    """TF-IDF of the features that a model knows, of length 1; empty when it knows none."""
    values = {name: (1 + math.log(count)) * rarity[name] for name, count in counts.items() if name in rarity}
    length = math.sqrt(sum(value * value for value in values.values()))
    return {name: value / length for name, value in values.items()} if length else {}


def number(name: str) -> int:
    """What a model's file holds in place of a feature's name: the name takes forty times the room."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def embedded(title: str, body: str, longest: int = LONGEST_EMBEDDED) -> list[float] | None:
    """The sentence embedding of a title with the beginning of its body; None where there is none. Raises EngineAway."""
    found = embedding.of_question(f"{title}. {body}" if body else title, longest)
    return embedding.values(found) if found is not None else None
