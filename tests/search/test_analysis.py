"""What the words of a text become, and what a typed query asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comcep.search.analysis import LONGEST_TERM, fold, stem, term_of, terms
from comcep.search.queries import MOST_LEFT_OUT, parse, query_terms, things_of
from comcep.search.thesaurus import ways_to_say


def meets(text: str, query: str) -> bool:
    """Whether every thing of a query is said by a text, in one of its ways."""
    held = set(terms(text))
    return all(any(held.issuperset(way) for way in thing.ways) for thing in things_of(query_terms(query)))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("L'éligibilité d'une formation", "eligibilite"),
        ("Le cœur du métier", "coeur"),
        ("jusqu'au 31 octobre", "octobre"),
        ("Des bilans de compétences", "bilan de competence"),
        ("points pénibilité (R.4162-17)", "R.4162-17"),
        ("points pénibilité (R.4162-17)", "r4162-17"),
        ("points pénibilité (R.4162-17)", "4162"),
        ("catégorie 332t", "332T"),
        ("catégorie 332t", "332"),
        ("plafond de 9€/h", "9 € de l'heure"),
        ("plafond de 9€/h", "neuf euros de l'heure"),
        ("Essai FAF.TT", "faftt"),
        ("Essai FAFTT", "FAF.TT"),
        ("le CléA", "clea"),
        ("fiche RNCP12345", "rncp12345"),
        ("fiche RNCP12345", "12345"),
        ("fiche RNCP12345", "RNCP"),
        ("il reste 24h DIF", "24 h DIF"),
        ("un co-financement", "cofinancement"),
        ("double saisie i-milo", "imilo"),
        ("C.S.P. signé", "CSP"),
        ("signer le CSP", "contrat de sécurisation professionnelle"),
        ("contrat de sécurisation professionnelle", "csp"),
        ("CSP + et CSP -", "catégorie socioprofessionnelle"),
        ("rencontrer un CEP", "conseiller en évolution professionnelle"),
        ("Pôle emploi avance", "France Travail"),
        ("en Bourgogne", "Bourgogne-Franche-Comté"),
        ("projet de transition professionnelle", "CIF"),
        ("Ouvrir un CET", "cet"),
        ("payer le reste", "qui paye ?"),
    ],
)
def test_a_text_is_found_by_other_spellings_and_names(text: str, query: str) -> None:
    assert meets(text, query)


def test_words_that_change_the_case_are_kept() -> None:
    assert {"san", "non", "hor", "pas"} <= set(terms("sans accord, non signé, hors liste, pas formé"))
    assert terms("le la les de du et à aux") == []


def test_a_capital_acronym_is_not_the_common_word() -> None:
    assert terms("un DE") != terms("un de")
    assert term_of("de") is None


def test_two_old_regions_of_one_new_one_are_not_each_other() -> None:
    alsace, lorraine, east = (tuple(terms(name)) for name in ("Alsace", "Lorraine", "Grand Est"))
    assert east in ways_to_say()[alsace]
    assert lorraine not in ways_to_say()[alsace]


@given(st.text())
def test_any_text_gives_short_folded_terms(text: str) -> None:
    for term in terms(text):
        assert 0 < len(term) <= LONGEST_TERM * 3
        assert ":" not in term
        assert " " not in term


@given(st.text())
def test_analysing_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_query_is_taken_apart() -> None:
    query = parse('rubrique:monter "reste à charge" cpf -intérim -"plan de formation" réseau:"Pôle emploi" http:x')

    assert query.words == "reste à charge cpf http:x"
    assert query.phrases == (("rest", "charg"),)
    assert query.left_out == (tuple(terms("plan de formation")), ("interim",))
    assert query.filters == (("section", "monter"), ("network", "Pôle emploi"))


@pytest.mark.parametrize(
    "text", ['"', '"""', "-", "- -", "section:", 'section:""', '-"', "(((", "AND OR NOT", "*", "?*", "\\"]
)
def test_signs_that_close_nothing_are_no_error(text: str) -> None:
    assert parse(text).filters == ()


@given(st.text(max_size=400))
def test_any_query_can_be_taken_apart(text: str) -> None:
    query = parse(text)
    things_of(query_terms(query.words))
    assert len(query.left_out) <= MOST_LEFT_OUT


def test_stems_join_what_belongs_together_and_no_more() -> None:
    assert stem("payer") == stem("paye")
    assert stem("licenciement") == stem("licencie")
    assert stem("cadre") != stem("cas")
