"""A seeded run of mutants over the rooms that hold the rules: how many the tests notice, and which live.

python -m tests.mutation [--seed 18] [--count 100] [--room forum …] [--cores 2] [--reached FOLDER]

FOLDER keeps from one run to the next which tests reach what; empty it when tests or functions have moved.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation.equivalent import explained
from tests.mutation.killing import Verdict, try_out, write_down_what_is_reached
from tests.mutation.mutants import ROOMS, Mutant, sample
from tests.mutation.reaching import of_function

ROOT = Path(__file__).parents[2]


def run(seed: int, count: int, folder: Path, rooms: tuple[str, ...] = ROOMS, cores: int = 2) -> list[Verdict]:
    """The verdict on each mutant of a sample, told. Those that change nothing anybody could notice are left
    out before. folder: where it is written, or was, which tests reach what."""
    if not folder.is_dir() or not any(folder.iterdir()):
        write_down_what_is_reached(ROOT, folder, cores)
    reached = of_function(folder)
    meant = [mutant for mutant in sample(ROOT, seed, count + len(explained()), rooms) if mutant.name not in explained()]
    return [_told(verdict) for verdict in try_out(meant[:count], ROOT, reached, cores)]


def _told(verdict: Verdict) -> Verdict:
    mutant: Mutant = verdict.mutant
    print(
        f"{'noticed' if verdict.is_killed else 'LIVES  '}  line {mutant.line}  {mutant.name}  {verdict.said}",
        flush=True,
    )
    return verdict


def share_noticed(verdicts: list[Verdict]) -> float:
    return sum(verdict.is_killed for verdict in verdicts) / len(verdicts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--room", action="append", default=None)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--reached", type=Path, default=None)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="comcep-reached-") as made:
        found = run(asked.seed, asked.count, asked.reached or Path(made), tuple(asked.room or ROOMS), asked.cores)
    print(f"{share_noticed(found):.0%} of {len(found)} noticed")
