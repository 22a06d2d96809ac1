"""Digests, national themes and the ledger as the committee, the animators and the advisers see them."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import abort
from sqlalchemy import DateTime, String, literal, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from comcep.analytics.disclosure.cells import Published
from comcep.analytics.models import Digest, DigestCorrection, DigestRedaction, DigestWords, NationalTheme, Release
from comcep.extensions import db
from comcep.forum.models import Theme

IN_ARCHIVE = 12  # digests shown side by side


def published_digests() -> list[Digest]:
    """Newest period first."""
    published = select(Digest).where(Digest.published_at.is_not(None))
    return list(db.session.scalars(published.order_by(Digest.ends_on.desc())))


def published_digest_or_404(public_id: int) -> Digest:
    """A published digest; a draft does not exist for its readers."""
    wanted = select(Digest).where(Digest.public_id == public_id, Digest.published_at.is_not(None))
    return db.session.scalar(wanted) or abort(404)


def drafts() -> list[Digest]:
    waiting = select(Digest).where(Digest.published_at.is_(None))
    return list(db.session.scalars(waiting.order_by(Digest.ends_on.desc())))


def digest_or_404(public_id: int) -> Digest:
    """A digest, draft or published, for those who write them."""
    return db.session.scalar(select(Digest).where(Digest.public_id == public_id)) or abort(404)


def figures_of(digest: Digest) -> Published | None:
    """What was published; of a draft, what would be by its last drafting, if there was one."""
    figures = digest.figures or digest.drafted
    return Published.from_data(json.loads(figures)) if figures else None


def published_figures(digest: Digest) -> Published:
    """What a published digest holds."""
    return _published(digest.figures or "")


@lru_cache(maxsize=4 * IN_ARCHIVE)
def _published(figures: str) -> Published:
    """Read once: what was published never changes."""
    return Published.from_data(json.loads(figures))


def words_by_theme(digest: Digest) -> dict[str, DigestWords]:
    """What the animator says of each theme of a draft, by its slug; themes of which nothing is said are left out."""
    wanted = select(DigestWords).where(DigestWords.digest_id == digest.id).options(joinedload(DigestWords.theme))
    return {words.theme.slug: words for words in db.session.scalars(wanted) if words.words}


def themes_to_write(digest: Digest, words: dict[str, DigestWords], typed: Collection[str]) -> dict[str, str]:
    """The themes of a draft that take words, by slug, with their label: those that would be published, and those of
    which something is said already, so that it can be taken away. words: what words_by_theme gives; typed: slugs of
    the themes that a form which comes back has words on."""
    figures = figures_of(digest)
    cells = figures.table("themes") if figures else []
    shown = {cell.row: cell.label for cell in cells if cell.count is not None or cell.row in typed}
    return shown | {slug: each.theme.label for slug, each in words.items()}


@dataclass(frozen=True)
class Archived:
    """One table row over the releases: the published count of each, none where it was withheld."""

    row: str
    label: str
    counts: list[int | None]


@dataclass(frozen=True)
class Archive:
    """The last releases side by side: their numbers and ends, and each theme's and total's counts."""

    numbers: list[int]
    ends: list[date]
    themes: list[Archived]
    community: dict[str, list[int | None]]

    def before(self) -> dict[str, int | None]:
        """Each theme's count in the release before the last; empty when there is none."""
        return {theme.row: theme.counts[-2] for theme in self.themes} if len(self.numbers) > 1 else {}


def archive() -> Archive:
    """The last twelve releases, oldest first."""
    rows = db.session.execute(_releases().limit(IN_ARCHIVE)).all()
    return _archive(list(rows)[::-1])


def _releases() -> Any:
    columns = (Digest.number, Digest.ends_on, Digest.figures)
    return select(*columns).where(Digest.published_at.is_not(None)).order_by(Digest.ends_on.desc())


def _archive(rows: list[Any]) -> Archive:
    releases = [_published(row.figures) for row in rows]
    labels = {cell.row: cell.label for release in releases for cell in release.table("themes")}
    themes = [Archived(row, label, _over(releases, "themes", row, "advisers")) for row, label in labels.items()]
    return Archive(
        [row.number for row in rows],
        [row.ends_on for row in rows],
        [theme for theme in themes if any(count is not None for count in theme.counts)],
        {row: _over(releases, "community", row, "count") for row in ("advisers", "topics", "posts")},
    )


@dataclass(frozen=True)
class DigestPage:
    """What the page of a published digest shows: the digest, its figures, the words on each theme by its slug, the
    corrections with their day, when passages were taken out, and the releases up to it."""

    digest: Any
    figures: Published
    words: dict[str, Any]
    corrections: list[Any]
    redactions: list[datetime]
    archive: Archive


def page_or_404(public_id: int) -> DigestPage:
    """The page of a published digest, in two statements: the releases up to it, and the words beside it."""
    asked = select(Digest.ends_on).where(Digest.public_id == public_id, Digest.published_at.is_not(None))
    upto = _releases().add_columns(
        Digest.id, Digest.public_id, Digest.starts_on, Digest.title, Digest.words_html, Digest.published_at
    )
    rows = list(db.session.execute(upto.where(Digest.ends_on <= asked.scalar_subquery()).limit(IN_ARCHIVE)))
    if not rows or rows[0].public_id != public_id:
        abort(404)
    of_themes = (
        select(Theme.slug, DigestWords.words_html.label("words"), literal(None, DateTime).label("at"))
        .join(Theme, Theme.id == DigestWords.theme_id)
        .where(DigestWords.digest_id == rows[0].id, DigestWords.words != "")
    )
    corrected = select(literal(None, String), DigestCorrection.words, DigestCorrection.at).where(
        DigestCorrection.digest_id == rows[0].id
    )
    redacted = select(literal(None, String), literal(None, String), DigestRedaction.at).where(
        DigestRedaction.digest_id == rows[0].id
    )
    beside: list[Any] = list(db.session.execute(union_all(of_themes, corrected, redacted)).all())
    return DigestPage(
        rows[0],
        _published(rows[0].figures),
        {row.slug: row.words for row in beside if row.slug is not None},
        sorted((row for row in beside if row.slug is None and row.words is not None), key=lambda row: row.at),
        sorted(row.at for row in beside if row.words is None),
        _archive(rows[::-1]),
    )


def _over(releases: list[Published], table: str, row: str, column: str) -> list[int | None]:
    cells = [release.cell(table, row, column) for release in releases]
    return [cell.count if cell is not None else None for cell in cells]


def ledger() -> list[Any]:
    """The lines of the ledger with the digest each is of, newest first."""
    lines = select(Release, Digest.number).join(Digest, Digest.id == Release.digest_id).order_by(Release.id.desc())
    return list(db.session.execute(lines).all())


def national_themes() -> list[NationalTheme]:
    """Newest first, with the comments that only the committee is shown."""
    wanted = select(NationalTheme).options(selectinload(NationalTheme.comments))
    return list(db.session.scalars(wanted.order_by(NationalTheme.id.desc())))


def national_theme_or_404(public_id: int) -> NationalTheme:
    return db.session.scalar(select(NationalTheme).where(NationalTheme.public_id == public_id)) or abort(404)
