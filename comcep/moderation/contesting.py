"""Contesting a decision: its author says why, once; an animator answers, with words, and keeps it or takes it back.

Who decided does not answer, as long as another animator can. What is said of a message is statements.py's; what is
done to it, acting.py's.
"""

from datetime import timedelta
from typing import Any

from flask import abort, current_app
from sqlalchemy import case, select, update
from sqlalchemy.orm import aliased

from comcep.access.permissions import may_answer_contest, require
from comcep.access.viewer import Viewer
from comcep.access.visibility import acting_animators, visible_posts
from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import background, db, rows_changed
from comcep.forum import publishing
from comcep.forum.changing import changing
from comcep.forum.models import Post, Section, Topic
from comcep.moderation import acting, journal, moving
from comcep.moderation.acting import record
from comcep.moderation.journal import Act
from comcep.moderation.models import Statement
from comcep.moderation.statements import KINDS
from comcep.text.cleaning import clean_text

LEFT_TO_OTHERS = timedelta(days=7)  # then who decided may answer too: nobody else did

RESTRICTIONS = tuple(kind for kind, said in KINDS.items() if said.restricts)


class AlreadySaid(Exception):
    """It was contested, or answered, before: nothing was changed."""


def contest(viewer: Viewer, statement: Statement, words: str) -> None:
    """Say why a decision is wrong, once. Raises Forbidden for what restricts nothing, AlreadySaid."""
    require(statement.member_id == viewer.member_id and KINDS[statement.kind].restricts)
    still_open = (Statement.id == statement.id, Statement.contested_at.is_(None))
    values = {"contested_at": now(), "contest": clean_text(words)}
    if not rows_changed(update(Statement).where(*still_open).values(**values)):
        db.session.rollback()
        raise AlreadySaid
    post_id, section_id = _place(statement.post_id)
    # By nobody: the line must not name who wrote without their name.
    journal.record(None, Act("contest", "post", post_id, section_id=section_id))
    db.session.commit()
    background.wake(current_app)


def _place(post_id: int) -> tuple[int, int]:
    """The public id of one's own message, and the section it stands in."""
    own = select(Post.public_id, Topic.section_id).join(Topic, Topic.id == Post.topic_id).where(Post.id == post_id)
    public_id, section_id = db.session.execute(own).one()
    return public_id, section_id


def answer(viewer: Viewer, statement: Statement, post: Post, words: str, takes_back: bool) -> None:
    """Answer a contest about a post: keep the decision, or take it back and undo what can be undone.

    Raises Forbidden, AlreadySaid; NotPossible, with nothing done, for a topic that cannot be moved back.
    """
    words, topic = clean_text(words), post.topic
    with changing(viewer, topic):
        require(may_answer_contest(viewer, statement, is_left_to_actor(statement)))
        waiting = (Statement.id == statement.id, Statement.contested_at.is_not(None), Statement.answered_at.is_(None))
        values = {"answered_at": now(), "answered_by_id": viewer.member_id, "answer": words, "taken_back": takes_back}
        if not rows_changed(update(Statement).where(*waiting).values(**values)):
            raise AlreadySaid
        if takes_back:
            _undo(viewer, statement, topic, post)
        record(viewer, "take-back-decision" if takes_back else "keep-decision", topic, words, post)


def _undo(viewer: Viewer, statement: Statement, topic: Topic, post: Post) -> None:
    """Undo what can be: a name once read is known. Raises NotPossible for a topic that cannot be moved back."""
    if statement.kind == "hidden" and post.hidden_at is not None:
        acting.make_visible(viewer, topic, post)
    if statement.kind == "closed" and topic.closed_at is not None:
        acting.open_again(viewer, topic)
    if statement.kind == "edited" and publishing.give_back(viewer, topic, post, statement.version or 0):
        record(viewer, "edit", topic, "", post)
    if statement.kind == "moved" and _is_last_move(statement):
        moving.put_back(viewer, topic, statement.answer)


def _is_last_move(statement: Statement) -> bool:
    later = select(Statement.id).where(Statement.post_id == statement.post_id, Statement.kind == "moved")
    return db.session.scalar(later.where(Statement.id > statement.id).limit(1)) is None


def is_left_to_actor(statement: Statement) -> bool:
    """Whether who decided may answer: no other animator is there, or none did for days.

    The author of the message is counted among the others although they may not answer: leaving them out would tell
    that an unnamed author is an animator.
    """
    if statement.contested_at is not None and statement.contested_at < now() - LEFT_TO_OTHERS:
        return True
    others = select(Member.id).where(acting_animators(Member), Member.id != statement.actor_id)
    return db.session.scalar(others.limit(1)) is None


def waiting(viewer: Viewer) -> list[Any]:
    """Contests without an answer, on messages the animator may see, the oldest first, twenty at most."""
    rows = _contests(viewer).where(Statement.answered_at.is_(None)).order_by(Statement.contested_at, Statement.id)
    return list(db.session.execute(rows.limit(20)).all())


def contest_or_404(viewer: Viewer, public_id: int) -> Any:
    """A contest as an animator reads it: the decision, who took it, the author's words, who wrote if they said so."""
    found = _contests(viewer).where(Statement.public_id == public_id)
    return db.session.execute(found).first() or abort(404)


def _contests(viewer: Viewer) -> Any:
    author, actor, judge = aliased(Member), aliased(Member), aliased(Member)
    return (
        select(
            Statement,
            Post.public_id.label("post_public_id"),
            Post.version,
            Topic.title,
            Section.name.label("section_name"),
            case((Post.anonymous.is_(False), author.name)).label("author"),
            actor.name.label("actor"),
            judge.name.label("judge"),
        )
        .join(Post, Post.id == Statement.post_id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Section, Section.id == Topic.section_id)
        .join(author, author.id == Statement.member_id)
        .outerjoin(actor, actor.id == Statement.actor_id)
        .outerjoin(judge, judge.id == Statement.answered_by_id)
        .where(visible_posts(viewer, Post, Topic), Statement.contested_at.is_not(None))
    )
