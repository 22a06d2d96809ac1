"""Members and what they belong to: networks, regions, groups. What they ask for to join lives in membership/."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from comcep.clock import now
from comcep.extensions import Model
from comcep.identifiers import Identified, Key
from comcep.text.cleaning import flat


class Network(Model):
    """A CEP network or one of its structures; a partner body has hors pairs only."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    family: Mapped[str] = mapped_column(String(60), index=True)  # what the digest counts by, never the structure
    family_name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20), default="operator")
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("kind in ('operator', 'partner')", name="kind"),)


class Region(Model):
    """A region since 2016, with the names it had before."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(String(3), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    former_names: Mapped[str] = mapped_column(String(200), default="")


class Group(Model):
    """A named group of peers: the pilot group, a working group."""

    __tablename__ = "peer_group"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class Member(Identified, Model):
    """Somebody with an account. standing: what a network said of them; the rest are roles."""

    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    password_hash: Mapped[str] = mapped_column(String(200))  # empty until the address is confirmed: no password fits
    session_key: Mapped[str] = mapped_column(String(32))  # in the links that mails carry: changed, older ones are void
    name: Mapped[str] = mapped_column(String(120))
    flat_name: Mapped[str] = mapped_column(Text, default="", server_default="")  # what a name typed is looked for in
    position: Mapped[str] = mapped_column(String(120), default="")

    standing: Mapped[str] = mapped_column(String(20), default="none")
    is_animator: Mapped[bool] = mapped_column(default=False)
    is_committee: Mapped[bool] = mapped_column(default=False)
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20), default="active")

    network_id: Mapped[int | None] = mapped_column(ForeignKey("network.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    # Everything up to this post counts as read; a topic read further has its own mark (forum.TopicRead).
    read_floor: Mapped[int] = mapped_column(BigInteger, default=0)

    created_at: Mapped[datetime] = mapped_column(default=now)
    joined_at: Mapped[datetime | None]
    address_confirmed_at: Mapped[datetime | None]
    # Marks for the mail sweep: when the mail became due; emptied when it is written.
    confirmation_due_at: Mapped[datetime | None]
    known_address_due_at: Mapped[datetime | None]
    password_reset_due_at: Mapped[datetime | None]

    network: Mapped[Network | None] = relationship()
    region: Mapped[Region | None] = relationship()

    __table_args__ = (
        CheckConstraint("standing in ('none', 'hors_pair', 'adviser')", name="standing"),
        CheckConstraint("state in ('active', 'suspended', 'closed')", name="state"),
        Index("ix_member_standing_state", "standing", "state"),
    )

    @validates("name")
    def _flatten(self, _key: str, name: str) -> str:
        self.flat_name = flat(name)
        return name


class Referent(Model):
    """Who speaks for a network: accepts and refuses those who say they belong to it."""

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"), primary_key=True)
    requests_due_at: Mapped[datetime | None]  # mark for the mail sweep: a request waits that no mail told of yet
    requests_told_at: Mapped[datetime | None]


class GroupMember(Model):
    """A member of a named group."""

    group_id: Mapped[int] = mapped_column(ForeignKey("peer_group.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, index=True)


class KeptForm(Identified, Model):
    """A form sent after its session had ended, for a day: it comes back filled to the member who then signed in."""

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    path: Mapped[str] = mapped_column(String(200))
    fields: Mapped[str] = mapped_column(Text)  # JSON, pairs of name and value; no password, no token
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class KnownDevice(Identified, Model):
    """A browser that a member has signed in from: it keeps a random cookie, the row a keyed hash of it."""

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(20), default="")  # families, for its owner to recognise it
    system: Mapped[str] = mapped_column(String(20), default="")
    used_at: Mapped[datetime] = mapped_column(default=now)  # last signed in from


class MemberSession(Identified, Model):
    """A member signed in on a device: the cookie holds a random token, the row its hash; without the row it is over."""

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("known_device.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    opened_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now, index=True)  # to some minutes


class Pace(Model):
    """How often something was tried lately, and from when on it may be again; for all workers, across restarts."""

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)  # keyed hash: nobody reads there who tried
    tries: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    free_at: Mapped[datetime]


class SiteFact(Model):
    """A fact about this installation: that it is a demo, under which rules its posts were rendered."""

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text, default="")
