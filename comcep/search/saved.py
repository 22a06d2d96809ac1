"""Searches that members keep: their list, and which newly solved topics answer them. Telling them is notify's."""

from dataclasses import dataclass
from datetime import datetime

from flask import abort
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from comcep.access.viewer import Viewer
from comcep.access.visibility import index_keys
from comcep.clock import now
from comcep.extensions import db, rows_changed
from comcep.search import addresses, queries
from comcep.search.addresses import Asked
from comcep.search.engines import EngineDown
from comcep.search.indexing import day_of, engine
from comcep.search.matching import matches
from comcep.search.models import SavedSearch
from comcep.search.searching import LONGEST_QUERY, NoSuchValue, narrowing, required_tags, things_wanted
from comcep.search.spelling import Spelling

MOST = 30  # of one member
LONGEST = 1000  # characters of an address
ANSWERS = 0.6  # of the words' weight that a topic must hold for the member to be told


class CannotKeep(Exception):
    """There is nothing to keep, or too many are kept already."""


@dataclass(frozen=True)
class Saved:
    """A kept search as its member sees it."""

    public_id: int
    asked: Asked
    created_at: datetime


def keep(viewer: Viewer, asked: Asked) -> None:
    """Keep a search; the same one twice is kept once. Raises CannotKeep."""
    if not (asked.words.strip() or asked.chosen) or len(asked.kept) > LONGEST or count(viewer) >= MOST:
        raise CannotKeep
    db.session.add(SavedSearch(member_id=viewer.member_id, address=asked.kept))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()


def count(viewer: Viewer) -> int:
    own = select(func.count(SavedSearch.id)).where(SavedSearch.member_id == viewer.member_id)
    return db.session.scalar(own) or 0


def own(viewer: Viewer) -> list[Saved]:
    """The member's kept searches, the newest first."""
    rows = db.session.scalars(
        select(SavedSearch).where(SavedSearch.member_id == viewer.member_id).order_by(SavedSearch.id.desc())
    )
    return [Saved(row.public_id, addresses.read(row.address), row.created_at) for row in rows]


def forget(viewer: Viewer, public_id: int) -> None:
    """Forget one's own kept search."""
    of_viewer = (SavedSearch.public_id == public_id, SavedSearch.member_id == viewer.member_id)
    if not rows_changed(delete(SavedSearch).where(*of_viewer)):
        abort(404)
    db.session.commit()


def answering(viewer: Viewer, asked: Asked, topic_ids: set[int]) -> list[int]:
    """Those of some topics that answer a kept search, asked of the viewer's own indexes. Raises EngineDown."""
    query = queries.parse(asked.words[:LONGEST_QUERY])
    try:
        chosen, authors = narrowing(viewer, query, asked.selected())
        reading = engine().open(index_keys(viewer))
        things = things_wanted(query, Spelling(reading, query.words))
        required = required_tags(chosen, authors)
        return matches(reading, things, query, day_of(now()), required, topic_ids, ANSWERS).topic_ids
    except NoSuchValue:  # a section or a network that is no more
        return []
    except TimeoutError as error:
        raise EngineDown from error
