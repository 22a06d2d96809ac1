"""What the index, a section and the lists across sections show: which topics, in which order, how many, what is new."""

import re

import pytest
from sqlalchemy import select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Category, Section, Theme, Topic
from tests.community import Person, Site
from tests.moderation.deciding import first_post, read

LISTED = re.compile(r'<li class="topic( unread)?" data-kind="topic" data-id="(\d+)"')
PAGES = '<nav class="pages"'


def listed(person: Person, address: str) -> list[int]:
    return [int(topic) for _unread, topic in LISTED.findall(read(person, address))]


def unread(person: Person, address: str) -> list[int]:
    return [int(topic) for is_unread, topic in LISTED.findall(read(person, address)) if is_unread]


def index(person: Person) -> dict[str, tuple[bool, str, str]]:
    """Each section of the index by its slug: whether something is new, its counts, its last topic."""
    lines = re.findall(r'<li class="section( unread)?">(.*?)</li>', read(person, "/rubriques"), re.DOTALL)
    found = {}
    for is_unread, line in lines:
        slug = re.findall(r'data-section="([^"]+)"', line)[0]
        figures = re.sub(r"<[^>]+>", "", re.findall(r'<p class="small figures-line">(.*?)</p>', line)[0])
        last = re.sub(r"<[^>]+>", "", re.findall(r'<p class="small last">(.*?)(?:<time|</p>)', line)[0])
        found[slug] = bool(is_unread), figures, last.strip()
    return found


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud", "fongecif")


@pytest.fixture
def ines(lite: Site) -> Person:
    return lite.adviser("Ines", "apec")


def test_each_line_of_the_index_has_its_sections_counts_last_topic_and_news(
    lite: Site, maud: Person, ines: Person
) -> None:
    first = maud.asks("Premier")
    maud.asks("Second")
    other = maud.asks("Ailleurs", section="hors-pairs")
    maud.answers(first, "Un mot")
    read(ines, f"/sujets/{other}")

    lines = index(ines)

    assert lines["pairs"] == (True, "2 sujets · 3 messages", "Premier")
    assert lines["hors-pairs"] == (False, "1 sujet · 1 message", "Ailleurs")
    assert lines["publique"] == (False, "0 sujet · 0 message", "Pas encore de sujet")
    assert not {"groupe", "animateurs"} & set(lines)
    assert index(maud)["pairs"][0] is False, "what one wrote is not new"


def test_a_hidden_topic_is_neither_new_nor_counted_nor_last_on_the_index(
    lite: Site, maud: Person, ines: Person
) -> None:
    kept, hidden = maud.asks("Gardé"), maud.asks("À masquer")
    read(ines, f"/sujets/{kept}")

    lite.animator().post(f"/messages/{first_post(maud, hidden)}/masquage", reason="Motif")

    assert index(ines)["pairs"] == (False, "1 sujet · 1 message", "Gardé")
    for address in ("/rubriques/pairs", "/actifs", "/sans-reponse"):
        assert listed(ines, address) == [kept], address
    assert listed(ines, "/non-lus") == []


def test_the_index_goes_by_category_then_by_section(lite: Site, maud: Person) -> None:
    with lite.app.app_context():
        other = Category(name="Avant tout", position=-1)
        db.session.add(Section(slug="avant", name="Avant", category=other, audience="public", position=9))
        for position, slug in enumerate(("pairs", "publique", "hors-pairs")):
            db.session.execute(update(Section).where(Section.slug == slug).values(position=position))
        db.session.commit()

    order = list(index(maud))

    assert order[0] == "avant"
    assert [slug for slug in order if slug in ("pairs", "publique", "hors-pairs")] == [
        "pairs",
        "publique",
        "hors-pairs",
    ]
    assert read(maud, "/rubriques").count(">Avant tout</h2>") == 1


def test_nothing_is_new_to_whoever_is_not_signed_in(lite: Site, maud: Person) -> None:
    topic = lite.animator().asks("Annonce", section="publique")
    stranger, asker = lite.anonymous(), lite.person("Zoe", "none")

    assert list(index(stranger).items()).count(("publique", (False, "1 sujet · 1 message", "Annonce"))) == 1
    for address in ("/rubriques/publique", "/"):
        assert listed(stranger, address) == [topic]
        assert unread(stranger, address) == []
    assert unread(asker, "/rubriques/publique") == unread(maud, "/rubriques/publique") == [topic]


