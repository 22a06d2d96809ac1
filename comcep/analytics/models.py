"""A digest: a period, the animator's words, the figures frozen when it is published; the ledger of releases; national
themes and what the committee says of them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import Model
from comcep.forum.models import Theme
from comcep.identifiers import Identified, Key

STEPS = ("nominated", "accepted", "refused", "under way", "done")


class Digest(Identified, Model):
    """One period. Figures are empty while it is a draft; published, nothing of it changes."""

    number: Mapped[int | None] = mapped_column(unique=True)  # given when published
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # last day, included
    title: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    words_html: Mapped[str] = mapped_column(Text, default="")
    # JSON of disclosure.Published as the last drafting computed it, and what it was computed from.
    drafted: Mapped[str | None] = mapped_column(Text)
    drafted_emerging: Mapped[str | None] = mapped_column(Text)  # rising terms, for animators
    drafted_from: Mapped[str | None] = mapped_column(String(80))
    drafting_due: Mapped[bool] = mapped_column(default=True)
    figures: Mapped[str | None] = mapped_column(Text)  # what was published, with the words
    figures_hash: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))  # none: the calendar opened it
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    theme_words: Mapped[list["DigestWords"]] = relationship(order_by="DigestWords.theme_id")

    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="period"),
        Index("uq_digest_starts_on", "starts_on", unique=True),
    )


class DigestWords(Model):
    """What the animator says of one theme in one digest."""

    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), primary_key=True)
    words: Mapped[str] = mapped_column(Text, default="")
    words_html: Mapped[str] = mapped_column(Text, default="")

    theme: Mapped[Theme] = relationship()


class DigestCorrection(Model):
    """Words that correct a published digest: set beside it, never in it. Its numbers do not change."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))


class DigestRedaction(Model):
    """A passage that was taken out of a published digest's words: not the passage, but that it happened, and the hash
    of what is left. The numbers stay."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    content_hash: Mapped[str] = mapped_column(String(64))


class Release(Model):
    """A line of the ledger: what was released, under which rules, chained to the line before."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"), unique=True)
    at: Mapped[datetime] = mapped_column(default=now)
    k: Mapped[int]
    mode: Mapped[str] = mapped_column(String(10))
    epsilon: Mapped[float] = mapped_column(default=0.0)
    content_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))


class DigestNotice(Model):
    """A published digest that the committee was not told of yet."""

    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"), primary_key=True)


class ApprovedTerm(Model):
    """A term that an animator lets the committee read, if enough advisers use it: no name, no place."""

    term: Mapped[str] = mapped_column(String(80), primary_key=True)  # as analysis makes it
    label: Mapped[str] = mapped_column(String(80))
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class NationalTheme(Identified, Model):
    """A theme somebody of the committee wants taken up nationally, and what became of it."""

    title: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(String(20), default="nominated")
    outcome: Mapped[str] = mapped_column(Text, default="")  # what came out of it: a resource, a sheet, a training
    nominated_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    comments: Mapped[list["NationalThemeComment"]] = relationship(order_by="NationalThemeComment.id")

    __table_args__ = (CheckConstraint(f"step in {STEPS}", name="step"),)


class NationalThemeComment(Model):
    """What a committee member says of a national theme to the others; nobody else reads it."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    national_theme_id: Mapped[int] = mapped_column(ForeignKey("national_theme.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)

    member: Mapped[Member] = relationship()


@event.listens_for(Digest, "before_update")
@event.listens_for(Digest, "before_delete")
def _refuse(_mapper: Any, connection: Any, digest: Digest) -> None:
    table = Digest.__table__
    row = connection.execute(table.select().with_only_columns(table.c.published_at).where(table.c.id == digest.id))
    if row.scalar() is not None:
        raise RuntimeError("a published digest never changes")


@event.listens_for(DigestWords, "before_insert")
@event.listens_for(DigestWords, "before_update")
@event.listens_for(DigestWords, "before_delete")
def _refuse_words(_mapper: Any, connection: Any, words: DigestWords) -> None:
    table = Digest.__table__
    row = connection.execute(
        table.select().with_only_columns(table.c.published_at).where(table.c.id == words.digest_id)
    )
    if row.scalar() is not None:
        raise RuntimeError("a published digest never changes")


@event.listens_for(Release, "before_update")
@event.listens_for(Release, "before_delete")
def _refuse_ledger(_mapper: Any, _connection: Any, _release: Release) -> None:
    raise RuntimeError("the ledger is only ever added to")
