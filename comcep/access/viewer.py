"""Viewer: what a request, a job or the recipient of an e-mail is allowed to be.

Built from a member by accounts/viewing.py; compared with audiences only in this package.
"""

from dataclasses import dataclass

ADVISER = "adviser"
HORS_PAIR = "hors_pair"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: nobody (the defaults), or a member with a standing and roles.

    The standing comes from the network's word alone; no role ever adds one (product.md, rule 2).
    """

    member_id: int | None = None
    standing: str = NONE
    animator: bool = False
    committee: bool = False
    admin: bool = False
    referent_of: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    network_id: int | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.member_id is not None

    @property
    def is_adviser(self) -> bool:
        return self.standing == ADVISER

    @property
    def is_member(self) -> bool:
        """Adviser or hors pair: somebody a network has vouched for."""
        return self.standing in (ADVISER, HORS_PAIR)

    @property
    def is_animator(self) -> bool:
        """An animator is a peer: the role without the standing opens nothing."""
        return self.animator and self.is_adviser

    @property
    def reach(self) -> "Viewer":
        """A stand-in for everybody who sees what this viewer sees: what prepared statements are kept by.

        It holds no member: whatever is one's own is bound when a statement is executed.
        """
        return Viewer(0 if self.is_signed_in else None, self.standing, self.is_animator, groups=self.groups)

    @property
    def kind(self) -> str:
        """The one word that pages carry in <body data-viewer>."""
        if self.admin:
            return "admin"
        if self.is_animator:
            return "animator"
        if self.referent_of:
            return "referent"
        if self.committee:
            return "committee"
        if self.standing == HORS_PAIR:
            return "hors-pair"
        return "adviser" if self.is_adviser else "anonymous"


ANONYMOUS = Viewer()
