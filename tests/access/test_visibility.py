"""Who sees what on the pages, by hand, from product.md: each section and what stands in it, for each kind of reader."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select, update

from comcep.access.visibility import acting_animators, index_key
from comcep.accounts.models import Group, GroupMember, Member
from comcep.extensions import db
from comcep.forum.models import Category, Section
from tests.community import Person, Site
from tests.moderation.deciding import first_post, read

MEMBERS = {"publique", "hors-pairs"}
PEERS = MEMBERS | {"pairs"}
SEES = {
    "stranger": {"publique"},
    "asker": {"publique"},
    "hors pair": MEMBERS,
    "once of the group": MEMBERS,
    "once animator": MEMBERS,
    "adviser": PEERS,
    "of the group": PEERS | {"groupe"},
    "animator": PEERS | {"animateurs"},
}
PLACES = ("publique", "hors-pairs", "pairs", "groupe", "autre-groupe", "animateurs")


@dataclass
class World:
    site: Site
    author: Person
    people: dict[str, Person]
    topics: dict[str, int]


@pytest.fixture
def world(lite: Site) -> World:
    """A topic in each section, of somebody who writes everywhere; two groups."""
    author = lite.person("Noa", is_animator=True, in_group=True)
    with lite.app.app_context():
        group = Group(name="Autre groupe")
        category = db.session.scalar(select(Category).where(Category.name == "Essais"))
        section = Section(slug="autre-groupe", name="Autre groupe", category=category, audience="group", group=group)
        db.session.add(section)
        db.session.flush()
        db.session.add(GroupMember(group_id=group.id, member_id=author.member_id))
        db.session.commit()
    people = {
        "stranger": lite.anonymous(),
        "asker": lite.person("Zoe", "none"),
        "hors pair": lite.hors_pair(),
        "once of the group": lite.person("Paul", "hors_pair", in_group=True),
        "once animator": lite.person("Luc", "hors_pair", is_animator=True),
        "adviser": lite.adviser("Maud"),
        "of the group": lite.adviser("Lea", in_group=True),
        "animator": lite.animator(),
    }
    return World(lite, author, people, {place: author.asks(f"Titre zqzq {place}", section=place) for place in PLACES})


def those(may: Callable[[str], bool]) -> set[str]:
    return {place for place in PLACES if may(place)}


@pytest.mark.parametrize("who", SEES)
def test_a_reader_sees_their_sections_and_what_stands_in_them_and_nothing_else(world: World, who: str) -> None:
    person, seen = world.people[who], SEES[who]
    index = person.get("/rubriques").text
    world.site.works()

    assert those(lambda place: f'data-section="{place}"' in index) == seen
    assert those(lambda place: person.get(f"/rubriques/{place}").status_code == 200) == seen
    assert those(lambda place: person.get(f"/sujets/{world.topics[place]}").status_code == 302) == seen
    messages = {place: first_post(world.author, topic) for place, topic in world.topics.items()}
    assert those(lambda place: person.get(f"/messages/{messages[place]}").status_code == 302) == seen
    found = read(person, "/recherche?q=zqzq")
    assert those(lambda place: f'data-id="{world.topics[place]}"' in found) == seen
    if who not in ("stranger", "asker"):
        listed = read(person, "/actifs")
        assert those(lambda place: f'data-id="{world.topics[place]}"' in listed) == seen
    for place in PLACES:
        page = read(person, f"/rubriques/{place}") if place in seen else ""
        assert re.findall(r'data-id="(\d+)"', page) == ([str(world.topics[place])] if page else [])


@pytest.mark.parametrize("who", SEES)
def test_what_is_hidden_is_opened_by_an_animator_and_listed_for_nobody(world: World, who: str) -> None:
    person, author, lise = world.people[who], world.author, world.people["animator"]
    topic, gone = world.topics["publique"], author.asks("Titre zqzq à masquer", section="publique")
    answer = author.answers(topic, "Un mot à masquer")
    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    lise.post(f"/messages/{first_post(author, gone)}/masquage", reason="Motif")
    world.site.works()
    opens = who == "animator"

    assert ("Un mot à masquer" in read(person, f"/sujets/{topic}")) == opens
    assert person.get(f"/messages/{answer}").status_code == (302 if opens else 404)
    assert person.get(f"/sujets/{gone}").status_code == (302 if opens else 404)
    for address in ("/rubriques/publique", "/recherche?q=zqzq", "/"):
        assert f'data-id="{gone}"' not in read(person, address), address
    assert person.get("/recherche?q=masquer").text.count(f'data-id="{topic}"') == 0


def test_what_counts_towards_a_person_is_named_shown_and_read_by_who_looks(world: World) -> None:
    maud, ines, lise = world.people["adviser"], world.site.adviser("Ines"), world.people["animator"]
    maud.asks("Sous mon nom")
    maud.asks("Sans mon nom", anonymous="1")
    maud.asks("Aux hors pairs", section="hors-pairs")
    hidden = maud.answers(maud.asks("Encore"), "À masquer")
    lise.post(f"/messages/{hidden}/masquage", reason="Motif")
    lise.post(f"/messages/{first_post(maud, maud.asks('À masquer'))}/masquage", reason="Motif")
    profile = f"/membres/{maud.public_id}"

    def counted(person: Person) -> list[str]:
        return re.findall(r"/sujets/(?:\d+)-([a-z-]+)", read(person, profile).split("<main", 1)[1])

    assert set(counted(ines)) == {"sous-mon-nom", "aux-hors-pairs", "encore"}
    assert set(counted(world.people["hors pair"])) == {"aux-hors-pairs"}
    assert "3 messages" in read(ines, profile)
    for outside in ("stranger", "asker"):
        assert world.people[outside].get(profile).status_code == 404


@pytest.mark.parametrize(
    ("what", "acts"),
    [({"state": "active"}, True), ({"state": "suspended"}, False), ({"state": "closed"}, False), ({"standing": "hors_pair"}, False),
     ({"standing": "none"}, False), ({"is_animator": False}, False)],
)  # fmt: skip
def test_an_acting_animator_has_the_role_the_standing_and_an_open_account(
    lite: Site, what: dict[str, object], acts: bool
) -> None:
    lise = lite.animator()
    lite.adviser("Maud")
    with lite.app.app_context():
        db.session.execute(update(Member).where(Member.id == lise.member_id).values(**what))
        db.session.commit()

        found = list(db.session.scalars(select(Member.id).where(acting_animators(Member))))

    assert found == ([lise.member_id] if acts else [])


def test_a_sections_index_is_of_its_audience_or_of_its_group() -> None:
    assert [index_key(audience, None) for audience in ("public", "members", "peers", "animators")] == [
        "public", "members", "peers", "animators",
    ]  # fmt: skip
    assert index_key("group", 7) == "group-7"
