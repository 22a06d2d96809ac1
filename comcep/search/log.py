"""The log of searches: what peers look for and do not find, so that animators know which case sheet is missing.

It keeps no name. Words pass the personal-data guard; the searcher is an HMAC under a key that is destroyed when its
month is over, so that months cannot be joined and no row leads to a member. Kept 13 months. Only what five distinct
members searched in one month is ever shown.
"""

import hashlib
import hmac
import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from comcep.access.viewer import Viewer
from comcep.clock import now
from comcep.extensions import background, db
from comcep.search.models import Searched, SearchKey
from comcep.search.queries import parse, query_terms
from comcep.text.personal_data import find_personal_data

KEPT = timedelta(days=396)  # 13 months
FEWEST_SEARCHERS = 5
MOST_SHOWN = 50


@dataclass(frozen=True)
class NotFound:
    """What several members searched for in vain: the words, how many members in one month at most, and whether there
    were results, which nobody opened."""

    words: str
    searchers: int
    found_something: bool


def log(viewer: Viewer, typed: str, hits: int) -> int | None:
    """Write down a peer's search; the public id that a click on a result names. None when there is nothing to keep."""
    words = guarded(parse(typed).words)
    terms = " ".join(sorted(set(query_terms(words))))[:300]
    if not viewer.is_adviser or not terms:
        return None
    today = now().date()
    searcher = _searcher(viewer, today)
    same = (Searched.searcher == searcher, Searched.terms == terms, Searched.searched_on == today)
    row = db.session.scalars(select(Searched).where(*same)).first()
    if row is None:
        row = Searched(
            words=words[:300], terms=terms, hits=hits, searcher=searcher, searched_on=today, month=_month(today)
        )
        db.session.add(row)
    row.hits = hits
    try:
        db.session.commit()
    except IntegrityError:  # the same search in two windows at once
        db.session.rollback()
        row = db.session.scalars(select(Searched).where(*same)).one()
    return row.public_id


def opened(viewer: Viewer, public_id: int, rank: int) -> None:
    """Note which result of one's own search was opened first."""
    db.session.execute(
        update(Searched)
        .where(
            Searched.public_id == public_id,
            Searched.searcher == _searcher(viewer, now().date()),
            Searched.opened_rank.is_(None),
        )
        .values(opened_rank=rank)
    )
    db.session.commit()


def guarded(words: str) -> str:
    """The words without what points at a person."""
    for found in find_personal_data(words):
        words = words.replace(found.words, "…")
    return " ".join(words.split())


def searched_in_vain() -> list[NotFound]:
    """What five members or more searched in one month with no result, or opening none; the most searched first."""
    searchers = func.count(Searched.searcher.distinct())
    groups = db.session.execute(
        select(
            Searched.terms,
            func.max(Searched.words).label("words"),
            searchers.label("searchers"),
            func.max(Searched.hits).label("hits"),
        )
        .where(Searched.searched_on > now().date() - KEPT)
        .group_by(Searched.terms, Searched.month)
        .having(searchers >= FEWEST_SEARCHERS, func.count(Searched.opened_rank) == 0)
    )
    by_terms: dict[str, list[NotFound]] = defaultdict(list)
    for group in groups:
        by_terms[group.terms].append(NotFound(group.words, group.searchers, group.hits > 0))
    most = [max(found, key=lambda each: each.searchers) for found in by_terms.values()]
    return sorted(most, key=lambda each: (-each.searchers, each.words))[:MOST_SHOWN]


@background.sweep("slow")
def forget_searches() -> None:
    """Destroy the keys of months that are over, and what is older than 13 months."""
    today = now().date()
    db.session.execute(delete(SearchKey).where(SearchKey.month < _month(today)))
    db.session.execute(delete(Searched).where(Searched.searched_on < today - KEPT))
    db.session.commit()


def _searcher(viewer: Viewer, day: date) -> str:
    key = _key(_month(day))
    return hmac.new(key.encode(), str(viewer.member_id).encode(), hashlib.sha256).hexdigest()[:32]


def _key(month: str) -> str:
    kept = db.session.scalar(select(SearchKey.key).where(SearchKey.month == month))
    if kept is not None:
        return kept
    db.session.add(SearchKey(month=month, key=secrets.token_hex(32)))
    try:
        db.session.commit()
    except IntegrityError:  # another process made it first: both use that one
        db.session.rollback()
    return db.session.scalars(select(SearchKey.key).where(SearchKey.month == month)).one()


def _month(day: date) -> str:
    return day.isoformat()[:7]
