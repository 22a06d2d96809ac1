"""What a backup says of itself, in manifest.json, written last: a folder without one is no backup.

Reading trusts nothing: form, paths and the manifest's own hash are checked here, what it says of the files and of the
database in checking.py. The hash shows damage, not forgery: a backup holds the site's secrets, and is kept like them.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from comcep.commands.backup import files
from comcep.commands.backup.files import Measure

NAME = "manifest.json"
FORMAT = 1
SECRETS, THEMES, MAILS = "secrets.json", "themes-model.json", "mails"
DATABASES = {"sqlite": "comcep.sqlite3", "postgresql": "comcep.pgdump"}
# Nothing else is ever restored: a queue of tasks from elsewhere, for instance, would be executed.
_LETTER = r"[^/\\\x00-\x1f\x7f\ud800-\udfff]"
_PATH = re.compile(rf"{re.escape(SECRETS)}|{re.escape(THEMES)}|{MAILS}/(?!\.){_LETTER}+")
_HASH = re.compile("[0-9a-f]{64}")


class UnusableError(ValueError):
    """A manifest that cannot be relied on; the message says why, in French."""


@dataclass(frozen=True)
class Manifest:
    """When and of what; the Alembic revision; rows of each table; the measure of each file by its path."""

    made_at: str  # ISO 8601, UTC
    database: str  # a key of DATABASES
    revision: str
    rows: dict[str, int]
    files: dict[str, Measure]


def write(folder: Path, manifest: Manifest) -> None:
    """Put the manifest into its folder, whole or not at all."""
    files.write_whole(folder / NAME, _as_text({"format": FORMAT, **asdict(manifest)}))


def read(folder: Path) -> Manifest:
    """The manifest of a folder. Raises UnusableError, OSError."""
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise UnusableError("manifest.json est abîmé ou coupé") from None
    if not isinstance(fields, dict):
        raise UnusableError("manifest.json est abîmé")
    if type(fields.get("format")) is int and fields["format"] > FORMAT:
        raise UnusableError("le format de cette sauvegarde est plus récent que ce programme")
    fields.pop("sha256", None)
    if fields.get("format") != FORMAT or text != _as_text(fields):
        raise UnusableError("manifest.json est abîmé ou a été modifié")
    return _manifest(fields)


def may_hold(path: str) -> bool:
    """Whether a file of that path, the database's aside, may be part of a backup."""
    return _PATH.fullmatch(path) is not None


def _as_text(fields: dict[str, Any]) -> str:
    """One way of writing, so that a byte that changed anywhere shows."""
    content = json.dumps(fields, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return json.dumps({**fields, "sha256": digest}, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def _manifest(fields: dict[str, Any]) -> Manifest:
    measures = {path: _measure(path, said) for path, said in _mapping(fields, "files").items()}
    rows = _mapping(fields, "rows")
    if not all(_is_count(count) for count in rows.values()):
        raise UnusableError("manifest.json ne dit pas combien de lignes la base contient")
    database, revision, made_at = (fields.get(name) for name in ("database", "revision", "made_at"))
    if database not in DATABASES or not isinstance(revision, str) or not isinstance(made_at, str):
        raise UnusableError("manifest.json ne dit pas de quelle base il s'agit")
    for path in measures:
        if path != DATABASES[database] and not may_hold(path):
            raise UnusableError(f"manifest.json nomme un fichier qui n'a rien à faire dans une sauvegarde ({path!r})")
    for path in (DATABASES[database], SECRETS):
        if path not in measures:
            raise UnusableError(f"manifest.json ne nomme pas {path}")
    return Manifest(made_at, database, revision, rows, measures)


def _mapping(fields: dict[str, Any], name: str) -> dict[str, Any]:
    found = fields.get(name)
    if not isinstance(found, dict):
        raise UnusableError(f"manifest.json n'a pas de partie « {name} »")
    return found


def _measure(path: str, said: Any) -> Measure:
    if not isinstance(said, dict) or not _is_count(said.get("bytes")) or not _HASH.fullmatch(str(said.get("sha256"))):
        raise UnusableError(f"manifest.json ne dit pas ce que contient {path!r}")
    return Measure(said["bytes"], said["sha256"])


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0
