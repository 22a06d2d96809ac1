"""A backup while the site serves holds the same as the site; one that cannot be whole says why and leaves nothing."""

import json
import os
import resource
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import databases
from tests.resilience.saved import ONLY_POSTGRESQL, Place, content, place, sqlite
from tests.servers import Server, Visitor, flask


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

    ended = {"member_session": []}  # who signed in before the backup may have signed out since: none comes back
    assert content(sqlite(restored)) == content(sqlite(saved)) | ended
    assert (restored / "secrets.json").read_text() == (data / "secrets.json").read_text()
    again = Server(restored)
    try:
        assert "Avant la sauvegarde" in Visitor(again.address, "conseillere").get("/recherche?q=sauvegarde")
    finally:
        again.stop()


def test_a_backup_restores_to_the_same_rows_and_files(source: Place, good: Path, target: Place) -> None:
    said = target.run("restore", str(good))

    assert said.startswith("Restauré.")
    assert target.content() == source.content()
    assert sorted(os.listdir(target.data / "mails")) == ["mail-0.eml", "mail-1.eml", "mail-2.eml"]
    for name in ("secrets.json", "themes-model.json", "mails/mail-1.eml"):
        assert (target.data / name).read_bytes() == (source.data / name).read_bytes()


def test_a_backup_is_read_by_its_owner_alone_and_holds_what_its_manifest_says(source: Place, tmp_path: Path) -> None:
    saved = tmp_path / "new" / "saved"
    assert source.tries("backup", str(saved))[0] == 0

    everything = [saved, *saved.rglob("*")]
    assert [path for path in everything if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    manifest = json.loads((saved / "manifest.json").read_text())
    assert set(manifest["files"]) == {str(p.relative_to(saved)) for p in saved.rglob("*") if p.is_file()} - {
        "manifest.json"
    }
    assert manifest["rows"] == {table: len(rows) for table, rows in source.content().items()}


def test_a_disk_full_leaves_no_backup_and_says_so(source: Place, tmp_path: Path) -> None:
    def full_at_50_kb() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    said = source.fails("backup", str(tmp_path / "saved"), preexec_fn=full_at_50_kb)

    assert "disque plein" in said
    assert list(tmp_path.iterdir()) == []


def _into_a_used_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "lettre.txt").write_text("à moi")
    return folder


def _into_an_unfinished_backup(folder: Path) -> Path:
    folder.mkdir()
    (folder / ".manifest.json").touch()
    return folder


def _into_a_file(folder: Path) -> Path:
    folder.write_text("à moi")
    return folder


def _under_a_file(folder: Path) -> Path:
    return _into_a_file(folder) / "saved"


def _where_nobody_writes(_folder: Path) -> Path:
    return Path("/proc/saved")


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (_into_a_used_folder, "n'est pas vide"),
        (_into_an_unfinished_backup, "inachevée"),
        (_into_a_file, "n'est pas un dossier"),
        (_under_a_file, "n'est pas un dossier"),
        (_where_nobody_writes, "La sauvegarde n'a pas été faite"),
    ],
)
def test_a_backup_goes_into_a_new_or_empty_folder_alone(
    tmp_path: Path, target: Callable[[Path], Path], sentence: str
) -> None:
    here = place("sqlite", tmp_path / "data", "")
    databases.migrated_sqlite(here.data)
    folder = target(tmp_path / "given")
    before = sorted(tmp_path.rglob("given*/*"))

    code, said = here.tries("backup", str(folder))

    assert code == 1
    assert sentence in said
    assert sorted(tmp_path.rglob("given*/*")) == before


def test_a_site_that_is_empty_or_has_lost_its_secrets_is_not_saved(tmp_path: Path) -> None:
    here = place("sqlite", tmp_path / "data", "")
    empty = here.tries("backup", str(tmp_path / "saved"))
    databases.migrated_sqlite(here.data)
    secrets = {**json.loads((here.data / "secrets.json").read_text()), "journal": ""}
    (here.data / "secrets.json").write_text(json.dumps(secrets))

    robbed = here.tries("backup", str(tmp_path / "saved"))

    assert (empty[0], robbed[0]) == (1, 1)
    assert "rien à sauvegarder" in empty[1]
    assert "secrets" in robbed[1]
    assert not (tmp_path / "saved").exists()


def programs(folder: Path, **scripts: str) -> dict[str, str]:
    """A search path on which these programs come before those of PostgreSQL; alone, where there are none."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}" if scripts else str(folder)}


@ONLY_POSTGRESQL
def test_pg_dump_missing_failing_or_out_of_reach_leaves_no_backup(source: Place, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    failing = programs(tmp_path / "failing", pg_dump="echo 'pg_dump: error: no room' >&2; exit 3")
    stopped = Place(source.data, "postgresql://root:mot-de-passe@127.0.0.1:1/comcep")

    said = [
        source.fails("backup", str(saved), more=programs(tmp_path / "none")),
        source.fails("backup", str(saved), more=failing),
        stopped.tries("backup", str(saved))[1],
    ]

    assert "pg_dump n'est pas installé" in said[0]
    assert "pg_dump a échoué : no room" in said[1]
    assert "PostgreSQL ne répond pas" in said[2]
    assert "mot-de-passe" not in said[2]
    assert not saved.exists()


@ONLY_POSTGRESQL
def test_the_password_of_the_database_is_no_argument_of_its_programs(source: Place, tmp_path: Path) -> None:
    with_password = Place(source.data, source.address.replace("root@", "root:mot-de-passe@"))
    seen = tmp_path / "seen"
    spy = f'echo "$@" >> {seen}; echo "with $PGPASSWORD" >> {seen}; exec {shutil.which("pg_dump")} "$@"'

    with_password.run("backup", str(tmp_path / "saved"), **programs(tmp_path / "spy", pg_dump=spy))

    arguments, secret = seen.read_text().splitlines()
    assert secret == "with mot-de-passe"
    assert "mot-de-passe" not in arguments
