"""Background work: the sweeps that features register, by lane, and the call that wakes them.

The database is the truth: a sweep looks for what is marked, so a lost wake-up delays and loses nothing. Who runs the
lanes, how often, and what becomes of an item that cannot be done: sweeping/. What a sweep does lives with its feature.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey

logger = logging.getLogger(__name__)

Sweep = Callable[[], str | None]  # what it gives is what it cannot do for now, as the kind of an error

# Each goes on while another waits for a mail server, a rebuild or a model. What a lane has done may be work for the
# next: what is indexed is announced, what is announced is mailed.
LANES = ("index", "news", "mail", "slow")
QUIET = 10.0  # seconds without another try after a call that did not get through: a queue that hangs costs each request


@dataclass(frozen=True)
class Failure:
    """A sweep that did not end, and the kind of error: no value of it, which may be somebody's words."""

    sweep: str
    error: str


class Background:
    """The sweeps by lane, and the queue of wake-up calls."""

    def __init__(self) -> None:
        self.sweeps: list[tuple[str, Sweep]] = []
        self._woken: Callable[[], None] | None = None
        self._quiet_until = 0.0

    def sweep(self, lane: str) -> Callable[[Sweep], Sweep]:
        """Register a function that finishes marked work; it must be idempotent, and end soon."""
        if lane not in LANES:
            raise ValueError(f"no lane is called {lane}")

        def register(function: Sweep) -> Sweep:
            self.sweeps.append((lane, function))
            return function

        return register

    def init_app(self, app: Flask) -> None:
        app.extensions["background"] = _queue(app, self._arrived)

    def on_wake(self, woken: Callable[[], None] | None) -> None:
        """What a wake-up call does in this process, where the lanes run in it."""
        self._woken = woken

    def wake(self, app: Flask) -> None:
        """Ask for a sweep soon. Never fails the request: the lanes also run by the clock."""
        if self._woken is not None:
            self._woken()
        elif time.monotonic() > self._quiet_until:
            try:
                app.extensions["background"].wake()
            except Exception as error:
                self._quiet_until = time.monotonic() + QUIET
                logger.warning("wake-up call not queued (%s); the lanes run by the clock", error.__class__.__name__)

    def run(self, app: Flask) -> None:
        """Run every sweep once, one after the other; mails last, so that what the others announce leaves with them."""
        for _, sweep in sorted(self.sweeps, key=lambda registered: registered[0] == "mail"):
            self._run(app, sweep)

    def run_lane(self, app: Flask, lane: str) -> list[Failure]:
        """Run the sweeps of a lane once; those that failed. One that fails does not keep the next from running."""
        ran = [self._run(app, sweep) for of, sweep in self.sweeps if of == lane]
        return [failure for failure in ran if failure is not None]

    def _run(self, app: Flask, sweep: Sweep) -> Failure | None:
        with app.app_context():
            try:
                cannot = sweep()
            except Exception as error:
                logger.exception("sweep %s failed; it will be tried again", sweep.__name__)
                return Failure(sweep.__name__, error.__class__.__name__)
        return Failure(sweep.__name__, cannot) if cannot else None

    def _arrived(self) -> None:
        if self._woken is not None:
            self._woken()


def _queue(app: Flask, arrived: Callable[[], None]) -> Huey:
    if app.config["REDIS_URL"]:
        queue = RedisHuey("comcep", url=_with_deadlines(app.config["REDIS_URL"]), results=False)
    else:
        queue = SqliteHuey("comcep", filename=str(app.config["DATA"] / "tasks.sqlite3"), results=False, timeout=5)
    queue.wake = queue.task(name="wake")(arrived)
    return queue


def _with_deadlines(address: str) -> str:
    """A Redis that takes calls and never answers must not hold a request."""
    return f"{address}{'&' if '?' in address else '?'}socket_connect_timeout=1&socket_timeout=2"
