"""A rebuild of the index that is killed, or that finds no room on the disk: the site goes on searching, and the rebuild
goes on where it was."""

import random
import resource
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from comcep import create_app
from comcep.access.viewer import Viewer
from comcep.access.visibility import index_keys
from comcep.search.indexing import engine
from tests.servers import ROOT, environment, flask

COPIES = 9_000  # more than two batches of the rebuild
_COPY_TOPICS = """
insert into topic (public_id, section_id, author_id, kind, state, title, slug, posts_count, created_at, changed,
    first_post_id, last_post_id, last_post_at, anonymous, pinned)
select 700000000000000 + n, section_id, author_id, kind, 'open', title || ' ' || n, slug, 1, created_at, 0,
    first_post_id, last_post_id, last_post_at, 0, 0 from topic, numbers where topic.id = :id
"""


def large_community(data: Path, copies: int) -> None:
    """The demo with one of its topics many times over."""
    flask(data, "demo", "load")
    flask(data, "index", "rebuild")
    connection = sqlite3.connect(data / "comcep.sqlite3")
    connection.execute("create temp table numbers as with recursive c(n) as "
                       f"(select 1 union all select n + 1 from c where n < {copies}) select n from c")  # fmt: skip
    (topic,) = connection.execute("select min(id) from topic where state = 'open'").fetchone()
    connection.execute(_COPY_TOPICS, {"id": topic})
    connection.execute("update topic set indexed_at = created_at, embedded_at = created_at")
    connection.commit()
    connection.close()


def start_rebuild(data: Path, **options: object) -> subprocess.Popen:  # type: ignore[type-arg]
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "index", "rebuild"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment(data), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )  # type: ignore[call-overload,no-any-return]


def indexed(data: Path) -> int:
    """How many topics an adviser's index holds."""
    app = create_app({"DATA": data})
    with app.app_context():
        documents = engine().open(index_keys(Viewer(1, "adviser"))).statistics([]).documents
        engine().close()
    return documents


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_rebuild_killed_again_and_again_ends_whole(tmp_path: Path) -> None:
    data = tmp_path / "data"
    large_community(data, COPIES)
    chance = random.Random(11)

    for _ in range(6):
        rebuild = start_rebuild(data)
        time.sleep(1 + 6 * chance.random())
        rebuild.kill()
        rebuild.wait()
        assert indexed(data) > 0
    flask(data, "index", "rebuild")

    assert indexed(data) > COPIES


@pytest.mark.timeout(120)
def test_a_rebuild_that_finds_the_disk_full_leaves_the_index_in_place(tmp_path: Path) -> None:
    data = tmp_path / "data"
    large_community(data, 200)
    before = indexed(data)

    def full_at_100_kb() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    rebuild = start_rebuild(data, preexec_fn=full_at_100_kb)
    said, _ = rebuild.communicate(timeout=60)

    assert rebuild.returncode != 0
    assert "Traceback" not in said
    assert "disque" in said
    assert indexed(data) == before
    flask(data, "index", "rebuild")
    assert indexed(data) == before + 200
