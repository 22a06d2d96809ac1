"""Search finds what advisers mean: a floor under the figures of docs/search-quality.md, and the two engines alike."""

from collections.abc import Iterator

import pytest

from comcep.search.engines import Engine
from comcep.text import embedding
from tests import databases
from tests.benchmarks import collections
from tests.search.evaluation import evaluate, judged
from tests.sentences.middle import middle


@pytest.fixture(params=["whoosh", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "postgresql":
        databases.require_postgresql()
    kind = collections.whoosh_engine if request.param == "whoosh" else collections.postgresql_engine
    with kind() as made:
        yield made


def test_the_cases_are_found_by_the_words_advisers_type(engine: Engine) -> None:
    texts = collections.case_texts()
    collections.index(engine, texts)

    measured = evaluate(collections.searching(engine, texts))
    assert measured["kept apart", "all"].ndcg >= 0.85
    assert measured["kept apart", "all"].recall >= 0.90
    assert measured["tuned", "all"].ndcg >= 0.92


def test_signs_are_told_from_the_middle_of_the_cases() -> None:
    assert embedding.MIDDLE.read_bytes() == middle()


def test_the_set_is_large_and_a_third_is_kept_apart() -> None:
    apart = [query for query in judged() if query.is_kept_apart]
    assert len(judged()) >= 120
    assert 0.25 <= len(apart) / len(judged()) <= 0.42
    assert len({query.words for query in judged()}) == len(judged())
