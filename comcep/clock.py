"""The time as ComCEP stores it: UTC, without a time zone attached, whole microseconds.

How a date is shown to a person lives in web/filters.py.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, naive UTC, as every date column holds it."""
    return datetime.now(UTC).replace(tzinfo=None)
