"""What a search can be narrowed by: a value that the viewer may not list is answered as one that does not exist, and an
author is found by the name alone, whatever the number of members."""

import pytest
from sqlalchemy import select

from comcep.accounts.models import Member, Network, Region
from comcep.extensions import db
from comcep.forum.models import Theme, Topic, TopicTheme
from comcep.search import facets
from tests.community import Person, Site, seen


def add_theme(site: Site, label: str, topic: int | None = None, merged_into: str = "") -> None:
    with site.app.app_context():
        into = db.session.scalar(select(Theme.id).where(Theme.label == merged_into))
        theme = Theme(slug=label.lower(), label=label, position=99, merged_into_id=into)
        db.session.add(theme)
        db.session.flush()
        if topic is not None:
            topic_id = db.session.scalars(select(Topic.id).where(Topic.public_id == topic)).one()
            db.session.add(TopicTheme(topic_id=topic_id, theme_id=theme.id))
        db.session.commit()


def answer(who: Person, query: str, typed: str) -> str:
    """A page of results without what was typed, as typed and as addresses carry it."""
    page = seen(who.get("/recherche", query_string={"q": query}))
    return page.replace(typed, "…")


def test_a_theme_that_one_may_not_list_is_answered_as_one_that_does_not_exist(site: Site, maud: Person) -> None:
    add_theme(site, "Zqsecret", maud.asks("Un sujet entre pairs"))
    add_theme(site, "Zqopen", site.animator().asks("Un sujet ouvert à tous", section="publique"))
    add_theme(site, "Zqmerged", maud.asks("Un autre sujet"), merged_into="Zqopen")
    site.works()
    visitor = site.anonymous()

    for typed in ("zq", "zqs", "zqsecret", "zqmerged", "z"):
        asked = answer(visitor, f'thème:"{typed}"', typed)
        if typed in ("zq", "z"):
            assert "Un sujet ouvert à tous" in asked
        else:
            unknown = "y" * len(typed)
            assert asked == answer(visitor, f'thème:"{unknown}"', unknown)
        assert "ecret" not in asked
    assert "Un sujet ouvert à tous" in answer(visitor, "thème:zqopen", "zqopen")
    assert "rien de ce nom" not in answer(site.hors_pair(), "thème:zqsecret", "zqsecret")  # their composer offers it


def test_no_name_of_a_theme_can_be_read_letter_by_letter_logged_out(site: Site, maud: Person) -> None:
    maud.asks("Un sujet entre pairs")
    site.works()
    visitor = site.anonymous()

    told = {letter for letter in "abcdefghijklmnopqrstuvwxyz" if "rien de ce nom" not in
            visitor.get("/recherche", query_string={"q": f'thème:"{letter}"'}).text}  # fmt: skip

    assert told == set()


def test_the_sections_one_may_not_see_are_answered_as_none(site: Site) -> None:
    visitor, agnes = site.anonymous(), site.hors_pair()

    for who, typed in ((visitor, "hors-pairs"), (visitor, "pairs"), (agnes, "animateurs"), (agnes, "groupe")):
        unknown = "y" * len(typed)
        assert answer(who, f'rubrique:"{typed}"', typed) == answer(who, f'rubrique:"{unknown}"', unknown)


def test_who_wrote_only_where_one_may_not_read_is_answered_as_nobody(site: Site, maud: Person, ines: Person) -> None:
    topic = maud.asks("Un sujet entre pairs")
    ines.answers(topic, "Une réponse.")
    maud.asks("Sans mon nom", section="hors-pairs", anonymous="1")
    site.works()
    agnes, visitor = site.hors_pair(), site.anonymous()

    for who in (agnes, visitor):
        for typed in ("maud", "ines", "maudessai"):
            unknown = "y" * len(typed)
            assert answer(who, f"auteur:{typed}", typed) == answer(who, f"auteur:{unknown}", unknown)
    assert maud.searches("auteur:ines") == [topic]
    assert maud.searches("auteur:maud auteur:ines") == [topic]


@pytest.mark.parametrize("typed", ["hélène", "HELENE", "Helene", "lène", '"jean pierre"', "jeanpierre", "Jean-Pierre"])
def test_an_author_is_found_however_the_name_is_typed(site: Site, typed: str) -> None:
    author = site.adviser("Hélène Jean-Pierre")
    topic = author.asks("Un sujet")
    site.works()

    assert author.searches(f"auteur:{typed}") == [topic]


def test_an_author_is_looked_for_without_reading_who_else_is_a_member(site: Site, maud: Person) -> None:
    topic = maud.asks("Un sujet")
    with site.app.app_context():
        there = {"network": db.session.scalar(select(Network)), "region": db.session.scalar(select(Region))}
        for number in range(facets.MOST_AUTHORS + 1):
            name = f"Camille Martin{number:03}"
            db.session.add(Member(email=f"{number}@essai.example", name=name, password_hash="x", session_key="x",
                                  standing="adviser", **there))  # fmt: skip
        db.session.commit()
    site.works()

    with site.app.app_context():
        assert len(facets.authors(maud.viewer, "martin007")) == 1
        with pytest.raises(facets.TooMany):
            facets.authors(maud.viewer, "a")
    assert maud.searches("auteur:maud") == [topic]
    assert "trop de membres portent ce nom" in maud.get("/recherche?q=auteur:martin").text
