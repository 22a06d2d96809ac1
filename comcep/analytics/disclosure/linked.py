"""What linked tables and earlier releases tell together: the attack by programming, and the suppression that defeats
it.

The attack asks, of every withheld cell, the least and the most it can be, given all that is known: each published
cell's interval, each cell's public bounds, and the sums that link them. The suppression chooses the cheapest set of
further cells to withhold so that none can be bounded to fewer than k values: a mixed-integer programme whose
conditions are found one attack at a time, from the dual of the attack (Benders' decomposition; Fischetti and Salazar,
"Solving the cell suppression problem on tabular data with linear constraints", Management Science 2001). Exact; its
result is attacked again by integer programming before it is returned. Costs are those of a few hundred cells:
seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix

Interval = tuple[int, int]
MOST_ROUNDS = 200  # of the decomposition; far more than was ever needed (docs/anonymity.md)
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Cell:
    """A count. known: what everybody knows of it anyway; shown: the interval its publication would give; cost: of
    withholding it, none for a cell that is withheld already or never published."""

    name: str
    known: Interval
    shown: Interval | None = None
    cost: float = 1.0

    @property
    def is_withheld(self) -> bool:
        return self.shown is None


@dataclass(frozen=True)
class Link:
    """A sum of cells, each times its factor, that lies between two bounds; a total is a link of bounds 0 and 0."""

    factors: Mapping[str, int]
    at_least: float = 0.0
    at_most: float = 0.0


class Impossible(ValueError):
    """The figures contradict each other: no table could have given them."""


def intervals(cells: Sequence[Cell], links: Sequence[Link], asked: Iterable[str] = ()) -> dict[str, Interval]:
    """The least and the most that each withheld cell can be, by integer programming; only those asked for, when any is.

    Raises Impossible.
    """
    tables = _Tables(cells, links)
    wanted = set(asked) or {cell.name for cell in cells if cell.is_withheld}
    return {name: tables.integer_interval(tables.at[name]) for name in sorted(wanted)}


def suppress(cells: Sequence[Cell], links: Sequence[Link], k: int, sensitive: Iterable[str]) -> set[str]:
    """The names of the cells to withhold besides those withheld already, so that no sensitive cell can be bounded to
    fewer than k values; or, where public bounds and earlier releases alone hold it to fewer, to no fewer than they do.

    Raises Impossible when the figures contradict each other.
    """
    if not cells:
        return set()
    tables = _Tables(cells, links)
    asked = [tables.at[name] for name in sorted(set(sensitive)) if tables.public_width(tables.at[name]) >= k - 1]
    master = _Master(tables)
    for _ in range(MOST_ROUNDS):
        withheld = master.solve()
        if not _add_conditions(tables, master, withheld, asked, k):
            return {tables.names[at] for at in withheld}
    raise Impossible("the suppression did not come to an end")


def _add_conditions(tables: "_Tables", master: "_Master", withheld: set[int], asked: list[int], k: int) -> bool:
    """Attack every cell asked about; a condition for each that gives way. Whether there was any."""
    lower, upper = tables.bounds(withheld)
    seen_least, seen_most = np.full(len(tables.names), np.inf), np.full(len(tables.names), -np.inf)
    broken = False
    for at in asked:
        if seen_most[at] - seen_least[at] >= k - 1 - TOLERANCE:
            continue  # solutions found for other cells already show it wide enough
        upwards = tables.towards(at)
        most, least = tables.extreme(upwards, lower, upper), tables.extreme(-upwards, lower, upper)
        for solution in (most.values, least.values):
            seen_least, seen_most = np.minimum(seen_least, solution), np.maximum(seen_most, solution)
        if tables.is_too_narrow(at, most.values[at] - least.values[at] + TOLERANCE, k):
            master.require_width(most, least, min(k - 1, tables.widest(at)))
            broken = True
    return broken or _holds_not_for_whole_numbers(tables, master, withheld, asked, k)


def _holds_not_for_whole_numbers(
    tables: "_Tables", master: "_Master", withheld: set[int], asked: list[int], k: int
) -> bool:
    """The relaxation is wide enough for every cell; whether the integer programme is not, and so forbids this
    choice."""
    for at in asked:
        least, most = tables.integer_interval(at, withheld)
        if tables.is_too_narrow(at, most - least, k):
            master.require_more_than(withheld)
            return True
    return False


@dataclass(frozen=True)
class _Extreme:
    """An attack's solution: the value of every cell, and what each cell's bounds contribute to the extreme."""

    values: np.ndarray
    reduced: (
        np.ndarray
    )  # the dual's price of each cell: positive, its upper bound holds the extreme; negative, its lower
    constant: float  # contributed by the links


class _Tables:
    """Cells and links as matrices. A cell that is withheld lies within its public bounds, one shown within both."""

    def __init__(self, cells: Sequence[Cell], links: Sequence[Link]) -> None:
        self.cells = list(cells)
        self.names = [cell.name for cell in cells]
        self.at = {name: at for at, name in enumerate(self.names)}
        self.known = np.array([cell.known for cell in cells], dtype=float).reshape(len(cells), 2)
        shown = [_within(cell.shown or cell.known, cell.known) for cell in cells]
        self.shown = np.array(shown, dtype=float).reshape(len(cells), 2)
        rows = [at for at, link in enumerate(links) for _ in link.factors]
        columns = [self.at[name] for link in links for name in link.factors]
        factors = [float(factor) for link in links for factor in link.factors.values()]
        self.matrix = csr_matrix((factors, (rows, columns)), shape=(len(links), len(cells)))
        self.at_least = np.array([link.at_least for link in links], dtype=float)
        self.at_most = np.array([link.at_most for link in links], dtype=float)
        self._widest: dict[int, int] = {}

    def public_width(self, at: int) -> float:
        return float(self.known[at, 1] - self.known[at, 0])

    def bounds(self, withheld: set[int]) -> tuple[np.ndarray, np.ndarray]:
        taken = sorted(withheld)
        lower, upper = self.shown[:, 0].copy(), self.shown[:, 1].copy()
        lower[taken], upper[taken] = self.known[taken, 0], self.known[taken, 1]
        return lower, upper

    def towards(self, at: int) -> np.ndarray:
        """The direction in which a cell grows."""
        return np.eye(len(self.names))[at]

    def extreme(self, direction: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> _Extreme:
        """The furthest that cells can be in a direction over the reals, with its dual."""
        stacked, limits = self._one_sided()
        found = linprog(
            -direction, A_ub=stacked, b_ub=limits, bounds=np.column_stack([lower, upper]), method="highs"
        )  # fmt: skip
        if not found.success:
            raise Impossible("the figures contradict each other")
        prices = -found.ineqlin.marginals
        return _Extreme(found.x, direction - stacked.T @ prices, float(prices @ limits))

    def widest(self, at: int) -> int:
        """How wide the interval of a cell is with every cell withheld: nothing shown here makes it narrower than
        that."""
        if at not in self._widest:
            least, most = self.integer_interval(at, set(range(len(self.names))))
            self._widest[at] = most - least
        return self._widest[at]

    def is_too_narrow(self, at: int, width: float, k: int) -> bool:
        """Fewer than k values, where withholding more can make it wider."""
        return width < k - 1 and width < self.widest(at)

    def integer_interval(self, at: int, withheld: set[int] | None = None) -> Interval:
        lower, upper = self.bounds(withheld or set())
        links = LinearConstraint(self.matrix, self.at_least, self.at_most)
        found = []
        for objective in (self.towards(at), -self.towards(at)):
            best = milp(objective, constraints=links, bounds=Bounds(lower, upper), integrality=np.ones(len(lower)))
            if best.x is None:
                raise Impossible("the figures contradict each other")
            found.append(round(best.x[at]))
        return found[0], found[1]

    def _one_sided(self) -> tuple[csr_matrix, np.ndarray]:
        above, below = np.isfinite(self.at_most), np.isfinite(self.at_least)
        stacked = np.concatenate([self.matrix.toarray()[above], -self.matrix.toarray()[below]])
        return csr_matrix(stacked), np.concatenate([self.at_most[above], -self.at_least[below]])


class _Master:
    """Which cells to withhold besides: the cheapest choice under the conditions found so far."""

    def __init__(self, tables: _Tables) -> None:
        self._tables = tables
        self._free = np.array([not cell.is_withheld for cell in tables.cells])
        self._costs = np.array([cell.cost for cell in tables.cells])
        self._rows: list[np.ndarray] = []
        self._limits: list[float] = []

    def solve(self) -> set[int]:
        """Raises Impossible when no choice is enough."""
        conditions = [LinearConstraint(np.array(self._rows), np.array(self._limits), np.inf)] if self._rows else []
        chosen = milp(
            self._costs, constraints=conditions, bounds=Bounds(0, self._free.astype(float)),
            integrality=np.ones(len(self._costs)),
        )  # fmt: skip
        if chosen.x is None:
            raise Impossible("withholding everything would not be enough")
        return {int(at) for at in np.flatnonzero(chosen.x.round())}

    def require_width(self, most: _Extreme, least: _Extreme, width: float) -> None:
        """By weak duality no choice gives a wider interval than these prices allow: it must allow enough."""
        gained = np.zeros(len(self._costs))
        fixed = 0.0
        for extreme in (most, least):
            up, down = np.maximum(extreme.reduced, 0), np.minimum(extreme.reduced, 0)
            shown, known = self._tables.shown, self._tables.known
            fixed += extreme.constant + up @ shown[:, 1] + down @ shown[:, 0]
            gained += up * (known[:, 1] - shown[:, 1]) + down * (known[:, 0] - shown[:, 0])
        self._rows.append(gained)
        self._limits.append(width - fixed - TOLERANCE)

    def require_more_than(self, withheld: set[int]) -> None:
        """At least one cell that this choice shows must be withheld."""
        self._rows.append(np.array([float(at not in withheld) for at in range(len(self._costs))]))
        self._limits.append(1.0)


def _within(shown: Interval, known: Interval) -> Interval:
    return max(shown[0], known[0]), min(shown[1], known[1])
