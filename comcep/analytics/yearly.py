"""Once a year: which networks talk of which themes, "présent" or "non publié", nothing withheld following from the
rest.

The only table whose cells add up: a theme's advisers over the year are those of its networks together. The digests of
the year bound that sum, the public list of members bounds each network: linked.py attacks both before anything comes
out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from comcep.analytics.disclosure.cells import Published, PublishedCell
from comcep.analytics.disclosure.merging import merge_small
from comcep.analytics.disclosure.rounding import bounds, cell_key, noise, record_key
from comcep.analytics.figures import Release
from comcep.analytics.gathering import Raw, advisers_by_theme_and_family
from comcep.analytics.participation import groups_before

if TYPE_CHECKING:
    from comcep.analytics.disclosure.linked import Cell, Link

YEAR = timedelta(days=360)


def is_due(starts_on: date, ends_on: date, earlier: Sequence[Release]) -> date | None:
    """The first day of the year that this digest completes, if it completes one since the last yearly table."""
    since_last = list(earlier)
    for at, release in enumerate(earlier):
        if release.published.table("yearly"):
            since_last = list(earlier[at + 1 :])
    first = min([release.starts_on for release in since_last] + [starts_on])
    return first if ends_on - first >= YEAR else None


def cells(
    since: date, until: date, raw: Raw, k: int, secret: bytes, releases: Sequence[Release]
) -> list[PublishedCell]:
    """The table of a year, in the groups of networks that participation has. A cell's count is 1: present."""
    from comcep.analytics.disclosure.linked import suppress  # scipy: only where it is needed, in the background

    groups = merge_small(raw.families, k, groups_before("networks", [release.published for release in releases]))
    found = advisers_by_theme_and_family(since, until)
    counts: dict[tuple[str, str], set[int]] = {}
    for (theme, family), advisers in found.items():
        group = next((" + ".join(each.names) for each in groups if family in each.names), None)
        if group is not None:
            counts.setdefault((theme, group), set()).update(advisers)
    sizes = {" + ".join(group.names): group.registered for group in groups}
    names = [(theme.slug, group) for theme in raw.themes for group in sizes]
    present = {place for place in names if _is_present(counts.get(place, set()), k, secret)}
    linked_cells, links = _linked(names, present, sizes, k, since, until, releases)
    withheld = suppress(linked_cells, links, k, [_name(place) for place in names if place not in present])
    present -= {place for place in names if _name(place) in withheld}
    labels = {theme.slug: theme.label for theme in raw.themes}
    return [
        PublishedCell("yearly", theme, labels[theme], group, 1 if (theme, group) in present else None)
        for theme, group in names
    ]


def _is_present(advisers: set[int], k: int, secret: bytes) -> bool:
    key = cell_key([record_key(secret, adviser) for adviser in advisers])
    return len(advisers) >= k and len(advisers) + noise(key, "yearly", k - 1) >= 2 * k - 1


def _name(place: tuple[str, str]) -> str:
    return "/".join(place)


def _linked(
    names: list[tuple[str, str]],
    present: set[tuple[str, str]],
    sizes: dict[str, int],
    k: int,
    since: date,
    until: date,
    releases: Sequence[Release],
) -> tuple[list[Cell], list[Link]]:
    """The year's cells with what everybody knows of them, and how the year's digests bound each theme."""
    from comcep.analytics.disclosure.linked import Cell, Link

    everybody = sum(sizes.values())
    made = [
        Cell(_name(place), (0, sizes[place[1]]), (k, sizes[place[1]]) if place in present else None) for place in names
    ]
    links: list[Link] = []
    for theme in sorted({theme for theme, _ in names}):
        of_year = {_name(place): 1 for place in names if place[0] == theme}
        periods = []
        for number, release in enumerate(releases):
            if since <= release.starts_on and release.ends_on <= until:
                name = f"{theme} {number}"
                known = _known_of(release.published, theme, everybody)
                made.append(Cell(name, (min(known[0], everybody), min(known[1], everybody)), cost=0.0))
                periods.append(name)
                links.append(Link({**of_year, name: -1}, 0, float("inf")))  # at least those of each period
        if periods:
            links.append(Link({**of_year, **dict.fromkeys(periods, -1)}, float("-inf"), 0))  # at most their sum
    return made, links


def _known_of(published: Published, theme: str, everybody: int) -> tuple[int, int]:
    """Between what and what a theme of an earlier digest lies, by the threshold and the mode it was published with:
    they may have changed since."""
    shown = published.cell("themes", theme, "advisers")
    if shown is None or shown.count is None or published.mode == "private":
        return 0, everybody
    return bounds(shown.count, published.k)
