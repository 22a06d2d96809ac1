"""What a text costs when it is twice as long: hostile texts of a given length, and the measure of a function on them.

Time is that of the processor, the least of several; a growth is believed when it shows each time it is measured, and with
the doubling before it makes more than is tolerated on average: a step of the machine's memory is small and shows in one.
"""

import gc
import math
import time
from collections.abc import Callable
from typing import Any

TOLERATED = 2.5  # times as long for twice the length
MEASURABLE = 0.004  # seconds: below it the clock and the machine say more than the function
LONGEST = 50_000  # half of what a message may hold


def _repeated(piece: str, before: str = "", after: str = "") -> Callable[[int], str]:
    return lambda length: before + piece * (length // len(piece)) + after


def _ever_deeper(length: int) -> str:
    lines, depth = [], 0
    while length > 0:
        lines.append(" " * depth + "- a")
        length, depth = length - depth - 4, depth + 2
    return "\n".join(lines)


RUNS = [
    "(", ")", "[", "]", "*", "_", "`", "~", "&", "<", ">", "\\", "#", "=", "+", "-", "!", "|", ":", "'", '"', "/", ".", "@", "1", "a", "ﷺ",
    "\u0301", "\u0315\u0300", "\u202f", "\u200b", "\n", "\r", "\t", " ", "\x00", "www.-", "www.", "a-", "a_", "a@", "a.", "a1", "é",
    "> ", "- ", "1. ", "> - ", "**", "*a ", "**a** ", "`a", "`a` ", "![", "[a](", "[a](<", '[a](b "', "[a]: b\n", "[a][b] ", "[a [b] ",
    "[a](https://b.example) ", "<http:", "<a@", "&amp;", "&#", "&#x41;", "http://", "https://a.example/b ", "https://a.example/_",
    "a\n", "a\n\n", "- a\n", "1. a\n\n", "> a\n", "> a\nb\n\n", "# a\n", "    a\n", "a  \n", "***\n", "```\n", "```a\n", "~~~\na\n~~~\n",
    "|a|b|\n|-|-|\n|x|y|\n\n", "|x|y|\n", "- a\n\n    b\n\n", "> - a\n> \n>     b\n\n", "\\[", "](", "<!--", "klzzwxh:0001",
    "06 ", "01 02 ", "06 12 34 56 78 ", "+33 ", "(0)", "1 84 12 ", "FR76 3000 ", "fr76", "de 24 heures", "né le ", "née ", "12/", "Mme ",
    "M. A", "Mme Dupont ", "12 rue ", "12 place de ", "C.", "FAF.TT", "auto-", "R.4162-", "332t", "l'", "a:b ", '"a ', "-a ", "OR ", "« ",
]  # fmt: skip
TEXTS: dict[str, Callable[[int], str]] = {run: _repeated(run) for run in RUNS} | {
    "marks upon one letter": _repeated("\u0315\u0300", "a"),
    "a list ever deeper": _ever_deeper,
    "a heading with no end": _repeated("#", "# a", "b"),
    "an address full of brackets": _repeated("(", "https://a.example/"),
    "an address full of full stops": _repeated(".", "https://a.example/"),
    "one long word": _repeated("a", "https://a.example/"),
    "many words": lambda length: " ".join(f"mot{number}" for number in range(length // 8)),
    "fences of every height": lambda length: "\n".join(
        "`" * (3 + number) for number in range(int((2 * length) ** 0.5))
    ),
    "fences that open": lambda length: "".join(f"```py\n{'x' * 44}\n" for _ in range(length // 51)),
    "brackets far apart": lambda length: f"[{'a' * 300}" * (length // 301),
    "a table to be filled up": lambda length: "|a" * 90 + "|\n" + "|-" * 90 + "|\n" + "x\n" * (length // 2),
    "marks just few enough": lambda length: ("[a " * 130 + "\n\n") * (length // 392),
    "stars just few enough": lambda length: ("*a " * 390 + "\n\n") * (length // 1172),
}


def seconds(function: Callable[[str], Any], text: str) -> float:
    """The processor's time of one call."""
    gc.collect(0)
    began = time.process_time()
    function(text)
    return time.process_time() - began


def growth(function: Callable[[str], Any], make: Callable[[int], str]) -> float:
    """How many times as long a function takes for a text twice as long; 0 when the longest costs next to nothing."""
    length = 3_000
    while length < LONGEST and seconds(function, make(length)) < MEASURABLE:
        length *= 4
    length = min(length, LONGEST)
    if seconds(function, make(2 * length)) < 2 * MEASURABLE:
        return 0.0
    growth_now = _doubled(function, make(length), make(2 * length))
    if growth_now <= TOLERATED:
        return growth_now
    return float(math.sqrt(growth_now * _doubled(function, make(length // 2), make(length))))


def _doubled(function: Callable[[str], Any], shorter: str, longer: str) -> float:
    """How many times as long the longer takes, at the least of four looks."""
    least = float("inf")
    for _ in range(4):
        once = min(seconds(function, shorter) for _ in range(2))
        twice = min(seconds(function, longer) for _ in range(2))
        least = min(least, twice / max(once, MEASURABLE / 2))
        if least <= TOLERATED:
            break
    return least
