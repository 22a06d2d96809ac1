"""One cell: whether it may be published, and as what number."""

from comcep.analytics.disclosure.cells import RawCell
from comcep.analytics.disclosure.rounding import noise, round_to

DOMINANCE = 0.5  # the largest share of a cell's posts that may be one adviser's
FEWEST_NETWORKS = 2


def is_publishable(cell: RawCell, k: int) -> bool:
    """Enough advisers, of two networks at least, none of them dominant."""
    if cell.advisers < k or cell.networks < FEWEST_NETWORKS:
        return False
    return cell.most_by_one <= DOMINANCE * cell.posts


def published_count(cell: RawCell, k: int, what: str) -> int | None:
    """The number of advisers with its keyed noise, rounded to k, or None when the cell must be withheld.

    Published only from 2k−1 after noise of at most k−1: so at least k advisers are always behind it, and no adviser
    alone makes a cell appear: each of the k first only makes it a little more likely.
    """
    noisy = cell.advisers + noise(cell.key, what, k - 1)
    if noisy < 2 * k - 1 or not is_publishable(cell, k):
        return None
    return round_to(noisy, k)
