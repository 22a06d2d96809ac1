"""What each member has read and follows: a mark per topic and a floor per member, never a row per post."""

from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from comcep.access.viewer import Viewer
from comcep.access.visibility import listed_topics
from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Topic, TopicFollow, TopicRead

OWN = bindparam("viewer_id", type_=BigInteger)  # in prepared statements, whoever looks
FLOOR = bindparam("floor", type_=BigInteger)  # and the post up to which everything counts as read for them


def bound(viewer: Viewer, floor: int = 0) -> dict[str, Any]:
    """What a statement prepared with OWN and FLOOR is executed with."""
    return {"viewer_id": viewer.member_id, "floor": floor}


def is_unread() -> Any:
    """Condition over Topic and its outer-joined TopicRead: a post came after the floor and after the mark."""
    seen = or_(TopicRead.post_id.is_(None), TopicRead.post_id < Topic.last_post_id)
    return and_(Topic.last_post_id > FLOOR, seen)


def own_mark() -> Any:
    """Condition of the outer join between Topic and the viewer's own mark."""
    return and_(TopicRead.topic_id == Topic.id, TopicRead.member_id == OWN)


def mark_read(viewer: Viewer, topic_id: int, post_id: int) -> None:
    """Move the viewer's mark of a topic forward to a post; the caller commits."""
    insert = _insert(TopicRead).values(member_id=viewer.member_id, topic_id=topic_id, post_id=post_id)
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=["member_id", "topic_id"],
            set_={"post_id": insert.excluded.post_id},
            where=TopicRead.post_id < insert.excluded.post_id,
        )
    )


def mark_all_read(viewer: Viewer) -> None:
    """Raise the viewer's floor to the newest post they may see, and drop the marks below it."""
    newest = db.session.scalar(select(func.max(Topic.last_post_id)).where(listed_topics(viewer, Topic))) or 0
    db.session.execute(update(Member).where(Member.id == viewer.member_id).values(read_floor=newest))
    db.session.execute(delete(TopicRead).where(TopicRead.member_id == viewer.member_id, TopicRead.post_id <= newest))
    db.session.commit()


def follow(viewer: Viewer, topic_id: int) -> None:
    """Tell the viewer of replies from now on; the caller commits."""
    row = _insert(TopicFollow).values(member_id=viewer.member_id, topic_id=topic_id, since=now())
    db.session.execute(row.on_conflict_do_nothing())


def unfollow(viewer: Viewer, topic_id: int) -> None:
    """Stop telling the viewer of replies; the caller commits."""
    own = (TopicFollow.member_id == viewer.member_id, TopicFollow.topic_id == topic_id)
    db.session.execute(delete(TopicFollow).where(*own))


def _insert(model: Any) -> Any:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(model)
