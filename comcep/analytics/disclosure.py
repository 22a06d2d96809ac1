"""Disclosure control: from raw counts to what may be published. Pure functions over numbers; no database, no Flask,
no name.

A raw cell and a published one are two types; templates and exports only know the second. Contract: docs/anonymity.md.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

DOMINANCE = 0.5  # the largest share of a cell's posts that may be one adviser's
FEWEST_NETWORKS = 2


@dataclass(frozen=True)
class RawCell:
    """What a cell rests on: distinct advisers, distinct networks, posts, and the posts of its most active adviser."""

    advisers: int
    networks: int
    posts: int
    most_by_one: int


@dataclass(frozen=True)
class PublishedCell:
    """A cell of a published table. count is None when withheld, for whatever reason: all look the same."""

    table: str
    row: str
    label: str
    column: str
    count: int | None
    trend: str = ""


@dataclass(frozen=True)
class Published:
    """All that a digest publishes, frozen with it."""

    k: int
    cells: tuple[PublishedCell, ...]

    def table(self, name: str) -> list[PublishedCell]:
        return [cell for cell in self.cells if cell.table == name]

    def as_data(self) -> dict[str, object]:
        return {"k": self.k, "cells": [asdict(cell) for cell in self.cells]}

    @staticmethod
    def from_data(data: dict[str, object]) -> "Published":
        cells = data["cells"]
        assert isinstance(cells, list)
        return Published(k=int(str(data["k"])), cells=tuple(PublishedCell(**cell) for cell in cells))


def round_to(count: int, k: int) -> int:
    """The nearest multiple of k; a half goes up."""
    return (2 * count + k) // (2 * k) * k


def is_publishable(cell: RawCell, k: int) -> bool:
    """Enough advisers, of two networks at least, none of them dominant."""
    if cell.advisers < k or cell.networks < FEWEST_NETWORKS:
        return False
    return cell.most_by_one <= DOMINANCE * cell.posts


def published_count(cell: RawCell, k: int) -> int | None:
    """The rounded number of advisers, or None when the cell must be withheld."""
    return round_to(cell.advisers, k) if is_publishable(cell, k) else None


def rounded_total(count: int, k: int) -> int | None:
    """A total of the whole community: rounded; below k it looks like any withheld cell."""
    return round_to(count, k) if count >= k else None


def share(part: int, whole: int, k: int) -> int | None:
    """A percentage of rounded counts, 0 to 100; None when the whole is too small to be one."""
    rounded = rounded_total(whole, k)
    if rounded is None or rounded < 2 * k:
        return None
    return min(100, round(100 * round_to(part, k) / rounded))


def trend(now: int | None, before: int | None) -> str:
    """The direction between two published counts: up, down, stable, new; empty when one is withheld now."""
    if now is None:
        return ""
    if before is None:
        return "new"
    return "up" if now > before else "down" if now < before else "stable"


BANDS = ((4, "moins de 4 heures"), (24, "moins d'un jour"), (48, "moins de deux jours"))


def delay_band(hours: float) -> str:
    """The band of a median delay: four of them, so that no hour shows."""
    return next((label for limit, label in BANDS if hours <= limit), "plus de deux jours")


@dataclass(frozen=True)
class RawGroup:
    """Members registered and contributing of one network family or of several merged ones."""

    names: tuple[str, ...]
    registered: int
    contributing: int


def merge_small(groups: Iterable[RawGroup], k: int) -> list[RawGroup]:
    """Merge groups with fewer than k registered into the next smallest, until none is small.

    Order: by name, never by size.
    """
    waiting = sorted(groups, key=lambda group: (group.registered, group.names))
    while len(waiting) > 1 and waiting[0].registered < k:
        small, other, *rest = waiting
        merged = RawGroup(
            tuple(sorted(small.names + other.names)),
            small.registered + other.registered,
            small.contributing + other.contributing,
        )
        waiting = sorted([merged, *rest], key=lambda group: (group.registered, group.names))
    return sorted(waiting, key=lambda group: group.names)
