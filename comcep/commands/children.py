"""A process that must run as long as another one does: started, watched, replaced, ended, and never left alone.

What the processes are, and what their ends mean to the site, is said in serve.py.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from comcep.bound import end_with

LONGEST_PAUSE = 30.0  # seconds between two starts of a child that ends again and again
HEALTHY = 60.0  # seconds of life after which earlier ends are forgotten
TIME_TO_END = 27.0  # seconds from SIGTERM to SIGKILL; each child knows how to end in 20

Process = subprocess.Popen[bytes]


class Child:
    """One such process: how it is started, the one of the moment, and earlier ones that are still ending."""

    def __init__(
        self,
        name: str,
        command: list[str],
        folder: str | Path,
        say: Callable[[str], None],
        keep: tuple[int, ...] = (),
        may_overlap: bool = False,
        knows_only: dict[str, str] | None = None,
    ) -> None:
        """`name` opens a French sentence; `keep`: descriptors it inherits; `may_overlap`: two may run for a moment;
        `knows_only`: its environment instead of ours, for one that binds itself to its parent (bound.py)."""
        self.name, self.command, self.folder, self.say = name, command, folder, say
        self.keep, self.may_overlap, self.knows_only = keep, may_overlap, knows_only
        self.has_worked = False
        self.failed_starts = 0
        self._process: Process | None = None
        self._ending: dict[Process, float] = {}  # until when each, and what it started, may take
        self._started = self._next_start = 0.0
        self._pause = 1.0

    def watch(self) -> None:
        """To be called several times a second: starts what is not running, after a pause that grows to 30 s."""
        self._bury()
        if self._process is not None and (code := self._process.poll()) is not None:
            self._ending[self._process] = time.monotonic() + TIME_TO_END
            self._process = None
            self._plan_next_start(code)
        if self._process is None and time.monotonic() >= self._next_start and self._has_room():
            self._start()

    def _bury(self) -> None:
        """Kill what took too long to end; forget what has ended, before the system gives its number to another."""
        for process, last_moment in list(self._ending.items()):
            if time.monotonic() > last_moment:
                _signal_group(process, signal.SIGKILL)
            if process.poll() is not None and not _signal_group(process, 0):
                del self._ending[process]

    def _plan_next_start(self, code: int) -> None:
        if time.monotonic() - self._started >= HEALTHY:
            self.has_worked, self._pause = True, 1.0
        self.failed_starts += code > 0  # a negative code is a signal, from outside
        self._next_start = time.monotonic() + self._pause
        self.say(f"{self.name} s'est arrêté (code {code}) ; il redémarre dans {self._pause:.0f} s.")
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _has_room(self) -> bool:
        return self.may_overlap or all(process.poll() is not None for process in self._ending)

    def _start(self) -> None:
        """In a session of its own: a Ctrl-C in the terminal reaches it through its parent alone, once."""
        self._started = time.monotonic()
        # What runs between fork and exec may hang where there are threads: a child that binds itself needs nothing.
        bind = _bind_to(os.getpid()) if self.knows_only is None else None
        self._process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=self.knows_only,
            pass_fds=self.keep,
            start_new_session=True,
            preexec_fn=bind,
        )

    def replace(self) -> None:
        """Ask it to end in order; watch() starts its successor."""
        self.end()
        self._next_start = 0.0

    def end(self) -> None:
        """Ask it to end in order, with what earlier ones left."""
        for process in self._ending:
            _signal_group(process, signal.SIGTERM)
        if self._process is not None:
            self._process.terminate()
            self._ending[self._process] = time.monotonic() + TIME_TO_END
            self._process = None

    def has_ended(self) -> bool:
        """Whether nothing of it is left, once end() was called; kills what has taken too long."""
        self._bury()
        return not self._ending


def _bind_to(parent: int) -> Callable[[], None]:
    """What a child does before it becomes its command."""

    def bind() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # its parent decides what a hang-up means
        end_with(parent)

    return bind


def _signal_group(process: Process, number: int) -> bool:
    """Signal everything a child has started; whether there is anything left."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group of zombies
        return False
    return True
