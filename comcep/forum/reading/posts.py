"""Posts as a topic's page shows them. A post without a name carries no name, network or region out of the database."""

from functools import lru_cache
from typing import Any

from flask import abort
from sqlalchemy import Integer, bindparam, case, exists, func, select
from sqlalchemy.orm import joinedload

from comcep.access.viewer import Viewer
from comcep.access.visibility import visible_posts
from comcep.accounts.models import Member, Network, Region
from comcep.extensions import Query, db
from comcep.forum import marks
from comcep.forum.marks import OWN
from comcep.forum.models import Post, Revision, Topic
from comcep.settings import POSTS_PER_PAGE


@lru_cache(maxsize=64)
def _rows(reach: Viewer) -> Query:
    named = Post.anonymous.is_(False)
    return (
        select(
            Post.id,
            Post.public_id,
            Post.anonymous,
            Post.html,
            Post.created_at,
            Post.edited_at,
            Post.edited_by_moderator,
            Post.hidden_at,
            case((Post.author_id == OWN, Post.author_id)).label("author_id"),
            case((named, Member.public_id)).label("member_id"),
            case((named, Member.name)).label("name"),
            case((named, Member.standing)).label("standing"),
            case((named, Network.name)).label("network"),
            case((named, Region.name)).label("region"),
        )
        .join(Topic, Topic.id == Post.topic_id)
        .join(Member, Member.id == Post.author_id)
        .outerjoin(Network, Network.id == Member.network_id)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(visible_posts(reach, Post, Topic))
    )


@lru_cache(maxsize=64)
def _page(reach: Viewer) -> Query:
    of_topic = _rows(reach).where(Post.topic_id == bindparam("topic_id")).order_by(Post.id)
    return of_topic.limit(POSTS_PER_PAGE).offset(bindparam("offset", type_=Integer))


def of_topic(viewer: Viewer, topic_id: int, offset: int) -> list[Any]:
    """One page of a topic's posts, in the order they were written."""
    bound = {**marks.bound(viewer), "topic_id": topic_id, "offset": offset}
    return list(db.session.execute(_page(viewer.reach), bound).all())


def row(viewer: Viewer, post_id: int) -> Any | None:
    """One post by its key: the solving answer when it is on another page."""
    return db.session.execute(_rows(viewer.reach).where(Post.id == post_id), marks.bound(viewer)).first()


def count(viewer: Viewer, topic: Any) -> int:
    """How many posts of the topic the viewer may read; the topic holds the count of what is not hidden."""
    if not viewer.is_animator:
        return topic.posts_count
    posts = select(func.count()).select_from(Post).join(Topic).where(Post.topic_id == topic.id)
    return db.session.scalar(posts.where(visible_posts(viewer, Post, Topic))) or 0


def post_or_404(viewer: Viewer, public_id: int) -> Post:
    """The post to act on, with its topic and section."""
    post = db.session.scalar(
        select(Post)
        .join(Topic, Topic.id == Post.topic_id)
        .options(joinedload(Post.topic).joinedload(Topic.section))
        .where(Post.public_id == public_id, visible_posts(viewer, Post, Topic))
    )
    return post or abort(404)


def page_of(viewer: Viewer, post: Any) -> int:
    """On which page of its topic a post (or a row with its key and its topic's) stands, from 1."""
    before = select(func.count()).select_from(Post).join(Topic, Topic.id == Post.topic_id)
    earlier = before.where(Post.topic_id == post.topic_id, Post.id < post.id, visible_posts(viewer, Post, Topic))
    return (db.session.scalar(earlier) or 0) // POSTS_PER_PAGE + 1


def was_unnamed(viewer: Viewer, topic_id: int) -> bool:
    """Whether the viewer has once written without their name in the topic."""
    return bool(db.session.scalar(select(wrote_unnamed(topic_id)), marks.bound(viewer)))


def wrote_unnamed(topic_id: Any) -> Any:
    """Condition, for whoever looks (marks.OWN): their next message in the topic bears no name either."""
    return exists().where(Post.topic_id == topic_id, Post.author_id == OWN, Post.anonymous)


def revisions(post: Post) -> list[Revision]:
    """What a post said before, newest first; the caller has checked that its history may be seen."""
    return list(
        db.session.scalars(select(Revision).where(Revision.post_id == post.id).order_by(Revision.version.desc()))
    )
