"""Communities made of numbers, to attack the digest with: advisers of networks and regions of unequal sizes, of whom few
write much and most little; and the raw figures that the program would count of them. No database.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from comcep.analytics.disclosure.cells import RawCell, RawGroup
from comcep.analytics.disclosure.rounding import cell_key, record_key
from comcep.analytics.gathering import Bounded, Questions, Raw, ThemeFigures

THEMES = tuple(f"theme-{number:02}" for number in range(21))
_LIKING = [1 / (1 + rank) ** 0.8 for rank in range(len(THEMES))]  # a few themes are much talked of


@dataclass(frozen=True)
class Adviser:
    number: int
    network: str
    region: str
    rate: float  # posts a period, on average


@dataclass
class Community:
    """Who is registered, and what each writes in a period: posts by theme, and those in unsolved questions."""

    advisers: list[Adviser]
    chance: random.Random
    posts: dict[int, Counter[str]] = field(default_factory=dict)
    unsolved: dict[int, Counter[str]] = field(default_factory=dict)
    topics: Counter[int] = field(default_factory=Counter)

    def write(self) -> None:
        """A period passes: everybody writes as they use to."""
        self.posts, self.unsolved, self.topics = {}, {}, Counter()
        for adviser in self.advisers:
            self.posts[adviser.number], self.unsolved[adviser.number] = Counter(), Counter()
            for _ in range(_poisson(self.chance, adviser.rate)):
                theme = self.chance.choices(THEMES, _LIKING)[0]
                self.posts[adviser.number][theme] += 1
                if self.chance.random() < 0.3:
                    self.unsolved[adviser.number][theme] += 1
                if self.chance.random() < 0.25:
                    self.topics[adviser.number] += 1

    def active(self) -> list[Adviser]:
        return [adviser for adviser in self.advisers if self.posts[adviser.number]]


def community(seed: int, size: int) -> Community:
    """A community of some size: networks of one to a thousand advisers and more, regions, activity skewed."""
    chance = random.Random(seed)
    networks = [f"réseau {number:02}" for number in range(chance.randint(3, 12))]
    weights = [chance.paretovariate(0.7) for _ in networks]
    regions = [f"région {number:02}" for number in range(13)]
    advisers = [
        Adviser(number, chance.choices(networks, weights)[0], chance.choice(regions), usual_rate(chance))
        for number in range(size)
    ]
    advisers.append(Adviser(size, "réseau d'une personne", chance.choice(regions), usual_rate(chance)))
    made = Community(advisers, chance)
    made.write()
    return made


def usual_rate(chance: random.Random) -> float:
    """Posts a period: half write less than one, one in a hundred more than twenty."""
    return min(80.0, chance.lognormvariate(-0.4, 1.5))


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's: fine for the small means of one person."""
    limit, count, product = 2.718281828459045**-mean, 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count


def raw(of: Community, secret: bytes, without: int | None = None) -> Raw:
    """The raw figures of the period, with or without what one adviser wrote."""
    who = {adviser.number: adviser for adviser in of.advisers}
    writers = {number: posts for number, posts in of.posts.items() if posts and number != without}
    unsolved = {number: posts for number, posts in of.unsolved.items() if posts and number != without}
    topics = {number: count for number, count in of.topics.items() if number != without}
    keys = {number: record_key(secret, number) for number in who}
    asked = sum(topics.values())
    return Raw(
        themes=[
            ThemeFigures(
                theme, theme, _cell(writers, who, keys, theme), _cell(unsolved, who, keys, theme), 20.0,
                sum(1 for posts in writers.values() if posts[theme]),
            )
            for theme in THEMES
        ],
        whole=_cell(writers, who, keys, None),
        topics=asked,
        topics_key=cell_key([keys[number] for number in topics]),
        questions=Questions(
            asked, asked * 9 // 10, asked * 8 // 10, asked * 6 // 10, asked * 4 // 10, 20.0, len(writers) // 2,
            cell_key([keys[number] for number in topics]), 0, 0,
        ),
        families=_groups(of, writers, keys, "network"),
        regions=_groups(of, writers, keys, "region"),
        bounded=_bounded(writers, topics),
    )  # fmt: skip


def _cell(posts: dict[int, Counter[str]], who: dict[int, Adviser], keys: dict[int, int], theme: str | None) -> RawCell:
    counts = {number: (of[theme] if theme else of.total()) for number, of in posts.items()}
    counts = {number: count for number, count in counts.items() if count}
    return RawCell(
        len(counts), len({who[number].network for number in counts}), sum(counts.values()),
        max(counts.values(), default=0), cell_key([keys[number] for number in counts]),
    )  # fmt: skip


def _groups(of: Community, writers: dict[int, Counter[str]], keys: dict[int, int], by: str) -> list[RawGroup]:
    registered = Counter(getattr(adviser, by) for adviser in of.advisers)
    wrote = defaultdict(list)
    for adviser in of.advisers:
        if adviser.number in writers:
            wrote[getattr(adviser, by)].append(keys[adviser.number])
    return [
        RawGroup((name,), count, len(wrote[name]), cell_key(wrote[name])) for name, count in sorted(registered.items())
    ]


def _bounded(writers: dict[int, Counter[str]], topics: dict[int, int]) -> Bounded:
    from comcep.analytics.disclosure.private import most_written

    counted = Counter(theme for posts in writers.values() for theme in most_written(posts))
    return Bounded(
        {theme: counted[theme] for theme in THEMES}, len(writers), sum(min(count, 3) for count in topics.values()),
        sum(min(posts.total(), 10) for posts in writers.values()),
    )  # fmt: skip
