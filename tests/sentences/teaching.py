"""`make teach-sentences`: teaches the sentence model of seed/ the trade's French.

It starts from the packaged one and writes build/sentence-model.bin; taking that into seed/ is left to whoever has measured
it. Forty minutes of two cores that know bfloat16, two hours of others.

Source of the loss: van den Oord, Li and Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018.
"""

import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from comcep.text.embedding import readable
from tests.sentences.file import untaught
from tests.sentences.lessons import Lesson, Said, lessons
from tests.sentences.network import Network

OUT = Path("build/sentence-model.bin")
BATCHES = 1_000
BATCH = 48
RATE = 5e-4  # of biases, norms and scales
STEP_RATE = 1e-2  # of weights, in steps of the sixteen that four bits hold
WARM_UP = 40  # batches
TEMPERATURE = 0.02
KNOWS_BFLOAT16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()  # half the time; on another processor, many times as long


def main() -> None:
    torch.manual_seed(0)
    network = Network(untaught())
    rates = {RATE: [*network.plain.values(), *network.scales.values()], STEP_RATE: [*network.steps.values()]}
    groups = [{"params": learning, "rate": rate} for rate, learning in rates.items()]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.0, fused=True)
    drawn = lessons(random.Random(0))
    for number in range(BATCHES):
        for group in optimizer.param_groups:
            group["lr"] = (
                group["rate"] * min(1, (number + 1) / WARM_UP) * (1 + math.cos(math.pi * number / BATCHES)) / 2
            )
        loss = _loss(network, _batch(drawn))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if number % 25 == 0:
            print(f"{number} {loss.item():.3f}", file=sys.stderr, flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(network.content())


def _batch(drawn: Iterator[Lesson]) -> list[Lesson]:
    """Lessons of as many subjects, none related to another, each with something to read on both sides."""
    found: dict[str, Lesson] = {}
    related: set[str] = set()
    while len(found) < BATCH:
        lesson = next(drawn)
        if lesson.subject in related or not lesson.related.isdisjoint(found):
            continue
        if _read(lesson.asked) and _read(lesson.answer):
            found[lesson.subject] = lesson
            related |= {lesson.subject, *lesson.related}
    return list(found.values())


def _loss(network: Network, batch: list[Lesson]) -> Tensor:
    """How badly each question finds its own answer among those of the batch, and each answer its question."""
    others = [each.other for each in batch if each.other and _read(each.other)]
    texts = [*(each.asked for each in batch), *(each.answer for each in batch), *others]
    with torch.autocast("cpu", torch.bfloat16, enabled=KNOWS_BFLOAT16):
        embeddings = network(texts, [_read(text) for text in texts]).float()
    near = embeddings[: len(batch)] @ embeddings[len(batch) :].T / TEMPERATURE
    own = torch.arange(len(batch))
    return (F.cross_entropy(near, own) + F.cross_entropy(near[:, : len(batch)].T, own)) / 2


def _read(said: Said) -> str:
    return readable(said.text, said.longest)


if __name__ == "__main__":
    main()
