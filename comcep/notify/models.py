"""Notifications and mails, as rows. Neither holds a word of what it announces: access is asked again when it is
read."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from comcep.clock import now
from comcep.extensions import Model
from comcep.identifiers import Identified, Key


class Notification(Identified, Model):
    """Something a member is told. The title it shows is fetched through visibility, never copied here."""

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str] = mapped_column(String(20))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("statement.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_notification_member_id_read_at", "member_id", "read_at"),
        Index("uq_notification_member_id_kind_post_id", "member_id", "kind", "post_id", unique=True),
    )


class Mail(Model):
    """A mail to send: written in the transaction that makes it due, sent by the sweep, at least once."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    notification_id: Mapped[int | None] = mapped_column(ForeignKey("notification.id"))
    kind: Mapped[str] = mapped_column(String(20), default="", server_default="")  # of those that anybody can cause
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]  # access had ended before it was sent
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_mail_sent_at_not_before", "sent_at", "not_before"),)
