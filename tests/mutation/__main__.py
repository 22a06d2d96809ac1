"""A seeded run of mutants over the rooms that hold the rules: how many the tests notice, and which live.

python -m tests.mutation [--seed 18] [--count 100] [--room forum …] [--cores 2]
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation.equivalent import explained
from tests.mutation.killing import Verdict, try_out
from tests.mutation.mutants import ROOMS, Mutant, sample

ROOT = Path(__file__).parents[2]


def run(seed: int, count: int, rooms: tuple[str, ...] = ROOMS, cores: int = 2) -> list[Verdict]:
    """The verdict on each mutant of a sample, told as it comes. Those that change nothing anybody could notice are left
    out before."""
    meant = [mutant for mutant in sample(ROOT, seed, count + len(explained()), rooms) if mutant.name not in explained()]
    with ThreadPoolExecutor(cores) as pool:
        verdicts = pool.map(lambda numbered: _told(try_out(numbered[1], ROOT, numbered[0])), enumerate(meant[:count]))
        return list(verdicts)


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
    asked = parser.parse_args()
    found = run(asked.seed, asked.count, tuple(asked.room or ROOMS), asked.cores)
    print(f"{share_noticed(found):.0%} of {len(found)} noticed")
