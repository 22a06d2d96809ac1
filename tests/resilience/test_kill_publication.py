"""A process killed while it publishes a digest, at each of its writes in turn: nothing of it is published, and the next
attempt publishes all of it."""

import signal
import subprocess
import sys

import pytest
from sqlalchemy import func, select

from comcep.analytics import releasing
from comcep.analytics.models import Digest, DigestNotice, Release
from comcep.extensions import db
from comcep.moderation.models import JournalEntry
from tests.analytics.publishing import age_everything, period, write
from tests.community import Person, Site
from tests.servers import ROOT

# Publishes the only draft, and kills itself before the n-th statement that writes, the commit included.
_PUBLISH = """
import os, signal, sys
from sqlalchemy import event, select
from comcep import create_app
from comcep.access.viewer import Viewer
from comcep.analytics import releasing
from comcep.analytics.models import Digest
from comcep.extensions import db

data, database, member, last = sys.argv[1:]
app = create_app({"DATA": data, "DATABASE_URL": database, "TESTING": True})
writes = 0

def count(*_):
    global writes
    writes += 1
    if writes == int(last):
        os.kill(os.getpid(), signal.SIGKILL)

def statement(_connection, _cursor, words, *_):
    if words.lstrip().split(None, 1)[0].upper() in ("INSERT", "UPDATE", "DELETE"):
        count()

with app.app_context():
    event.listen(db.engine, "before_cursor_execute", statement)
    event.listen(db.engine, "commit", count)
    digest = db.session.scalars(select(Digest)).one()
    viewer = Viewer(int(member), "adviser", animator=True)
    print(releasing.publish(viewer, digest))
"""


@pytest.mark.long
def test_a_publication_killed_at_any_of_its_writes_is_whole_or_is_not(site: Site) -> None:
    lise = site.animator()
    write(site, 13, "pairs", "jeunes")
    age_everything(site)
    draft = lise.post("/animation/syntheses", **period()).location
    site.works()
    lise.post(draft, title="Titre", words="Nos mots.", version="1")
    killed = 0
    while publish_killed_at(site, lise, killed + 1) == -signal.SIGKILL:
        killed += 1
        assert traces(site) == (0, 0, 0, 0)
        assert killed < 30

    assert killed >= 5  # the digest, the ledger, the notice, the journal, the commit
    assert traces(site) == (1, 1, 1, 1)
    with site.app.app_context():
        assert releasing.broken_release() is None


def publish_killed_at(site: Site, lise: Person, write_number: int) -> int:
    """The exit code of a process that publishes and is killed before one of its writes, if it gets so far."""
    config = site.app.config
    arguments = [str(config["DATA"]), config["DATABASE_URL"], str(lise.member_id), str(write_number)]
    done = subprocess.run([sys.executable, "-c", _PUBLISH, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL or done.stdout.strip() == "[]", done.stderr
    return done.returncode


def traces(site: Site) -> tuple[int | None, ...]:
    """Digests published, lines of the ledger, notices to the committee, entries of the journal."""
    with site.app.app_context():
        return tuple(
            db.session.scalar(select(func.count()).select_from(table).where(condition))
            for table, condition in (
                (Digest, Digest.published_at.is_not(None)),
                (Release, Release.id.is_not(None)),
                (DigestNotice, DigestNotice.digest_id.is_not(None)),
                (JournalEntry, JournalEntry.kind == "publish-digest"),
            )
        )
