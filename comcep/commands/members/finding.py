"""What the commands of members have in common: whom and what an argument names, and how an act is said and kept."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select

from comcep.accounts.addresses import is_address
from comcep.accounts.models import Member, Network
from comcep.accounts.signing_in import normal_address
from comcep.commands.causes import told
from comcep.commands.database import ensure_schema
from comcep.extensions import db
from comcep.moderation.acting import NotPossible
from comcep.moderation.appointing import LastOne
from comcep.text.cleaning import clean_line

even_the_last = click.option("--yes", "even_the_last", is_flag=True, help="Même s'il n'en reste plus aucun.")


def in_output(text: str) -> str:
    """A text for the terminal, whatever letters it knows."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def address(text: str) -> str:
    """An e-mail address as accounts hold it. Raises UsageError for what is none."""
    if clean_line(text) != text.strip() or not is_address(text):
        raise click.UsageError(f"« {in_output(text[:80])} » n'a pas la forme d'une adresse, par exemple nom@reseau.fr.")
    return normal_address(text)


def member(email: str) -> Member:
    """The account of an address. Raises UsageError when there is none."""
    found = db.session.scalar(select(Member).where(Member.email == address(email)))
    if found is None:
        raise click.UsageError(
            f"Aucun compte n'a l'adresse {email.strip()}. Les adresses connues : flask members list."
        )
    return found


def network(slug: str) -> Network:
    """The network of a slug. Raises UsageError, with the slugs there are, when there is none."""
    known = {found.slug: found for found in db.session.scalars(select(Network).order_by(Network.position))}
    if slug not in known:
        raise click.UsageError(f"Le réseau « {in_output(slug[:80])} » n'existe pas. Il y a : {', '.join(known)}.")
    return known[slug]


@contextmanager
def acting() -> Iterator[None]:
    """A whole act or nothing: what is not possible, and what a database refuses, is a sentence."""
    ensure_schema()
    try:
        with told("Rien n'a changé"):
            yield
            db.session.commit()
    except LastOne as last:
        raise click.ClickException(f"{last} Pour le faire quand même, ajoutez --yes. Rien n'a changé.") from None
    except NotPossible as refused:
        raise click.ClickException(f"{refused} Rien n'a changé.") from None


def do(act: Callable[[], bool], done: str, already: str) -> None:
    """Do an act as a whole and say what became of it."""
    with acting():
        changed = act()
    click.echo(in_output(done if changed else f"{already} Rien n'a changé."))
