"""A role opens nothing by itself, and nothing lasts: what somebody may do follows from what they are now."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from comcep.access import permissions, visibility
from comcep.access.viewer import Viewer
from comcep.accounts.models import Member
from comcep.extensions import db
from comcep.forum.models import Post
from tests.community import Person, Site


def becomes(site: Site, person: Person, **what: object) -> None:
    with site.app.app_context():
        db.session.execute(update(Member).where(Member.id == person.member_id).values(**what))
        db.session.commit()


@pytest.mark.parametrize(("standing", "seen_as"), [("hors_pair", "hors-pair"), ("none", "anonymous")])
def test_an_animator_who_is_an_adviser_no_more_loses_the_role_at_once(site: Site, standing: str, seen_as: str) -> None:
    lise, maud = site.animator(), site.adviser("Maud")
    topic = maud.asks("Titre", section="hors-pairs")
    corner = lise.asks("Entre nous", section="animateurs")
    answer = maud.answers(topic, "Réponse")

    becomes(site, lise, standing=standing)

    assert f'data-viewer="{seen_as}"' in lise.get("/").text
    for address in (
        "/animation",
        "/animation/journal",
        "/animation/syntheses",
        "/rubriques/animateurs",
        f"/sujets/{corner}",
    ):
        assert lise.get(address).status_code == 404
    assert lise.post(f"/messages/{answer}/masquage", reason="Motif").status_code == 404
    assert lise.post(f"/sujets/{topic}/fermeture", reason="Motif").status_code == 404
    edit = lise.post(f"/messages/{answer}/modifier", body="Autre", version="1", reason="Motif")
    assert edit.status_code in (403, 404)
    with site.app.app_context():
        assert db.session.scalar(select(Post.source).where(Post.public_id == answer)) == "Réponse"

    becomes(site, lise, standing="adviser")
    assert lise.get("/animation").status_code == 200


STANDINGS = st.sampled_from(["none", "hors_pair", "adviser"])
viewers = st.builds(
    Viewer, member_id=st.just(7), standing=STANDINGS, animator=st.booleans(), committee=st.booleans(),
    admin=st.booleans(), referent_of=st.frozensets(st.integers(1, 3), max_size=2),
    groups=st.frozensets(st.integers(1, 3), max_size=2),
)  # fmt: skip


@given(viewers)
def test_no_role_makes_a_peer(viewer: Viewer) -> None:
    plain = Viewer(member_id=7, standing=viewer.standing)
    seen = set(visibility.audiences_of(viewer)) - {"animators"}

    assert seen == set(visibility.audiences_of(plain))
    assert ("animators" in visibility.audiences_of(viewer)) == (viewer.animator and viewer.standing == "adviser")
    if viewer.standing != "adviser":
        assert not permissions.may_moderate(viewer)
        assert not permissions.may_browse_members(viewer)
        assert not permissions.may_write_digests(viewer)
        assert visibility.index_keys(viewer) == visibility.audiences_of(plain)


def test_a_hidden_post_cannot_be_edited_until_it_is_shown_again(site: Site) -> None:
    lise, maud = site.animator(), site.adviser("Maud")
    topic = maud.asks("Titre")
    answer = maud.answers(topic, "Texte d'origine")
    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    fields = {"body": "Autre texte", "version": "1", "reason": "Motif"}

    assert lise.get(f"/messages/{answer}/modifier").status_code == 403
    assert lise.post(f"/messages/{answer}/modifier", **fields).status_code == 403
    assert maud.get(f"/messages/{answer}/modifier").status_code == 404
    assert maud.post(f"/messages/{answer}/modifier", **fields).status_code == 404
    with site.app.app_context():
        assert db.session.scalar(select(Post.source).where(Post.public_id == answer)) == "Texte d'origine"

    lise.post(f"/messages/{answer}/masquage", undo="1")
    assert maud.post(f"/messages/{answer}/modifier", **fields).status_code == 302


def test_the_function_itself_refuses_the_author_of_a_hidden_post(lite: Site) -> None:
    """Whoever holds the post, from before it was hidden."""
    from comcep.access.permissions import Forbidden
    from comcep.clock import now
    from comcep.forum import publishing
    from comcep.forum.publishing import Writing
    from comcep.forum.reading import posts

    maud = lite.adviser("Maud")
    answer = maud.answers(maud.asks("Titre"), "Texte d'origine")
    with lite.app.app_context():
        post = posts.post_or_404(maud.viewer, answer)
        db.session.execute(update(Post).where(Post.public_id == answer).values(hidden_at=now()))
        with pytest.raises(Forbidden):
            publishing.edit(maud.viewer, post.topic, post, Writing(body="Autre"), 1)


@pytest.mark.parametrize("what", [{"state": "suspended"}, {"state": "closed"}, {"standing": "none"}])
def test_who_is_no_member_now_is_neither_in_the_directory_nor_has_a_profile(site: Site, what: dict[str, str]) -> None:
    ines, maud = site.adviser("Ines"), site.adviser("Maud")
    maud.asks("Titre de Maud")
    assert "Maud Essai" in ines.get("/membres").text

    becomes(site, maud, **what)

    assert "Maud Essai" not in unescape(ines.get("/membres").text)
    assert "Maud Essai" not in ines.get("/membres", query_string={"nom": "Maud", "q": "Maud"}).text
    assert ines.get(f"/membres/{maud.public_id}").status_code == 404
    assert "Ines Essai" in ines.get("/membres").text

    becomes(site, maud, state="active", standing="adviser")
    assert "Maud Essai" in ines.get("/membres").text
    assert ines.get(f"/membres/{maud.public_id}").status_code == 200
