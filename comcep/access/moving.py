"""Where a topic may move: a table of allowed pairs of sets of people, so that it is never read by people it was not
written for (product.md, rule 1).

The corner of the animators and each group are different people, whatever their number. Who moves is permissions'
to say; that the destination is one they see, visibility's.
"""

from typing import Any

from comcep.access.visibility import ANIMATORS, GROUP, MEMBERS, PEERS, PUBLIC

_FROM_TO = {
    PUBLIC: (PUBLIC, MEMBERS, PEERS, GROUP, ANIMATORS),
    MEMBERS: (MEMBERS, PEERS, GROUP, ANIMATORS),
    PEERS: (PEERS, GROUP, ANIMATORS),
    GROUP: (),
    ANIMATORS: (ANIMATORS,),
}


def may_move(origin: Any, destination: Any, groups_of_author: frozenset[int]) -> bool:
    """Whether a topic written for the people of one section may stand in another. Into a group only with its author."""
    if same_people(origin, destination):
        return True
    if destination.audience not in _FROM_TO[origin.audience]:
        return False
    return destination.audience != GROUP or destination.group_id in groups_of_author


def same_people(one: Any, other: Any) -> bool:
    """Whether two sections are read by the same people."""
    return (one.audience, one.group_id) == (other.audience, other.group_id)


def is_read_beyond_peers(section: Any) -> bool:
    """Whether others than advisers read what stands in a section."""
    return section.audience in (MEMBERS, PUBLIC)


def may_stay_relayed(section: Any) -> bool:
    """Only what hors pairs read stands relayed on the peers' home."""
    return section.audience == MEMBERS
