"""The order of topics: words first ask, then meaning of those that are worth it, and of those that mean the same."""

from comcep.search.queries import things_of
from comcep.search.ranking import (
    COMPARED_BY_MEANING,
    Candidate,
    Statistics,
    ranked,
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


def in_order(compared: dict[int, float], alike: dict[int, float]) -> list[int]:
    """The order of three topics, 1 to 3, that hold the same words."""
    query = weighed(things_of(["zqmot"]), Statistics(1_000, {"zqmot": 3}))
    topics = [candidate(number, "zqmot") for number in (3, 2, 1)]
    ordered = ranked(topics, query, scores(topics, query, 0.0), compared, alike)
    return [each.topic_id for each in ordered]
