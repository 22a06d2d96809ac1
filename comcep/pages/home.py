"""The home page: what ComCEP is, or what is new for whoever is signed in."""

from flask import Blueprint, render_template

from comcep.forum.reading import sections, topics
from comcep.web.current import read_floor, viewer

home = Blueprint("home", __name__)


@home.get("/")
def show() -> str:
    if not viewer().is_member:
        public = topics.newest_first(viewer(), 0).fetch(5)
        return render_template("pages/welcome.html", topics=public)
    floor = read_floor()
    return render_template(
        "pages/home.html",
        waiting=topics.waiting(viewer(), floor).fetch(5),
        unread=topics.unread(viewer(), floor).fetch(6),
        solved=topics.solved(viewer(), floor).fetch(5),
        relayed=topics.relayed(viewer(), floor).fetch(4),
        topics_in_all=sections.topics_in_all(viewer()),
    )
