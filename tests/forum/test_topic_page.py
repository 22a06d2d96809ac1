"""A topic's page: its address, who wrote what, the solution, what is new, which acts it offers to whom, and when it is
closed."""

import re
from html import unescape

import pytest
from sqlalchemy import event, select, update

from comcep.accounts.models import Region
from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Section, Theme, Topic, TopicRead
from tests.community import Person, Site
from tests.moderation.deciding import first_post, read

NEW = "Nouveau depuis votre dernière visite"
REPLY = '<form class="write" id="repondre"'


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud", "fongecif", region="27")


@pytest.fixture
def ines(lite: Site) -> Person:
    return lite.adviser("Ines", "apec", region="53")


@pytest.fixture
def topic(maud: Person) -> int:
    return maud.asks("Un titre à lire", "La question")


def post_of(page: str, post: int) -> str:
    return page.split(f'id="message-{post}"')[1].split("</article>")[0]


def new_from(page: str) -> list[int]:
    """The posts above which the page says that it is new from there."""
    return [int(post) for post in re.findall(rf'{NEW}</p>\s*<article [^>]*id="message-(\d+)"', page)]


def fill(site: Site, topic: int, author: Person, count: int) -> list[int]:
    """As many more posts in a topic, without the pages that would write them."""
    with site.app.app_context():
        row = site.topic(topic)
        posts = [
            Post(topic_id=row.id, author_id=author.member_id, source=f"{each}", html=f"<p>De plus : {each}</p>")
            for each in range(count)
        ]
        db.session.add_all(posts)
        db.session.flush()
        row.posts_count, row.last_post_id = row.posts_count + count, posts[-1].id
        db.session.commit()
        return [post.public_id for post in posts]


def test_a_topic_has_one_address_and_leads_there_with_what_was_asked_of_it(topic: int, ines: Person) -> None:
    canonical = f"/sujets/{topic}-un-titre-a-lire"

    assert ines.get(f"/sujets/{topic}").location == canonical
    assert ines.get(f"/sujets/{topic}-autre").location == canonical
    assert ines.get(f"/sujets/{topic}?page=2").location == f"{canonical}?page=2"
    assert ines.get(canonical).status_code == 200


def test_each_message_bears_its_authors_name_network_region_and_standing(
    lite: Site, maud: Person, ines: Person
) -> None:
    agnes = lite.hors_pair()
    topic = maud.asks("Titre", section="hors-pairs")
    first, answer, word = first_post(maud, topic), ines.answers(topic, "Une réponse"), agnes.answers(topic, "Un mot")
    with lite.app.app_context():
        regions = dict(db.session.execute(select(Region.code, Region.name)).all())

    page = read(ines, f"/sujets/{topic}")

    for post, person, network, region in ((first, maud, "Fongecif", "27"), (answer, ines, "Apec", "53")):
        shown = post_of(page, post)
        assert f'href="/membres/{person.public_id}">{person.name}</a>' in shown
        assert network in shown
        assert regions[region] in shown
        assert "hors pair" not in shown
    assert "hors pair" in post_of(page, word)
    assert re.findall(r'data-post-id="(\d+)"', page) == [str(first), str(answer), str(word)]


def test_one_corrects_ones_own_messages_and_an_animator_all(lite: Site, maud: Person, ines: Person, topic: int) -> None:
    posts = [first_post(maud, topic), ines.answers(topic, "Une réponse"), maud.answers(topic, "Merci", anonymous="1")]

    def offered(person: Person, what: str) -> list[int]:
        page = read(person, f"/sujets/{topic}")
        return [post for post in posts if f'href="/messages/{post}/{what}"' in post_of(page, post)]

    assert offered(maud, "modifier") == [posts[0], posts[2]]
    assert offered(ines, "modifier") == [posts[1]]
    assert offered(lite.adviser("Lea"), "modifier") == []
    assert offered(lite.animator(), "modifier") == posts
    ines.post(f"/messages/{posts[1]}/modifier", body="Mieux dit", version="1")
    assert offered(ines, "historique") == [posts[1]]
    assert offered(maud, "historique") == []


def test_a_question_is_solved_by_who_asked_or_an_animator_and_nothing_else_is(
    lite: Site, maud: Person, ines: Person
) -> None:
    lise = lite.animator()
    for kind in ("question", "discussion"):
        topic = maud.asks(f"Titre {kind}", kind=kind)
        ines.answers(topic, "Une réponse")
        may = [who.name for who in (maud, ines, lise) if "C'est la solution" in read(who, f"/sujets/{topic}")]
        assert may == (["Maud Essai", "Lise Essai"] if kind == "question" else [])


