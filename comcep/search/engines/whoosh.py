"""Whoosh: one index per audience and group in the data folder, so that no count, score or order tells of another one.

The terms come ready from analysis.py; Whoosh keeps which topics hold them and what the topics say. The folder holds
`ready` (version and name of the build in place), a folder per build, and `next` while a rebuild is under way.
"""

import fcntl
import json
import os
import secrets
import shutil
import threading
import time
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.columns import NumericColumn
from whoosh.fields import COLUMN, STORED, FieldType, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.formats import Existence
from whoosh.reading import TermNotFound

from comcep.search.engines import LONGEST, VERSION, Document, EngineDown, Required, is_word
from comcep.search.engines.kept import kept_of
from comcep.search.ranking import Candidate, Statistics
from comcep.search.thesaurus import Way

TOPIC = "topic:"  # before the key of a topic: the lexeme that only it holds
WRITER_MEMORY = 64  # MB


def _schema() -> Schema:
    lexemes = FieldType(format=Existence(), analyzer=SpaceSeparatedTokenizer(), scorable=False, stored=False)
    return Schema(lexemes=lexemes, topic=COLUMN(NumericColumn("q")), held=STORED())


class WhooshEngine:
    """The embedded engine. Readers are kept per thread, refreshed when the index has moved on."""

    rebuild_batch = 4_000  # each makes a segment, and every segment is asked at every search

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marker = folder / "ready"
        self._next = folder / "next"
        self._threads = threading.local()

    def is_ready(self) -> bool:
        return self._build() is not None

    def open(self, keys: Iterable[str]) -> "WhooshReading":
        build = self._build()
        if build is None:
            raise EngineDown
        try:
            return WhooshReading(self, build, [segment for key in keys for segment in self._segments(build, key)])
        except Exception as error:
            raise self.broken(build) from error

    def broken(self, build: Path) -> EngineDown:
        """Whatever a damaged file makes Whoosh raise, the answer is the same: rebuild, unless another build has taken
        the place of the broken one meanwhile."""
        if self._build() in (build, None):
            self._marker.unlink(missing_ok=True)
        return EngineDown()

    @contextmanager
    def writing(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self._folder / "lock", "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # freed by the kernel, also after kill -9
            yield

    def replace(self, documents: list[Document], topic_ids: list[int]) -> None:
        for build in (self._build(), self._rebuild_state()[0]):
            if build is not None:
                self._write(build, documents, topic_ids)

    def discard(self) -> None:
        self._marker.unlink(missing_ok=True)
        self._next.unlink(missing_ok=True)

    def begin_rebuild(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        in_place = self._build()
        for old in self._folder.iterdir():
            if old.is_dir() and old != in_place:
                shutil.rmtree(old, ignore_errors=True)
        build = self._folder / secrets.token_hex(8)
        build.mkdir(mode=0o700)
        self._say_how_far(build, 0)

    def rebuilt_up_to(self) -> int | None:
        build, up_to = self._rebuild_state()
        return up_to if build else None

    def add_rebuilt(self, documents: list[Document], up_to: int) -> None:
        build, _ = self._rebuild_state()
        if build is None:
            raise EngineDown
        self._write(build, documents, self._known(build, documents), merge=False)
        self._say_how_far(build, up_to)

    def finish_rebuild(self) -> None:
        build, _ = self._rebuild_state()
        if build is None:
            raise EngineDown
        _write_whole(self._marker, f"{VERSION} {build.name}")
        self._next.unlink(
            missing_ok=True
        )  # the folder replaced stays for who reads it now; the next rebuild removes it

    def close(self) -> None:
        self._threads = threading.local()

    def _build(self) -> Path | None:
        """The folder of the build in place; none while there is none of this version."""
        try:
            version, name = self._marker.read_text().split()
        except (OSError, ValueError):
            return None
        build = self._folder / name
        return build if version == VERSION and build.is_dir() else None

    def _rebuild_state(self) -> tuple[Path | None, int]:
        try:
            state = json.loads(self._next.read_text())
            build = self._folder / state["build"]
            if state["version"] == VERSION and build.is_dir():
                return build, state["up_to"]
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None, 0

    def _say_how_far(self, build: Path, up_to: int) -> None:
        _write_whole(self._next, json.dumps({"version": VERSION, "build": build.name, "up_to": up_to}))

    def _known(self, build: Path, documents: list[Document]) -> list[int]:
        """Those of the topics that were written meanwhile, or by a batch that was broken off."""
        readers = [_open_or_create(path).reader() for path in build.iterdir() if path.is_dir()]
        ids = [document.topic_id for document in documents]
        return [i for i in ids if any(("lexemes", f"{TOPIC}{i}") in reader for reader in readers)]

    def _write(self, build: Path, documents: list[Document], topic_ids: list[int], merge: bool = True) -> None:
        keys = {path.name for path in build.iterdir() if path.is_dir()} if topic_ids else set()
        for key in sorted(keys | {document.key for document in documents}):
            added = [document for document in documents if document.key == key]
            # Without Whoosh's own lock, which a commit that fails (disk full) keeps: writing() is held already.
            with _open_or_create(build / key).writer(limitmb=WRITER_MEMORY, _lk=False) as writer:
                writer.merge = merge
                for topic_id in topic_ids:
                    writer.delete_by_term("lexemes", f"{TOPIC}{topic_id}")
                for document in added:
                    writer.add_document(
                        lexemes=" ".join([*document.lexemes, f"{TOPIC}{document.topic_id}"]),
                        topic=document.topic_id,
                        held=(document.fields, document.is_solved, document.day, document.copy),
                    )

    def _segments(self, build: Path, key: str) -> "list[_Segment]":
        reader = self._reader(build, key)
        # The build's name is part of a segment's: Whoosh draws the ids of segments from a seed that tests fix.
        return [_Segment(leaf, f"{build.name}/{key}") for leaf, _ in reader.leaf_readers()] if reader else []

    def _reader(self, build: Path, key: str) -> Any | None:
        if getattr(self._threads, "build", None) != build:  # another build counts its generations from one again
            self._threads.build, self._threads.searchers = build, {}
        searchers = self._threads.searchers
        searcher = searchers.get(key)
        if searcher is None:
            storage = _storage(build / key, readonly=True)
            if not storage.index_exists():
                return None
            searcher = storage.open_index().searcher()
        searchers[key] = searcher = searcher.refresh()
        return searcher.reader()


class WhooshReading:
    """The indexes of one reader. A topic stands in one of them only."""

    def __init__(self, engine: WhooshEngine, build: Path, segments: "list[_Segment]") -> None:
        self._engine = engine
        self._build = build
        self._segments = segments
        self._topics: dict[str, list[int]] = {}
        self._counts: dict[str, int] = {}
        self._until = time.monotonic() + LONGEST

    def statistics(self, lexemes: Collection[str]) -> Statistics:
        documents = sum(segment.documents for segment in self._segments)
        return Statistics(documents, {lexeme: self._count_with(lexeme) for lexeme in lexemes})

    def topics_with(self, ways: Collection[Way], required: Required = ()) -> Mapping[Way, Collection[int]]:
        allowed = set(self.topics_that_meet(required)) if required else None
        return {way: self._with_way(way, allowed) for way in ways}

    def topics_that_meet(self, required: Required) -> Collection[int]:
        return set.intersection(*({t for tag in tags for t in self._all_with(tag)} for tags in required))

    def candidates(self, topic_ids: Collection[int]) -> list[Candidate]:
        self._check_time()
        found = []
        try:
            for segment in self._segments:
                places = segment.places()
                for topic_id in topic_ids:
                    if (place := places.get(topic_id)) is not None and place not in segment.deleted:
                        fields, is_solved, day, copy = segment.leaf.stored_fields(place)["held"]
                        split = tuple(field.split() for field in fields)
                        found.append(Candidate(topic_id, split, is_solved, day, copy))
        except Exception as error:
            raise self._engine.broken(self._build) from error
        return found

    def vocabulary(self) -> Collection[str]:
        try:
            return {term for segment in self._segments for term in segment.vocabulary()}
        except Exception as error:
            raise self._engine.broken(self._build) from error

    def _with_way(self, way: Way, allowed: set[int] | None) -> Collection[int]:
        if len(way) == 1 and allowed is None:
            return self._all_with(way[0])
        lists = [self._all_with(lexeme) for lexeme in sorted(way, key=lambda lexeme: len(self._all_with(lexeme)))]
        held = set(lists[0]).intersection(*lists[1:])
        return held if allowed is None else held & allowed

    def _check_time(self) -> None:
        """Between two readings of the index, each of which is short. Raises TimeoutError."""
        if time.monotonic() > self._until:
            raise TimeoutError

    def _count_with(self, lexeme: str) -> int:
        if lexeme not in self._counts:
            self._check_time()
            try:
                self._counts[lexeme] = sum(segment.count_with(lexeme) for segment in self._segments)
            except Exception as error:
                raise self._engine.broken(self._build) from error
        return self._counts[lexeme]

    def _all_with(self, lexeme: str) -> list[int]:
        if lexeme not in self._topics:
            self._check_time()
            try:
                self._topics[lexeme] = [topic for segment in self._segments for topic in segment.topics_with(lexeme)]
            except Exception as error:
                raise self._engine.broken(self._build) from error
        return self._topics[lexeme]


class _Segment:
    """One segment of an index: what it holds never changes, only what is deleted from it."""

    def __init__(self, leaf: Any, index: str) -> None:
        self.leaf = leaf
        self.deleted = frozenset(leaf._perdoc.deleted_docs())
        self.documents = leaf.doc_count_all() - len(self.deleted)
        self._kept = kept_of(f"{index}/{leaf.segment().segment_id()}")

    def count_with(self, lexeme: str) -> int:
        """How many topics hold a lexeme: it stands beside the term where none of them has been deleted."""
        if self.deleted:
            return len(self.topics_with(lexeme))
        try:
            return int(self.leaf._terms.doc_frequency("lexemes", lexeme.encode()))
        except KeyError:  # TermNotFound is one
            return 0

    def topics_with(self, lexeme: str) -> list[int]:
        places = _places(self.leaf, lexeme)
        topics = self._topic_of()
        if self.deleted:
            return [topics[place] for place in places if place not in self.deleted]
        return [topics[place] for place in places]

    def places(self) -> dict[int, int]:
        """The place of each topic."""
        # A topic written twice stands at the later place; the earlier one is deleted.
        return self._kept.of("places", lambda: {topic: place for place, topic in enumerate(self._topic_of())})

    def vocabulary(self) -> list[str]:
        def read() -> list[str]:
            lexemes = (lexeme.decode() for lexeme in self.leaf.lexicon("lexemes"))
            return [lexeme for lexeme in lexemes if is_word(lexeme)]

        return self._kept.of("vocabulary", read)

    def _topic_of(self) -> "array[int]":
        def read() -> "array[int]":
            column = self.leaf.column_reader("topic")
            return array("q", (column[place] for place in range(self.leaf.doc_count_all())))

        return self._kept.of("topics", read)


def _places(leaf: Any, lexeme: str) -> "array[int]":
    """The places in a segment of the documents holding a lexeme, deleted ones included. Block by block: id by id, which
    is how Whoosh hands them out, takes five times as long, and nothing is kept for the next reader."""
    field = "lexemes"
    try:
        matcher = leaf._terms.matcher(field, lexeme.encode(), leaf.schema[field].format)
    except TermNotFound:
        return array("I")
    if not isinstance(matcher, W3LeafMatcher):  # a few, which stand beside the term itself
        return array("I", matcher.all_ids())
    places = array("I")
    while matcher.is_active():
        matcher._read_data()
        places.extend(accumulate(matcher._data[0]))  # each is kept as its distance from the one before
        matcher._next_block()
    return places


def _open_or_create(folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    storage = _storage(folder)
    return storage.open_index() if storage.index_exists() else storage.create_index(_schema())


def _storage(folder: Path, readonly: bool = False) -> FileStorage:
    kind = FilesInMemory if readonly else FileStorage
    return kind(str(folder), supports_mmap=False, readonly=readonly)


def _write_whole(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, never a part."""
    aside = path.with_suffix(".aside")
    aside.write_text(text)
    os.replace(aside, path)


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
