"""The directory, and a member's page with what the reader may know of their part in the forum."""

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import func, select

from comcep.access.permissions import may_browse_members
from comcep.access.viewer import Viewer
from comcep.access.visibility import attributed_posts
from comcep.accounts import reading
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic
from comcep.membership.reading import networks, regions
from comcep.web.current import requires, viewer
from comcep.web.pagination import page_of

members = Blueprint("members", __name__)


@members.get("/membres")
@requires(may_browse_members)
def directory() -> str:
    words, network, region = (request.args.get(name, "")[:100] for name in ("nom", "reseau", "region"))
    rows = reading.directory(viewer(), words, network, region)
    page = page_of(reading.count(rows), 30)
    return render_template(
        "pages/members.html",
        members=reading.fetch(rows, page.size, page.offset),
        page=page,
        networks=networks(),
        regions=regions(),
        words=words,
        network=network,
        region=region,
    )


@members.get("/membres/<public_id:member_id>")
@requires(lambda viewer: viewer.is_member)
def profile(member_id: int) -> str:
    member = reading.profile_or_404(viewer(), member_id)
    return render_template(
        "pages/member.html",
        member=member,
        posts=_posts_count(viewer(), member.id),
        topics=_last_topics(viewer(), member.id),
    )


def _posts_count(viewer: Viewer, member_id: int) -> int:
    """Posts under the member's name where the reader may see them."""
    posts = select(func.count()).select_from(Post).join(Topic, Topic.id == Post.topic_id)
    return db.session.scalar(posts.where(Post.author_id == member_id, attributed_posts(viewer, Post, Topic))) or 0


def _last_topics(viewer: Viewer, member_id: int) -> list[Any]:
    """The last topics the member wrote in under their name, where the reader may see them."""
    last = func.max(Post.id).label("last")
    rows = (
        select(
            Topic.public_id,
            Topic.slug,
            Topic.title,
            Topic.kind,
            Topic.state,
            Topic.last_post_at,
            Section.name.label("section_name"),
            last,
        )
        .join(Post, Post.topic_id == Topic.id)
        .join(Section, Section.id == Topic.section_id)
        .where(Post.author_id == member_id, attributed_posts(viewer, Post, Topic))
        .group_by(Topic.id, Section.name)
        .order_by(last.desc())
    )
    return list(db.session.execute(rows.limit(10)).all())
