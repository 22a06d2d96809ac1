"""Which topics are looked at, on both engines: the best by their words, and all that mean it, whatever words they hold."""

from collections.abc import Callable, Collection

import pytest

from comcep.search import matching
from comcep.search.engines import Engine
from comcep.search.matching import RANKED, Allowed, Near, matches
from comcep.search.queries import parse, query_terms, things_of
from tests.search.test_engines import document


def all_alike(_one: int, _other: int) -> float:
    return 0.6


def found(engine: Engine, typed: str, alike: dict[int, float]) -> list[int]:
    near = Near(lambda topic_ids: dict.fromkeys(topic_ids, 0.55), lambda _allowed: lambda: alike, 0.8, all_alike)
    things = things_of(query_terms(typed))
    return matches(engine.open(["peers"]), things, parse(typed), 1.0, near=near).topic_ids


def test_a_topic_that_means_it_comes_first_though_hundreds_hold_more_of_its_words(engine: Engine) -> None:
    others = [document(number, posts="zqalpha zqbeta") for number in range(10, RANKED + 60)]
    engine.replace([*others, document(1, "zqalpha zqgamma"), document(2, "zqdelta")], [])

    assert found(engine, "zqalpha zqbeta", {})[0] != 1
    assert found(engine, "zqalpha zqbeta", {1: 0.95})[0] == 1
    assert found(engine, "zqalpha zqbeta", {2: 0.95})[0] == 2


def test_of_very_many_that_hold_the_words_the_best_are_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [document(number, "zqgamma") for number in range(10, 40)]
    some = [document(number, "zqalpha") for number in (1, 2, 3)]
    engine.replace([*others, *some, *(document(number, "zqalpha zqbeta") for number in (4, 5))], [])
    assert found(engine, "zqalpha zqbeta", {}) == [5, 4, 3, 2, 1]

    monkeypatch.setattr(matching, "MOST_LOOKED_AT", 2)

    assert found(engine, "zqalpha zqbeta", {}) == [5, 4]


def test_what_means_it_must_hold_the_phrases_and_nothing_that_is_left_out(engine: Engine) -> None:
    engine.replace([document(1, "zqalpha"), document(2, "zqbeta zqgamma"), document(3, "zqgamma")], [])

    assert found(engine, '"zqalpha"', {2: 0.95}) == [1]
    assert sorted(found(engine, "zqalpha -zqbeta", {2: 0.95, 3: 0.9})) == [1, 3]


def test_a_topic_is_shown_once_though_words_and_meaning_find_it(engine: Engine) -> None:
    engine.replace([document(number, "zqalpha") for number in (1, 2, 3)], [])

    assert found(engine, "zqalpha", {2: 0.9}) == [2, 3, 1]


def test_a_topic_without_the_words_must_mean_it_more_than_one_that_holds_some(engine: Engine) -> None:
    engine.replace([document(1, "zqalpha"), document(2, "zqalpha"), document(3, "zqbeta")], [])

    assert found(engine, "zqalpha", {1: 0.7, 3: 0.7}) == [1, 2]


def test_what_words_find_is_in_order_and_told_before_the_likest_are_waited_for(engine: Engine) -> None:
    engine.replace([document(1, "zqalpha"), document(2, "zqbeta")], [])
    steps: list[str] = []

    def of(topic_ids: Collection[int]) -> dict[int, float]:
        steps.append("compared")
        return dict.fromkeys(topic_ids, 0.55)

    def likest(_allowed: Allowed) -> Callable[[], dict[int, float]]:
        steps.append("asked for")

        def wait() -> dict[int, float]:
            steps.append("waited for")
            return {2: 0.9}

        return wait

    near = Near(of, likest, 0.8, all_alike)
    things, query = things_of(["zqalpha"]), parse("zqalpha")
    matches(engine.open(["peers"]), things, query, 1.0, near=near, meanwhile=lambda ids: steps.append(f"told {ids}"))

    assert steps == ["asked for", "told [1]", "compared", "waited for"]
