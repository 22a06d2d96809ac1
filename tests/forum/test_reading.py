"""What lists and pages say: who waits longest, the page a message stands on, what an author's own words are not."""

import re

import pytest
from sqlalchemy import select, update

from comcep.accounts.models import Region
from comcep.extensions import db
from comcep.forum.models import Post, Topic
from tests.community import Person, Site
from tests.moderation.deciding import first_post, read

LISTED = re.compile(r'data-kind="topic" data-id="(\d+)"')


@pytest.fixture
def maud(site: Site) -> Person:
    return site.adviser("Maud")


def state(person: Person, topic: int) -> str:
    found = re.search(r'<main[^>]*data-state="(\w+)"', read(person, f"/sujets/{topic}"))
    assert found is not None
    return found[1]


def test_who_waits_longest_comes_first_among_the_unanswered(site: Site, maud: Person) -> None:
    ines = site.adviser("Ines")
    first, answered, second, third = (maud.asks(title) for title in ("Un", "Deux", "Trois", "Quatre"))
    ines.answers(answered, "Une réponse")
    maud.asks("Pas une question", kind="discussion")

    assert [int(each) for each in LISTED.findall(ines.get("/sans-reponse").text)] == [first, second, third]
    assert int(LISTED.findall(ines.get("/actifs").text)[0]) != first


def test_an_askers_follow_up_is_no_answer_and_anothers_reply_is(site: Site, maud: Person) -> None:
    ines = site.adviser("Ines")
    topic = maud.asks("Titre")

    maud.answers(topic, "Je précise.")
    assert state(ines, topic) == "open"
    assert str(topic) in ines.get("/sans-reponse").text
    site.works()
    assert maud.mails() == []

    answer = ines.answers(topic, "Une réponse.")
    maud.answers(topic, "Merci.")
    assert state(ines, topic) == "answered"
    assert str(topic) not in ines.get("/sans-reponse").text

    site.animator().post(f"/messages/{answer}/masquage", reason="Motif")
    assert state(ines, topic) == "open", "what is hidden answers nothing"


@pytest.mark.parametrize(("number", "page"), [(1, 1), (20, 1), (21, 2), (40, 2), (41, 3)])
def test_a_message_leads_to_the_page_it_stands_on(lite: Site, number: int, page: int) -> None:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    topic = maud.asks("Titre")
    with lite.app.app_context():
        row = lite.topic(topic)
        for each in range(2, 42):
            db.session.add(Post(topic_id=row.id, author_id=maud.member_id, source=f"{each}", html=f"<p>{each}</p>"))
        row.posts_count = 41
        db.session.commit()
        wanted = db.session.scalar(select(Post.public_id).order_by(Post.id).offset(number - 1).limit(1))

    answer = ines.get(f"/messages/{wanted}")

    assert ("page=" in answer.location) == (page > 1)
    shown = ines.get(answer.location)
    assert f'id="message-{wanted}"' in shown.text
    assert answer.location.endswith(f"#message-{wanted}")
    if page > 1:
        assert f"page={page}" in answer.location


def test_neither_region_nor_network_of_an_author_without_a_name_is_on_any_page(site: Site) -> None:
    with site.app.app_context():
        region = db.session.scalar(select(Region.name).where(Region.code == "53"))
        network = "Apec"
    nameless = site.adviser("Sansnom", "apec", region="53")
    ines = site.adviser("Ines", "fongecif")
    topic = nameless.asks("Question zqzq", anonymous="1")
    answer = nameless.answers(topic, "Une précision", anonymous="1")
    nameless.solves(topic, answer)
    site.works()

    for address in (f"/sujets/{topic}", "/rubriques/pairs", "/actifs", "/", "/recherche?q=zqzq"):
        main = read(ines, address).split("<main", 1)[1].split("<footer class", 1)[0]
        rows = re.sub(r"<(option|a|label)[^>]*(data-facet|value=)[^>]*>.*?</\1>", "", main)
        assert region not in rows, address
        assert network not in rows, address
    named = nameless.asks("Question nommée")
    page = read(ines, f"/sujets/{named}")
    assert region in page
    assert network in page


def test_a_row_without_a_name_holds_nothing_of_its_author(lite: Site) -> None:
    """Whatever a template would show of it."""
    from comcep.forum.reading import posts

    nameless, ines = lite.adviser("Sansnom", "apec", region="53"), lite.adviser("Ines")
    topic = nameless.asks("Question", anonymous="1")
    with lite.app.app_context():
        [row] = posts.of_topic(ines.viewer, lite.topic(topic).id, 0)
        held = (row.name, row.member_id, row.author_id, row.standing, row.network, row.region)

    assert held == (None,) * 6


PHONE = "Appelez-moi au 06 12 34 56 78."


def test_an_edit_despite_a_warning_waits_again_for_a_check(site: Site, maud: Person) -> None:
    lise = site.animator()
    topic = maud.asks("Titre", PHONE, confirm="1")
    message = first_post(maud, topic)
    assert str(message) in lise.get("/animation").text
    lise.post(f"/messages/{message}/verification")
    assert str(message) not in lise.get("/animation").text

    maud.post(f"/messages/{message}/modifier", title="Titre", body="Texte neutre", version="1")
    assert str(message) not in lise.get("/animation").text, "nothing to warn of, nothing to check"

    warned = maud.post(f"/messages/{message}/modifier", title="Titre", body=PHONE, version="2")
    assert warned.status_code == 422
    maud.post(f"/messages/{message}/modifier", title="Titre", body=PHONE, version="2", confirm="1")
    assert str(message) in lise.get("/animation").text


def test_a_hidden_post_the_question_itself_and_another_topics_post_are_no_solution(site: Site, maud: Person) -> None:
    lise, ines = site.animator(), site.adviser("Ines")
    topic, other = maud.asks("Titre"), maud.asks("Autre")
    hidden, elsewhere = ines.answers(topic, "À masquer"), ines.answers(other, "Ailleurs")
    lise.post(f"/messages/{hidden}/masquage", reason="Motif")

    for post in (hidden, elsewhere, first_post(maud, topic)):
        for person in (lise, maud):
            assert person.solves(topic, post).status_code in (400, 404)
    with site.app.app_context():
        assert set(db.session.scalars(select(Topic.solving_post_id))) == {None}
        assert "solved" not in set(db.session.scalars(select(Topic.state)))
        db.session.execute(update(Topic).values(kind="discussion", state=None))
        db.session.commit()
    assert maud.solves(other, elsewhere).status_code == 400
