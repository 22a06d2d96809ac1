"""Who may do what, as tables: each permission with those who have it, and nobody else has it."""

from types import SimpleNamespace as Thing

import pytest

from comcep.access import permissions, visibility
from comcep.access.viewer import Viewer
from comcep.clock import now

WHO = {
    "stranger": Viewer(),
    "asker": Viewer(1),
    "hors pair": Viewer(1, "hors_pair"),
    "committee": Viewer(1, "hors_pair", committee=True),
    "adviser": Viewer(1, "adviser"),
    "of the group": Viewer(1, "adviser", groups=frozenset({7})),
    "once of the group": Viewer(1, "hors_pair", groups=frozenset({7})),
    "animator": Viewer(1, "adviser", animator=True),
    "once animator": Viewer(1, "hors_pair", animator=True),
    "referent": Viewer(1, referent_of=frozenset({3})),
    "admin": Viewer(1, admin=True),
}
ADVISERS = {"adviser", "of the group", "animator"}
MEMBERS = ADVISERS | {"hors pair", "committee", "once of the group", "once animator"}
MAY = {
    "may_post_somewhere": MEMBERS, "may_follow": MEMBERS, "may_moderate": {"animator"}, "may_browse_members": ADVISERS,
    "may_ask_to_join": {"asker", "referent", "admin"}, "may_decide_requests": {"referent"},
    "may_read_digests": {"animator", "committee"}, "may_write_digests": {"animator"},
    "may_follow_national_themes": ADVISERS | {"committee"}, "may_comment_national_themes": {"committee"},
    "may_decide_national_themes": {"animator"}, "may_administrate": {"admin"},
}  # fmt: skip
READ_BY = {
    "public": set(WHO), "members": MEMBERS, "peers": ADVISERS, "group": {"of the group"}, "animators": {"animator"},
}  # fmt: skip


def those(may: object) -> set[str]:
    return {who for who, viewer in WHO.items() if may(viewer)}  # type: ignore[operator]


@pytest.mark.parametrize("name", MAY)
def test_a_permission_is_held_by_those_of_its_row(name: str) -> None:
    assert those(getattr(permissions, name)) == MAY[name]


@pytest.mark.parametrize("audience", READ_BY)
def test_who_reads_a_section_writes_there_but_in_public_where_the_house_speaks(audience: str) -> None:
    section, other = Thing(audience=audience, group_id=7), Thing(audience=audience, group_id=8)
    key = "group-7" if audience == "group" else audience

    assert those(lambda viewer: permissions.may_post(viewer, section)) == (
        {"animator"} if audience == "public" else READ_BY[audience]
    )
    assert those(lambda viewer: key in visibility.index_keys(viewer)) == READ_BY[audience]
    if audience == "group":
        assert those(lambda viewer: permissions.may_post(viewer, other)) == set()


def test_what_one_wrote_is_ones_own_and_nobodys_is_no_strangers() -> None:
    for author, own in ((1, set(WHO) - {"stranger"}), (2, set()), (None, set())):
        written = Thing(author_id=author, hidden_at=None)
        assert those(lambda viewer, it=written: permissions.wrote(viewer, it)) == own
        for may in (permissions.may_edit, permissions.may_see_history, permissions.may_solve):
            assert those(lambda viewer, may=may, it=written: may(viewer, it)) == own | {"animator"}
        assert those(lambda viewer, it=written: permissions.may_say_worth(viewer, it)) == own & MEMBERS
        hidden = Thing(author_id=author, hidden_at=now())
        assert those(lambda viewer, it=hidden: permissions.may_edit(viewer, it)) == set()


def test_a_request_is_decided_by_a_referent_of_its_network_who_did_not_make_it() -> None:
    decided = [(network, asker) for network in (3, 4) for asker in (1, 2)
               if permissions.may_decide(WHO["referent"], Thing(network_id=network, member_id=asker))]  # fmt: skip
    assert decided == [(3, 2)]
    assert those(lambda viewer: permissions.may_decide(viewer, Thing(network_id=3, member_id=2))) == {"referent"}


def test_a_contest_is_answered_by_an_animator_who_neither_wrote_nor_decided() -> None:
    def answer(author: int, actor: int, is_left: bool) -> set[str]:
        statement = Thing(member_id=author, actor_id=actor)
        return those(lambda viewer: permissions.may_answer_contest(viewer, statement, is_left))

    assert answer(2, 3, False) == answer(2, 3, True) == answer(2, 1, True) == {"animator"}
    assert answer(2, 1, False) == answer(1, 2, False) == answer(1, 2, True) == set()


def test_what_no_is_said_to_is_not_done() -> None:
    permissions.require(True)
    with pytest.raises(permissions.Forbidden):
        permissions.require(False)
    assert [permissions.is_vouched_for(standing) for standing in ("none", "hors_pair", "adviser")] == [
        False,
        True,
        True,
    ]


def test_a_viewer_is_called_by_the_first_of_their_places_and_reach_holds_no_member() -> None:
    kinds = {who: viewer.kind for who, viewer in WHO.items()}
    assert kinds == {
        "stranger": "anonymous", "asker": "anonymous", "hors pair": "hors-pair", "committee": "committee",
        "adviser": "adviser", "of the group": "adviser", "once of the group": "hors-pair", "animator": "animator",
        "once animator": "hors-pair", "referent": "referent", "admin": "admin",
    }  # fmt: skip
    for viewer in WHO.values():
        assert viewer.reach.is_signed_in == viewer.is_signed_in
        assert not viewer.reach.member_id
        assert visibility.index_keys(viewer.reach) == visibility.index_keys(viewer)
        assert viewer.reach.is_animator == viewer.is_animator
