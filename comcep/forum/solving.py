"""Solving a question: which post solved it, and taking it back.

What a solved topic looks like lives in reading/; case sheets will grow from it in cases/.
"""

from comcep.access.permissions import may_solve, require
from comcep.access.viewer import Viewer
from comcep.clock import now
from comcep.forum.changing import changing
from comcep.forum.models import Post, Topic


class NotAQuestion(ValueError):
    """Only a question can be solved, and only by another of its posts."""


def solve(viewer: Viewer, topic: Topic, post: Post) -> None:
    """Mark the post that solves the topic, in place of an earlier one.

    Raises Forbidden unless the viewer asked the question or animates; NotAQuestion if the topic is none or the post
    is hidden, elsewhere, or the question itself. Source: CNEFOP report 2017, L1126.
    """
    with changing(viewer, topic):
        require(may_solve(viewer, topic))
        if topic.kind != "question" or post.topic_id != topic.id or post.id == topic.first_post_id or post.hidden_at:
            raise NotAQuestion
        topic.solving_post_id, topic.solved_at = post.id, now()


def reopen(viewer: Viewer, topic: Topic) -> None:
    """Take back the mark: the question waits again."""
    with changing(viewer, topic):
        require(may_solve(viewer, topic))
        topic.solving_post_id = topic.solved_at = None
