"""`flask members list`: who has which place. Nothing anyone wrote, nothing of what they do."""

from collections.abc import Iterator

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from comcep.accounts.models import Member, Network, Referent
from comcep.commands.causes import told
from comcep.commands.database import require_schema
from comcep.commands.members import finding
from comcep.extensions import db

STANDINGS = {"adviser": "conseiller·ère", "hors_pair": "hors pair", "none": "sans inscription"}
STATES = {"active": "", "suspended": "suspendu", "closed": "fermé"}


@click.command("list")
@click.option("--role", type=click.Choice(["admin", "animator", "committee", "referent"]), help="Ce rôle seulement.")
@click.option("--all", "everybody", is_flag=True, help="Tous les comptes, aussi ceux sans rôle.")
@with_appcontext
def list_members(role: str | None, everybody: bool) -> None:
    """Liste les comptes qui ont un rôle : adresse, nom, inscription, rôles."""
    require_schema()
    with told("La liste n'a pas pu être lue"):
        lines = [line for line, roles in _lines() if (role in roles if role else roles or everybody)]
    for line in lines:
        click.echo(finding.in_output(line))
    if not lines:
        click.echo("Personne.")


def _lines() -> Iterator[tuple[str, list[str]]]:
    """A line for each account, with its roles."""
    networks: dict[int, list[str]] = {}
    speaks = select(Referent.member_id, Network.slug).join(Network, Network.id == Referent.network_id)
    for member_id, slug in db.session.execute(speaks.order_by(Network.position)):
        networks.setdefault(member_id, []).append(slug)
    for member in db.session.scalars(select(Member).order_by(Member.email)):
        held = {"admin": member.is_admin, "animator": member.is_animator, "committee": member.is_committee}
        roles = [role for role, is_held in held.items() if is_held]
        referent = networks.get(member.id, [])
        shown = roles + ([f"referent ({', '.join(referent)})"] if referent else [])
        state = STATES[member.state] or ("" if member.address_confirmed_at else "adresse non confirmée")
        facts = (member.email, member.name, STANDINGS[member.standing], ", ".join(shown) or "-", state)
        yield "  ".join(fact for fact in facts if fact), roles + (["referent"] if referent else [])


COMMANDS = (list_members,)
