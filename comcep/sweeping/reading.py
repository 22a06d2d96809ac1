"""How the background work stands, for /sante and for the operator: what fails, what is late, what is set aside."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from comcep.clock import now
from comcep.extensions import db
from comcep.sweeping.models import Lane, SetAside

LATE = timedelta(minutes=2)  # since a lane last ran to its end; each runs every ten seconds


@dataclass(frozen=True)
class State:
    """What is known of the lanes: what fails in each, those that have not come to an end for long, items aside."""

    failures: dict[str, str]
    late: frozenset[str]
    set_aside: int

    def is_stuck(self, lane: str) -> bool:
        return lane in self.failures or lane in self.late


def state() -> State:
    """Raises SQLAlchemyError when the database is down."""
    lanes = list(db.session.execute(select(Lane.name, Lane.done_at, Lane.failing_since, Lane.failure)))
    aside = db.session.scalar(select(func.count()).select_from(SetAside)) or 0
    return State(
        {lane.name: lane.failure for lane in lanes if lane.failing_since is not None},
        frozenset(lane.name for lane in lanes if abs(now() - lane.done_at) > LATE),
        aside,
    )


def lanes() -> list[Lane]:
    return list(db.session.scalars(select(Lane).order_by(Lane.name)))


def all_set_aside() -> list[SetAside]:
    """Oldest first."""
    return list(db.session.scalars(select(SetAside).order_by(SetAside.id)))
