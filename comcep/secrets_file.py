"""The secrets of a site, in secrets.json of its data folder: made on first run, read by its owner alone.

None is ever defaulted. The founding ones are what the site is known by; one that a later version needs is added when it
is first asked for.
"""

import fcntl
import hashlib
import json
import os
import secrets
from pathlib import Path

FOUNDING = ("session", "journal", "digest")
NAME = "secrets.json"


class Damaged(Exception):
    """A file that is there and is not whole; the message says what to do. New secrets would be another site's."""


def secret(data: Path, name: str) -> str:
    """The secret of that name. Raises Damaged."""
    path = data / NAME
    if not path.exists():
        _found(path)
    held = _read(path)
    if name not in held:
        if name in FOUNDING:
            raise Damaged(_sentence(path))
        held = _gain(path, name)
    return held[name]


def fingerprint(data: Path) -> str:
    """A hash of the founding secrets, by which two data folders of one site know each other; nothing leads back."""
    return hashlib.sha256(" ".join(secret(data, name) for name in FOUNDING).encode()).hexdigest()


def are_new(data: Path) -> bool:
    """Whether this folder has none yet."""
    return not (data / NAME).exists()


def forget_new(data: Path) -> None:
    """Take back secrets made a moment ago for a site that has its own."""
    (data / NAME).unlink(missing_ok=True)


def _read(path: Path) -> dict[str, str]:
    try:
        held = json.loads(path.read_text())
        return {str(name): str(value) for name, value in held.items()}
    except (ValueError, AttributeError, RecursionError):
        raise Damaged(_sentence(path)) from None


def _sentence(path: Path) -> str:
    return f"{path.name} est abîmé : remettez celui du site, d'une sauvegarde ou d'une autre machine."


def _found(path: Path) -> None:
    """Two processes may start at once: the first to link its file wins, and both read the winner's."""
    draft = _draft(path, {name: _new() for name in FOUNDING})
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync(path.parent)


def _gain(path: Path, name: str) -> dict[str, str]:
    """The secrets with one more. One process at a time, each reading what the one before it wrote; the file is whole at
    every moment."""
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = _read(path)
        if name not in held:
            held[name] = _new()
            _draft(path, held).replace(path)
            _sync(path.parent)
    return held


def _new() -> str:
    return secrets.token_urlsafe(48)


def _draft(path: Path, held: dict[str, str]) -> Path:
    draft = path.with_suffix(f".{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(held, file)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync(folder: Path) -> None:
    """Have the name of a file reach the disk with it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
