"""The attack on membership: did this adviser write? Two attackers decide by likelihood ratio from everything published.

The worst case knows every post but the target's, and the method, but not the secret behind the noise: the likelihood of
each published cell follows exactly from the noise's distribution. The realistic one knows the list of members and how
active such communities are: it replays the community many times to learn what the counts of the others may be.
Beside them: the same attackers on a plain statistics page that prints the true counts.
"""

import math
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from comcep.analytics.disclosure.cells import Published, RawCell
from comcep.analytics.disclosure.merging import merge_small
from comcep.analytics.disclosure.primary import is_publishable
from comcep.analytics.disclosure.private import MOST_THEMES, noisy
from comcep.analytics.disclosure.rounding import OF_POSTS, OF_TOPICS, round_to
from comcep.analytics.figures import SPENT, Due, keyed
from comcep.analytics.gathering import MOST_POSTS_OF_ONE, MOST_TOPICS_OF_ONE, Raw
from tests.attacks.communities import Adviser, Community, community, raw, usual_rate

NEVER = 1e-9
K = 5


@dataclass(frozen=True)
class Shown:
    """What decides a published cell: its true count, the base it is rounded to, whether its rules let it be shown."""

    count: int
    base: int
    may_show: bool = True


def shown_cells(figures: Raw) -> dict[tuple[str, str], Shown]:
    """Every count that is published with noise, by table and row."""
    cells = {("themes", theme.slug): _of_cell(theme.cell) for theme in figures.themes}
    cells |= {("unsolved", theme.slug): _of_cell(theme.unsolved) for theme in figures.themes}
    cells["community", "advisers"] = Shown(figures.whole.advisers, K)
    cells["community", "topics"] = Shown(figures.topics, OF_TOPICS * K)
    cells["community", "posts"] = Shown(figures.whole.posts, OF_POSTS * K)
    for table, groups in (("networks", figures.families), ("regions", figures.regions)):
        merged = merge_small(groups, K)
        cells |= {(table, " + ".join(group.names)): Shown(group.contributing, K) for group in merged}
    return cells


def _of_cell(cell: RawCell) -> Shown:
    return Shown(cell.advisers, K, is_publishable(cell, K))


@lru_cache(maxsize=100_000)
def likelihoods(cell: Shown) -> dict[int | None, float]:
    """How likely each published value is, over the noise."""
    reach = cell.base - 1
    found: Counter[int | None] = Counter()
    for noise in range(-reach, reach + 1):
        noisy = cell.count + noise
        found[round_to(noisy, cell.base) if noisy >= 2 * cell.base - 1 and cell.may_show else None] += 1
    return {value: count / (2 * reach + 1) for value, count in found.items()}


def published_cells(published: Published) -> dict[tuple[str, str], int | None]:
    return {
        (cell.table, cell.row): cell.count
        for cell in published.cells
        if cell.column in ("advisers", "count", "contributing")
    }


def worst_case(of: Community, target: int, wrote: bool, secret: bytes) -> bool:
    """Whether the attacker who knows all but the target's posts says that they wrote."""
    score = _score(of, target, wrote, secret)
    return score > 0 if score else random.Random(target).random() < 0.5


def worst_case_over(of: Community, target: int, wrote: bool, secret: bytes, releases: int) -> bool:
    """The same over consecutive releases: in all of them the target wrote, or in none."""
    score = 0.0
    for _ in range(releases):
        of.write()
        score += _score(of, target, wrote, secret)
    return score > 0 if score else random.Random(target).random() < 0.5


def _score(of: Community, target: int, wrote: bool, secret: bytes) -> float:
    """The log-likelihood ratio of one release, over the cells that the target's posts change."""
    with_them, without = raw(of, secret), raw(of, secret, without=target)
    published = keyed(with_them if wrote else without, K, [], Due(participation=True))
    values = published_cells(published)
    here, gone = shown_cells(with_them), shown_cells(without)
    score = 0.0
    for place in here.keys() & values.keys():
        if here[place] != gone[place]:
            score += math.log(max(NEVER, likelihoods(here[place]).get(values[place], 0)))
            score -= math.log(max(NEVER, likelihoods(gone[place]).get(values[place], 0)))
    return score


def private_worst_case(of: Community, target: int, wrote: bool, epsilon: float) -> bool:
    """The worst case against the private mode, given even the noisy counts before they are rounded."""
    here, gone = raw(of, b"x").bounded, raw(of, b"x", without=target).bounded
    seen = here if wrote else gone
    tables = [
        (here.themes, gone.themes, seen.themes, MOST_THEMES, SPENT["themes"]),
        ({"n": here.advisers}, {"n": gone.advisers}, {"n": seen.advisers}, 1, SPENT["advisers"]),
        ({"n": here.topics}, {"n": gone.topics}, {"n": seen.topics}, MOST_TOPICS_OF_ONE, SPENT["topics"]),
        ({"n": here.posts}, {"n": gone.posts}, {"n": seen.posts}, MOST_POSTS_OF_ONE, SPENT["posts"]),
    ]
    score = 0.0
    for with_them, without, true, sensitivity, part in tables:
        table = noisy(true, sensitivity, part * epsilon)
        score += sum(
            (abs(count - without[row]) - abs(count - with_them[row])) / table.scale
            for row, count in table.counts.items()
        )
    return score > 0 if score else random.Random(target).random() < 0.5


