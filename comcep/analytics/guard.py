"""The guard of the animator's words: nothing copied from a peer-only post, no personal data, no member's name.

Contract: anonymity.md, "What is never published".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from comcep.access.system_read import system_read
from comcep.access.visibility import PEERS
from comcep.accounts.models import Member
from comcep.forum.models import Post, Section, Theme, Topic
from comcep.text.cleaning import slug
from comcep.text.excerpts import plain_text
from comcep.text.personal_data import find_personal_data

RUN = 6  # shared words in a row that make a quotation
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Finding:
    """Why the words cannot be published yet: what it is, and the animator's own words that are concerned."""

    kind: str
    words: str


def findings(words: str, first: datetime, after: datetime) -> list[Finding]:
    """What must change before these words may be published with the digest of a period."""
    found = [Finding(datum.kind, datum.words) for datum in find_personal_data(words)]
    return [*found, *_names(words), *_quotations(words, first, after)]


def _names(words: str) -> Iterator[Finding]:
    text = f" {' '.join(_words(words))} "
    for member in system_read("names the committee must not read").rows(select(Member.name)):
        name = " ".join(_words(member.name))
        if " " in name and f" {name} " in text:
            yield Finding("nom d'un membre", member.name)


def _quotations(words: str, first: datetime, after: datetime) -> Iterator[Finding]:
    own = _words(words)
    runs = {tuple(own[at : at + RUN]) for at in range(len(own) - RUN + 1)} - _labels()
    if not runs:
        return
    posts = system_read("peer-only texts the words must not repeat").rows(
        select(Post.html, Topic.title)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Section, Section.id == Topic.section_id)
        .where(Section.audience == PEERS, Post.created_at >= first, Post.created_at < after)
    )
    shown: set[tuple[str, ...]] = set()
    for post in posts:
        theirs = _words(f"{post.title} . {plain_text(post.html)}")
        for at in range(len(theirs) - RUN + 1):
            run = tuple(theirs[at : at + RUN])
            if run in runs and run not in shown:
                shown.add(run)
                yield Finding("six mots de suite d'un message de pair", " ".join(run))


def _labels() -> set[tuple[str, ...]]:
    """Runs of the themes' own labels, which the words may well repeat."""
    labels = [_words(theme.label) for theme in system_read("labels of themes").rows(select(Theme.label))]
    return {tuple(label[at : at + RUN]) for label in labels for at in range(len(label) - RUN + 1)}


def _words(text: str) -> list[str]:
    """Folded words: neither accents nor typography make a quotation another text."""
    return _WORD.findall(
        " ".join(slug(word) for word in text.split() if any(c.isalnum() for c in word)).replace("-", " ")
    )
