"""Linked tables: the attack bounds what it should, and what the suppression gives withstands it."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comcep.analytics.disclosure import linked
from comcep.analytics.disclosure.linked import Cell, Impossible, Link, intervals, suppress

K = 5


def row(
    total: tuple[int, int], **cells: tuple[tuple[int, int], tuple[int, int] | None]
) -> tuple[list[Cell], list[Link]]:
    """One row of a table: its total and its cells, each with what is known and what its publication shows."""
    made = [Cell("total", total, cost=0.0), *(Cell(name, known, shown) for name, (known, shown) in cells.items())]
    return made, [Link({**dict.fromkeys(cells, 1), "total": -1})]


def test_a_withheld_cell_follows_from_its_margin_when_the_others_are_exact() -> None:
    cells, links = row((20, 20), a=((0, 20), (8, 8)), b=((0, 20), (9, 9)), c=((0, 20), None))

    assert intervals(cells, links, ["c"]) == {"c": (3, 3)}


def test_then_another_cell_is_withheld_the_cheapest_that_is_enough() -> None:
    cells, links = row((20, 20), a=((0, 20), (8, 8)), b=((0, 20), (9, 9)), c=((0, 20), None))
    cells = [Cell(c.name, c.known, c.shown, 3.0 if c.name == "a" else c.cost) for c in cells]

    assert suppress(cells, links, K, ["c"]) == {"b"}


def test_nothing_more_is_withheld_when_the_intervals_are_wide_enough_already() -> None:
    cells, links = row((20, 20), a=((0, 20), (6, 10)), b=((0, 20), (6, 10)), c=((0, 20), None))

    assert suppress(cells, links, K, ["c"]) == set()


def test_what_everybody_knows_is_no_secret_of_the_tables() -> None:
    cells, links = row((10, 10), a=((0, 20), (8, 8)), c=((0, 2), None))

    assert suppress(cells, links, K, ["c"]) == set()


def test_an_earlier_release_that_bounds_the_total_is_part_of_the_attack() -> None:
    cells, links = row((0, 60), a=((0, 40), (20, 22)), b=((0, 20), None))
    cells.append(Cell("before", (40, 42), cost=0.0))
    links.append(Link({"total": 1, "before": -1}, 0, float("inf")))  # the year holds at least the period

    assert intervals(cells, links, ["b"]) == {"b": (18, 20)}
    assert suppress(cells, links, K, ["b"]) == {"a"}


def test_what_earlier_releases_give_away_alone_is_not_made_narrower() -> None:
    cells, links = row((0, 60), a=((0, 12), (5, 12)), b=((0, 20), None))
    cells.append(Cell("before", (29, 31), cost=0.0))
    links.append(Link({"total": 1, "before": -1}, 0, float("inf")))

    assert intervals(cells, links, ["b"]) == {"b": (17, 20)}
    assert suppress(cells, links, K, ["b"]) == set()


def test_figures_that_contradict_each_other_are_said_to() -> None:
    cells, links = row((50, 50), a=((0, 20), (8, 8)), c=((0, 5), None))

    with pytest.raises(Impossible):
        intervals(cells, links)


@pytest.mark.parametrize(("known", "withheld"), [((0, 4), {"a"}), ((0, 3), set())])
def test_a_cell_that_everybody_knows_to_fewer_than_k_values_is_not_protected_and_one_of_k_is(
    known: tuple[int, int], withheld: set[str]
) -> None:
    cells, links = row((10, 10), a=((0, 20), (8, 8)), c=(known, None))

    assert suppress(cells, links, K, ["c"]) == withheld


@pytest.mark.parametrize(("spread", "withheld"), [(4, set()), (3, {"a"})])
def test_k_values_are_enough_and_one_less_is_not(spread: int, withheld: set[str]) -> None:
    cells, links = row((20, 20), a=((0, 20), (8, 8 + spread)), c=((0, 20), None))

    assert suppress(cells, links, K, ["c"]) == withheld


def test_what_is_withheld_and_not_sensitive_is_left_narrow() -> None:
    """As a cell that is withheld to protect another."""
    cells, links = row((20, 20), a=((0, 20), (8, 8)), c=((0, 20), None))

    assert suppress(cells, links, K, []) == set()
    assert suppress([], [], K, []) == set()


def test_every_sensitive_cell_is_protected_by_as_many_others_as_that_takes() -> None:
    first, first_links = row((20, 20), a=((0, 20), (8, 8)), c=((0, 20), None))
    second = [Cell(f"{cell.name}2", cell.known, cell.shown, cell.cost) for cell in first]
    second_links = [Link({f"{name}2": factor for name, factor in first_links[0].factors.items()})]

    assert suppress(first + second, first_links + second_links, K, ["c", "c2"]) == {"a", "a2"}


def test_one_cell_in_two_sums_is_cheaper_than_two_in_one_each() -> None:
    cells = [Cell(name, (0, 20), None) for name in ("c", "d")]
    cells += [Cell("a", (0, 20), (8, 8)), Cell("b", (0, 20), (8, 8)), Cell("both", (0, 20), (3, 3), cost=1.9)]
    links = [Link({"c": 1, "a": 1, "both": 1}, 20, 20), Link({"d": 1, "b": 1, "both": 1}, 20, 20)]

    assert suppress(cells, links, K, ["c", "d"]) == {"both"}
    dearer = [Cell(cell.name, cell.known, cell.shown, 2.1 if cell.name == "both" else 1.0) for cell in cells]
    assert suppress(dearer, links, K, ["c", "d"]) == {"a", "b"}


def test_a_published_cell_is_known_from_its_figure_and_from_what_is_known_anyway() -> None:
    cells, links = row((20, 20), a=((5, 9), (3, 12)), c=((0, 20), None))

    assert intervals(cells, links, ["c"]) == {"c": (11, 15)}
    assert intervals(cells, links, ["a"]) == {"a": (5, 9)}


def test_a_sum_may_be_known_from_one_side_only_or_from_none_and_a_cell_may_be_in_no_sum() -> None:
    cells = [Cell("a", (0, 20), None), Cell("b", (0, 20), (8, 8)), Cell("alone", (2, 7), None)]
    infinite = float("inf")

    assert intervals(cells, [Link({"a": 1, "b": 1}, 10, infinite)]) == {"a": (2, 20), "alone": (2, 7)}
    assert intervals(cells, [Link({"a": 1, "b": 1}, -infinite, 10)]) == {"a": (0, 2), "alone": (2, 7)}
    assert intervals(cells, []) == {"a": (0, 20), "alone": (2, 7)}
    assert suppress(cells, [Link({"a": 1, "b": 1}, -infinite, 10)], K, ["a", "alone"]) == {"b"}
    assert suppress(cells, [Link({"a": 1, "b": 1}, 26, infinite)], K, ["a", "alone"]) == {"b"}
    assert suppress(cells, [], K, ["a", "alone"]) == set()


def test_figures_that_contradict_each_other_are_not_protected_either() -> None:
    cells, links = row((50, 50), a=((0, 20), (8, 8)), c=((0, 5), None))

    with pytest.raises(Impossible, match="contradict"):
        suppress(cells, links, K, ["c"])


def test_a_cell_that_only_whole_numbers_hold_narrow_is_made_wide_too() -> None:
    """Between 0.5 and 4.5 as fractions, which seems wide enough; of whole numbers that leaves 1 to 4."""
    cells = [Cell("a", (0, 40), (8, 8)), Cell("far", (0, 40), (8, 8), cost=3.0), Cell("c", (0, 20), None)]
    links = [Link({"c": 2, "a": -1}, -7, 1)]

    assert intervals(cells, links, ["c"]) == {"c": (1, 4)}
    assert suppress(cells, links, K, ["c"]) == {"a"}


def test_an_attack_that_does_not_come_to_an_end_publishes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linked, "MOST_ROUNDS", 1)
    cells, links = row((20, 20), a=((0, 20), (8, 8)), b=((0, 20), (9, 9)), c=((0, 20), None))

    with pytest.raises(Impossible, match="end"):
        suppress(cells, links, K, ["c"])


tables = st.lists(st.lists(st.integers(0, 14), min_size=2, max_size=4), min_size=2, max_size=3).filter(
    lambda rows: len({len(row) for row in rows}) == 1
)


def as_cells(rows: list[list[int]], spread: int) -> tuple[list[Cell], list[Link], list[str]]:
    """A table whose cells from K on are shown to within a spread, with exact totals of rows and columns."""
    cells, links, sensitive = [], [], []
    for r, c in itertools.product(range(len(rows)), range(len(rows[0]))):
        value, name = rows[r][c], f"{r}/{c}"
        shown = (max(K, value - spread), value + spread) if value >= K else None
        cells.append(Cell(name, (0, 40), shown))
        if shown is None:
            sensitive.append(name)
    for r, line in enumerate(rows):
        links.append(Link({f"{r}/{c}": 1 for c in range(len(line))}, sum(line), sum(line)))
    for c in range(len(rows[0])):
        total = sum(line[c] for line in rows)
        links.append(Link({f"{r}/{c}": 1 for r in range(len(rows))}, total, total))
    return cells, links, sensitive


@settings(max_examples=25)
@given(tables, st.integers(0, 2))
def test_no_withheld_cell_can_be_bounded_to_fewer_than_k_values(rows: list[list[int]], spread: int) -> None:
    cells, links, sensitive = as_cells(rows, spread)
    everything = intervals([Cell(cell.name, cell.known) for cell in cells], links, sensitive) if sensitive else {}
    if any(most - least < K - 1 for least, most in everything.values()):
        return  # the margins alone give it away, whatever is withheld

    withheld = suppress(cells, links, K, sensitive)

    left = [Cell(cell.name, cell.known, None if cell.name in withheld else cell.shown) for cell in cells]
    for least, most in (intervals(left, links, sensitive) if sensitive else {}).values():
        assert most - least >= K - 1


@settings(max_examples=10)
@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=2), st.integers(0, 1))
def test_no_cheaper_choice_would_do(rows: list[list[int]], spread: int) -> None:
    cells, links, sensitive = as_cells(rows, spread)
    everything = intervals([Cell(cell.name, cell.known) for cell in cells], links, sensitive) if sensitive else {}
    if any(most - least < K - 1 for least, most in everything.values()):
        return
    withheld = suppress(cells, links, K, sensitive)
    free = [cell.name for cell in cells if cell.shown is not None]

    for size in range(len(withheld)):
        for choice in itertools.combinations(free, size):
            left = [Cell(cell.name, cell.known, None if cell.name in choice else cell.shown) for cell in cells]
            found = intervals(left, links, sensitive)
            assert any(most - least < K - 1 for least, most in found.values()), choice
