"""The HTML of an animator's words in digests, made again when the rules of Markdown have changed.

Words and figures of a published digest stay as they are, and with them its hash: what shows the words is made anew.
"""

from typing import Any

from sqlalchemy import select, update

from comcep.accounts import site
from comcep.analytics.models import Digest, DigestWords
from comcep.extensions import background, db
from comcep.text import markdown

RENDERED_UNDER = "digests-rendered-under"  # the rules of the last time


@background.sweep("slow")
def render_digests_again() -> None:
    """All digests at once: there are a few a year. Harmless when killed."""
    if int(site.fact(RENDERED_UNDER) or 0) >= markdown.RULES:
        return
    for model in (Digest, DigestWords):
        for words in db.session.scalars(select(model)).all():
            _render(model, words)
    site.set_fact(RENDERED_UNDER, str(markdown.RULES))
    db.session.commit()


def _render(model: Any, words: Any) -> None:
    """By a statement of its own: through the model a published digest refuses every change."""
    same = [key == getattr(words, key.name) for key in model.__table__.primary_key]
    values = {"words_html": markdown.render(words.words)}
    db.session.execute(update(model.__table__).where(*same, model.__table__.c.words == words.words).values(values))
