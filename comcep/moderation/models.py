"""The journal and the statements of reasons, as rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from comcep.clock import now
from comcep.extensions import Model
from comcep.identifiers import Identified, Key


class JournalEntry(Model):
    """Something done by virtue of a role. Entries are chained by their hash and never change."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_public_id: Mapped[int | None] = mapped_column(BigInteger)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))  # where it happened: who may read the line
    reason: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[str] = mapped_column(Text, default="")
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)  # unique: two writers cannot fork the chain
    hash: Mapped[str] = mapped_column(String(64))


@event.listens_for(JournalEntry, "before_update")
@event.listens_for(JournalEntry, "before_delete")
def _refuse(_mapper: Any, _connection: Any, _entry: JournalEntry) -> None:
    raise RuntimeError("the journal is append-only")


class Statement(Identified, Model):
    """What an author is told of an act on what they wrote, with its reason (DSA, article 17); their contest of it,
    and the answer. What each kind says is in statements.py."""

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    version: Mapped[int | None]  # of an edit: the version of the message it replaced
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))  # who decided, for who answers a contest
    created_at: Mapped[datetime] = mapped_column(default=now)
    told_at: Mapped[datetime | None] = mapped_column(index=True)  # marks for the sweep of news, these three

    contested_at: Mapped[datetime | None] = mapped_column(index=True)
    contest: Mapped[str] = mapped_column(Text, default="")
    contest_told_at: Mapped[datetime | None]

    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    taken_back: Mapped[bool | None]
    answer_told_at: Mapped[datetime | None]
