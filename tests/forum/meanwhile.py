"""What tests of two acts at once ask: to have the second done between two statements of the first, and in a connection of
its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Executable, event, text

from comcep.extensions import db
from tests.community import Site


@contextmanager
def just_before(site: Site, statement: str, happens: Callable[[], Any]) -> Iterator[list[Any]]:
    """Have something happen, once, before the first statement that begins so; what it answered is in the list."""
    answers: list[Any] = []
    waiting = [happens]

    def notice(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if waiting and sql.lower().startswith(statement):
            answers.append(waiting.pop()())

    with site.app.app_context():
        bind = db.engine
    event.listen(bind, "before_cursor_execute", notice)
    try:
        yield answers
    finally:
        event.remove(bind, "before_cursor_execute", notice)
    assert answers, f"no statement begins with {statement}"


def elsewhere(site: Site, statement: Executable) -> None:
    """Change the database as another process would: in a connection of its own, which waits for nobody."""
    with site.app.app_context(), db.engine.connect() as connection:
        connection.execute(text("pragma busy_timeout=0"))
        try:
            connection.execute(statement)
            connection.commit()
        finally:
            connection.execute(text("pragma busy_timeout=10000"))
