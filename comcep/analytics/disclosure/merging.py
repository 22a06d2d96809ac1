"""Small groups put together, the same way release after release."""

from collections.abc import Iterable, Sequence

from comcep.analytics.disclosure.cells import RawGroup

Names = tuple[str, ...]


def merge_small(groups: Iterable[RawGroup], k: int, before: Sequence[Names] = ()) -> list[RawGroup]:
    """Merge groups with fewer than k registered into the next smallest, until none is small. Order: by name, never by
    size.

    before: the groups of the last release. They stay together: two releases of different groups could be subtracted.
    """
    waiting = _by_size(_as_before(list(groups), before))
    while len(waiting) > 1 and waiting[0].registered < k:
        small, other, *rest = waiting
        waiting = _by_size([_merged([small, other]), *rest])
    return sorted(waiting, key=lambda group: group.names)


def _as_before(groups: list[RawGroup], before: Sequence[Names]) -> list[RawGroup]:
    kept: list[RawGroup] = []
    for names in before:
        together = [group for group in groups if set(group.names) & set(names)]
        groups = [group for group in groups if group not in together]
        if together:
            kept.append(_merged(together))
    return kept + groups


def _merged(groups: list[RawGroup]) -> RawGroup:
    return RawGroup(
        tuple(sorted(name for group in groups for name in group.names)),
        sum(group.registered for group in groups),
        sum(group.contributing for group in groups),
        sum(group.key for group in groups) % (1 << 64),
    )


def _by_size(groups: list[RawGroup]) -> list[RawGroup]:
    return sorted(groups, key=lambda group: (group.registered, group.names))