def plain_worst_case(of: Community, target: int, wrote: bool) -> bool:
    """The same attacker on a page that prints true counts: one count that differs is enough."""
    counts = shown_cells(raw(of, b"x")), shown_cells(raw(of, b"x", without=target))
    return wrote if counts[0] != counts[1] else random.Random(target).random() < 0.5


@dataclass(frozen=True)
class Advantage:
    """True-positive rate minus false-positive rate, with the half-width of its 95 % confidence interval."""

    value: float
    half_width: float
    trials: int

    def __str__(self) -> str:
        return f"{self.value:.2f} ± {self.half_width:.2f}"


def advantage(decisions: Iterable[tuple[bool, bool]]) -> Advantage:
    """From what was true and what was said."""
    told = list(decisions)
    positive = [said for truth, said in told if truth]
    negative = [said for truth, said in told if not truth]
    true_rate, false_rate = sum(positive) / len(positive), sum(negative) / len(negative)
    variance = true_rate * (1 - true_rate) / len(positive) + false_rate * (1 - false_rate) / len(negative)
    return Advantage(true_rate - false_rate, 1.96 * math.sqrt(variance), len(told))


def target_of(of: Community, prolific: bool) -> Adviser | None:
    """Somebody who wrote: anyone, or one of the most active hundredth."""
    active = sorted(of.active(), key=lambda adviser: -of.posts[adviser.number].total())
    if not active:
        return None
    return of.chance.choice(active[: max(1, len(of.advisers) // 100)]) if prolific else of.chance.choice(active)


def realistic(of: Community, target: Adviser, wrote: bool, secret: bytes, replays: int, is_plain: bool = False) -> bool:
    """Whether the attacker who knows the members and how active they are says that the target wrote on their theme."""
    theme = of.posts[target.number].most_common(1)[0][0]
    places = [("themes", theme), ("community", "advisers"), ("networks", target.network), ("regions", target.region)]
    figures = raw(of, secret, None if wrote else target.number)
    true_cells = shown_cells(figures)
    values = (
        {place: cell.count for place, cell in true_cells.items()}
        if is_plain
        else published_cells(keyed(figures, K, [], Due(participation=True)))
    )
    score = 0.0
    others = _replayed(of, target, places, replays)
    for place in places:
        if place in values:
            score += math.log(_likely(others[place], values[place], 1, is_plain))
            score -= math.log(_likely(others[place], values[place], 0, is_plain))
    return score > 0 if score else random.Random(target.number).random() < 0.5


def _replayed(
    of: Community, target: Adviser, places: list[tuple[str, str]], replays: int
) -> dict[tuple[str, str], Counter[int]]:
    """What the counts of everybody but the target may be, replayed with the activity such communities have: how active
    each one is, nobody outside knows, but for the posts of two other advisers."""
    chance = random.Random(target.number)
    known = [adviser.number for adviser in of.active()[:3] if adviser.number != target.number][:2]
    counts: dict[tuple[str, str], Counter[int]] = {place: Counter() for place in places}
    for _ in range(replays):
        imagined = Community([replace(adviser, rate=usual_rate(chance)) for adviser in of.advisers], chance)
        imagined.write()
        for number in known:
            imagined.posts[number], imagined.unsolved[number] = of.posts[number], of.unsolved[number]
        cells = shown_cells(raw(imagined, b"x", without=target.number))
        for place in places:
            if place in cells:
                counts[place][cells[place].count] += 1
    return counts


def _likely(others: Counter[int], value: int | None, more: int, is_plain: bool) -> float:
    total = others.total()
    if not total:
        return 1.0
    likely = 0.0
    for count, times in others.items():
        if is_plain:
            likely += times / total * math.exp(-abs(count + more - (value or 0)) / 2)  # a smoothed count
        else:
            likely += times / total * likelihoods(Shown(count + more, K)).get(value, 0)
    return max(likely, NEVER)


def trials(seeds: Iterable[int], sizes: list[int], prolific: bool) -> Iterable[tuple[Community, Adviser, bool, bytes]]:
    """A new community for each seed, somebody of it, whether they wrote, and a secret."""
    for seed in seeds:
        of = community(seed, sizes[seed % len(sizes)])
        target = target_of(of, prolific)
        if target is not None:
            yield of, target, of.chance.random() < 0.5, of.chance.randbytes(32)
