"""The lanes at work in the background worker: a thread each, run by calls and by the clock, while this process leads.

By the clock, since calls may be lost: Redis down delays a sweep by seconds.
"""

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from comcep.background import LANES, Failure
from comcep.clock import now
from comcep.extensions import background, db
from comcep.sweeping.leading import Lead, lead_of
from comcep.sweeping.models import Lane

logger = logging.getLogger(__name__)

EVERY = {"index": 10.0, "news": 10.0, "mail": 10.0, "slow": 60.0}  # seconds between two runs without a call
AFTER = {"index": ("news", "slow"), "news": ("mail",)}  # what one lane has done may be work for these
LOOKED_AFTER = 2.0  # seconds between two looks at the lock: another machine takes over so soon
MEANWHILE = 0.2  # seconds between two calls of what is looked after beside them
LISTENED = 0.15  # seconds between two looks at a queue in SQLite, which cannot call
WRITTEN_EVERY = 30  # seconds between two rows of the same kind that say that a lane runs


class Lanes:
    """The threads of the lanes, and the one that listens for calls."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopping = threading.Event()
        self._leads = threading.Event()
        self._led: bool | None = None  # as last said
        self._woken = {lane: threading.Event() for lane in LANES}
        self._threads = [threading.Thread(target=self._run, args=(lane,), name=lane, daemon=True) for lane in LANES]
        self._listening = threading.Thread(target=self._listen, name="calls", daemon=True)

    def run_until(
        self, stopping: threading.Event, says: Callable[[str], None], meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        """Run the lanes whenever this process leads, until it is told to stop; then end each at its next item.

        `meanwhile`: called some times a second, in the calling thread.
        """
        background.on_wake(self.wake)
        for thread in (self._listening, *self._threads):
            thread.start()
        with self._app.app_context():
            lead = lead_of(self._app)
        try:
            while not stopping.is_set():
                self._look_after(lead, says)
                until = time.monotonic() + LOOKED_AFTER
                while time.monotonic() < until and not stopping.wait(MEANWHILE):
                    meanwhile()
        finally:
            self._stop()
            lead.give_back()

    def wake(self) -> None:
        for woken in self._woken.values():
            woken.set()

    def _look_after(self, lead: Lead, says: Callable[[str], None]) -> None:
        leads = lead.take()
        if leads == self._led:
            return
        self._led = leads
        if leads:
            says("Ce processus fait les tâches de fond.")
            with self._app.app_context():
                _begin_anew()
            self._leads.set()
            self.wake()
        else:
            says("Un autre processus fait les tâches de fond, ou la base ne répond pas : celui-ci attend son tour.")
            self._leads.clear()

    def _listen(self) -> None:
        """Take calls from the queue. One that is away is said once, not several times a second as huey's own consumer
        does, which also looks for scheduled tasks that there are none of."""
        queue, is_away = self._app.extensions["background"], False
        while not self._stopping.is_set():
            try:
                call = queue.dequeue()
                if call is not None:
                    queue.execute(call)
                elif not queue.storage.blocking:
                    self._stopping.wait(LISTENED)
                is_away = False
            except Exception as error:
                if not is_away:
                    logger.warning("the queue of calls is away (%s): lanes run by the clock", error.__class__.__name__)
                is_away = True
                self._stopping.wait(LOOKED_AFTER)

    def _run(self, lane: str) -> None:
        while not self._stopping.is_set():
            called = self._woken[lane].wait(EVERY[lane])
            self._woken[lane].clear()
            if self._stopping.is_set() or not self._leads.is_set():
                continue
            try:
                failures = background.run_lane(self._app, lane)
                with self._app.app_context():
                    _write_down(lane, failures)
            except Exception:  # the thread of a lane never ends
                logger.exception("the lane %s failed; it runs again", lane)
            if called:
                for other in AFTER.get(lane, ()):
                    self._woken[other].set()

    def _stop(self) -> None:
        self._stopping.set()
        self._leads.clear()
        self.wake()
        background.on_wake(None)
        for thread in self._threads:
            thread.join(5)


def _begin_anew() -> None:
    """What failed before a stop, or on another machine, says nothing of now."""
    try:
        db.session.execute(update(Lane).values(done_at=now(), failing_since=None, failure=""))
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        logger.warning("how the lanes stand could not be written down (%s)", error.__class__.__name__)


def _write_down(lane: str, failures: list[Failure]) -> None:
    """How a lane stands after a run, as /sante and the operator read it; now and then, and at each change."""
    failure = "; ".join(f"{failure.sweep}: {failure.error}" for failure in failures)[:120]
    try:
        known = db.session.scalars(select(Lane).where(Lane.name == lane)).first()
        if known is None:
            known = Lane(name=lane, done_at=now(), failure="")
            db.session.add(known)
        elif failure == known.failure and abs((now() - known.done_at).total_seconds()) < WRITTEN_EVERY:
            return  # abs: a clock that was ahead and was put right must not silence it for as long
        if failure:
            known.failing_since = known.failing_since or now()
        else:
            known.failing_since, known.done_at = None, now()
        known.failure = failure
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        logger.warning("how the lane %s stands could not be written down (%s)", lane, error.__class__.__name__)
