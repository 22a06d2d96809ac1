"""What a Viewer is by standing and role: a role without the standing it rests on opens nothing."""

import pytest

from comcep.access import permissions
from comcep.access.viewer import ADVISER, HORS_PAIR, NONE, Viewer
from comcep.access.visibility import audiences_of


@pytest.mark.parametrize("standing", [NONE, HORS_PAIR])
def test_an_animator_whose_standing_as_adviser_ends_is_none_any_more(standing: str) -> None:
    former = Viewer(1, standing, animator=True)

    assert audiences_of(former) == audiences_of(Viewer(1, standing))
    assert former.kind == Viewer(1, standing).kind
    for may in (permissions.may_moderate, permissions.may_write_digests, permissions.may_read_digests,
                permissions.may_decide_national_themes):  # fmt: skip
        assert not may(former)
        assert may(Viewer(1, ADVISER, animator=True))


@pytest.mark.parametrize(
    ("role", "standings"),
    [("admin", {NONE, HORS_PAIR, ADVISER}), ("animator", {ADVISER}), ("group", {ADVISER}), ("committee", {HORS_PAIR})],
)
def test_a_place_is_given_to_those_of_its_standing(role: str, standings: set[str]) -> None:
    assert {each for each in (NONE, HORS_PAIR, ADVISER) if permissions.may_hold(each, role)} == standings


def test_only_who_has_an_account_and_no_standing_asks_to_join() -> None:
    assert [permissions.may_ask_to_join(viewer) for viewer in (
        Viewer(), Viewer(1), Viewer(1, admin=True), Viewer(1, referent_of=frozenset({1})), Viewer(1, HORS_PAIR),
        Viewer(1, ADVISER),
    )] == [False, True, True, True, False, False]  # fmt: skip
