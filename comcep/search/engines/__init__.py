"""The engines behind search, and what each of them offers: which topics hold a term, and what those topics say.

An engine counts and fetches; it does not rank. The order of results is ranking.py, one code for every engine.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from comcep.search.analysis import VERSION as ANALYSIS_VERSION
from comcep.search.ranking import Candidate, Statistics
from comcep.search.thesaurus import Way
from comcep.sweeping.aside import Down

VERSION = f"5.{ANALYSIS_VERSION}"  # of what the indexes hold: another one in the index means a rebuild
LONGEST = 1.5  # seconds that one reading of an index may take, a statement on PostgreSQL
TITLE = "title:"  # before a term: it stands in the title. Terms hold no colon, so nothing typed reads like this

# A condition a topic must meet: one tag of each set ("section:4", "state:solved").
Required = Sequence[frozenset[str]]


def is_word(lexeme: str) -> bool:
    """Whether a lexeme is a word that spelling help may offer: no tag, no code, no scrap."""
    return len(lexeme) >= 4 and lexeme.isalpha()


class EngineDown(Down):
    """The index is missing, broken or of another version: it must be rebuilt."""


@dataclass(frozen=True)
class Document:
    """A topic as the index holds it: its terms in order by field (ranking.FIELDS), and tags to narrow a search by."""

    topic_id: int
    key: str  # of the index it belongs to: its audience, or its group
    fields: tuple[str, str, str, str]
    tags: tuple[str, ...]
    is_solved: bool
    day: float
    copy: str  # the same for an author's copies of one topic; empty where no author is named

    @property
    def lexemes(self) -> frozenset[str]:
        """What the topic is found by: its terms, those of its title once more, its tags."""
        title = self.fields[0].split()
        return frozenset(title).union(
            *(field.split() for field in self.fields[1:]), (TITLE + term for term in title), self.tags
        )


class Reading(Protocol):
    """The indexes one reader may open, seen together; no other one is touched. Every question to it may raise
    EngineDown, and TimeoutError when the search has taken too long."""

    def statistics(self, lexemes: Collection[str]) -> Statistics:
        """How many topics there are, and how many hold each lexeme; one that no topic holds may be left out."""
        ...

    def topics_with(self, ways: Collection[Way], required: Required = ()) -> Mapping[Way, Collection[int]]:
        """The topics holding all lexemes of each way, among those that meet the condition. A way that none holds may be
        left out; of one that very many hold, as many come as ranking can use."""
        ...

    def topics_that_meet(self, required: Required) -> Collection[int]: ...

    def candidates(self, topic_ids: Collection[int]) -> list[Candidate]: ...

    def vocabulary(self) -> Collection[str]:
        """The words the indexes hold, for spelling help; it may be a minute old, or hold a word that has just gone."""
        ...


class Engine(Protocol):
    """What keeps and opens the indexes. A rebuild goes on aside, in batches, while the index in place serves."""

    rebuild_batch: int  # topics a batch: what a kill costs, and what memory is taken

    def open(self, keys: Iterable[str]) -> Reading:
        """The indexes of these names. Raises EngineDown."""
        ...

    def is_ready(self) -> bool: ...

    def writing(self) -> AbstractContextManager[None]:
        """No other writer meanwhile: what is read to be indexed is still true when it is written."""
        ...

    def replace(self, documents: list[Document], topic_ids: list[int]) -> None:
        """Put the documents in place of whatever is held of these topics, also in a rebuild that is under way."""
        ...

    def discard(self) -> None:
        """The index in place cannot be written any more: it is not ready from now on, and a rebuild takes its place."""
        ...

    def begin_rebuild(self) -> None:
        """Throw away an unfinished rebuild and begin anew."""
        ...

    def rebuilt_up_to(self) -> int | None:
        """The topic a rebuild has come to; none when no rebuild of this version is under way."""
        ...

    def add_rebuilt(self, documents: list[Document], up_to: int) -> None: ...

    def finish_rebuild(self) -> None:
        """Put the rebuilt index in the place of the other, at once for every reader."""
        ...

    def close(self) -> None:
        """Give back what is open; the next search opens it again."""
        ...
