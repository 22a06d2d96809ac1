"""`flask members create`: the account of an administrator or a referent, which no request to join opens."""

import secrets

import click
from flask.cli import with_appcontext
from sqlalchemy import delete, select

from comcep.accounts import passwords, site
from comcep.accounts.models import Member, Network
from comcep.clock import now
from comcep.commands.database import ensure_schema
from comcep.commands.members import finding
from comcep.extensions import db
from comcep.membership.forms import LONGEST_NAME
from comcep.membership.models import MembershipRequest
from comcep.moderation import appointing, journal
from comcep.moderation.journal import Act
from comcep.moderation.signals import appointed
from comcep.text.cleaning import clean_line


@click.command("create")
@click.argument("email")
@click.argument("name")
@click.option(
    "--admin", is_flag=True, help="Administrateur technique : ne voit que les pages publiques et les réglages."
)
@click.option("--referent", "slugs", multiple=True, help="Référent du réseau de ce nom court (slug) ; se répète.")
@with_appcontext
def create(email: str, name: str, admin: bool, slugs: tuple[str, ...]) -> None:
    """Ouvre un compte d'administrateur ou de référent et affiche son mot de passe provisoire.

    Un compte qui existe déjà garde son nom et son mot de passe : il reçoit le rôle.
    """
    ensure_schema()
    if site.fact(site.DEMO) is not None:
        raise click.ClickException("Une démonstration n'ouvre pas de vrai compte : flask demo remove d'abord.")
    if not admin and not slugs:
        raise click.UsageError("Indiquez --admin ou --referent RÉSEAU : les autres comptes viennent de leur réseau.")
    networks = [finding.network(slug) for slug in dict.fromkeys(slugs)]
    email, name = finding.address(email), _checked(name)
    with finding.acting():
        password = _open(email, name)
        changed = _appoint(email, admin, networks)
    if password:
        click.echo(f"Compte ouvert. Mot de passe provisoire : {password}")
    elif changed:
        click.echo("Cette adresse avait déjà un compte : il garde son nom et son mot de passe, et reçoit le rôle.")
    else:
        click.echo("Ce compte existe et a déjà ce rôle. Rien n'a changé.")


def _checked(name: str) -> str:
    name = clean_line(name)
    if not 2 <= len(name) <= LONGEST_NAME:
        raise click.UsageError(f"Le nom compte de 2 à {LONGEST_NAME} caractères.")
    return name


def _open(email: str, name: str) -> str:
    """Open the account unless the address has one; its provisional password.

    What somebody asked for with the address, and nobody confirmed, is taken over: neither its name nor its network is
    known to be true.
    """
    member = db.session.scalar(select(Member).where(Member.email == email))
    if member is not None and member.address_confirmed_at is not None:
        return ""
    password = secrets.token_urlsafe(12)
    if member is None:
        member = Member(email=email)
        db.session.add(member)
    else:
        db.session.execute(delete(MembershipRequest).where(MembershipRequest.member_id == member.id))
    member.name, member.network_id, member.region_id = name, None, None
    member.password_hash = passwords.hash_password(password)
    member.session_key = passwords.new_session_key()
    member.address_confirmed_at = now()
    db.session.flush()
    journal.record(None, Act("create-account", "member", member.public_id))
    appointed.send(member, kind="create-account")
    return password


def _appoint(email: str, admin: bool, networks: list[Network]) -> bool:
    member = finding.member(email)
    done = [appointing.add_referent(member, network) for network in networks]
    return any([appointing.grant(member, "admin") if admin else False, *done])


COMMANDS = (create,)
