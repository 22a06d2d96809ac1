"""How the lanes stand, and what they set aside, as rows. Neither holds a word of anything."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from comcep.clock import now
from comcep.extensions import Model
from comcep.identifiers import Key


class Lane(Model):
    """When a lane last ran to its end, and what keeps failing in it."""

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    done_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(120), default="")  # sweep and kind of error


class SetAside(Model):
    """An item that a sweep cannot do, marked as done all the same so that the others go on."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    work: Mapped[str] = mapped_column(String(20))  # of which sweep: index, embedding, news…
    subject_id: Mapped[int] = mapped_column(BigInteger)  # the key of a topic, post, mail… as the work has it
    error: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("uq_set_aside_work_subject_id", "work", "subject_id", unique=True),)
