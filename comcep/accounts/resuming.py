"""Forms sent after their session had ended: each waits a day for the member who signed in with it, and comes back
filled.

How a page shows one lives in pages/resuming.py; what a form held, in web/sent.py.
"""

import json
from datetime import timedelta

from flask import abort
from sqlalchemy import delete, exists, select

from comcep.access.viewer import Viewer
from comcep.accounts.models import KeptForm
from comcep.clock import now
from comcep.extensions import background, db
from comcep.web.csrf import form_at
from comcep.web.redirects import inside
from comcep.web.sent import Fields, read_copy

KEPT_FOR = timedelta(days=1)
MOST = 5  # of one member: as many tabs
LARGEST = 400_000  # characters


def keep(member_id: int, copy: str) -> str | None:
    """Keep the form that came with the sign-in; the address where it comes back. None for what is no form of ours that
    shows its text again, so that no sign-in leads anywhere else."""
    read = read_copy(copy) if len(copy) <= LARGEST else None
    if read is None or not _is_form_of_ours(read[0]):
        return None
    kept = KeptForm(member_id=member_id, path=read[0], fields=json.dumps(read[1]))
    db.session.add(kept)
    db.session.flush()
    own = select(KeptForm.id).where(KeptForm.member_id == member_id).order_by(KeptForm.id.desc())
    oldest = list(db.session.scalars(own.offset(MOST)))
    db.session.execute(delete(KeptForm).where(KeptForm.id.in_(oldest)))
    db.session.commit()
    return f"/reprise/{kept.public_id}"


def _is_form_of_ours(path: str) -> bool:
    return len(path) <= 200 and path.isascii() and inside(path, "") == path and form_at(path) is not None


def kept_or_404(viewer: Viewer, public_id: int) -> tuple[str, Fields]:
    """The address and the fields of a form that waits for this viewer."""
    wanted = select(KeptForm).where(
        KeptForm.public_id == public_id, KeptForm.member_id == viewer.member_id, KeptForm.created_at > now() - KEPT_FOR
    )
    kept = db.session.scalar(wanted) or abort(404)
    return kept.path, [(name, value) for name, value in json.loads(kept.fields)]


@background.sweep("slow")
def forget_kept_forms() -> None:
    """What has waited a day is gone."""
    old = KeptForm.created_at < now() - KEPT_FOR
    if db.session.scalar(select(exists().where(old))):
        db.session.execute(delete(KeptForm).where(old))
        db.session.commit()
