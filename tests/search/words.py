"""`python -m tests.search.words`: writes seed/words.txt, the French words that a mistyped word is put right by.

Every word that the sheets of service-public.fr write often enough (Licence Ouverte 2.0, the package that lessons.py
fetches), and those of the project's own seeds; folded, the most written first. An index holds roots only, and the root of a
mistyped word may lie far from all of them: "formassion" from "form".
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from comcep.search.analysis import fold, words
from tests.search.evaluation import cases
from tests.sentences import lessons

OUT = Path("seed/words.txt")
OFTEN = 4  # times that the sheets write a word; those of the seeds are taken as they are
LEAST = 4  # letters


def main() -> None:
    written = Counter(_of(texts()))
    ours = set(_of(our_texts()))
    kept = [word for word, times in written.most_common() if times >= OFTEN or word in ours]
    OUT.write_text("\n".join([*kept, *sorted(ours.difference(kept))]) + "\n", encoding="utf-8")


def texts() -> Iterator[str]:
    for sheet in lessons.sheets():
        for pair in sheet.pairs:
            yield from pair


def our_texts() -> Iterator[str]:
    for name in ("glossary.tsv", "thesaurus.tsv", "labelled_topics.tsv"):
        yield from Path("seed", name).read_text(encoding="utf-8").splitlines()[1:]
    for case in cases():
        yield f"{case.title} {case.answer}"


def _of(texts: Iterator[str]) -> Iterator[str]:
    for text in texts:
        for word in words(text):
            if len(word) >= LEAST and word.isalpha() and not word.isupper():
                yield fold(word)


if __name__ == "__main__":
    main()
