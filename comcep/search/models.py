"""What was searched for, and the searches members keep, as rows."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from comcep.clock import now
from comcep.extensions import Model
from comcep.identifiers import Identified
from comcep.search.signs import Signs


class Searched(Identified, Model):
    """One search by a peer: the words past the guard, what came of it, and who only as a number no key can undo."""

    words: Mapped[str] = mapped_column(String(300))
    terms: Mapped[str] = mapped_column(String(300))  # in alphabetical order: what makes two searches the same
    hits: Mapped[int]
    opened_rank: Mapped[int | None]  # of the first result opened, from 1
    searcher: Mapped[str] = mapped_column(String(32))
    searched_on: Mapped[date] = mapped_column(Date)  # the day, not the hour
    month: Mapped[str] = mapped_column(String(7))  # 2017-01: of the key

    __table_args__ = (
        Index("uq_searched_searcher_terms_searched_on", "searcher", "terms", "searched_on", unique=True),
        Index("ix_searched_month_terms", "month", "terms"),
    )


class SearchKey(Model):
    """The key of a month's searchers; without it nobody can tell whose number is whose."""

    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # 2017-01
    key: Mapped[str] = mapped_column(String(64))


class TopicEmbedding(Model):
    """Where a topic stands among meanings, and of which text: personal data as much as the topic is.

    Its section and state are those of the topic, so that comparing by signs reads no other table."""

    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True)
    version: Mapped[int] = mapped_column(index=True)  # of the sentence model: of two models nothing can be compared
    made_of: Mapped[str] = mapped_column(String(16))  # the beginning of a hash of the text
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    is_solved: Mapped[bool]
    signs: Mapped[bytes] = mapped_column(Signs)  # both: text/embedding.py
    embedding: Mapped[bytes] = mapped_column(LargeBinary)


class SavedSearch(Identified, Model):
    """A search a member keeps: the address of its results, and up to which solved case they were told of."""

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    address: Mapped[str] = mapped_column(String(1000))  # what follows the ? of /recherche
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_up_to: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("uq_saved_search_member_id_address", "member_id", "address", unique=True),)
