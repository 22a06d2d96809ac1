"""The order of results: BM25F over four fields, the share of the query a topic answers, solved, fresh. Pure.

Every constant of the order stands here; docs/search-quality.md has the measurement that set each, on the part of the
evaluation set that tuning may see. Engines bring candidates; this module alone orders them, so that both engines order
alike. Statistics are those of the indexes the reader may open, and of no other one.

Sources: Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004; Diaz,
"Regularizing ad hoc retrieval scores", CIKM 2005.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from itertools import combinations

from comcep.search.queries import Thing
from comcep.search.thesaurus import Way

MOST_THINGS = 20  # things of a query that count; those of a pasted paragraph add time and no sense beyond
FIELDS = ("title", "solution", "situation", "posts")
FIELD_WEIGHTS = (27.0, 5.5, 1.0, 0.6)
LENGTH_SHARES = (0.3, 0.3, 0.8, 0.8)  # how much a long field thins its words: BM25F's b
USUAL_LENGTHS = (8.0, 20.0, 40.0, 120.0)  # terms of a field that neither thins nor thickens; fixed, so it tells nothing
SATURATION = 6.0  # how soon a repeated word stops counting: BM25F's k1
WITH_OTHERS = 0.6  # of the rarity of the other words of an expression
LEAST_COVERAGE = 0.08  # of the query's weight: under it, a topic is not a result
SOLVED_BONUS = 1.1
FRESH_BONUS = 0.06  # for a topic of today
HALF_LIFE = 730.0  # days after which half of it is left
NEARNESS_WEIGHT = 2.5  # of what a topic means, beside the most that its words can gain
FAR = 0.5  # a cosine that says nothing: nearly any two texts of the trade reach it
COMPARED_BY_MEANING = 40  # topics, the best by their words; the others count as these on average
REGULARISED = 20  # topics, the best, whose scores are drawn towards those of what means the same
FROM_NEIGHBOURS = 0.4  # of such a score
NEIGHBOURHOOD = 0.05  # a difference of cosines: what stands nearer by as much counts e times as much

Likeness = Callable[[int, int], float]  # the cosine of two topics that are compared by meaning


@dataclass(frozen=True)
class Statistics:
    """Of the indexes asked, together: how many topics there are, and how many hold each term."""

    documents: int
    holding: Mapping[str, int]

    def rarity(self, way: Way) -> float:
        """The inverse document frequency of a way; several terms together are rarer than the rarest of them."""
        each = sorted((self._rarity(term) for term in way), reverse=True)
        return min(each[0] + WITH_OTHERS * sum(each[1:]), self._rarity(""))

    def _rarity(self, term: str) -> float:
        holding = self.holding.get(term, 0)
        return math.log(1 + (max(0, self.documents - holding) + 0.5) / (holding + 0.5))


@dataclass(frozen=True)
class Candidate:
    """A topic that may be a result: its terms in order by field, and what its order depends on besides.

    day: of its creation, in days since 1970.
    """

    topic_id: int
    fields: tuple[list[str], list[str], list[str], list[str]]
    is_solved: bool
    day: float
    copy: str = ""  # the same for an author's copies of one topic


@dataclass(frozen=True)
class Weighed:
    """A thing of a query, what it weighs in it, and what each way to say it is worth at most."""

    thing: Thing
    weight: float
    ways: dict[Way, float]


def weighed(things: list[Thing], statistics: Statistics) -> list[Weighed]:
    """The things that weigh most, each with its weight: the rarity of the thing as typed, of its best other way when
    nobody says it so."""
    every = [_weighed(thing, statistics) for thing in things]
    if len(every) <= MOST_THINGS:
        return every
    least = sorted((each.weight for each in every), reverse=True)[MOST_THINGS - 1]
    return [each for each in every if each.weight >= least][:MOST_THINGS]


def _weighed(thing: Thing, statistics: Statistics) -> Weighed:
    there = {way: share for way, share in thing.ways.items() if all(statistics.holding.get(term) for term in way)}
    if not there:
        return Weighed(thing, thing.importance * statistics.rarity(thing.typed), {})
    most = max(there.values())
    weight = max(statistics.rarity(way) for way, share in there.items() if share == most)
    ways = {way: thing.importance * share * min(weight, statistics.rarity(way)) for way, share in there.items()}
    return Weighed(thing, thing.importance * weight, ways)


def scores(candidates: list[Candidate], query: list[Weighed], today: float) -> dict[int, float]:
    """How well each topic answers by its words; comparable within one query only. today: days since 1970."""
    wanted = frozenset(term for each in query for way in each.ways for term in way)
    return {each.topic_id: _score(each, query, wanted, today) for each in candidates}


def worth_comparing(said: Mapping[int, float]) -> list[int]:
    """The topics that are compared by what they mean: the best by their words."""
    return nlargest(COMPARED_BY_MEANING, said, key=said.__getitem__)


def ranked(
    candidates: list[Candidate],
    query: list[Weighed],
    said: Mapping[int, float],
    compared: Mapping[int, float],
    alike: Mapping[int, float],
    likeness: Likeness,
) -> list[Candidate]:
    """The topics, best answer first, the newest first among equals. said: their scores by words; compared: how near
    some are by meaning; alike: how near those are that were found by it. One of which that is not known counts as those
    compared do on average. likeness: of two of which it is known."""
    others = [cosine for topic_id, cosine in compared.items() if topic_id not in alike]
    usual = sum(others) / len(others) if others else FAR
    known = {**compared, **alike}
    gain = NEARNESS_WEIGHT * _most(query)
    score = {each: own + gain * max(0.0, known.get(each, usual) - FAR) for each, own in said.items()}
    best = nlargest(REGULARISED, score, key=score.__getitem__)
    score |= regularised({each: score[each] for each in best if each in known}, likeness)
    # Those that were not among the best stay behind them.
    first = set(best)
    return sorted(
        candidates,
        key=lambda each: (each.topic_id not in first, -score[each.topic_id], -each.topic_id),
    )


def regularised(score: Mapping[int, float], likeness: Likeness) -> dict[int, float]:
    """The scores of some topics, each drawn towards those of the topics that mean the same: such texts answer alike."""
    near: dict[int, dict[int, float]] = {each: {} for each in score}
    for one, other in combinations(score, 2):
        near[one][other] = near[other][one] = math.exp((likeness(one, other) - 1) / NEIGHBOURHOOD)
    return {each: _drawn(own, near[each], score) for each, own in score.items()}


def _drawn(own: float, near: Mapping[int, float], score: Mapping[int, float]) -> float:
    if not near:
        return own
    neighbours = sum(share * score[other] for other, share in near.items()) / sum(near.values())
    return (1 - FROM_NEIGHBOURS) * own + FROM_NEIGHBOURS * neighbours


def _most(query: list[Weighed]) -> float:
    """The most that words can gain."""
    return sum(each.weight for each in query) * (SATURATION + 1)


def _score(candidate: Candidate, query: list[Weighed], wanted: frozenset[str], today: float) -> float:
    total = sum(each.weight for each in query)
    if not total:
        return 0.0
    counts = _counts(candidate, wanted)
    found = answered = 0.0
    for each in query:
        gain, share = _best_way(candidate, counts, each.ways)
        found += gain
        answered += share
    fresh = 1 + FRESH_BONUS * 0.5 ** (max(0.0, today - candidate.day) / HALF_LIFE)
    return found * answered / total * fresh * (SOLVED_BONUS if candidate.is_solved else 1.0)


def _best_way(candidate: Candidate, counts: dict[str, list[int]], ways: dict[Way, float]) -> tuple[float, float]:
    """What the best way of saying a thing gains in a topic, and what that way is worth at most. Plain loops: this is
    asked of 200 topics for some hundred ways each."""
    best = (0.0, 0.0)
    for way, value in ways.items():
        if value * (SATURATION + 1) <= best[0] or any(term not in counts for term in way):
            continue
        gain = value * _saturated(_weighted_count(candidate, counts, way))
        best = max(best, (gain, value))
    return best


def _counts(candidate: Candidate, wanted: frozenset[str]) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = {}
    for at, field in enumerate(candidate.fields):
        for term in wanted.intersection(field):
            counts.setdefault(term, [0, 0, 0, 0])[at] = field.count(term)
    return counts


def _weighted_count(candidate: Candidate, counts: dict[str, list[int]], way: Way) -> float:
    """Occurrences of a way over the fields, each weighted and thinned by the field's length; a way of several terms
    occurs as often as its rarest term."""
    total = 0.0
    for at in range(len(FIELDS)):
        occurrences = min(counts[term][at] for term in way)
        if occurrences:
            thinned = 1 - LENGTH_SHARES[at] * (1 - len(candidate.fields[at]) / USUAL_LENGTHS[at])
            total += FIELD_WEIGHTS[at] * occurrences / thinned
    return total


def _saturated(count: float) -> float:
    return count * (SATURATION + 1) / (count + SATURATION)
