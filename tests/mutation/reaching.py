"""Which tests reach which functions of the site, written down once, so that a mutant meets only tests that can notice it.

A plugin of pytest: with COMCEP_REACHED it writes a line for each test into that folder.
"""

import ast
import builtins
import functools
import importlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutation.mutants import ROOMS, files
from tests.mutation.placing import put_in_place

ROOT = Path(__file__).parents[2]
NOTE = "_reached_by_a_test"  # what every function of the rooms says first, when they are noted
reached: set[str] = set()


def of_function(folder: Path) -> dict[str, list[str]]:
    """By "path:function", the tests that reach it and passed: those of its room first, then the fastest files."""
    lines = [json.loads(line) for file in sorted(folder.iterdir()) for line in file.read_text().splitlines()]
    tests = {line["test"]: line for line in lines}
    by_file: dict[str, list[float]] = {}
    for name, line in tests.items():
        by_file.setdefault(name.split("::")[0], []).append(line["seconds"])
    mean = {name: sum(seconds) / len(seconds) for name, seconds in by_file.items()}
    found: dict[str, list[str]] = {}
    for name in sorted(tests, key=lambda name: (mean[name.split("::")[0]], name.split("::")[0])):
        for function in tests[name]["reached"] if tests[name]["passed"] else ():
            found.setdefault(function, []).append(name)
    return {
        function: sorted(names, key=lambda name: _is_elsewhere(name, function)) for function, names in found.items()
    }


def _is_elsewhere(test: str, function: str) -> bool:
    return test.split("/")[1] != function.split("/")[1]


def pytest_collection_finish() -> None:
    if os.environ.get("COMCEP_REACHED"):
        setattr(builtins, NOTE, reached.add)
        for path in files(ROOT, ROOMS):
            name = str(path.relative_to(ROOT))
            importlib.import_module(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
            put_in_place(name, _that_tells(name))


def _that_tells(name: str) -> ast.Module:
    """A module whose every function says, when it begins, that it is reached."""
    module = ast.parse((ROOT / name).read_text())
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef):
            says = ast.parse(f"{NOTE}({f'{name}:{function.name}'!r})").body
            function.body = says + function.body
    return ast.fix_missing_locations(module)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    record = os.environ.get("COMCEP_REACHED")
    if not record:
        return (yield)
    forget_what_is_remembered()
    reached.clear()
    failed, begun = item.session.testsfailed, time.monotonic()
    try:
        return (yield)
    finally:
        line = {
            "test": item.nodeid, "seconds": round(time.monotonic() - begun, 3),
            "passed": item.session.testsfailed == failed, "reached": sorted(reached),
        }  # fmt: skip
        with open(Path(record) / str(os.getpid()), "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def forget_what_is_remembered() -> None:
    """What one test left in a cache would hide that another reaches the function too."""
    for name, module in list(sys.modules.items()):
        if name.startswith("comcep"):
            for value in vars(module).values():
                if isinstance(value, functools._lru_cache_wrapper):
                    value.cache_clear()
