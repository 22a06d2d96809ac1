"""Under whose name a message is published: the one rule that every form, page and act asks.

Whether a viewer may write at all is permissions.may_post's to say.
"""

from typing import Any

from comcep.access.viewer import Viewer
from comcep.access.visibility import MEMBERS, PEERS

NAMED = "named"
UNNAMED = "unnamed"
REFUSED = "refused"  # asked for without a name where that cannot be

CHOICE = "choice"  # what a form offers: the author decides


def naming(viewer: Viewer, section: Any, asks_no_name: bool, was_unnamed: bool = False) -> str:
    """named, unnamed or refused, for a message in a section.

    was_unnamed: the viewer has once written without their name in the topic. That wins over the section, and over
    what the viewer has become: a later name would name the earlier messages.
    """
    if was_unnamed:
        return UNNAMED
    if not asks_no_name:
        return NAMED
    return UNNAMED if _takes_no_name(viewer, section) else REFUSED


def offered(viewer: Viewer, section: Any, was_unnamed: bool = False) -> str:
    """What a form has to say: a choice, named, or unnamed."""
    silent = naming(viewer, section, False, was_unnamed)
    asked = naming(viewer, section, True, was_unnamed)
    return CHOICE if asked not in (silent, REFUSED) else silent


def _takes_no_name(viewer: Viewer, section: Any) -> bool:
    """Only an adviser, and only where "Conseiller·ère" is one of many."""
    return viewer.is_adviser and section.audience in (PEERS, MEMBERS)
