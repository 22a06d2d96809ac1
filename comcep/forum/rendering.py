"""Stored HTML made again from its source when the rules of Markdown have changed: by itself, once, whatever is killed.

What the rules are is text/markdown.py; `serve` waits for it before anybody reads, the worker does it elsewhere.
"""

from collections.abc import Iterator
from typing import Any

from flask import current_app
from sqlalchemy import func, select, true, update

from comcep.access.system_read import system_read
from comcep.extensions import background, db
from comcep.forum import changing
from comcep.forum.models import Post, Topic
from comcep.sweeping import aside
from comcep.text import markdown

BATCH = 100  # posts made again in one commit, some 60 ms


@background.sweep("slow")
def render_some_again() -> None:
    """A batch of what older rules made, then another sweep; harmless when killed."""
    if next(render_again(), 0):
        background.wake(current_app)


def count(everything: bool = False) -> int:
    """How many posts older rules made; all of them when asked."""
    counted = select(func.count(Post.id).label("posts")).where(_wanted(everything))
    return sum(row.posts for row in system_read("sources to render again").rows(counted))


def render_again(everything: bool = False) -> Iterator[int]:
    """Batch after batch, the oldest posts first; how many each took. Their topics are indexed again where the words
    have changed."""
    last = 0
    while batch := _next(everything, last):
        made = [(post, _rendered(post)) for post in batch]
        changed = {post.topic_id for post, html in made if html != post.html}
        if changed:
            changing.mark(Topic.id.in_(changed))
        for post, html in made:
            # Edited meanwhile: the edit has rendered it under the new rules already.
            same = (Post.id == post.id, Post.version == post.version)
            db.session.execute(update(Post).where(*same).values(html=html, rules=markdown.RULES))
        db.session.commit()
        last = batch[-1].id
        yield len(batch)


def _rendered(post: Any) -> str:
    try:
        return markdown.render(post.source)
    except Exception as error:  # what is stored may hold somebody else's words: it does not stay either
        aside.set_aside("rendering", post.id, error)
        return markdown.as_written(post.source)


def _wanted(everything: bool) -> Any:
    return true() if everything else Post.rules < markdown.RULES


def _next(everything: bool, last: int) -> list[Any]:
    rows = select(Post.id, Post.topic_id, Post.source, Post.html, Post.version)
    wanted = rows.where(_wanted(everything), Post.id > last).order_by(Post.id).limit(BATCH)
    return list(system_read("sources to render again").rows(wanted))
