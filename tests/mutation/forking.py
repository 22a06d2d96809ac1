"""Tries mutants in forks of one process of pytest that has everything imported: a mutant costs its tests and no more.

A plugin of pytest. COMCEP_MUTANTS is a folder: plan.json holds a list of path, source and tests of each mutant, and the
number of forks at a time; what is found of each is written beside it, the name of the first test that fails or nothing.
"""

import gc
import json
import os
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.conftest import build_app, close
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


def put_in_place(path: str, source: str) -> None:
    """Give every function of a module, wherever it is held, the code it has in that source."""
    new = _by_name(compile(source, path, "exec"))
    held = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
    theirs = [each for each in held if each.__code__.co_filename.endswith(f"/{path}")]
    old = {code: name for name, code in _by_name_of_file(theirs[0].__code__.co_filename).items()}
    for function in theirs:
        name = old.get(function.__code__)
        if name in new:
            function.__code__ = new[name]


def _by_name_of_file(path: str) -> dict[tuple[str, int], CodeType]:
    return _by_name(compile(Path(path).read_text(), path, "exec"))


def _by_name(module: CodeType) -> dict[tuple[str, int], CodeType]:
    """The code of every function, by its qualified name and its number among those of that name."""
    found: dict[tuple[str, int], CodeType] = {}
    seen: Counter[str] = Counter()
    waiting = [module]
    while waiting:
        for constant in waiting.pop(0).co_consts:
            if isinstance(constant, CodeType):
                found[constant.co_qualname, seen[constant.co_qualname]] = constant
                seen[constant.co_qualname] += 1
                waiting.append(constant)
    return found
