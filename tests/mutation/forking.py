"""Tries mutants in forks of one process of pytest that has everything imported: a mutant costs its tests and no more.

A plugin of pytest. COMCEP_MUTANTS is a folder: plan.json holds a list of path, source and tests of each mutant, and the
number of forks at a time; what is found of each is written beside it, the name of the first test that fails or nothing.
"""

import json
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.conftest import build_app, close
from tests.mutation.placing import put_in_place
from tests.mutation.reaching import forget_what_is_remembered

LONGEST = 600  # seconds of one mutant: one that hangs is noticed
failed: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        failed.append(report.nodeid)


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if "COMCEP_MUTANTS" not in os.environ:
        return None
    folder = Path(os.environ["COMCEP_MUTANTS"])
    plan = json.loads((folder / "plan.json").read_text())
    items = {item.nodeid: item for item in session.items}
    if plan["first"] in items:  # what every test needs is made once, before the forks
        _run(session, [items[plan["first"]]])
        _compile_templates()
    forks: dict[int, tuple[float, Path]] = {}
    for number, mutant in enumerate(plan["mutants"]):
        while len(forks) >= plan["cores"]:
            _wait(forks)
        chosen = [items[name] for name in mutant["tests"] if name in items]
        found = folder / f"{number}.found"
        if pid := os.fork():
            forks[pid] = time.monotonic(), found
        else:
            _try(session, mutant, chosen, found)
    while forks:
        _wait(forks)
    return True


def _compile_templates() -> None:
    with TemporaryDirectory(prefix="comcep-mutants-") as folder:
        app = build_app("sqlite", Path(folder))
        for name in app.jinja_env.list_templates():
            app.jinja_env.get_template(name)
        close(app)


def _wait(forks: dict[int, tuple[float, Path]]) -> None:
    """Take out the forks that ended, and end one that does not."""
    time.sleep(0.1)
    for pid, (since, found) in list(forks.items()):
        if time.monotonic() - since > LONGEST:
            os.kill(pid, 9)
            found.write_text("the tests do not end")
        if os.waitpid(pid, os.WNOHANG)[0]:
            del forks[pid]


def _try(session: pytest.Session, mutant: dict[str, Any], chosen: list[pytest.Item], found: Path) -> None:
    """In a fork, which ends here: the tests on the mutant, until one fails."""
    failed.clear()
    try:
        forget_what_is_remembered()
        put_in_place(mutant["path"], mutant["source"])
        _run(session, chosen)
    except BaseException as error:
        failed.append(f"{error.__class__.__name__} instead of an answer")
    part = found.with_suffix(".part")
    part.write_text(failed[0] if failed else "")
    part.rename(found)
    os._exit(0)


def _run(session: pytest.Session, chosen: list[pytest.Item]) -> None:
    for at, item in enumerate(chosen):
        following = chosen[at + 1] if at + 1 < len(chosen) else None
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if failed:  # once more: a test that fails by chance, on a busy machine, notices nothing
            failed.clear()
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if failed:
            return
