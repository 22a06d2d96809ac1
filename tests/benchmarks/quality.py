"""`make bench-search`: what search finds, for both engines beside plain Whoosh and plain PostgreSQL, in one run.

Measured: the evaluation set over the cases, queries written to fail and queries written last; the same with a word of each
mistyped; the first set with the cases hidden among real passages; known items among the passages (a section's title finds its
passages). Written as tables into build/search-quality.md.
"""

import random
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks import collections
from tests.benchmarks.collections import Search, Text
from tests.search.evaluation import CHOOSING, FAR, FRESH, QUERIES, Quality, evaluate, reciprocal_rank
from tests.search.mistakes import mistyped

OUT = Path("build/search-quality.md")
KNOWN_ITEMS = 300
KNOWN_ITEMS_SEED = 1

Make = Callable[[list[Text]], Search]
PLAIN: dict[str, Make] = {
    "plain Whoosh, AND": collections.plain_whoosh,
    "plain Whoosh, OR": collections.plain_whoosh_or,
    "plain PostgreSQL, AND": collections.plain_postgresql,
    "plain PostgreSQL, OR": collections.plain_postgresql_or,
}


def main() -> None:
    has_corpus = collections.CORPUS.exists()
    if not has_corpus:
        print(f"No passages at {collections.CORPUS} (COMCEP_CORPUS): the cases alone are measured.", file=sys.stderr)
    lines = ["## The cases", *_judged(collections.case_texts(), by_kind=True)]
    lines += ["", "## The cases, far queries", *_judged(collections.case_texts(), by_kind=False, queries=FAR)]
    lines += ["", "## The cases, fresh queries", *_judged(collections.case_texts(), by_kind=False, queries=FRESH)]
    lines += ["", "## The cases, queries that constants are chosen on"]
    lines += _judged(collections.case_texts(), by_kind=False, queries=CHOOSING)
    lines += ["", "## The cases, a word of each query mistyped"]
    for queries in (QUERIES, FAR, FRESH):
        lines += _judged(collections.case_texts(), by_kind=False, queries=queries, mistyping=True)
    if has_corpus:
        passages = collections.passage_texts()
        lines += ["", f"## The cases among {len(passages)} passages"]
        for queries in (QUERIES, CHOOSING):
            lines += _judged(collections.case_texts() + passages, by_kind=False, queries=queries)
        lines += ["", "## Known items", *_known_items(passages)]
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _searches(texts: list[Text], opened: ExitStack) -> list[tuple[str, Search]]:
    """Each way to search the texts, by name."""
    found: list[tuple[str, Search]] = []
    for name, kind in (
        ("Whoosh engine", collections.whoosh_engine),
        ("PostgreSQL engine", collections.postgresql_engine),
    ):
        engine = opened.enter_context(kind())
        collections.index(engine, texts)
        found.append((name, collections.searching(engine, texts)))
    return found + [(name, make(texts)) for name, make in PLAIN.items()]


def _judged(texts: list[Text], by_kind: bool, queries: Path = QUERIES, mistyping: bool = False) -> list[str]:
    lines = ["", "| search | part | queries | nDCG@10 | recall@10 | MRR |", "|---|---|---|---|---|---|"]
    kinds = ["", "| search | kind | queries | nDCG@10 | recall@10 | MRR |", "|---|---|---|---|---|---|"]
    with ExitStack() as opened:
        for name, search in _searches(texts, opened):
            measured = evaluate(_mistyping(search) if mistyping else search, queries)
            parts = ("choosing",) if queries == CHOOSING else ("kept apart", "tuned")
            lines += [_row(name, part, measured[part, "all"]) for part in parts]
            if name not in PLAIN:
                of_kinds = sorted((key, quality) for key, quality in measured.items() if key[1] != "all")
                kinds += [_row(name, f"{kind}, {part}", quality) for (part, kind), quality in of_kinds]
    return lines + (kinds if by_kind else [])


def _mistyping(search: Search) -> Search:
    """The search, asked by somebody who makes a mistake in every query, always the same one."""
    return lambda words: search(mistyped(words, random.Random(words)))


def _row(name: str, part: str, quality: Quality) -> str:
    return f"| {name} | {part} | {quality.queries} | {quality.ndcg:.3f} | {quality.recall:.3f} | {quality.mrr:.3f} |"


def _known_items(texts: list[Text]) -> list[str]:
    items = random.Random(KNOWN_ITEMS_SEED).sample(collections.long_sections(), KNOWN_ITEMS)
    lines = ["", "| search | found in ten | MRR |", "|---|---|---|"]
    with ExitStack() as opened:
        for name, search in _searches(texts, opened):
            ranks = [reciprocal_rank(names, search(query)) for query, names in items]
            hits = sum(1 for rank in ranks if rank)
            lines.append(f"| {name} | {hits / len(ranks):.3f} | {sum(ranks) / len(ranks):.3f} |")
    return lines


if __name__ == "__main__":
    main()
