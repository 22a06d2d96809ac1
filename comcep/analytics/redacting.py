"""Taking a passage out of what was published: from every word of a digest and every label of its tables.

The numbers stay, and the ledger goes on: a redaction adds a hash of what is left, and a line with its reason to the
journal. The passage itself is kept nowhere.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

from flask_babel import gettext as _
from sqlalchemy import select, update

from comcep.access.permissions import may_write_digests, require
from comcep.access.viewer import Viewer
from comcep.analytics.disclosure.cells import Published
from comcep.analytics.guard.readings import Reading, words_of
from comcep.analytics.models import Digest, DigestCorrection, DigestRedaction, DigestWords
from comcep.analytics.releasing import LABELLED, frozen_content, hash_after
from comcep.extensions import db
from comcep.moderation import journal
from comcep.moderation.journal import Act
from comcep.text import markdown
from comcep.text.cleaning import clean_text


class NotThere(ValueError):
    """A passage that stands nowhere in the digest; the message says so, in French."""


def redact(viewer: Viewer, digest: Digest, passage: str, reason: str) -> None:
    """Take a passage out of a published digest, wherever it stands in words and labels. Raises Forbidden, NotThere."""
    require(may_write_digests(viewer))
    taken = "".join(words_of(passage))
    db.session.execute(update(Digest).where(Digest.id == digest.id).values(version=Digest.version + 1))  # one at a time
    db.session.expire_all()
    changed = [_of_words(digest, taken), _of_themes(digest, taken), _of_corrections(digest, taken)]
    changed.append(_of_labels(digest, taken))
    if not any(changed):
        db.session.rollback()
        raise NotThere(_("Ce passage ne se trouve pas dans la synthèse : recopiez-le tel qu'il s'y lit."))
    db.session.expire_all()
    earlier = select(DigestRedaction.content_hash).where(DigestRedaction.digest_id == digest.id)
    previous = db.session.scalar(earlier.order_by(DigestRedaction.id.desc()).limit(1)) or digest.figures_hash or ""
    content = hashlib.sha256(frozen_content(digest).encode()).hexdigest()
    db.session.add(
        DigestRedaction(digest_id=digest.id, by_id=viewer.member_id, content_hash=hash_after(previous, content))
    )
    journal.record(viewer, Act("redact-digest", "digest", digest.public_id, reason=clean_text(reason)))
    db.session.commit()


def without(text: str, taken: str) -> str:
    """A text without the passages whose words have these letters; what stands for each says that it was there."""
    for read in (text, unescape(text)):
        if found := list(_places(Reading(read), taken)):
            for start, end in reversed(found):
                read = read[:start] + _("(passage retiré)") + read[end:]
            return read
    return text


def _places(reading: Reading, taken: str) -> Iterator[tuple[int, int]]:
    """Where whole words of a text have some letters, from the first to the last one typed."""
    starts, ends, at = {}, {}, 0
    for word in reading.words:
        starts[at] = word.start
        at += len(word.folded)
        ends[at] = word.end
    at = reading.letters.find(taken) if taken else -1
    while at >= 0:
        is_whole = at in starts and at + len(taken) in ends
        if is_whole:
            yield starts[at], ends[at + len(taken)]
        at = reading.letters.find(taken, at + (len(taken) if is_whole else 1))


# By statements of their own: through the models a published digest refuses every change.
def _of_words(digest: Digest, taken: str) -> bool:
    title, words = without(digest.title, taken)[:200], without(digest.words, taken)
    if (title, words) == (digest.title, digest.words):
        return False
    values = {"title": title, "words": words, "words_html": markdown.render(words)}
    db.session.execute(update(Digest.__table__).where(Digest.__table__.c.id == digest.id).values(values))  # type: ignore[arg-type]
    return True


def _of_themes(digest: Digest, taken: str) -> bool:
    table = DigestWords.__table__
    changed = False
    for each in list(digest.theme_words):
        if (words := without(each.words, taken)) != each.words:
            here = (table.c.digest_id == each.digest_id, table.c.theme_id == each.theme_id)
            values = {"words": words, "words_html": markdown.render(words)}
            db.session.execute(update(table).where(*here).values(values))  # type: ignore[arg-type]
            changed = True
    return changed


def _of_corrections(digest: Digest, taken: str) -> bool:
    changed = False
    for each in db.session.scalars(select(DigestCorrection).where(DigestCorrection.digest_id == digest.id)):
        if (words := without(each.words, taken)) != each.words:
            each.words = words
            changed = True
    db.session.flush()
    return changed


def _of_labels(digest: Digest, taken: str) -> bool:
    """The labels that animators gave, in the frozen tables; the addresses of rows and every number stay."""
    figures = Published.from_data(json.loads(digest.figures or "{}"))
    cells = []
    for cell in figures.cells:
        if cell.table in LABELLED and (label := without(cell.label, taken)) != cell.label:
            # A term has no address but its label.
            cell = replace(cell, label=label, row=label if cell.row == cell.label else cell.row)
        cells.append(cell)
    if tuple(cells) == figures.cells:
        return False
    left = json.dumps(replace(figures, cells=tuple(cells)).as_data(), ensure_ascii=False, sort_keys=True)
    table = Digest.__table__
    values = {"figures": left, "drafted": left}
    db.session.execute(update(table).where(table.c.id == digest.id).values(values))  # type: ignore[arg-type]
    return True
