"""Sections as pages show them: the index, one section, the choice of a section when asking."""

from functools import lru_cache
from itertools import groupby
from typing import Any

from flask import abort
from sqlalchemy import exists, literal, select
from sqlalchemy.orm import aliased

from comcep.access.permissions import may_post
from comcep.access.viewer import Viewer
from comcep.access.visibility import visible_sections
from comcep.extensions import Query, db
from comcep.forum import marks
from comcep.forum.models import Category, Post, Section, Topic, TopicRead


def index(viewer: Viewer, floor: int) -> list[tuple[str, list[Any]]]:
    """The sections the viewer may see by category: (name, rows), with counts, last post and an unread mark."""
    rows = db.session.execute(_index_statement(viewer.reach), marks.bound(viewer, floor)).all()
    return [(name, list(group)) for name, group in groupby(rows, key=lambda row: row.category)]


@lru_cache(maxsize=64)
def _index_statement(reach: Viewer) -> Query:
    last, last_topic = aliased(Post), aliased(Topic)
    return (
        select(
            Section.slug,
            Section.name,
            Section.description,
            Section.audience,
            Section.topics_count,
            Section.posts_count,
            Category.name.label("category"),
            last.created_at.label("last_post_at"),
            last_topic.title.label("last_title"),
            last_topic.public_id.label("last_topic_id"),
            last_topic.slug.label("last_slug"),
            _has_unread(reach).label("unread"),
        )
        .join(Section.category)
        .outerjoin(last, last.id == Section.last_post_id)
        .outerjoin(last_topic, last_topic.id == last.topic_id)
        .where(visible_sections(reach, Section))
        .order_by(Category.position, Section.position, Section.id)
    )


def _has_unread(reach: Viewer) -> Any:
    if not reach.is_signed_in:
        return literal(False)
    topic = (
        select(Topic.id)
        .outerjoin(TopicRead, marks.own_mark())
        .where(Topic.section_id == Section.id, Topic.hidden_at.is_(None), marks.is_unread())
        .correlate(Section)
    )
    return exists(topic)


def section_or_404(viewer: Viewer, slug: str) -> Section:
    """The section of that slug, if the viewer may see it."""
    section = db.session.scalar(_visible(viewer).where(Section.slug == slug))
    return section or abort(404)


def open_to(viewer: Viewer) -> list[Section]:
    """The sections where the viewer may open a topic now."""
    sections = db.session.scalars(_visible(viewer).where(Section.closed_at.is_(None)))
    return [section for section in sections if may_post(viewer, section)]


def shown(viewer: Viewer) -> list[Section]:
    """All sections the viewer may see."""
    return list(db.session.scalars(_visible(viewer)))


def topics_in_all(viewer: Viewer) -> int:
    """How many topics the viewer may list."""
    counts = select(Section.topics_count).where(visible_sections(viewer, Section))
    return sum(db.session.scalars(counts))


def _visible(viewer: Viewer) -> Query:
    order = (Category.position, Section.position, Section.id)
    return select(Section).join(Section.category).where(visible_sections(viewer, Section)).order_by(*order)
