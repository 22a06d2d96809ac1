"""A trained model read from its file, and what it says of a text: plain Python, a few milliseconds, a few megabytes."""

import json
import math
import sys
from array import array
from base64 import b64decode
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comcep.analytics.themes import features
from comcep.search.analysis import VERSION as ANALYSIS
from comcep.text.embedding import VERSION as SENTENCES

FORMAT = 3
SUGGESTED = 3


class Unusable(ValueError):
    """A file that is no model of this program."""


@dataclass(frozen=True)
class Suggestion:
    """A theme and the probability that it is the topic's."""

    slug: str
    probability: float


class Model:
    """Two logistic regressions, over words and over sentence embeddings, whose probabilities are multiplied and
    calibrated; where there are no embeddings the first speaks alone."""

    def __init__(self, content: dict[str, Any]) -> None:
        made_with = [content.get(part) for part in ("format", "analysis", "sentences")]
        if made_with != [FORMAT, ANALYSIS, SENTENCES]:
            raise Unusable("made by another version of the program: flask themes train")
        self.version: int = content["version"]
        self.slugs: list[str] = content["slugs"]
        self.threshold: float = content["threshold"]
        self.measured: dict[str, float] = content["measured"]
        self._temperature: float = content["temperature"]
        self._words_temperature: float = content["words_temperature"]
        self._words_share: float = content["words_share"]
        self._blocks = [_Block(block) for block in content["blocks"]]
        self._intercept: list[float] = content["intercept"]
        self._meanings: list[list[float]] = content["meanings"]
        self._meanings_intercept: list[float] = content["meanings_intercept"]

    @classmethod
    def read(cls, path: Path) -> "Model":
        """Raises Unusable for what is no model, OSError for what cannot be read."""
        try:
            return cls(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unusable(str(error)) from error

    def probabilities(self, title: str, body: str, by_meaning: bool = True) -> list[float]:
        """One for each theme, in the order of the slugs; they add to 1. by_meaning: by the sentence's embedding too."""
        said, temperature = _log_softmax(self._by_words(title, body)), self._words_temperature
        embedded = features.embedded(title, body) if by_meaning else None
        if embedded is not None:
            share, temperature = self._words_share, self._temperature
            pairs = zip(said, _log_softmax(self._by_meaning(embedded)), strict=True)
            said = [share * of_words + (1 - share) * of_meaning for of_words, of_meaning in pairs]
        return [math.exp(value) for value in _log_softmax([value / temperature for value in said])]

    def _by_words(self, title: str, body: str) -> list[float]:
        scores = list(self._intercept)
        for block, counts in zip(self._blocks, _counts(title, body), strict=True):
            block.add_to(scores, counts)
        return scores

    def _by_meaning(self, embedded: list[float]) -> list[float]:
        scores = list(self._meanings_intercept)
        for value, row in zip(embedded, self._meanings, strict=True):
            for index, weight in enumerate(row):
                scores[index] += value * weight
        return scores

    def suggestions(self, title: str, body: str, by_meaning: bool = True) -> list[Suggestion]:
        """The three likeliest themes, the likeliest first."""
        probabilities = self.probabilities(title, body, by_meaning)
        ranked = sorted(zip(self.slugs, probabilities, strict=True), key=lambda pair: -pair[1])
        return [Suggestion(slug, probability) for slug, probability in ranked[:SUGGESTED]]


class _Block:
    """The features of one kind, by number in order: how rare each is, and what it says for each theme, one signed byte
    a theme. Arrays, not dictionaries: 50,000 names would take 18 MB in every web worker."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._numbers = _array("Q", content["numbers"])
        self._rarity = _array("f", content["rarity"])
        self._weights = _array("b", content["weights"])
        self._scale: float = content["scale"]

    def add_to(self, scores: list[float], counts: Counter[str]) -> None:
        many = len(scores)
        known = {at: count for name, count in counts.items() if (at := self._place_of(name)) is not None}
        for at, value in features.weighted(known, {at: self._rarity[at] for at in known}).items():
            factor = value * self._scale
            for index, weight in enumerate(self._weights[at * many : (at + 1) * many]):
                scores[index] += factor * weight

    def _place_of(self, name: str) -> int | None:
        number = features.number(name)
        at = bisect_left(self._numbers, number)
        return at if at < len(self._numbers) and self._numbers[at] == number else None


def _array(kind: str, encoded: str) -> "array[Any]":
    found = array(kind, b64decode(encoded))
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _counts(title: str, body: str) -> tuple[Counter[str], Counter[str]]:
    return features.of_words(title, body), features.of_pieces(title, body)


def _log_softmax(scores: Sequence[float]) -> list[float]:
    most = max(scores)
    total = most + math.log(sum(math.exp(score - most) for score in scores))
    return [score - total for score in scores]
