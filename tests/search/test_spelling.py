"""Help with spelling, as members meet it: what a mistyped word is read as, and of whose words it is never told."""

import pytest

from tests.community import Person, Site


def page(person: Person, query: str) -> str:
    answer = person.get("/recherche", query_string={"q": query})
    assert answer.status_code == 200
    return answer.text


def test_a_misspelt_word_is_put_right_and_said(site: Site, maud: Person) -> None:
    topic = maud.asks("Aborder l'illettrisme en entretien")
    site.works()

    text = page(maud, "illetrisme")
    assert maud.searches("illetrisme") == [topic]
    assert 'data-correction="illettrisme"' in text
    assert "data-correction" not in page(maud, "illettrisme")


def test_a_word_put_right_is_spelt_as_the_likest_of_its_root(site: Site, maud: Person) -> None:
    maud.asks("Former un collègue : quelle formation, qui forme ?")
    site.works()

    assert 'data-correction="formation"' in page(maud, "formassion")


def test_spelling_help_offers_no_word_of_another_audience(site: Site, maud: Person) -> None:
    lise = site.animator()
    lise.asks("Le cas Zorglubonne", section="animateurs")
    site.works()

    assert lise.searches("zorglubone") != []
    assert "data-correction" not in page(maud, "zorglubone")
    assert maud.searches("zorglubone") == []


def test_a_word_with_one_ending_too_many_is_put_right(site: Site, maud: Person) -> None:
    topic = maud.asks("Employeur injoignable")
    site.works()

    assert maud.searches("employeure") == [topic]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Une formation trop chère", "formassion"),  # far from the root that the index holds
        ("Une formation trop chère", "formattion"),
        ("Allocation refusée", "alocassion"),
        ("Classer un niveau", "nivo"),  # as one hears it
        ("Un saisonnier, selon la région", "sésonier"),  # nearer by ear than "selon" is by its letters
        ("Changer de métier", "méier"),  # its root is too short to be looked for
    ],
)
def test_a_word_whose_ending_is_mistyped_is_put_right(site: Site, maud: Person, title: str, typed: str) -> None:
    topic = maud.asks(title)
    site.works()

    assert maud.searches(typed) == [topic]


def test_a_word_that_exists_and_nobody_wrote_is_taken_for_no_other(site: Site, maud: Person) -> None:
    maud.asks("La garantie du contrat")
    site.works()

    assert maud.searches("contrit") != []
    assert maud.searches("contrats") != []
    assert maud.searches("contact") == []


def test_a_french_word_written_elsewhere_alone_puts_nothing_right(site: Site, maud: Person) -> None:
    site.animator().asks("Une randonnée", section="animateurs")
    site.works()

    assert maud.searches("randonée") == []
    assert "data-correction" not in page(maud, "randonée")


def test_a_short_word_is_begun_more_often_than_mistyped(site: Site, maud: Person) -> None:
    permit = maud.asks("Conduire un car")
    for number in range(3):
        maud.asks(f"Le fonds de formation {number}")
    site.works()

    assert maud.searches("cond") == [permit]
