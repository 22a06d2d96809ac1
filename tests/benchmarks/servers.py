"""Servers under measurement: started, signed in to, asked by wrk, ended by their pid."""

import http.cookiejar
import os
import re
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from comcep.commands.demo import PASSWORD
from comcep.commands.serve import web_command

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def gunicorn(module: str, port: int, environment: dict[str, str]) -> Iterator[psutil.Process]:
    """Gunicorn as `flask serve` starts it: two workers, four threads each."""
    command = web_command(f"127.0.0.1:{port}", 2, module)
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        _wait(port)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sante", timeout=2)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


class Visitor:
    """Somebody signed in, to fetch pages one by one and to lend their cookie to wrk."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        form = self.get("/connexion")
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token is not None
        fields = {"csrf_token": token[1], "email": "conseillere@demo.example", "password": PASSWORD}
        self._opener.open(f"{self.address}/connexion", urllib.parse.urlencode(fields).encode())

    def get(self, path: str) -> str:
        with self._opener.open(self.address + path) as answer:
            text: str = answer.read().decode()
            return text

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def seconds(self, path: str) -> float:
        """How long one request takes, from the client's side."""
        start = time.perf_counter()
        self.get(path)
        return time.perf_counter() - start


def wrk(address: str, cookie: str = "", seconds: int = 8) -> float:
    """Requests per second of an address, with four connections."""
    command = ["wrk", "-t1", "-c4", f"-d{seconds}s", address]
    if cookie:
        command[1:1] = ["-H", f"Cookie: {cookie}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise RuntimeError(f"{address} did not answer 200:\n{out}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    assert rate is not None
    return float(rate[1])


def pss_of_workers(master: psutil.Process) -> list[int]:
    """Proportional memory of each worker, bytes."""
    return [worker.memory_full_info().pss for worker in master.children()]
