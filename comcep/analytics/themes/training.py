"""Training the model of themes, and measuring it: scikit-learn, by command only, never in a web worker.

It learns from the cases, from topics written for it, from words that name each theme, and from the themes that people
set on this site. What a peer's topic alone holds is not kept: a feature of the site's own topics counts from three of
them.
"""

import csv
import json
import math
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from comcep.analytics.themes import features
from comcep.analytics.themes.features import SEED
from comcep.analytics.themes.predicting import FORMAT
from comcep.search.analysis import VERSION as ANALYSIS
from comcep.text.embedding import DIMENSIONS
from comcep.text.embedding import VERSION as SENTENCES

FEWEST_SITE_TOPICS = 3  # that must hold a feature before the model may
PIECES_WEIGHT = 0.5  # beside words
WORDS_STRENGTH, MEANINGS_STRENGTH = 30.0, 2.0  # inverse of regularisation
WORDS_SHARE = 0.3  # of what words say, beside meanings: from 0.2 to 0.5 cross-validation moves by two points
STRONG, WEAK = 0.5, 0.17  # what a word that names a theme weighs beside a topic
FOLDS = 5
# What says nothing belongs to every theme alike; without these it looks like a message to the community.
VAGUE = (
    "Une question", "Question", "Sujet", "Bonjour", "Bonjour à tous", "Merci d'avance", "Merci", "Besoin d'aide",
    "Aide", "Que faire ?", "Comment faire ?", "Un cas", "Un cas particulier", "Votre avis", "Vos avis svp", "Urgent",
    "Demande d'information", "Qu'en pensez-vous ?", "Une idée ?", "Situation compliquée", "Test",
)  # fmt: skip
VAGUE_WEIGHT = 0.1  # in each theme
CERTAIN = 0.7  # under it a suggestion says "à classer"; over it four in five are right on the reference topics


class NoEmbeddings(Exception):
    """A model is trained where sentence embeddings can be made; one trained elsewhere serves here all the same."""


@dataclass(frozen=True)
class Example:
    """A text with its theme. is_text: a topic, to be measured on; else a word or a description, only to learn from."""

    title: str
    body: str
    slug: str
    weight: float = 1.0
    is_text: bool = True
    is_of_site: bool = False


@dataclass(frozen=True)
class Measured:
    """Shares of texts whose theme came first, and among the first three; macro-averaged F1; expected calibration
    error."""

    texts: int
    first: float
    among_three: float
    macro_f1: float
    calibration: float


def slugs() -> list[str]:
    """The themes a model knows, in their order."""
    return [row["slug"] for row in rows("themes.tsv")]


def shipped_examples() -> list[Example]:
    """What every site learns from. A case is learnt twice: as it was asked, and with its answer."""
    found = [Example(row["title"], "", row["theme"]) for row in rows("cases.tsv")]
    found += [
        Example(row["title"], row["answer"], row["theme"], is_text=False) for row in rows("cases.tsv") if row["answer"]
    ]
    found += [Example(row["title"], row["body"], row["theme"]) for row in rows("labelled_topics.tsv")]
    found += [
        Example(row["label"], row["what belongs to it"], row["slug"], is_text=False) for row in rows("themes.tsv")
    ]
    found += [Example(words, "", slug, VAGUE_WEIGHT, is_text=False) for words in VAGUE for slug in slugs()]
    for row in rows("theme_words.tsv"):
        weight = STRONG if row["strength"] == "strong" else WEAK
        found += [Example(word.strip(), "", row["slug"], weight, is_text=False) for word in row["words"].split(",")]
    return found


def reference_examples() -> list[Example]:
    """Topics that no model learns from: a new one must do as well on them as the one it replaces."""
    return [Example(row["title"], row["body"], row["theme"]) for row in rows("reference_topics.tsv")]


