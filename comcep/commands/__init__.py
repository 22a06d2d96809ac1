"""The `flask` commands, one module each. A command works on the data folder that COMCEP_DATA names."""

from flask import Flask

from comcep.commands import backup, database, demo, index, journal, members, posts, seed, serve, sweeps, themes, worker


def init_app(app: Flask) -> None:
    groups = (database.database, seed.seed, demo.demo, index.index, journal.journal, members.members, posts.posts)
    for group in (*groups, themes.themes, sweeps.sweeps):
        app.cli.add_command(group)
    for command in (serve.serve, worker.worker, backup.backup, backup.restore):
        app.cli.add_command(command)
