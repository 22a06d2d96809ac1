"""`flask members`: what cannot be done in a page because nobody may yet: the first referent, an administrator, a
group."""

import secrets

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from comcep.accounts import passwords
from comcep.accounts.models import Group, GroupMember, Member, Network, Referent
from comcep.accounts.signing_in import normal_address
from comcep.clock import now
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.moderation import journal
from comcep.moderation.journal import Act


@click.group()
def members() -> None:
    """Les comptes que la ligne de commande seule peut ouvrir."""


@members.command("create")
@click.argument("email")
@click.argument("name")
@click.option(
    "--admin", is_flag=True, help="Administrateur technique : ne voit que les pages publiques et les réglages."
)
@click.option("--referent", "network", help="Référent du réseau de ce nom court (slug).")
@with_appcontext
def create(email: str, name: str, admin: bool, network: str | None) -> None:
    """Ouvre un compte d'administrateur ou de référent et affiche son mot de passe provisoire."""
    ensure_schema()
    if not admin and network is None:
        raise click.UsageError("Indiquez --admin ou --referent RÉSEAU : les autres comptes viennent de leur réseau.")
    found = db.session.scalar(select(Network).where(Network.slug == network)) if network else None
    if network and found is None:
        raise click.UsageError(f"Le réseau « {network} » n'existe pas.")
    password = secrets.token_urlsafe(12)
    member = Member(
        email=normal_address(email),
        name=name,
        password_hash=passwords.hash_password(password),
        session_key=passwords.new_session_key(),
        is_admin=admin,
        address_confirmed_at=now(),
    )
    db.session.add(member)
    db.session.flush()
    if found is not None:
        db.session.add(Referent(member_id=member.id, network_id=found.id))
    journal.record(None, Act("create-account", "member", member.public_id, detail="admin" if admin else "referent"))
    db.session.commit()
    click.echo(f"Compte ouvert. Mot de passe provisoire : {password}")


@members.command("join-group")
@click.argument("email")
@click.argument("group")
@with_appcontext
def join_group(email: str, group: str) -> None:
    """Met un conseiller dans un groupe nommé, créé au besoin."""
    ensure_schema()
    member = _accepted(email, "adviser")
    found = db.session.scalar(select(Group).where(Group.name == group)) or Group(name=group)
    db.session.add(found)
    db.session.flush()
    db.session.merge(GroupMember(group_id=found.id, member_id=member.id))
    _record("join-group", member)


@members.command("name-animator")
@click.argument("email")
@with_appcontext
def name_animator(email: str) -> None:
    """Nomme la première animatrice ou le premier animateur, parmi les conseillers."""
    ensure_schema()
    if db.session.scalar(select(Member.id).where(Member.is_animator).limit(1)) is not None:
        raise click.UsageError("Il y a déjà une animation : elle seule approuve les suivants.")
    member = _accepted(email, "adviser")
    member.is_animator = True
    _record("name-animator", member)


@members.command("name-committee")
@click.argument("email")
@with_appcontext
def name_committee(email: str) -> None:
    """Inscrit un hors pair au comité opérationnel : il lira les synthèses."""
    ensure_schema()
    member = _accepted(email, "hors_pair")
    member.is_committee = True
    _record("name-committee", member)


def _accepted(email: str, standing: str) -> Member:
    wanted = select(Member).where(Member.email == normal_address(email), Member.standing == standing)
    member = db.session.scalar(wanted)
    if member is None:
        raise click.UsageError("Personne d'accepté par son réseau n'a cette adresse.")
    return member


def _record(kind: str, member: Member) -> None:
    journal.record(None, Act(kind, "member", member.public_id))
    db.session.commit()
    click.echo("C'est fait.")
