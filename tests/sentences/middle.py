"""`python -m tests.sentences.middle`: the middle of the embeddings of the cases, which signs are told from; written again
after a newly taught model has been taken into seed/."""

from array import array
from statistics import median_low

from comcep.text import embedding
from tests.benchmarks import collections


def middle() -> bytes:
    """For each number of an embedding, its median over the cases."""
    kept = [array("b", each) for each in collections.embeddings(collections.case_texts())]
    return array("b", (median_low(values) for values in zip(*kept, strict=True))).tobytes()


if __name__ == "__main__":
    embedding.MIDDLE.write_bytes(middle())
