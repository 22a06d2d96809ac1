"""Pages that hold words only: help, charter, privacy, accessibility, legal notice. Public, and found by search."""

import re
from dataclasses import dataclass
from functools import lru_cache

from flask import Blueprint, current_app, render_template

from comcep.search import analysis, queries
from comcep.text.excerpts import plain_text

documents = Blueprint("documents", __name__)
MOST_FOUND = 3
_SEARCHED = (
    ("/aide", "guide"),
    ("/charte", "charter"),
    ("/vie-privee", "privacy"),
    ("/accessibilite", "accessibility"),
)
_PART = re.compile(r"<h[12][^>]*>(.*?)</h[12]>(.*?)(?=<h[12]|</div>)", re.DOTALL)


@documents.get("/aide")
def guide() -> str:
    return render_template("pages/guide.html")


@documents.get("/charte")
def charter() -> str:
    return render_template("pages/charter.html")


@documents.get("/vie-privee")
def privacy() -> str:
    return render_template("pages/privacy.html")


@documents.get("/accessibilite")
def accessibility() -> str:
    return render_template("pages/accessibility.html")


@documents.get("/mentions-legales")
def legal() -> str:
    return render_template("pages/legal.html")


@dataclass(frozen=True)
class Part:
    """A part of a page under one heading, and the terms it is found by."""

    address: str
    heading: str
    terms: frozenset[str]


@documents.app_template_global("help_about")
def help_about(words: str) -> list[Part]:
    """The parts of these pages that say everything that is asked for, each thing in any of its ways."""
    things = queries.things_of(queries.query_terms(words))
    wanted = [thing for thing in things if thing.importance == 1] or things
    return [
        part
        for part in _parts()
        if wanted and all(any(part.terms.issuperset(way) for way in thing.ways) for thing in wanted)
    ][:MOST_FOUND]


@lru_cache(maxsize=1)
def _parts() -> list[Part]:
    parts = []
    for address, name in _SEARCHED:
        template = current_app.jinja_env.get_template(f"pages/{name}.html")
        content = "".join(template.blocks["content"](template.new_context()))  # the words alone: no viewer, no flash
        for heading, text in _PART.findall(content):
            terms = frozenset(analysis.terms(plain_text(f"{heading} {text}")))
            parts.append(Part(address, plain_text(heading), terms))
    return parts
