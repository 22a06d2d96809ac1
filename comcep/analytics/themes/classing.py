"""The sweeps of the model: a theme for new topics whose author ticked none, where it is certain enough; training again
after enough corrections.

Peers' topics alone: the digest counts no other, and the model learnt from peers. What it is not certain of stays "à
classer", for animators. Each topic is looked at once.
"""

import os
import subprocess
import sys
from typing import Any

from flask import current_app
from sqlalchemy import exists, func, select

from comcep.access.system_read import system_read
from comcep.accounts import site
from comcep.analytics.counting import peer_topics
from comcep.analytics.themes import suggesting
from comcep.analytics.themes.predicting import Model, Suggestion
from comcep.extensions import background, db
from comcep.forum import changing
from comcep.forum.models import Post, Section, Theme, Topic, TopicTheme
from comcep.search.indexing import index_changed_topics
from comcep.search.nearness import RETURNS
from comcep.sweeping import aside
from comcep.text import embedding
from comcep.text.excerpts import plain_text

BATCH = 20  # topics told in one go, some 30 ms each: other sweeps wait for it
ENOUGH = 50  # corrections by animators since the model last learnt
LEARNT_FROM = "themes-learnt-from"  # how many there were then
LOOKED_AT = "themes-looked-at"  # the last topic the model looked at


@background.sweep("slow")
def class_new_topics() -> str | None:
    """The topics written since the last time, by batches; harmless when killed. While the engine of embeddings is away
    they wait: each is looked at once, and words alone tell less. Gives that it is, as the kind of an error."""
    using = suggesting.model()
    if using is None:
        return None
    themes = {theme.slug: theme.id for theme in db.session.scalars(select(Theme).where(Theme.merged_into_id.is_(None)))}
    last = int(site.fact(LOOKED_AT) or 0)
    topics = list(
        system_read("new topics without a theme").rows(
            select(Topic.id, Topic.title, Post.html, _is_classed().label("is_classed"))
            .join(Post, Post.id == Topic.first_post_id)
            .join(Section, Section.id == Topic.section_id)
            .where(*peer_topics(), Topic.id > last)
            .order_by(Topic.id)
            .limit(BATCH)
        )
    )
    db.session.rollback()
    if topics and _engine_is_away():
        return embedding.EngineAway.__name__
    # Nothing is held while the model thinks: who publishes would wait for it.
    told = [(topic, _likeliest(using, topic)) for topic in topics if not topic.is_classed]
    for topic, best in told:
        if best is None:
            continue
        if best.probability >= using.threshold and best.slug in themes:
            changing.mark(Topic.id == topic.id)
            db.session.add(
                TopicTheme(topic_id=topic.id, theme_id=themes[best.slug], set_by="model", confidence=best.probability)
            )
    if topics:
        site.set_fact(LOOKED_AT, str(topics[-1].id))
        db.session.commit()
        index_changed_topics()  # at once: kept searches wait for an index that knows of everything
    if len(topics) == BATCH:
        background.wake(current_app)
    return None


def _engine_is_away() -> bool:
    """Where one is wanted and possible; elsewhere words do the work."""
    return bool(current_app.config["EMBEDDINGS"]) and embedding.is_possible() and not embedding.answers(RETURNS)


def _likeliest(using: Model, topic: Any) -> Suggestion | None:
    """The likeliest theme of a topic; none, and the topic set aside, where the model cannot tell: the others go on."""
    try:
        by_meaning = bool(current_app.config["EMBEDDINGS"])
        likeliest = using.suggestions(topic.title, plain_text(topic.html), by_meaning)[0]
        aside.went_well("themes", topic.id)
        return likeliest
    except Exception as error:
        if aside.ends_the_sweep("themes", topic.id, error):
            raise
        aside.set_aside("themes", topic.id, error)
        db.session.commit()
        return None


@background.sweep("slow")
def learn_again() -> None:
    """After enough corrections, train the site's model again, in a process of its own: scikit-learn never enters this
    one. The command keeps the old model when it does better. Harmless when killed: the next corrections start it
    again."""
    corrected = select(func.count()).select_from(TopicTheme).where(TopicTheme.set_by == "animator")
    count = db.session.scalar(corrected) or 0
    if count - int(site.fact(LEARNT_FROM) or 0) < ENOUGH:
        return
    site.set_fact(LEARNT_FROM, str(count))
    db.session.commit()
    environment = {
        **os.environ,
        "COMCEP_DATA": str(current_app.config["DATA"]),
        "COMCEP_DATABASE_URL": current_app.config["DATABASE_URL"],
    }
    subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "themes", "train"],
        cwd=current_app.root_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _is_classed() -> Any:
    return exists().where(TopicTheme.topic_id == Topic.id)
