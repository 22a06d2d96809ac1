"""Addresses written by hand lead where the routes do, and public ids tell nothing."""

from itertools import pairwise
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from comcep.forum.addresses import post_address, stable_address, topic_address
from comcep.identifiers import HIGHEST, LOWEST, random_public_id
from comcep.text.cleaning import slug
from tests.community import Site


def test_hand_written_addresses_lead_to_their_routes(lite: Site) -> None:
    topic = SimpleNamespace(public_id=123456789012345, slug="un-sujet")
    match = lite.app.url_map.bind("localhost").match

    assert match(topic_address(topic)) == ("forum.show", {"topic_id": 123456789012345, "slug": "un-sujet"})
    assert match(stable_address(topic)) == ("forum.show", {"topic_id": 123456789012345})
    for address in (topic_address, stable_address):
        assert address(topic, 1) == address(topic)
        assert address(topic, 2) == f"{address(topic)}?page=2"
        assert address(topic, 3).endswith("?page=3")
    assert post_address(topic, 1, 234567890123456) == f"{topic_address(topic)}#message-234567890123456"
    assert post_address(topic, 2, 234567890123456).endswith("?page=2#message-234567890123456")


def test_public_ids_have_fifteen_digits_and_no_order() -> None:
    ids = [random_public_id() for _ in range(2000)]

    assert all(LOWEST <= number <= HIGHEST for number in ids)
    assert len(set(ids)) == 2000
    rises = sum(after > before for before, after in pairwise(ids))
    assert 850 < rises < 1150


@given(st.text(max_size=200))
def test_a_slug_is_a_short_ascii_word(title: str) -> None:
    made = slug(title)

    assert made
    assert len(made) <= 80
    assert all(character in "abcdefghijklmnopqrstuvwxyz0123456789-" for character in made)
