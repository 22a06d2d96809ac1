"""From the things a query wants to topics in order: those that hold enough of them, then ranking on the best of these.

Works on any Reading (engines/): nothing here knows an engine, a page or a database.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from comcep.search.engines import TITLE, Reading, Required
from comcep.search.queries import Query, Thing
from comcep.search.ranking import (
    LEAST_COVERAGE,
    Candidate,
    Likeness,
    Statistics,
    Weighed,
    ranked,
    scores,
    weighed,
    worth_comparing,
)
from comcep.search.thesaurus import Way

RANKED = 100  # topics whose words are looked at one by one; the others follow by the share of the query they hold
MOST_MATCHES = 500  # topics counted and shown of one query
MOST_LOOKED_AT = 1_000  # of those that hold its words; some fall out as copies, or for their phrases
MOST_POSTINGS = 12_000  # of the rarer words; the common ones of a large community then only rank, they do not select
MOST_OF_A_THING = 4_000  # of the best ways to say one thing; common other ways then only rank
TITLE_FIRST = 1.5  # when more topics match than are ranked, those that say it in their title come first


Allowed = Callable[[], Collection[int]] | None  # the topics that bear what is required; None: all


@dataclass(frozen=True)
class Near:
    """What is known by meaning, as cosines by topic. of: how near some topics are, where it is known; likest: looks for
    the nearest of all, or of those that are allowed, while words are looked up, and tells them when it is asked; least:
    how near one must be that holds none of the words; likeness: how near two of those are that it has told of."""

    of: Callable[[Collection[int]], Mapping[int, float]]
    likest: Callable[[Allowed], Callable[[], Mapping[int, float]]]
    least: float
    likeness: Likeness


# For a search that goes by words alone.
NOTHING_NEAR = Near(lambda _topic_ids: {}, lambda _allowed: dict, 1.0, lambda _one, _other: 0.0)


@dataclass(frozen=True)
class Matches:
    """Topics in order, whether there were more than are counted, and whether none of them holds the words."""

    topic_ids: list[int]
    has_more: bool = False
    is_by_meaning: bool = False


def matches(
    reading: Reading,
    things: list[Thing],
    query: Query,
    today: float,
    required: Required = (),
    among: Collection[int] | None = None,
    least: float = LEAST_COVERAGE,
    near: Near = NOTHING_NEAR,
    meanwhile: Callable[[Sequence[int]], object] = lambda _topic_ids: None,
) -> Matches:
    """The topics that answer, best first. required: tags they must bear; among: the only topics to look at;
    least: the share of the query's weight under which a topic is no answer; near: what is known by meaning;
    meanwhile: told those that words have found, before the others are waited for."""
    statistics = reading.statistics({term for thing in things for term in thing.terms})
    wanted = weighed(things, statistics)
    likest: Callable[[], Mapping[int, float]] = dict
    if wanted:
        likest = near.likest((lambda: reading.topics_that_meet(required)) if required else None)
        shares, in_title = _shares(reading, wanted, statistics, required, least)
    else:
        shares = dict.fromkeys(reading.topics_that_meet(required) if required else among or (), 1.0)
        in_title = set()
    narrowed = _narrowing(reading, query, among)
    ordered = _by_share({topic_id: shares[topic_id] for topic_id in narrowed(shares)}, in_title)
    by_words = _that_say(reading, ordered[: _looked_at(query)], query)
    first = by_words[:RANKED]
    others = [candidate.topic_id for candidate in by_words[RANKED:]] if _needs_reading(query) else ordered[RANKED:]
    said = scores(first, wanted, today)  # as much as can be known before the likest are: they take longest
    meanwhile([*said, *others][:MOST_MATCHES])
    compared = near.of(worth_comparing(said)) if wanted else {}
    alike = {topic_id: cosine for topic_id, cosine in likest().items() if cosine >= near.least or topic_id in shares}
    by_meaning = _that_say(reading, sorted(narrowed(alike.keys() - said.keys())), query)
    said |= scores(by_meaning, wanted, today)
    best_first = ranked([*first, *by_meaning], wanted, said, compared, alike, near.likeness)
    ids = [*_without_copies(best_first), *(topic_id for topic_id in others if topic_id not in alike)]
    is_by_meaning = bool(ids) and shares.keys().isdisjoint(ids)
    return Matches(ids[:MOST_MATCHES], len(ids) > MOST_MATCHES, is_by_meaning)


def _shares(
    reading: Reading, wanted: list[Weighed], statistics: Statistics, required: Required, least: float
) -> tuple[dict[int, float], set[int]]:
    """The share of the query's weight that each topic holds, for those that hold enough; those that say it in their
    title."""
    asked, weight = _asked(wanted, statistics)
    titles = {_in_title(each.thing.typed) for each in wanted}
    topics = reading.topics_with(titles.union(*asked), required)
    shares: dict[int, float] = {}
    for ways in asked:
        held: dict[int, float] = {}
        for way, value in sorted(ways.items(), key=lambda item: item[1]):
            held.update(dict.fromkeys(topics.get(way, ()), value))
        for topic_id, value in held.items():
            shares[topic_id] = shares.get(topic_id, 0.0) + value / weight
    enough = {topic_id: share for topic_id, share in shares.items() if share >= least}
    return enough, set().union(*(topics.get(title, ()) for title in titles))


def _asked(wanted: list[Weighed], statistics: Statistics) -> tuple[list[dict[Way, float]], float]:
    """The ways that select topics, by thing, and what the things weigh: the rarer things, and of each the ways that say
    it best, as far as a query may read. In a small community that is all of them."""
    asked: list[dict[Way, float]] = []
    weight, total = 0.0, 0
    for each in sorted(wanted, key=lambda each: -each.weight):
        if asked and total > MOST_POSTINGS:
            break
        ways, holding = _ways_asked(each, statistics)
        asked.append(ways)
        weight += each.weight
        total += holding
    return asked, weight


def _ways_asked(each: Weighed, statistics: Statistics) -> tuple[dict[Way, float], int]:
    """The ways of one thing that are read, and how many topics hold them. A word that very many hold selects by titles:
    those topics come first in any case."""
    ways: dict[Way, float] = {}
    total = 0
    for way, value in sorted(each.ways.items(), key=lambda item: -item[1]):
        holding = min(statistics.holding.get(term, 0) for term in way)
        if holding > MOST_OF_A_THING and not ways:
            way, holding = _in_title(way), MOST_OF_A_THING
        elif total + holding > MOST_OF_A_THING:
            continue
        ways[way] = value
        total += holding
    return ways, total


def _in_title(way: Way) -> Way:
    return tuple(TITLE + term for term in way)


def _narrowing(reading: Reading, query: Query, among: Collection[int] | None) -> Callable[[Collection[int]], set[int]]:
    """What keeps, of some topics, those that the query leaves."""
    left_out: set[int] = set()
    required = [] if among is None else [set(among)]
    if single := {way for way in query.left_out if len(way) == 1}:
        left_out.update(*reading.topics_with(single).values())
    if query.phrases:
        said = reading.topics_with(set(query.phrases))
        required += [set(said.get(way, ())) for way in query.phrases]
    return lambda topic_ids: set(topic_ids).difference(left_out).intersection(*required)


def _by_share(shares: dict[int, float], in_title: set[int]) -> list[int]:
    """The topics that hold most, as many as can be of use; the newest first among equals."""
    if len(shares) > RANKED:
        for topic_id in in_title & shares.keys():
            shares[topic_id] *= TITLE_FIRST
    if len(shares) > MOST_LOOKED_AT:  # to sort some thousands by two keys takes longer than to leave most of them out
        least = sorted(shares.values())[-MOST_LOOKED_AT]
        shares = {topic_id: share for topic_id, share in shares.items() if share >= least}
    return sorted(shares, key=lambda topic_id: (-shares[topic_id], -topic_id))


def _that_say(reading: Reading, topic_ids: list[int], query: Query) -> list[Candidate]:
    """Some topics in their order, without those whose words, once read, are not what the query asks for."""
    read = {candidate.topic_id: candidate for candidate in reading.candidates(topic_ids)} if topic_ids else {}
    return [read[topic_id] for topic_id in topic_ids if topic_id in read and _says(read[topic_id], query)]


def _needs_reading(query: Query) -> bool:
    """Whether only the words in their order tell if a topic matches."""
    return any(len(way) > 1 for way in (*query.phrases, *query.left_out))


def _looked_at(query: Query) -> int:
    return MOST_MATCHES if _needs_reading(query) else RANKED


def _says(candidate: Candidate, query: Query) -> bool:
    """Whether a topic holds every phrase, and no phrase left out."""
    wanted = all(_holds(candidate, way) for way in query.phrases)
    return wanted and not any(_holds(candidate, way) for way in query.left_out)


def _holds(candidate: Candidate, way: Way) -> bool:
    asked = f" {' '.join(way)} "
    return any(asked in f" {' '.join(field)} " for field in candidate.fields)


def _without_copies(candidates: list[Candidate]) -> list[int]:
    """The topics in order, an author's copies of one topic folded into the best."""
    first: dict[str, int] = {}
    for candidate in candidates:
        first.setdefault(candidate.copy or str(candidate.topic_id), candidate.topic_id)
    return list(first.values())
