"""The lanes of the background worker: who waits for whom, what they say of themselves, and what a clock does to it."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from comcep.background import Background
from comcep.clock import now
from comcep.extensions import background, db
from comcep.sweeping import lanes, reading
from comcep.sweeping.lanes import Lanes
from comcep.sweeping.models import Lane
from tests.community import Site
from tests.resilience.test_kill import wait_for


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Sweeps of the test alone: one a lane, which counts how often it ran."""
    ran = dict.fromkeys(lanes.LANES, 0)
    own = Background()
    for lane in lanes.LANES:

        def sweep(lane: str = lane) -> None:
            ran[lane] += 1

        own.sweep(lane)(sweep)
    monkeypatch.setattr(background, "sweeps", own.sweeps)
    return ran


def run(site: Site, seconds: float) -> threading.Thread:
    stopping = threading.Event()
    thread = threading.Thread(target=Lanes(site.app).run_until, args=(stopping, lambda _said: None))
    thread.start()
    threading.Timer(seconds, stopping.set).start()
    return thread


def test_a_lane_that_hangs_keeps_no_other_waiting(site: Site, swept: dict[str, int]) -> None:
    hangs = threading.Event()
    background.sweeps.append(("mail", lambda: hangs.wait(20) and None))
    running = run(site, 3)
    wait_for(lambda: swept["mail"] == 1, "the mail lane hangs", 5)
    for _ in range(3):
        background.wake(site.app)
        time.sleep(0.3)
    hangs.set()
    running.join(30)

    assert swept["mail"] <= 2
    assert swept["index"] >= 3
    assert swept["news"] >= 3


def test_a_lane_that_fails_is_told_and_runs_again(site: Site, swept: dict[str, int]) -> None:
    def fails() -> None:
        raise ValueError("somebody's words")

    background.sweeps.append(("news", fails))
    running = run(site, 2)
    wait_for(lambda: swept["news"] >= 1, "the lane runs", 5)
    background.wake(site.app)
    running.join(30)

    assert swept["news"] >= 2
    with site.app.app_context():
        said = reading.state().failures["news"]
        assert "ValueError" in said
        assert "words" not in said


def test_a_clock_that_was_ahead_hides_no_lane_that_is_late(site: Site) -> None:
    with site.app.app_context():
        db.session.add(Lane(name="index", done_at=now() + timedelta(hours=5), failure=""))
        db.session.commit()
        assert reading.state().is_stuck("index")
        lanes._write_down("index", [])
        assert not reading.state().is_stuck("index")
        assert abs(db.session.scalars(select(Lane.done_at)).one() - now()) < timedelta(minutes=1)
