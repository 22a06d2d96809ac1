"""The mode with a formal guarantee: differentially private counts, adviser by period, through OpenDP.

An adviser adds to a bounded number of cells and a bounded amount to each; discrete Laplace noise on every cell, empty
ones too; what is published afterwards (thresholds, rounding, trends) is computed from the noisy counts alone and
spends nothing. For one release whoever knows everything but one adviser's posts has an advantage of tanh(ε/2) at
most; releases add up.

Source: Dwork, McSherry, Nissim and Smith, "Calibrating noise to sensitivity in private data analysis", TCC 2006.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from comcep.analytics.disclosure.rounding import round_to

MOST_THEMES = 2  # cells of a table of themes to which one adviser adds
RARELY = 0.01  # chance that a cell resting on fewer than k advisers is shown


@dataclass(frozen=True)
class PrivateTable:
    """Noisy counts, the scale of their noise, and what they spent of the budget."""

    counts: dict[str, int]
    scale: float
    epsilon: float

    def published(self, row: str, k: int) -> int | None:
        """The count rounded to k, or None under the threshold that fewer than k advisers pass one time in a hundred."""
        threshold = k + math.ceil(self.scale * math.log(1 / (2 * RARELY)))
        return round_to(self.counts[row], k) if self.counts[row] >= threshold else None


def noisy(counts: Mapping[str, int], sensitivity: int, epsilon: float) -> PrivateTable:
    """Counts with noise of scale sensitivity/ε. sensitivity: what one adviser may add in all to the table."""
    import opendp.prelude as dp  # only where this mode is chosen: it takes 60 MB

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    measurement = dp.m.make_laplace(*space, scale=sensitivity / epsilon)
    rows = list(counts)
    released = measurement([counts[row] for row in rows])
    spent = float(measurement.map(sensitivity))
    return PrivateTable(dict(zip(rows, released, strict=True)), sensitivity / epsilon, spent)


def most_written(posts: Mapping[str, int], most: int = MOST_THEMES) -> list[str]:
    """The themes to which one adviser adds: those they wrote most about, by name among equals."""
    return sorted(posts, key=lambda theme: (-posts[theme], theme))[:most]
