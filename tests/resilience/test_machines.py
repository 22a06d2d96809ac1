"""Two machines on one PostgreSQL: one does the background work and the other takes over; their secrets are the same, or
the second is refused.
"""

import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests import databases
from tests.resilience.test_kill import wait_for
from tests.servers import ROOT, Server, Visitor, demo, environment, flask


@pytest.fixture(scope="module")
def database() -> str:
    databases.require_postgresql()
    return databases.fresh_postgresql(f"comcep_machines_{databases.worker()}")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, database: str) -> Path:
    """The data folder of a first machine, whose site has been opened."""
    data = tmp_path_factory.mktemp("machines") / "first"
    flask(data, "demo", "load", COMCEP_DATABASE_URL=database)
    Worker(data, database).ends()
    return data


class Worker:
    """`flask worker` of one machine."""

    def __init__(self, data: Path, database: str) -> None:
        self.said = data.parent / f"{data.name}-{secrets.token_hex(4)}.worker"
        with self.said.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
                cwd=ROOT, env=environment(data, COMCEP_DATABASE_URL=database), stdout=log, stderr=log,
            )  # fmt: skip
        wait_for(lambda: self.leads or self.waits or self.process.poll() is not None, "the worker is up")

    @property
    def leads(self) -> bool:
        return self.last_said == "Ce processus fait les tâches de fond."

    @property
    def waits(self) -> bool:
        return "attend son tour" in self.last_said

    @property
    def last_said(self) -> str:
        lines = self.said.read_text().splitlines()
        return lines[-1] if lines else ""

    def ends(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(30)


@pytest.fixture
def two(machine: Path, database: str, tmp_path: Path) -> Iterator[tuple[Worker, Worker]]:
    second = tmp_path / "second"
    second.mkdir()
    shutil.copy(machine / "secrets.json", second)
    workers = Worker(machine, database), Worker(second, database)
    yield workers
    for worker in workers:
        if worker.process.poll() is None:
            worker.ends(signal.SIGKILL)


def change(database: str, statement: str) -> None:
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def count(database: str, query: str) -> int:
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = int(connection.scalar(text(query)) or 0)
    engine.dispose()
    return found


@pytest.mark.timeout(120)
@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_one_machine_works_and_the_other_takes_over(
    two: tuple[Worker, Worker], database: str, how: signal.Signals
) -> None:
    first, second = two
    assert first.leads
    assert second.waits

    first.ends(how)

    wait_for(lambda: second.leads, "the second takes over", 20)
    change(database, "update topic set changed = changed + 1, indexed_at = null where id = (select min(id) from topic)")
    wait_for(lambda: not count(database, "select count(*) from topic where indexed_at is null"), "it sweeps", 40)


@pytest.mark.timeout(120)
def test_a_worker_whose_connection_is_cut_works_on_or_lets_the_other(two: tuple[Worker, Worker], database: str) -> None:
    first, second = two
    change(database, "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 4023")

    wait_for(lambda: first.leads != second.leads, "one of them leads", 20)
    change(database, "update topic set changed = changed + 1, indexed_at = null where id = (select min(id) from topic)")
    wait_for(lambda: not count(database, "select count(*) from topic where indexed_at is null"), "it sweeps", 40)


def test_a_folder_with_other_secrets_is_refused_with_a_sentence(machine: Path, database: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with pytest.raises(AssertionError, match=r"Error: Cette base a été ouverte avec d'autres secrets"):
        flask(other, "sweeps", "state", COMCEP_DATABASE_URL=database)
    assert not (other / "secrets.json").exists()

    other.joinpath("secrets.json").write_text(machine.joinpath("secrets.json").read_text().replace('": "', '": "x'))
    with pytest.raises(AssertionError, match=r"Copiez-y le fichier secrets\.json"):
        flask(other, "worker", COMCEP_DATABASE_URL=database)
    assert (other / "secrets.json").exists()


def test_lost_secrets_beside_a_database_are_not_made_anew_in_silence(tmp_path: Path) -> None:
    data = demo(tmp_path / "data")
    Server(data).stop()
    (data / "secrets.json").rename(tmp_path / "kept.json")

    with pytest.raises(AssertionError, match="secrets"):
        flask(data, "sweeps", "state")
    assert not (data / "secrets.json").exists()
    (tmp_path / "kept.json").rename(data / "secrets.json")
    assert "tâches de fond" in flask(data, "sweeps", "state")


@pytest.mark.timeout(120)
def test_a_session_of_one_machine_holds_on_the_other(machine: Path, database: str, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    shutil.copy(machine / "secrets.json", second)
    servers = [Server(data, COMCEP_DATABASE_URL=database) for data in (machine, second)]
    try:
        visitor = Visitor(servers[0].address, "conseillere")
        visitor.address = servers[1].address
        assert 'data-viewer="adviser"' in visitor.get("/")
    finally:
        for server in servers:
            server.stop()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"session": "x"}'])
def test_damaged_secrets_are_refused_with_a_sentence(tmp_path: Path, content: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "secrets.json").write_text(content)

    with pytest.raises(AssertionError, match=r"Error: secrets\.json est abîmé"):
        flask(data, "sweeps", "state")
    assert (data / "secrets.json").read_text() == content


@pytest.mark.parametrize("variable", ["SMTP_URL", "REDIS_URL", "DATABASE_URL"])
def test_an_address_of_an_unknown_kind_is_refused_and_not_repeated(tmp_path: Path, variable: str) -> None:
    with pytest.raises(AssertionError) as refused:
        flask(tmp_path / "data", "sweeps", "state", **{f"COMCEP_{variable}": "smtp+ssl://maud:motdepasse@127.0.0.1:1"})

    assert f"Error: COMCEP_{variable} : l'adresse commence par" in str(refused.value)
    assert "motdepasse" not in str(refused.value)


def test_a_backup_is_not_opened_as_a_data_folder(tmp_path: Path) -> None:
    data, saved = demo(tmp_path / "data"), tmp_path / "saved"
    flask(data, "backup", str(saved))
    before = {path.name: path.read_bytes() for path in saved.iterdir() if path.is_file()}

    with pytest.raises(AssertionError, match="est une sauvegarde"):
        flask(saved, "sweeps", "state")
    assert {path.name: path.read_bytes() for path in saved.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("command", ["sweeps state", "index rebuild", "posts rerender", "journal verify"])
def test_what_looks_after_a_site_founds_none(tmp_path: Path, command: str) -> None:
    with pytest.raises(AssertionError, match="Il n'y a pas de site dans"):
        flask(tmp_path / "data", *command.split())


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_is_served_where_a_restore_is_not_finished(tmp_path: Path, command: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "restoring.json").write_text("{}")

    with pytest.raises(AssertionError, match="Une restauration n'est pas finie"):
        flask(data, command)
