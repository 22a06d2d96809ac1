"""What a process keeps of Whoosh's segments, shared by its threads: columns and words, each whole.

No list of the topics that hold one term: which lists are kept would tell any reader, by time, what others searched for.
How a segment is read is whoosh.py.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

Kind = TypeVar("Kind")


class Kept:
    """What was read of a segment, kept for the next query of any thread: a segment is written once, under a name of its
    own. What is read is handed back as it was read, never looked up again: another thread may have emptied the memory
    meanwhile, and a look-up in vain would pass for a broken index."""

    def __init__(self) -> None:
        self._parts: dict[str, Any] = {}

    def of(self, part: str, read: Callable[[], Kind]) -> Kind:
        found = self._parts.get(part)
        if found is None:
            found = self._parts[part] = read()
        return found  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def kept_of(_segment: str) -> Kept:
    """What a process keeps of a segment, by its name."""
    return Kept()
