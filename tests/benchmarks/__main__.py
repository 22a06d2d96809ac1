"""All measurements in one run, as a table on the screen and in build/benchmarks.json."""

import json
import platform
import tempfile
from pathlib import Path

from tests.benchmarks import engine, pages, searches, speed

OUT = Path("build/benchmarks.json")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = {
            "machine": platform.platform(),
            **engine.measure(Path(folder)),
            **pages.measure(Path(folder)),
            **searches.measure(Path(folder)),
            **speed.measure(Path(folder)),
        }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2, ensure_ascii=False))
    for name, figure in figures.items():
        print(f"{name:58} {figure}")


if __name__ == "__main__":
    main()
