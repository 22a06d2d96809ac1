"""The guard of the animator's words: nothing copied from a peer-only post, no personal data, no member's name.

Contract: anonymity.md, "What is never published".
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from comcep.access.system_read import system_read
from comcep.access.visibility import PEERS
from comcep.accounts.models import Member
from comcep.forum.models import Post, Section, Theme, Topic
from comcep.text.cleaning import slug
from comcep.text.excerpts import plain_text
from comcep.text.personal_data import find_personal_data

RUN = 6  # shared words in a row that make a quotation
SEED = Path(__file__).resolve().parents[2] / "seed"
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Finding:
    """Why the words cannot be published yet: what it is, and the animator's own words that are concerned.
    may_confirm: a word that is a member's surname and may well be only a word."""

    kind: str
    words: str
    may_confirm: bool = False


def findings(words: str, first: datetime, after: datetime) -> list[Finding]:
    """What must change before these words may be published with the digest of a period."""
    found = [Finding(datum.kind, datum.words) for datum in find_personal_data(words)]
    return [*found, *_names(words), *_quotations(words, first, after)]


def _names(words: str) -> Iterator[Finding]:
    """Full names of members; then surnames that stand alone, once each."""
    said = _words(words)
    text = f" {' '.join(said)} "
    surnames: dict[str, str] = {}
    for member in system_read("names the committee must not read").rows(select(Member.name)):
        name = _words(member.name)
        if len(name) > 1 and f" {' '.join(name)} " in text:
            yield Finding("nom d'un membre", " ".join(name))
        elif name and len(name[-1]) > 2 and name[-1] in said:
            surnames[name[-1]] = name[-1]
    for surname in sorted(surnames):
        yield Finding("nom de famille d'un membre, ou simple mot", surname, may_confirm=True)


def _quotations(words: str, first: datetime, after: datetime) -> Iterator[Finding]:
    """Runs of words that peers wrote, unless at least k of them did: then it is nobody's sentence."""
    own = _words(words)
    runs = {tuple(own[at : at + RUN]) for at in range(len(own) - RUN + 1)} - _everybodys()
    if not runs:
        return
    posts = system_read("peer-only texts the words must not repeat").rows(
        select(Post.html, Post.author_id, Topic.title)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Section, Section.id == Topic.section_id)
        .where(Section.audience == PEERS, Post.created_at >= first, Post.created_at < after)
    )
    writers: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for post in posts:
        theirs = _words(f"{post.title} . {plain_text(post.html)}")
        for at in range(len(theirs) - RUN + 1):
            run = tuple(theirs[at : at + RUN])
            if run in runs:
                writers[run].add(post.author_id)
    for run, authors in writers.items():
        if len(authors) < current_app.config["DIGEST_FLOOR"]:
            yield Finding("six mots de suite d'un message de pair", " ".join(run))


def _everybodys() -> set[tuple[str, ...]]:
    """Runs that the words may well repeat: labels of themes, entries of the glossary, titles of laws."""
    labels = [theme.label for theme in system_read("labels of themes").rows(select(Theme.label))]
    sentences = [_words(label) for label in [*labels, *_public_sentences()]]
    return {tuple(words[at : at + RUN]) for words in sentences for at in range(len(words) - RUN + 1)}


@lru_cache(maxsize=1)
def _public_sentences() -> tuple[str, ...]:
    found: list[str] = []
    for name, column in (("glossary.tsv", "expansion"), ("law_titles.tsv", "title")):
        with (SEED / name).open(encoding="utf-8") as file:
            found += [row[column] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return tuple(found)


def _words(text: str) -> list[str]:
    """Folded words: neither accents nor typography make a quotation another text."""
    return _WORD.findall(
        " ".join(slug(word) for word in text.split() if any(c.isalnum() for c in word)).replace("-", " ")
    )
