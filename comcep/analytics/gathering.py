"""Raw figures of a period, read past visibility and handed only to disclosure/. Peers' sections only.

Anything the committee may have read counts nowhere: it could be subtracted (anonymity.md, Words). Counted in the
database by adviser and theme, so that two million posts take seconds and little memory.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, union

from comcep.access.system_read import SealedRow, system_read
from comcep.accounts.models import Member, Network, Region
from comcep.analytics import counting
from comcep.analytics.disclosure.cells import RawCell, RawGroup
from comcep.analytics.disclosure.private import most_written
from comcep.analytics.disclosure.rounding import cell_key, record_key
from comcep.forum.models import Post, Section, Theme, Topic

PARIS = ZoneInfo("Europe/Paris")
UTC = ZoneInfo("UTC")
MOST_TOPICS_OF_ONE = 3  # that count in the private mode, and posts
MOST_POSTS_OF_ONE = 10


@dataclass(frozen=True)
class ThemeFigures:
    """What was counted of one theme: who wrote on it, who wrote in its questions that stayed unsolved, how long its
    questions waited for a first answer. is_settled: nobody made it, or merged another into it, since the period
    began; else nothing is published of it."""

    slug: str
    label: str
    cell: RawCell
    unsolved: RawCell
    median_hours: float | None
    answerers: int  # distinct advisers who gave a first answer
    is_settled: bool = True


@dataclass(frozen=True)
class Questions:
    """Questions asked in the period: how many, answered within 48 h, by another network, solved, median hours."""

    asked: int
    answered: int
    within_48_hours: int
    by_another_network: int
    solved: int
    median_hours: float | None
    answerers: int  # distinct advisers who gave a first answer
    key: int  # of those who asked
    said: int  # those who said, in the period, whether a solution served
    served: int


@dataclass(frozen=True)
class Bounded:
    """The same counts with what one adviser adds held to a few cells and a few units: what the private mode needs."""

    themes: dict[str, int]
    advisers: int
    topics: int
    posts: int


@dataclass(frozen=True)
class Raw:
    """The raw figures of a period. Never leaves analytics; no template knows it."""

    themes: list[ThemeFigures]
    whole: RawCell
    topics: int
    topics_key: int
    questions: Questions
    families: list[RawGroup]
    regions: list[RawGroup]
    bounded: Bounded


@dataclass(frozen=True)
class Adviser:
    """What figures need of an adviser: family, its name, region, whether registered at the end of the period, record
    key."""

    family: str | None
    family_name: str
    region: str
    is_registered: bool
    key: int


def moments(starts_on: date, ends_on: date) -> tuple[datetime, datetime]:
    """The period in stored time: from its first midnight in Paris to the one after its last day."""
    first = datetime.combine(starts_on, time(), PARIS).astimezone(UTC).replace(tzinfo=None)
    after = datetime.combine(ends_on + timedelta(days=1), time(), PARIS).astimezone(UTC).replace(tzinfo=None)
    return first, after


def gather(starts_on: date, ends_on: date, secret: bytes) -> Raw:
    """Everything the digest of a period may rest on. secret: what record keys are made with."""
    first, after = moments(starts_on, ends_on)
    advisers = _advisers(after, secret)
    whole = _Tally.of(counting.posts(first, after), advisers)
    topics = _Tally.of(counting.topics(first, after), advisers)
    themes = _Themes(first, after, advisers)
    contributing = set(whole.posts)
    return Raw(
        themes=themes.figures(),
        whole=whole.cell(),
        topics=topics.posts.total(),
        topics_key=topics.cell().key,
        questions=_questions(first, after, advisers),
        families=_groups(advisers, contributing, lambda adviser: adviser.family_name),
        regions=_groups(advisers, contributing, lambda adviser: adviser.region),
        bounded=Bounded(
            themes=themes.bounded(),
            advisers=len(contributing),
            topics=sum(min(count, MOST_TOPICS_OF_ONE) for count in topics.posts.values()),
            posts=sum(min(count, MOST_POSTS_OF_ONE) for count in whole.posts.values()),
        ),
    )


def advisers_by_theme_and_family(starts_on: date, ends_on: date) -> dict[tuple[str, str], set[int]]:
    """Who wrote on each theme, by the name of their network's family: for the table that comes out once a year."""
    first, after = moments(starts_on, ends_on)
    borne, unsettled = counting.themes_borne(first), unsettled_themes(first)
    rows = system_read("who wrote on each theme, for the yearly table").rows(
        counting.counted(first, after, Theme.slug, Network.family_name)
        .join(borne, borne.c.topic_id == Topic.id)
        .join(Theme, Theme.id == borne.c.theme_id)
        .join(Member, Member.id == Post.author_id)
        .join(Network, Network.id == Member.network_id)
        .where(Theme.id.not_in(unsettled))
        .group_by(Theme.slug, Network.family_name, Post.author_id)
    )
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in rows:
        found[row.slug, row.family_name].add(row.author_id)
    return found


def unsettled_themes(first: datetime) -> set[int]:
    """The keys of themes that an animator made, or merged another into, since a moment."""
    made = select(Theme.id).where(Theme.created_at >= first)
    merged = select(Theme.merged_into_id.label("id")).where(Theme.merged_at >= first)
    return {row.id for row in system_read("themes younger than the period").rows(union(made, merged))}


