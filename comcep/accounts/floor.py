"""The reading floor of somebody who joins now: what was written before them is not news.

The forum stands above this package, so the newest post is asked of the table, not of its model.
"""

from sqlalchemy import column, func, select, table

from comcep.extensions import db

_posts = table("post", column("id"))


def newest_post_id() -> int:
    """The key of the newest post of all, 0 when there is none."""
    return db.session.scalar(select(func.max(_posts.c.id))) or 0