def test_a_line_tells_where_the_topic_stands_and_its_authors_network(lite: Site, maud: Person, ines: Person) -> None:
    maud.asks("De Maud")
    ines.asks("D'Ines", section="hors-pairs")

    lines = re.findall(r'<p class="meta">(.*?)</p>', read(maud, "/actifs"), re.DOTALL)
    said = [re.findall(r"<span[^>]*>([^<]+)</span>", line) for line in lines]

    assert [place for place, _network in said] == ["Rubrique hors-pairs", "Rubrique pairs"]
    assert ["Apec" in said[0][1], "Fongecif" in said[1][1]] == [True, True]


@pytest.fixture
def four(lite: Site, maud: Person, ines: Person) -> dict[str, int]:
    """A topic of each state, in the order they were opened; another section has one as well."""
    topics = {"resolu": maud.asks("Résolue"), "repondu": maud.asks("Répondue"), "ouvert": maud.asks("Ouverte")}
    topics["autre"] = maud.asks("Discussion", kind="discussion")
    maud.asks("Ailleurs", section="hors-pairs")
    ines.answers(topics["repondu"], "Une réponse")
    maud.solves(topics["resolu"], ines.answers(topics["resolu"], "La réponse"))
    return topics


BY_LAST_POST = ["resolu", "repondu", "autre", "ouvert"]
BY_CREATION = ["autre", "ouvert", "repondu", "resolu"]


@pytest.mark.parametrize(
    ("asked", "shown", "tab"),
    [("", BY_LAST_POST, "Tous"), ("tri=activite", BY_LAST_POST, "Tous"), ("tri=creation", BY_CREATION, "Tous"),
     ("tri=autrement", BY_LAST_POST, "Tous"), ("filtre=ouvert", ["ouvert"], "En attente"),
     ("filtre=repondu", ["repondu"], "Répondus"), ("filtre=resolu", ["resolu"], "Résolus"),
     ("filtre=question&tri=creation", ["ouvert", "repondu", "resolu"], "Questions"),
     ("filtre=autre", ["autre"], "Autres sujets"), ("filtre=nulle-part", BY_LAST_POST, "Tous")],
)  # fmt: skip
def test_a_section_is_narrowed_and_sorted_as_its_address_says(
    four: dict[str, int], ines: Person, asked: str, shown: list[str], tab: str
) -> None:
    page = read(ines, f"/rubriques/pairs?{asked}")

    assert "<h1>Rubrique pairs</h1>" in page
    assert [int(topic) for _unread, topic in LISTED.findall(page)] == [four[each] for each in shown]
    assert re.findall(r'aria-current="true">([^<]+)</a>', page) == [tab]
    assert ("Trier par dernier message" in page) == ("creation" in asked)


@pytest.mark.parametrize("sort", ["activite", "creation"])
def test_a_pinned_topic_comes_first_in_its_section_alone(
    lite: Site, four: dict[str, int], ines: Person, sort: str
) -> None:
    lite.animator().post(f"/sujets/{four['repondu']}/epingle")

    assert listed(ines, f"/rubriques/pairs?tri={sort}")[0] == four["repondu"]
    assert listed(ines, "/actifs")[0] != four["repondu"]


def test_a_section_offers_to_ask_where_one_may_and_it_is_open(lite: Site, maud: Person) -> None:
    lise = lite.animator()

    def offers(person: Person, slug: str) -> bool:
        return (
            "Poser une question"
            in read(person, f"/rubriques/{slug}").split("<main", 1)[1].split('<nav class="tabs', 1)[0]
        )

    assert offers(maud, "pairs")
    assert not offers(maud, "publique")
    assert offers(lise, "publique")
    with lite.app.app_context():
        db.session.execute(update(Section).where(Section.slug == "pairs").values(closed_at=now()))
        db.session.commit()
    assert not offers(maud, "pairs")
    assert "Cette rubrique est fermée" in read(maud, "/rubriques/pairs")


@pytest.mark.parametrize("slug", ["animateurs", "groupe", "nulle-part"])
def test_a_section_one_may_not_see_is_as_one_that_is_not(maud: Person, slug: str) -> None:
    assert maud.get(f"/rubriques/{slug}").status_code == 404


@pytest.fixture
def many(lite: Site, maud: Person) -> list[int]:
    """One question more than a page holds, and one that peers do not see."""
    lite.animator().asks("Entre nous", section="animateurs")
    return [maud.asks(f"Question {number}") for number in range(21)]


ANY_LAST = ("/rubriques/pairs?", "/rubriques/pairs?filtre=ouvert&", "/actifs?", "/non-lus?")


