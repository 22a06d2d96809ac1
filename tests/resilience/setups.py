"""The two set-ups that a whole site is tried on: all embedded in one folder, and PostgreSQL with Redis."""

import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests import databases
from tests.servers import demo, flask

REDIS = os.environ.get("COMCEP_TEST_REDIS", "redis://127.0.0.1:6379/8")
EMBEDDED, HOSTED = "embedded", "hosted"


@dataclass
class SetUp:
    """A data folder with the demo, and the settings of `serve` on it."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Of the database itself, past the site."""
        if "COMCEP_DATABASE_URL" in self.settings:
            with psycopg.connect(self.settings["COMCEP_DATABASE_URL"]) as hosted:
                return hosted.execute(statement).fetchall()
        embedded = sqlite3.connect(self.data / "comcep.sqlite3", timeout=10)
        try:
            return embedded.execute(statement).fetchall()
        finally:
            embedded.close()


def set_up(kind: str, data: Path) -> SetUp:
    if kind == EMBEDDED:
        return SetUp(demo(data))
    databases.require_postgresql()
    address = databases.fresh_postgresql(f"comcep_whole_{databases.worker()}")
    made = SetUp(data, {"COMCEP_DATABASE_URL": address, "COMCEP_REDIS_URL": REDIS})
    flask(data, "demo", "load", **made.settings)
    return made
