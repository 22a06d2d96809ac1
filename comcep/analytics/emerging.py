"""Subjects that rise: terms and pairs of terms of titles, more used in a period than in the one of the same length
before.

Animators see them with their topics. The committee sees at most five, from the vocabulary an animator approved, and as
anonymity.md allows: k advisers, two networks. Source: Dunning, "Accurate methods for the statistics of surprise and
coincidence", Computational Linguistics 1993; corrected for the number of terms tried (Bonferroni).
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from statistics import NormalDist
from typing import Any

from flask import current_app
from sqlalchemy import select

from comcep.access.permissions import may_write_digests, require
from comcep.access.system_read import SealedRow, system_read
from comcep.access.viewer import Viewer
from comcep.access.visibility import listed_topics
from comcep.accounts.models import Member, Network
from comcep.analytics.counting import peer_topics
from comcep.analytics.disclosure.cells import PublishedCell, RawCell
from comcep.analytics.disclosure.primary import published_count
from comcep.analytics.disclosure.rounding import cell_key, record_key
from comcep.analytics.gathering import moments
from comcep.analytics.guard.keeping import Of, require_cleared
from comcep.analytics.guard.readings import Typed
from comcep.analytics.models import ApprovedTerm, Digest
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic
from comcep.moderation import journal
from comcep.moderation.journal import Act
from comcep.search.analysis import term_of, words
from comcep.secrets_file import secret
from comcep.text.cleaning import clean_line

CHANCE = 0.05  # that anything at all is shown as rising by chance
FEWEST_TOPICS = 3
MOST_SHOWN = 15
MOST_PUBLISHED = 5
MOST_READ = 20_000  # titles of each period


@dataclass
class Rising:
    """A term that rises: how it is written, in how many titles of the period and of the one before, by whom."""

    term: str
    label: str
    now: int
    before: int
    surprise: float
    authors: dict[int, str] = field(default_factory=dict)  # adviser: network family
    topics: list[int] = field(default_factory=list)


def rising(starts_on: date, ends_on: date) -> list[Rising]:
    """The terms that rise, the most surprising first. Peers' topics only."""
    length = ends_on - starts_on + timedelta(days=1)
    now, before = list(_titles(starts_on, ends_on)), list(_titles(starts_on - length, starts_on - timedelta(days=1)))
    counted, earlier = _counted(now), _counted(before)
    tried = [term for term, held in counted.items() if len(held) >= FEWEST_TOPICS]
    if not tried or not before:
        return []
    least = NormalDist().inv_cdf(1 - CHANCE / len(tried) / 2) ** 2
    labels = _labels(now)
    found = []
    for term in tried:
        many, few = len(counted[term]), len(earlier.get(term, ()))
        surprise = _log_likelihood(many, len(now), few, len(before))
        if surprise >= least and many * len(before) > few * len(now):
            held = [now[at] for at in counted[term]]
            found.append(
                Rising(
                    term, labels.get(term, term), many, few, surprise,
                    {row.author_id: row.family for row in held}, [row.id for row in held],
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: (-each.surprise, each.term))


def _titles(starts_on: date, ends_on: date) -> Iterator[SealedRow]:
    first, after = moments(starts_on, ends_on)
    return system_read("titles of the period, for rising terms").rows(
        select(Topic.id, Topic.title, Topic.author_id, Network.family)
        .join(Section, Section.id == Topic.section_id)
        .join(Member, Member.id == Topic.author_id)
        .outerjoin(Network, Network.id == Member.network_id)
        .join(Post, Post.id == Topic.first_post_id)
        # A title that an animator wrote again would bring whom they choose into a cell, and let them read who it is.
        .where(*peer_topics(), Topic.created_at >= first, Topic.created_at < after, ~Post.edited_by_moderator)
        .order_by(Topic.id.desc())
        .limit(MOST_READ)
    )  # fmt: skip


def _counted(titles: Iterable[SealedRow]) -> dict[str, set[int]]:
    """The numbers of the titles that hold each term or pair."""
    held: dict[str, set[int]] = defaultdict(set)
    for at, row in enumerate(titles):
        terms = [term for word in words(row.title) if (term := term_of(word)) and not term.isdigit()]
        for term in [*terms, *(f"{first} {second}" for first, second in pairwise(terms))]:
            held[term].add(at)
    return held


def _labels(titles: Iterable[SealedRow]) -> dict[str, str]:
    """Each term as it is most often written."""
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for row in titles:
        said = [(term, word) for word in words(row.title) if (term := term_of(word))]
        for (first, word), (second, following) in zip(said, [*said[1:], ("", "")], strict=True):
            written[first][word] += 1
            written[f"{first} {second}"][f"{word} {following}"] += 1
    return {term: counts.most_common(1)[0][0] for term, counts in written.items()}


def _log_likelihood(many: int, of: int, few: int, of_before: int) -> float:
    """Twice the log-likelihood ratio of two shares being one."""
    share = (many + few) / (of + of_before)
    return 2 * sum(
        count * math.log(count / expected)
        for count, expected in (
            (many, of * share), (of - many, of * (1 - share)),
            (few, of_before * share), (of_before - few, of_before * (1 - share)),
        )
        if count and expected
    )  # fmt: skip


def cells(found: list[Rising], k: int) -> list[PublishedCell]:
    """What the committee reads: approved terms that k advisers of two networks used, five at most."""
    approved = {each.term: each.label for each in db.session.scalars(select(ApprovedTerm))}
    key = secret(current_app.config["DATA"], "digest").encode()[:64]
    published = []
    for each in found:
        if each.term in approved:
            cell = RawCell(
                len(each.authors), len(set(each.authors.values())), each.now, 1,
                cell_key([record_key(key, author) for author in each.authors]),
            )  # fmt: skip
            count = published_count(cell, k, "emerging")
            if count is not None:
                label = approved[each.term]
                published.append(PublishedCell("emerging", label, label, "advisers", count, "new"))
    return published[:MOST_PUBLISHED]


def as_text(found: list[Rising]) -> str:
    """The rising terms as a draft keeps them."""
    kept = [[each.term, each.label, each.now, each.before, each.topics[:5]] for each in found[:MOST_SHOWN]]
    return json.dumps(kept, ensure_ascii=False)


@dataclass(frozen=True)
class Shown:
    """A rising term as an animator sees it, with topics they may open."""

    term: str
    label: str
    now: int
    before: int
    topics: list[Any]
    is_approved: bool


def shown(viewer: Viewer, digest: Digest) -> list[Shown]:
    """The rising terms of a draft, as its last drafting found them."""
    approved = set(db.session.scalars(select(ApprovedTerm.term)))
    kept = json.loads(digest.drafted_emerging or "[]")
    wanted = [topic for *_, topics in kept for topic in topics]
    rows = select(Topic.id, Topic.public_id, Topic.slug, Topic.title).where(
        Topic.id.in_(wanted), listed_topics(viewer, Topic)
    )
    visible = {row.id: row for row in db.session.execute(rows)}
    return [
        Shown(term, label, now, before, [visible[each] for each in topics if each in visible], term in approved)
        for term, label, now, before, topics in kept
    ]


def approve(viewer: Viewer, term: str, label: str, confirmed: Collection[str] = ()) -> None:
    """Let the committee read a term, if enough advisers use it. Raises Forbidden, NotForTheCommittee."""
    require(may_write_digests(viewer))
    label = clean_line(label)[:80]
    if not label or db.session.scalar(select(ApprovedTerm.term).where(ApprovedTerm.term == term)) is not None:
        return
    require_cleared(viewer, [Typed(label)], Of("term"), confirmed)
    db.session.add(ApprovedTerm(term=term[:80], label=label, approved_by_id=viewer.member_id))
    journal.record(viewer, Act("approve-term", "term", detail=label))
    db.session.commit()
