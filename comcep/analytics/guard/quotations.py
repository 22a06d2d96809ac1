"""Runs of six words that stand in something only peers, a group or animators read: a post, what it said before an
edit, a title. What at least k advisers wrote, each in a topic of their own, is nobody's sentence.

A post without its author's name counts for nobody: else who types runs would learn from the answer who wrote it.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import and_, select

from comcep.access.system_read import SealedRow, system_read
from comcep.access.visibility import NEVER_OF_HORS_PAIRS, PEERS
from comcep.analytics.guard.readings import OPENING, Letters, Reading, shown, words_of
from comcep.forum.models import Post, Revision, Section, Theme, Topic

RUN = 6  # shared words in a row that make a quotation
FEWEST_LETTERS = 18  # of six words that somebody wrote as fewer: shorter ones are read by their words alone
SEED = Path(__file__).resolve().parents[3] / "seed"
_QUOTE = re.compile(r"<(/?)blockquote>")

Whose = tuple[int, int] | None  # a topic and an adviser who wrote there under their name; None: nobody's words


def quotations(readings: Sequence[Reading], letters: Letters, since: datetime) -> list[str]:
    """The passages of what was typed that somebody wrote before, in what was written or changed since a moment."""
    if not any(len(reading.words) >= RUN or len(reading.letters) >= FEWEST_LETTERS for reading in readings):
        return []
    short = _short_runs(readings)
    written: dict[str, set[Whose]] = defaultdict(set)
    for text, whose in _texts(since):
        for run in _shared(words_of(text), letters, short):
            written[run].add(whose)
    free = _everybodys()
    taken = [run for run, by in written.items() if run not in free and not _is_nobodys(by)]
    return letters.passages(taken)


def _shared(words: list[str], letters: Letters, short: set[str]) -> Iterator[str]:
    """The runs of a text that what was typed holds too, as letters."""
    text = "".join(words)
    starts = [0, *accumulate(map(len, words))]
    for at in range(len(words) - RUN + 1):
        start, end = starts[at], starts[at + RUN]
        if end - start < OPENING:
            if (run := text[start:end]) in short:
                yield run
        elif text[start : start + OPENING] in letters.openings and letters.hold(run := text[start:end]):
            yield run


def _short_runs(readings: Sequence[Reading]) -> set[str]:
    """Runs of six words so short that their letters may be chance: these are compared word by word."""
    found = set()
    for reading in readings:
        for at in range(len(reading.words) - RUN + 1):
            run = "".join(word.folded for word in reading.words[at : at + RUN])
            if len(run) < OPENING:
                found.add(run)
    return found


def _is_nobodys(by: set[Whose]) -> bool:
    """Whether at least k advisers wrote it, each in a topic of their own."""
    topics, advisers = set(), set()
    for topic, adviser in sorted(each for each in by if each is not None):
        if topic not in topics and adviser not in advisers:
            topics.add(topic)
            advisers.add(adviser)
    return len(topics) >= current_app.config["DIGEST_FLOOR"]


def _texts(since: datetime) -> Iterator[tuple[str, Whose]]:
    """Every text that must not be repeated, with whose it is."""
    titled = set()
    for row in _posts(since):
        yield from _of_post(row)
        if row.topic_id not in titled:
            titled.add(row.topic_id)
            yield row.title, _whose(row, row.asker_id, row.asked_without_name)
    for row in _revisions(since):
        yield row.source, None
        if row.title:
            yield row.title, None


def _of_post(row: Any) -> Iterator[tuple[str, Whose]]:
    """A post's own words are its author's; what it quotes, and what runs on from a quotation, is nobody's."""
    whose = _whose(row, row.author_id, row.anonymous)
    if "<blockquote>" not in row.html:
        yield shown(row.html), whose
        return
    yield shown(row.html), None
    for piece in _unquoted(row.html):
        yield shown(piece), whose


def _unquoted(html: str) -> Iterator[str]:
    depth, at = 0, 0
    for tag in _QUOTE.finditer(html):
        if depth == 0:
            yield html[at : tag.start()]
        depth = max(0, depth + (-1 if tag[1] else 1))
        at = tag.end()
    if depth == 0:
        yield html[at:]


def _whose(row: Any, author_id: int, without_name: bool) -> Whose:
    return (row.topic_id, author_id) if row.audience == PEERS and not without_name else None


def _posts(since: datetime) -> Iterator[SealedRow]:
    """Posts written since, then older ones that were edited since."""
    edited = select(Revision.post_id).where(Revision.replaced_at >= since)
    for when in (Post.created_at >= since, and_(Post.created_at < since, Post.id.in_(edited))):
        yield from system_read("what only peers read, for the words that must not repeat it").rows(
            select(
                Post.html, Post.author_id, Post.anonymous, Post.topic_id, Topic.title, Section.audience,
                Topic.author_id.label("asker_id"), Topic.anonymous.label("asked_without_name"),
            )
            .join(Topic, Topic.id == Post.topic_id)
            .join(Section, Section.id == Topic.section_id)
            .where(Section.audience.in_(NEVER_OF_HORS_PAIRS), when)
        )  # fmt: skip


def _revisions(since: datetime) -> Iterator[SealedRow]:
    return system_read("what posts said before they were edited").rows(
        select(Revision.source, Revision.title)
        .join(Post, Post.id == Revision.post_id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Section, Section.id == Topic.section_id)
        .where(Section.audience.in_(NEVER_OF_HORS_PAIRS), Revision.replaced_at >= since)
    )


def _everybodys() -> set[str]:
    """Runs that anybody may repeat: labels of themes, entries of the glossary, titles of laws."""
    labels = [row.label for row in system_read("labels of themes").rows(select(Theme.label))]
    return set(_runs([*labels, *_public_sentences()]))


def _runs(sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        words = words_of(sentence)
        for at in range(len(words) - RUN + 1):
            yield "".join(words[at : at + RUN])


@lru_cache(maxsize=1)
def _public_sentences() -> tuple[str, ...]:
    found: list[str] = []
    for name, column in (("glossary.tsv", "expansion"), ("law_titles.tsv", "title")):
        with (SEED / name).open(encoding="utf-8") as file:
            found += [row[column] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return tuple(found)
