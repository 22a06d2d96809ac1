"""One figure at a time, to the adviser: from where it is shown, what its noise and its rounding can hide, and that both
stay the same from one version of the program to the next."""

import itertools
from dataclasses import replace

import pytest

from comcep.analytics.disclosure.cells import Published, PublishedCell, RawCell, RawGroup
from comcep.analytics.disclosure.merging import merge_small
from comcep.analytics.disclosure.primary import is_publishable, published_count
from comcep.analytics.disclosure.private import PrivateTable, most_written, noisy
from comcep.analytics.disclosure.rounding import (
    bounds,
    cell_key,
    noise,
    record_key,
    round_to,
    rounded_total,
    share,
)

K = 5


def key_with(**drawn: int) -> int:
    """A key that draws this noise for what is counted under these names (of which a blank is written _)."""
    return next(
        key
        for key in itertools.count()
        if all(noise(key, what.replace("_", " "), K - 1) == value for what, value in drawn.items())
    )


@pytest.mark.parametrize(
    ("advisers", "drawn", "shown"),
    [(5, 4, 10), (5, 3, None), (8, 0, None), (9, 0, 10), (12, -4, None), (13, -4, 10), (4, 4, None), (20, 4, 25)],
)
def test_a_cell_and_a_total_show_from_twice_k_less_one_after_noise(
    advisers: int, drawn: int, shown: int | None
) -> None:
    """So five advisers can already show, one time in nine, and thirteen always do: none of them alone decides."""
    key = key_with(themes=drawn)

    assert published_count(RawCell(advisers, 2, 40, 20, key), K, "themes") == shown
    assert rounded_total(advisers, K, key, "themes") == shown


@pytest.mark.parametrize(
    ("cell", "shows"),
    [
        (RawCell(5, 2, 10, 5), True),
        (RawCell(4, 2, 10, 5), False),
        (RawCell(5, 1, 10, 5), False),
        (RawCell(5, 2, 10, 6), False),
        (RawCell(40, 1, 400, 10), False),
        (RawCell(4, 4, 400, 100), False),
    ],
)
def test_a_cell_needs_k_advisers_two_networks_and_nobody_with_more_than_half(cell: RawCell, shows: bool) -> None:
    assert is_publishable(cell, K) is shows
    count = published_count(replace(cell, key=key_with(themes=4)), K, "themes")
    assert (count is not None) is shows


@pytest.mark.parametrize("base", [3, 4, 5, 6])
def test_the_bounds_stated_of_a_figure_are_the_least_and_the_most_that_the_method_can_have_made_it_of(
    base: int,
) -> None:
    """Too narrow, the attack on linked tables would trust what is not so; too wide, it would miss what follows."""
    made_of: dict[int, set[int]] = {}
    for count, drawn in itertools.product(range(12 * base), range(1 - base, base)):
        if count + drawn >= 2 * base - 1:
            made_of.setdefault(round_to(count + drawn, base), set()).add(count)

    for published in range(2 * base, 10 * base, base):
        assert bounds(published, base) == (min(made_of[published]), max(made_of[published]))


def test_a_half_is_rounded_up() -> None:
    assert [round_to(count, 4) for count in (0, 1, 2, 5, 6, 7, 10)] == [0, 0, 4, 4, 8, 8, 12]


def test_the_noise_stays_the_same_from_version_to_version() -> None:
    """A version that drew anew for the same advisers would give a second look at each figure: two halve the noise."""
    keys = [record_key(b"secret", member) for member in range(1, 6)]

    assert keys[:2] == [5981923289694792935, 13421786946395103343]
    assert cell_key(keys) == 13526523324220719571
    assert [noise(cell_key(keys[:many]), "themes", 4) for many in range(1, 6)] == [-2, 2, 4, -4, 1]
    assert [noise(cell_key(keys), what, 9) for what in ("advisers", "posts", "topics")] == [-1, 7, -7]


