"""The attack by programming: how narrowly can what is withheld be bounded, from everything a release says together?"""

from dataclasses import dataclass

from comcep.analytics.disclosure.cells import Published
from comcep.analytics.disclosure.linked import Cell, Link, intervals
from comcep.analytics.disclosure.merging import merge_small
from comcep.analytics.disclosure.rounding import bounds
from comcep.analytics.gathering import Raw

K = 5


@dataclass(frozen=True)
class Bounded:
    """Withheld cells that the public list does not bound already: how many, the narrowest, how many are known exactly."""

    withheld: int
    narrowest: int | None
    exact: int


def participation(published: Published, raw: Raw) -> Bounded:
    """Bound what each group's members who wrote may be; the attacker knows the list of members, the total, the method."""
    total = published.cell("community", "advisers", "count")
    everybody = max(raw.whole.advisers, sum(group.registered for group in raw.families))
    known = bounds(total.count, K) if total is not None and total.count is not None else (0, everybody)
    cells = [Cell("total", (known[0], min(known[1], everybody)))]
    links, asked = [], []
    for table, groups in (("networks", raw.families), ("regions", raw.regions)):
        merged = merge_small(groups, K)
        for group in merged:
            name = f"{table}/{' + '.join(group.names)}"
            cell = published.cell(table, " + ".join(group.names), "contributing")
            shown = bounds(cell.count, K) if cell is not None and cell.count is not None else None
            cells.append(Cell(name, (0, group.registered), shown))
            if shown is None and group.registered >= K - 1:
                asked.append(name)
        left = raw.whole.advisers - sum(group.contributing for group in merged)
        links.append(Link({**{f"{table}/{' + '.join(g.names)}": 1 for g in merged}, "total": -1}, -left, -left))
    found = intervals(cells, links, asked) if asked else {}
    widths = [most - least + 1 for least, most in found.values()]
    return Bounded(len(asked), min(widths, default=None), sum(width == 1 for width in widths))
