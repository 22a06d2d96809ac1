"""Background work: one wake-up call and the sweeps it starts. What a sweep does lives with its feature.

The database is the truth: a sweep looks for what is marked, so a lost wake-up delays and loses nothing.
"""

import fcntl
import logging
from collections.abc import Callable
from pathlib import Path
from typing import IO

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab

logger = logging.getLogger(__name__)

Sweep = Callable[[], None]


class Background:
    """The queue of wake-up calls, and the sweeps registered by the features."""

    def __init__(self) -> None:
        self.sweeps: list[Sweep] = []

    def sweep(self, function: Sweep) -> Sweep:
        """Register a function that finishes marked work; it must be idempotent."""
        self.sweeps.append(function)
        return function

    def init_app(self, app: Flask) -> None:
        app.extensions["background"] = _queue(app, lambda: self.run(app))

    def wake(self, app: Flask) -> None:
        """Ask for a sweep soon. Never fails the request: the periodic sweep comes in any case."""
        try:
            app.extensions["background"].wake()
        except Exception:
            logger.warning("wake-up call not queued; the next periodic sweep will do the work", exc_info=True)

    def run(self, app: Flask) -> None:
        """Run every sweep once; one that fails does not keep the next from running."""
        for sweep in self.sweeps:
            with app.app_context():
                try:
                    sweep()
                except Exception:
                    logger.exception("sweep %s failed; it will be tried again", sweep.__name__)


def _queue(app: Flask, sweep: Sweep) -> Huey:
    if app.config["REDIS_URL"]:
        queue = RedisHuey("comcep", url=app.config["REDIS_URL"], results=False)
    else:
        queue = SqliteHuey("comcep", filename=str(app.config["DATA"] / "tasks.sqlite3"), results=False, timeout=5)

    queue.wake = queue.task(name="wake")(sweep)
    queue.periodic_task(crontab(minute="*"), name="every_minute")(sweep)
    queue.on_startup(name="at_start")(sweep)
    return queue


def hold_lock(data: Path) -> IO[str]:
    """Take the consumer's lock for the life of the process: the kernel frees it even after kill -9.

    Raises BlockingIOError when a consumer runs already on this data folder.
    """
    file = open(data / "tasks.lock", "w")  # noqa: SIM115  (held until the process ends)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def is_running(data: Path) -> bool:
    """Whether a consumer holds the lock of this data folder."""
    try:
        with open(data / "tasks.lock", "a") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False
