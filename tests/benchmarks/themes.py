"""`make bench-themes`: how well themes are told, beside the majority class, a keyword match, and TF-IDF with logistic
regression learnt from the cases alone. Two measurements: five-fold cross-validation over the cases and the topics written
for it (the regressions' calibration fitted inside), and the reference topics, which nothing learns from.
"""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from comcep.analytics.themes import training
from comcep.analytics.themes.predicting import Model
from comcep.analytics.themes.suggesting import SHIPPED
from comcep.analytics.themes.training import Example, Measured
from comcep.search.analysis import terms
from comcep.text import embedding

OUT = Path("build/themes.md")
HEADER = ["| what tells | texts | first | among three | macro-F1 | calibration error |", "|---|---|---|---|---|---|"]


def main() -> None:
    embedding.made_here()
    known = training.slugs()
    examples = training.shipped_examples()
    texts = [example for example in examples if example.is_text]
    cases = [example for example in texts if not example.body]
    reference = training.reference_examples()
    lines = ["### Cross-validation over cases and topics", "", *HEADER, *_cross_validated(examples, known)]
    lines += ["", "### Reference topics, which nothing learns from", "", *HEADER]
    trainer = training.Trainer(examples, known)
    said, _, themes = training.held_out(examples, known)
    trainer.temperature = training.best_temperature(said, themes)
    lines.append(_row("the model", training.on_reference(trainer, known)))
    lines += [_row(name, measured) for name, measured in _others(cases, reference, known)]
    lines += ["", *_speed()]
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _cross_validated(examples: list[Example], known: list[str]) -> list[str]:
    said, _, themes = training.held_out(examples, known)
    inner, _, inner_themes = training.held_out(examples, known, seed=1)
    calibrated = training.normalised(said / training.best_temperature(inner, inner_themes))
    is_case = np.array([not example.body for example in examples if example.is_text])
    lines = []
    for name, which in (
        ("the model, all", is_case >= 0),
        ("the model, cases", is_case),
        ("the model, topics", ~is_case),
    ):
        lines.append(
            _row(name, training.measure(calibrated[which], themes[which]), _interval(calibrated[which], themes[which]))
        )
    return lines


def _interval(said: np.ndarray, themes: np.ndarray) -> str:
    """95 % of the calibration error, by bootstrap."""
    chance, found = random.Random(1), []
    for _ in range(300):
        drawn = [chance.randrange(len(themes)) for _ in themes]
        found.append(training.measure(said[drawn], themes[drawn]).calibration)
    return f"{np.percentile(found, 2.5):.2f}–{np.percentile(found, 97.5):.2f}"


def _others(cases: list[Example], reference: list[Example], known: list[str]) -> list[tuple[str, Measured]]:
    themes = np.array([known.index(example.slug) for example in reference])
    majority = Counter(example.slug for example in cases)
    shares = np.array([majority[slug] + 0.5 for slug in known])
    plain = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=2000))
    plain.fit([example.title for example in cases], [known.index(example.slug) for example in cases])
    guessed = np.full((len(reference), len(known)), -20.0)
    guessed[:, plain.classes_] = plain.predict_log_proba([f"{example.title} {example.body}" for example in reference])
    return [
        ("majority class", training.measure(np.tile(np.log(shares / shares.sum()), (len(reference), 1)), themes)),
        ("keyword match on labels and descriptions", training.measure(_keywords(reference, known), themes)),
        ("TF-IDF and logistic regression, cases alone", training.measure(guessed, themes)),
    ]


def _keywords(reference: list[Example], known: list[str]) -> np.ndarray:
    described = {
        row["slug"]: set(terms(f"{row['label']} {row['what belongs to it']}")) for row in training.rows("themes.tsv")
    }
    said = np.array(
        [
            [len(described[slug] & set(terms(f"{example.title} {example.body}"))) for slug in known]
            for example in reference
        ],
        dtype=float,
    )
    return said - np.log(np.exp(said).sum(axis=1, keepdims=True))


def _row(name: str, measured: Measured, interval: str = "") -> str:
    error = f"{measured.calibration:.2f}" + (f" ({interval})" if interval else "")
    return (
        f"| {name} | {measured.texts} | {measured.first:.2f} | {measured.among_three:.2f} "
        f"| {measured.macro_f1:.2f} | {error} |"
    )


# What a web worker holds more once it has suggested, in megabytes.
_MEMORY = """
import psutil
from comcep.search.thesaurus import ways_to_say
from comcep.analytics.themes import suggesting
ways_to_say()
process = psutil.Process()
before = process.memory_info().rss
model = suggesting.Model.read(suggesting.SHIPPED)
for number in range(50):
    model.suggestions(f"Reste à charge après le CPF, cas {number}", "Qui peut compléter ?")
print((process.memory_info().rss - before) // 1_000_000)
"""


def _speed() -> list[str]:
    held = subprocess.run([sys.executable, "-c", _MEMORY], check=True, capture_output=True, text=True).stdout.strip()
    model = Model.read(SHIPPED)
    model.suggestions("Reste à charge", "Qui complète ?")
    times = []
    for example in training.reference_examples():
        start = time.perf_counter()
        model.suggestions(example.title, example.body * 3)
        times.append(1000 * (time.perf_counter() - start))
    return [
        f"A suggestion takes {np.median(times):.0f} ms, {np.percentile(times, 95):.0f} at p95 (asked: 30). A process that "
        f"suggests holds {held} MB more (asked: 20), of which the sentence model is shared by all; the file of the themes' "
        f"model has {SHIPPED.stat().st_size / 1e6:.1f} MB."
    ]


if __name__ == "__main__":
    main()
