"""Solving a question: which post solved it, and taking it back.

What a solved topic looks like lives in reading/; case sheets will grow from it in cases/.
"""

from sqlalchemy import update

from comcep.access.permissions import may_solve, require
from comcep.access.viewer import Viewer
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.changing import changing
from comcep.forum.models import Post, Topic
from comcep.forum.signals import acted_by_role


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
        _forget_hidden_solution(topic)
        was_another = topic.solving_post_id != post.id
        topic.solving_post_id, topic.solved_at = post.id, now()
        if was_another:
            _announce(viewer, "solve", topic, post)


def reopen(viewer: Viewer, topic: Topic) -> None:
    """Take back the mark: the question waits again. Raises Forbidden as solve does."""
    with changing(viewer, topic):
        require(may_solve(viewer, topic))
        _forget_hidden_solution(topic)
        was_solved = topic.solving_post_id is not None
        topic.solving_post_id = topic.solved_at = None
        if was_solved:
            _announce(viewer, "reopen-question", topic)


def still_waits(viewer: Viewer, topic: Topic) -> None:
    """Say that no reply so far is an answer: the question is listed as waiting until the next one.

    Raises Forbidden as solve does; NotAQuestion where nothing answers it, or something solved it.
    """
    with changing(viewer, topic):
        require(may_solve(viewer, topic))
        if topic.state != "answered":
            raise NotAQuestion
        topic.waits_since = topic.last_post_id
        _announce(viewer, "still-waits", topic)


def _announce(viewer: Viewer, kind: str, topic: Topic, post: Post | None = None) -> None:
    """Who asked needs nobody told; an animator does it by virtue of their role."""
    if topic.author_id != viewer.member_id:
        acted_by_role.send(viewer, kind=kind, topic=topic, post=post, reason="")


def hide_solution(topic: Topic, post: Post) -> None:
    """The post is being hidden: if it solved the question, it does no more, until it is shown again."""
    if topic.solving_post_id == post.id:
        post.solution_since = topic.solved_at
        topic.solving_post_id = topic.solved_at = None


def show_solution(topic: Topic, post: Post) -> None:
    """The post is shown again: it solves the question as before. What was decided meanwhile has forgotten it."""
    if post.solution_since is not None:
        topic.solving_post_id, topic.solved_at = post.id, post.solution_since
    post.solution_since = None


def _forget_hidden_solution(topic: Topic) -> None:
    """What is decided now counts, whatever solved the question before it was hidden."""
    db.session.execute(update(Post).where(Post.topic_id == topic.id).values(solution_since=None))
