"""A whole site as `make run` starts it, on a port and a data folder of its own, for browsers, kills and backups."""

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from functools import lru_cache
from http.cookiejar import CookieJar
from pathlib import Path

import psutil

from comcep.commands.demo import PASSWORD

ROOT = Path(__file__).resolve().parents[1]
SERVE = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--demo"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, port: int = 8000, **more: str) -> dict[str, str]:
    """Without embeddings, which take the machine's time from what is tested; tests/search turns them on."""
    own = {"COMCEP_DATA": str(data), "PORT": str(port), "PYTHONPATH": str(ROOT), "COMCEP_EMBEDDINGS": "off"}
    return {**os.environ, **own, **more}


def flask(data: Path, *command: str, **more: str) -> str:
    """Run a command of the command line on a data folder; its output."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT, env=environment(data, **more), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def demo(data: Path) -> Path:
    """A data folder with the demo and its index, loaded once for all tests of a process and copied."""
    shutil.copytree(_loaded_demo(), data)
    return data


@lru_cache(maxsize=1)
def _loaded_demo() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="comcep-demo-")
    atexit.register(folder.cleanup)
    data = Path(folder.name) / "data"
    flask(data, "demo", "load")
    flask(data, "index", "rebuild")
    return data


class Server:
    """`flask serve --demo`, in a process group of its own."""

    def __init__(self, data: Path, port: int | None = None, **more: str) -> None:
        self.data, self.port = data, port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = open(data.parent / f"{data.name}.log", "ab")  # noqa: SIM115  (closed with the server)
        self.process = subprocess.Popen(
            SERVE, cwd=ROOT, env=environment(data, self.port, **more), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self.wait()

    @property
    def said(self) -> str:
        """What it and earlier servers of this data folder wrote."""
        return (self.data.parent / f"{self.data.name}.log").read_text()

    def family(self) -> list[psutil.Process]:
        """`serve` and everything it started."""
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]

    def wait(self) -> None:
        for _ in range(400):
            try:
                health = urllib.request.urlopen(f"{self.address}/sante", timeout=2).read()
                if b'"tasks":"ok"' in health:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                raise RuntimeError(self.said[-3000:])
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(self.said[-3000:])

    def kill(self) -> None:
        """SIGKILL to the whole tree at once, as a power cut would."""
        family = self.family()
        for process in family:
            process.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)
        self.process.wait(10)
        self._log.close()

    def stop(self) -> None:
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self._log.close()


class Visitor:
    """Somebody with a cookie jar, signed in to a running site."""

    def __init__(self, address: str, account: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.post("/connexion", email=f"{account}@demo.example", password=PASSWORD)

    def get(self, path: str) -> str:
        with self._opener.open(self.address + path, timeout=20) as answer:
            text: str = answer.read().decode()
            return text

    def post(self, path: str, **fields: str) -> str:
        """Send a form with its token; the address one lands on."""
        return self._send(path, fields)[0]

    def fetch(self, path: str, **fields: str) -> str:
        """As post; the page that comes back."""
        return self._send(path, fields)[1]

    def _send(self, path: str, fields: dict[str, str]) -> tuple[str, str]:
        if "csrf_token" not in fields:
            fields["csrf_token"] = self._token("/connexion" if path == "/connexion" else "/compte")
        data = urllib.parse.urlencode(fields).encode()
        with self._opener.open(self.address + path, data, timeout=20) as answer:
            return answer.geturl(), answer.read().decode()

    def _token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page))
        assert found is not None
        return found[1]
