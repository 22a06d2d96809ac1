"""What an animator does to topics and posts: hide, move, close, pin, relay, reveal. Each leaves a line in the
journal, of a kind that acts.py has words for."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from comcep.access.permissions import may_moderate, require
from comcep.access.viewer import Viewer
from comcep.access.visibility import MEMBERS
from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import db
from comcep.forum import counting, solving
from comcep.forum.changing import changing
from comcep.forum.models import Post, Topic
from comcep.moderation import journal, statements
from comcep.moderation.journal import Act
from comcep.text.cleaning import clean_text


class NotPossible(ValueError):
    """The act makes no sense there; the message says why, in French."""


def hide(viewer: Viewer, post: Post, reason: str) -> bool:
    """Hide a post with a reason, told to its author; the first post takes its whole topic with it. False when it was
    hidden before, and nobody is told. Raises Forbidden."""
    require(may_moderate(viewer))
    reason, topic = clean_text(reason), post.topic
    with changing(viewer, topic):
        if post.hidden_at is not None:
            return False
        post.hidden_at = now()
        solving.hide_solution(topic, post)
        statements.tell(viewer, post, "hidden", reason)
        _follow_first_post(topic, post)
        record(viewer, "hide", topic, reason, post)
    return True


def show_again(viewer: Viewer, post: Post) -> None:
    """Take back a hiding. Raises Forbidden."""
    require(may_moderate(viewer))
    topic = post.topic
    with changing(viewer, topic):
        if post.hidden_at is not None:
            statements.tell(viewer, post, "shown")
            make_visible(viewer, topic, post)


def make_visible(viewer: Viewer, topic: Topic, post: Post) -> None:
    """Show a hidden post again and write it down; the caller holds the topic, and tells."""
    post.hidden_at = None
    solving.show_solution(topic, post)
    _follow_first_post(topic, post)
    record(viewer, "show-again", topic, "", post)


def _follow_first_post(topic: Topic, post: Post) -> None:
    if post.id == topic.first_post_id:
        topic.hidden_at = post.hidden_at
    counting.recount_topic(topic)
    counting.recount_section(topic.section_id)


def close(viewer: Viewer, topic: Topic, closed: bool, reason: str) -> bool:
    """Close a topic to replies, with a reason told to its author, or open it again. False when it was so before, and
    nobody is told. Raises Forbidden."""
    require(may_moderate(viewer))
    with changing(viewer, topic):
        if (topic.closed_at is not None) == closed:
            return False
        statements.tell_of_topic(viewer, topic, "closed" if closed else "opened", clean_text(reason))
        if closed:
            topic.closed_at = now()
            record(viewer, "close", topic, clean_text(reason))
        else:
            open_again(viewer, topic)
    return True


def open_again(viewer: Viewer, topic: Topic) -> None:
    """Open a closed topic and write it down; the caller holds the topic, and tells."""
    topic.closed_at = None
    record(viewer, "open-again", topic)


def pin(viewer: Viewer, topic: Topic, pinned: bool) -> None:
    """Keep a topic at the head of its section, or let it go. Raises Forbidden."""
    require(may_moderate(viewer))
    with changing(viewer, topic):
        if topic.pinned == pinned:
            return
        statements.tell_of_topic(viewer, topic, "pinned" if pinned else "unpinned")
        record(viewer, "pin" if pinned else "unpin", topic)
        topic.pinned = pinned


def relay(viewer: Viewer, topic: Topic, relayed: bool) -> None:
    """Show a hors-pairs topic on the peers' home, or take it off. Raises Forbidden, NotPossible.

    Source: CNEFOP report 2017, L1182.
    """
    require(may_moderate(viewer))
    with changing(viewer, topic):
        if topic.section.audience != MEMBERS:
            raise NotPossible(_("Seul un sujet des échanges hors pairs se relaie sur l'accueil des pairs."))
        if (topic.relayed_at is not None) == relayed:
            return
        statements.tell_of_topic(viewer, topic, "relayed" if relayed else "unrelayed")
        record(viewer, "relay" if relayed else "unrelay", topic)
        topic.relayed_at = now() if relayed else None


def check(viewer: Viewer, post: Post) -> None:
    """A message published despite a warning was looked at. Raises Forbidden."""
    require(may_moderate(viewer))
    topic = post.topic
    with changing(viewer, topic):
        if not post.despite_warning or post.checked_at is not None:
            return
        record(viewer, "check", topic, "", post)
        post.checked_at = now()


def reveal(viewer: Viewer, post: Post, reason: str) -> str:
    """The name of who wrote without it, for a stated reason that is logged and told to the author. Raises Forbidden.

    Once: who has been told and asks again, or loads the page again, is told again and nobody else hears of it.
    """
    require(may_moderate(viewer))
    reason, topic = clean_text(reason), post.topic
    with changing(viewer, topic):
        if not post.anonymous:
            raise NotPossible(_("Ce message porte déjà le nom de son auteur."))
        if not journal.has_done(viewer, "reveal", post.public_id):
            statements.tell(viewer, post, "revealed", reason)
            record(viewer, "reveal", topic, reason, post)
        return db.session.scalar(select(Member.name).where(Member.id == post.author_id)) or ""


def record(
    viewer: Viewer,
    kind: str,
    topic: Topic,
    reason: str = "",
    post: Post | None = None,
    detail: str = "",
    section_id: int | None = None,
) -> None:
    """A line of the journal, last of what an act writes: one writer holds it at a time, and whoever takes topic,
    section and journal in this order waits for nobody who waits for them. section_id: where it happened, if elsewhere
    than where the topic now is."""
    subject = ("post", post.public_id) if post is not None else ("topic", topic.public_id)
    where = section_id or topic.section_id
    journal.record(viewer, Act(kind, *subject, section_id=where, reason=reason, detail=detail))
