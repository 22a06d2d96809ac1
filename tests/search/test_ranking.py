"""The order of topics: words first ask, then meaning of those that are worth it, and of those that mean the same."""

from hypothesis import given
from hypothesis import strategies as any_of

from comcep.search.queries import things_of
from comcep.search.ranking import (
    COMPARED_BY_MEANING,
    REGULARISED,
    Candidate,
    Likeness,
    Statistics,
    ranked,
    regularised,
    scores,
    weighed,
    worth_comparing,
)


def candidate(topic_id: int, words: str) -> Candidate:
    return Candidate(topic_id, ([], [], words.split(), []), False, 0.0)


def test_what_topics_mean_is_asked_of_the_best_by_their_words() -> None:
    best = [candidate(number, "zqmot zqmot zqmot") for number in range(COMPARED_BY_MEANING)]
    others = [candidate(1_000 + number, "zqmot") for number in range(50)]
    query = weighed(things_of(["zqmot"]), Statistics(1_000, {"zqmot": 150}))

    asked = worth_comparing(scores([*others, *best], query, 0.0))

    assert sorted(asked) == [each.topic_id for each in best]


def test_a_topic_whose_meaning_is_not_known_counts_as_the_others_on_average() -> None:
    assert in_order({3: 0.55, 1: 0.85}, {}) == [1, 2, 3]


def test_what_is_found_by_meaning_does_not_raise_topics_of_which_nothing_is_known() -> None:
    assert in_order({3: 0.55}, {1: 0.95}) == [1, 3, 2]
    assert in_order({3: 0.55, 1: 0.95}, {1: 0.95}) == [1, 3, 2]


def test_a_topic_gains_by_what_means_the_same_and_answers_better() -> None:
    near = {1: 0.9, 2: 0.61, 3: 0.6}

    assert in_order(near, {}) == [1, 2, 3]
    assert in_order(near, {}, lambda one, other: 0.95 if {one, other} == {1, 3} else 0.5) == [1, 3, 2]


def test_a_topic_that_was_not_among_the_best_stays_behind_them() -> None:
    best = [candidate(number, "zqmot zqmot zqmot") for number in range(REGULARISED)]
    last = candidate(1_000, "zqmot")
    query = weighed(things_of(["zqmot"]), Statistics(1_000, {"zqmot": 150}))
    near = dict.fromkeys(range(REGULARISED), 0.6) | {0: 0.5, 1_000: 0.55}

    ordered = ranked([last, *best], query, scores([last, *best], query, 0.0), near, {}, all_alike)

    assert ordered[-1] is last


@given(
    own=any_of.dictionaries(any_of.integers(1, 30), any_of.floats(0, 1_000), max_size=8),
    cosines=any_of.lists(any_of.floats(-1, 1), min_size=9, max_size=9),
)
def test_a_score_is_drawn_no_further_than_the_best_and_the_least(own: dict[int, float], cosines: list[float]) -> None:
    drawn = regularised(own, lambda one, other: cosines[(one + other) % 9])

    assert drawn.keys() == own.keys()
    for score in drawn.values():
        assert min(own.values()) - 1e-9 <= score <= max(own.values()) + 1e-9


def all_alike(_one: int, _other: int) -> float:
    return 0.6


def in_order(compared: dict[int, float], alike: dict[int, float], likeness: Likeness = all_alike) -> list[int]:
    """The order of three topics, 1 to 3, that hold the same words."""
    query = weighed(things_of(["zqmot"]), Statistics(1_000, {"zqmot": 3}))
    topics = [candidate(number, "zqmot") for number in (3, 2, 1)]
    ordered = ranked(topics, query, scores(topics, query, 0.0), compared, alike, likeness)
    return [each.topic_id for each in ordered]
