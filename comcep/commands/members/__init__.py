"""`flask members`: accounts and places that only the command line can give today, one module each. What each act does,
and its line in the journal, live in moderation/appointing.py."""

import click

from comcep.commands.members import groups, listing, opening, referents, roles


@click.group()
def members() -> None:
    """Les comptes, les rôles et les inscriptions : ouvrir, confier, retirer, lister."""


for command in (*opening.COMMANDS, *roles.COMMANDS, *referents.COMMANDS, *groups.COMMANDS, *listing.COMMANDS):
    members.add_command(command)
