"""What else may point at somebody: a place, a structure, a day, one single person; a link to a topic or a profile.

Links are refused; the rest is asked about: it may be harmless, and only who wrote it can tell.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select

from comcep.access.system_read import system_read
from comcep.access.visibility import NEVER_OF_HORS_PAIRS
from comcep.accounts.models import Member, Network
from comcep.analytics.guard.naming import is_written_as_a_name
from comcep.analytics.guard.readings import Reading, words_of
from comcep.forum.models import Post, Section, Topic

SEED = Path(__file__).resolve().parents[3] / "seed"
MOST_NUMBERS = 200  # looked up at once

_MONTHS = "jan|fev|mars|avr|mai|juin|juil|aout|sep|oct|nov|dec"
_DAY = re.compile(
    rf"(?<!\d)\d\d?(?:er)? +(?:{_MONTHS})[a-z]*"
    r"|(?<!\d)(?:[0-2]?\d|3[01]) ?[/.-] ?(?:0?\d|1[0-2]) ?[/.-] ?(?:\d{4}|\d\d)(?!\d)"
)
_ONE_PERSON = re.compile(r"(?<![a-z])(?:une?|l[ea]|l) +(?:seule?|unique)(?![a-z])")
_LONG_NUMBER = re.compile(r"(?<!\d)\d(?: {0,3}\d){14}(?!\d)")


def numbers(readings: Sequence[Reading]) -> Iterator[str]:
    """The numbers, as addresses have them, of topics and messages the committee does not read, and of members."""
    found = {each.replace(" ", "") for reading in readings for each in _LONG_NUMBER.findall(reading.folded)}
    asked = sorted(int(each) for each in found)[:MOST_NUMBERS]
    if not asked:
        return
    closed = Section.audience.in_(NEVER_OF_HORS_PAIRS)
    for wanted in (
        select(Topic.public_id).join(Section, Section.id == Topic.section_id).where(closed, Topic.public_id.in_(asked)),
        select(Post.public_id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Section, Section.id == Topic.section_id)
        .where(closed, Post.public_id.in_(asked)),
        select(Member.public_id).where(Member.public_id.in_(asked)),
    ):
        for row in system_read("whether a link leads where the committee must not be led").rows(wanted):
            yield str(row.public_id)


def places(readings: Sequence[Reading]) -> Iterator[str]:
    """Towns and departments: smaller than a region."""
    yield from _standing(_places(), readings)


def structures(readings: Sequence[Reading]) -> Iterator[str]:
    """Structures of a network that bears another name."""
    rows = system_read("structures the words must not point at").rows(
        select(Network.name).where(Network.name != Network.family_name)
    )
    yield from _standing(tuple(tuple(words_of(row.name)) for row in rows), readings)


def _standing(names: Sequence[tuple[str, ...]], readings: Sequence[Reading]) -> Iterator[str]:
    said = {word.folded for reading in readings for word in reading.words}
    for name in names:
        if all(word in said for word in name) and is_written_as_a_name(name, readings):
            yield " ".join(name)


def days(readings: Sequence[Reading]) -> Iterator[str]:
    """Exact days."""
    for reading in readings:
        for found in _DAY.finditer(reading.text.lower().replace("é", "e").replace("û", "u")):
            yield " ".join(found.group().split())


def one_person(readings: Sequence[Reading]) -> Iterator[str]:
    """Words that say it was one: "un seul", "la seule"."""
    for reading in readings:
        for found in _ONE_PERSON.finditer(reading.folded):
            yield " ".join(found.group().split())


@lru_cache(maxsize=1)
def _places() -> tuple[tuple[str, ...], ...]:
    found = []
    with (SEED / "towns.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found += [town for town in row["towns"].split(", ") if town]
    with (SEED / "departments.tsv").open(encoding="utf-8") as file:
        found += [row["department"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return tuple(sorted({tuple(words_of(name)) for name in found}))
