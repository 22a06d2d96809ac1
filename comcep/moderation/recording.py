"""What rooms below do by virtue of a role, written down: a line in the journal, and word to whom it concerns.

They announce it before they commit; what is raised here undoes the act. Acts of this room record themselves.
"""

from typing import Any

from comcep.access.viewer import Viewer
from comcep.forum.models import Post, Topic
from comcep.forum.signals import acted_by_role
from comcep.membership.signals import request_decided
from comcep.moderation import journal, statements
from comcep.moderation.acting import record
from comcep.moderation.journal import Act


class ReasonMissing(ValueError):
    """Nobody rewrites another's message without saying why."""


_TOLD_OF_TOPIC = {"solve": "solved", "reopen-question": "reopened", "still-waits": "waiting"}


@acted_by_role.connect
def write_down(viewer: Viewer, kind: str, topic: Topic, post: Post | None, reason: str) -> None:
    """Record an act on what another wrote and tell its author. Raises ReasonMissing for an edit without a reason."""
    if kind == "edit" and post is not None:
        if not reason:
            raise ReasonMissing
        statements.tell(viewer, post, "edited", reason, version=post.version - 1)
    else:
        statements.tell_of_topic(viewer, topic, _TOLD_OF_TOPIC[kind], reason)
    record(viewer, kind, topic, reason, post)


@request_decided.connect
def write_down_decision(viewer: Viewer, request: Any) -> None:
    """Record a referent's decision. The reason is between the referent and the person, who reads it in the mail."""
    accepted = request.state == "accepted"
    journal.record(viewer, Act("accept-request" if accepted else "refuse-request", "request", request.public_id))
