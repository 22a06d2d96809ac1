"""What animators do with themes: add, rename, merge, and set those of many topics at once. Who set what is kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, exists, func, select, update

from comcep.access.permissions import may_write_digests, require
from comcep.access.viewer import Viewer
from comcep.access.visibility import listed_topics
from comcep.analytics.guard.keeping import Of, require_cleared
from comcep.analytics.guard.readings import Typed
from comcep.analytics.models import Digest
from comcep.clock import now
from comcep.extensions import db
from comcep.forum import changing
from comcep.forum.models import FormerTopicTheme, Theme, ThemeName, Topic, TopicTheme
from comcep.moderation import journal, statements
from comcep.moderation.journal import Act
from comcep.text.cleaning import clean_line, slug

MOST_THEMES = 3
PER_PAGE = 30


class Refused(ValueError):
    """The themes cannot be changed so; the message says why, in French."""


@dataclass(frozen=True)
class Themed:
    """A topic to look over: its row and its themes."""

    topic: Any
    themes: list[Any]


def to_look_over(viewer: Viewer, waiting_only: bool, offset: int) -> list[Themed]:
    """A page of the topics the animator may list, newest first; those without a theme of a person when waiting_only."""
    conditions = [listed_topics(viewer, Topic)]
    if waiting_only:
        conditions.append(_without_theme_of_a_person())
    rows = list(
        db.session.execute(
            select(Topic.id, Topic.public_id, Topic.slug, Topic.title)
            .where(*conditions)
            .order_by(Topic.id.desc())
            .offset(offset)
            .limit(PER_PAGE)
        )
    )
    borne = db.session.execute(
        select(TopicTheme.topic_id, TopicTheme.set_by, TopicTheme.confidence, Theme.slug, Theme.label)
        .join(Theme, Theme.id == TopicTheme.theme_id)
        .where(TopicTheme.topic_id.in_([row.id for row in rows]))
        .order_by(Theme.position, Theme.id)
    ).all()
    return [Themed(row, [theme for theme in borne if theme.topic_id == row.id]) for row in rows]


def count(viewer: Viewer, waiting_only: bool) -> int:
    """How many topics the animator may list; those without a theme that a person set when waiting_only."""
    conditions = [_without_theme_of_a_person()] if waiting_only else []
    topics = select(func.count()).select_from(Topic).where(listed_topics(viewer, Topic), *conditions)
    return db.session.scalar(topics) or 0


def _without_theme_of_a_person() -> Any:
    return ~exists().where(TopicTheme.topic_id == Topic.id, TopicTheme.set_by != "model")


def current_themes() -> list[Theme]:
    """Themes that topics may take: those not merged into another."""
    return list(
        db.session.scalars(select(Theme).where(Theme.merged_into_id.is_(None)).order_by(Theme.position, Theme.id))
    )


def set_themes(viewer: Viewer, public_ids: Sequence[int], slugs: Sequence[str]) -> int:
    """Give some topics these themes in place of theirs; how many changed. Raises Forbidden, Refused."""
    require(may_write_digests(viewer))
    themes = [theme for theme in current_themes() if theme.slug in slugs]
    if not 1 <= len(themes) <= MOST_THEMES:
        raise Refused(_("Choisissez un à trois thèmes."))
    chosen = and_(Topic.public_id.in_(public_ids), listed_topics(viewer, Topic))
    changing.mark(chosen)  # before the journal, which one writer holds at a time
    topics = list(db.session.scalars(select(Topic).where(chosen).order_by(Topic.id)))
    at = now()
    for topic in topics:
        _put_aside(topic.id, at)
        db.session.add_all(
            TopicTheme(topic_id=topic.id, theme_id=theme.id, set_by="animator", set_at=at) for theme in themes
        )
        statements.tell_of_topic(viewer, topic, "themed")
    for topic in topics:
        journal.record(viewer, Act("set-themes", "topic", topic.public_id, topic.section_id))
    db.session.commit()
    return len(topics)


def _put_aside(topic_id: int, at: datetime) -> None:
    """Take a topic's themes away, and keep what they were: digests of periods begun before count by them."""
    for borne in list(db.session.scalars(select(TopicTheme).where(TopicTheme.topic_id == topic_id))):
        db.session.add(
            FormerTopicTheme(topic_id=topic_id, theme_id=borne.theme_id, set_at=borne.set_at, replaced_at=at)
        )
        db.session.delete(borne)
    db.session.flush()


def add(viewer: Viewer, label: str, description: str, confirmed: Collection[str] = ()) -> Theme:
    """A new theme, last in the list. Raises Forbidden, Refused, NotForTheCommittee."""
    require(may_write_digests(viewer))
    label = _free_label(label)
    require_cleared(viewer, [Typed(label), Typed(clean_line(description)[:300])], Of("theme"), confirmed)
    last = db.session.scalar(select(func.max(Theme.position))) or 0
    theme = Theme(
        slug=slug(label)[:60], label=label, description=clean_line(description)[:300], position=last + 1,
        created_at=now(),
    )  # fmt: skip
    db.session.add(theme)
    journal.record(viewer, Act("add-theme", "theme", detail=theme.slug))
    db.session.commit()
    return theme


def rename(viewer: Viewer, theme_slug: str, label: str, confirmed: Collection[str] = ()) -> None:
    """Another label; the address and the published figures keep the old slug, drafts take the new label. Raises
    Forbidden, Refused, NotForTheCommittee."""
    require(may_write_digests(viewer))
    theme = _theme(theme_slug)
    label = _free_label(label)
    require_cleared(viewer, [Typed(label)], Of("theme"), confirmed)
    db.session.add(ThemeName(theme_id=theme.id, label=theme.label))
    theme.label = label
    db.session.execute(update(Digest).where(Digest.published_at.is_(None)).values(drafting_due=True))
    journal.record(viewer, Act("rename-theme", "theme", detail=theme.slug))
    db.session.commit()


def merge(viewer: Viewer, theme_slug: str, into_slug: str) -> None:
    """Count a theme's topics, past and to come, with another's. Raises Forbidden, Refused."""
    require(may_write_digests(viewer))
    theme, into = _theme(theme_slug), _theme(into_slug)
    if theme.id == into.id:
        raise Refused(_("Un thème ne se fond pas dans lui-même."))
    db.session.execute(update(Theme).where(Theme.merged_into_id == theme.id).values(merged_into_id=into.id))
    theme.merged_into_id, theme.merged_at = into.id, now()
    borne = exists().where(TopicTheme.topic_id == Topic.id, TopicTheme.theme_id == theme.id)
    changing.mark(borne)
    journal.record(viewer, Act("merge-theme", "theme", detail=f"{theme.slug} > {into.slug}"))
    db.session.commit()


def _theme(theme_slug: str) -> Theme:
    theme = next((each for each in current_themes() if each.slug == theme_slug), None)
    if theme is None:
        raise Refused(_("Ce thème n'existe pas, ou a déjà été fondu dans un autre."))
    return theme


def _free_label(label: str) -> str:
    label = clean_line(label)[:120]
    if not label:
        raise Refused(_("Donnez un nom au thème."))
    taken = {slug(name) for name in db.session.scalars(select(Theme.slug))}
    taken |= {slug(name) for name in db.session.scalars(select(Theme.label))}
    if slug(label) in taken:
        raise Refused(_("Un thème porte déjà ce nom."))
    return label
