"""An independent check: acro, which research centres let outputs out with, is given the records that a digest is counted
from, and finds nothing against what the digest publishes."""

import logging
from collections.abc import Iterator

import pandas as pd
import pytest
from acro import ACRO

from comcep.analytics.figures import Due, keyed
from tests.attacks.communities import Community, community, raw

K = 5
SECRET = b"a secret of the tests"
SIZES = (40, 90, 150, 300, 700)


pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning:acro")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def checker() -> ACRO:
    """acro with the digest's own limits: K advisers, and none with more than half of the posts."""
    made = ACRO(suppress=True)
    made.sdc_checks.risk_appetite.update(safe_threshold=K, safe_nk_n=1, safe_nk_k=0.5, safe_pratio_p=0.0)
    return made


def records(of: Community) -> pd.DataFrame:
    """A line for each adviser and theme they wrote on: network, posts."""
    who = {adviser.number: adviser for adviser in of.advisers}
    lines = [
        {"theme": theme, "network": who[number].network, "all": "all", "posts": count}
        for number, posts in of.posts.items()
        for theme, count in posts.items()
    ]
    return pd.DataFrame(lines)


def objections(of: Community) -> dict[str, str]:
    """What acro says against the sum of posts of each theme, with the number of advisers behind it."""
    check, lines = checker(), records(of)
    check.crosstab(lines["theme"], lines["all"], values=lines["posts"], aggfunc="sum")
    outcome = check.results.get_index(-1).outcome
    return {str(theme): str(said).strip() for theme, said in outcome.iloc[:, 0].items()}


@pytest.mark.parametrize("seed", range(10))
def test_acro_objects_to_no_theme_that_is_published(seed: int) -> None:
    of = community(seed, SIZES[seed % len(SIZES)])
    published = keyed(raw(of, SECRET), K, [], Due(participation=False))
    shown = {cell.row for cell in published.table("themes") if cell.column == "advisers" and cell.count is not None}

    said = objections(of)

    assert {theme: said[theme] for theme in shown if said[theme] not in ("", "ok")} == {}


def test_acro_objects_to_some_theme_of_a_small_community() -> None:
    said = objections(community(0, 40))

    assert any("Threshold" in each for each in said.values())
    assert any("NK" in each for each in said.values())