def rows(name: str) -> list[dict[str, str]]:
    """A table of seed/."""
    with (SEED / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


class Trainer:
    """Two regressions fitted to examples: over words and their pieces, and over sentence embeddings."""

    def __init__(self, examples: Sequence[Example], known: Sequence[str]) -> None:
        self._slugs = list(known)
        self._rarity = [_rarity(examples, features.of_words), _rarity(examples, features.of_pieces)]
        self._names = DictVectorizer(dtype=np.float32)
        themes = [self._slugs.index(example.slug) for example in examples]
        weights = [example.weight for example in examples]
        words = self._names.fit_transform([self._of_words(example) for example in examples])
        self._words = _regression(WORDS_STRENGTH).fit(words, themes, sample_weight=weights)
        embedded = _embedded(examples, features.LONGEST_TAUGHT)
        # Each number by its own spread, over all of them: the regression's strength then means the same for any model.
        self._middle, self._spread = embedded.mean(axis=0), (embedded.std(axis=0) + 1e-6) * DIMENSIONS**0.5
        self._meanings = _regression(MEANINGS_STRENGTH).fit(self._scaled(embedded), themes, sample_weight=weights)
        self.temperature = self.words_temperature = 1.0

    def log_probabilities(self, examples: Sequence[Example], words_share: float = WORDS_SHARE) -> np.ndarray:
        """Before calibration; rows: examples, columns: themes in order. words_share: 1 for words alone."""
        words = self._names.transform([self._of_words(example) for example in examples])
        by_words = self._words.predict_log_proba(words)
        by_meaning = self._meanings.predict_log_proba(self._scaled(_embedded(examples, features.LONGEST_EMBEDDED)))
        full = np.full((len(examples), len(self._slugs)), -30.0)
        full[:, self._words.classes_] = words_share * by_words + (1 - words_share) * by_meaning
        return normalised(full)

    def _scaled(self, embedded: np.ndarray) -> np.ndarray:
        return (embedded - self._middle) / self._spread

    def _of_words(self, example: Example) -> dict[str, float]:
        words = features.weighted(features.of_words(example.title, example.body), self._rarity[0])
        pieces = features.weighted(features.of_pieces(example.title, example.body), self._rarity[1])
        found = {f"w {name}": value for name, value in words.items()}
        found.update({f"p {name}": PIECES_WEIGHT * value for name, value in pieces.items()})
        return found

    def content(self, version: int, measured: Measured) -> dict[str, Any]:
        """The model as predicting.py reads it."""
        weights = self._meanings.coef_ / self._spread
        intercept = self._meanings.intercept_ - weights @ self._middle
        return {
            "format": FORMAT, "analysis": ANALYSIS, "sentences": SENTENCES, "version": version, "slugs": self._slugs,
            "temperature": self.temperature, "words_temperature": self.words_temperature, "threshold": CERTAIN,
            "measured": measured.__dict__,
            "intercept": _all_classes(self._words, self._words.intercept_, len(self._slugs), -30.0),
            "blocks": [self._block("w ", 0, 1.0), self._block("p ", 1, PIECES_WEIGHT)],
            "words_share": WORDS_SHARE,
            "meanings": _all_classes(self._meanings, weights, len(self._slugs), 0.0, across=True),
            "meanings_intercept": _all_classes(self._meanings, intercept, len(self._slugs), -30.0),
        }  # fmt: skip

    def _block(self, prefix: str, number: int, factor: float) -> dict[str, Any]:
        vocabulary = self._names.vocabulary_
        names = sorted(name.removeprefix(prefix) for name in vocabulary if name.startswith(prefix))
        weights = np.zeros((len(names), len(self._slugs)))
        columns = [vocabulary[prefix + name] for name in names]
        weights[:, self._words.classes_] = self._words.coef_[:, columns].T * factor
        scale = float(np.abs(weights).max() / 127) or 1.0
        rounded = np.round(weights / scale).astype(np.int8)
        kept = np.abs(rounded).max(axis=1) > 0
        found = sorted(
            (features.number(name), self._rarity[number][name], row)
            for name, row, is_kept in zip(names, rounded.tolist(), kept, strict=True)
            if is_kept
        )
        numbers, rarity, weighed = zip(*found, strict=True)
        return {
            "numbers": _encoded(numbers, "<u8"), "rarity": _encoded(rarity, "<f4"), "scale": scale,
            "weights": _encoded(weighed, "i1"),
        }  # fmt: skip


def _encoded(values: Sequence[Any], kind: str) -> str:
    return b64encode(np.array(values, dtype=kind).tobytes()).decode()


def _embedded(examples: Sequence[Example], longest: int) -> np.ndarray:
    """Rows: examples; one that says nothing lies at zero. Raises NoEmbeddings where this machine makes none."""
    found = [_embedded_once(example.title, example.body, longest) for example in examples]
    if not any(found):
        raise NoEmbeddings
    return np.array([row or [0.0] * DIMENSIONS for row in found])


@cache
def _embedded_once(title: str, body: str, longest: int) -> list[float] | None:
    """Cross-validation asks for each again and again."""
    return features.embedded(title, body, longest)


def _regression(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=3000, class_weight="balanced")


def _rarity(examples: Sequence[Example], counted: Any) -> dict[str, float]:
    """How rare each feature is; those of the site's own topics only from three of them."""
    holding: Counter[str] = Counter()
    of_site: Counter[str] = Counter()
    for example in examples:
        names = counted(example.title, example.body).keys()
        (of_site if example.is_of_site else holding).update(names)
    for name, count in of_site.items():
        if count >= FEWEST_SITE_TOPICS or name in holding:
            holding[name] += count
    return {name: math.log((1 + len(examples)) / (1 + count)) + 1 for name, count in holding.items()}


def _all_classes(model: Any, values: Any, many: int, missing: float, across: bool = False) -> Any:
    """Values by class, with those of themes that no example had."""
    if across:
        full = np.full((values.shape[1], many), missing)
        full[:, model.classes_] = values.T
    else:
        full = np.full(many, missing)
        full[model.classes_] = values
    return np.round(full, 4).tolist()


def normalised(scores: np.ndarray) -> np.ndarray:
    """Log-probabilities of scores, by row."""
    most = scores.max(axis=1, keepdims=True)
    return scores - most - np.log(np.exp(scores - most).sum(axis=1, keepdims=True))


def held_out(
    examples: Sequence[Example], known: Sequence[str], seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What models that never saw a text say of it: log-probabilities of the texts, in their order; the same by words
    alone; and the themes of the texts."""
    texts = [example for example in examples if example.is_text]
    others = [example for example in examples if not example.is_text]
    themes = np.array([list(known).index(example.slug) for example in texts])
    said, by_words = np.zeros((len(texts), len(known))), np.zeros((len(texts), len(known)))
    for learnt, asked in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(texts, themes):
        of_asked = {texts[at].title for at in asked}  # a case's answer must not teach what its question is asked for
        taught = [texts[at] for at in learnt] + [other for other in others if other.title not in of_asked]
        trainer, unseen = Trainer(taught, known), [texts[at] for at in asked]
        said[asked], by_words[asked] = trainer.log_probabilities(unseen), trainer.log_probabilities(unseen, 1.0)
    return said, by_words, themes


def best_temperature(said: np.ndarray, themes: np.ndarray) -> float:
    """What log-probabilities are divided by so that they mean what they say: the least log loss."""
    tried = [0.4 + 0.05 * step for step in range(53)]
    return min(tried, key=lambda value: -normalised(said / value)[np.arange(len(themes)), themes].mean())


def measure(said: np.ndarray, themes: np.ndarray) -> Measured:
    """How good log-probabilities are."""
    ranked = np.argsort(-said, axis=1)
    first = ranked[:, 0]
    return Measured(
        texts=len(themes),
        first=float((first == themes).mean()),
        among_three=float((ranked[:, :3] == themes[:, None]).any(axis=1).mean()),
        macro_f1=_macro_f1(first, themes),
        calibration=calibration_error(np.exp(said).max(axis=1), first == themes),
    )


def _macro_f1(found: np.ndarray, themes: np.ndarray) -> float:
    scores = []
    for theme in np.unique(themes):
        right = ((found == theme) & (themes == theme)).sum()
        scores.append(2 * right / ((found == theme).sum() + (themes == theme).sum()))
    return float(np.mean(scores))


def calibration_error(confidence: np.ndarray, is_right: np.ndarray, bins: int = 10) -> float:
    """The mean distance between confidence and truth over ten bins of as many texts each."""
    order = np.argsort(confidence)
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(confidence[part].mean() - is_right[part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(confidence))


def train(examples: Iterable[Example], version: int) -> dict[str, Any]:
    """A model of all examples, calibrated on what models that never saw each text say of it; with what it measured on
    the reference topics, which nothing learns from."""
    learnt, known = list(examples), slugs()
    trainer = Trainer(learnt, known)
    said, by_words, themes = held_out(learnt, known)
    trainer.temperature = best_temperature(said, themes)
    trainer.words_temperature = best_temperature(by_words, themes)
    return trainer.content(version, on_reference(trainer, known))


def on_reference(trainer: Trainer, known: Sequence[str]) -> Measured:
    """What a trained model says of the reference topics."""
    reference = reference_examples()
    said = normalised(trainer.log_probabilities(reference) / trainer.temperature)
    return measure(said, np.array([list(known).index(example.slug) for example in reference]))


def as_text(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)
