"""Solving a question: which post solved it, and taking it back.

What a solved topic looks like lives in reading/; case sheets will grow from it in cases/.
"""

from flask import current_app
from sqlalchemy import select

from comcep.access.permissions import may_solve, require
from comcep.access.viewer import Viewer
from comcep.clock import now
from comcep.extensions import background, db
from comcep.forum import counting
from comcep.forum.models import Post, Topic


class NotAQuestion(ValueError):
    """Only a question can be solved, and only by another of its posts."""


def solve(viewer: Viewer, topic: Topic, post: Post) -> None:
    """Mark the post that solves the topic, in place of an earlier one.

    Raises Forbidden unless the viewer asked the question or animates; NotAQuestion if the topic is none or the post
    is hidden, elsewhere, or the question itself. Source: CNEFOP report 2017, L1126.
    """
    require(may_solve(viewer, topic))
    if topic.kind != "question" or post.topic_id != topic.id or post.id == topic.first_post_id or post.hidden_at:
        raise NotAQuestion
    topic.solving_post_id, topic.solved_at = post.id, now()
    _commit(topic)


def reopen(viewer: Viewer, topic: Topic) -> None:
    """Take back the mark: the question waits again."""
    require(may_solve(viewer, topic))
    topic.solving_post_id = topic.solved_at = None
    _commit(topic)


def _commit(topic: Topic) -> None:
    db.session.flush()
    db.session.execute(select(Topic.id).where(Topic.id == topic.id).with_for_update())
    counting.recount_topic(topic)
    db.session.commit()
    background.wake(current_app)
