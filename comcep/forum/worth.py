"""« Cela a-t-il servi ? »: some weeks after a question was solved, who asked it says so in one click.

Counted in the digest only, with everybody else's; the answers are shown to nobody.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from comcep.access.permissions import Forbidden, may_say_worth, require
from comcep.access.viewer import Viewer
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Topic, TopicWorth

AFTER = timedelta(days=21)  # the answer needs time to serve


def is_asked(viewer: Viewer, topic: Any, solved_at: datetime | None) -> bool:
    """Whether the topic's page asks this viewer: who asked the question, three weeks after it was solved, once."""
    if solved_at is None or now() - solved_at < AFTER or not may_say_worth(viewer, topic):
        return False
    said = select(TopicWorth.topic_id).where(TopicWorth.topic_id == topic.id)
    return db.session.scalar(said) is None


def say(viewer: Viewer, topic: Topic, helped: bool) -> None:
    """Write down whether the solution served; a second answer takes the place of the first.

    Raises Forbidden unless the viewer asked the question and it was solved three weeks ago.
    """
    require(may_say_worth(viewer, topic))
    if topic.solved_at is None or now() - topic.solved_at < AFTER:
        raise Forbidden
    db.session.merge(TopicWorth(topic_id=topic.id, helped=helped, at=now()))
    db.session.commit()
