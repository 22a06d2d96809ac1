"""What an animator is told after an act, where it leads them, and what the functions themselves refuse to others."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import select

from comcep.access.permissions import Forbidden
from comcep.extensions import db
from comcep.forum.models import Post, Section, Topic
from comcep.moderation import acting, moving
from tests.community import Person, Site
from tests.moderation.deciding import first_post, lines, told


class Scene:
    """A question to the hors pairs, by Maud, with her own reply; Lise animates."""

    def __init__(self, site: Site) -> None:
        self.site, self.lise, self.maud = site, site.animator(), site.adviser("Maud")
        self.topic = self.maud.asks("Titre zqtitrezq", "Texte zqtextezq", section="hors-pairs")
        self.reply = self.maud.answers(self.topic, "Ma réponse")

    def does(self, address: str, **fields: str) -> str:
        """Do it as Lise; the page she is led to."""
        answer = self.lise.post(address.format(topic=self.topic, reply=self.reply), **fields)
        assert answer.status_code == 302, answer.text
        return unescape(self.lise.get(answer.location, follow_redirects=True).text)


@pytest.fixture
def scene(lite: Site) -> Scene:
    return Scene(lite)


TOPIC, REPLY = "/sujets/{topic}", "/messages/{reply}"
SAID = [
    (f"{REPLY}/masquage", {"reason": "Motif"}, "Le message est masqué ; son auteur en reçoit le motif.",
     {"undo": "1"}, "Le message est de nouveau visible."),
    (f"{TOPIC}/fermeture", {"reason": "Motif"}, "Le sujet est fermé ; son auteur en reçoit le motif.",
     {"undo": "1"}, "Le sujet est rouvert ; son auteur en est averti."),
    (f"{TOPIC}/epingle", {}, "Le sujet est épinglé en tête de sa rubrique.",
     {"undo": "1"}, "Le sujet n'est plus épinglé."),
    (f"{TOPIC}/relais", {}, "Le sujet est relayé sur l'accueil des pairs.",
     {"undo": "1"}, "Le sujet n'est plus relayé."),
    (f"{TOPIC}/deplacement", {"section": "pairs", "reason": "Motif"},
     "Le sujet est déplacé dans « Rubrique pairs » ; son auteur en est prévenu.",
     {"undo": "1"}, "Le sujet est déplacé dans « Rubrique hors-pairs » ; son auteur en est prévenu."),
]  # fmt: skip


@pytest.mark.parametrize(("address", "fields", "said", "undo", "undone"), SAID)
def test_an_act_and_its_undoing_are_each_said_on_the_topics_page(
    scene: Scene, address: str, fields: dict[str, str], said: str, undo: dict[str, str], undone: str
) -> None:
    page = scene.does(address, **fields)
    assert said in page
    assert undone not in page
    assert "zqtitrezq" in page

    page = scene.does(address, **undo)
    assert undone in page
    assert said not in page


@pytest.mark.parametrize("undo", ["", "1"])
def test_an_act_on_a_message_leads_back_to_it(scene: Scene, undo: str) -> None:
    scene.does(f"{REPLY}/masquage", reason="Motif")
    scene.does(f"{REPLY}/masquage", undo="1")
    if undo:
        scene.does(f"{REPLY}/masquage", reason="Motif")

    answer = scene.lise.post(f"/messages/{scene.reply}/masquage", undo=undo, reason="Motif")

    assert answer.location.endswith(f"#message-{scene.reply}")


def test_opening_what_is_open_says_that_it_was(scene: Scene) -> None:
    page = scene.does(f"{TOPIC}/fermeture", undo="1")

    assert "Le sujet était déjà ouvert." in page
    assert "rouvert ; son auteur" not in page
    assert lines(scene.site) == []
    assert told(scene.site, scene.maud) == []


def test_a_message_hidden_before_is_said_to_be_and_nobody_is_told_twice(scene: Scene) -> None:
    scene.does(f"{REPLY}/masquage", reason="Premier motif")

    answer = scene.lise.post(f"/messages/{scene.reply}/masquage", reason="Second motif")

    assert answer.status_code == 409
    assert "Ce message était déjà masqué" in unescape(answer.text)
    assert lines(scene.site) == [("hide", "Premier motif")]
    assert told(scene.site, scene.maud) == ["hidden"]


@pytest.mark.parametrize("relays", [True, False])
def test_what_is_not_for_hors_pairs_is_neither_relayed_nor_taken_off(scene: Scene, relays: bool) -> None:
    topic = scene.maud.asks("Entre pairs")

    answer = scene.lise.post(f"/sujets/{topic}/relais", undo="" if relays else "1")

    assert answer.status_code == 409
    assert "Seul un sujet des échanges hors pairs se relaie" in unescape(answer.text)


def test_nothing_came_from_elsewhere_goes_back_there(scene: Scene) -> None:
    answer = scene.lise.post(f"/sujets/{scene.topic}/deplacement", undo="1")

    assert answer.status_code == 409
    assert "Ce sujet n'a pas été déplacé" in unescape(answer.text)


@pytest.mark.parametrize(
    ("section", "status", "said"),
    [("hors-pairs", 409, "Ce sujet est déjà dans cette rubrique."), ("publique", 409, "jamais vers un public plus large"),
     ("nulle-part", 422, "Choisissez une rubrique de la liste."), ("groupe", 422, "Choisissez une rubrique de la liste.")],
)  # fmt: skip
def test_a_destination_that_cannot_be_is_said_beside_the_field(
    scene: Scene, section: str, status: int, said: str
) -> None:
    answer = scene.lise.post(f"/sujets/{scene.topic}/deplacement", section=section, reason="Motif")

    assert answer.status_code == status
    assert said in unescape(answer.text)
    assert lines(scene.site) == []


def test_a_name_without_need_of_revealing_is_said_to_stand_there(scene: Scene) -> None:
    answer = scene.lise.post(f"/messages/{scene.reply}/auteur", reason="Motif")

    assert answer.status_code == 409
    assert "Ce message porte déjà le nom de son auteur." in unescape(answer.text)
    assert lines(scene.site) == []


def test_a_name_is_revealed_with_its_reason_to_the_journal_and_the_author(scene: Scene) -> None:
    post = scene.maud.answers(scene.topic, "Sans nom", anonymous="1")

    page = unescape(scene.lise.post(f"/messages/{post}/auteur", reason="  Une menace  ").text)

    assert "Maud Essai" in page
    assert lines(scene.site) == [("reveal", "Une menace")]
    assert told(scene.site, scene.maud) == ["revealed"]


# A form that has expired.

EXPIRED = "Ce formulaire avait expiré"


@pytest.mark.parametrize("undo", ["", "1"])
@pytest.mark.parametrize("address", [address for address, *_ in SAID])
def test_an_expired_form_does_nothing_and_says_so(scene: Scene, address: str, undo: str) -> None:
    scene.site.app.config["WTF_CSRF_ENABLED"] = True

    answer = scene.lise.post(
        address.format(topic=scene.topic, reply=scene.reply), undo=undo, reason="Motif", section="pairs"
    )

    assert answer.status_code == 422
    assert EXPIRED in unescape(answer.text)
    assert lines(scene.site) == []


# Counts and marks that follow.


def line_of_section(person: Person, section: str) -> tuple[int, int]:
    """How many topics and messages the index says there are."""
    line = person.get("/rubriques").text.split(f"Rubrique {section}<")[1]
    found = re.search(r"<b>(\d+)</b> sujets? · <b>(\d+)</b> message", line)
    assert found is not None
    return int(found[1]), int(found[2])


def test_what_is_hidden_counts_in_no_section_and_shown_again_it_counts(scene: Scene) -> None:
    question = first_post(scene.maud, scene.topic)
    counted = [line_of_section(scene.maud, "hors-pairs")]
    for message, fields in (
        (scene.reply, {"reason": "Motif"}), (scene.reply, {"undo": "1"}),
        (question, {"reason": "Motif"}), (question, {"undo": "1"}),
    ):  # fmt: skip
        scene.lise.post(f"/messages/{message}/masquage", **fields)
        counted.append(line_of_section(scene.maud, "hors-pairs"))

    assert counted == [(1, 2), (1, 1), (1, 2), (0, 0), (1, 2)]


def test_hiding_a_reply_leaves_its_topic_and_hiding_the_question_takes_it(scene: Scene) -> None:
    question = first_post(scene.maud, scene.topic)
    statuses = []
    for message, undo in ((scene.reply, ""), (scene.reply, "1"), (question, ""), (question, "1")):
        scene.lise.post(f"/messages/{message}/masquage", undo=undo, reason="Motif")
        statuses.append(scene.maud.get(f"/sujets/{scene.topic}", follow_redirects=True).status_code)

    assert statuses == [200, 200, 404, 200]


def test_a_move_counts_in_the_section_it_leaves_and_in_the_one_it_reaches(scene: Scene) -> None:
    assert [line_of_section(scene.lise, section) for section in ("hors-pairs", "pairs")] == [(1, 2), (0, 0)]

    scene.does(f"{TOPIC}/deplacement", section="pairs", reason="Motif")

    assert [line_of_section(scene.lise, section) for section in ("hors-pairs", "pairs")] == [(0, 0), (1, 2)]


# Whoever holds the topic or the message without being an animator.


def _section(slug: str) -> Section:
    return db.session.scalars(select(Section).where(Section.slug == slug)).one()


BY_FUNCTION: dict[str, Callable[[Person, Topic, Post], object]] = {
    "hide": lambda by, topic, post: acting.hide(by.viewer, post, "Motif"),
    "show again": lambda by, topic, post: acting.show_again(by.viewer, post),
    "close": lambda by, topic, post: acting.close(by.viewer, topic, True, "Motif"),
    "pin": lambda by, topic, post: acting.pin(by.viewer, topic, True),
    "relay": lambda by, topic, post: acting.relay(by.viewer, topic, True),
    "check": lambda by, topic, post: acting.check(by.viewer, post),
    "reveal": lambda by, topic, post: acting.reveal(by.viewer, post, "Motif"),
    "move": lambda by, topic, post: moving.move(by.viewer, topic, _section("pairs"), "Motif"),
    "move back": lambda by, topic, post: moving.move_back(by.viewer, topic, "Motif"),
}


@pytest.mark.parametrize("act", BY_FUNCTION)
def test_the_function_itself_refuses_whoever_is_no_animator(scene: Scene, act: str) -> None:
    with scene.site.app.app_context():
        topic, post = scene.site.topic(scene.topic), scene.site.post(scene.reply)

        with pytest.raises(Forbidden):
            BY_FUNCTION[act](scene.maud, topic, post)

    assert lines(scene.site) == []
