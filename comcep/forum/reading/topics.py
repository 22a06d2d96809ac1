"""Topics as lists and their own page show them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import abort
from sqlalchemy import and_, bindparam, case, func, literal, select
from sqlalchemy.orm import joinedload

from comcep.access.viewer import Viewer
from comcep.access.visibility import listed_topics, visible_topics
from comcep.accounts.models import Member, Network
from comcep.extensions import Query, db
from comcep.forum import marks
from comcep.forum.models import Category, Section, Theme, Topic, TopicFollow, TopicRead, TopicTheme
from comcep.forum.reading.posts import wrote_unnamed


@lru_cache(maxsize=64)
def _rows(reach: Viewer) -> Query:
    """What a topic row shows, for any list: narrow, order and limit it. Nobody's name is in it."""
    return (
        select(
            Topic.id,
            Topic.public_id,
            Topic.slug,
            Topic.title,
            Topic.kind,
            Topic.state,
            Topic.posts_count,
            Topic.last_post_at,
            Topic.created_at,
            Topic.pinned,
            Topic.closed_at,
            Section.name.label("section_name"),
            Section.slug.label("section_slug"),
            # Written without a name: not even the network (product.md, Topics and posts).
            case((Topic.anonymous, None), else_=Network.name).label("network"),
            (marks.is_unread() if reach.is_signed_in else literal(False)).label("unread"),
        )
        .join(Section, Section.id == Topic.section_id)
        .join(Member, Member.id == Topic.author_id)
        .outerjoin(Network, Network.id == Member.network_id)
        .outerjoin(TopicRead, marks.own_mark())
        .where(listed_topics(reach, Topic))
    )


@dataclass(frozen=True)
class Listing:
    """A list of topics as one viewer may see it; nothing is asked of the database before it is fetched."""

    statement: Query
    bound: dict[str, Any]

    def fetch(self, limit: int, offset: int = 0) -> list[Any]:
        return list(db.session.execute(self.statement.limit(limit).offset(offset), self.bound).all())


def _listing(viewer: Viewer, floor: int, *narrowed: Any, order: tuple[Any, ...]) -> Listing:
    statement = _rows(viewer.reach).where(*narrowed).order_by(*order)
    return Listing(statement, marks.bound(viewer, floor))


def newest_first(viewer: Viewer, floor: int) -> Listing:
    return _listing(viewer, floor, order=(Topic.last_post_id.desc(),))


def of_section(viewer: Viewer, floor: int, section_id: int, narrowed: list[Any], sort: str) -> Listing:
    """A section's topics, pinned first, by last post or by date of the question."""
    by = Topic.id.desc() if sort == "creation" else Topic.last_post_id.desc()
    return _listing(viewer, floor, Topic.section_id == section_id, *narrowed, order=(Topic.pinned.desc(), by))


def waiting(viewer: Viewer, floor: int) -> Listing:
    """Questions nobody has answered, the longest waiting first."""
    return _listing(viewer, floor, Topic.state == "open", order=(Topic.last_post_id,))


def unread(viewer: Viewer, floor: int) -> Listing:
    return _listing(viewer, floor, marks.is_unread(), order=(Topic.last_post_id.desc(),))


def solved(viewer: Viewer, floor: int) -> Listing:
    return _listing(viewer, floor, Topic.solved_at.is_not(None), order=(Topic.solved_at.desc(),))


def relayed(viewer: Viewer, floor: int) -> Listing:
    """What animators relayed from the hors-pairs section to the peers' home."""
    return _listing(viewer, floor, Topic.relayed_at.is_not(None), order=(Topic.relayed_at.desc(),))


def by_keys(viewer: Viewer, floor: int, keys: list[int]) -> dict[int, Any]:
    """The rows of some topics by their key, those the viewer may list."""
    found = _listing(viewer, floor, Topic.id.in_(keys), order=(Topic.id,))
    return {row.id: row for row in found.fetch(len(keys))}


def count(viewer: Viewer, *narrowed: Any) -> int:
    """How many topics the viewer may list under some conditions."""
    topics = select(func.count()).select_from(Topic).where(listed_topics(viewer, Topic), *narrowed)
    return db.session.scalar(topics) or 0


def count_unread(viewer: Viewer, floor: int, most: int = 1000) -> int:
    """How many unread topics, up to a thousand: beyond, the number tells nobody anything."""
    topics = (
        select(Topic.id)
        .outerjoin(TopicRead, marks.own_mark())
        .where(listed_topics(viewer, Topic), marks.is_unread())
        .limit(most)
    )
    counted = select(func.count()).select_from(topics.subquery())
    return db.session.scalar(counted, marks.bound(viewer, floor)) or 0


def page_or_404(viewer: Viewer, public_id: int) -> Any:
    """The row a topic's page shows, with its section, the viewer's mark and whether they follow it."""
    bound = {**marks.bound(viewer), "public_id": public_id}
    return db.session.execute(_page_statement(viewer.reach), bound).first() or abort(404)


@lru_cache(maxsize=64)
def _page_statement(reach: Viewer) -> Query:
    own_follow = and_(TopicFollow.topic_id == Topic.id, TopicFollow.member_id == marks.OWN)
    return (
        select(
            Topic.id,
            Topic.public_id,
            Topic.slug,
            Topic.title,
            Topic.kind,
            Topic.state,
            Topic.created_at,
            Topic.closed_at,
            Topic.pinned,
            Topic.relayed_at,
            Topic.hidden_at,
            Topic.anonymous,
            Topic.written_in_id,
            Topic.narrowed_at,
            Topic.moved_from_id,
            Topic.moved_at,
            Topic.posts_count,
            Topic.first_post_id,
            Topic.last_post_id,
            Topic.solving_post_id,
            Topic.solved_at,
            # The author's key only for the author: nothing on the page may tell who asked without a name.
            case((Topic.author_id == marks.OWN, Topic.author_id)).label("author_id"),
            Section.id.label("section_id"),
            Section.slug.label("section_slug"),
            Section.name.label("section_name"),
            Section.audience,
            Section.group_id,
            Section.closed_at.label("section_closed_at"),
            Category.name.label("category_name"),
            TopicRead.post_id.label("read_post_id"),
            TopicFollow.since.is_not(None).label("followed"),
            wrote_unnamed(Topic.id).label("was_unnamed"),
        )
        .join(Section, Section.id == Topic.section_id)
        .join(Category, Category.id == Section.category_id)
        .outerjoin(TopicRead, marks.own_mark())
        .outerjoin(TopicFollow, own_follow)
        .where(Topic.public_id == bindparam("public_id"), visible_topics(reach, Topic))
    )


def topic_or_404(viewer: Viewer, public_id: int) -> Topic:
    """The topic to act on, with its section."""
    topic = db.session.scalar(
        select(Topic)
        .options(joinedload(Topic.section))
        .where(Topic.public_id == public_id, visible_topics(viewer, Topic))
    )
    return topic or abort(404)


def themes_of(topic_id: int) -> list[Any]:
    """The themes of a topic the viewer was shown: rows of slug and label."""
    return list(db.session.execute(_THEMES, {"topic_id": topic_id}).all())


_THEMES = (
    select(Theme.slug, Theme.label)
    .join(TopicTheme)
    .where(TopicTheme.topic_id == bindparam("topic_id"))
    .order_by(Theme.position, Theme.id)
)


def all_themes() -> list[Theme]:
    """Themes that a topic may take: those merged into another are not among them."""
    return list(
        db.session.scalars(select(Theme).where(Theme.merged_into_id.is_(None)).order_by(Theme.position, Theme.id))
    )
