"""Disclosure control as properties: nothing small, one-sided or dominated is ever published."""

from hypothesis import given
from hypothesis import strategies as st

from comcep.analytics.disclosure import (
    Published,
    PublishedCell,
    RawCell,
    RawGroup,
    is_publishable,
    merge_small,
    published_count,
    round_to,
    rounded_total,
    share,
    trend,
)

ks = st.integers(3, 12)
counts = st.integers(0, 400)


@given(counts, ks)
def test_rounding_gives_the_nearest_multiple(count: int, k: int) -> None:
    rounded = round_to(count, k)

    assert rounded % k == 0
    assert 2 * abs(rounded - count) <= k


@given(
    st.builds(RawCell, advisers=counts, networks=st.integers(0, 5), posts=st.integers(1, 2000), most_by_one=counts), ks
)
def test_a_published_cell_has_enough_advisers_networks_and_no_dominant_one(cell: RawCell, k: int) -> None:
    count = published_count(cell, k)

    if count is None:
        assert not is_publishable(cell, k)
    else:
        assert count >= k
        assert cell.advisers >= k
        assert cell.networks >= 2
        assert 2 * cell.most_by_one <= cell.posts


@given(st.integers(0, 11), ks)
def test_withheld_totals_all_look_the_same(count: int, k: int) -> None:
    assert (rounded_total(count, k) is None) == (count < k)


@given(counts, counts, ks)
def test_a_share_is_a_percentage_computed_from_rounded_counts(part: int, whole: int, k: int) -> None:
    percentage = share(min(part, whole), whole, k)

    if percentage is not None:
        assert 0 <= percentage <= 100
        again = share(round_to(min(part, whole), k), round_to(whole, k), k)
        assert again == percentage


groups = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=12)


@given(groups, ks)
def test_merging_leaves_no_small_group_and_loses_nobody(sizes: list[tuple[int, int]], k: int) -> None:
    raw = [
        RawGroup((f"réseau {at}",), registered, min(registered, active))
        for at, (registered, active) in enumerate(sizes)
    ]

    merged = merge_small(raw, k)

    assert sum(group.registered for group in merged) == sum(group.registered for group in raw)
    assert sum(group.contributing for group in merged) == sum(group.contributing for group in raw)
    assert sorted(name for group in merged for name in group.names) == sorted(
        name for group in raw for name in group.names
    )
    assert len(merged) == 1 or all(group.registered >= k for group in merged)
    assert merged == sorted(merged, key=lambda group: group.names)


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
            PublishedCell("community", "posts", "messages", "count", 40),
        ),
    )

    assert Published.from_data(published.as_data()) == published