@pytest.mark.parametrize("many", [2, 3, 5])
def test_a_merged_group_has_the_key_of_all_its_advisers(many: int) -> None:
    keys = [record_key(b"secret", member) for member in range(1, many + 1)]
    alone = [RawGroup((f"réseau {at}",), 1, 1, key) for at, key in enumerate(keys)]

    [together] = merge_small(alone, many)

    assert (together.registered, together.contributing, together.key) == (many, many, cell_key(keys))


def test_a_group_of_k_registered_stays_alone_and_a_smaller_one_joins_the_next_smallest() -> None:
    sizes = {"a": 30, "b": 5, "c": 4, "d": 6}

    merged = merge_small([RawGroup((name,), size, size) for name, size in sizes.items()], K)

    assert [group.names for group in merged] == [("a",), ("b", "c"), ("d",)]
    assert merge_small([RawGroup(("a",), 5, 1), RawGroup(("b",), 9, 1)], K) == [
        RawGroup(("a",), 5, 1),
        RawGroup(("b",), 9, 1),
    ]


def test_groups_stay_together_when_the_ones_of_the_last_release_have_grown_and_new_ones_stand_apart() -> None:
    groups = [RawGroup((name,), size, 2) for name, size in (("a", 9), ("b", 8), ("new", 7))]

    merged = merge_small(groups, K, before=[("a", "b"), ("gone",)])

    assert merged == [RawGroup(("a", "b"), 17, 4), RawGroup(("new",), 7, 2)]


@pytest.mark.parametrize(
    ("part", "whole", "drawn", "percentage"),
    [
        (75, 100, (0, 0), 75),
        (100, 100, (4, -4), 100),  # 105 of 95
        (0, 100, (-4, 0), 0),  # of −5
        (9, 20, (4, 0), 75),  # 15 of 20
        (8, 9, (0, 0), 100),
        (8, 8, (0, 0), None),
        (0, 8, (0, 1), 0),
    ],
)
def test_a_share_is_of_figures_with_noise_and_stays_within_nothing_and_everything(
    part: int, whole: int, drawn: tuple[int, int], percentage: int | None
) -> None:
    assert share(part, whole, K, key_with(s_part=drawn[0], s_whole=drawn[1]), "s") == percentage


def test_a_figure_is_found_by_its_table_row_and_column() -> None:
    advisers, members = (PublishedCell("themes", "jeunes", "Jeunes", column, 10) for column in ("advisers", "members"))
    posts = PublishedCell("community", "posts", "Messages", "count", None)
    published = Published(K, (advisers, members, posts))

    assert published.table("themes") == [advisers, members]
    assert published.cell("themes", "jeunes", "members") == members
    assert published.cell("themes", "posts", "count") is None
    assert [cell.state for cell in published.cells] == ["published", "published", "withheld"]


@pytest.mark.parametrize(("scale", "from_which"), [(2.0, 13), (4.0, 21), (8.0, 37)])
def test_the_private_threshold_is_passed_by_noise_alone_one_time_in_a_hundred(scale: float, from_which: int) -> None:
    """The tail of Laplace noise, exp(−x/scale)/2, at the threshold less k."""
    table = PrivateTable({"under": from_which - 1, "at": from_which}, scale, epsilon=1.0)

    assert table.published("under", K) is None
    assert table.published("at", K) == round_to(from_which, K)


def test_the_private_mode_spends_what_it_was_given_and_draws_noise_of_that_width() -> None:
    counts = {f"thème {number}": 100 for number in range(400)}

    table = noisy(counts, sensitivity=2, epsilon=0.5)

    assert table.scale == 4
    assert 0.49 < table.epsilon < 0.51
    assert list(table.counts) == list(counts)
    away = [abs(count - 100) for count in table.counts.values()]
    assert 3 < sum(away) / len(away) < 5  # the mean of Laplace noise is its scale; five standard deviations either way


def test_an_adviser_adds_to_the_two_themes_they_wrote_most_about_by_name_among_equals() -> None:
    assert most_written({"c": 1, "b": 3, "d": 3, "a": 3}) == ["a", "b"]
    assert most_written({"a": 1, "c": 2}) == ["c", "a"]
    assert most_written({"a": 1}) == ["a"]
