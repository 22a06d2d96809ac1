"""`flask seed`: the reference data, the community of January 2017, and the report that compares it with the printed
figures."""

import json

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from comcep.accounts import site
from comcep.accounts.models import Member, Network
from comcep.commands import reference
from comcep.commands.community import Community
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.forum.models import Post, Topic


@click.group()
def seed() -> None:
    """Les données de départ."""


@seed.command("reference")
@with_appcontext
def load_reference() -> None:
    """Charge réseaux, régions, thèmes et rubriques dans une base qui n'en a pas."""
    ensure_schema()
    reference.load()
    db.session.commit()
    click.echo("Réseaux, régions, thèmes et rubriques sont chargés.")


@seed.command("january")
@with_appcontext
def january() -> None:
    """Construit la communauté du 16 janvier 2017 dans une base vide."""
    ensure_schema()
    if not site.is_empty():
        raise click.UsageError("La base contient déjà des membres : choisissez un COMCEP_DATA vide.")
    reference.load()
    community = Community()
    community.load_people()
    community.plan_topics()
    community.write()
    db.session.commit()
    click.echo("La communauté de janvier 2017 est chargée.")


@seed.command("report")
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
@with_appcontext
def report(as_json: bool) -> None:
    """Compte dans la base et met chaque chiffre à côté du chiffre imprimé."""
    ensure_schema()
    figures = compare()
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    click.echo(f"{'':24}{'imprimé':>10}{'en base':>10}")
    for name, figure in figures.items():
        click.echo(f"{name:24}{figure['printed']:>10}{figure['held']:>10}")


def compare() -> dict[str, dict[str, int]]:
    """Each printed figure beside the one counted in the database."""
    printed = reference.toml("january-2017.toml")
    advisers = select(func.count(Member.id)).where(Member.standing == "adviser")
    held = {
        "members": _count(select(func.count(Member.id)).where(Member.standing != "none")),
        "advisers": _count(advisers),
        "others": _count(select(func.count(Member.id)).where(Member.standing == "hors_pair")),
        "topics": _count(select(func.count(Topic.id))),
        "posts": _count(select(func.count(Post.id))),
    }
    figures = {name: {"printed": int(printed[name]), "held": count} for name, count in held.items()}
    for family, count in printed["families"].items():
        of_family = advisers.join(Network, Network.id == Member.network_id).where(Network.family == family)
        figures[family] = {"printed": count, "held": _count(of_family)}
    return figures


def _count(statement) -> int:  # type: ignore[no-untyped-def]
    return db.session.scalar(statement) or 0
