"""An edit by an animator that is taken back: the author's words stand again, those of that edit and of that message."""

from dataclasses import dataclass

import pytest

from tests.community import Person, Site
from tests.moderation.deciding import decision, lines, read


@dataclass
class Scene:
    """A topic of Maud's with two replies, her own and Ines's; Lise edits, Rose answers."""

    site: Site
    maud: Person
    ines: Person
    lise: Person
    rose: Person
    topic: int
    reply: int
    other: int

    def take_back(self) -> None:
        statement = decision(self.site, self.maud)
        self.maud.post(f"{statement}/contestation", reason="Je ne désigne personne.")
        address = f"/animation/contestations/{statement.rsplit('/', 1)[1]}"
        assert self.rose.post(address, decision="take-back", reason="Relu.").status_code == 302

    def edit(self, person: Person, post: int, body: str, version: int) -> None:
        fields = {"body": body, "version": str(version), "reason": "Motif"}
        assert person.post(f"/messages/{post}/modifier", **fields).status_code == 302


@pytest.fixture
def scene(lite: Site) -> Scene:
    maud, ines = lite.adviser("Maud"), lite.adviser("Ines")
    topic = maud.asks("Titre du sujet", "Texte du sujet")
    reply, other = maud.answers(topic, "Réponse de Maud"), ines.answers(topic, "Réponse d'Ines")
    return Scene(lite, maud, ines, lite.animator(), lite.animator("Rose"), topic, reply, other)


def test_the_text_given_back_is_the_one_that_the_edit_replaced(scene: Scene) -> None:
    scene.edit(scene.ines, scene.other, "Réponse d'Ines, revue", 1)
    scene.edit(scene.ines, scene.other, "Réponse d'Ines, revue encore", 2)
    scene.edit(scene.maud, scene.reply, "Réponse de Maud, revue", 1)
    scene.edit(scene.lise, scene.reply, "Réponse de Lise", 2)

    scene.take_back()

    page = read(scene.ines, f"/sujets/{scene.topic}")
    assert "<p>Réponse de Maud, revue</p>" in page
    assert "<p>Réponse d'Ines, revue encore</p>" in page
    assert "Réponse de Lise" not in page
    assert "Titre du sujet" in page
    assert "modifié par l'animation" not in page
    assert [kind for kind, _ in lines(scene.site)] == ["edit", "contest", "edit", "take-back-decision"]


def test_nothing_is_written_down_as_given_back_where_the_author_wrote_anew(scene: Scene) -> None:
    scene.edit(scene.lise, scene.reply, "Réponse de Lise", 1)
    scene.edit(scene.maud, scene.reply, "Réponse de Maud, revue", 2)

    scene.take_back()

    assert "Réponse de Maud, revue" in read(scene.ines, f"/sujets/{scene.topic}")
    assert [kind for kind, _ in lines(scene.site)] == ["edit", "contest", "take-back-decision"]
