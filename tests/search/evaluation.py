"""The evaluation set: queries as advisers type them over the cases of January 2017, with graded answers, and what is
measured of an order of results.

A third is kept apart by the hash of the query: constants and thesaurus are never tuned on it, only reported. The rest was
read when the thesaurus was written, and the sentence model learnt from it; constants of meaning, and models, are chosen on
queries that neither has seen (CHOOSING).
Grades: 3 the case asked for, 2 answers it too, 1 related. Metrics as in Manning, Raghavan and Schütze, chapter 8.
"""

import csv
import hashlib
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

QUERIES = Path(__file__).parent / "queries.tsv"
FAR = Path(__file__).parent / "queries_far.tsv"  # written to fail: half share no word with the case they want
FRESH = Path(__file__).parent / "queries_fresh.tsv"  # written when thesaurus and constants were closed: everyday words
CHOOSING = Path(__file__).parent / "queries_choosing.tsv"  # written when all lessons were; whole, none kept apart
CASES = Path("seed/cases.tsv")
TEN = 10


@dataclass(frozen=True)
class Judged:
    """A query, its kind, the cases it should find with their grade."""

    kind: str
    words: str
    grades: dict[str, int]

    @property
    def is_kept_apart(self) -> bool:
        return hashlib.sha256(self.words.encode()).digest()[0] % 3 == 0


@dataclass(frozen=True)
class Case:
    """A case as a document: the title, what solved it, or what was answered without solving it."""

    id: str
    title: str
    answer: str
    is_solved: bool


@dataclass(frozen=True)
class Quality:
    """Means over some queries."""

    queries: int
    ndcg: float
    recall: float
    mrr: float


@lru_cache(maxsize=4)
def judged(queries: Path = QUERIES) -> list[Judged]:
    with queries.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Judged(row["kind"], row["query"], {case: int(grade) for case, grade in _grades(row["expected"])})
        for row in rows
    ]


def _grades(text: str) -> list[list[str]]:
    return [each.split("=") for each in text.split()]


@lru_cache(maxsize=1)
def cases() -> list[Case]:
    with CASES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Case(row["id"], row["title"], row["answer"] or "", row["state"] == "solved") for row in rows]


def ndcg(grades: dict[str, int], found: list[str]) -> float:
    ideal = _gain(sorted(grades.values(), reverse=True)[:TEN])
    return _gain([grades.get(case, 0) for case in found[:TEN]]) / ideal


def _gain(grades: list[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades))


def recall(grades: dict[str, int], found: list[str]) -> float:
    return len(set(found[:TEN]) & set(grades)) / min(TEN, len(grades))


def reciprocal_rank(wanted: set[str], found: list[str]) -> float:
    return next((1 / rank for rank, case in enumerate(found[:TEN], 1) if case in wanted), 0.0)


def evaluate(search: Callable[[str], list[str]], queries: Path = QUERIES) -> dict[tuple[str, str], Quality]:
    """The quality of a search, by part ("tuned", "kept apart", "choosing") and kind of query; kind "all" for a whole
    part."""
    measured: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for query in judged(queries):
        found = search(query.words)
        values = (
            ndcg(query.grades, found), recall(query.grades, found), reciprocal_rank(set(query.grades), found)
        )  # fmt: skip
        part = "choosing" if queries == CHOOSING else "kept apart" if query.is_kept_apart else "tuned"
        measured[part, "all"].append(values)
        measured[part, query.kind].append(values)
    return {key: _mean(values) for key, values in measured.items()}


def _mean(values: list[tuple[float, float, float]]) -> Quality:
    count = len(values)
    return Quality(count, *(sum(each[at] for each in values) / count for at in range(3)))
