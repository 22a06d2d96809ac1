"""Taking a decision back undoes that decision and no other; who contests or answers at the same moment as another is
told so; what is said after each."""

from html import unescape

import pytest
from sqlalchemy import select, text

from comcep.access.permissions import Forbidden
from comcep.extensions import db
from comcep.forum.models import Post, Topic
from comcep.moderation import contesting, statements
from comcep.moderation.models import Statement
from tests.community import Person, Site
from tests.moderation.deciding import decision, first_post, lines, read, told

LONG_AGO = "1999-12-31 00:00:00.000000"


class Scene:
    """A question by Maud with her own reply; Lise decides, Rose answers contests."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.lise, self.rose, self.maud = site.animator(), site.animator("Rose"), site.adviser("Maud")
        self.topic = self.maud.asks("Titre zqtitrezq", "Texte")
        self.question = first_post(self.maud, self.topic)

    def closes(self) -> str:
        self.lise.post(f"/sujets/{self.topic}/fermeture", reason="Motif")
        return decision(self.site, self.maud)

    def hides(self) -> str:
        self.lise.post(f"/messages/{self.question}/masquage", reason="Motif")
        return decision(self.site, self.maud)

    def moves(self, topic: int = 0) -> str:
        self.lise.post(f"/sujets/{topic or self.topic}/deplacement", section="animateurs", reason="Motif")
        return decision(self.site, self.maud)

    def contests(self, statement: str) -> str:
        """Contest it; the address where animators answer."""
        assert self.maud.post(f"{statement}/contestation", reason="Non.").status_code == 302
        return statement.replace("/decisions", "/animation/contestations")

    def is_taken_back(self, statement: str) -> int:
        return self.rose.post(self.contests(statement), decision="take-back", reason="Relu.").status_code

    def state(self) -> tuple[bool, bool]:
        """Whether the question is hidden, and its topic closed."""
        with self.site.app.app_context():
            topic, post = self.site.topic(self.topic), self.site.post(self.question)
            return post.hidden_at is not None, topic.closed_at is not None


@pytest.fixture
def scene(lite: Site) -> Scene:
    return Scene(lite)


@pytest.mark.parametrize(("contested", "left"), [("hides", (False, True)), ("closes", (True, False))])
def test_of_two_decisions_the_one_that_is_not_contested_stays(
    scene: Scene, contested: str, left: tuple[bool, bool]
) -> None:
    made = {"closes": scene.closes(), "hides": scene.hides()}

    assert scene.is_taken_back(made[contested]) == 302

    assert scene.state() == left


def test_a_topic_opened_meanwhile_is_not_opened_twice(scene: Scene) -> None:
    statement = scene.closes()
    scene.lise.post(f"/sujets/{scene.topic}/fermeture", undo="1")

    assert scene.is_taken_back(statement) == 302

    assert [kind for kind, _ in lines(scene.site)] == ["close", "open-again", "contest", "take-back-decision"]


def test_a_move_is_undone_whatever_else_was_decided_since(scene: Scene) -> None:
    other = scene.maud.asks("Autre sujet")
    statement = scene.moves()
    scene.moves(other)
    scene.lise.post(f"/sujets/{scene.topic}/epingle")

    assert scene.is_taken_back(statement) == 302

    shown = read(scene.maud, "/rubriques/pairs")
    assert "zqtitrezq" in shown
    assert "Autre sujet" not in shown
    assert told(scene.site, scene.maud)[-1] == "moved"
    assert lines(scene.site)[-2:] == [("move", "Relu."), ("take-back-decision", "Relu.")]


def test_a_move_before_the_last_one_is_not_undone(scene: Scene) -> None:
    scene.topic = scene.maud.asks("Titre zqsecondzq", section="hors-pairs")
    scene.lise.post(f"/sujets/{scene.topic}/deplacement", section="pairs", reason="Motif")
    first = decision(scene.site, scene.maud)
    scene.moves()

    assert scene.is_taken_back(first) == 302

    with scene.site.app.app_context():
        assert scene.site.topic(scene.topic).section.slug == "animateurs"
    assert lines(scene.site)[-1] == ("take-back-decision", "Relu.")


def test_a_topic_that_cannot_be_put_back_is_said_beside_the_choice_and_nothing_is_answered(scene: Scene) -> None:
    statement = scene.moves()
    scene.lise.answers(scene.topic, "Écrit entre animateurs")
    address = scene.contests(statement)

    answer = scene.rose.post(address, decision="take-back", reason="Relu.")

    assert answer.status_code == 409
    page = unescape(answer.text)
    assert "jamais vers un public plus large" in page
    assert ">\nRelu.</textarea>" in page
    assert lines(scene.site)[-1][0] == "contest"
    assert 'name="decision"' in read(scene.rose, address), "it still waits"


def test_a_reason_for_a_move_back_is_kept_as_far_as_it_is_read(scene: Scene) -> None:
    scene.moves()

    scene.lise.post(f"/sujets/{scene.topic}/deplacement", undo="1", reason="x" * 2001)

    assert lines(scene.site)[-1] == ("move", "x" * 2000)


# What is said after.


def test_a_contest_and_its_answer_are_each_said_on_the_page_they_lead_to(scene: Scene) -> None:
    statement = scene.hides()

    contested = scene.maud.post(f"{statement}/contestation", reason="Non.")
    assert contested.location == statement
    assert "Votre contestation est transmise à l'animation." in read(scene.maud, statement)

    address = statement.replace("/decisions", "/animation/contestations")
    answered = scene.rose.post(address, decision="keep", reason="Relu.")
    assert answered.location == address
    page = read(scene.rose, address)
    assert "Votre réponse est enregistrée ; l'auteur du message en est averti." in page
    assert "La décision est maintenue." in page


def test_who_may_not_answer_reads_why(scene: Scene) -> None:
    address = scene.contests(scene.hides())

    assert "Vous avez pris cette décision" in read(scene.lise, address)
    assert 'name="decision"' in read(scene.rose, address)


def test_words_that_are_missing_come_back_beside_the_form(scene: Scene) -> None:
    statement = scene.hides()

    page = unescape(scene.maud.post(f"{statement}/contestation", reason=" ").text)
    assert "Écrivez pourquoi : l'animation le lira." in page
    assert f'action="{statement}/contestation"' in page
    address = scene.contests(statement)
    page = unescape(scene.rose.post(address, decision="keep", reason=" ").text)
    assert "Écrivez le motif : l'auteur le lira." in page
    assert f'action="{address}"' in page


def test_opening_a_form_finds_no_fault_in_it(scene: Scene) -> None:
    statement = scene.hides()
    assert "Écrivez pourquoi" not in read(scene.maud, statement)

    assert "Écrivez le motif : l'auteur" not in read(scene.rose, scene.contests(statement))


# Two at the same moment: what each held was read before the other was done.


def _meanwhile(sql: str) -> None:
    """What somebody else commits, of which this session knows nothing."""
    with db.engine.begin() as other:
        other.execute(text(sql))


def held(kind: str = "hidden") -> tuple[Statement, Post]:
    """The decision and its message, as read before."""
    statement = db.session.scalars(select(Statement).where(Statement.kind == kind)).one()
    post = db.session.get_one(Post, statement.post_id)
    db.session.commit()
    db.session.refresh(statement)
    db.session.rollback()
    return statement, post


def test_of_two_contests_at_once_the_first_is_kept_and_read(scene: Scene) -> None:
    scene.hides()
    with scene.site.app.app_context():
        statement, _post = held()
        assert statement.contested_at is None
        _meanwhile(f"update statement set contested_at = '{LONG_AGO}', contest = 'Premiers mots'")

        with pytest.raises(contesting.AlreadySaid):
            contesting.contest(scene.maud.viewer, statement, "Seconds mots")

        assert statement.contest == "Premiers mots"
    assert [kind for kind, _ in lines(scene.site)] == ["hide"]


def test_of_two_answers_at_once_the_first_is_kept_and_nothing_is_undone(scene: Scene) -> None:
    scene.contests(scene.hides())
    with scene.site.app.app_context():
        statement, post = held()
        _meanwhile(f"update statement set answered_at = '{LONG_AGO}', answer = 'Première', taken_back = false")

        with pytest.raises(contesting.AlreadySaid):
            contesting.answer(scene.rose.viewer, statement, post, "Seconde", takes_back=True)

        assert statement.answer == "Première"
    assert scene.state() == (True, False)
    assert lines(scene.site)[-1][0] == "contest"


def test_what_is_not_contested_is_not_answered(scene: Scene) -> None:
    scene.hides()
    with scene.site.app.app_context():
        statement, post = held()

        with pytest.raises(contesting.AlreadySaid):
            contesting.answer(scene.rose.viewer, statement, post, "Relu.", takes_back=True)

    assert scene.state() == (True, False)


@pytest.mark.parametrize(("who", "kind"), [("lise", "hidden"), ("maud", "shown")])
def test_the_function_itself_refuses_a_contest_by_another_or_of_what_restricts_nothing(
    scene: Scene, who: str, kind: str
) -> None:
    scene.hides()
    scene.lise.post(f"/messages/{scene.question}/masquage", undo="1")
    person: Person = getattr(scene, who)
    with scene.site.app.app_context():
        statement, _post = held(kind)

        with pytest.raises(Forbidden):
            contesting.contest(person.viewer, statement, "Non.")

        assert set(db.session.scalars(select(Statement.contested_at))) == {None}


def test_the_function_itself_refuses_an_answer_by_who_decided(scene: Scene) -> None:
    scene.contests(scene.hides())
    with scene.site.app.app_context():
        statement, post = held()

        with pytest.raises(Forbidden):
            contesting.answer(scene.lise.viewer, statement, post, "Relu.", takes_back=True)

    assert scene.state() == (True, False)


def test_the_message_of_a_decision_is_shown_by_no_function_to_another_than_its_author(scene: Scene) -> None:
    scene.hides()
    with scene.site.app.app_context():
        statement, _post = held()

        assert statements.concerned(scene.maud.viewer, statement).text.source == "Texte"
        with pytest.raises(Exception, match="No row was found"):
            statements.concerned(scene.lise.viewer, statement)
        assert db.session.scalar(select(Topic.hidden_at)) is not None
