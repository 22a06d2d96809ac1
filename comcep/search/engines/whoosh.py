"""Whoosh: one index per audience and group in the data folder, so that no count, score or order tells of another one.

The terms come ready from analysis.py; Whoosh only stores, counts and ranks them.
"""

import secrets
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import BOOLEAN, NUMERIC, TEXT, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.query import And, Or, Query, Term
from whoosh.scoring import BM25F

from comcep.search.analysis import Wanted
from comcep.search.engines import Document, EngineDown, Hits

VERSION = "1"  # of the schema and of the analysis: another one in the folder means a rebuild

TITLE_WEIGHT = 3.0
SOLUTION_WEIGHT = 1.5
OTHER_WAY_WEIGHT = 0.6  # an expansion or an acronym counts less than the word as typed
SOLVED_BONUS = 1.3  # where only some of the words are found
FIELDS = (("title", TITLE_WEIGHT), ("body", 1.0), ("solution", SOLUTION_WEIGHT))


def _schema() -> Schema:
    words = {"analyzer": SpaceSeparatedTokenizer(), "phrase": False}
    return Schema(
        topic=NUMERIC(int, bits=64, unique=True, stored=True),
        title=TEXT(**words),
        body=TEXT(**words),
        solution=TEXT(**words),
        solved=BOOLEAN(stored=True),
    )


class WhooshEngine:
    """The embedded engine. Readers are kept per thread, refreshed when the index has moved on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marker = folder / "ready"
        self._threads = threading.local()

    def is_ready(self) -> bool:
        return self._build().startswith(f"{VERSION} ")

    def _build(self) -> str:
        """The version and the random name of the build that is in place; empty while there is none."""
        try:
            return self._marker.read_text()
        except OSError:
            return ""

    def begin_rebuild(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def end_rebuild(self) -> None:
        self._marker.write_text(f"{VERSION} {secrets.token_hex(8)}")

    def replace(self, documents: list[Document], topic_ids: list[int]) -> None:
        """Put the documents in place of whatever the indexes held of these topics."""
        keys = {path.name for path in self._folder.iterdir() if path.is_dir()} | {d.key for d in documents}
        for key in sorted(keys):
            added = [document for document in documents if document.key == key]
            with self._open_or_create(key).writer(limitmb=64, timeout=30) as writer:
                for topic_id in topic_ids:
                    writer.delete_by_term("topic", topic_id)
                for document in added:
                    writer.add_document(
                        topic=document.topic_id,
                        title=document.title,
                        body=document.body,
                        solution=document.solution,
                        solved=document.is_solved,
                    )

    def search(self, things: list[Wanted], keys: Iterable[str], without: frozenset[int], most: int) -> Hits:
        """Topics with every thing wanted first, solved ones before the others; then those with some of them.

        without: topics the reader may no longer see, though an index still holds them. Raises EngineDown.
        """
        if not self.is_ready():
            raise EngineDown
        try:
            found = [hit for key in keys for hit in self._in_one(things, key, most + len(without))]
            total = sum(count for _, count in found)
        except Exception as error:
            # Whatever a damaged file makes Whoosh raise, the answer is the same: rebuild.
            self._marker.unlink(missing_ok=True)
            raise EngineDown from error
        ranked = sorted(rank for ranks, _ in found for rank in ranks)
        ids = list(dict.fromkeys(topic_id for *_, topic_id in ranked if topic_id not in without))
        return Hits(ids[:most], total - len(without & {topic_id for *_, topic_id in ranked}))

    def _in_one(self, things: list[Wanted], key: str, most: int) -> Iterable[tuple[list[tuple[Any, ...]], int]]:
        searcher = self._searcher(key)
        if searcher is None:
            return
        groups = [_group(thing) for thing in things]
        some = searcher.search(Or(groups), limit=most)
        whole = frozenset(And(groups).docs(searcher)) if len(groups) > 1 else None
        yield [_rank(hit, whole is None or hit.docnum in whole) for hit in some], len(some)

    def _searcher(self, key: str) -> Any | None:
        build = self._build()
        if getattr(self._threads, "build", "") != build:  # another build counts its generations from one again
            self._threads.build, self._threads.searchers = build, {}
        searchers = self._threads.searchers
        searcher = searchers.get(key)
        if searcher is None:
            storage = self._storage(key, readonly=True)
            if not storage.index_exists():
                return None
            searcher = storage.open_index().searcher(weighting=BM25F())
        searchers[key] = searcher = searcher.refresh()
        return searcher

    def _open_or_create(self, key: str) -> Any:
        (self._folder / key).mkdir(parents=True, exist_ok=True)
        storage = self._storage(key)
        return storage.open_index() if storage.index_exists() else storage.create_index(_schema())

    def _storage(self, key: str, readonly: bool = False) -> FileStorage:
        kind = FilesInMemory if readonly else FileStorage
        return kind(str(self._folder / key), supports_mmap=False, readonly=readonly)


class FilesInMemory(FileStorage):
    """Index files read whole: a file truncated under a memory map would end the process (SIGBUS), and reading one value
    by value from the disk is slow. Segments never change, so each is read once.
    """

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(path, **options)
        self._read: dict[str, bytes] = {}

    def open_file(self, name: str, **_options: Any) -> BufferFile:
        here = set(self.list())
        self._read = {known: content for known, content in self._read.items() if known in here}
        if name not in self._read:
            self._read[name] = (Path(self.folder) / name).read_bytes()
        return BufferFile(memoryview(self._read[name]), name=name)


def _rank(hit: Any, has_everything: bool) -> tuple[Any, ...]:
    """What results are sorted by: all that was asked for, then solved, then the score; last the topic itself."""
    if has_everything:
        return 0, not hit["solved"], -hit.score, hit["topic"]
    return 1, False, -hit.score * (SOLVED_BONUS if hit["solved"] else 1.0), hit["topic"]


def _group(thing: Wanted) -> Query:
    typed = And([_anywhere(term, 1.0) for term in thing.typed])
    others = [And([_anywhere(term, OTHER_WAY_WEIGHT) for term in way]) for way in thing.others]
    return Or([typed, *others]) if others else typed


def _anywhere(term: str, weight: float) -> Query:
    return Or([Term(field, term, boost=weight * of_field) for field, of_field in FIELDS])
