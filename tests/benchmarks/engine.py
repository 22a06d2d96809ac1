"""What it costs that the engine of embeddings runs in a process of its own: questions embedded by turns here and there."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comcep.search.nearness import LONGEST_ASKED
from comcep.text import embedding
from comcep.text.engine.asking import Process
from tests.servers import ROOT

QUESTIONS = {
    "20 characters": "bilan de compétences",
    "64 characters": "où dormir pendant un stage loin de chez soi sans perdre ses droit",
    "128 characters": "un salarié en contrat à durée déterminée peut-il demander un congé de formation dans une autre région que celle de son employeur",
}
TIMES = 200


def measure(folder: Path) -> dict[str, Any]:
    serving = "comcep.text.engine.serving"
    served = subprocess.Popen([sys.executable, "-m", serving, str(folder), str(os.getpid())], cwd=ROOT)
    try:
        there, here = Process(folder), embedding.Here()
        if not (there.answers(20) and here.is_possible()):
            return {"engine in a process of its own": "no embeddings on this machine"}
        return {
            f"a question of {label} embedded here / by the process": _compared(
                embedding.readable(text, LONGEST_ASKED).encode(), here.embed, there.embed
            )
            for label, text in QUESTIONS.items()
        }
    finally:
        served.kill()
        served.wait(10)


def _compared(text: bytes, *ways: Callable[[bytes, bool, float], bytes]) -> str:
    """Median milliseconds of each way, by turns."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(TIMES):
        for way, taken in zip(ways, times, strict=True):
            began = time.perf_counter()
            way(text, True, 10.0)
            taken.append(1000 * (time.perf_counter() - began))
    return " / ".join(f"{statistics.median(taken):.2f}" for taken in times) + " ms"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        for figure, said in measure(Path(name)).items():
            print(f"{figure:70} {said}")
