"""`flask members grant`, `withdraw`, `end-membership`: roles, and the end of the standing they rest on."""

import click
from flask.cli import with_appcontext

from comcep.commands.members import finding
from comcep.commands.members.finding import even_the_last
from comcep.moderation import appointing
from comcep.text.cleaning import clean_text

NAMES = {"admin": "l'administration technique", "animator": "l'animation", "committee": "le comité opérationnel"}
a_role = click.argument("role", type=click.Choice(list(NAMES)))


@click.command("grant")
@click.argument("email")
@a_role
@with_appcontext
def grant(email: str, role: str) -> None:
    """Confie un rôle à un compte : admin, animator (parmi les conseillers), committee (parmi les hors pairs)."""
    _grant(email, role)


@click.command("name-animator")
@click.argument("email")
@with_appcontext
def name_animator(email: str) -> None:
    """Comme grant ADRESSE animator."""
    _grant(email, "animator")


@click.command("name-committee")
@click.argument("email")
@with_appcontext
def name_committee(email: str) -> None:
    """Comme grant ADRESSE committee."""
    _grant(email, "committee")


def _grant(email: str, role: str) -> None:
    finding.do(
        lambda: appointing.grant(finding.member(email), role),
        f"C'est fait : {email} est dans {NAMES[role]}, et l'apprend par courriel.",
        f"{email} est déjà dans {NAMES[role]}.",
    )


@click.command("withdraw")
@click.argument("email")
@a_role
@even_the_last
@with_appcontext
def withdraw(email: str, role: str, even_the_last: bool) -> None:
    """Retire un rôle ; l'inscription reste."""
    finding.do(
        lambda: appointing.withdraw(finding.member(email), role, even_the_last),
        f"C'est fait : {email} n'est plus dans {NAMES[role]}, et l'apprend par courriel.",
        f"{email} n'est pas dans {NAMES[role]}.",
    )


@click.command("end-membership")
@click.argument("email")
@click.option("--reason", required=True, help="Le motif, que la personne lit et que le journal garde.")
@even_the_last
@with_appcontext
def end_membership(email: str, reason: str, even_the_last: bool) -> None:
    """Clôt l'inscription : la personne n'est plus conseillère ni hors pair, ni de l'animation, d'un groupe…

    Son compte reste, ce qu'elle a écrit aussi ; elle peut demander de nouveau à un réseau.
    """
    reason = clean_text(reason)
    if not 3 <= len(reason) <= 1000:
        raise click.UsageError("Le motif compte de 3 à 1 000 caractères.")
    finding.do(
        lambda: appointing.end_membership(finding.member(email), reason, even_the_last),
        f"C'est fait : l'inscription de {email} a pris fin, et la personne l'apprend par courriel, avec le motif.",
        f"{email} n'est inscrit·e par aucun réseau.",
    )


COMMANDS = (grant, withdraw, name_animator, name_committee, end_membership)
