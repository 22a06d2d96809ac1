"""The engines behind search, and what each of them offers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from comcep.search.analysis import Wanted


class EngineDown(Exception):
    """The index is missing, broken or of another version: it must be rebuilt."""


@dataclass(frozen=True)
class Document:
    """A topic as the index holds it: terms of its title, of its posts, of the post that solved it."""

    topic_id: int
    key: str  # of the index it belongs to: its audience, or its group
    title: str
    body: str
    solution: str
    is_solved: bool


@dataclass(frozen=True)
class Hits:
    """Topic keys in order of rank, and how many there are in all."""

    topic_ids: list[int]
    total: int


class Engine(Protocol):
    """What search asks of an engine. Keys name the indexes the reader may see: no other one is opened."""

    def search(self, things: list[Wanted], keys: Iterable[str], without: frozenset[int], most: int) -> Hits: ...

    def replace(self, documents: list[Document], topic_ids: list[int]) -> None: ...

    def is_ready(self) -> bool: ...

    def begin_rebuild(self) -> None: ...

    def end_rebuild(self) -> None: ...
