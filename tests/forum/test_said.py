"""What a page says after each act on a topic or a message: done, refused, to be corrected; and what it was sent as."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select, update

from comcep.clock import now
from comcep.extensions import db
from comcep.forum.models import Post, Topic, TopicWorth
from tests.community import Person, Site
from tests.moderation.deciding import first_post, read

EXPIRED = "Ce formulaire avait expiré"
PHONE = "Appelez-moi au 06 12 34 56 78."


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


@pytest.fixture
def ines(lite: Site) -> Person:
    return lite.adviser("Ines")


@pytest.fixture
def topic(maud: Person) -> int:
    return maud.asks("Un titre", "La question")


def said(person: Person, address: str, **fields: str) -> list[str]:
    """What the page says that an act leads to."""
    person.get("/rubriques")  # what was said before
    answer = person.post(address, **fields)
    assert answer.status_code == 302, answer.text
    return re.findall(r'<p class="flash [a-z]*">([^<]*)</p>', read(person, answer.location))


def fields_of(page: str) -> dict[str, str]:
    """What the inputs and texts of a page hold, by name."""
    held = re.findall(r'<input [^>]*name="(\w+)"[^>]* value="([^"]*)"', page)
    return dict(held + re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>\n([^<]*)</textarea>', page))


def test_each_act_on_a_question_is_said_where_it_was_done(maud: Person, ines: Person, topic: int) -> None:
    resolution, follow = f"/sujets/{topic}/resolution", f"/sujets/{topic}/suivi"

    assert said(ines, f"/sujets/{topic}/messages", body="Une réponse") == ["Votre réponse est publiée."]
    answer = str(ines.answers(topic, "La réponse"))
    assert said(maud, resolution, waits="1") == ["La question est de nouveau parmi celles qui attendent une réponse."]
    assert said(maud, resolution, post=answer) == ["La question est marquée comme résolue."]
    assert 'data-state="solved"' in read(ines, f"/sujets/{topic}")
    assert said(maud, resolution, reopen="1") == ["La question est rouverte."]
    assert 'data-state="open"' in read(ines, f"/sujets/{topic}")
    assert said(maud, follow, stop="1") == ["Vous ne suivez plus ce sujet."]
    assert said(maud, follow) == ["Vous suivez ce sujet : chaque réponse vous sera signalée."]
    edit = f"/messages/{answer}/modifier"
    assert said(ines, edit, body="Mieux dit", version="1") == ["Votre modification est publiée."]
    asked = {"title": "Titre", "body": "Corps", "section": "pairs", "kind": "question"}
    assert said(maud, "/poser", **asked) == ["Votre sujet est publié."]


def test_following_without_leaving_the_page_changes_the_button_and_says_so(ines: Person, topic: int) -> None:
    def presses(**fields: str) -> str:
        answer = ines.client.post(f"/sujets/{topic}/suivi", data=fields, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return unescape(answer.text)

    followed = presses()
    assert "Ne plus suivre</button>" in read(ines, f"/sujets/{topic}")
    stopped = presses(stop="1")

    assert "Vous suivez ce sujet : chaque réponse vous sera signalée." in followed
    assert "Ne plus suivre</button>" in followed
    assert "Vous ne suivez plus ce sujet." in stopped
    assert ">Suivre</button>" in stopped
    for part in (followed, stopped):
        assert "<main" not in part
        assert 'form="repondre"' in part
        assert " autofocus" in part
    assert "flash" not in read(ines, f"/sujets/{topic}").split("<main")[0].replace("flashes", "")


@pytest.mark.parametrize("act", ["suivi", "resolution", "utilite"])
def test_an_expired_press_does_nothing_and_is_said(lite: Site, maud: Person, topic: int, act: str) -> None:
    maud.post(f"/sujets/{topic}/suivi", stop="1")
    lite.app.config["WTF_CSRF_ENABLED"] = True

    answer = maud.post(f"/sujets/{topic}/{act}", csrf_token="périmé", reopen="1", helped="yes")

    assert answer.status_code == 422
    assert EXPIRED in answer.text
    assert "Suivre</button>" in answer.text
    assert "est rouverte" not in maud.get(f"/sujets/{topic}", follow_redirects=True).text


def test_what_solves_nothing_is_said(maud: Person, ines: Person, topic: int) -> None:
    discussion = maud.asks("Autre", kind="discussion")
    answer = ines.answers(discussion, "Une réponse")

    for number, post, words in (
        (topic, "", "Choisissez le message qui a résolu la question."),
        (topic, "douze", "Choisissez le message qui a résolu la question."),
        (discussion, str(answer), "Seule une question se résout, par une des réponses qu'elle a reçues."),
    ):
        back = maud.post(f"/sujets/{number}/resolution", post=post)
        assert back.status_code == 400
        assert words in unescape(back.text)


def test_a_question_that_waits_already_is_said_to(maud: Person, topic: int) -> None:
    back = maud.post(f"/sujets/{topic}/resolution", waits="1")

    assert back.status_code == 409
    assert "Cette question attend déjà une réponse, ou elle est résolue : rien n'a changé." in unescape(back.text)
    assert "<title>Erreur :" in back.text


def test_who_may_not_is_told_so_whatever_they_send(maud: Person, ines: Person, topic: int) -> None:
    post = first_post(maud, topic)

    assert ines.post(f"/sujets/{topic}/resolution").status_code == 403
    assert ines.get(f"/messages/{post}/modifier").status_code == 403
    assert ines.post(f"/messages/{post}/modifier").status_code == 403
    assert ines.get(f"/messages/{post}/historique").status_code == 403


def solved(site: Site, topic: int, days: int) -> None:
    with site.app.app_context():
        answer = db.session.scalar(select(Post.id).order_by(Post.id.desc()).limit(1))
        changed = {"solving_post_id": answer, "solved_at": now() - timedelta(days=days), "state": "solved"}
        db.session.execute(update(Topic).where(Topic.public_id == topic).values(**changed))
        db.session.commit()


@pytest.mark.parametrize(("pressed", "helped"), [("yes", True), ("no", False)])
def test_who_asked_says_once_whether_the_answer_served(
    lite: Site, maud: Person, ines: Person, topic: int, pressed: str, helped: bool
) -> None:
    ines.answers(topic, "La réponse")
    solved(lite, topic, days=22)
    asked = "Cela a-t-il servi ?"
    assert asked in read(maud, f"/sujets/{topic}")
    assert asked not in read(ines, f"/sujets/{topic}")

    assert said(maud, f"/sujets/{topic}/utilite", helped=pressed) == [
        "Merci : votre réponse compte, avec celles des autres, dans la synthèse."
    ]

    assert asked not in read(maud, f"/sujets/{topic}")
    with lite.app.app_context():
        assert db.session.scalars(select(TopicWorth.helped)).all() == [helped]


def test_an_act_leads_back_to_the_page_it_was_sent_from_or_to_its_message(maud: Person, topic: int) -> None:
    assert maud.post(f"/sujets/{topic}/suivi", page="3").location == f"/sujets/{topic}-un-titre?page=3"
    assert maud.post(f"/sujets/{topic}/suivi").location == f"/sujets/{topic}-un-titre"
    kept = maud.post(f"/sujets/{topic}/suivi", body="Ce que j'écris", stop="1")
    assert kept.status_code == 200
    assert ">\nCe que j'écris</textarea>" in unescape(kept.text)
    assert "Vous ne suivez plus ce sujet." in kept.text


def test_an_act_on_a_message_leads_back_to_it(lite: Site, maud: Person, topic: int) -> None:
    answer = maud.answers(topic, "Une réponse")

    hidden = lite.animator().post(f"/messages/{answer}/masquage", reason="Motif")

    assert hidden.location.endswith(f"#message-{answer}")


def test_a_reply_is_shown_before_it_is_published(lite: Site, maud: Person, topic: int) -> None:
    before = maud.post(f"/sujets/{topic}/messages", body="Un **mot**", preview="1", anonymous="1")

    assert before.status_code == 200
    assert "<strong>mot</strong>" in before.text
    held = fields_of(before.text)
    assert held["body"] == "Un **mot**"
    assert 'name="anonymous" value="1" checked' in before.text
    with lite.app.app_context():
        assert lite.topic(topic).posts_count == 1


@pytest.mark.parametrize(("body", "words"), [("", "Écrivez votre message"), (PHONE, "06 12 34 56 78")])
def test_a_reply_to_be_corrected_comes_back(lite: Site, maud: Person, topic: int, body: str, words: str) -> None:
    back = maud.post(f"/sujets/{topic}/messages", body=body)

    assert back.status_code == 422
    assert words in unescape(back.text)
    with lite.app.app_context():
        assert lite.topic(topic).posts_count == 1


def test_a_reply_despite_a_warning_is_left_to_be_checked_and_another_is_not(
    lite: Site, maud: Person, topic: int
) -> None:
    plain, warned = maud.answers(topic, "Un mot", confirm="1"), maud.answers(topic, PHONE, confirm="1")

    with lite.app.app_context():
        assert [lite.post(each).despite_warning for each in (plain, warned)] == [False, True]


def test_the_page_that_corrects_a_message_holds_what_it_says(lite: Site, maud: Person, topic: int) -> None:
    first, answer = first_post(maud, topic), maud.answers(topic, "Une réponse")
    maud.post(f"/messages/{first}/modifier", title="Un titre", body="Mieux dit", version="1")
    lise = lite.animator()

    own, reply = read(maud, f"/messages/{first}/modifier"), read(maud, f"/messages/{answer}/modifier")
    others = read(lise, f"/messages/{first}/modifier")

    held = fields_of(own)
    assert (held["title"], held["body"], held["version"]) == ("Un titre", "Mieux dit", "2")
    assert "title" not in fields_of(reply)
    assert fields_of(reply)["body"] == "Une réponse"
    assert ["reason" in fields_of(page) for page in (own, reply, others)] == [False, False, True]
    assert "Quelqu'un a modifié" not in own


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [({"title": ""}, 422, "Donnez un titre"), ({"body": " "}, 422, "Écrivez votre message"),
     ({"body": PHONE}, 422, "06 12 34 56 78"), ({"version": ""}, 422, "rouvrez le message"),
     ({"version": "7"}, 409, "a modifié ce message entre-temps"), ({"preview": "1"}, 200, "<strong>nouveau</strong>")],
)  # fmt: skip
def test_a_correction_that_is_not_published_comes_back_as_typed(
    lite: Site, maud: Person, topic: int, fields: dict[str, str], status: int, words: str
) -> None:
    first = first_post(maud, topic)
    typed = {"title": "Titre nouveau", "body": "Texte **nouveau**", "version": "1", **fields}

    back = maud.post(f"/messages/{first}/modifier", **typed)

    page = unescape(back.text)
    assert back.status_code == status
    assert words in page
    assert fields_of(page)["title"] == typed["title"]
    assert fields_of(page)["body"].strip() == typed["body"].strip()
    assert ("<title>Erreur :" in page) == (status != 200)
    with lite.app.app_context():
        assert lite.post(first).source == "La question"
        assert lite.topic(topic).title == "Un titre"


def test_a_correction_changes_the_text_and_of_a_question_the_title(lite: Site, maud: Person, topic: int) -> None:
    first, answer = first_post(maud, topic), maud.answers(topic, "Une réponse")

    maud.post(f"/messages/{first}/modifier", title="Titre nouveau", body="Texte nouveau", version="1")
    led = maud.post(f"/messages/{answer}/modifier", title="Pas le sien", body="Réponse nouvelle", version="1")

    assert led.location == f"/sujets/{topic}-titre-nouveau#message-{answer}"
    page = read(maud, f"/sujets/{topic}")
    assert "<h1>Titre nouveau</h1>" in page
    assert "Texte nouveau" in page
    assert "Réponse nouvelle" in page


def test_a_correction_that_came_second_shows_both_texts_and_is_then_published(
    lite: Site, maud: Person, topic: int
) -> None:
    answer, lise = maud.answers(topic, "Premier texte"), lite.animator()
    lise.post(f"/messages/{answer}/modifier", body="Texte de Lise", version="1", reason="Motif")

    back = unescape(maud.post(f"/messages/{answer}/modifier", body="Texte de Maud", version="1").text)

    assert ">\nTexte de Lise</textarea>" in back
    held = fields_of(back)
    assert (held["version"], held["overtaken"], held["body"]) == ("2", "1", "Texte de Maud")
    assert "<title>Erreur :" in back
    again = maud.post(f"/messages/{answer}/modifier", body=" ", version="2", overtaken="1")
    assert ">\nTexte de Lise</textarea>" in unescape(again.text)
    maud.post(f"/messages/{answer}/modifier", body="Texte de Maud", version="2", overtaken="1")
    assert "Texte de Maud" in read(maud, f"/sujets/{topic}")


def test_the_history_of_a_message_is_its_own_newest_first(maud: Person, topic: int) -> None:
    first, answer = first_post(maud, topic), maud.answers(topic, "Une réponse")
    for version, body in enumerate(("Deux", "Trois"), 1):
        maud.post(f"/messages/{first}/modifier", title="Un titre", body=body, version=str(version))
    maud.post(f"/messages/{answer}/modifier", body="Autre", version="1")

    page = read(maud, f"/messages/{first}/historique")

    assert re.findall(r'<pre class="source">([^<]*)</pre>', page) == ["Trois", "Deux", "La question"]
    assert re.findall(r"<h2>Version (\d)</h2>", page) == ["2", "1"]


def test_a_text_is_shown_as_it_would_be_published(maud: Person) -> None:
    assert "<strong>gras</strong>" in maud.post("/apercu", body="**gras**").text
    assert maud.post("/apercu").status_code == 200
