"""A national theme's life: nominated, accepted or refused, under way, done; and what committee members say of it."""

from collections.abc import Collection

from blinker import signal
from flask_babel import lazy_gettext as _
from sqlalchemy import update

from comcep.access.permissions import may_comment_national_themes, may_decide_national_themes, require
from comcep.access.viewer import Viewer
from comcep.analytics.guard.keeping import Of, require_cleared
from comcep.analytics.guard.readings import Typed
from comcep.analytics.models import NationalTheme, NationalThemeComment
from comcep.clock import now
from comcep.extensions import db, rows_changed
from comcep.moderation import journal
from comcep.moderation.journal import Act
from comcep.text.cleaning import clean_line, clean_text

# A decision was written down, and is not committed yet. Sender: the viewer; theme.
decided = signal("national-theme-decided")

STEP_NAMES = {
    "nominated": _("proposée"),
    "accepted": _("retenue"),
    "refused": _("non retenue"),
    "under way": _("en cours"),
    "done": _("aboutie"),
}


class Overtaken(Exception):
    """Somebody else wrote down a state since the page was opened: the theme now holds theirs."""


def nominate(viewer: Viewer, title: str, reason: str, confirmed: Collection[str] = ()) -> NationalTheme:
    """Propose a theme to the steering committee. Raises Forbidden, NotForTheCommittee."""
    require(may_comment_national_themes(viewer))
    assert viewer.member_id is not None
    title, reason = clean_line(title), clean_text(reason)
    require_cleared(viewer, [Typed(title), Typed(reason)], Of("national-theme"), confirmed)
    theme = NationalTheme(title=title, reason=reason, nominated_by_id=viewer.member_id)
    db.session.add(theme)
    db.session.commit()
    return theme


def decide(
    viewer: Viewer, theme: NationalTheme, step: str, outcome: str, version: int, confirmed: Collection[str] = ()
) -> None:
    """Write down what the steering committee decided, and what came out of it. Raises Forbidden, NotForTheCommittee,
    or Overtaken when somebody else wrote it down since the page was opened."""
    require(may_decide_national_themes(viewer))
    outcome = clean_text(outcome)
    require_cleared(viewer, [Typed(outcome)], Of("national-theme", theme.public_id), confirmed)
    written = rows_changed(
        update(NationalTheme)
        .where(NationalTheme.id == theme.id, NationalTheme.version == version)
        .values(step=step, outcome=outcome, decided_at=now(), version=version + 1)
    )
    if written == 0:
        db.session.rollback()  # and the theme is read again as it is now
        raise Overtaken
    decided.send(viewer, theme=theme)
    journal.record(viewer, Act("decide-national-theme", "national-theme", theme.public_id, detail=step))
    db.session.commit()


def comment(viewer: Viewer, theme: NationalTheme, words: str, confirmed: Collection[str] = ()) -> None:
    """Say something to the other committee members. Raises Forbidden, NotForTheCommittee."""
    require(may_comment_national_themes(viewer))
    words = clean_text(words)
    require_cleared(viewer, [Typed(words)], Of("national-theme", theme.public_id), confirmed)
    db.session.add(NationalThemeComment(national_theme_id=theme.id, member_id=viewer.member_id, words=words))
    db.session.commit()
