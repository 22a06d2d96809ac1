"""The data folder is its owner's alone, whoever made what lies in it; its secrets gain a key and lose none."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from comcep import ROOT, secrets_file
from comcep.data_folder import opened
from comcep.secrets_file import Damaged, secret
from tests.community import Site
from tests.conftest import build_app, close
from tests.servers import Server, demo


def open_to_others(data: Path) -> list[str]:
    """What another account of the machine could read, write or enter."""
    return [
        str(path.relative_to(data)) for path in (data, *data.rglob("*")) if stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]


def test_all_that_a_site_makes_is_its_owners(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        app = build_app("sqlite", tmp_path / "data")
        site = Site(app)
        site.open()
        maud, ines = site.adviser("Maud"), site.adviser("Ines")
        ines.answers(maud.asks("Une question"), "Une réponse")
        site.works()
        (tmp_path / "data" / "made-by-anybody").write_text("x")

        assert open_to_others(tmp_path / "data") == []
        assert {path.name for path in (tmp_path / "data").iterdir()} >= {
            "comcep.sqlite3",
            "index",
            "mails",
            "secrets.json",
        }
        close(app)
    finally:
        os.umask(before)


def test_what_a_copy_left_open_is_closed_at_the_start(tmp_path: Path) -> None:
    data = demo(tmp_path / "data")
    for path in (data, *data.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    (data / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text("un fichier d'un autre")
    (tmp_path / "elsewhere").chmod(0o644)

    server = Server(data)
    server.stop()

    assert [path for path in open_to_others(data) if path != "link"] == []
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o644


_GAIN = (
    "import sys, pathlib; from comcep.secrets_file import secret; print(secret(pathlib.Path(sys.argv[1]), sys.argv[2]))"
)


def test_eight_processes_at_once_each_gain_a_key_and_keep_the_others(tmp_path: Path) -> None:
    data = opened(tmp_path / "data")
    before = {name: secret(data, name) for name in secrets_file.FOUNDING}
    known = secrets_file.fingerprint(data)
    names = [f"cle-{number % 4}" for number in range(8)]  # two of them ask for the same

    asked = [
        subprocess.Popen([sys.executable, "-c", _GAIN, str(data), name], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for name in names
    ]
    said = [process.communicate(timeout=60)[0].strip() for process in asked]

    held = json.loads((data / "secrets.json").read_text())
    assert held == {**before, **dict(zip(names, said, strict=True))}
    assert len(set(said)) == 4
    assert secrets_file.fingerprint(data) == known
    assert open_to_others(data) == []
    assert {path.name for path in data.iterdir()} == {"secrets.json", "secrets.lock"}


def test_a_founding_secret_that_is_gone_is_not_replaced(tmp_path: Path) -> None:
    data = opened(tmp_path / "data")
    secret(data, "session")
    held = json.loads((data / "secrets.json").read_text())
    del held["digest"]
    (data / "secrets.json").write_text(json.dumps(held))

    with pytest.raises(Damaged, match="remettez celui du site"):
        secret(data, "digest")
    assert json.loads((data / "secrets.json").read_text()) == held
