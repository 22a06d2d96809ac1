"""A request to join, as asked and as decided."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from comcep.accounts.models import Member, Network
from comcep.clock import now
from comcep.extensions import Model
from comcep.identifiers import Identified


class MembershipRequest(Identified, Model):
    """Somebody says they belong to a network; its referent accepts, or refuses with a reason.

    One that its asker took back to ask otherwise is withdrawn: the referent's word holds for what they read, no more.
    """

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"), index=True)
    asks_as: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)  # when it reached its network, once it has
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    told_at: Mapped[datetime | None]  # mark for the mail sweep

    member: Mapped[Member] = relationship(foreign_keys=member_id)
    network: Mapped[Network] = relationship()

    __table_args__ = (
        CheckConstraint("asks_as in ('adviser', 'head')", name="asks_as"),
        CheckConstraint("state in ('waiting', 'accepted', 'refused', 'withdrawn')", name="state"),
    )
