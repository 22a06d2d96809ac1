"""Moments are stored in universal time and said as in Paris: an hour more in winter, two in summer, also the day."""

from datetime import datetime, timedelta

import pytest

from comcep.web import filters
from comcep.web.filters import ago, full_date, iso


def test_a_date_is_that_of_paris_in_winter_and_in_summer() -> None:
    assert full_date(datetime(2017, 1, 16, 8, 5)) == "lundi 16 janvier 2017 à 9 h 05"
    assert full_date(datetime(2017, 7, 31, 22, 30)) == "mardi 1er août 2017 à 0 h 30"
    assert full_date(datetime(2017, 3, 26, 0, 59)) == "dimanche 26 mars 2017 à 1 h 59"
    assert full_date(datetime(2017, 3, 26, 1, 0)) == "dimanche 26 mars 2017 à 3 h 00"
    assert iso(datetime(2017, 7, 31, 22, 30)) == "2017-07-31T22:30:00Z"  # what a program reads stays universal


@pytest.mark.parametrize(
    ("elapsed", "said"),
    [
        (timedelta(seconds=-5), "à l'instant"),
        (timedelta(seconds=59), "à l'instant"),
        (timedelta(seconds=60), "il y a 1 min"),
        (timedelta(minutes=59, seconds=59), "il y a 59 min"),
        (timedelta(hours=1), "il y a 1 h"),
        (timedelta(hours=11, minutes=59), "il y a 11 h"),
        (timedelta(hours=12), "aujourd'hui"),
        (timedelta(hours=14, minutes=31), "hier"),  # the same day in universal time, the one before in Paris
        (timedelta(days=2), "il y a 2 jours"),
        (timedelta(days=6), "il y a 6 jours"),
        (timedelta(days=7), "8 juillet"),
        (timedelta(days=14), "1er juillet"),
        (timedelta(days=365), "15 juil. 2016"),
    ],
)
def test_how_long_ago_is_counted_in_days_of_paris(
    monkeypatch: pytest.MonkeyPatch, elapsed: timedelta, said: str
) -> None:
    moment = datetime(2017, 7, 15, 12, 30)
    monkeypatch.setattr(filters, "now", lambda: moment)

    assert ago(moment - elapsed) == said
