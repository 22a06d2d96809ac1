"""What a search can be narrowed by: section, theme, state, network, region, year; and by author, as an operator.

A value is looked up among what the viewer may see, and narrows twice: by a tag inside the index, and by a condition in
the database. A topic written without a name has no network, no region and no author here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Text,
    any_,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from comcep.access.permissions import may_post_somewhere
from comcep.access.viewer import Viewer
from comcep.access.visibility import attributed_posts, listed_topics, visible_members, visible_sections
from comcep.accounts.models import Member, Network, Region
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Section, Theme, Topic, TopicTheme, lasting_theme
from comcep.search.analysis import fold
from comcep.text.cleaning import flat

FIRST_YEAR = 2015  # of the CEP
MOST_AUTHORS = 200  # members whom one name may mean
NOBODY = 0  # the key of no member
STATE_NAMES = {"solved": _("Résolu"), "answered": _("Répondu"), "open": _("Sans réponse")}


class TooMany(Exception):
    """A name means more members than can be asked for."""


@dataclass(frozen=True)
class Value:
    """One value of a facet: what addresses carry, what is shown, the key that tags and rows hold."""

    facet: str
    slug: str
    label: Any
    key: int | str

    @property
    def tag(self) -> str:
        return f"{self.facet}:{self.key}"


@dataclass(frozen=True)
class Counted:
    """A value and how many of the results bear it."""

    value: Value
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """One facet: the name of hooks and tags, of the address's parameter, what is shown; which topics bear a value; the
    values, fixed, or kept: a statement of those that a viewer has."""

    name: str
    parameter: str
    label: Any
    bears: Callable[[Any], Any]
    fixed: Callable[[], Sequence[Value]] = tuple
    kept: Callable[[Viewer], Any] | None = None


def _sections(viewer: Viewer) -> Any:
    return _kept("section", Section.id, Section.slug, Section.name).where(visible_sections(viewer, Section))


def _themes(viewer: Viewer) -> Any:
    """Those that a topic of theirs may take; who writes nowhere lists those of the topics they may list."""
    current = _kept("theme", Theme.id, Theme.slug, Theme.label).where(Theme.merged_into_id.is_(None))
    if may_post_somewhere(viewer):
        return current
    borne, topic = aliased(Theme), aliased(Topic)
    of_theirs = (
        select(func.coalesce(borne.merged_into_id, borne.id))
        .join(TopicTheme, TopicTheme.theme_id == borne.id)
        .join(topic, topic.id == TopicTheme.topic_id)
        .where(listed_topics(viewer, topic))
    )
    return current.where(Theme.id.in_(of_theirs))


def _networks(_viewer: Viewer) -> Any:
    return _kept("network", Network.id, Network.slug, Network.name)


def _regions(_viewer: Viewer) -> Any:
    return _kept("region", Region.id, Region.code, Region.name)


def _kept(facet: str, key: Any, slug: Any, label: Any) -> Any:
    return select(literal(facet).label("facet"), key.label("key"), slug.label("slug"), label.label("label"))


def _states() -> list[Value]:
    return [Value("state", state, name, state) for state, name in STATE_NAMES.items()]


def _years() -> list[Value]:
    return [Value("year", str(year), str(year), year) for year in range(FIRST_YEAR, now().year + 1)]


def _has_theme(key: Any) -> Any:
    return exists().where(TopicTheme.topic_id == Topic.id, Theme.id == TopicTheme.theme_id, lasting_theme() == key)


def _named(column: Any) -> Any:
    """What a column tells of the author; written without a name, a topic counts for no network and no region. Over a
    topic joined with its author."""
    return case((Topic.anonymous, None), else_=column)


FACETS = (
    Facet("section", "rubrique", _("Rubrique"), lambda key: Topic.section_id == key, kept=_sections),
    Facet("theme", "theme", _("Thème"), _has_theme, kept=_themes),
    Facet("state", "etat", _("État"), lambda key: Topic.state == key, _states),
    Facet("network", "reseau", _("Réseau"), lambda key: _named(Member.network_id) == key, kept=_networks),
    Facet("region", "region", _("Région"), lambda key: _named(Member.region_id) == key, kept=_regions),
    Facet("year", "annee", _("Année"), lambda key: extract("year", Topic.created_at) == key, _years),
)
BY_NAME = {facet.name: facet for facet in FACETS}


def find(viewer: Viewer, name: str, typed: str) -> list[Value]:
    """The values of a facet that a typed word means: the exact one, else those whose name holds it."""
    values = _values(viewer, [name])[name]
    wanted = fold(typed)
    exact = [value for value in values if wanted in (value.slug, fold(str(value.label)))]
    return exact or [value for value in values if flat(typed) and flat(typed) in flat(str(value.label))]


def _values(viewer: Viewer, names: Sequence[str]) -> dict[str, list[Value]]:
    """The values of some facets that a viewer has; all that are kept, in one question."""
    found = {name: [*BY_NAME[name].fixed()] for name in names}
    kept = [statement(viewer) for statement in (BY_NAME[name].kept for name in names) if statement]
    for row in db.session.execute(union_all(*kept)) if kept else ():
        found[row.facet].append(Value(row.facet, row.slug, row.label, row.key))
    return found


def authors(viewer: Viewer, typed: str) -> list[Value]:
    """The members of that name whose profile the viewer may open; one that stands for nobody where there is none. The
    index knows in which topics they wrote under their name: to ask the database for what a member wrote takes longer
    the more of it the viewer may not see.

    Raises TooMany.
    """
    wanted = flat(typed)
    named = select(Member.id).where(visible_members(viewer, Member), Member.flat_name.contains(wanted, autoescape=True))
    found = list(db.session.scalars(named.order_by(Member.id).limit(MOST_AUTHORS + 1))) if wanted else []
    if len(found) > MOST_AUTHORS:
        raise TooMany
    return [Value("author", str(key), "", key) for key in found or [NOBODY]]


def wrote_in(viewer: Viewer, members: Sequence[Value]) -> Any:
    """Whether one of some members wrote in a topic under their name."""
    theirs = (Post.topic_id == Topic.id, Post.author_id.in_([member.key for member in members]))
    return exists().where(*theirs, attributed_posts(viewer, Post, Topic)).correlate(Topic)


def among(column: Any, ids: list[int]) -> Any:
    """Whether a column is one of many ids. PostgreSQL takes one array, written out: a parameter each took 4 ms to send,
    an array written by the driver one. On SQLite the last is repeated up to a power of two: statements of a few lengths
    are prepared once."""
    if db.engine.dialect.name == "postgresql":
        written = literal("{" + ",".join(map(str, ids)) + "}", Text)
        return column == any_(cast(written, ARRAY(BigInteger)))
    return column.in_(ids + ids[-1:] * ((1 << (len(ids) - 1).bit_length()) - len(ids)) if ids else ids)


def found_by(column: Any, statement: Any) -> Any:
    """Whether a column is one of the few ids that a statement finds. PostgreSQL takes them as one array: it would read
    20,000 topics to tell two hundred, since it does not know how few they are."""
    if db.engine.dialect.name == "postgresql":
        return column == any_(func.array(statement.scalar_subquery()))
    return column.in_(statement)


def _one_of(values: Sequence[Value]) -> Any:
    return or_(*(BY_NAME[value.facet].bears(value.key) for value in values))


class Counting:
    """What the facets of one search count. Topics are read as they are found, each once, through visibility: those that
    words find while the search waits for those that mean it."""

    def __init__(
        self, viewer: Viewer, chosen: Mapping[str, Sequence[Value]], authors: Sequence[Sequence[Value]] = ()
    ) -> None:
        self._viewer, self._chosen, self._authors = viewer, chosen, authors
        self._asked: set[int] = set()
        self._rows: dict[int, Any] = {}
        self._themes: dict[int, list[int]] = {}
        self._values: dict[str, list[Value]] = {}

    def read(self, topic_ids: Sequence[int]) -> None:
        """Read of some topics what is counted, and the values it is counted by."""
        new = [topic_id for topic_id in topic_ids if topic_id not in self._asked]
        if new:
            self._asked.update(new)
            conditions = [_one_of(values) for values in self._chosen.values()]
            conditions += [wrote_in(self._viewer, members) for members in self._authors]
            rows = {row[0]: row for row in _visible(self._viewer, new, conditions)}
            self._rows |= rows
            for topic_id, theme in _themes_of(list(rows)):
                self._themes.setdefault(topic_id, []).append(theme)
        self._values = self._values or _values(self._viewer, list(BY_NAME))

    def rows(self, topic_ids: Sequence[int]) -> dict[int, Any]:
        """A row by topic, in order, for those of the topics that the viewer may list and that bear what is chosen."""
        self.read(topic_ids)
        return {topic_id: self._rows[topic_id] for topic_id in topic_ids if topic_id in self._rows}

    def counted(self, topic_ids: Sequence[int]) -> dict[str, list[Counted]]:
        """How many of these topics bear each value of each facet, the most frequent first; values that none bears are
        left out."""
        rows = self.rows(topic_ids)
        tags = _tags(list(rows.values()))
        tags.update(f"theme:{theme}" for topic_id in rows for theme in self._themes.get(topic_id, ()))
        return {name: _counted(values, tags, self._chosen.get(name, ())) for name, values in self._values.items()}


def _visible(viewer: Viewer, topic_ids: list[int], conditions: Sequence[Any]) -> Any:
    rows = (
        select(
            Topic.id,
            Topic.section_id,
            Topic.state,
            Topic.created_at,
            _named(Member.network_id),
            _named(Member.region_id),
        )
        .join(Member, Member.id == Topic.author_id)
        .where(among(Topic.id, topic_ids), listed_topics(viewer, Topic), *conditions)
    )
    return db.session.execute(rows)


def _themes_of(topic_ids: list[int]) -> Any:
    """Pairs of one of some topics, which the viewer may list, and a theme of it."""
    themes = select(TopicTheme.topic_id, lasting_theme()).join(Theme, Theme.id == TopicTheme.theme_id)
    return db.session.execute(themes.where(among(TopicTheme.topic_id, topic_ids)))


def _counted(values: list[Value], tags: Counter[str], chosen: Sequence[Value]) -> list[Counted]:
    slugs = {value.slug for value in chosen}
    counted = [
        Counted(value, tags[value.tag], value.slug in slugs)
        for value in values
        if tags[value.tag] or value.slug in slugs
    ]
    return sorted(counted, key=lambda each: (-each.count, str(each.value.label)))


def _tags(rows: Sequence[Any]) -> Counter[str]:
    _ids, sections, states, days, networks, regions = zip(*rows, strict=True) if rows else ((),) * 6
    borne = {
        "section": Counter(sections),
        "state": Counter(states),
        "year": Counter(day.year for day in days),
        "network": Counter(networks),
        "region": Counter(regions),
    }
    return Counter({f"{name}:{key}": count for name, keys in borne.items() for key, count in keys.items()})
