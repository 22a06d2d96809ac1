"""The figures of a period, from raw counts to published cells: which tables come out when.

What may be shown of a cell is decided in disclosure/; what was counted, in gathering.py. Nothing here is shown before
it is a PublishedCell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from comcep.analytics import participation
from comcep.analytics.disclosure import rounding
from comcep.analytics.disclosure.cells import NOT_COMPUTABLE, Published, PublishedCell, RawCell
from comcep.analytics.disclosure.primary import published_count
from comcep.analytics.disclosure.private import MOST_THEMES, PrivateTable, noisy
from comcep.analytics.disclosure.rounding import OF_POSTS, OF_TOPICS, delay_band, rounded_total, share, trend
from comcep.analytics.gathering import MOST_POSTS_OF_ONE, MOST_TOPICS_OF_ONE, Raw, ThemeFigures

SPENT = {"themes": 0.5, "advisers": 0.2, "topics": 0.15, "posts": 0.15}  # of ε, by table, in the private mode


@dataclass(frozen=True)
class Release:
    """An earlier digest as far as figures need it: its period and what it published."""

    starts_on: date
    ends_on: date
    published: Published


@dataclass(frozen=True)
class Due:
    """Which of the tables that come out now and then belong to this digest."""

    participation: bool


def keyed(raw: Raw, k: int, earlier: Sequence[Release], due: Due) -> Published:
    """What is published of a period with keyed noise. Why the rest is not, nobody is told: animators, who set themes,
    would learn from it who wrote without their name."""
    before = earlier[-1].published if earlier else None
    cells = [*_themes(raw, k, before), *_community(raw, k)]
    if due.participation:
        cells += participation.cells(raw, k, [release.published for release in earlier], cells)
    return Published(k, tuple(cells))


def private(raw: Raw, k: int, earlier: Sequence[Release], epsilon: float) -> Published:
    """What is published with a formal guarantee: themes and three totals; the other tables would spend too much of
    it."""
    before = earlier[-1].published if earlier else None
    bounded = raw.bounded
    themes = noisy(bounded.themes, MOST_THEMES, SPENT["themes"] * epsilon)
    totals = [
        ("advisers", noisy({"advisers": bounded.advisers}, 1, SPENT["advisers"] * epsilon), k),
        ("topics", noisy({"topics": bounded.topics}, MOST_TOPICS_OF_ONE, SPENT["topics"] * epsilon), OF_TOPICS * k),
        ("posts", noisy({"posts": bounded.posts}, MOST_POSTS_OF_ONE, SPENT["posts"] * epsilon), OF_POSTS * k),
    ]
    cells = [*_private_themes(raw, themes, k, before)]
    cells += [PublishedCell("community", row, row, "count", table.published(row, base)) for row, table, base in totals]
    spent = themes.epsilon + sum(table.epsilon for _, table, _ in totals)
    return Published(k, tuple(cells), "private", spent)


def _private_themes(raw: Raw, table: PrivateTable, k: int, before: Published | None) -> Iterator[PublishedCell]:
    for theme in raw.themes:
        count = table.published(theme.slug, k) if theme.is_settled else None
        yield PublishedCell("themes", theme.slug, theme.label, "advisers", count, _trend(count, theme.slug, before))


def _themes(raw: Raw, k: int, before: Published | None) -> Iterator[PublishedCell]:
    for theme in raw.themes:
        count = _count(theme, theme.cell, k, "themes")
        yield PublishedCell("themes", theme.slug, theme.label, "advisers", count, _trend(count, theme.slug, before))
    for theme in raw.themes:
        count = _count(theme, theme.unsolved, k, "unsolved")
        yield PublishedCell("unsolved", theme.slug, theme.label, "advisers", count)
    for theme in raw.themes:
        yield _delay(theme, k)
    for theme in raw.themes:  # the reaction "même situation" does not exist yet
        yield PublishedCell("demand", theme.slug, theme.label, "members", None, state=NOT_COMPUTABLE)


def _count(theme: ThemeFigures, cell: RawCell, k: int, what: str) -> int | None:
    return published_count(cell, k, what) if theme.is_settled else None


def _trend(count: int | None, row: str, before: Published | None) -> str:
    earlier = before.cell("themes", row, "advisers") if before is not None else None
    return trend(count, earlier.count if earlier is not None else None) if before is not None else ""


def _delay(theme: ThemeFigures, k: int) -> PublishedCell:
    """The band of a theme's median delay, from 2k advisers who answered and only where the theme itself is shown. The
    count is that of the band, 1 to 4."""
    hours = theme.median_hours
    if hours is None or theme.answerers < 2 * k or _count(theme, theme.cell, k, "themes") is None:
        return PublishedCell("delays", theme.slug, theme.label, "band", None)
    bands = [name for _, name in rounding.BANDS]
    band = delay_band(hours)
    number = bands.index(band) + 1 if band in bands else len(bands) + 1
    return PublishedCell("delays", theme.slug, theme.label, "band", number)


def _community(raw: Raw, k: int) -> Iterator[PublishedCell]:
    questions, few = raw.questions, OF_TOPICS * k

    def figure(row: str, count: int | None) -> PublishedCell:
        return PublishedCell("community", row, row, "count", count)

    def part(row: str, some: int, whole: int) -> PublishedCell:
        return figure(row, share(some, whole, few, questions.key, row))

    yield figure("advisers", rounded_total(raw.whole.advisers, k, raw.whole.key, "advisers"))
    yield figure("topics", rounded_total(raw.topics, few, raw.topics_key, "topics"))
    yield figure("posts", rounded_total(raw.whole.posts, OF_POSTS * k, raw.whole.key, "posts"))
    yield part("answered-48h", questions.within_48_hours, questions.asked)
    yield part("other-network", questions.by_another_network, questions.answered)
    yield part("solved", questions.solved, questions.asked)
    yield part("served", questions.served, questions.said)
    has_median = questions.median_hours is not None and questions.answerers >= 2 * k
    bands = [name for _, name in rounding.BANDS]
    band = delay_band(questions.median_hours or 0.0)
    yield figure("median", (bands.index(band) if band in bands else len(bands)) + 1 if has_median else None)
