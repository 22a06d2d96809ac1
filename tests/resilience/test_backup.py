"""A backup while the site serves, a restore into an empty place, and both databases hold the same afterwards."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests import databases
from tests.servers import Server, Visitor, flask


def content(address: str) -> dict[str, list[tuple]]:  # type: ignore[type-arg]
    """Every row of every table but the index marks, which a restore resets."""
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


def test_a_backup_taken_while_serving_restores_to_the_same_site(tmp_path: Path) -> None:
    data, saved, restored = tmp_path / "data", tmp_path / "saved", tmp_path / "restored"
    data.mkdir()
    restored.mkdir()
    server = Server(data)
    try:
        visitor = Visitor(server.address, "conseillere")
        visitor.post("/poser", title="Avant la sauvegarde", body="Texte", section="aider-a-monter-un-dossier")
        flask(data, "backup", str(saved))
    finally:
        server.stop()

    flask(restored, "restore", str(saved))

    assert content(f"sqlite:///{restored}/comcep.sqlite3") == content(f"sqlite:///{saved}/comcep.sqlite3")
    assert (restored / "secrets.json").read_text() == (data / "secrets.json").read_text()
    again = Server(restored)
    try:
        assert "Avant la sauvegarde" in Visitor(again.address, "conseillere").get("/recherche?q=sauvegarde")
    finally:
        again.stop()


def test_a_backup_of_postgresql_restores_to_the_same_rows(tmp_path: Path) -> None:
    databases.require_postgresql()
    source = databases.fresh_postgresql(f"comcep_source_{databases.worker()}")
    target = databases.fresh_postgresql(f"comcep_target_{databases.worker()}")
    data, saved, restored = tmp_path / "data", tmp_path / "saved", tmp_path / "restored"
    flask(data, "seed", "january", COMCEP_DATABASE_URL=source)
    flask(data, "backup", str(saved), COMCEP_DATABASE_URL=source)

    flask(restored, "restore", str(saved), COMCEP_DATABASE_URL=target)

    psycopg = "postgresql+psycopg://"
    assert content(target.replace("postgresql://", psycopg)) == content(source.replace("postgresql://", psycopg))


def test_a_restore_never_replaces_a_site(tmp_path: Path) -> None:
    data, saved = tmp_path / "data", tmp_path / "saved"
    data.mkdir()
    flask(data, "seed", "reference")
    flask(data, "backup", str(saved))

    with pytest.raises(AssertionError, match="pas vide"):
        flask(data, "restore", str(saved))
