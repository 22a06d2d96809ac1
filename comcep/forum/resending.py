"""A form sent twice: two clicks, the back button, a page loaded again. The same text makes one message; another text is
no receipt for the first, and is said to be another.

What is then done with it is publishing.replace's to say.
"""

import hashlib
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from comcep.access.viewer import Viewer
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Revision, Topic, TopicTheme

SAME_TEXT_WINDOW = 600  # seconds in which the same text in the same place is the same message


class SentBefore(Exception):
    """The form published something else before; holds that post."""

    def __init__(self, post: Post) -> None:
        super().__init__("this form was sent before")
        self.post = post


def submission_of(viewer: Viewer, number: str | None, place: str, words: str) -> str | None:
    """What marks the message a form made, in its place. Without the form's number, its words for ten minutes."""
    if number:
        return _hash(f"{place} {number}")
    if not current_app.config["RATELIMIT_ENABLED"]:
        return None
    slice_of_time = int(now().timestamp()) // SAME_TEXT_WINDOW
    return _hash(f"{viewer.member_id} {place} {slice_of_time} {words}")


def already_sent(viewer: Viewer, submission: str | None) -> Post | None:
    """The viewer's own message that this form made."""
    if submission is None:
        return None
    return db.session.scalar(select(Post).where(Post.author_id == viewer.member_id, Post.submission == submission))


def said_just_now(viewer: Viewer, source: str, *where: Any) -> Post | None:
    """The viewer's own message of the same words, published in the last ten minutes: a page gone back to and sent again
    has another number. where: conditions over Post and its Topic."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return None
    recent = Post.created_at > now() - timedelta(seconds=SAME_TEXT_WINDOW)
    own = select(Post).join(Topic, Topic.id == Post.topic_id).where(Post.author_id == viewer.member_id, recent)
    return db.session.scalar(own.where(Post.source == source, Post.hidden_at.is_(None), *where).limit(1))


def the_same(post: Post, **asked: Any) -> Post:
    """The message that the form made, when it is sent again with the same. Raises SentBefore when something differs.

    asked: source, anonymous, and of a topic title, section_id, kind, theme_ids.
    """
    if first_source(post) != asked["source"] or post.anonymous != asked["anonymous"]:
        raise SentBefore(post)
    topic = post.topic
    said = {name: getattr(topic, name) for name in ("section_id", "kind") if name in asked}
    if any(asked[name] != value for name, value in said.items()):
        raise SentBefore(post)
    if "title" in asked and first_title(post) != asked["title"]:
        raise SentBefore(post)
    if "theme_ids" in asked and _chosen_themes(topic.id) != asked["theme_ids"]:
        raise SentBefore(post)
    return post


def first_source(post: Post) -> str:
    """What the message said when it was published."""
    return _first_revision_of(post, Revision.source) or post.source


def first_title(post: Post) -> str:
    """The title its topic had then."""
    return _first_revision_of(post, Revision.title) or post.topic.title


def _first_revision_of(post: Post, column: Any) -> str | None:
    return db.session.scalar(select(column).where(Revision.post_id == post.id, Revision.version == 1))


def _chosen_themes(topic_id: int) -> set[int]:
    chosen = select(TopicTheme.theme_id).where(TopicTheme.topic_id == topic_id, TopicTheme.set_by == "author")
    return set(db.session.scalars(chosen))


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode(errors="surrogatepass")).hexdigest()[:40]
