"""Whether a test notices a mutant: those that reach its function are run, on SQLite, until one fails.

Which tests reach what is written down by reaching.py, once for a run; mutants are tried by forking.py, in one process.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation.mutants import Mutant

# What takes minutes and asks about machines, time, browsers and ranking is no judge of a rule.
JUDGES = (
    "tests/access", "tests/accounts", "tests/membership", "tests/moderation", "tests/forum", "tests/notify", "tests/web",
    "tests/commands", "tests/analytics", "tests/search/test_saved.py", "tests/search/test_hidden.py", "tests/test_thread.py",
    *(f"tests/attacks/test_{attack}.py" for attack in (
        "columns_of_the_committee", "digest_attacks", "guard", "leaks_elsewhere", "twin_sites", "twin_sites_count",
        "unnamed_in_drafts",
    )),
)  # fmt: skip
FIRST = "tests/forum/test_addresses.py::test_hand_written_addresses_lead_to_their_routes"
NEAREST = 150  # tests of a mutant: one that those of its room and the fastest others miss counts as missed
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


def try_out(mutants: list[Mutant], root: Path, reached: dict[str, list[str]], cores: int) -> Iterator[Verdict]:
    """Run the tests that reach each mutant's function, until one fails; the verdicts as they come."""
    tests = [reached.get(f"{mutant.path}:{mutant.function}", [])[:NEAREST] for mutant in mutants]
    plan = [
        {"path": mutant.path, "source": mutant.applied_to((root / mutant.path).read_text()), "tests": chosen}
        for mutant, chosen in zip(mutants, tests, strict=True)
    ]
    with TemporaryDirectory(prefix="comcep-mutants-") as made:
        folder = Path(made)
        (folder / "plan.json").write_text(json.dumps({"first": FIRST, "cores": cores, "mutants": plan}))
        files = dict.fromkeys(name.split("::")[0] for chosen in [[FIRST], *tests] for name in chosen)
        here = dict(os.environ, PYTHONPATH=str(root), COMCEP_TEST_RUN="mutants", COMCEP_MUTANTS=made)
        command = [*PYTEST, "-p", "tests.mutation.forking", *files]
        with subprocess.Popen(command, cwd=root, env=here, stdout=subprocess.DEVNULL) as running:
            for number, mutant in enumerate(mutants):
                found = folder / f"{number}.found"
                while not found.exists():
                    if running.poll() not in (None, 0):
                        raise RuntimeError(f"pytest ends with {running.returncode}")
                    time.sleep(0.2)
                said = found.read_text()
                yield Verdict(mutant, bool(said), said or ("" if tests[number] else "no test reaches it"))
