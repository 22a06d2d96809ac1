"""Telling the committee that a digest came out, and one of its members what became of a theme they nominated: a mail
with a link and no word of it."""

from typing import Any

from flask import current_app
from sqlalchemy import delete, select

from comcep.accounts.models import Member
from comcep.accounts.viewing import viewer_of_member
from comcep.analytics.models import Digest, DigestNotice, NationalTheme
from comcep.analytics.national_themes import decided
from comcep.extensions import background, db, rows_changed
from comcep.notify import letters, notifying
from comcep.notify.models import Mail


@background.sweep("news")
def announce_digests() -> None:
    """Write to each committee member of each digest not announced yet, once: the mark goes with the mails."""
    due = select(DigestNotice.digest_id, Digest.public_id).join(Digest, Digest.id == DigestNotice.digest_id)
    for notice in list(db.session.execute(due)):
        if not rows_changed(delete(DigestNotice).where(DigestNotice.digest_id == notice.digest_id)):
            db.session.rollback()  # another process has just told them
            continue
        letter = letters.digest(f"{current_app.config['PUBLIC_ADDRESS']}/comite/syntheses/{notice.public_id}")
        for member_id in list(
            db.session.scalars(select(Member.id).where(Member.is_committee, Member.state == "active"))
        ):
            if viewer_of_member(member_id).committee:
                db.session.add(Mail(member_id=member_id, subject=letter.subject, body=letter.body))
        db.session.commit()


@decided.connect
def tell_of_decision(_viewer: Any, theme: NationalTheme) -> None:
    """Write to who nominated a theme that it was decided on, in the decision's transaction."""
    letter = letters.national_theme(f"{current_app.config['PUBLIC_ADDRESS']}/thematiques")
    notifying.write(theme.nominated_by_id, letter)
