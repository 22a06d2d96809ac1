"""The attack by time: can somebody tell, by how soon they are answered, texts that another has asked for from fresh ones?

Known and fresh texts are asked by turns in an order drawn anew, so that a machine busy with other things slows both alike.
"""

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ALLOWED = 0.05  # from one half: what a look at the median of hundreds would not find either
Z = 2.58  # 99 of 100 intervals hold the true value
WARMING = 5  # pairs that are not counted: what a process reads once


@dataclass(frozen=True)
class Told:
    """How well a known text is told from a fresh one by time: 0.5 not at all, 1 always; the half-width at 99 %."""

    auc: float
    margin: float

    @property
    def tells(self) -> bool:
        """Whether it surely lies further from one half than chance and the machine would bring it."""
        return abs(self.auc - 0.5) - self.margin > ALLOWED


def tell_apart(
    pairs: list[tuple[str, str]], makes_known: Callable[[str], object], asks: Callable[[str], object], seed: int = 1
) -> Told:
    """Of each pair the first text is made known, then both are asked for."""
    chance = random.Random(seed)
    known, fresh = [], []
    for number, (one, other) in enumerate(pairs):
        makes_known(one)
        turns = [(one, known), (other, fresh)]
        chance.shuffle(turns)
        for text, taken in turns:
            began = time.perf_counter()
            asks(text)
            if number >= WARMING:
                taken.append(time.perf_counter() - began)
    return Told(_auc(known, fresh), Z * math.sqrt((2 * len(known) + 1) / (12 * len(known) ** 2)))


def _auc(known: list[float], fresh: list[float]) -> float:
    """The share of couples in which the known text is answered sooner (Mann and Whitney 1947)."""
    sooner = sum((one < other) + 0.5 * (one == other) for one in known for other in fresh)
    return sooner / (len(known) * len(fresh))


def pairs_of(texts: Iterator[str], count: int) -> list[tuple[str, str]]:
    return [(next(texts), next(texts)) for _ in range(count)]


def sentences(seed: int) -> Iterator[str]:
    """Eight French words each, which nobody has written together."""
    chance, words = random.Random(seed), Path("seed/words.txt").read_text(encoding="utf-8").split()
    while True:
        yield " ".join(chance.sample(words, 8))


def misspelt(seed: int) -> Iterator[str]:
    """Words of no language, of as many letters: what spelling help looks for longest."""
    chance = random.Random(seed)
    while True:
        yield " ".join("".join(chance.choices("abcdefilmnoprstuéè", k=9)) for _ in range(25))
