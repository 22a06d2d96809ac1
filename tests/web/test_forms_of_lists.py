"""The page of themes and technical administration: what is refused comes back in its own form, filled, in sight."""

import html
import re

import pytest

from tests.community import Person, Site
from tests.web.test_too_late import says_too_late


@pytest.fixture
def lise(lite: Site) -> Person:
    return lite.animator()


@pytest.fixture
def admin(lite: Site) -> Person:
    return lite.person("Admin", "none", is_admin=True)


def forms_that_come_back(answer) -> list[str]:  # type: ignore[no-untyped-def]
    """The forms with a field in error; the page says so in its title, and one summary has the focus."""
    page = html.unescape(answer.text)
    assert answer.status_code == 422
    assert "<title>Erreur :" in page
    assert page.count("autofocus") == 1
    return [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'class="error"' in form]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"act": "add", "label": "Jeunes", "description": "Ce que je viens d'écrire"},
         ['value="Jeunes"', 'value="Ce que je viens d\'écrire"', 'href="#ajout"', 'aria-invalid="true"']),
        ({"act": "rename", "theme": "vae-et-bilan", "label": "Jeunes"},
         ['value="Jeunes"', 'value="vae-et-bilan" selected', 'href="#nouveau"', 'aria-invalid="true"']),
        ({"act": "merge", "theme": "jeunes", "into": "jeunes"}, ['value="jeunes" selected', 'href="#dans"']),
    ],
)  # fmt: skip
def test_a_label_that_is_refused_comes_back_in_its_form(lise: Person, fields: dict[str, str], shown: list[str]) -> None:
    [form] = forms_that_come_back(lise.post("/animation/themes", **fields))

    assert f'name="act" value="{fields["act"]}"' in form
    for words in shown:
        assert words in form, words


def test_topics_ticked_stay_so_on_their_page_of_the_list(lite: Site, lise: Person) -> None:
    maud = lite.adviser("Maud")
    topics = [maud.asks(f"Sujet {number}") for number in range(32)]
    four = ["jeunes", "certifications", "vae-et-bilan", "handicap-et-sante"]

    back = lise.post("/animation/themes", topics=[str(topics[0])], themes=four, page="2", tous="")
    [form] = forms_that_come_back(back)

    assert f'value="{topics[0]}" checked' in form
    assert 'value="jeunes" checked' in form
    assert f'value="{topics[31]}"' not in form
    assert 'name="page" value="2"' in form
    done = lise.post("/animation/themes", topics=[str(topics[0])], themes=["jeunes"], page="2", tous="")
    assert done.location == "/animation/themes?tous&page=2"


def test_the_name_and_order_of_a_section_come_back(admin: Person) -> None:
    answer = admin.post("/administration/rubriques/pairs", name="Un nom écrit avec soin", position="mille")

    page = html.unescape(answer.text)
    assert answer.status_code == 422
    assert "<title>Erreur :" in page
    assert page.count("autofocus") == 1
    assert 'value="Un nom écrit avec soin"' in page
    assert re.search(r'value="mille"[^>]*aria-invalid="true"', page)
    assert 'href="#ordre-pairs"' in page
    assert "L'ordre est un nombre" in page


def test_the_reason_of_a_suspension_comes_back(lite: Site, admin: Person) -> None:
    maud = lite.adviser("Maud")
    address = f"/administration/comptes/{maud.public_id}/etat"
    long = "Un motif trop long. " * 120

    [form] = forms_that_come_back(admin.post(address, state="suspended", reason=long))
    assert f">\n{long}</textarea>" in form
    assert 'href="#motif-suspension"' in form
    admin.post(address, state="suspended", reason="Le premier motif")
    late = admin.post(address, state="suspended", reason="Un second motif")
    says_too_late(late, "déjà suspendu", ">\nUn second motif</textarea>", "Rétablir")
    own = admin.post(f"/administration/comptes/{admin.public_id}/etat", state="suspended", reason="Un motif")
    says_too_late(own, "son propre compte", ">\nUn motif</textarea>")


def test_the_journal_can_be_read_on_from_the_page_of_an_account(admin: Person) -> None:
    for number in range(51):
        admin.post("/administration/rubriques/pairs", name=f"Pairs {number}", position="1")

    page = admin.post("/administration/comptes", account="admin@essai.example").text
    address = re.findall(r'href="([^"]*page=2)"', page)[0]

    assert admin.get(address).status_code == 200
