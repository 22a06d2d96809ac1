"""Mutants that change nothing a test could notice, each with its reason: equivalent.tsv, a name and a reason a line."""

from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("equivalent.tsv")


@lru_cache(maxsize=1)
def explained() -> dict[str, str]:
    """The reason of each such mutant, by its name."""
    lines = [tuple(line.split("\t", 1)) for line in FILE.read_text().splitlines()[1:] if line]
    return dict(lines)
