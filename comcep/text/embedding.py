"""Sentence embeddings: where a text stands among meanings, so that what says the same in other words stands near.

Where they are made is said once, as a process begins: by the process of the engine (engine/), which web workers and
sweeps ask, or here, for commands and tests. Where the machine cannot embed there are no embeddings, and search and
themes go by words alone. Nothing here knows what is done with a place: that is search/nearness.py and
analytics/themes/.
"""

import logging
import math
import threading
from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from comcep.text.engine.asking import EngineAway, EngineBroke, Process
from comcep.text.engine.gate import LONGEST, has_a_word, readable
from comcep.text.engine.library import DIMENSIONS, MODEL, SCALE, Embedding, Engine, rounded

__all__ = ["DIMENSIONS", "MODEL", "Embedding", "EngineAway", "EngineBroke", "readable"]

logger = logging.getLogger(__name__)

VERSION = 4  # of the model and of how texts are cut: an embedding of another version is made anew
MIDDLE = MODEL.with_name("sentence-middle.bin")  # of the embeddings of the trade: signs are told from it
LONGEST_QUESTION = 80  # characters read of a text that somebody waits for: some 30 ms on one core; 100 finds no more
LONGEST_PASSAGE = LONGEST  # of a text embedded in the background; 240 finds half a point more, 400 nothing
ASKED = 1.0  # seconds that somebody who waits gives the engine: less than a search may take
SWEPT = 15.0  # seconds that a sweep gives it: more than it takes to be found stuck

Numbers = tuple[int, ...]


class Place(Protocol):
    """Where embeddings are made."""

    def is_possible(self) -> bool: ...

    def is_available(self) -> bool: ...

    def answers(self, patience: float) -> bool: ...

    def embed(self, text: bytes, is_question: bool, patience: float) -> Embedding: ...


_place: dict[str, Place] = {}


def made_by_process(data: Path) -> None:
    """From now on this process asks that of a data folder: web workers, the worker, whatever serves a site."""
    _place["of this process"] = Process(data)


def made_here() -> None:
    """From now on this process runs the engine itself: commands, tests, measurements. Never a web worker unless its
    operator asks for it: a fault in the engine would end it."""
    _place["of this process"] = Here()


def of_question(text: str, longest: int = LONGEST_QUESTION, patience: float = ASKED) -> Embedding | None:
    """The embedding of the beginning of what somebody asks or types, as many characters of it at most; None for a text
    without a word, or where the machine makes none. Raises EngineAway, EngineBroke."""
    return _embedded(readable(text, longest), True, patience)


def of_passage(text: str, patience: float = SWEPT) -> Embedding | None:
    """The embedding of the beginning of a text that may answer; as for a question."""
    return _embedded(readable(text, LONGEST_PASSAGE), False, patience)


def is_possible() -> bool:
    """Whether this machine can embed at all."""
    return _here_or_there().is_possible()


def is_available() -> bool:
    """Whether it is worth asking for an embedding now."""
    return _here_or_there().is_available()


def answers(patience: float = 0.0) -> bool:
    """Whether embeddings are made now, or within so many seconds."""
    return _here_or_there().answers(patience)


def mean(embeddings: Sequence[Embedding | None]) -> Embedding | None:
    """The embedding half-way between some, of length 1 like them; None where there is none."""
    there = [each for each in embeddings if each is not None]
    if len(there) < 2:
        return there[0] if there else None
    sums = [sum(values) for values in zip(*(array("b", each) for each in there), strict=True)]
    return rounded([value / _length(sums) for value in sums])


def closeness(one: Embedding, other: Embedding) -> float:
    """The cosine of the angle between two embeddings, but for what rounding makes of their length (0.001). Of this
    model it lies between 0.4 (nothing to do with each other) and 1."""
    return closeness_of(numbers(one), numbers(other))


def numbers(embedding: Embedding) -> Numbers:
    """The numbers of an embedding, for who compares it more than once: kept by the one search that does."""
    return tuple(array("b", embedding))


def closeness_of(one: Numbers, other: Numbers) -> float:
    """As closeness, of numbers. By their distance, which Python measures in a third of the time of their product."""
    return 1 - (math.dist(one, other) / SCALE) ** 2 / 2


def signs(embedding: Embedding) -> bytes:
    """On which side of the middle each number lies, a bit each: a twentieth of the time to compare, and nearly as good
    to tell what may stand near."""
    sides = 0
    for value, middle in zip(array("b", embedding), _middle(), strict=True):
        sides = sides << 1 | (value > middle)
    return sides.to_bytes(DIMENSIONS // 8, "big")


def differing(one: bytes, other: bytes) -> int:
    """In how many numbers two embeddings lie on different sides, by their signs."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def values(embedding: Embedding) -> list[float]:
    """The numbers of an embedding, which is of length 1."""
    return [value / SCALE for value in array("b", embedding)]


@lru_cache(maxsize=1)
def _middle() -> "array[int]":
    return array("b", MIDDLE.read_bytes())


def _embedded(text: str, is_question: bool, patience: float) -> Embedding | None:
    place = _here_or_there()
    if not has_a_word(text) or not place.is_possible():
        return None
    return place.embed(text.encode(), is_question, patience)


def _here_or_there() -> Place:
    try:
        return _place["of this process"]
    except KeyError:
        raise RuntimeError("say first where embeddings are made: made_by_process, or made_here") from None


def _length(numbers: list[float]) -> float:
    return float(sum(number * number for number in numbers) ** 0.5) or 1.0


class Here:
    """The engine in this process, loaded at the first text."""

    def is_possible(self) -> bool:
        return _engine() is not None

    def is_available(self) -> bool:
        return self.is_possible()

    def answers(self, _patience: float) -> bool:
        return self.is_possible()

    def embed(self, text: bytes, is_question: bool, _patience: float) -> Embedding:
        engine = _engine()
        if engine is None:
            raise EngineAway("no engine")
        return engine.embed(text, is_question)


_LOADING = threading.Lock()  # two first texts at once must not load two models


def _engine() -> Engine | None:
    """The engine; None, said once in the log, where it cannot run."""
    with _LOADING:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Engine | None:
    try:
        return Engine()
    except (OSError, AttributeError) as error:
        logger.warning("no sentence embeddings on this machine: %s", error)
        return None
