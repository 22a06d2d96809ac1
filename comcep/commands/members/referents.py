"""`flask members add-referent`, `remove-referent`: who speaks for a network."""

import click
from flask.cli import with_appcontext

from comcep.commands.members import finding
from comcep.commands.members.finding import even_the_last
from comcep.moderation import appointing


@click.command("add-referent")
@click.argument("email")
@click.argument("network")
@with_appcontext
def add_referent(email: str, network: str) -> None:
    """Fait d'un compte le référent d'un réseau de plus."""
    finding.do(
        lambda: appointing.add_referent(finding.member(email), finding.network(network)),
        f"C'est fait : {email} répond aux demandes de {network}, et l'apprend par courriel.",
        f"{email} est déjà référent·e de {network}.",
    )


@click.command("remove-referent")
@click.argument("email")
@click.argument("network")
@even_the_last
@with_appcontext
def remove_referent(email: str, network: str, even_the_last: bool) -> None:
    """Fait qu'un compte ne soit plus le référent d'un réseau."""
    finding.do(
        lambda: appointing.remove_referent(finding.member(email), finding.network(network), even_the_last),
        f"C'est fait : {email} n'est plus référent·e de {network}, et l'apprend par courriel.",
        f"{email} n'est pas référent·e de {network}.",
    )


COMMANDS = (add_referent, remove_referent)
