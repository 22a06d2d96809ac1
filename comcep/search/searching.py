"""From typed words to results: asked of the reader's own indexes, then fetched again through visibility."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import not_, select

from comcep.access.viewer import Viewer
from comcep.access.visibility import index_keys, listed_posts, listed_topics
from comcep.extensions import background, db
from comcep.forum.models import Post, Topic
from comcep.forum.reading import topics
from comcep.search import analysis
from comcep.search.engines import EngineDown
from comcep.search.indexing import engine
from comcep.settings import RESULTS_PER_PAGE
from comcep.text.excerpts import Passage, best_passage, plain_text
from comcep.web.pagination import Page, page_of

LONGEST_QUERY = 300  # characters
MOST_RESULTS = 20 * RESULTS_PER_PAGE


@dataclass(frozen=True)
class Result:
    """One topic found: its row as lists show it, the post of the best passage, the passage with the words marked."""

    topic: Any
    post_public_id: int | None
    excerpt: Markup


@dataclass(frozen=True)
class Results:
    """A page of results; a sentence in their place when the query or the index cannot give any."""

    query: str
    results: list[Result]
    page: Page
    total: int = 0
    sentence: Any = ""


TOO_LONG = _("Votre recherche est très longue : seuls ses 300 premiers caractères ont servi.")
ONLY_COMMON = _(
    "Votre recherche ne contient que des mots trop courants. "
    "Ajoutez un mot de la situation : « CPF », « licenciement »…"
)
REBUILDING = _("La recherche se reconstruit : elle revient dans quelques minutes. Les rubriques restent ouvertes.")


def search(viewer: Viewer, query: str, floor: int) -> Results:
    """The topics the viewer may see for a query, best first; never raises, whatever is typed."""
    query = query.replace("\x00", " ").strip()
    sentence = TOO_LONG if len(query) > LONGEST_QUERY else ""
    things = analysis.wanted(query[:LONGEST_QUERY])
    nothing = page_of(0, RESULTS_PER_PAGE)
    if not things:
        return Results(query[:LONGEST_QUERY], [], nothing, sentence=ONLY_COMMON if query else "")
    try:
        hits = engine().search(things, index_keys(viewer), _stale(viewer), MOST_RESULTS)
    except EngineDown:
        background.wake(current_app)
        return Results(query[:LONGEST_QUERY], [], nothing, sentence=REBUILDING)
    page = page_of(min(hits.total, len(hits.topic_ids)), RESULTS_PER_PAGE)
    shown = hits.topic_ids[page.offset : page.offset + page.size]
    return Results(query[:LONGEST_QUERY], _hydrate(viewer, floor, shown, things), page, hits.total, sentence)


def _stale(viewer: Viewer) -> frozenset[int]:
    """Topics hidden or moved out of the viewer's sight that an index still holds until the sweep comes by."""
    gone = select(Topic.id).where(Topic.indexed_at.is_(None), not_(listed_topics(viewer, Topic)))
    return frozenset(db.session.scalars(gone))


def _hydrate(viewer: Viewer, floor: int, ids: list[int], things: list[analysis.Wanted]) -> list[Result]:
    found = topics.by_keys(viewer, floor, ids)
    wanted = frozenset().union(*(thing.all_terms for thing in things))
    passages = _passages(viewer, list(found), wanted, enough=len(things))
    return [_result(found[topic_id], passages.get(topic_id), wanted) for topic_id in ids if topic_id in found]


def _result(topic: Any, best: tuple[int, Passage] | None, wanted: frozenset[str]) -> Result:
    if best is None:
        return Result(topic, None, Markup(""))
    post_public_id, passage = best
    if not passage.count:  # found by its title alone: show which of its words
        passage = best_passage(f"{topic.title} — {passage.text}", analysis.term_of, wanted)
    return Result(topic, post_public_id, passage.marked())


def _passages(viewer: Viewer, ids: list[int], wanted: frozenset[str], enough: int) -> dict[int, tuple[int, Passage]]:
    posts = (
        select(Post.topic_id, Post.public_id, Post.html)
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.topic_id.in_(ids), listed_posts(viewer, Post, Topic))
        .order_by(Post.id)
    )
    best: dict[int, tuple[int, Passage]] = {}
    for post in db.session.execute(posts):
        if post.topic_id in best and best[post.topic_id][1].count >= enough:
            continue  # the earliest post that says it all
        passage = best_passage(plain_text(post.html), analysis.term_of, wanted)
        if post.topic_id not in best or passage.count > best[post.topic_id][1].count:
            best[post.topic_id] = (post.public_id, passage)
    return best