@dataclass
class _Tally:
    """Posts by adviser, and the families they come from."""

    advisers: dict[int, Adviser]
    posts: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, rows: Iterable[SealedRow], advisers: dict[int, Adviser]) -> "_Tally":
        tally = cls(advisers)
        for row in rows:
            tally.posts[row.author_id] += row.count
        return tally

    def cell(self) -> RawCell:
        known = [self.advisers[author] for author in self.posts if author in self.advisers]
        return RawCell(
            advisers=len(self.posts),
            networks=len({adviser.family for adviser in known if adviser.family is not None}),
            posts=self.posts.total(),
            most_by_one=max(self.posts.values(), default=0),
            key=cell_key([adviser.key for adviser in known]),
        )


class _Themes:
    """The themes of the period, merged ones under the theme they went into."""

    def __init__(self, first: datetime, after: datetime, advisers: dict[int, Adviser]) -> None:
        self._all = list(
            system_read("themes, also those nobody wrote about").rows(
                select(Theme.id, Theme.slug, Theme.label)
                .where(Theme.merged_into_id.is_(None))
                .order_by(Theme.position, Theme.id)
            )
        )
        self._unsettled = unsettled_themes(first)
        self._posts: dict[int, _Tally] = defaultdict(lambda: _Tally(advisers))
        self._unsolved: dict[int, _Tally] = defaultdict(lambda: _Tally(advisers))
        for row in counting.posts_by_theme(first, after):
            self._posts[row.theme_id].posts[row.author_id] += row.count
        for row in counting.posts_by_theme(first, after, Topic.kind == "question", Topic.solved_at.is_(None)):
            self._unsolved[row.theme_id].posts[row.author_id] += row.count
        self._delays: dict[int, list[float]] = defaultdict(list)
        self._answerers: dict[int, set[int]] = defaultdict(set)
        for row in counting.first_answers_by_theme(first, after):
            self._delays[row.theme_id].append((row.first_answer_at - row.created_at).total_seconds() / 3600)
            self._answerers[row.theme_id].add(row.author_id)

    def figures(self) -> list[ThemeFigures]:
        return [
            ThemeFigures(
                theme.slug,
                theme.label,
                self._posts[theme.id].cell(),  # an empty theme looks like any withheld one
                self._unsolved[theme.id].cell(),
                median(self._delays[theme.id]) if self._delays[theme.id] else None,
                len(self._answerers[theme.id]),
                theme.id not in self._unsettled,
            )
            for theme in self._all
        ]

    def bounded(self) -> dict[str, int]:
        by_adviser: dict[int, dict[str, int]] = defaultdict(dict)
        for theme in self._all:
            for author, count in self._posts[theme.id].posts.items():
                by_adviser[author][theme.slug] = count
        counted = Counter(slug for posts in by_adviser.values() for slug in most_written(posts))
        return {theme.slug: counted[theme.slug] for theme in self._all}


def _advisers(after: datetime, secret: bytes) -> dict[int, Adviser]:
    rows = system_read("advisers, to be counted").rows(
        select(
            Member.id,
            Member.joined_at,
            Member.state,
            Member.standing,
            Network.family,
            Network.family_name,
            Region.name.label("region"),
        )
        .outerjoin(Network, Network.id == Member.network_id)
        .outerjoin(Region, Region.id == Member.region_id)
    )
    return {
        row.id: Adviser(
            row.family,
            row.family_name or "",
            row.region or "",
            row.standing == "adviser" and row.state != "closed" and row.joined_at is not None and row.joined_at < after,
            record_key(secret, row.id),
        )
        for row in rows
    }


def _groups(advisers: dict[int, Adviser], contributing: set[int], group_of: Any) -> list[RawGroup]:
    registered: Counter[str] = Counter()
    keys: dict[str, list[int]] = defaultdict(list)
    for number, adviser in advisers.items():
        if adviser.is_registered and group_of(adviser):
            registered[group_of(adviser)] += 1
            if number in contributing:
                keys[group_of(adviser)].append(adviser.key)
    return [
        RawGroup((name,), count, len(keys[name]), cell_key(keys[name])) for name, count in sorted(registered.items())
    ]


def _questions(first: datetime, after: datetime, advisers: dict[int, Adviser]) -> Questions:
    rows = system_read("delays of the period's questions").rows(
        select(
            Topic.author_id.label("asker"),
            Topic.created_at,
            Topic.first_answer_at,
            Topic.solved_at,
            Post.author_id.label("answerer"),
        )
        .join(Section, Section.id == Topic.section_id)
        .outerjoin(Post, Post.id == Topic.first_answer_id)
        .where(*counting.peer_topics(), Topic.kind == "question", Topic.created_at >= first, Topic.created_at < after)
    )
    said, served = counting.worth(first, after)
    asked = answered = within = elsewhere = solved = 0
    delays: list[float] = []
    askers: set[int] = set()
    answerers: set[int] = set()
    for row in rows:
        asked += 1
        askers.add(row.asker)
        solved += row.solved_at is not None
        if row.first_answer_at is not None:
            answered += 1
            delays.append((row.first_answer_at - row.created_at).total_seconds() / 3600)
            within += delays[-1] <= 48
            answerers.add(row.answerer)
            elsewhere += _family(advisers, row.asker) != _family(advisers, row.answerer)
    return Questions(
        asked, answered, within, elsewhere, solved, median(delays) if delays else None, len(answerers),
        cell_key([advisers[asker].key for asker in askers if asker in advisers]), said, served,
    )  # fmt: skip


def _family(advisers: dict[int, Adviser], member: int | None) -> str | None:
    adviser = advisers.get(member) if member is not None else None
    return adviser.family if adviser is not None else None
