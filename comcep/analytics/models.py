"""A digest: a period, the animator's words, and the figures frozen when it is published."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from comcep.clock import now
from comcep.extensions import Model
from comcep.identifiers import Identified


class Digest(Identified, Model):
    """One period. Figures are empty while it is a draft; published, nothing of it changes."""

    number: Mapped[int | None] = mapped_column(unique=True)  # given when published
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # last day, included
    title: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    words_html: Mapped[str] = mapped_column(Text, default="")
    figures: Mapped[str | None] = mapped_column(Text)  # JSON of disclosure.Published, and its hash
    figures_hash: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="period"),)


@event.listens_for(Digest, "before_update")
@event.listens_for(Digest, "before_delete")
def _refuse(_mapper: Any, connection: Any, digest: Digest) -> None:
    table = Digest.__table__
    row = connection.execute(table.select().with_only_columns(table.c.published_at).where(table.c.id == digest.id))
    if row.scalar() is not None:
        raise RuntimeError("a published digest never changes")
