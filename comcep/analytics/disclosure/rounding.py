"""Figures as they are published: keyed noise, rounding, shares that add to 100, trends, bands of delays.

Noise: the cell-key method of official statistics (Fraser and Wooton 2005; the ABS TableBuilder): a cell's noise is
drawn from the sum of its contributors' secret record keys, so that the same advisers always give the same figure and
asking again tells nothing more. Uniform over ±(k−1): of the distributions tried, the one whose shift by one adviser
shows least (docs/anonymity.md).
"""

import hashlib
from collections.abc import Sequence

BANDS = ((4, "moins de 4 heures"), (24, "moins d'un jour"), (48, "moins de deux jours"))
OF_POSTS = 10  # posts are rounded to 10 k: one adviser writes many
OF_TOPICS = 5  # topics and questions to 5 k


def round_to(count: int, base: int) -> int:
    """The nearest multiple of the base; a half goes up."""
    return (2 * count + base) // (2 * base) * base


def record_key(secret: bytes, record: int) -> int:
    """The secret key of one adviser: 64 bits that nobody can compute who has not the secret."""
    return int.from_bytes(hashlib.blake2b(str(record).encode(), key=secret, digest_size=8).digest(), "big")


def cell_key(keys: Sequence[int]) -> int:
    """The key of the cell in which these advisers are, each once."""
    return sum(keys) % (1 << 64)


def noise(key: int, what: str, reach: int) -> int:
    """A whole number from −reach to reach, always the same for a cell of this key that counts this."""
    drawn = hashlib.blake2b(f"{key} {what}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") % (2 * reach + 1) - reach


def rounded_total(count: int, base: int, key: int, what: str) -> int | None:
    """A total with its keyed noise, rounded; None under twice the base less one, where noise alone could have made
    it."""
    noisy = count + noise(key, what, base - 1)
    return round_to(noisy, base) if noisy >= 2 * base - 1 else None


def bounds(published: int, base: int) -> tuple[int, int]:
    """Between what and what the true count of a published total lies, for whoever knows the method."""
    half = base // 2
    reach = base - 1
    return max(base, published - half - reach), published + (base - 1) // 2 + reach


def share(part: int, whole: int, base: int, key: int, what: str) -> int | None:
    """A percentage of figures rounded as totals are, 0 to 100; None when the whole is too small to have one."""
    rounded = rounded_total(whole, base, key, f"{what} whole")
    if rounded is None:
        return None
    noisy = part + noise(key, f"{what} part", base - 1)
    return min(100, max(0, round(100 * round_to(noisy, base) / rounded)))


def trend(now: int | None, before: int | None) -> str:
    """The direction between two published counts: up, down, stable, new; empty when one is withheld now."""
    if now is None:
        return ""
    if before is None:
        return "new"
    return "up" if now > before else "down" if now < before else "stable"


def delay_band(hours: float) -> str:
    """The band of a median delay: four of them, so that no hour shows."""
    return next((label for limit, label in BANDS if hours <= limit), "plus de deux jours")
