"""What the tests of backups and restores share: a site to save, a place to restore into, and both databases to do it on."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text

from comcep import create_app
from comcep.accounts.site import own_secrets
from comcep.commands.backup import manifest
from comcep.extensions import db
from tests import databases
from tests.servers import ROOT, environment, flask

ONLY_POSTGRESQL = pytest.mark.parametrize("saved", ["postgresql"], indirect=True)
ONLY_SQLITE = pytest.mark.parametrize("saved", ["sqlite"], indirect=True)


@dataclass
class Place:
    """A data folder and its database, where commands are run."""

    data: Path
    address: str = ""  # of PostgreSQL; empty: SQLite

    def run(self, *command: str, **more: str) -> str:
        """What a command says that succeeds, run as an operator does."""
        return flask(self.data, *command, COMCEP_DATABASE_URL=self.address, **more)

    def fails(self, *command: str, expected: int = 1, **options) -> str:  # type: ignore[no-untyped-def]
        """What a command says that ends with the code expected, and without a traceback."""
        variables = environment(self.data, COMCEP_DATABASE_URL=self.address, **options.pop("more", {}))
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT, env=variables, capture_output=True, text=True, check=False, **options,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert done.returncode == expected, said
        assert "Traceback" not in said, said
        return said

    def tries(self, *command: str) -> tuple[int, str]:
        """The same command in this process, where many are tried; its exit code, and what it says."""
        app = create_app({"DATA": self.data, "DATABASE_URL": self.address, "EMBEDDINGS": False})
        done = app.test_cli_runner().invoke(args=command)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
        return done.exit_code, done.output

    def content(self) -> dict[str, list[tuple]]:  # type: ignore[type-arg]
        """Every row of every table but the index marks, which a restore resets."""
        return content(self.address.replace("postgresql://", "postgresql+psycopg://") or sqlite(self.data))

    def left(self) -> set[str]:
        """What lies in the place beside what the start of any command makes."""
        made = ("secrets.json", "tasks.sqlite3", "migration.lock", "tasks.lock", "comcep.sqlite3")
        beside = {
            path.name for path in self.data.iterdir() if path.name.removesuffix("-wal").removesuffix("-shm") not in made
        }
        tables = content(sqlite(self.data)) if (self.data / "comcep.sqlite3").exists() else {}
        if self.address:
            with psycopg.connect(self.address) as connection:
                tables |= {n: [] for (n,) in connection.execute("select relname from pg_stat_user_tables")}
        return beside | set(tables)


def place(kind: str, data: Path, name: str) -> Place:
    """An empty place on that kind of database; the name tells databases of one test apart."""
    data.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        return Place(data)
    databases.require_postgresql()
    return Place(data, databases.fresh_postgresql(f"comcep_backup_{name}_{databases.worker()}"))


def site(kind: str, data: Path) -> Place:
    """A small site with topics, mails and a model of themes of its own."""
    made = place(kind, data, "source")
    made.run("seed", "january")
    _served(made)
    (data / "mails").mkdir()
    for number in range(3):
        (data / "mails" / f"mail-{number}.eml").write_text(f"Courriel {number}")
    (data / "mails" / ".mail-3").write_text("Courr")
    (data / "themes-model.json").write_text("{}")
    return made


def _served(where: Place) -> None:
    """Tie the site to its secrets, as its first start does."""
    app = create_app({"DATA": where.data, "DATABASE_URL": where.address})
    with app.app_context():
        own_secrets(app.config["SECRETS"])
        db.session.remove()
        db.engine.dispose()


def content(address: str) -> dict[str, list[tuple]]:  # type: ignore[type-arg]
    """Every row of every table but the index marks."""
    engine = create_engine(address)
    rows = {}
    with engine.connect() as connection:
        for table in sorted(inspect(engine).get_table_names()):
            columns = [
                c["name"] for c in inspect(engine).get_columns(table) if c["name"] not in ("indexed_at", "embedded_at")
            ]
            names = ", ".join(f'"{name}"' for name in columns)
            rows[table] = sorted(map(tuple, connection.execute(text(f'select {names} from "{table}"'))), key=repr)
    engine.dispose()
    return rows


def sqlite(data: Path) -> str:
    """The address of the SQLite database of a data folder."""
    return f"sqlite:///{data}/comcep.sqlite3"


def signed_again(folder: Path, **changes) -> None:  # type: ignore[no-untyped-def]
    """Give a backup that a test has altered a manifest that agrees with it, but for the changes."""
    fields = json.loads((folder / manifest.NAME).read_text())
    files = {path: vars(manifest.files.measure(folder / path)) for path in fields["files"]}
    fields = {**fields, "files": files, **changes}
    fields.pop("sha256")
    (folder / manifest.NAME).write_text(manifest._as_text(fields))


def other_secrets() -> str:
    """Whole secrets of no other site."""
    return json.dumps({name: f"{name} d'avant" * 5 for name in ("session", "journal", "digest")})
