"""Writing: opening a topic, replying, editing. One transaction each, with the marks that later work needs.

What is shown of it lives in reading/; who is told, in notify/.
"""

import hashlib
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from comcep.access.permissions import may_edit, may_post, may_post_without_name, require
from comcep.access.viewer import Viewer
from comcep.clock import now
from comcep.extensions import background, db
from comcep.forum import counting, marks
from comcep.forum.changing import changing
from comcep.forum.models import Post, Revision, Section, Theme, Topic, TopicTheme
from comcep.text import markdown
from comcep.text.cleaning import clean_line, clean_text, slug

SAME_TEXT_WINDOW = 600  # seconds in which the same text in the same place is the same message


class Closed(Exception):
    """The section or the topic was closed meanwhile."""


class EditConflict(Exception):
    """Somebody edited the post since it was opened for editing; holds their text."""

    def __init__(self, title: str | None, source: str, version: int) -> None:
        super().__init__("edited meanwhile")
        self.title, self.source, self.version = title, source, version


@dataclass(frozen=True)
class Writing:
    """What somebody typed, and the form's number that makes two clicks one post."""

    body: str
    title: str = ""
    anonymous: bool = False
    despite_warning: bool = False
    submission: str | None = None


def open_topic(viewer: Viewer, section: Section, writing: Writing, kind: str, themes: list[Theme]) -> Topic:
    """The new topic with its first post; the one already there when the form was sent twice.

    Raises Forbidden, or Closed when the section takes no more topics.
    """
    title, text = clean_line(writing.title), _rendered(writing)
    submission = _submission(viewer, writing, f"{section.id} {title}")
    if (sent := _already_sent(viewer, submission)) is not None:
        return sent.topic

    counting.hold_section(section.id)
    db.session.refresh(section)
    _require_open(viewer, section)
    anonymous = writing.anonymous and may_post_without_name(viewer, section)
    topic = Topic(
        section_id=section.id,
        author_id=viewer.member_id,
        anonymous=anonymous,
        kind=kind,
        title=title,
        slug=slug(title),
    )
    db.session.add(topic)
    db.session.flush()
    db.session.add_all(TopicTheme(topic_id=topic.id, theme_id=theme.id) for theme in themes)
    try:
        post = _add_post(viewer, topic, writing, text, anonymous, submission)
    except IntegrityError:  # the second of two clicks at once
        db.session.rollback()
        return _sent(viewer, submission).topic
    topic.first_post_id = post.id
    counting.recount_topic(topic)
    counting.count_new(section.id, post.id, topics=1, posts=1)
    marks.follow(viewer, topic.id)
    marks.mark_read(viewer, topic.id, post.id)
    db.session.commit()

    background.wake(current_app)
    return topic


def reply(viewer: Viewer, topic: Topic, writing: Writing) -> Post:
    """The new reply; the one already there when the form was sent twice.

    Raises Forbidden, or Closed when the topic or its section takes no more replies.
    """
    text = _rendered(writing)
    submission = _submission(viewer, writing, f"{topic.public_id}")
    if (sent := _already_sent(viewer, submission)) is not None:
        return sent
    try:
        with changing(viewer, topic):
            section = topic.section
            require(topic.hidden_at is None)
            _require_open(viewer, section, topic)
            anonymous = may_post_without_name(viewer, section) and (
                writing.anonymous or _is_without_name(viewer, topic)
            )
            post = _add_post(viewer, topic, writing, text, anonymous, submission)
            counting.count_new(topic.section_id, post.id, topics=0, posts=1)
            marks.follow(viewer, topic.id)
            marks.mark_read(viewer, topic.id, post.id)
    except IntegrityError:
        return _sent(viewer, submission)
    return post


def edit(viewer: Viewer, topic: Topic, post: Post, writing: Writing, version: int) -> None:
    """Replace a post's text, and its topic's title when it is the first; what it said before is kept as a revision.

    Raises Forbidden, or EditConflict when the version opened for editing is no longer the last.
    """
    text, title = _rendered(writing), clean_line(writing.title)
    with changing(viewer, topic):
        require(may_edit(viewer, post))
        is_first = post.id == topic.first_post_id
        if post.version != version:
            raise EditConflict(topic.title if is_first else None, post.source, post.version)
        db.session.add(
            Revision(
                post_id=post.id,
                version=version,
                title=topic.title if is_first else None,
                source=post.source,
                replaced_by_id=viewer.member_id,
            )
        )
        post.source, post.html, post.rules, post.version = text.source, text.html, markdown.RULES, version + 1
        post.edited_at, post.edited_by_moderator = now(), post.author_id != viewer.member_id
        if writing.despite_warning:
            post.despite_warning, post.checked_at = True, None
        if is_first:
            topic.title, topic.slug = title, slug(title)


@dataclass(frozen=True)
class _Text:
    source: str
    html: str


def _rendered(writing: Writing) -> _Text:
    """What is stored of a text; made before anything is locked, so that a heavy one keeps nobody waiting."""
    source = clean_text(writing.body)
    return _Text(source, markdown.render(source))


def _require_open(viewer: Viewer, section: Section, topic: Topic | None = None) -> None:
    require(may_post(viewer, section))
    if section.closed_at is not None or (topic is not None and topic.closed_at is not None):
        raise Closed


def _add_post(
    viewer: Viewer, topic: Topic, writing: Writing, text: _Text, anonymous: bool, submission: str | None
) -> Post:
    post = Post(
        topic_id=topic.id,
        author_id=viewer.member_id,
        anonymous=anonymous,
        source=text.source,
        html=text.html,
        rules=markdown.RULES,
        despite_warning=writing.despite_warning,
        submission=submission,
    )
    db.session.add(post)
    db.session.flush()
    return post


def _is_without_name(viewer: Viewer, topic: Topic) -> bool:
    """Whoever once wrote without their name in a topic stays so: a later name would name the earlier posts."""
    own = select(Post.id).where(Post.topic_id == topic.id, Post.author_id == viewer.member_id, Post.anonymous)
    return db.session.scalar(own.limit(1)) is not None


def _submission(viewer: Viewer, writing: Writing, place: str) -> str | None:
    """The form's number; without one, the text itself for ten minutes, so that a second click makes no second post."""
    if writing.submission:
        return writing.submission[:40]
    if not current_app.config["RATELIMIT_ENABLED"]:
        return None
    slice_of_time = int(now().timestamp()) // SAME_TEXT_WINDOW
    words = f"{viewer.member_id} {place} {slice_of_time} {clean_text(writing.body)}"
    return hashlib.sha256(words.encode()).hexdigest()[:40]


def _already_sent(viewer: Viewer, submission: str | None) -> Post | None:
    if submission is None:
        return None
    return db.session.scalar(select(Post).where(Post.author_id == viewer.member_id, Post.submission == submission))


def _sent(viewer: Viewer, submission: str | None) -> Post:
    post = _already_sent(viewer, submission)
    if post is None:
        raise RuntimeError("a submission collided with none")
    return post
