"""From typed words to a page of results: asked of the reader's own indexes, then fetched again through visibility."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select

from comcep.access.viewer import Viewer
from comcep.access.visibility import index_keys, listed_posts
from comcep.clock import now
from comcep.extensions import background, db
from comcep.forum.models import Post, Topic
from comcep.forum.reading import topics
from comcep.search import analysis, facets, queries
from comcep.search.engines import EngineDown
from comcep.search.facets import Counted, Value
from comcep.search.indexing import day_of, engine
from comcep.search.matching import Matches, matches
from comcep.search.nearness import Question, nearness_to
from comcep.search.queries import Query, Thing
from comcep.search.spelling import Spelling, likest
from comcep.settings import RESULTS_PER_PAGE
from comcep.text.excerpts import Passage, best_passage, plain_text
from comcep.web.pagination import Page, page_of

LONGEST_QUERY = 300  # characters

Chosen = Mapping[str, Sequence[Value]]
Said = tuple[int | None, Passage]  # what a post says, by the public id of a reply


@dataclass(frozen=True)
class Excerpt:
    """A passage with the words marked; the reply it stands in, by its public id, None where the topic opens with it."""

    html: Markup
    reply: int | None = None


@dataclass(frozen=True)
class Result:
    """One topic found: its row as lists show it, its best passages, and whether it holds none of the words."""

    topic: Any
    excerpts: list[Excerpt]
    in_other_words: bool = False


@dataclass(frozen=True)
class Results:
    """A page of results; a sentence in their place when the query or the index cannot give any."""

    query: str
    results: list[Result]
    page: Page
    total: int = 0
    has_more: bool = False
    is_by_meaning: bool = False  # none of the topics holds the words
    facets: Mapping[str, list[Counted]] = field(default_factory=dict)
    chosen: Chosen = field(default_factory=dict)
    corrections: tuple[tuple[str, str], ...] = ()
    sentence: Any = ""
    words: str = ""  # what was searched for, without filters


TOO_LONG = _("Votre recherche est très longue : seuls ses 300 premiers caractères ont servi.")
ONLY_COMMON = _(
    "Votre recherche ne contient que des mots trop courants. "
    "Ajoutez un mot de la situation : « CPF », « licenciement »…"
)
REBUILDING = _("La recherche se reconstruit : elle revient dans quelques minutes. Les rubriques restent ouvertes.")
TOO_SLOW = _("Cette recherche demande trop de temps. Essayez avec moins de mots.")


class NoSuchValue(Exception):
    """A filter names nothing the viewer can see; the message says which."""


def search(viewer: Viewer, typed: str, floor: int, selected: Mapping[str, list[str]], newest_first: bool) -> Results:
    """The topics the viewer may see for a query, best first; never raises, whatever is typed.

    selected: values of facets chosen beside the words, by facet.
    """
    typed = typed.replace("\x00", " ").strip()
    sentence = TOO_LONG if len(typed) > LONGEST_QUERY else ""
    typed = typed[:LONGEST_QUERY]
    query = queries.parse(typed)
    nothing = Results(typed, [], page_of(0, RESULTS_PER_PAGE), words=query.words)
    try:
        question = Question(query.words)
        chosen, authors = narrowing(viewer, query, selected)
        reading = engine().open(index_keys(viewer))
        spelling = Spelling(reading, query.words)
        things = things_wanted(query, spelling)
        if not things and not chosen and not authors:
            return replace(nothing, sentence=ONLY_COMMON if typed else "")
        question.is_put_right(spelling.as_meant(query.words))
        near = nearness_to(viewer, question)
        counting = facets.Counting(viewer, chosen, authors)
        required = required_tags(chosen, authors)
        found = matches(reading, things, query, day_of(now()), required, near=near, meanwhile=counting.read)
    except NoSuchValue as error:
        return replace(nothing, sentence=str(error))
    except TimeoutError:
        return replace(nothing, sentence=TOO_SLOW)
    except EngineDown:
        background.wake(current_app)
        return replace(nothing, sentence=REBUILDING)
    return _page(viewer, floor, nothing, found, counting, chosen, things, spelling, sentence, newest_first)


def things_wanted(query: Query, spelling: Spelling) -> list[Thing]:
    """The things the words of a query want, put right where nobody writes them so."""
    typed = queries.query_terms(query.words)
    corrected = spelling.correct(typed)
    return queries.things_of([corrected.get(term, term) for term in typed])


def narrowing(
    viewer: Viewer, query: Query, selected: Mapping[str, list[str]]
) -> tuple[dict[str, list[Value]], list[list[Value]]]:
    """The values to narrow by, of facets chosen and of operators typed; for each author named, who that may be.

    Raises NoSuchValue.
    """
    chosen: dict[str, list[Value]] = {}
    authors: list[list[Value]] = []
    asked = [(name, value) for name, values in selected.items() for value in values]
    for name, typed in [*asked, *query.filters]:
        if name == "author":
            authors.append(_authors(viewer, typed))
            continue
        values = facets.find(viewer, name, typed)
        if not values:
            label = facets.BY_NAME[name].label
            raise NoSuchValue(gettext("%(facet)s « %(value)s » : rien de ce nom ici.", facet=label, value=typed[:80]))
        known = chosen.setdefault(name, [])
        known.extend(value for value in values if value.slug not in {each.slug for each in known})
    return chosen, authors


def _authors(viewer: Viewer, typed: str) -> list[Value]:
    try:
        return facets.authors(viewer, typed)
    except facets.TooMany:
        raise NoSuchValue(
            gettext("Auteur « %(value)s » : trop de membres portent ce nom. Écrivez-le en entier.", value=typed[:80])
        ) from None


def required_tags(chosen: Chosen, authors: Sequence[Sequence[Value]]) -> list[frozenset[str]]:
    """What the index is asked to narrow by."""
    return [frozenset(value.tag for value in values) for values in (*chosen.values(), *authors)]


def _page(
    viewer: Viewer,
    floor: int,
    nothing: Results,
    found: Matches,
    counting: facets.Counting,
    chosen: Chosen,
    things: list[Thing],
    spelling: Spelling,
    sentence: Any,
    newest_first: bool,
) -> Results:
    rows = counting.rows(found.topic_ids)
    ordered = list(rows)
    if newest_first:
        ordered.sort(key=lambda topic_id: rows[topic_id].created_at, reverse=True)
    page = page_of(len(ordered), RESULTS_PER_PAGE)
    shown = ordered[page.offset : page.offset + page.size]
    results, passages = _hydrate(viewer, floor, shown, things)
    return replace(
        nothing,
        results=results,
        page=page,
        total=len(ordered),
        has_more=found.has_more,
        is_by_meaning=found.is_by_meaning,
        facets=counting.counted(found.topic_ids),
        chosen=chosen,
        corrections=_corrections(nothing.words, spelling, passages),
        sentence=sentence,
    )


def _corrections(words: str, spelling: Spelling, passages: list[Passage]) -> tuple[tuple[str, str], ...]:
    """Each word put right with the word it was read as, spelt the likest way that the results shown hold."""
    spelt: dict[str, set[str]] = {}
    for passage in passages:
        for start, end, term in passage.found:
            spelt.setdefault(term, set()).add(passage.text[start:end].lower())
    typed = {analysis.term_of(word): word for word in analysis.words(words)}
    return tuple(
        (typed[wrong], likest(typed[wrong], spelt[right]))
        for wrong, right in spelling.corrected.items()
        if wrong in typed and right in spelt
    )


def _hydrate(viewer: Viewer, floor: int, ids: list[int], things: list[Thing]) -> tuple[list[Result], list[Passage]]:
    found = topics.by_keys(viewer, floor, ids)
    wanted = queries.said_by(things)
    said = _best_passages(viewer, list(found), wanted, enough=len(things))
    results, shown = [], []
    for topic_id in ids:
        if topic_id in found:
            result, passages = _result(found[topic_id], said.get(topic_id, []), wanted)
            results.append(result)
            shown += passages
    return results, shown


def _result(topic: Any, said: list[Said], wanted: Mapping[str, int]) -> tuple[Result, list[Passage]]:
    excerpts = [Excerpt(passage.marked(), reply) for reply, passage in said]
    passages = [passage for _, passage in said]
    if not any(passage.says for passage in passages):  # found by its title alone: show which of its words
        opening = f" — {passages[0].text}" if passages else ""
        passages = [best_passage(f"{topic.title}{opening}", analysis.term_of, wanted)]
        excerpts = [Excerpt(passages[0].marked())] if said else []
    return Result(topic, excerpts, in_other_words=bool(said) and not passages[0].says), passages


def _best_passages(viewer: Viewer, ids: list[int], wanted: Mapping[str, int], enough: int) -> dict[int, list[Said]]:
    """Of each topic the passage that says most, and that of another post which says most of the rest. enough: things
    said from which nothing more is looked for in a topic."""
    posts = (
        select(Post.topic_id, Post.public_id, Post.html, (Post.id == Topic.first_post_id).label("is_first"))
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.topic_id.in_(ids), listed_posts(viewer, Post, Topic))
        .order_by(Post.id)
    )
    read: dict[int, list[Said]] = {}
    term_of = cache(analysis.term_of)  # of this search alone: words come again and again in its passages
    for post in db.session.execute(posts):
        said = read.setdefault(post.topic_id, [])
        if said and len(said[-1][1].says) >= enough:
            continue  # the earliest post that says it all
        passage = best_passage(plain_text(post.html), term_of, wanted)
        said.append((None if post.is_first else post.public_id, passage))
    return {topic_id: _best(said) for topic_id, said in read.items()}


def _best(said: list[Said]) -> list[Said]:
    first = max(said, key=lambda each: len(each[1].says))  # the earliest of those that say as much
    other = max(said, key=lambda each: len(each[1].says - first[1].says))
    return [first, other] if other[1].says - first[1].says else [first]
