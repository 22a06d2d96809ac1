"""`flask sweeps`: how the background work stands, and what it set aside."""

from collections.abc import Callable
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import delete, func, select

from comcep.background import LANES
from comcep.commands.database import require_schema
from comcep.extensions import background, db
from comcep.forum import changing
from comcep.forum.models import Topic
from comcep.notify.models import Mail
from comcep.pages.health import states
from comcep.sweeping import reading
from comcep.sweeping.models import Lane, SetAside

TRIED_AGAIN = ("index", "embedding")  # work on topics that is done again when they change
OF_TOPICS = (*TRIED_AGAIN, "themes")  # work whose items are topics
PARTS = {
    "database": "base de données",
    "search": "recherche",
    "tasks": "tâches de fond",
    "mail": "courriels",
    "embedding": "sens des phrases",
    "queue": "file d'appels (Redis)",
    "disk": "disque du dossier de données",
}
SAID = {
    "down": "à l'arrêt",
    "failing": "en échec",
    "late": "en retard",
    "full": "plein",
    "rebuilding": "en reconstruction",
}


@click.group()
def sweeps() -> None:
    """Les tâches de fond."""


@sweeps.command("state")
@with_appcontext
def state() -> None:
    """Où en sont le site et ses tâches de fond, et ce qu'elles ont mis de côté."""
    require_schema()
    parts = states()
    for part, name in PARTS.items():
        if parts[part] not in ("ok", "off"):
            click.echo(f"{name} : {SAID[parts[part]]}")
    lanes = {lane.name: lane for lane in reading.lanes()}
    for name in LANES:
        click.echo(f"  {name:6} {_of_lane(lanes.get(name))}")
    _say_mails()
    for item in reading.all_set_aside():
        click.echo(f"  mis de côté : {_name(item)}, {item.error}, {item.at:%d/%m %H:%M} UTC")


def _of_lane(lane: Lane | None) -> str:
    if lane is None:
        return "pas encore passée"
    if lane.failing_since is not None:
        return f"échoue depuis {lane.failing_since:%d/%m %H:%M} UTC : {lane.failure}"
    return f"va bien (vue à {lane.done_at:%H:%M:%S} UTC)"


def _say_mails() -> None:
    waits = (Mail.sent_at.is_(None), Mail.dropped_at.is_(None))
    first_try = func.min(Mail.not_before)
    row = db.session.execute(select(func.count(), func.min(Mail.created_at), first_try).where(*waits)).one()
    if row[0]:
        click.echo(
            f"  {row[0]} courriels attendent depuis {row[1]:%d/%m %H:%M} UTC ; prochain essai {row[2]:%H:%M} UTC"
        )


def _name(item: SetAside) -> str:
    if item.work not in OF_TOPICS:
        return f"{item.work} n° {item.subject_id}"
    public_id = db.session.scalar(select(Topic.public_id).where(Topic.id == item.subject_id))
    return f"{item.work} /sujets/{public_id}"


@sweeps.command("retry")
@with_appcontext
def retry() -> None:
    """Essaie de nouveau d'indexer ce qui a été mis de côté."""
    count = _empty(lambda ids: changing.mark(Topic.id.in_(ids)), SetAside.work.in_(TRIED_AGAIN))
    click.echo(f"Sujets à essayer de nouveau : {count}.")


@sweeps.command("forget")
@with_appcontext
def forget() -> None:
    """Oublie ce qui a été mis de côté, une fois lu."""
    click.echo(f"Oubliés : {_empty(lambda _ids: None, SetAside.id > 0)}.")


def _empty(before: Callable[[list[int]], None], which: Any) -> int:
    require_schema()
    items = list(db.session.scalars(select(SetAside.subject_id).where(which)))
    before(items)
    db.session.execute(delete(SetAside).where(which))
    db.session.commit()
    background.wake(current_app)
    return len(items)
