"""Disclosure control as properties: nothing small, one-sided or dominated is ever published."""

from hypothesis import given
from hypothesis import strategies as st

from comcep.analytics.disclosure.cells import NOT_COMPUTABLE, Published, PublishedCell, RawCell, RawGroup
from comcep.analytics.disclosure.merging import merge_small
from comcep.analytics.disclosure.primary import is_publishable, published_count
from comcep.analytics.disclosure.rounding import (
    bounds,
    cell_key,
    noise,
    record_key,
    round_to,
    rounded_total,
    share,
    trend,
)

ks = st.integers(3, 12)
counts = st.integers(0, 400)
keys = st.integers(0, 2**64 - 1)


@given(counts, ks)
def test_rounding_gives_the_nearest_multiple(count: int, k: int) -> None:
    rounded = round_to(count, k)

    assert rounded % k == 0
    assert 2 * abs(rounded - count) <= k


@given(
    st.builds(
        RawCell, advisers=counts, networks=st.integers(0, 5), posts=st.integers(1, 2000), most_by_one=counts, key=keys
    ),
    ks,
)
def test_a_published_cell_has_enough_advisers_networks_and_no_dominant_one(cell: RawCell, k: int) -> None:
    count = published_count(cell, k, "themes")

    if count is not None:
        assert is_publishable(cell, k)
        assert count % k == 0
        assert count >= k
        assert cell.advisers >= k
        assert cell.networks >= 2
        assert 2 * cell.most_by_one <= cell.posts
        least, most = bounds(count, k)
        assert least <= cell.advisers <= most


@given(counts, ks, keys)
def test_a_total_lies_within_the_bounds_that_the_method_states(count: int, k: int, key: int) -> None:
    total = rounded_total(count, k, key, "advisers")

    if total is None:
        assert count < 3 * k - 2
    else:
        assert count >= k
        least, most = bounds(total, k)
        assert least <= count <= most


@given(st.lists(st.integers(1, 10_000), unique=True, max_size=40), st.randoms())
def test_the_same_advisers_always_make_the_same_noise(advisers: list[int], chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = advisers[:]
    chance.shuffle(shuffled)

    drawn = [noise(cell_key([record_key(b"secret", a) for a in each]), "themes", 4) for each in (advisers, shuffled)]
    assert drawn[0] == drawn[1]
    assert -4 <= drawn[0] <= 4


def test_noise_is_spread_evenly_and_does_not_follow_from_a_member_s_number() -> None:
    drawn = [noise(record_key(b"secret", member), "themes", 4) for member in range(9_000)]

    assert all(800 < drawn.count(value) < 1200 for value in range(-4, 5))
    assert drawn != [noise(record_key(b"other", member), "themes", 4) for member in range(9_000)]


@given(counts, counts, ks, keys)
def test_a_share_is_a_percentage(part: int, whole: int, k: int, key: int) -> None:
    percentage = share(min(part, whole), whole, k, key, "solved")

    assert percentage is None or 0 <= percentage <= 100


groups = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=12)


def raw_groups(sizes: list[tuple[int, int]]) -> list[RawGroup]:
    return [
        RawGroup((f"réseau {at:02}",), registered, min(registered, active))
        for at, (registered, active) in enumerate(sizes)
    ]


@given(groups, ks)
def test_merging_leaves_no_small_group_and_loses_nobody(sizes: list[tuple[int, int]], k: int) -> None:
    raw = raw_groups(sizes)

    merged = merge_small(raw, k)

    assert sum(group.registered for group in merged) == sum(group.registered for group in raw)
    assert sum(group.contributing for group in merged) == sum(group.contributing for group in raw)
    assert sorted(name for group in merged for name in group.names) == sorted(
        name for group in raw for name in group.names
    )
    assert len(merged) == 1 or all(group.registered >= k for group in merged)
    assert merged == sorted(merged, key=lambda group: group.names)


@given(groups, st.lists(st.integers(0, 200), min_size=12, max_size=12), ks)
def test_groups_of_a_release_are_never_taken_apart_by_a_later_one(
    sizes: list[tuple[int, int]], later: list[int], k: int
) -> None:
    raw = raw_groups(sizes)
    first = [group.names for group in merge_small(raw, k)]

    grown = [RawGroup(group.names, later[at], 0) for at, group in enumerate(raw)]
    second = [group.names for group in merge_small(grown, k, first)]

    assert all(any(set(names) <= set(after) for after in second) for names in first)


def test_a_network_with_one_adviser_never_stands_alone() -> None:
    merged = merge_small([RawGroup(("grand",), 16_000, 40), RawGroup(("seul",), 1, 1)], 5)

    assert [group.names for group in merged] == [("grand", "seul")]


def test_trends_say_new_stable_up_down_and_nothing_of_what_is_withheld() -> None:
    assert [trend(10, None), trend(10, 10), trend(15, 10), trend(5, 10), trend(None, 10)] == [
        "new",
        "stable",
        "up",
        "down",
        "",
    ]


def test_what_is_published_survives_its_frozen_form() -> None:
    published = Published(
        5,
        (
            PublishedCell("themes", "jeunes", "Jeunes", "advisers", None),
            PublishedCell("demand", "jeunes", "Jeunes", "members", None, state=NOT_COMPUTABLE),
            PublishedCell("community", "posts", "messages", "count", 40),
        ),
        "private",
        0.8,
    )

    assert Published.from_data(published.as_data()) == published
    assert [cell.state for cell in published.cells] == ["withheld", "not computable", "published"]
