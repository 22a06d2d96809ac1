"""Files of a backup on the disk: copied, measured, written whole and forced down to it.

What the files are and what becomes of them is decided elsewhere; nothing here knows a database.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PIECE = 1 << 20  # bytes read at once


@dataclass(frozen=True)
class Measure:
    """What a file weighs and what it holds: its bytes, the SHA-256 of its content in hexadecimal."""

    bytes: int
    sha256: str


def copy(source: Path, target: Path) -> Measure:
    """Copy a file to a new one that its owner alone reads, down to the disk; the measure of what was written.

    Raises FileNotFoundError when the source is gone, FileExistsError when there is a target.
    """
    with _opened(source) as read, open(create(target), "wb") as written:
        measure = _measured(_written_through(read, written))
        written.flush()
        os.fsync(written.fileno())
    return measure


def measure(path: Path) -> Measure:
    """The measure of a file. Raises OSError when it is not there, cannot be read, or is a link."""
    with _opened(path) as file:
        return _measured(_pieces(file))


def create(path: Path) -> int:
    """The descriptor of a new, empty file that its owner alone reads. Raises FileExistsError."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all, also after a power cut."""
    draft = draft_of(path)
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync(path.parent)


def draft_of(path: Path) -> Path:
    """Where a file is written before it takes its name."""
    return path.with_name(f".{path.name}")


def sync(path: Path) -> None:
    """Force a file, or the names that a folder holds, down to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _opened(path: Path) -> BinaryIO:
    return open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")  # a link may lead out of the backup


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _written_through(read: BinaryIO, written: BinaryIO) -> Iterator[bytes]:
    for piece in _pieces(read):
        written.write(piece)
        yield piece


def _measured(pieces: Iterator[bytes]) -> Measure:
    total, digest = 0, hashlib.sha256()
    for piece in pieces:
        total += len(piece)
        digest.update(piece)
    return Measure(total, digest.hexdigest())