def test_the_solution_stands_at_the_top_of_every_page(lite: Site, maud: Person, ines: Person, topic: int) -> None:
    posts = fill(lite, topic, ines, 22)
    assert "Ce qui a résolu la question" not in read(maud, f"/sujets/{topic}")

    maud.solves(topic, posts[20])

    for page in (1, 2):
        shown = read(maud, f"/sujets/{topic}?page={page}")
        solution = shown.split("Ce qui a résolu la question")[1].split("</section>")[0]
        assert "De plus : 20" in solution
        assert "Ines Essai · Apec" in solution
        assert f"/messages/{posts[20]}" in solution
        assert ("Réponse retenue" in shown) == (page == 2)


def test_what_an_animator_alone_sees_counts_on_their_pages_alone(lite: Site, maud: Person, topic: int) -> None:
    lise, noa = lite.animator(), lite.adviser("Noa")
    posts = fill(lite, topic, maud, 20)
    other = maud.asks("Un autre sujet")
    fill(lite, other, maud, 3)
    lise.post(f"/messages/{posts[3]}/masquage", reason="Motif")

    assert '<nav class="pages"' not in read(noa, f"/sujets/{topic}")
    assert "De plus : 19" in read(noa, f"/sujets/{topic}")
    assert noa.get(f"/messages/{posts[19]}").location.count("page=") == 0
    assert "De plus : 19" not in read(lise, f"/sujets/{topic}")
    assert "De plus : 19" in read(lise, f"/sujets/{topic}?page=2")
    assert "page=2" in lise.get(f"/messages/{posts[19]}").location
    assert '<nav class="pages"' not in read(lise, f"/sujets/{other}")
    assert "page=" not in lise.get(f"/messages/{first_post(maud, other)}").location


def test_a_hidden_message_leads_an_animator_to_it_and_nobody_else(lite: Site, maud: Person, topic: int) -> None:
    lise, answer = lite.animator(), maud.answers(topic, "À masquer")
    lise.post(f"/messages/{answer}/masquage", reason="Motif")

    assert "Masqué par l'animation" in post_of(read(lise, f"/messages/{answer}"), answer)
    assert maud.get(f"/messages/{answer}").status_code == 404
    assert maud.get("/messages/123456789012345").status_code == 404


def test_a_topics_themes_are_its_own_in_their_order(lite: Site, maud: Person) -> None:
    with lite.app.app_context():
        themes = db.session.execute(select(Theme.slug, Theme.label).order_by(Theme.position, Theme.id).limit(3)).all()
    topic = maud.asks("Titre", themes=[themes[2].slug, themes[0].slug])
    maud.asks("Autre", themes=[themes[1].slug])

    meta = read(maud, f"/sujets/{topic}").split('<div class="meta">')[1].split("</header>")[0]

    assert re.findall(r'<span class="badge">([^<]+)</span>', meta) == [themes[0].label, themes[2].label]


def test_what_is_new_is_marked_from_the_first_message_not_read(maud: Person, ines: Person, topic: int) -> None:
    assert new_from(read(ines, f"/sujets/{topic}")) == [], "all of it is new"
    first, _second = maud.answers(topic, "Un"), maud.answers(topic, "Deux")

    assert new_from(read(ines, f"/sujets/{topic}")) == [first]
    assert new_from(read(ines, f"/sujets/{topic}")) == []
    maud.answers(topic, "Trois")
    ines.post("/lecture")
    assert new_from(read(ines, f"/sujets/{topic}")) == []


def test_a_page_marks_as_read_up_to_its_last_message(lite: Site, maud: Person, ines: Person, topic: int) -> None:
    posts = fill(lite, topic, maud, 25)

    read(ines, f"/sujets/{topic}")
    assert f'data-id="{topic}"' in ines.get("/non-lus").text
    assert new_from(read(ines, f"/sujets/{topic}?page=2")) == [], "the whole page is new"
    assert f'data-id="{topic}"' not in ines.get("/non-lus").text

    read(ines, f"/sujets/{topic}?page=1")
    with lite.app.app_context():
        mark = db.session.scalar(select(TopicRead.post_id).where(TopicRead.member_id == ines.member_id))
        assert mark == lite.post(posts[-1]).id


