"""Whether the parts run, for the machines that watch: which one does not, and no word of content."""

import secrets
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, current_app, jsonify
from sqlalchemy import exists, or_, select, text, true
from sqlalchemy.exc import SQLAlchemyError

from comcep.clock import now
from comcep.extensions import db
from comcep.notify.delivering import UNTRUSTED
from comcep.notify.models import Mail
from comcep.search import indexing
from comcep.sweeping import leading, reading
from comcep.text import embedding
from comcep.web.outages import forget_database

health = Blueprint("health", __name__)
_asking = ThreadPoolExecutor(2, "health")  # two that hang are enough to say that the database does

LEAST_FREE = 8_000_000  # bytes of the disk of the data folder, from which it counts as full
PROBE = b"\0" * 65_536  # written and removed again: a quota may be reached on a disk that has room
ANSWER = 3.0  # seconds that the database may take
REMEMBERED = 5.0  # seconds that what takes a disk or a server is not asked again, however many ask


@health.get("/sante")
def show() -> Any:
    """503 only when the database is down: the forum works without the rest, and status tells that something fails."""
    forget_database()  # who asks is nobody's business here, and would be asked of the database
    parts = states()
    failing = [part for part, said in parts.items() if said not in ("ok", "rebuilding", "off", 0)]
    status = "down" if parts["database"] == "down" else "degraded" if failing else "ok"
    return jsonify({"status": status, **parts, "version": _version()}), 503 if status == "down" else 200


def states() -> dict[str, Any]:
    """How each part stands: ok, or what it is instead; of what is set aside, how much."""
    outside = {part: _remembered(part, ask) for part, ask in OUTSIDE.items()}
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    asked = _asking.submit(_of_database, app)
    try:
        return asked.result(ANSWER) | outside
    except (SQLAlchemyError, FutureTimeout):
        asked.cancel()  # if it has not begun: who asks while the database hangs must not pile up behind it
        return {"database": "down", "search": "down", "tasks": "down", "mail": "down", **outside, "set_aside": 0}


def _of_database(app: Flask) -> dict[str, Any]:
    """In a thread of its own: a database that takes calls and never answers must not keep the answer that says so."""
    with app.app_context():
        db.session.execute(text("select 1"))
        swept = reading.state()
        return {
            "database": "ok",
            "search": _search(swept),
            "tasks": _tasks(swept),
            "mail": _mail(swept),
            "set_aside": swept.set_aside,
        }


def _search(swept: reading.State) -> str:
    if not indexing.engine().is_ready():
        return "down" if _remembered("disk", _disk) == "full" else "rebuilding"
    if indexing.engine().rebuilt_up_to() is None and swept.is_stuck("index") and indexing.some_wait():
        return "late"
    return "ok"


def _tasks(swept: reading.State) -> str:
    if not leading.is_led(current_app._get_current_object()):  # type: ignore[attr-defined]
        return "down"
    return "failing" if swept.failures else "ok"


def _mail(swept: reading.State) -> str:
    if UNTRUSTED in swept.failures.get("mail", ""):
        return "certificate"
    return "late" if _mails_are_late(swept) else "ok"


def _mails_are_late(swept: reading.State) -> bool:
    """Whether a mail waits that was tried in vain, or that nobody tries."""
    waits = (Mail.sent_at.is_(None), Mail.dropped_at.is_(None))
    old = Mail.created_at < now() - reading.LATE
    late = or_(Mail.failures > 0, old) if not swept.is_stuck("mail") else true()
    return bool(db.session.scalar(select(exists().where(*waits, late))))


def _queue() -> str:
    if not current_app.config["REDIS_URL"]:
        return "ok"
    try:
        current_app.extensions["background"].storage.conn.ping()
    except Exception:
        return "down"
    return "ok"


def _disk() -> str:
    data: Path = current_app.config["DATA"]
    probe = data / f".probe-{secrets.token_hex(4)}"
    try:
        if shutil.disk_usage(data).free < LEAST_FREE:
            return "full"
        try:
            probe.write_bytes(PROBE)
        finally:
            probe.unlink(missing_ok=True)
    except OSError:
        return "full"
    return "ok"


def _embedding() -> str:
    if not current_app.config["EMBEDDINGS"]:
        return "off"
    return "ok" if embedding.answers() else "down"


OUTSIDE = {"embedding": _embedding, "queue": _queue, "disk": _disk}


def _remembered(part: str, ask: Any) -> str:
    known: dict[str, tuple[float, str]] = current_app.extensions.setdefault("health", {})
    until, said = known.get(part, (0.0, ""))
    if time.monotonic() > until:
        said = ask()
        known[part] = (time.monotonic() + REMEMBERED, said)
    return said


def _version() -> str:
    try:
        return version("comcep")
    except PackageNotFoundError:  # run from the checkout, not installed
        return "0.1.0"
