"""Whether a test notices a mutant: the tests nearest to its room first, then the others, on SQLite.

A mutant lives in a copy of the source; tests, templates and the rest are the checkout's own.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation.mutants import Mutant

NEAREST = {
    "access": ("tests/access/test_matrix.py", "tests/access", "tests/attacks/test_leaks_elsewhere.py"),
    "forum": ("tests/test_thread.py", "tests/forum"),
    "moderation": ("tests/moderation",),
    "membership": ("tests/membership", "tests/test_thread.py"),
    "accounts": ("tests/accounts", "tests/commands/test_members.py"),
    "notify": ("tests/notify",),
    "analytics": ("tests/analytics/test_disclosure.py", "tests/analytics"),
}
# What takes minutes and asks about machines, browsers and ranking is no judge of a rule.
EVERYWHERE = (
    "tests/access", "tests/accounts", "tests/membership", "tests/moderation", "tests/forum", "tests/notify", "tests/pages",
    "tests/web", "tests/commands", "tests/attacks", "tests/analytics", "tests/test_thread.py", "tests/test_threads.py",
)  # fmt: skip
SHARED = ("templates", "static", "seed", "migrations", "tests", "wsgi.py", "pyproject.toml")
LONGEST = 900  # seconds of one run of tests: a mutant that hangs is noticed


@dataclass(frozen=True)
class Verdict:
    mutant: Mutant
    is_killed: bool
    said: str


def try_out(mutant: Mutant, root: Path, number: int) -> Verdict:
    """Run tests on the mutant until one fails."""
    with TemporaryDirectory(prefix="comcep-mutant-") as folder:
        copy = Path(folder)
        shutil.copytree(root / "comcep", copy / "comcep", ignore=shutil.ignore_patterns("__pycache__"))
        for name in SHARED:
            (copy / name).symlink_to(root / name)
        changed = copy / mutant.path
        changed.write_text(mutant.applied_to(changed.read_text()))
        room = mutant.path.split("/")[1]
        for tests in (NEAREST[room], EVERYWHERE):
            if said := _failure(tests, copy, number):
                return Verdict(mutant, True, said)
    return Verdict(mutant, False, "")


def _failure(tests: tuple[str, ...], copy: Path, number: int) -> str:
    """The first test that fails; empty when all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not long and not browser"]
    here = dict(os.environ, PYTHONPATH=str(copy), COMCEP_TEST_RUN=f"mutant{number}")
    try:
        run = subprocess.run(
            [*command, "-k", "not postgresql", "--no-header", *tests],
            cwd=copy, env=here, capture_output=True, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "the tests do not end"
    if run.returncode == 0:
        return ""
    failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0] if failed else f"pytest ends with {run.returncode}"
