"""The one door for work that has no reader: counting, indexing, mailing, erasing, moderation of what is reported.

What comes out is sealed: templates and serialisers refuse it, so that it cannot slip into a page. A test lists the
callers.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Executable

from comcep.extensions import db


class SealedRow:
    """A row read without a viewer; its values are for computing, it refuses to be shown or serialised."""

    __slots__ = ("_row",)

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        try:
            return self._row._mapping[name]  # columns alone: a row's own methods would hand it out whole
        except KeyError:
            raise AttributeError(name) from None

    def _refuse(self) -> str:
        raise TypeError("read by the system, for nobody's eyes: query through access.visibility to show it")

    __html__ = __str__ = __repr__ = _refuse
    __iter__ = __reduce__ = _refuse  # type: ignore[assignment]


class SystemRead:
    """Reads for a stated purpose, past visibility."""

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose

    def rows(self, statement: Executable) -> Iterator[SealedRow]:
        """The rows of a statement, sealed, in batches of a thousand so that memory stays bounded."""
        for row in db.session.execute(statement.execution_options(yield_per=1000)):
            yield SealedRow(row)

    def first(self, statement: Executable) -> SealedRow | None:
        row = db.session.execute(statement).first()
        return None if row is None else SealedRow(row)


def system_read(purpose: str) -> SystemRead:
    """Open the door for a purpose, written so that a reader of the source understands why no viewer asks."""
    return SystemRead(purpose)
