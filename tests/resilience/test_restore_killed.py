"""A restore killed at any moment is no site, and restored again it is whole; what has lived since is never cleared."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from comcep.commands.backup import marker, postgresql
from comcep.commands.backup.marker import Marker
from tests import databases
from tests.resilience.conftest import Saved
from tests.resilience.saved import ONLY_POSTGRESQL, ONLY_SQLITE, Place, place
from tests.servers import ROOT, environment

# Python runs a module of this name before anything else. It counts what the restore does to its files and programs, and
# kills it before the one that KILL_AT numbers; each is a moment at which the disk or the database holds something else.
COUNT_AND_KILL = """
import os, signal, sys
kill_at, moments, data = int(os.environ["KILL_AT"]), 0, os.environ["COMCEP_DATA"]
EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "sqlite3.connect", "subprocess.Popen")
def watch(event, arguments):
    global moments
    if event not in EVENTS:
        return
    place = str(arguments[0] if event != "subprocess.Popen" else arguments[1])
    if event != "subprocess.Popen" and "migrations/versions" not in place and not place.startswith(data):
        return
    if moments or "restoring.json" in place:
        moments += 1
        if moments == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if kill_at < 0:
            os.write(2, b"\\nMOMENT " + repr((event, place)).encode())
sys.addaudithook(watch)
"""


@pytest.fixture(scope="module")
def count(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder from which Python takes what counts and kills."""
    folder = tmp_path_factory.mktemp("count")
    (folder / "sitecustomize.py").write_text(COUNT_AND_KILL)
    return folder


@pytest.fixture(scope="module")
def moments(saved: Saved, count: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every moment of one restore that is not killed, to the end of its marker: what follows is a whole site."""
    whole = restore(place(saved.kind, tmp_path_factory.mktemp("whole"), "moments"), saved.folder, count, -1)
    assert whole.returncode == 0, whole.stderr
    told = [line for line in whole.stderr.splitlines() if line.startswith("MOMENT")]
    (end,) = [n for n, line in enumerate(told, 1) if "os.remove" in line and f"/{marker.NAME}" in line]
    return told[:end]


def restore(where: Place, folder: Path, count: Path, kill_at: int, **more: str) -> subprocess.CompletedProcess[str]:
    """Restore in a process of its own, killed before its moment of that number; -1: not killed, and each is told."""
    watched = {"PYTHONPATH": f"{count}:{ROOT}", "KILL_AT": str(kill_at)}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "restore", str(folder)],
        cwd=ROOT, env=environment(where.data, COMCEP_DATABASE_URL=where.address, **watched, **more),
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def killed_then_whole(saved: Saved, count: Path, data: Path, moment: int) -> None:
    """Kill a restore at a moment, restore again, and compare all that the site holds."""
    source, good, target = saved.site, saved.folder, place(saved.kind, data, "killed")

    assert restore(target, good, count, moment).returncode == -signal.SIGKILL
    code, said = target.tries("restore", str(good))

    assert (code, "Restauré." in said) == (0, True), (moment, said)
    assert target.content() == source.content(), moment
    assert not {path.name for path in target.data.iterdir() if "restoring" in path.name}, moment
    for name in ("secrets.json", "themes-model.json", "mails/mail-2.eml"):
        assert (target.data / name).read_bytes() == (good / name).read_bytes(), moment


def test_a_restore_killed_at_its_turning_points_is_whole_the_second_time(
    saved: Saved, count: Path, moments: list[str], tmp_path: Path
) -> None:
    renamed = [n for n, line in enumerate(moments, 1) if "os.rename" in line]

    for moment in (renamed[-2], len(moments)):  # files are being placed; all is but the end
        killed_then_whole(saved, count, tmp_path / f"{moment}", moment)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_restore_killed_at_any_moment_is_whole_the_second_time(
    saved: Saved, count: Path, moments: list[str], tmp_path: Path
) -> None:
    for moment in range(1, len(moments) + 1):
        killed_then_whole(saved, count, tmp_path / f"{moment}", moment)


def test_what_a_restore_left_half_done_is_not_saved(tmp_path: Path) -> None:
    target = place("sqlite", tmp_path / "data", "")
    databases.migrated_sqlite(target.data)
    marker.write(target.data, Marker(backup="/saved", database="comcep.sqlite3", secrets_are_fresh=False))

    code, said = target.tries("backup", str(tmp_path / "again"))

    assert code == 1
    assert "relancez flask restore" in said


@ONLY_SQLITE
def test_a_site_that_has_lived_since_its_restore_was_killed_is_not_cleared(
    saved: Saved, count: Path, moments: list[str], target: Place
) -> None:
    """Told by the bytes of its file; beside PostgreSQL the marker alone keeps a site from serving."""
    restore(target, saved.folder, count, len(moments))
    assert target.tries("members", "create", "maud@exemple.fr", "Maud", "--admin")[0] == 0
    before = target.content()

    code, said = target.tries("restore", str(saved.folder))

    assert code == 1
    assert "pas vide" in said
    assert target.content() == before
    assert (target.data / "mails" / "mail-1.eml").exists()


@ONLY_POSTGRESQL
def test_only_the_database_that_a_killed_restore_had_begun_in_is_cleared(saved: Saved, tmp_path: Path) -> None:
    elsewhere = place("postgresql", tmp_path / "data", "elsewhere")
    elsewhere.tries("restore", str(saved.folder))
    before = elsewhere.content()
    marker.write(elsewhere.data, Marker(backup="/saved", database="127.0.0.1:5432/other#1", secrets_are_fresh=False))

    code, said = elsewhere.tries("restore", str(saved.folder))

    assert code == 1
    assert "dans une autre base" in said
    assert elsewhere.content() == before


@ONLY_POSTGRESQL
def test_a_pg_restore_that_outlives_its_killed_restore_is_ended_first(
    saved: Saved, count: Path, target: Place, tmp_path: Path
) -> None:
    source, good = saved.site, saved.folder
    (tmp_path / "programs").mkdir()
    orphan = tmp_path / "programs" / "pg_restore"
    orphan.write_text(
        f'#!/bin/sh\ncase "$1" in --list) ;; *) kill -9 $PPID ;; esac\nexec {shutil.which("pg_restore")} "$@"\n'
    )
    orphan.chmod(0o755)
    path = f"{tmp_path / 'programs'}:{os.environ['PATH']}"
    assert restore(target, good, count, 0, PATH=path).returncode == -signal.SIGKILL

    with psycopg.connect(target.address, application_name=postgresql.NAME) as slow:
        slow.execute("create table if not exists left_by_an_orphan (id int)")
        code, said = target.tries("restore", str(good))

        assert (code, "Restauré." in said) == (0, True), said
        with pytest.raises(psycopg.OperationalError):
            slow.execute("select 1")
    assert target.content() == source.content()
