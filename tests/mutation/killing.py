"""Whether a test notices a mutant: those that reach its function are run, on SQLite, until one fails.

A mutant lives in a copy of the source; tests, templates and the rest are the checkout's own. Which tests reach what is
written down by reaching.py, once for a run.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation.mutants import Mutant

# What takes minutes and asks about machines, browsers and ranking is no judge of a rule.
JUDGES = (
    "tests/access", "tests/accounts", "tests/membership", "tests/moderation", "tests/forum", "tests/notify", "tests/web",
    "tests/commands", "tests/attacks", "tests/analytics", "tests/search/test_saved.py", "tests/search/test_hidden.py",
    "tests/test_thread.py", "tests/test_threads.py",
)  # fmt: skip
SHARED = ("templates", "static", "seed", "migrations", "tests", "wsgi.py", "pyproject.toml")
LONGEST = 900  # seconds of one run of tests: a mutant that hangs is noticed
NONE_CHOSEN = 5  # what pytest ends with where no test is run
PYTEST = (
    sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.mutation.reaching", "--no-header",
    "-m", "not long and not browser", "-k", "not postgresql",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    mutant: Mutant
    is_killed: bool
    said: str


def write_down_what_is_reached(root: Path, folder: Path, cores: int) -> None:
    """Run the judges on the source as it is, and have each write down what it reaches. Minutes."""
    folder.mkdir(parents=True, exist_ok=True)
    here = dict(os.environ, PYTHONPATH=str(root), COMCEP_TEST_RUN="reaching", COMCEP_REACHED=str(folder))
    subprocess.run([*PYTEST, "-n", str(cores), *JUDGES], cwd=root, env=here, check=False, stdout=subprocess.DEVNULL)


def try_out(mutant: Mutant, root: Path, number: int, reached: dict[str, list[str]]) -> Verdict:
    """Run the tests that reach a mutant's function, until one fails."""
    chosen = reached.get(f"{mutant.path}:{mutant.function}", [])
    if not chosen:
        return Verdict(mutant, False, "no test reaches it")
    with TemporaryDirectory(prefix="comcep-mutant-") as folder:
        copy = Path(folder)
        shutil.copytree(root / "comcep", copy / "comcep", ignore=shutil.ignore_patterns("__pycache__"))
        for name in SHARED:
            (copy / name).symlink_to(root / name)
        changed = copy / mutant.path
        changed.write_text(mutant.applied_to(changed.read_text()))
        said = _failure(chosen, copy, number)
    return Verdict(mutant, bool(said), said)


def _failure(chosen: list[str], copy: Path, number: int) -> str:
    """The first test that fails; empty when all pass."""
    names = copy / "chosen"
    names.write_text("\n".join(chosen))
    here = dict(os.environ, PYTHONPATH=str(copy), COMCEP_TEST_RUN=f"mutant{number}", COMCEP_CHOSEN=str(names))
    files = dict.fromkeys(name.split("::")[0] for name in chosen)
    try:
        run = subprocess.run(
            [*PYTEST, "-x", *files], cwd=copy, env=here, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return "the tests do not end"
    if run.returncode in (0, NONE_CHOSEN):
        return ""
    failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0] if failed else f"pytest ends with {run.returncode}"
