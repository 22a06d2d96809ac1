"""`make bench-constants`: each constant of the order moved alone, and what search then finds.

nDCG@10 of tuned queries over the cases, then of queries that no lesson and no line of the thesaurus has seen, over the cases
and over the cases among real passages; known items found in ten: as differences in points from the constants as they are.
What is kept apart is not looked at.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from comcep.search import matching, nearness, queries, ranking, thesaurus
from tests.benchmarks import collections
from tests.benchmarks.collections import Search
from tests.search.evaluation import CHOOSING, evaluate, reciprocal_rank

KNOWN_ITEMS = 300
KNOWN_ITEMS_SEED = 2  # others than the quality's
TITLE, SOLUTION, SITUATION, POSTS = ranking.FIELD_WEIGHTS
MOVED: list[tuple[Any, str, list[Any]]] = [
    (ranking, "FIELD_WEIGHTS", [(weight, SOLUTION, SITUATION, POSTS) for weight in (3.0, 9.0, 50.0)]),
    (ranking, "FIELD_WEIGHTS", [(TITLE, weight, SITUATION, POSTS) for weight in (1.0, 10.0)]),
    (ranking, "LENGTH_SHARES", [(share, share, *ranking.LENGTH_SHARES[2:]) for share in (0.0, 0.6, 0.9)]),
    (ranking, "LENGTH_SHARES", [(*ranking.LENGTH_SHARES[:2], share, share) for share in (0.0, 0.45)]),
    (ranking, "SATURATION", [1.2, 2.5, 4.6, 8.0]),
    (ranking, "WITH_OTHERS", [0.0, 0.3, 1.0]),
    (ranking, "SOLVED_BONUS", [1.0, 1.3, 2.0]),
    (ranking, "NEARNESS_WEIGHT", [0.0, 1.0, 1.5, 2.0, 3.0, 4.0]),
    (ranking, "COMPARED_BY_MEANING", [10, 100]),
    (ranking, "REGULARISED", [0, 10, 40]),
    (ranking, "FROM_NEIGHBOURS", [0.2, 0.5]),
    (ranking, "NEIGHBOURHOOD", [0.03, 0.1]),
    (nearness, "LONGEST_ASKED", [64, 96, 200]),
    (nearness, "ALIKE", [0.65, 0.75]),
    (nearness, "LIKEST", [10, 20, 80]),
    (nearness, "LOOKED_AT", [100, 400]),
    (matching, "RANKED", [60, 200]),
    (thesaurus, "SAME_WEIGHT", [0.6, 1.0]),
    (thesaurus, "NEAR_WEIGHT", [0.01, 0.4, 0.6]),
    (queries, "PART_WEIGHT", [0.01, 0.4]),
    (queries, "WEAK_IMPORTANCE", [0.1, 1.0]),
    (queries, "CODE_PARTS_WEIGHT", [0.01, 1.0]),
]

Measure = Callable[[], tuple[float, float, float, float]]


def main() -> None:
    with ExitStack() as opened:
        measure = _measure(opened)
        base = measure()
        print("as they are:", " / ".join(f"{figure:.3f}" for figure in base))
        print("| constant | value | moved to | tuned | unseen | unseen, among passages | known items |")
        print("|---|---|---|---|---|---|---|")
        for module, name, values in MOVED:
            for value in values:
                with moved(module, name, value) as before:
                    change = [f"{100 * (now - then):+.1f}" for now, then in zip(measure(), base, strict=True)]
                print(f"| {name} | {before} | {value} | {' | '.join(change)} |", flush=True)


@contextmanager
def moved(module: Any, name: str, value: Any) -> Iterator[Any]:
    """A constant moved for a while; what was made with the old one is forgotten."""
    before = getattr(module, name)
    setattr(module, name, value)
    thesaurus.ways_to_say.cache_clear()
    yield before
    setattr(module, name, before)
    thesaurus.ways_to_say.cache_clear()


def _measure(opened: ExitStack) -> Measure:
    cases, passages = collections.case_texts(), collections.passage_texts()
    searches: list[Search] = []
    for texts in (cases, cases + passages, passages):
        engine = opened.enter_context(collections.whoosh_engine())
        collections.index(engine, texts)
        searches.append(collections.searching(engine, texts))
    items = random.Random(KNOWN_ITEMS_SEED).sample(collections.long_sections(), KNOWN_ITEMS)

    def measure() -> tuple[float, float, float, float]:
        tuned = evaluate(searches[0])["tuned", "all"].ndcg
        unseen, hidden = (evaluate(search, CHOOSING)["choosing", "all"].ndcg for search in searches[:2])
        known = sum(1 for query, names in items if reciprocal_rank(names, searches[2](query)))
        return tuned, unseen, hidden, known / len(items)

    return measure


if __name__ == "__main__":
    main()
