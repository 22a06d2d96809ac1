"""Items one by one: one that cannot be done is set aside and named to the operator, and the rest goes on.

What is wrong with the machine (a full disk, a database or a server that is down) sets nothing aside: the sweep ends and
is tried again.
"""

import logging
from collections.abc import Callable, Collection, Iterable

from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from comcep.clock import now
from comcep.extensions import db
from comcep.sweeping.models import SetAside
from comcep.text.engine.asking import EngineBroke

logger = logging.getLogger(__name__)


class Down(Exception):
    """Something that sweeps rest on is away: what raises this, or a kind of it, blames no item."""


# Classes of PostgreSQL's error codes that blame what was sent: data, and limits of the program (a term too long).
_OF_THE_ITEM = ("22", "54")
_broke_last: dict[str, int] = {}  # by work, the item over which the engine of embeddings ended last


def one_by_one(work: str, items: Iterable[int], act: Callable[[int], object], give_up: Callable[[int], object]) -> None:
    """Act on each item, in a transaction of its own that act commits. Of one that cannot be done, give_up takes the
    mark away (without commit), and it is set aside. Raises what is wrong with the machine."""
    for item in items:
        try:
            act(item)
        except Exception as error:
            db.session.rollback()
            if is_of_the_machine(error):
                raise
            if isinstance(error, IntegrityError):  # somebody else did it meanwhile: the next sweep will see
                logger.warning("%s: %s is left to the next sweep", work, item)
                continue
            give_up(item)
            set_aside(work, item, error)
            db.session.commit()


def set_aside(work: str, item: int, error: Exception) -> None:
    """Write down that an item cannot be done, and say so in the log; the caller commits."""
    name = error.__class__.__name__
    logger.error("%s: %s cannot be done (%s) and is set aside; flask sweeps state lists it", work, item, name)
    done(work, [item])
    db.session.add(SetAside(work=work, subject_id=item, error=name[:80], at=now()))


def done(work: str, items: Collection[int]) -> None:
    """Items that could be done after all are not set aside any more; the caller commits."""
    gone = delete(SetAside).where(SetAside.work == work, SetAside.subject_id.in_(items))
    db.session.execute(gone.execution_options(synchronize_session=False))


def ends_the_sweep(work: str, item: int, error: Exception) -> bool:
    """Whether a sweep must stop at this item, for now: what is wrong is of the machine. What broke over an item was
    perhaps ended by something else: it is tried once more, and the second time the item is to blame."""
    if isinstance(error, EngineBroke):
        return _broke_last.pop(work, None) != item and not _broke_last.update({work: item})
    return is_of_the_machine(error)


def went_well(work: str, item: int) -> None:
    """What broke over an item once, and was not its fault, is forgotten."""
    if _broke_last.get(work) == item:
        del _broke_last[work]


def is_of_the_machine(error: BaseException) -> bool:
    """Whether another item would have met the same error."""
    if isinstance(error, OperationalError | InterfaceError):
        return not _code(error).startswith(_OF_THE_ITEM)
    return isinstance(error, OSError | MemoryError | Down)  # a timeout is an OSError


def _code(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
