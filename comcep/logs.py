"""What a line of the log may say of an error: its kinds and where it rose, never its words.

The words of an exception hold values: PostgreSQL quotes the row it refuses, int() what it was given, and these are mail
addresses, titles and texts. It is done once for every logger of the process, also those of libraries.
"""

import logging
import traceback
from typing import Any

_MOST_CAUSES = 5


def keep_values_out() -> None:
    """From now on no line of the log in this process holds the words of an exception. Once or more often."""
    make = logging.getLogRecordFactory()
    if getattr(make, "keeps_values_out", False):
        return

    def made(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = told(record.exc_info[1])  # a formatter writes this in place of the exception's words
            record.exc_info = None
        return record

    made.keeps_values_out = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(made)


def told(error: BaseException) -> str:
    """A traceback without a value: the causes first, each with its calls and its kind."""
    parts: list[str] = []
    at: BaseException | None = error
    while at is not None and len(parts) < _MOST_CAUSES:
        parts.append("".join(traceback.format_tb(at.__traceback__)) + kind(at))
        at = at.__cause__ or at.__context__
    return "Traceback, without values:\n" + "\nwhich led to:\n".join(reversed(parts))


def kind(error: BaseException) -> str:
    """The class of an error; of a database's, with its code."""
    orig = getattr(error, "orig", None) or error
    code = getattr(orig, "sqlstate", None) or getattr(orig, "sqlite_errorname", None)
    name = type(error).__name__ if orig is error else f"{type(error).__name__}, {type(orig).__name__}"
    return f"{name} ({code})" if code else name
