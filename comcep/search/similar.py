"""Cases close to a text: solved ones while a question is being written and beside a topic, titles while one types a
search."""

from typing import Any

from comcep.access.viewer import Viewer
from comcep.access.visibility import index_keys
from comcep.clock import now
from comcep.forum.reading import topics
from comcep.search import queries
from comcep.search.engines import EngineDown, Required
from comcep.search.indexing import day_of, engine
from comcep.search.matching import NOTHING_NEAR, matches
from comcep.search.nearness import Question, nearness_to
from comcep.search.queries import Query
from comcep.search.spelling import Spelling

SOLVED: Required = (frozenset(["state:solved"]),)
CLOSE_ENOUGH = 0.3  # of the text's weight: under it a case is no help
MEANS_THE_SAME = 0.75  # a cosine: from it a case whose words are others is a help as well
MOST = 4
LONGEST = 300  # characters of a text that are read


def solved_cases(viewer: Viewer, text: str, floor: int, besides: int | None = None) -> list[Any]:
    """Rows of the solved topics closest to a text, as lists show them. besides: the topic the text comes from."""
    text = _beginning(text)
    found = _ids(viewer, text, SOLVED, Question(text))
    return _rows(viewer, floor, [topic_id for topic_id in found if topic_id != besides])


def titles(viewer: Viewer, typed: str, floor: int) -> list[Any]:
    """Rows of the topics that what is typed so far may be looking for; its last word may be the beginning of one."""
    return _rows(viewer, floor, _ids(viewer, _beginning(typed), (), is_unfinished=True))


def _beginning(text: str) -> str:
    return text.replace("\x00", " ")[:LONGEST]


def _ids(
    viewer: Viewer, text: str, required: Required, question: Question | None = None, is_unfinished: bool = False
) -> list[int]:
    """The topics that hold the words of a text, best first; one more than is shown. With a question, solved topics that
    mean it as well."""
    typed = queries.query_terms(text)
    if not typed:
        return []
    try:
        reading = engine().open(index_keys(viewer))
        spelling = Spelling(reading, text)
        corrected = spelling.correct(typed)
        things = queries.things_of([corrected.get(term, term) for term in typed])
        if is_unfinished:
            things = [*things[:-1], queries.unfinished(things[-1], spelling.beginning_with(typed[-1]))]
        near = NOTHING_NEAR
        if question is not None:
            question.is_put_right(spelling.as_meant(text))
            near = nearness_to(viewer, question, MEANS_THE_SAME, solved_only=True)
        found = matches(reading, things, Query(""), day_of(now()), required, least=CLOSE_ENOUGH, near=near)
    except (EngineDown, TimeoutError):
        return []
    return found.topic_ids[: MOST + 1]


def _rows(viewer: Viewer, floor: int, ids: list[int]) -> list[Any]:
    rows = topics.by_keys(viewer, floor, ids[:MOST])
    return [rows[topic_id] for topic_id in ids[:MOST] if topic_id in rows]
