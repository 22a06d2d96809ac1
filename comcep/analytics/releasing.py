"""From a period to a published digest: its figures computed, its words checked, both frozen. Nothing changes
afterwards."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select, update

from comcep.access.permissions import may_write_digests, require
from comcep.access.viewer import Viewer
from comcep.analytics import disclosure, guard
from comcep.analytics.disclosure import Published, PublishedCell, merge_small, published_count, rounded_total, share
from comcep.analytics.gathering import Raw, gather, moments
from comcep.analytics.models import Digest
from comcep.clock import now
from comcep.extensions import db, rows_changed
from comcep.moderation import journal
from comcep.moderation.journal import Act
from comcep.text import markdown
from comcep.text.cleaning import clean_line, clean_text

PARTICIPATION_EVERY = timedelta(days=150)  # participation by network comes out twice a year


class PeriodRefused(ValueError):
    """A period that cannot be published; the message says why, in French."""


class NotDraft(Exception):
    """Somebody published or changed the draft meanwhile."""


def draft(viewer: Viewer, starts_on: date, ends_on: date) -> Digest:
    """A draft for a period. Raises Forbidden, or PeriodRefused for one reversed, not over, or overlapping another."""
    require(may_write_digests(viewer))
    if starts_on > ends_on:
        raise PeriodRefused(_("La période finit avant de commencer : inversez les deux dates."))
    if ends_on >= now().date():
        raise PeriodRefused(_("La période n'est pas finie : choisissez une date de fin passée."))
    overlap = select(Digest.id).where(Digest.starts_on <= ends_on, Digest.ends_on >= starts_on)
    if db.session.scalar(overlap.limit(1)) is not None:
        raise PeriodRefused(_("Cette période en recouvre une autre : les synthèses se suivent sans se chevaucher."))
    made = Digest(starts_on=starts_on, ends_on=ends_on, created_by_id=viewer.member_id)
    db.session.add(made)
    db.session.commit()
    return made


def write(viewer: Viewer, digest: Digest, title: str, words: str, version: int) -> None:
    """Keep the animator's words in a draft. Raises Forbidden, or NotDraft when it changed since it was opened."""
    require(may_write_digests(viewer))
    source = clean_text(words)
    kept = rows_changed(
        update(Digest)
        .where(Digest.id == digest.id, Digest.published_at.is_(None), Digest.version == version)
        .values(title=clean_line(title), words=source, words_html=markdown.render(source), version=version + 1)
    )
    if kept == 0:
        db.session.rollback()
        raise NotDraft
    db.session.commit()


def publish(viewer: Viewer, digest: Digest) -> list[guard.Finding]:
    """Freeze the figures and the words of a draft; what the guard found in the words, if it refuses, and nothing done.

    Raises Forbidden; NotDraft when somebody else published first.
    """
    require(may_write_digests(viewer))
    findings = guard.findings(f"{digest.title}\n{digest.words}", *moments(digest.starts_on, digest.ends_on))
    if findings:
        return findings
    figures = json.dumps(figures_of(digest).as_data(), ensure_ascii=False, sort_keys=True)
    content = f"{figures}\n{digest.title}\n{digest.words}"
    number = (db.session.scalar(select(func.max(Digest.number))) or 0) + 1
    frozen = rows_changed(
        update(Digest)
        .where(Digest.id == digest.id, Digest.published_at.is_(None), Digest.version == digest.version)
        .values(
            number=number,
            figures=figures,
            figures_hash=hashlib.sha256(content.encode()).hexdigest(),
            published_at=now(),
            published_by_id=viewer.member_id,
        )
        .execution_options(synchronize_session=False)
    )
    if frozen == 0:
        db.session.rollback()
        raise NotDraft
    journal.record(viewer, Act("publish-digest", "digest", digest.public_id, detail=str(number)))
    db.session.commit()
    db.session.expire_all()
    return []


def figures_of(digest: Digest) -> Published:
    """What would be published of the period now; of a published digest, what was."""
    if digest.figures is not None:
        return Published.from_data(json.loads(digest.figures))
    k = current_app.config["DIGEST_FLOOR"]
    raw = gather(digest.starts_on, digest.ends_on)
    before = _previous_figures(digest)
    cells = [*_themes(raw, k, before), *_community(raw, k), *_participation(raw, k, digest)]
    return Published(k, tuple(cells))


def _previous_figures(digest: Digest) -> Published | None:
    earlier = select(Digest.figures).where(Digest.figures.is_not(None), Digest.ends_on < digest.starts_on)
    figures = db.session.scalar(earlier.order_by(Digest.ends_on.desc()).limit(1))
    return Published.from_data(json.loads(figures)) if figures else None


def _themes(raw: Raw, k: int, before: Published | None) -> Iterator[PublishedCell]:
    earlier = {cell.row: cell.count for cell in before.table("themes")} if before else {}
    for slug, label, cell in raw.themes:
        count = published_count(cell, k)
        direction = disclosure.trend(count, earlier.get(slug)) if before else ""
        yield PublishedCell("themes", slug, label, "advisers", count, direction)


def _community(raw: Raw, k: int) -> Iterator[PublishedCell]:
    def total(row: str, label: str, count: int | None) -> PublishedCell:
        return PublishedCell("community", row, label, "count", count)

    questions = raw.questions
    yield total("advisers", "conseillers ont échangé", rounded_total(raw.whole.advisers, k))
    yield total("topics", "sujets ouverts", rounded_total(raw.topics, k))
    yield total("posts", "messages", rounded_total(raw.whole.posts, k))
    if raw.whole.advisers < 2 * k:
        return
    yield total(
        "answered-48h",
        "questions répondues en moins de 48 heures (%)",
        share(questions.within_48_hours, questions.asked, k),
    )
    yield total(
        "other-network",
        "premières réponses venues d'un autre réseau (%)",
        share(questions.by_another_network, questions.answered, k),
    )
    yield total("solved", "questions résolues (%)", share(questions.solved, questions.asked, k))
    if questions.median_hours is not None and questions.answerers >= 2 * k:
        yield total(
            "median",
            f"première réponse, en médiane : {disclosure.delay_band(questions.median_hours)}",
            rounded_total(questions.answered, k),
        )


def _participation(raw: Raw, k: int, digest: Digest) -> Iterator[PublishedCell]:
    if not _participation_is_due(digest):
        return
    for group in merge_small(raw.families, k):
        label = " + ".join(group.names)
        for column, count in (("registered", group.registered), ("contributing", group.contributing)):
            yield PublishedCell("participation", label, label, column, rounded_total(count, k))


def _participation_is_due(digest: Digest) -> bool:
    others = select(Digest).where(Digest.figures.is_not(None), Digest.id != digest.id)
    return not any(
        abs(other.ends_on - digest.ends_on) < PARTICIPATION_EVERY
        and Published.from_data(json.loads(other.figures or "{}")).table("participation")
        for other in db.session.scalars(others)
    )
