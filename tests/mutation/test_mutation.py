"""Rules taken out at random are missed by a test: forty of them, the same each time."""

import ast
from pathlib import Path

import pytest

from tests.mutation.__main__ import run, share_noticed
from tests.mutation.equivalent import explained
from tests.mutation.mutants import ROOMS, files, mutants_of, sample

ROOT = Path(__file__).parents[2]


def test_a_mutant_differs_from_its_source_in_one_place_and_compiles() -> None:
    for mutant in sample(ROOT, seed=1, count=200):
        source = (ROOT / mutant.path).read_text()
        changed = mutant.applied_to(source)

        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source)), mutant.name
        assert mutant.before in source


def test_every_room_that_holds_rules_has_mutants() -> None:
    for room in ROOMS:
        assert sum(len(mutants_of(path, ROOT)) for path in files(ROOT, (room,))) > 10, room


def test_what_is_explained_is_still_a_mutant() -> None:
    known = {mutant.name for path in files(ROOT, ROOMS) for mutant in mutants_of(path, ROOT)}

    assert set(explained()) <= known


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_nine_of_ten_rules_taken_out_are_missed_by_a_test(tmp_path: Path) -> None:
    verdicts = run(seed=18, count=40, folder=tmp_path / "reached")

    lives = [verdict.mutant.name for verdict in verdicts if not verdict.is_killed]
    assert share_noticed(verdicts) >= 0.9, lives
