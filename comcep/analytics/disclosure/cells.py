"""The two types of a figure: raw, which never leaves analytics, and published, the only one that pages and exports
know."""

from dataclasses import asdict, dataclass
from functools import cached_property

PUBLISHED = "published"
WITHHELD = "withheld"  # for whatever reason: all look the same
NOT_COMPUTABLE = "not computable"  # nothing to compute it from, whoever wrote: not a secret


@dataclass(frozen=True)
class RawCell:
    """What a cell rests on: distinct advisers, distinct networks, posts, the posts of its most active adviser, and
    the sum of its advisers' record keys (the cell-key method: the same advisers always make the same key)."""

    advisers: int
    networks: int
    posts: int
    most_by_one: int
    key: int = 0


@dataclass(frozen=True)
class RawGroup:
    """Members registered and contributing of one network family or region, or of several merged ones."""

    names: tuple[str, ...]
    registered: int
    contributing: int
    key: int = 0  # of those who contributed


@dataclass(frozen=True)
class PublishedCell:
    """A cell of a published table. count is None unless the state is "published"."""

    table: str
    row: str
    label: str
    column: str
    count: int | None
    trend: str = ""
    state: str = ""

    def __post_init__(self) -> None:
        if not self.state:
            object.__setattr__(self, "state", WITHHELD if self.count is None else PUBLISHED)


@dataclass(frozen=True)
class Published:
    """All that a digest publishes, frozen with it. mode: "keyed" or "private"; epsilon: what the private mode spent."""

    k: int
    cells: tuple[PublishedCell, ...]
    mode: str = "keyed"
    epsilon: float = 0.0

    def table(self, name: str) -> list[PublishedCell]:
        return [cell for cell in self.cells if cell.table == name]

    def cell(self, table: str, row: str, column: str) -> PublishedCell | None:
        return self._by_place.get((table, row, column))

    @cached_property
    def _by_place(self) -> dict[tuple[str, str, str], PublishedCell]:
        return {(cell.table, cell.row, cell.column): cell for cell in self.cells}

    def as_data(self) -> dict[str, object]:
        return {
            "k": self.k, "mode": self.mode, "epsilon": self.epsilon, "cells": [asdict(cell) for cell in self.cells]
        }  # fmt: skip

    @staticmethod
    def from_data(data: dict[str, object]) -> "Published":
        cells = data["cells"]
        assert isinstance(cells, list)
        return Published(
            k=int(str(data["k"])),
            cells=tuple(PublishedCell(**cell) for cell in cells),
            mode=str(data.get("mode", "keyed")),
            epsilon=float(str(data.get("epsilon", 0.0))),
        )