def test_what_a_page_does_not_hold_stands_on_the_next(many: list[int], ines: Person) -> None:
    for address in ANY_LAST:
        assert listed(ines, f"{address}page=1") == many[:0:-1], address
        assert listed(ines, f"{address}page=2") == many[:1], address
    assert listed(ines, "/sans-reponse") == many[:20]
    assert listed(ines, "/sans-reponse?page=2") == many[20:]
    assert re.findall(r'href="\?page=2([^"]*)"', read(ines, "/rubriques/pairs?filtre=ouvert&tri=creation")) == [
        "&filtre=ouvert&tri=creation"
    ]


def test_pages_are_counted_by_what_the_reader_may_list(lite: Site, many: list[int], maud: Person, ines: Person) -> None:
    lite.animator("Noa").post(f"/messages/{first_post(maud, many[3])}/masquage", reason="Motif")

    for address in (*ANY_LAST, "/sans-reponse"):
        assert PAGES not in read(ines, address), address
        assert len(listed(ines, address)) == 20, address


def test_a_filter_counts_what_it_shows(many: list[int], ines: Person) -> None:
    ines.answers(many[0], "Une réponse")

    for address in ("/rubriques/pairs?filtre=ouvert", "/rubriques/pairs?filtre=repondu", "/sans-reponse"):
        assert PAGES not in read(ines, address), address
    assert PAGES in read(ines, "/rubriques/pairs?filtre=question")


def test_what_is_read_is_no_more_among_the_unread_and_counts_there_no_more(
    many: list[int], maud: Person, ines: Person
) -> None:
    read(ines, f"/sujets/{many[5]}")

    assert listed(ines, "/non-lus") == [topic for topic in reversed(many) if topic != many[5]]
    assert PAGES not in read(ines, "/non-lus")
    assert many[5] not in unread(ines, "/rubriques/pairs")
    assert len(unread(ines, "/rubriques/pairs")) == 19
    assert listed(maud, "/non-lus") == []


def test_everything_is_marked_as_read_and_said_on_the_page_one_was_on(many: list[int], ines: Person) -> None:
    answer = ines.post("/lecture", next="/rubriques")

    assert answer.location == "/rubriques"
    assert "Tout est marqué comme lu." in read(ines, "/rubriques")
    assert listed(ines, "/non-lus") == unread(ines, "/actifs") == []
    assert ines.post("/lecture", next="https://ailleurs.example/").location == "/"


def home(person: Person, heading: str) -> list[str]:
    """The titles under a heading of the home page."""
    panel = read(person, "/").split(f">{heading}</h2>")[1].split("</section>")[0]
    return re.findall(r'<a href="/sujets/[^"]*">(?:<span class="unseen">[^<]*</span>)?([^<]+)</a>', panel)


def test_the_home_page_has_the_last_solved_and_the_last_relayed_first(lite: Site, maud: Person, ines: Person) -> None:
    lise = lite.animator()
    topics = {title: maud.asks(title, section="hors-pairs") for title in ("Une", "Deux", "Trois", "Quatre")}
    for title in ("Deux", "Trois", "Une"):
        maud.solves(topics[title], ines.answers(topics[title], "Voici."))
    for title in ("Trois", "Quatre", "Deux"):
        lise.post(f"/sujets/{topics[title]}/relais")

    assert home(ines, "Derniers cas résolus") == ["Une", "Trois", "Deux"]
    assert home(ines, "Relayé des hors pairs") == ["Deux", "Quatre", "Trois"]
    assert home(ines, "Ils attendent une réponse") == ["Quatre"]
    assert "dans les 4 sujets ?" in read(ines, "/")


def test_a_theme_merged_into_another_is_offered_no_more(lite: Site, maud: Person) -> None:
    with lite.app.app_context():
        first, second = db.session.scalars(select(Theme).order_by(Theme.position, Theme.id).limit(2))
        first.merged_into_id = second.id
        gone, kept = first.slug, second.slug
        db.session.commit()

    offered = re.findall(r'name="themes" value="([^"]+)"', read(maud, "/poser"))

    assert gone not in offered
    assert offered[0] == kept
    topic = maud.asks("Titre", themes=[gone])
    with lite.app.app_context():
        assert db.session.scalar(select(Topic.id).where(Topic.public_id == topic)) is not None
    assert (
        '<span class="badge">'
        not in read(maud, f"/sujets/{topic}").split('<div class="meta">')[1].split("</header>")[0]
    )
