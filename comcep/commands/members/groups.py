"""`flask members join-group`, `leave-group`: named groups of peers."""

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from comcep.accounts.models import Group
from comcep.commands.members import finding
from comcep.extensions import db
from comcep.moderation import appointing
from comcep.text.cleaning import clean_line

LONGEST = 120


@click.command("join-group")
@click.argument("email")
@click.argument("group")
@with_appcontext
def join_group(email: str, group: str) -> None:
    """Met un conseiller dans un groupe nommé, créé au besoin."""
    finding.do(
        lambda: appointing.join_group(finding.member(email), _group(group, create=True)),
        f"C'est fait : {email} est du groupe « {finding.in_output(group)} », et l'apprend par courriel.",
        f"{email} est déjà du groupe « {finding.in_output(group)} ».",
    )


@click.command("leave-group")
@click.argument("email")
@click.argument("group")
@with_appcontext
def leave_group(email: str, group: str) -> None:
    """Sort quelqu'un d'un groupe."""
    finding.do(
        lambda: appointing.leave_group(finding.member(email), _group(group, create=False)),
        f"C'est fait : {email} n'est plus du groupe « {finding.in_output(group)} », et l'apprend par courriel.",
        f"{email} n'est pas du groupe « {finding.in_output(group)} ».",
    )


def _group(name: str, create: bool) -> Group:
    name = clean_line(name)
    if not 2 <= len(name) <= LONGEST:
        raise click.UsageError(f"Le nom d'un groupe compte de 2 à {LONGEST} caractères.")
    found = db.session.scalar(select(Group).where(Group.name == name))
    if found is None and not create:
        known = ", ".join(db.session.scalars(select(Group.name).order_by(Group.name)))
        raise click.UsageError(f"Le groupe « {name} » n'existe pas. Il y a : {known or 'aucun groupe'}.")
    if found is None:
        found = Group(name=name)
        db.session.add(found)
        db.session.flush()
    return found


COMMANDS = (join_group, leave_group)
