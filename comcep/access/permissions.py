"""What a viewer may do: plain functions that return a bool, and require() that turns a no into Forbidden.

What a viewer may see lives in visibility.py: these assume that the thing was found through it.
"""

from typing import Any

from comcep.access.viewer import ADVISER, HORS_PAIR, NONE, Viewer
from comcep.access.visibility import ANIMATORS, GROUP, MEMBERS, PEERS, PUBLIC


class Forbidden(Exception):
    """The viewer may see the thing but not do this to it."""


def require(allowed: bool) -> None:
    """Raise Forbidden unless allowed."""
    if not allowed:
        raise Forbidden


def may_post(viewer: Viewer, section: Any) -> bool:
    """May open a topic or reply in a section, when it and the topic are not closed."""
    if section.audience == PUBLIC:  # read by everybody: the house speaks there, not one of its members
        return viewer.is_animator
    if section.audience == MEMBERS:
        return viewer.is_member
    if section.audience == PEERS:
        return viewer.is_adviser
    if section.audience == GROUP:
        return viewer.is_adviser and section.group_id in viewer.groups
    return section.audience == ANIMATORS and viewer.is_animator


def may_post_somewhere(viewer: Viewer) -> bool:
    return viewer.is_member


def may_edit(viewer: Viewer, post: Any) -> bool:
    """The author, or an animator; what is hidden stays as it was judged."""
    return post.hidden_at is None and (wrote(viewer, post) or viewer.is_animator)


def may_see_history(viewer: Viewer, post: Any) -> bool:
    return wrote(viewer, post) or viewer.is_animator


def may_solve(viewer: Viewer, topic: Any) -> bool:
    """Whoever asked, or an animator."""
    return wrote(viewer, topic) or viewer.is_animator


def may_say_worth(viewer: Viewer, topic: Any) -> bool:
    """Only who asked the question knows whether the answer served."""
    return viewer.is_member and wrote(viewer, topic)


def wrote(viewer: Viewer, written: Any) -> bool:
    """Whether the viewer is the author of a post or topic."""
    return viewer.member_id is not None and written.author_id == viewer.member_id


def may_moderate(viewer: Viewer) -> bool:
    return viewer.is_animator


def may_answer_contest(viewer: Viewer, statement: Any, is_left_to_actor: bool) -> bool:
    """An animator, on another's message; who decided only when it is left to them."""
    decided = viewer.member_id == statement.actor_id
    return viewer.is_animator and viewer.member_id != statement.member_id and (is_left_to_actor or not decided)


def may_follow(viewer: Viewer) -> bool:
    return viewer.is_member


def may_ask_to_join(viewer: Viewer) -> bool:
    """Whoever has an account and no standing: no role gives one (product.md, rule 2)."""
    return viewer.is_signed_in and not viewer.is_member


def may_decide_requests(viewer: Viewer) -> bool:
    return bool(viewer.referent_of)


def may_decide(viewer: Viewer, request: Any) -> bool:
    """Only the network's own referent says who belongs to it, and nobody says it of themselves."""
    return request.network_id in viewer.referent_of and request.member_id != viewer.member_id


# The standing without which a place is not given, and ends: animators and groups are peers, the committee hors pairs.
_STANDINGS = {"animator": ADVISER, "group": ADVISER, "committee": HORS_PAIR}


def is_vouched_for(standing: str) -> bool:
    """Whether a network has said that somebody of that standing belongs to it."""
    return standing != NONE


def may_hold(standing: str, role: str) -> bool:
    """Whether somebody of that standing may be given a role; being an administrator rests on none."""
    return _STANDINGS.get(role, standing) == standing


def may_browse_members(viewer: Viewer) -> bool:
    return viewer.is_adviser


def may_read_digests(viewer: Viewer) -> bool:
    return viewer.committee or viewer.is_animator


def may_write_digests(viewer: Viewer) -> bool:
    return viewer.is_animator


def may_follow_national_themes(viewer: Viewer) -> bool:
    """Advisers follow what became of a theme; so does the committee that nominated it."""
    return viewer.is_adviser or viewer.committee


def may_comment_national_themes(viewer: Viewer) -> bool:
    """The committee nominates and comments; its comments stay among its members."""
    return viewer.committee


def may_decide_national_themes(viewer: Viewer) -> bool:
    """Who writes down what the steering committee decided."""
    return viewer.is_animator


def may_administrate(viewer: Viewer) -> bool:
    return viewer.admin
