"""The model this site uses, and what it suggests; no suggestion, and no error, when it has none."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select

from comcep.analytics.themes.features import SEED
from comcep.analytics.themes.predicting import Model, Suggestion, Unusable
from comcep.extensions import db
from comcep.forum.models import Theme
from comcep.text import embedding
from comcep.web.current import viewer

logger = logging.getLogger(__name__)
SHIPPED = SEED / "themes-model.json"
SHORTEST = 12  # characters typed before anything is suggested


@dataclass(frozen=True)
class Suggested:
    """A theme to offer: its slug, its label, the probability, 0 to 1; certain enough or only "à classer"."""

    slug: str
    label: str
    probability: float
    is_certain: bool


def trained_path() -> Path:
    """Where the model trained on this site lies, once there is one."""
    path: Path = current_app.config["DATA"] / "themes-model.json"
    return path


def model(of_peers: bool = True) -> Model | None:
    """The model trained on this site, for peers alone: it learnt from what only they read; else the one that comes
    with the program. Read once, and again when its file is replaced."""
    for path in (trained_path(), SHIPPED) if of_peers else (SHIPPED,):
        try:
            return _read(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            continue
        except (Unusable, OSError):
            logger.warning("no usable model of themes at %s", path.name, exc_info=True)
    return None


@lru_cache(maxsize=2)
def _read(path: Path, _modified: int) -> Model:
    return Model.read(path)


def suggested(title: str, body: str = "") -> list[Suggested]:
    """The three likeliest themes of a text, for the one who writes or classes it."""
    using = model(viewer().is_adviser) if len(title.strip()) + len(body.strip()) >= SHORTEST else None
    if using is None:
        return []
    labels: dict[str, Any] = {
        row.slug: row.label
        for row in db.session.execute(select(Theme.slug, Theme.label).where(Theme.merged_into_id.is_(None)))
    }
    return [
        Suggested(each.slug, labels[each.slug], each.probability, each.probability >= using.threshold)
        for each in _suggestions(using, title, body)
        if each.slug in labels
    ]


def _suggestions(using: Model, title: str, body: str) -> list[Suggestion]:
    """By words alone where embeddings are off, or their engine away."""
    if current_app.config["EMBEDDINGS"] and embedding.is_available():
        with suppress(embedding.EngineAway):
            return using.suggestions(title, body)
    return using.suggestions(title, body, by_meaning=False)
