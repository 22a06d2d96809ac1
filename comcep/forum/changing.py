"""The one door through which every act on a topic goes: lock and read again, act, recount, mark, commit, wake.

What was read before the lock is never written back: of two acts at once, the second one builds on the first. What an
act does lives with the act (publishing.py, solving.py, moderation/); what is counted, in counting.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from comcep.access.viewer import Viewer
from comcep.extensions import background, db
from comcep.forum import counting
from comcep.forum.models import Topic
from comcep.forum.reading import topics


@contextmanager
def changing(viewer: Viewer, topic: Topic) -> Iterator[None]:
    """Hold the topic, as it is now, for an act of the viewer; the act, its counts and its marks are one transaction.

    Answers 404 when the viewer may no longer see the topic. What the act raises undoes all of it.
    """
    topic_id, public_id = topic.id, topic.public_id
    try:
        mark(Topic.id == topic_id)
        db.session.expire_all()  # read again, whatever of it was read before
        topics.topic_or_404(viewer, public_id)
        yield
        counting.recount_topic(topic)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    background.wake(current_app)


def mark(which: Any) -> None:
    """Lock the topics that meet a condition, and have every sweep that follows topics see them again; the caller
    commits. In the database, not from what was read: the index sweep may have marked a topic as seen meanwhile.

    SQLite has no other lock than a first write; PostgreSQL's rows are taken in the order of their keys, so that two who
    lock several do not wait for each other.
    """
    locked = select(Topic.id).where(which).order_by(Topic.id).with_for_update()
    db.session.execute(
        update(Topic)
        .where(Topic.id.in_(locked))
        .values(changed=Topic.changed + 1, indexed_at=None)
        .execution_options(synchronize_session=False)
    )
