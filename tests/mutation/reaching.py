"""Which tests reach which functions of the site, written down once, so that a mutant meets only tests that can notice it.

A plugin of pytest: with COMCEP_REACHED it writes a line for each test into that folder.
"""

import functools
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

SITE = f"{os.sep}comcep{os.sep}"


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    record = os.environ.get("COMCEP_REACHED")
    if not record:
        return (yield)
    forget_what_is_remembered()
    reached: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        reached.add(frame.f_code)

    failed, begun = item.session.testsfailed, time.monotonic()
    threading.settrace(note)  # type: ignore[arg-type]
    sys.settrace(note)  # type: ignore[arg-type]
    try:
        return (yield)
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        line = {
            "test": item.nodeid, "seconds": round(time.monotonic() - begun, 3),
            "passed": item.session.testsfailed == failed, "reached": sorted(_names(reached)),
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


def _names(reached: set[CodeType]) -> set[str]:
    return {
        f"comcep/{code.co_filename.rpartition(SITE)[2]}:{code.co_name}"
        for code in reached
        if SITE in code.co_filename and "site-packages" not in code.co_filename
    }
