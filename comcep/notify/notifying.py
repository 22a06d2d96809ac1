"""The sweep that tells members what happened: from posts and statements not yet announced to notifications and mails.

A mail holds a link and no word of the content; who may no longer see the thing is not told (leaks-elsewhere #9, #22).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select, update

from comcep.access.system_read import SealedRow, system_read
from comcep.access.viewer import Viewer
from comcep.access.visibility import acting_animators, visible_posts
from comcep.accounts.models import Member
from comcep.accounts.viewing import viewer_of_member
from comcep.clock import now
from comcep.extensions import background, db, rows_changed
from comcep.forum.addresses import stable_address
from comcep.forum.models import Post, Topic, TopicFollow
from comcep.forum.reading import posts
from comcep.membership.models import MembershipRequest
from comcep.moderation.models import Statement
from comcep.moderation.statements import KINDS
from comcep.notify import letters
from comcep.notify.letters import Letter
from comcep.notify.models import Mail, Notification
from comcep.search import addresses, saved
from comcep.search.models import SavedSearch
from comcep.sweeping.aside import one_by_one

BATCH = 100


@background.sweep("news")
def announce_posts() -> None:
    """Tell those who follow a topic of each new reply, one transaction a post."""
    due = select(Post.id).where(Post.notified_at.is_(None)).order_by(Post.id).limit(BATCH)
    reading = system_read("posts that nobody was told of yet")
    waiting = [row.id for row in reading.rows(due)]
    one_by_one("post", waiting, _announce, lambda post_id: _give_up(Post, post_id, notified_at=now()))


def _announce(post_id: int) -> None:
    post = system_read("the reply to announce").first(
        select(
            Post.id,
            Post.author_id,
            Post.hidden_at,
            Topic.id.label("topic_id"),
            Topic.public_id,
            Topic.first_post_id,
            Topic.author_id.label("asker_id"),
        )
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.id == post_id)
    )
    due = list(_due(post)) if post is not None and post.id != post.first_post_id else []
    db.session.rollback()  # asked before anything is held: on SQLite whoever publishes would wait for it
    if _claimed(Post, post_id, Post.notified_at, notified_at=now()):
        for notification, address in due:
            _tell(notification, address)
    db.session.commit()


def _due(post: SealedRow) -> Iterator[tuple[Notification, str]]:
    """Who is to be told of a reply, with where it leads them. Access is asked again when it is read and when mailed."""
    for member_id in _followers(post.topic_id, post.author_id):
        reader = viewer_of_member(member_id)
        if reader.is_member and may_read(reader, post.id):  # suspended: told of nothing, not even of what is public
            kind = "answer" if member_id == post.asker_id else "reply"
            told = Notification(member_id=member_id, kind=kind, topic_id=post.topic_id, post_id=post.id)
            yield told, stable_address(post, posts.page_of(reader, post))


def _followers(topic_id: int, author_id: int) -> list[int]:
    rows = select(TopicFollow.member_id).where(TopicFollow.topic_id == topic_id, TopicFollow.member_id != author_id)
    return list(db.session.scalars(rows))


def may_read(viewer: Viewer, post_id: int) -> bool:
    """Whether the viewer may read the post now."""
    post = select(Post.id).join(Topic, Topic.id == Post.topic_id)
    return db.session.scalar(post.where(Post.id == post_id, visible_posts(viewer, Post, Topic))) is not None


def _tell(notification: Notification, address: str, is_mailed: bool = True) -> None:
    db.session.add(notification)
    db.session.flush()
    link = current_app.config["PUBLIC_ADDRESS"] + address
    if is_mailed:
        write(notification.member_id, letters.LETTERS[notification.kind](link), notification.id)


@background.sweep("news")
def announce_answers_to_searches() -> None:
    """Tell members of newly solved cases that answer a search they keep, each case once."""
    solved = {
        row.id: row
        for row in system_read("cases solved since a search was kept").rows(
            select(
                Topic.id, Topic.author_id, Topic.solving_post_id, Topic.solved_at, Topic.public_id, Topic.indexed_at
            ).where(
                Topic.solved_at > select(func.min(SavedSearch.seen_up_to)).scalar_subquery(),
                Topic.solved_at <= now(),  # one dated ahead, by a clock put right since, would silence all until then
            )
        )
    }
    if not solved or any(row.indexed_at is None for row in solved.values()):
        return  # the next sweep comes when the index has seen them
    newest = max(row.solved_at for row in solved.values())
    behind = select(SavedSearch.id).where(SavedSearch.seen_up_to < newest).order_by(SavedSearch.id)
    one_by_one(
        "search",
        list(db.session.scalars(behind)),
        lambda search_id: _announce_answers(search_id, solved, newest),
        lambda search_id: _give_up(SavedSearch, search_id, seen_up_to=newest),
    )


def _announce_answers(search_id: int, solved: dict[int, SealedRow], newest: datetime) -> None:
    search = db.session.scalars(select(SavedSearch).where(SavedSearch.id == search_id)).one()
    reader = viewer_of_member(search.member_id)
    fresh = {
        row.id for row in solved.values() if row.solved_at > search.seen_up_to and row.author_id != search.member_id
    }
    for topic_id in saved.answering(reader, addresses.read(search.address), fresh):
        _announce_answer(reader, search.member_id, solved[topic_id])
    search.seen_up_to = newest
    db.session.commit()


def _announce_answer(reader: Viewer, member_id: int, topic: SealedRow) -> None:
    same = (Notification.member_id == member_id, Notification.kind == "saved")
    known = db.session.scalar(select(Notification.id).where(*same, Notification.post_id == topic.solving_post_id))
    if known is None and reader.is_member and may_read(reader, topic.solving_post_id):
        told = Notification(member_id=member_id, kind="saved", topic_id=topic.id, post_id=topic.solving_post_id)
        _tell(told, f"/sujets/{topic.public_id}")


@background.sweep("news")
def announce_statements() -> None:
    """Tell authors of what was done to what they wrote, with a link to the reason; by mail of what matters most."""
    due = select(Statement.id).where(Statement.told_at.is_(None)).order_by(Statement.id).limit(BATCH)
    waiting = list(db.session.scalars(due))
    one_by_one("statement", waiting, _announce_statement, lambda each: _give_up(Statement, each, told_at=now()))


def _announce_statement(statement_id: int) -> None:
    if _claimed(Statement, statement_id, Statement.told_at, told_at=now()):
        statement = db.session.scalars(select(Statement).where(Statement.id == statement_id)).one()
        said = KINDS[statement.kind]
        kind = "statement" if said.restricts else "notice"
        notification = Notification(member_id=statement.member_id, kind=kind, statement_id=statement.id)
        _tell(notification, f"/decisions/{statement.public_id}", said.is_mailed)
    db.session.commit()


@background.sweep("news")
def announce_contests() -> None:
    """Tell animators of what is contested, and authors of what was answered."""
    contested = (Statement.contested_at.is_not(None), Statement.contest_told_at.is_(None))
    due = select(Statement.id).where(*contested).order_by(Statement.id).limit(BATCH)
    waiting = list(db.session.scalars(due))
    one_by_one("contest", waiting, _announce_contest, lambda each: _give_up(Statement, each, contest_told_at=now()))
    answered = (Statement.answered_at.is_not(None), Statement.answer_told_at.is_(None))
    due = select(Statement.id).where(*answered).order_by(Statement.id).limit(BATCH)
    waiting = list(db.session.scalars(due))
    one_by_one("contest-answer", waiting, _announce_answer_to_contest, _give_up_answer_to_contest)


def _announce_contest(statement_id: int) -> None:
    """To every animator who may see the message; its author too, if they are one: left out, they would be named."""
    statement = db.session.scalars(select(Statement).where(Statement.id == statement_id)).one()
    animators = list(db.session.scalars(select(Member.id).where(acting_animators(Member)).order_by(Member.id)))
    told = [each for each in animators if may_read(viewer_of_member(each), statement.post_id)]
    if _claimed(Statement, statement_id, Statement.contest_told_at, contest_told_at=now()):
        for member_id in told:
            notification = Notification(member_id=member_id, kind="contest", statement_id=statement.id)
            _tell(notification, f"/animation/contestations/{statement.public_id}")
    db.session.commit()


def _announce_answer_to_contest(statement_id: int) -> None:
    if _claimed(Statement, statement_id, Statement.answer_told_at, answer_told_at=now()):
        statement = db.session.scalars(select(Statement).where(Statement.id == statement_id)).one()
        kind = "contest-answered"
        notification = Notification(member_id=statement.member_id, kind=kind, statement_id=statement.id)
        _tell(notification, f"/decisions/{statement.public_id}")
    db.session.commit()


def _give_up_answer_to_contest(statement_id: int) -> None:
    _give_up(Statement, statement_id, answer_told_at=now())


_DECIDED = ("accepted", "refused")


@background.sweep("news")
def announce_decisions() -> None:
    """Tell askers what their network decided."""
    due = select(MembershipRequest.id).where(MembershipRequest.state.in_(_DECIDED), MembershipRequest.told_at.is_(None))
    waiting = list(db.session.scalars(due.order_by(MembershipRequest.id).limit(BATCH)))
    one_by_one("request", waiting, _announce_decision, lambda each: _give_up(MembershipRequest, each, told_at=now()))


def _announce_decision(request_id: int) -> None:
    if _claimed(MembershipRequest, request_id, MembershipRequest.told_at, told_at=now()):
        request = db.session.scalars(select(MembershipRequest).where(MembershipRequest.id == request_id)).one()
        link = current_app.config["PUBLIC_ADDRESS"]
        if request.state == "accepted":
            letter = letters.accepted(request.network.name, f"{link}/connexion")
        else:
            letter = letters.refused(request.network.name, request.reason, f"{link}/ma-demande")
        write(request.member_id, letter)
    db.session.commit()


def _claimed(model: Any, key: int, mark: Any, **told: Any) -> bool:
    """Whether this process is the one to tell of it; the caller commits."""
    return bool(rows_changed(update(model).where(model.id == key, mark.is_(None)).values(**told)))


def _give_up(model: Any, key: int, **told: Any) -> None:
    db.session.execute(update(model).where(model.id == key).values(**told))


def write(member_id: int, letter: Letter, notification_id: int | None = None) -> None:
    """Have a letter sent to a member, in the caller's transaction."""
    db.session.add(Mail(member_id=member_id, notification_id=notification_id, subject=letter.subject, body=letter.body))
