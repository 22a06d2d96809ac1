"""The order of topics: words first ask, then meaning of those that are worth it, and of those that mean the same."""

from collections.abc import Collection

from comcep.search.queries import things_of
from comcep.search.ranking import COMPARED_BY_MEANING, Candidate, Statistics, ranked, weighed


def candidate(topic_id: int, words: str) -> Candidate:
    return Candidate(topic_id, ([], [], words.split(), []), False, 0.0)


def test_what_topics_mean_is_asked_of_the_best_by_their_words() -> None:
    asked: list[int] = []

    def near(topic_ids: Collection[int]) -> dict[int, float]:
        asked.extend(topic_ids)
        return dict.fromkeys(topic_ids, 0.7)

    best = [candidate(number, "zqmot zqmot zqmot") for number in range(COMPARED_BY_MEANING)]
    others = [candidate(1_000 + number, "zqmot") for number in range(50)]
    alike = candidate(5_000, "zqmot zqmot zqmot")
    query = weighed(things_of(["zqmot"]), Statistics(1_000, {"zqmot": 150}))

    ordered = ranked([*others, alike, *best], query, 0.0, {5_000: 0.7}, near)

    assert set(asked) == {each.topic_id for each in best}
    assert len(asked) == len(set(asked))
    assert {each.topic_id for each in ordered} == {each.topic_id for each in [*best, *others, alike]}


def test_a_topic_whose_meaning_is_not_known_counts_as_the_others_on_average() -> None:
    query = weighed(things_of(["zqmot"]), Statistics(1_000, {"zqmot": 3}))
    far, unknown, near = (candidate(number, "zqmot") for number in (3, 2, 1))

    ordered = ranked([far, unknown, near], query, 0.0, {}, lambda _: {3: 0.55, 1: 0.85})

    assert [each.topic_id for each in ordered] == [1, 2, 3]


def test_what_is_found_by_meaning_does_not_raise_topics_of_which_nothing_is_known() -> None:
    query = weighed(things_of(["zqmot"]), Statistics(1_000, {"zqmot": 3}))
    far, unknown, alike = (candidate(number, "zqmot") for number in (3, 2, 1))

    ordered = ranked([far, unknown, alike], query, 0.0, {1: 0.95}, lambda _: {3: 0.55})

    assert [each.topic_id for each in ordered] == [1, 3, 2]
