"""A process that ends with the one that started it, also when that one is killed: the kernel's word on Linux, a look
at who the parent is elsewhere. Used by what commands/children.py starts, and by text/engine/serving.py."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with(parent: int) -> None:
    """Have the kernel end this process in order when its parent is killed; end it now if that has happened.

    Linux only (prctl(2)), and of the thread that started it; elsewhere kill -9 of the parent leaves it, unless it looks
    at has_parent now and then (docs/operations.md).
    """
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if not has_parent(parent):  # it died before the kernel knew
        os._exit(1)


def has_parent(parent: int) -> bool:
    return os.getppid() == parent
