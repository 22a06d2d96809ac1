"""Statements of reasons: what its author is told of an act on a message or a topic, and which acts can be contested.

An author is told of every act by virtue of a role on what they wrote, their own acts excepted. An act that narrows who
reads it, what it says, or what is known of its author is a restriction: told by mail too, with a reason, and open to
a contest (DSA, article 17; contesting.py). Source of the duty: Regulation (EU) 2022/2065.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from comcep.access.viewer import Viewer
from comcep.access.visibility import visible_posts, visible_topics
from comcep.extensions import db
from comcep.forum.models import Post, Revision, Topic
from comcep.moderation.models import Statement


@dataclass(frozen=True)
class Kind:
    """What was decided, as the author reads it; whether it restricts, and whether a mail tells of it."""

    says: Any
    restricts: bool = False
    is_mailed: bool = False


def _restriction(says: Any) -> Kind:
    return Kind(says, restricts=True, is_mailed=True)


KINDS = {
    "hidden": _restriction(_("L'animation a masqué votre message : ses lecteurs ne le voient plus.")),
    "shown": Kind(_("Votre message, qui était masqué, est de nouveau visible."), is_mailed=True),
    "edited": _restriction(_("L'animation a modifié votre message.")),
    "moved": _restriction(_("L'animation a déplacé votre sujet dans une autre rubrique.")),
    "closed": _restriction(_("L'animation a fermé votre sujet : on peut le lire, plus y répondre.")),
    "opened": Kind(_("L'animation a rouvert votre sujet aux réponses.")),
    "pinned": Kind(_("L'animation a épinglé votre sujet en tête de sa rubrique.")),
    "unpinned": Kind(_("L'animation n'épingle plus votre sujet.")),
    "relayed": Kind(_("L'animation a relayé votre sujet sur l'accueil des pairs.")),
    "unrelayed": Kind(_("L'animation ne relaie plus votre sujet sur l'accueil des pairs.")),
    "solved": Kind(_("L'animation a désigné la réponse qui résout votre question. Vous pouvez en changer.")),
    "reopened": Kind(_("L'animation a rouvert votre question : elle attend de nouveau une réponse.")),
    "waiting": Kind(_("L'animation a remis votre question parmi celles qui attendent une réponse.")),
    "themed": Kind(_("L'animation a changé les thèmes de votre sujet.")),
    "revealed": _restriction(
        _(
            "L'animation a levé l'anonymat de votre message. Elle seule connaît votre nom ; pour les autres, le "
            "message reste sans nom."
        )
    ),
}


def tell(viewer: Viewer, post: Post, kind: str, reason: str = "", version: int | None = None) -> None:
    """Have a post's author told of an act on it, in the caller's transaction. version: what an edit replaced."""
    _tell(viewer, post.author_id, post.id, kind, reason, version)


def tell_of_topic(viewer: Viewer, topic: Topic, kind: str, reason: str = "") -> None:
    """Have a topic's author told of an act on it, in the caller's transaction."""
    _tell(viewer, topic.author_id, topic.first_post_id, kind, reason)


def _tell(
    viewer: Viewer, author_id: int, post_id: int | None, kind: str, reason: str, version: int | None = None
) -> None:
    if author_id == viewer.member_id:
        return
    KINDS[kind]  # a kind that says nothing is told to nobody
    db.session.add(
        Statement(
            member_id=author_id, post_id=post_id, kind=kind, reason=reason, version=version, actor_id=viewer.member_id
        )
    )


@dataclass(frozen=True)
class Text:
    """What a message said: its title when it opens a topic, and its source."""

    title: str | None
    source: str


@dataclass(frozen=True)
class Concerned:
    """The message a statement is about, for its author: where it stands as far as they may see, and what it says."""

    is_first: bool
    topic_title: str | None
    written_at: Any
    address: str | None
    text: Text
    before: Text | None


def concerned(viewer: Viewer, statement: Statement) -> Concerned:
    """The message a statement is about. Their own words are the author's to read wherever they stand; the title of
    somebody else's topic, and the way to it, only where they may see it."""
    row = db.session.execute(
        select(
            Post,
            Topic.title,
            Topic.first_post_id,
            visible_topics(viewer, Topic).label("sees_topic"),
            visible_posts(viewer, Post, Topic).label("may_read"),
        )
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.id == statement.post_id, Post.author_id == viewer.member_id)
    ).one()
    post, is_first = row.Post, row.Post.id == row.first_post_id
    before, text = _texts(statement, post, row.title if is_first else None)
    return Concerned(
        is_first=is_first,
        topic_title=row.title if is_first or row.sees_topic else None,
        written_at=post.created_at,
        address=f"/messages/{post.public_id}" if row.may_read else None,
        text=text,
        before=before,
    )


def _texts(statement: Statement, post: Post, title: str | None) -> tuple[Text | None, Text]:
    """What the message said before an edit, and what the edit made of it, whatever became of it since."""
    now_said = Text(title, post.source)
    if statement.version is None:
        return None, now_said
    wanted = (statement.version, statement.version + 1)
    kept = select(Revision).where(Revision.post_id == post.id, Revision.version.in_(wanted))
    texts = {each.version: Text(each.title, each.source) for each in db.session.scalars(kept)}
    return texts[statement.version], texts.get(statement.version + 1, now_said)
