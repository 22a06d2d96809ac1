"""Participation by network and by region, twice a year: never crossed, never ranked, in groups that stay the same.

Both tables add up to the advisers of the whole community, which is published too: what is withheld must not follow from
the rest, so the tables are attacked together before they come out.
"""

from collections.abc import Sequence

from comcep.analytics.disclosure.cells import Published, PublishedCell, RawGroup
from comcep.analytics.disclosure.merging import merge_small
from comcep.analytics.disclosure.rounding import bounds, round_to, rounded_total
from comcep.analytics.gathering import Raw

TABLES = ("networks", "regions")
TOTAL_COST = 1000.0  # of withholding the total rather than groups: it is published always


def cells(raw: Raw, k: int, earlier: Sequence[Published], others: Sequence[PublishedCell]) -> list[PublishedCell]:
    """The cells of both tables. others: the cells of the same release, for its total of advisers."""
    groups = {table: merge_small(_groups(raw, table), k, groups_before(table, earlier)) for table in TABLES}
    shown = {
        (table, group.names): rounded_total(group.contributing, k, group.key, f"{table} contributing")
        for table in TABLES
        for group in groups[table]
    }
    total = next(cell.count for cell in others if (cell.table, cell.row) == ("community", "advisers"))
    withheld = _withheld_besides(groups, shown, total, raw.whole.advisers, k)
    made = []
    for table in TABLES:
        for group in groups[table]:
            row = " + ".join(group.names)
            registered = round_to(group.registered, k) if group.registered >= k else None
            contributing = None if (table, group.names) in withheld else shown[table, group.names]
            made.append(PublishedCell(table, row, row, "registered", registered))
            made.append(PublishedCell(table, row, row, "contributing", contributing))
    return made


def _groups(raw: Raw, table: str) -> list[RawGroup]:
    return raw.families if table == "networks" else raw.regions


def groups_before(table: str, earlier: Sequence[Published]) -> list[tuple[str, ...]]:
    """The groups of networks or of regions that the last release of that table had."""
    for published in reversed(earlier):
        if found := published.table(table):
            return sorted({tuple(cell.row.split(" + ")) for cell in found})
    return []


Place = tuple[str, tuple[str, ...]]


def _withheld_besides(
    groups: dict[str, list[RawGroup]], shown: dict[Place, int | None], total: int | None, advisers: int, k: int
) -> set[Place]:
    """The groups whose figure must be withheld too, so that no withheld one follows from the total."""
    if all(count is not None for count in shown.values()):
        return set()
    from comcep.analytics.disclosure.linked import Cell, Link, suppress  # scipy: in the background alone

    everybody = max(advisers, *(sum(group.registered for group in of_table) for of_table in groups.values()))
    known = bounds(total, k) if total is not None else (0, everybody)
    linked = [Cell("total", (0, everybody), (known[0], min(known[1], everybody)), TOTAL_COST)]
    names = {(table, group.names): f"{table}/{group.names}" for table in TABLES for group in groups[table]}
    for table in TABLES:
        for group in groups[table]:
            count = shown[table, group.names]
            interval = None if count is None else bounds(count, k)
            linked.append(Cell(names[table, group.names], (0, group.registered), interval, 1.0 + group.registered))
    links = []
    for table in TABLES:
        # Who left, or is of no group, counts in the total alone: the attacker is taken to know how many they are.
        left = advisers - sum(group.contributing for group in groups[table])
        links.append(Link({**{names[place]: 1 for place in shown if place[0] == table}, "total": -1}, -left, -left))
    taken = suppress(linked, links, k, [names[place] for place, count in shown.items() if count is None])
    return {place for place in shown if names[place] in taken}
