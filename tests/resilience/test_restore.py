"""A restore verifies all of a backup before it touches anything: what it refuses leaves the place as it was, and the
good backup restores into it afterwards."""

import fcntl
import json
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from flask import current_app
from hypothesis import given, settings
from hypothesis import strategies as st

from comcep import create_app
from comcep.commands.backup.manifest import DATABASES
from comcep.commands.database import MIGRATING
from comcep.sweeping import leading
from tests.resilience.conftest import Saved
from tests.resilience.saved import ONLY_POSTGRESQL, Place, other_secrets, place, signed_again

Damage = Callable[[Path, str], object]


def _cut_manifest(folder: Path, _kind: str) -> None:
    os.truncate(folder / "manifest.json", (folder / "manifest.json").stat().st_size // 2)


def _lost_row(folder: Path, kind: str) -> None:
    """Of a dump the rows are counted once restored, so there the manifest lies instead."""
    rows = json.loads((folder / "manifest.json").read_text())["rows"]
    if kind == "sqlite":
        with sqlite3.connect(folder / DATABASES[kind]) as database:
            database.execute("delete from post where id = (select max(id) from post)")
        database.close()
        signed_again(folder)
    else:
        signed_again(folder, rows={**rows, "post": rows["post"] + 1})


def _garbage_database(folder: Path, kind: str) -> None:
    (folder / DATABASES[kind]).write_bytes(b"garbage" * 1000)
    signed_again(folder)


def _secrets(text: str) -> Damage:
    def damage(folder: Path, _kind: str) -> None:
        (folder / "secrets.json").write_text(text)
        signed_again(folder)

    return damage


def _path(path: str) -> Damage:
    def damage(folder: Path, _kind: str) -> None:
        files = json.loads((folder / "manifest.json").read_text())["files"]
        signed_again(folder, files={**files, path: files["secrets.json"]})

    return damage


def _says(**changes: object) -> Damage:
    return lambda folder, _kind: signed_again(folder, **changes)


def _link(folder: Path, _kind: str) -> None:
    (folder / "secrets.json").rename(folder.parent / "elsewhere.json")
    (folder / "secrets.json").symlink_to(folder.parent / "elsewhere.json")


def _linked_folder(folder: Path, _kind: str) -> None:
    (folder / "mails").rename(folder.parent / "elsewhere")
    (folder / "mails").symlink_to(folder.parent / "elsewhere")


DAMAGES: list[tuple[Damage, str]] = [
    (lambda folder, _: shutil.rmtree(folder), "n'existe pas"),
    (lambda folder, _: (shutil.rmtree(folder), folder.mkdir()), "est vide"),
    (lambda folder, _: (shutil.rmtree(folder), folder.touch()), "n'est pas un dossier"),
    (lambda folder, _: (folder / "manifest.json").unlink(), "inachevée, ou faite par une version antérieure"),
    (_cut_manifest, "manifest.json est abîmé"),
    (lambda folder, _: (folder / "manifest.json").write_text("[" * 100_000), "manifest.json est abîmé"),
    (lambda folder, _: (folder / "manifest.json").write_text("[]"), "manifest.json est abîmé"),
    (lambda folder, kind: (folder / DATABASES[kind]).unlink(), "Il manque comcep."),
    (lambda folder, _: (folder / "secrets.json").unlink(), "Il manque secrets.json"),
    (lambda folder, _: shutil.rmtree(folder / "mails"), "Il manque mails/mail-0.eml"),
    (_lost_row, "n'a pas les lignes"),
    (_garbage_database, "comcep."),
    (_secrets("garbage"), "ne contient pas les secrets"),
    (_secrets("[]"), "ne contient pas les secrets"),
    (
        _secrets(json.dumps(dict.fromkeys(("session", "journal", "digest"), "trop court"))),
        "ne contient pas les secrets",
    ),
    (_secrets(json.dumps(dict.fromkeys(("session", "journal"), "x" * 40))), "ne contient pas les secrets"),
    (_secrets(json.dumps({"session": "x" * 40, "journal": "y" * 40, "digest": ["z"] * 40})), "les secrets"),
    (_path("../secrets.json"), "n'a rien à faire dans une sauvegarde"),
    (_path("mails/../../secrets.json"), "n'a rien à faire dans une sauvegarde"),
    (_path("/etc/passwd"), "n'a rien à faire dans une sauvegarde"),
    (_path("tasks.sqlite3"), "n'a rien à faire dans une sauvegarde"),
    (_link, "n'est pas un simple fichier"),
    (_linked_folder, "n'est pas un simple fichier"),
    (_says(revision="ffffffffffff"), "programme plus récent"),
    (_says(format=2), "plus récent que ce programme"),
    (_says(database="oracle"), "manifest.json"),
    (_says(rows={"post": -1}), "manifest.json"),
]


def test_a_backup_that_is_not_whole_is_refused_and_the_good_one_restores_after_it(
    saved: Saved, target: Place, tmp_path: Path
) -> None:
    kind, source, good = saved.kind, saved.site, saved.folder
    for number, (damage, sentence) in enumerate(DAMAGES):
        damaged = tmp_path / f"{number}" / "damaged"
        shutil.copytree(good, damaged)
        damage(damaged, kind)

        code, said = target.tries("restore", str(damaged))

        assert (code, sentence in said, target.left()) == (1, True, set()), (number, said)

    assert target.run("restore", str(good)).endswith("Restauré. L'index se reconstruit au démarrage.\n")
    assert target.content() == source.content()


def test_a_byte_that_changed_anywhere_is_seen(saved: Saved, target: Place, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(saved.folder, damaged)
    files = sorted(path for path in damaged.rglob("*") if path.is_file())

    @settings(max_examples=12, deadline=None)
    @given(st.data())
    def one_byte(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(files))
        before = path.read_bytes()
        at, turned = data.draw(st.integers(0, len(before) - 1)), data.draw(st.integers(1, 255))
        path.write_bytes(before[:at] + bytes([before[at] ^ turned]) + before[at + 1 :])
        try:
            assert target.tries("restore", str(damaged))[0] == 1
            assert target.left() == set()
        finally:
            path.write_bytes(before)

    one_byte()


def test_a_backup_of_the_other_database_is_refused(saved: Saved, tmp_path: Path) -> None:
    kind, good = saved.kind, saved.folder
    other = place("postgresql" if kind == "sqlite" else "sqlite", tmp_path / "other", "other")

    code, said = other.tries("restore", str(good))

    assert code == 1
    assert "est la sauvegarde d'une base" in said
    assert other.left() == set()


def test_a_restore_never_replaces_a_site(saved: Saved) -> None:
    source, good = saved.site, saved.folder
    before = source.content()

    said = [source.tries("restore", str(folder))[1] for folder in (good, source.data)]

    assert "pas vide" in said[0]
    assert "lui-même" in said[1]
    assert source.content() == before
    assert (source.data / "mails" / "mail-0.eml").exists()


def test_a_restore_never_replaces_files_of_another_site(good: Path, target: Place) -> None:
    (target.data / "mails").mkdir()
    (target.data / "mails" / "mail-9.eml").write_text("à un autre")

    code, said = target.tries("restore", str(good))

    assert code == 1
    assert "pas vide" in said
    assert target.left() == {"mails"}


def test_a_restore_keeps_away_from_a_running_site_and_from_another_restore(good: Path, target: Place) -> None:
    with create_app({"DATA": target.data, "DATABASE_URL": target.address}).app_context():
        site = leading.lead_of(current_app)
        assert site.take()
    beside_a_site = target.tries("restore", str(good))
    site.give_back()
    with open(target.data / "migration.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        beside_another = target.tries("restore", str(good))

    assert (beside_a_site[0], beside_another[0]) == (1, 1)
    assert "Le site tourne" in beside_a_site[1]
    assert "déjà en cours" in beside_another[1]
    assert target.left() == set()


@ONLY_POSTGRESQL
def test_a_restore_keeps_away_while_another_machine_migrates_the_database(good: Path, target: Place) -> None:
    with psycopg.connect(target.address) as other:
        other.execute("select pg_advisory_lock(%s)", [MIGRATING])

        code, said = target.tries("restore", str(good))

    assert code == 1
    assert "déjà en cours dans cette base" in said
    assert target.left() == set()


def test_other_secrets_that_stood_there_are_kept_aside_and_the_operator_is_told(good: Path, target: Place) -> None:
    (target.data / "secrets.json").write_text(secrets := other_secrets())

    said = target.run("restore", str(good))

    (aside,) = target.data.glob("secrets.before-restore-*.json")
    assert aside.name in said
    assert aside.read_text() == secrets
    assert (target.data / "secrets.json").read_bytes() == (good / "secrets.json").read_bytes()


def test_a_backup_of_an_earlier_version_is_brought_to_the_code(
    saved: Saved, good: Path, target: Place, tmp_path: Path
) -> None:
    source = place(saved.kind, tmp_path / "earlier", "earlier")
    source.tries("restore", str(good))
    source.tries("db", "downgrade", "96010f4ecae3")
    source.tries("backup", str(tmp_path / "saved"))
    source.tries("database", "upgrade")

    assert target.tries("restore", str(tmp_path / "saved"))[0] == 0

    assert '"96010f4ecae3"' in (tmp_path / "saved" / "manifest.json").read_text()
    # A migration has referents told of what waits, each at its own time.
    assert without_moments(target.content()) == without_moments(source.content())


def without_moments(content: dict[str, Any]) -> dict[str, Any]:
    return content | {"referent": [row[:2] for row in content["referent"]]}


def test_a_migration_that_fails_leaves_nothing(saved: Saved, target: Place, tmp_path: Path) -> None:
    kind, source, good = saved.kind, saved.site, saved.folder
    failing = place(kind, tmp_path / "failing", "failing")
    failing.tries("restore", str(good))
    _execute(failing, "update alembic_version set version_num = '24db4123bd3d'")  # the next makes tables that are there
    failing.tries("backup", str(tmp_path / "saved"))
    (target.data / "secrets.json").write_text(secrets := other_secrets())

    said = target.fails("restore", str(tmp_path / "saved"))

    assert "amenée à la version du code" in said
    assert target.left() == set()
    assert (target.data / "secrets.json").read_text() == secrets
    assert target.tries("restore", str(good))[0] == 0
    assert target.content() == source.content()


def _execute(where: Place, statement: str) -> None:
    if where.address:
        with psycopg.connect(where.address) as connection:
            connection.execute(statement)
    else:
        with sqlite3.connect(where.data / "comcep.sqlite3") as database:
            database.execute(statement)
        database.close()


def test_a_disk_full_leaves_nothing_and_says_so(good: Path, target: Place) -> None:
    def full_at_50_kb() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    said = target.fails("restore", str(good), preexec_fn=full_at_50_kb)

    assert "disque plein" in said
    assert target.left() == set()


@ONLY_POSTGRESQL
def test_a_postgresql_out_of_reach_or_without_its_programs_is_said(good: Path, target: Place) -> None:
    stopped = Place(target.data, "postgresql://root:mot-de-passe@127.0.0.1:1/comcep")
    (target.data.parent / "none").mkdir()

    code, said = stopped.tries("restore", str(good))
    missing = target.fails("restore", str(good), more={"PATH": str(target.data.parent / "none")})

    assert code == 1
    assert "PostgreSQL ne répond pas" in said
    assert "mot-de-passe" not in said
    assert "pg_restore n'est pas installé" in missing
    assert target.left() == set()
