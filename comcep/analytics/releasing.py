"""From a period to a published digest: its words checked, its figures and words frozen together, a line in the ledger.

Figures are computed by drafting.py, in the background; here they are only frozen. Nothing changes afterwards.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select, update

from comcep.access.permissions import may_write_digests, require
from comcep.access.viewer import Viewer
from comcep.analytics import guard
from comcep.analytics.disclosure.cells import Published
from comcep.analytics.drafting import ask_again_if_changed
from comcep.analytics.gathering import moments
from comcep.analytics.guard.keeping import Of, not_kept
from comcep.analytics.guard.readings import Typed
from comcep.analytics.models import Digest, DigestCorrection, DigestNotice, DigestRedaction, DigestWords, Release
from comcep.clock import now
from comcep.extensions import background, db, rows_changed
from comcep.forum.models import Theme
from comcep.moderation import journal
from comcep.moderation.journal import Act
from comcep.text import markdown
from comcep.text.cleaning import clean_line, clean_text

START = "0" * 64
LABELLED = ("themes", "unsolved", "delays", "demand", "yearly", "emerging")  # tables whose rows animators name


class PeriodRefused(ValueError):
    """A period that cannot be published; the message says why, in French."""


class NotDraft(Exception):
    """Somebody published or changed the draft meanwhile."""


class Overtaken(NotDraft):
    """Somebody else wrote in the draft since it was opened: it now holds their words."""


class EarlierWaits(NotDraft):
    """An earlier period is still a draft."""


class NotReady(Exception):
    """The figures are not those of the topics as they are now: they are being computed again."""


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
    last = db.session.scalar(select(func.max(Digest.ends_on)).where(Digest.published_at.is_not(None)))
    if last is not None and starts_on < last:
        raise PeriodRefused(_("Cette période précède une synthèse publiée : les synthèses paraissent dans l'ordre."))
    made = Digest(starts_on=starts_on, ends_on=ends_on, created_by_id=viewer.member_id)
    db.session.add(made)
    db.session.flush()
    journal.record(viewer, Act("draft-digest", "digest", made.public_id))
    db.session.commit()
    background.wake(current_app)
    return made


def write(
    viewer: Viewer, digest: Digest, title: str, words: str, version: int, of_themes: Mapping[str, str] | None = None
) -> None:
    """Keep the animator's words in a draft, those of each theme by its slug. Raises Forbidden, or NotDraft when it
    changed since it was opened."""
    require(may_write_digests(viewer))
    source = clean_text(words)
    kept = rows_changed(
        update(Digest)
        .where(Digest.id == digest.id, Digest.published_at.is_(None), Digest.version == version)
        .values(title=clean_line(title), words=source, words_html=markdown.render(source), version=version + 1)
    )
    if kept == 0:
        db.session.rollback()  # and the draft is read again as it is now
        raise Overtaken if digest.published_at is None else NotDraft
    _write_of_themes(digest, of_themes or {})
    journal.record(viewer, Act("write-digest", "digest", digest.public_id))
    db.session.commit()


def _write_of_themes(digest: Digest, of_themes: Mapping[str, str]) -> None:
    keys = {theme.slug: theme.id for theme in db.session.scalars(select(Theme))}
    known = {words.theme_id: words for words in digest.theme_words}
    for slug, typed in of_themes.items():
        if slug not in keys:
            continue
        source = clean_text(typed)
        words = known.get(keys[slug])
        if words is None and source:
            words = DigestWords(digest_id=digest.id, theme_id=keys[slug])
            db.session.add(words)
        if words is not None:
            words.words, words.words_html = source, markdown.render(source)


def publish(viewer: Viewer, digest: Digest, confirmed: frozenset[str] = frozenset()) -> list[guard.Finding]:
    """Freeze the figures and the words of a draft; what the guard found in the words, if it refuses, and nothing done.

    confirmed: what the guard asked about and the animator keeps. Raises Forbidden; NotReady when topics changed since
    the figures were computed; NotDraft when somebody else published first, or an earlier period is still a draft.
    """
    require(may_write_digests(viewer))
    if findings := not_kept(viewer, _findings(viewer, digest), Of("digest", digest.public_id), confirmed):
        return findings
    _require_ready(digest)
    content = frozen_content(digest)
    content_hash = hashlib.sha256(content.encode()).hexdigest()
    number = (db.session.scalar(select(func.max(Digest.number))) or 0) + 1
    frozen = rows_changed(
        update(Digest)
        .where(Digest.id == digest.id, Digest.published_at.is_(None), Digest.version == digest.version)
        .values(
            number=number, figures=digest.drafted, figures_hash=content_hash, published_at=now(),
            published_by_id=viewer.member_id,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if frozen == 0:
        db.session.rollback()
        raise NotDraft
    _add_to_ledger(digest, content_hash)
    db.session.add(DigestNotice(digest_id=digest.id))
    journal.record(viewer, Act("publish-digest", "digest", digest.public_id, detail=str(number)))
    db.session.commit()
    db.session.expire_all()
    background.wake(current_app)
    return []


def _findings(viewer: Viewer, digest: Digest) -> list[guard.Finding]:
    """What stands against publishing: in the words, in the labels of the figures, and words on a withheld theme."""
    figures, shown = _drafted(digest), shown_themes(digest)
    first, _after = moments(digest.starts_on, digest.ends_on)
    of_themes = [Typed(each.words, is_markdown=True) for each in digest.theme_words]
    found = guard.findings(viewer, [Typed(digest.title), Typed(digest.words, is_markdown=True), *of_themes], first)
    labels = sorted({cell.label for cell in figures.cells if cell.table in LABELLED})
    # What may be harmless in a label was asked about when the theme was named or the term approved.
    found += [each for each in guard.findings(viewer, [Typed(each) for each in labels], first) if not each.may_confirm]
    unpublished = _("mots sur un thème qui n'est pas publié : effacez-les")
    found += [
        guard.Finding(unpublished, each.theme.label)
        for each in digest.theme_words
        if each.words and each.theme.slug not in shown
    ]
    return found


def shown_themes(digest: Digest) -> set[str]:
    """The slugs of the themes that a draft shows a figure of: the only ones that may bear words."""
    return {cell.row for cell in _drafted(digest).table("themes") if cell.count is not None}


def _drafted(digest: Digest) -> Published:
    return Published.from_data(json.loads(digest.drafted or '{"k": 0, "cells": []}'))


def frozen_content(digest: Digest) -> str:
    """What the hash of a published digest is made of: its figures and all its words."""
    of_themes = {each.theme_id: each.words for each in digest.theme_words}
    return json.dumps([digest.figures or digest.drafted, digest.title, digest.words, of_themes], sort_keys=True)


def _require_ready(digest: Digest) -> None:
    if ask_again_if_changed(digest):
        raise NotReady
    earlier = select(Digest.id).where(Digest.published_at.is_(None), Digest.ends_on < digest.starts_on)
    if db.session.scalar(earlier.limit(1)) is not None:
        raise EarlierWaits


def _add_to_ledger(digest: Digest, content_hash: str) -> None:
    figures = Published.from_data(json.loads(digest.drafted or "{}"))
    previous = db.session.scalar(select(Release.content_hash).order_by(Release.id.desc()).limit(1)) or START
    chained = hash_after(previous, content_hash)
    db.session.add(
        Release(
            digest_id=digest.id, k=figures.k, mode=figures.mode, epsilon=figures.epsilon, content_hash=chained,
            previous_hash=previous,
        )
    )  # fmt: skip


def correct(viewer: Viewer, digest: Digest, words: str, confirmed: frozenset[str] = frozenset()) -> list[guard.Finding]:
    """Set words of correction beside a published digest; what the guard found, if it refuses. Raises Forbidden."""
    require(may_write_digests(viewer))
    source = clean_text(words)
    if not source:
        return []
    found = guard.findings(viewer, [Typed(source)], moments(digest.starts_on, digest.ends_on)[0])
    if findings := not_kept(viewer, found, Of("digest", digest.public_id), confirmed):
        return findings
    db.session.add(DigestCorrection(digest_id=digest.id, words=source, by_id=viewer.member_id))
    journal.record(viewer, Act("correct-digest", "digest", digest.public_id))
    db.session.commit()
    return []


def broken_release() -> int | None:
    """The key of the first line of the ledger that does not follow from the one before or from its digest; none when
    all hold."""
    previous = START
    lines = select(Release, Digest).join(Digest, Digest.id == Release.digest_id).order_by(Release.id)
    for release, digest in db.session.execute(lines):
        chained = hash_after(previous, digest.figures_hash or "")
        if release.previous_hash != previous or release.content_hash != chained or not _is_as_left(digest):
            return release.id
        previous = release.content_hash
    return None


def _is_as_left(digest: Digest) -> bool:
    """Whether a digest is as it was published, or as its last redaction left it."""
    content = hashlib.sha256(frozen_content(digest).encode()).hexdigest()
    redactions = select(DigestRedaction.content_hash).where(DigestRedaction.digest_id == digest.id)
    hashes = list(db.session.scalars(redactions.order_by(DigestRedaction.id)))
    if not hashes:
        return content == digest.figures_hash
    return hashes[-1] == hash_after([digest.figures_hash or "", *hashes][-2], content)


def hash_after(previous: str, content_hash: str) -> str:
    """The hash of a digest's content, chained to the one before."""
    return hashlib.sha256(f"{previous} {content_hash}".encode()).hexdigest()
