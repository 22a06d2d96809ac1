"""The forum's pages, one module per resource."""

from flask import Blueprint

forum = Blueprint("forum", __name__)

from comcep.forum.views import lists, marks, posts, resolution, topics, worth  # noqa: E402

__all__ = ["forum", "lists", "marks", "posts", "resolution", "topics", "worth"]