def test_a_page_read_again_writes_nothing(lite: Site, ines: Person, topic: int) -> None:
    written: list[str] = []
    with lite.app.app_context():
        engine = db.engine

    def note(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
        written.extend([statement] if statement.startswith(("INSERT INTO topic_read", "UPDATE notification")) else [])

    event.listen(engine, "before_cursor_execute", note)
    read(ines, f"/sujets/{topic}")
    assert written
    written.clear()
    read(ines, f"/sujets/{topic}")

    assert written == []


def test_a_notification_of_what_was_read_is_read(lite: Site, maud: Person, ines: Person, topic: int) -> None:
    other = maud.asks("Autre")
    for each in (topic, other):
        ines.answers(each, "Une réponse")
    lite.works()
    unread = re.compile(r'class="[^"]*\bunread\b')
    assert len(unread.findall(read(maud, "/notifications"))) == 2

    read(maud, f"/sujets/{topic}")

    assert len(unread.findall(read(maud, "/notifications"))) == 1


def test_whoever_is_no_member_reads_a_public_topic_and_leaves_no_mark(lite: Site, maud: Person) -> None:
    topic = lite.animator().asks("Une annonce", "Pour tous", section="publique")
    stranger, asker = lite.anonymous(), lite.person("Zoe", "none")

    for person in (stranger, asker, maud):
        page = read(person, f"/sujets/{topic}")
        assert "Pour tous" in page
        assert REPLY not in page, "the house speaks there"
        assert NEW not in page
    with lite.app.app_context():
        readers = set(db.session.scalars(select(TopicRead.member_id)))
    assert readers == {maud.member_id, lite.people["Lise"].member_id}


@pytest.mark.parametrize("what", ["topic", "section"])
def test_what_is_closed_is_read_and_takes_no_reply(
    lite: Site, maud: Person, ines: Person, topic: int, what: str
) -> None:
    page = read(ines, f"/sujets/{topic}")
    assert REPLY in page
    assert "Ce sujet est fermé" not in page

    with lite.app.app_context():
        closed = update(Topic) if what == "topic" else update(Section)
        db.session.execute(closed.values(closed_at=now()))
        db.session.commit()

    page = read(ines, f"/sujets/{topic}")
    assert REPLY not in page
    assert "Ce sujet est fermé : on peut le lire, plus y répondre." in page
    answer = ines.post(f"/sujets/{topic}/messages", body="Un texte à garder")
    assert answer.status_code == 409
    assert "Un texte à garder" in answer.text
    assert "Ce sujet a été fermé entre-temps" in unescape(answer.text)


def test_a_hidden_topic_takes_no_reply_of_an_animator(lite: Site, maud: Person, topic: int) -> None:
    lise = lite.animator()
    assert REPLY in read(lise, f"/sujets/{topic}")

    lise.post(f"/messages/{first_post(maud, topic)}/masquage", reason="Motif")

    assert REPLY not in read(lise, f"/sujets/{topic}")


def test_the_page_says_whether_its_reader_follows_it(maud: Person, ines: Person, topic: int) -> None:
    other = maud.asks("Un autre")
    ines.post(f"/sujets/{other}/suivi")

    def button(person: Person, number: int) -> list[str]:
        return re.findall(r">((?:Ne plus s|S)uivre)</button>", read(person, f"/sujets/{number}"))

    assert button(maud, topic) == button(maud, other) == button(ines, other) == ["Ne plus suivre"]
    assert button(ines, topic) == ["Suivre"]
    assert read(ines, f"/sujets/{topic}").count(f'data-post-id="{first_post(maud, topic)}"') == 1


def test_one_stays_without_name_in_the_topic_where_one_was_and_nowhere_else(
    maud: Person, ines: Person, topic: int
) -> None:
    elsewhere = maud.asks("Sans nom ailleurs", anonymous="1")
    ines.answers(topic, "Sans nom ici", anonymous="1")

    mine = maud.answers(topic, "Sous mon nom")

    page = read(maud, f"/sujets/{topic}")
    assert "Maud Essai" in post_of(page, mine)
    assert 'name="anonymous"' in page
    assert "vous avez déjà écrit sans nom" not in page
    assert "vous avez déjà écrit sans nom" in read(maud, f"/sujets/{elsewhere}")
    own = ines.answers(topic, "Encore un mot")
    assert "Ines" not in post_of(read(maud, f"/sujets/{topic}"), own)
