"""A trained model read from its file, and what it says of a text: plain Python, a few milliseconds, a few megabytes."""

import json
import math
from array import array
from base64 import b85decode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comcep.analytics.themes import features
from comcep.search.analysis import VERSION as ANALYSIS

FORMAT = 1


class Unusable(ValueError):
    """A file that is no model of this program."""


@dataclass(frozen=True)
class Suggestion:
    """A theme and the probability that it is the topic's."""

    slug: str
    probability: float


class Model:
    """Two logistic regressions, over words and over word vectors, whose probabilities are multiplied and calibrated."""

    def __init__(self, content: dict[str, Any]) -> None:
        if content.get("format") != FORMAT or content.get("analysis") != ANALYSIS:
            raise Unusable("made by another version of the program: flask themes train")
        self.version: int = content["version"]
        self.slugs: list[str] = content["slugs"]
        self.threshold: float = content["threshold"]
        self.measured: dict[str, float] = content["measured"]
        self._temperature: float = content["temperature"]
        self._blocks = [_Block(block) for block in content["blocks"]]
        self._intercept: list[float] = content["intercept"]
        self._places: list[list[float]] = content["places"]
        self._places_intercept: list[float] = content["places_intercept"]

    @classmethod
    def read(cls, path: Path) -> "Model":
        """Raises Unusable for what is no model, OSError for what cannot be read."""
        try:
            return cls(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unusable(str(error)) from error

    def probabilities(self, title: str, body: str) -> list[float]:
        """One for each theme, in the order of the slugs; they add to 1."""
        by_words = list(self._intercept)
        for block, counts in zip(self._blocks, _counts(title, body), strict=True):
            block.add_to(by_words, counts)
        by_place = list(self._places_intercept)
        for value, row in zip(features.place(title, body), self._places, strict=True):
            if value:
                for index, weight in enumerate(row):
                    by_place[index] += value * weight
        both = [(a + b) / 2 for a, b in zip(_log_softmax(by_words), _log_softmax(by_place), strict=True)]
        return [math.exp(value) for value in _log_softmax([value / self._temperature for value in both])]

    def suggestions(self, title: str, body: str, most: int = 3) -> list[Suggestion]:
        """The likeliest themes, the likeliest first."""
        ranked = sorted(zip(self.slugs, self.probabilities(title, body), strict=True), key=lambda pair: -pair[1])
        return [Suggestion(slug, probability) for slug, probability in ranked[:most]]


class _Block:
    """The features of one kind, how rare each is, and what each says for each theme: one signed byte a theme."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._rarity = dict(zip(content["names"], content["rarity"], strict=True))
        self._at = {name: at for at, name in enumerate(content["names"])}
        self._weights = array("b", b85decode(content["weights"]))
        self._scale: float = content["scale"]

    def add_to(self, scores: list[float], counts: Any) -> None:
        many = len(scores)
        for name, value in features.weighted(counts, self._rarity).items():
            start = self._at[name] * many
            factor = value * self._scale
            for index, weight in enumerate(self._weights[start : start + many]):
                scores[index] += factor * weight


def _counts(title: str, body: str) -> tuple[Any, Any]:
    return features.of_words(title, body), features.of_pieces(title, body)


def _log_softmax(scores: Sequence[float]) -> list[float]:
    most = max(scores)
    total = most + math.log(sum(math.exp(score - most) for score in scores))
    return [score - total for score in scores]
