"""The one guard before every string that an animator sends to the committee, and the committee to itself.

Nothing copied from what only peers, a group or animators read, no personal data, no member's name; what may be
harmless is asked about, and what somebody keeps is remembered in the journal. Contract: anonymity.md, "What is never
published". tests/attacks/test_columns_of_the_committee.py finds every column that reaches it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from comcep.access.viewer import Viewer
from comcep.access.visibility import PEERS, audiences_of
from comcep.analytics.guard import pointing
from comcep.analytics.guard.naming import names
from comcep.analytics.guard.quotations import quotations
from comcep.analytics.guard.readings import Letters, Reading, Typed, readings
from comcep.clock import now
from comcep.text.excerpts import opening
from comcep.text.personal_data import find_personal_data

BEFORE = timedelta(days=90)  # how long before a period what was written must not be repeated
WITHOUT_PERIOD = timedelta(days=365)  # the same, of words that belong to no period
PIECE, OVERLAP = 1000, 100  # characters looked over at once for personal data, some of them twice
_PHONE = re.compile(r"(?<!\d)(?:0|3 ?3(?: {0,3}0)?) {0,3}[1-9](?: {0,3}\d){8}(?!\d)")


@dataclass(frozen=True)
class Finding:
    """Why the words cannot be published yet: what it is, and the words that are concerned. may_confirm: it may well be
    harmless, and who wrote it can say so."""

    kind: str
    words: str
    may_confirm: bool = False


class NotForTheCommittee(Exception):
    """Words that cannot go to the committee as they are; holds what was found."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("not for the committee")
        self.findings = findings


def findings(viewer: Viewer, typed: Sequence[Typed], first: datetime | None = None) -> list[Finding]:
    """What stands against these words, or must be asked about. first: the beginning of the period they are about.

    Who is no peer learns nothing of what peers wrote: their words cannot be copies, and are not compared with it.
    """
    read = readings(typed)
    if not read:
        return []
    letters = Letters(read)
    found = [*_personal_data(read), *_names(read, letters), *_pointing(read)]
    if PEERS in audiences_of(viewer):
        since = first - BEFORE if first is not None else now() - WITHOUT_PERIOD
        found += _of_peers(read, letters, since)
    return list(dict.fromkeys(found))


def _of_peers(read: Sequence[Reading], letters: Letters, since: datetime) -> Iterator[Finding]:
    for passage in quotations(read, letters, since):
        # One sentence wherever it stands and whoever wrote it.
        yield Finding(_("six mots de suite d'un message ou d'un titre que le comité ne lit pas"), opening(passage, 300))
    for number in pointing.numbers(read):
        yield Finding(_("lien vers un sujet, un message ou un membre"), number)


def _personal_data(read: Sequence[Reading]) -> Iterator[Finding]:
    said = set()
    for reading in read:
        text = unicodedata.normalize("NFKC", reading.text)
        for at in range(0, len(text), PIECE):
            for datum in find_personal_data(text[at : at + PIECE + OVERLAP]):
                if (datum.kind, bare := re.sub(r"\W", "", datum.words)) not in said:
                    said.add((datum.kind, bare))
                    yield Finding(datum.kind, datum.words)
        for phone in _PHONE.findall(reading.folded):
            if (_("téléphone"), bare := phone.replace(" ", "")) not in said:
                said.add((_("téléphone"), bare))
                yield Finding(_("téléphone"), bare)


def _names(read: Sequence[Reading], letters: Letters) -> Iterator[Finding]:
    named = names(read, letters)
    for name in named.full:
        yield Finding(_("nom d'un membre"), name)
    for name in named.perhaps:
        yield Finding(_("nom d'un membre, ou simple rencontre de lettres"), name, may_confirm=True)
    for surname in named.surnames:
        yield Finding(_("nom de famille d'un membre, ou simple mot"), surname, may_confirm=True)


def _pointing(read: Sequence[Reading]) -> Iterator[Finding]:
    asked: tuple[tuple[str, Iterable[str]], ...] = (
        (_("lieu plus petit qu'une région"), pointing.places(read)),
        (_("structure d'un réseau"), pointing.structures(read)),
        (_("jour exact"), pointing.days(read)),
        (_("peut dire qu'une personne est seule dans son cas"), pointing.one_person(read)),
    )
    for kind, found in asked:
        for words in dict.fromkeys(found):
            yield Finding(kind, words, may_confirm=True)
