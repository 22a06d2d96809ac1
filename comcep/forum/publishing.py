"""Writing: opening a topic, replying, editing. One transaction each, with the marks that later work needs.

What is shown of it lives in reading/; who is told, in notify/.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from comcep.access.naming import REFUSED, UNNAMED, naming
from comcep.access.permissions import may_edit, may_post, require
from comcep.access.viewer import Viewer
from comcep.clock import now
from comcep.extensions import background, db
from comcep.forum import counting, marks, resending
from comcep.forum.changing import changing
from comcep.forum.models import Post, Revision, Section, Theme, Topic, TopicTheme
from comcep.forum.reading.posts import was_unnamed
from comcep.forum.signals import acted_by_role
from comcep.text import markdown
from comcep.text.cleaning import clean_line, clean_text, slug


class Closed(Exception):
    """The section or the topic was closed meanwhile."""


class NeedsName(Exception):
    """Asked for without a name where every message bears one: nothing was published."""


class EditConflict(Exception):
    """Somebody edited the post since it was opened for editing: it now holds their text, of that version."""

    def __init__(self, version: int) -> None:
        super().__init__("edited meanwhile")
        self.version = version


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

    Raises Forbidden; Closed when the section takes no more topics; NeedsName; SentBefore.
    """
    title, text = clean_line(writing.title), _rendered(writing)
    submission = resending.submission_of(viewer, writing.submission, "topic", f"{section.id} {title} {text.source}")
    asked = {
        "source": text.source,
        "anonymous": writing.anonymous,
        "title": title,
        "section_id": section.id,
        "kind": kind,
        "theme_ids": {theme.id for theme in themes},
    }
    here = (Topic.section_id == section.id, Topic.title == title, Topic.first_post_id == Post.id)
    if sent := resending.already_sent(viewer, submission) or resending.said_just_now(viewer, text.source, *here):
        return resending.the_same(sent, **asked).topic

    try:
        with _holding(section):
            _require_open(viewer, section)
            anonymous = _is_unnamed(viewer, section, writing)
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
            post = _add_post(viewer, topic, writing, text, anonymous, submission)
            topic.first_post_id = post.id
            counting.recount_topic(topic)
            counting.count_new(section.id, post.id, topics=1, posts=1)
            marks.follow(viewer, topic.id)
            marks.mark_read(viewer, topic.id, post.id)
            db.session.commit()
    except IntegrityError as error:  # the second of two clicks at once
        return resending.the_same(_sent(viewer, submission, error), **asked).topic

    background.wake(current_app)
    return topic


@contextmanager
def _holding(section: Section) -> Iterator[None]:
    """Hold a section as it is now; what is raised undoes all, and lets go before a page is made that says so."""
    try:
        counting.hold_section(section.id)
        db.session.refresh(section)
        yield
    except BaseException:
        db.session.rollback()
        raise


def reply(viewer: Viewer, topic: Topic, writing: Writing) -> Post:
    """The new reply; the one already there when the form was sent twice.

    Raises Forbidden; Closed when the topic or its section takes no more replies; NeedsName; SentBefore.
    """
    text = _rendered(writing)
    submission = resending.submission_of(viewer, writing.submission, f"{topic.public_id}", text.source)
    here = Post.topic_id == topic.id
    if sent := resending.already_sent(viewer, submission) or resending.said_just_now(viewer, text.source, here):
        return _same_reply(sent, writing, text)
    try:
        with changing(viewer, topic):
            section = topic.section
            require(topic.hidden_at is None)
            _require_open(viewer, section, topic)
            anonymous = _is_unnamed(viewer, section, writing, was_unnamed(viewer, topic.id))
            post = _add_post(viewer, topic, writing, text, anonymous, submission)
            counting.count_new(topic.section_id, post.id, topics=0, posts=1)
            marks.follow(viewer, topic.id)
            marks.mark_read(viewer, topic.id, post.id)
    except IntegrityError as error:
        return _same_reply(_sent(viewer, submission, error), writing, text)
    return post


def replace(viewer: Viewer, post: Post, writing: Writing) -> bool:
    """Have the message that a form published before say what the form says now, as an edit; whether it changed.

    Raises EditConflict when an animator edited it meanwhile, Forbidden when it can be edited no more.
    """
    is_first = post.id == post.topic.first_post_id
    words = (clean_text(writing.body), clean_line(writing.title))  # of a reply without a title
    now_said = (post.source, post.topic.title if is_first else "")
    first_said = (resending.first_source(post), resending.first_title(post) if is_first else "")
    if words in (now_said, first_said):
        return False
    if post.edited_by_moderator:
        raise EditConflict(post.version)
    edit(viewer, post.topic, post, writing, post.version)
    return True


def edit(viewer: Viewer, topic: Topic, post: Post, writing: Writing, version: int, reason: str = "") -> None:
    """Replace a post's text, and its topic's title when it is the first; what it said before is kept as a revision.

    reason: why somebody else than the author does. Raises Forbidden, or EditConflict when the version opened for
    editing is no longer the last.
    """
    text, title = _rendered(writing), clean_line(writing.title)
    with changing(viewer, topic):
        require(may_edit(viewer, post))
        if post.version != version:
            raise EditConflict(post.version)
        _replace_text(viewer, topic, post, text, title)
        post.edited_by_moderator = post.author_id != viewer.member_id
        if writing.despite_warning:
            post.despite_warning, post.checked_at = True, None
        if post.edited_by_moderator:
            acted_by_role.send(viewer, kind="edit", topic=topic, post=post, reason=clean_text(reason))


def give_back(viewer: Viewer, topic: Topic, post: Post, version: int) -> bool:
    """Give a post back the text that an edit replaced, version and all; not when somebody wrote it anew since. The
    caller holds the topic."""
    if post.version != version + 1:
        return False
    replaced = db.session.scalars(
        select(Revision).where(Revision.post_id == post.id, Revision.version == version)
    ).one()
    _replace_text(viewer, topic, post, _rendered(Writing(body=replaced.source)), replaced.title or "")
    post.edited_by_moderator = False  # these are the author's words again
    return True


def _replace_text(viewer: Viewer, topic: Topic, post: Post, text: "_Text", title: str) -> None:
    is_first = post.id == topic.first_post_id
    db.session.add(
        Revision(
            post_id=post.id,
            version=post.version,
            title=topic.title if is_first else None,
            source=post.source,
            replaced_by_id=viewer.member_id,
        )
    )
    post.source, post.html, post.rules, post.version = text.source, text.html, markdown.RULES, post.version + 1
    post.edited_at = now()
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


def _is_unnamed(viewer: Viewer, section: Section, writing: Writing, was: bool = False) -> bool:
    word = naming(viewer, section, writing.anonymous, was)
    if word == REFUSED:
        raise NeedsName
    return word == UNNAMED


def _same_reply(sent: Post, writing: Writing, text: _Text) -> Post:
    """Whoever once was without name stays so, asked for or not: only the other way round there is something to say."""
    return resending.the_same(sent, source=text.source, anonymous=writing.anonymous or sent.anonymous)


def _sent(viewer: Viewer, submission: str | None, error: IntegrityError) -> Post:
    """What the other of two clicks published, or the error where it was none that made it."""
    post = resending.already_sent(viewer, submission)
    if post is None:
        raise error
    return post
