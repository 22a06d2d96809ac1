"""Acts beside a topic: refused, they come back where they were, filled; done, they leave the reply being typed in peace."""

import html
import re

import pytest

from tests.community import Person, Site
from tests.web.test_too_late import says_too_late

REASON = "Un motif\nsur deux lignes."
LONG = "Un motif trop long. " * 120


@pytest.fixture
def maud(lite: Site) -> Person:
    return lite.adviser("Maud")


@pytest.fixture
def lise(lite: Site) -> Person:
    return lite.animator()


def long_topic(maud: Person, **fields: str) -> tuple[int, int]:
    """A topic of three pages, and its last post."""
    topic = maud.asks("Un long sujet")
    posts = [maud.answers(topic, f"Réponse {number}", **fields) for number in range(41)]
    return topic, posts[-1]


def comes_back_on_page_three(answer, field: str, typed: str, status: int = 422) -> str:  # type: ignore[no-untyped-def]
    """Open, filled, the error beside the field, the summary with focus and once."""
    page = html.unescape(answer.text)
    assert answer.status_code == status
    assert "<title>Erreur :" in page
    assert "Réponse 40" in page
    assert "Réponse 5<" not in page
    opened = re.findall(r'<details class="menu" open>(.*?)</details>', page, re.DOTALL)
    assert len(opened) == 1
    assert page.count("autofocus") == 1
    assert "autofocus" in opened[0]
    assert f'href="#{field}"' in opened[0]
    assert 'aria-invalid="true"' in opened[0]
    assert 'class="error"' in opened[0]
    assert f">\n{typed}</textarea>" in opened[0]
    return opened[0]


@pytest.mark.parametrize("typed", ["", LONG])
def test_a_reason_that_is_refused_comes_back_in_its_form_on_the_page_it_was_on(
    maud: Person, lise: Person, typed: str
) -> None:
    topic, post = long_topic(maud, anonymous="1")

    for address, field in (
        (f"/messages/{post}/masquage", f"masquer-{post}"),
        (f"/messages/{post}/auteur", f"lever-{post}"),
        (f"/sujets/{topic}/fermeture", "fermer"),
        (f"/sujets/{topic}/deplacement", "motif-deplacement"),
    ):
        fields = {"reason": typed, "page": "3", "section": "animateurs"}
        comes_back_on_page_three(lise.post(address, **fields), field, typed.strip() and typed)


@pytest.mark.parametrize(("section", "status"), [("publique", 409), ("nulle-part", 422), ("pairs", 409)])
def test_a_destination_that_is_refused_comes_back_with_the_reason(
    maud: Person, lise: Person, section: str, status: int
) -> None:
    topic, _post = long_topic(maud)

    answer = lise.post(f"/sujets/{topic}/deplacement", section=section, reason=REASON, page="3")

    comes_back_on_page_three(answer, "destination", REASON, status)


def test_a_section_chosen_stays_chosen_when_the_reason_is_missing(lite: Site, maud: Person, lise: Person) -> None:
    topic = lite.hors_pair().asks("Un sujet", section="hors-pairs")

    back = lise.post(f"/sujets/{topic}/deplacement", section="animateurs", reason="")

    assert 'value="animateurs" selected' in back.text


def test_what_somebody_else_had_done_is_said_and_the_reason_comes_back(maud: Person, lise: Person) -> None:
    topic, post = long_topic(maud)
    lise.post(f"/messages/{post}/masquage", reason="Le premier motif")
    lise.post(f"/sujets/{topic}/fermeture", reason="Le premier motif")

    for address, said in (
        (f"/messages/{post}/masquage", "déjà masqué"),
        (f"/sujets/{topic}/fermeture", "déjà fermé"),
        (f"/messages/{post}/auteur", "porte déjà le nom"),
    ):
        says_too_late(lise.post(address, reason=REASON, page="3"), said, f">\n{REASON}</textarea>", "Réponse 39")


def buttons(page: str) -> dict[str, dict[str, str]]:
    """The acts that belong to the form of the reply: what each is sent with, by its label."""
    found = re.findall(r'<button class="[^"]*" form="repondre" formaction="([^"]*)"([^>]*)>([^<]*)</button>', page)
    named = {label: re.search(r'name="([^"]*)" value="([^"]*)"', rest) for _address, rest, label in found}
    return {
        html.unescape(label): {"to": address, **({name[1]: name[2]} if (name := named[label]) else {})}
        for address, _rest, label in found
    }


def test_no_click_beside_a_reply_erases_it(lite: Site, maud: Person, lise: Person) -> None:
    agnes = lite.hors_pair()
    topic = agnes.asks("Une question", section="hors-pairs")
    for number in range(22):
        agnes.answers(topic, f"Réponse {number}")
    lise.post(f"/sujets/{topic}/suivi")
    pressed = set()
    labels = ["C'est la solution", "Rouvrir la question", "Épingler", "Désépingler", "Relayer aux pairs",
              "Ne plus relayer", "Rendre visible", "Ne plus suivre"]  # fmt: skip
    lise.answers(topic, "Réponse d'une autre")
    page = lise.get(f"/sujets/{topic}?page=2", follow_redirects=True).text
    last = re.findall(r'data-post-id="(\d+)"', page)[-2]
    lise.post(f"/messages/{last}/masquage", reason="Motif")
    page = lise.get(f"/sujets/{topic}?page=2", follow_redirects=True).text

    for label in labels:
        act = buttons(page).get(label)
        if act is None:
            continue
        answer = lise.post(act.pop("to"), **act, page="2", body="Ce que j'écris", anonymous="1", submission="n-1")
        page = answer.text
        assert answer.status_code == 200, label
        assert ">\nCe que j'écris</textarea>" in html.unescape(page), label
        assert 'name="submission" value="n-1"' in page, label
        assert "Réponse d'une autre" in html.unescape(page), label
        pressed.add(label)
    assert pressed == set(labels)
    own = buttons(agnes.get(f"/sujets/{topic}", follow_redirects=True).text)
    assert own["J'attends encore une réponse"]["waits"] == "1"
    assert not re.search(r'<form method="post" action="/(sujets|messages)/[^>]*class="act"', page)


def test_a_click_that_comes_too_late_says_so_and_keeps_the_reply(maud: Person) -> None:
    topic = maud.asks("Une question")

    answer = maud.post(f"/sujets/{topic}/resolution", waits="1", body="Ce que j'écris")

    says_too_late(answer, "attend déjà une réponse", ">\nCe que j'écris</textarea>")


def test_the_other_pages_can_be_reached_from_a_page_that_came_back(maud: Person) -> None:
    topic, _post = long_topic(maud)

    back = maud.post(f"/sujets/{topic}/messages", body="", page="3")
    address = re.findall(r'href="([^"]*page=2)"', back.text)[0]

    assert "Réponse 20" in maud.get(address).text
