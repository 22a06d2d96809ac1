"""Public identifiers: the random numbers that stand in addresses, beside the internal keys that are never shown.

Internal keys order and join; public ids tell no order, no count and no gap (leaks-elsewhere #12).
"""

import secrets

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

LOWEST = 10**14
HIGHEST = 10**15 - 1

# SQLite only gives an automatic key to a column declared exactly INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")


def random_public_id() -> int:
    """A random decimal number of exactly 15 digits."""
    return LOWEST + secrets.randbelow(HIGHEST - LOWEST + 1)


class Identified:
    """Mixin: an internal key and a random public id."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    public_id: Mapped[int] = mapped_column(BigInteger, unique=True, default=random_public_id)
