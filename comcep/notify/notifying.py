"""The sweep that tells members what happened: from posts and statements not yet announced to notifications and mails.

A mail holds a link and no word of the content; who may no longer see the thing is not told (leaks-elsewhere #9, #22).
"""

from flask import current_app
from sqlalchemy import func, or_, select, update

from comcep.access.system_read import SealedRow, system_read
from comcep.access.viewer import Viewer
from comcep.access.visibility import visible_posts
from comcep.accounts import tokens
from comcep.accounts.models import Member
from comcep.accounts.viewing import viewer_of_member
from comcep.clock import now
from comcep.extensions import background, db, rows_changed
from comcep.forum.addresses import stable_address
from comcep.forum.models import Post, Topic, TopicFollow
from comcep.forum.reading import posts
from comcep.membership.models import MembershipRequest
from comcep.moderation.models import Statement
from comcep.notify import letters
from comcep.notify.letters import Letter
from comcep.notify.models import Mail, Notification
from comcep.search import addresses, saved
from comcep.search.models import SavedSearch

BATCH = 100


@background.sweep
def announce_posts() -> None:
    """Tell those who follow a topic of each new reply, one transaction a post."""
    due = select(Post.id).where(Post.notified_at.is_(None)).order_by(Post.id).limit(BATCH)
    reading = system_read("posts that nobody was told of yet")
    for row in list(reading.rows(due)):
        _announce(row.id)


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
    claimed = rows_changed(update(Post).where(Post.id == post_id, Post.notified_at.is_(None)).values(notified_at=now()))
    if post is not None and claimed and post.id != post.first_post_id:
        for member_id in _followers(post.topic_id, post.author_id):
            reader = viewer_of_member(member_id)
            if reader.is_member and may_read(reader, post_id):  # suspended: told of nothing, not even of what is public
                kind = "answer" if member_id == post.asker_id else "reply"
                told = Notification(member_id=member_id, kind=kind, topic_id=post.topic_id, post_id=post_id)
                _tell(told, stable_address(post, posts.page_of(reader, post)))
    db.session.commit()


def _followers(topic_id: int, author_id: int) -> list[int]:
    rows = select(TopicFollow.member_id).where(TopicFollow.topic_id == topic_id, TopicFollow.member_id != author_id)
    return list(db.session.scalars(rows))


def may_read(viewer: Viewer, post_id: int) -> bool:
    """Whether the viewer may read the post now."""
    post = select(Post.id).join(Topic, Topic.id == Post.topic_id)
    return db.session.scalar(post.where(Post.id == post_id, visible_posts(viewer, Post, Topic))) is not None


def _tell(notification: Notification, address: str) -> None:
    db.session.add(notification)
    db.session.flush()
    link = current_app.config["PUBLIC_ADDRESS"] + address
    _write(notification.member_id, letters.LETTERS[notification.kind](link), notification.id)


@background.sweep
def announce_answers_to_searches() -> None:
    """Tell members of newly solved cases that answer a search they keep, each case once."""
    solved = {
        row.id: row
        for row in system_read("cases solved since a search was kept").rows(
            select(
                Topic.id, Topic.author_id, Topic.solving_post_id, Topic.solved_at, Topic.public_id, Topic.indexed_at
            ).where(
                Topic.solved_at > select(func.min(SavedSearch.seen_up_to)).scalar_subquery(),
                Topic.solving_post_id.is_not(None),
            )
        )
    }
    if not solved or any(row.indexed_at is None for row in solved.values()):
        return  # the next sweep comes when the index has seen them
    newest = max(row.solved_at for row in solved.values())
    behind = select(SavedSearch).where(SavedSearch.seen_up_to < newest).order_by(SavedSearch.id)
    for search in list(db.session.scalars(behind)):
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


@background.sweep
def announce_statements() -> None:
    """Tell authors of what was hidden, shown again or revealed, with a link to the reason."""
    due = select(Statement).where(Statement.told_at.is_(None)).order_by(Statement.id).limit(BATCH)
    for statement in list(db.session.scalars(due)):
        statement.told_at = now()
        notification = Notification(member_id=statement.member_id, kind="statement", statement_id=statement.id)
        _tell(notification, f"/decisions/{statement.public_id}")
        db.session.commit()


@background.sweep
def announce_decisions() -> None:
    """Tell askers what their network decided."""
    due = select(MembershipRequest).where(MembershipRequest.state != "waiting", MembershipRequest.told_at.is_(None))
    for request in list(db.session.scalars(due.limit(BATCH))):
        request.told_at = now()
        link = current_app.config["PUBLIC_ADDRESS"]
        if request.state == "accepted":
            letter = letters.accepted(request.network.name, f"{link}/connexion")
        else:
            letter = letters.refused(request.network.name, request.reason, f"{link}/ma-demande")
        _write(request.member_id, letter)
        db.session.commit()


@background.sweep
def write_account_mails() -> None:
    """Mails of the account itself: confirm an address, somebody used yours, a new password."""
    due = or_(
        Member.confirmation_due_at.is_not(None),
        Member.known_address_due_at.is_not(None),
        Member.password_reset_due_at.is_not(None),
    )
    link = current_app.config["PUBLIC_ADDRESS"]
    for member in list(db.session.scalars(select(Member).where(due).limit(BATCH))):
        if member.confirmation_due_at is not None:
            _write(
                member.id, letters.confirm(f"{link}/rejoindre/adresse/{tokens.token_for(member, tokens.CONFIRMATION)}")
            )
        if member.known_address_due_at is not None:
            _write(member.id, letters.known_address(f"{link}/connexion", f"{link}/mot-de-passe"))
        if member.password_reset_due_at is not None:
            _write(member.id, letters.new_password(f"{link}/mot-de-passe/{tokens.token_for(member, tokens.RESET)}"))
        member.confirmation_due_at = member.known_address_due_at = member.password_reset_due_at = None
        db.session.commit()


def _write(member_id: int, letter: Letter, notification_id: int | None = None) -> None:
    db.session.add(Mail(member_id=member_id, notification_id=notification_id, subject=letter.subject, body=letter.body))
