"""What a process keeps of Whoosh's segments, shared by its threads: decoded lists of places, columns, words.

How a segment is read is whoosh.py.
"""

from array import array
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

CACHED_TERMS = 4_000  # lists of topics kept decoded of a segment

Kind = TypeVar("Kind")


class Kept:
    """What was read of a segment, kept for the next query of any thread: a segment is written once, under a name of its
    own. What is read is handed back as it was read, never looked up again: another thread may have emptied the memory
    meanwhile, and a look-up in vain would pass for a broken index."""

    def __init__(self) -> None:
        self._parts: dict[str, Any] = {}
        self._postings: dict[str, array[int]] = {}

    def of(self, part: str, read: Callable[[], Kind]) -> Kind:
        found = self._parts.get(part)
        if found is None:
            found = self._parts[part] = read()
        return found  # type: ignore[no-any-return]

    def places_with(self, lexeme: str, read: "Callable[[], array[int]]") -> "array[int]":
        found = self._postings.get(lexeme)
        if found is None:
            if len(self._postings) >= CACHED_TERMS:
                self._postings.clear()
            found = self._postings[lexeme] = read()
        return found


@lru_cache(maxsize=64)
def kept_of(_segment: str) -> Kept:
    """What a process keeps of a segment, by its name."""
    return Kept()
