"""`flask sweeps`: how the background work stands, and what it set aside."""

from collections.abc import Callable

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import delete, select

from comcep.commands.database import ensure_schema
from comcep.extensions import background, db
from comcep.forum import changing
from comcep.forum.models import Topic
from comcep.sweeping import leading, reading
from comcep.sweeping.models import SetAside

OF_TOPICS = ("index", "embedding")  # work whose items are topics


@click.group()
def sweeps() -> None:
    """Les tâches de fond."""


@sweeps.command("state")
@with_appcontext
def state() -> None:
    """Où en sont les tâches de fond, et ce qu'elles ont mis de côté."""
    ensure_schema()
    led = leading.is_led(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo("Un processus fait les tâches de fond." if led else "Aucun processus ne fait les tâches de fond.")
    for lane in reading.lanes():
        said = (
            f"échoue depuis {lane.failing_since:%d/%m %H:%M} UTC : {lane.failure}" if lane.failing_since else "va bien"
        )
        click.echo(f"  {lane.name:6} dernier passage entier {lane.done_at:%d/%m %H:%M:%S} UTC, {said}")
    for item in reading.all_set_aside():
        click.echo(f"  mis de côté : {_name(item)}, {item.error}, {item.at:%d/%m %H:%M} UTC")


def _name(item: SetAside) -> str:
    if item.work not in OF_TOPICS:
        return f"{item.work} n° {item.subject_id}"
    public_id = db.session.scalar(select(Topic.public_id).where(Topic.id == item.subject_id))
    return f"{item.work} /sujets/{public_id}"


@sweeps.command("retry")
@with_appcontext
def retry() -> None:
    """Essaie de nouveau d'indexer ce qui a été mis de côté."""
    _empty(lambda ids: changing.mark(Topic.id.in_(ids)), SetAside.work.in_(OF_TOPICS))
    click.echo("Ce sera essayé de nouveau.")


@sweeps.command("forget")
@with_appcontext
def forget() -> None:
    """Oublie ce qui a été mis de côté, une fois lu."""
    _empty(lambda _ids: None, SetAside.id > 0)
    click.echo("Oublié.")


def _empty(before: Callable[[list[int]], None], which) -> None:  # type: ignore[no-untyped-def]
    ensure_schema()
    before(list(db.session.scalars(select(SetAside.subject_id).where(which))))
    db.session.execute(delete(SetAside).where(which))
    db.session.commit()
    background.wake(current_app)
