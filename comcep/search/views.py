"""The page of results."""

from flask import Blueprint, render_template, request

from comcep.search import searching
from comcep.web.current import read_floor, viewer

search = Blueprint("search", __name__)


@search.get("/recherche")
def results() -> str:
    found = searching.search(viewer(), request.args.get("q", ""), read_floor())
    return render_template("search/results.html", found=found)
