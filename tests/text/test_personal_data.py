"""Formatted identifiers are found; what merely looks like one is left alone."""

from pathlib import Path

import pytest

from comcep.text.personal_data import find_personal_data


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Écrivez à jean.dupont@exemple.fr", "adresse électronique"),
        ("Son numéro est 06 12 34 56 78", "téléphone"),
        ("Tél. +33 6 12 34 56 78", "téléphone"),
        ("n° 1 84 12 76 451 089 46", "numéro de sécurité sociale"),
        ("IBAN FR14 2004 1010 0505 0001 3M02 606", "compte bancaire"),
        ("Elle est née le 12/03/1984", "date de naissance"),
        ("né le 3 mars 1979", "date de naissance"),
        ("Rappeler au 0692 85 12 34 avant midi.", "téléphone"),
        ("Son portable : 0690 35 12 34", "téléphone"),
        ("Appeler le 06/12/34/56/78", "téléphone"),
        ("06-12-34-56-78", "téléphone"),
        ("06\u202f12\u202f34\u202f56\u202f78", "téléphone"),
        ("06\u00a012\u200934\u00a056\u00a078", "téléphone"),
        ("00 33 6 12 34 56 78", "téléphone"),
        ("+262 692 85 12 34", "téléphone"),
        ("Son NIR est 2-80-03-35-123-456-55", "numéro de sécurité sociale"),
        ("1\u00a084\u00a012\u00a076\u202f451\u202f089\u202f46", "numéro de sécurité sociale"),
        ("184127645108946", "numéro de sécurité sociale"),
        ("2 80 03 2a 123 456", "numéro de sécurité sociale"),
        ("fr76 3000 6000 0112 3456 7890 189 est le sien", "compte bancaire"),
        ("FR14-2004-1010-0505-0001-3M02-606", "compte bancaire"),
        ("FR14\u202f2004\u202f1010\u202f0505\u202f0001\u202f3M02\u202f606", "compte bancaire"),
        ("Date de naissance : 12/03/1975", "date de naissance"),
        ("Date de naissance\u00a0: 12-03-75", "date de naissance"),
        ("DN 12.03.1975, deux enfants", "date de naissance"),
        ("né(e) le : 3/3/1979", "date de naissance"),
        ("né un 12 mars 1980 à Brest", "date de naissance"),
        ("née le lundi 1er juillet 1980", "date de naissance"),
        ("Mme MARTIN veut une VAE", "nom de personne"),
        ("M. Dupont est en CDD", "nom de personne"),
        ("Monsieur de La Tour et mme Le\u00a0Goff", "nom de personne"),
        ("Il habite 12 rue de la Paix, 75002 Paris", "adresse postale"),
        ("12 bis, avenue du Général de Gaulle", "adresse postale"),
        ("au 3 place de la Mairie", "adresse postale"),
    ],
)
def test_an_identifier_is_found(text: str, kind: str) -> None:
    assert kind in [datum.kind for datum in find_personal_data(text)]


@pytest.mark.parametrize(
    "text",
    ["CPF : 24 h DIF, plafond 9 €/h, R.4162-17, RNCP12345", "du 31/10/2016 au 03/11/2016", "350 h depuis le 1er novembre 2016",
     "Numérotation 2017/2018, article 06-12", "La rue est longue, dit-il", "Le 12 mars, réunion du comité", "Mme X a 3 ans, M. D. aussi",
     "Madame, Monsieur,", "Monsieur le Président, madame la directrice", "12 cours de français et 3 places de stage", "né le même jour",
     "de 24 heures à 35 heures", "Siret 123 456 789 00012", "le 01/02/2016 10 h 30", "dans 12 rues", "1 607 heures, 151,67 par mois",
     "600 € initiale, 300 € finale", "lignes 9345-9347", "loi n° 2014-288 du 5 mars 2014"],
)  # fmt: skip
def test_what_a_case_is_made_of_is_left_alone(text: str) -> None:
    assert find_personal_data(text) == []


def test_the_key_of_a_number_in_one_piece_tells_it_from_another_of_as_many_digits() -> None:
    """In one piece fifteen digits may be any reference; cut as such numbers are, a slip in the key hides nothing."""
    for right, slip in (("184127645108946", "184127645108947"), ("280032A12345602", "280032A12345603")):
        assert [datum.words for datum in find_personal_data(f"Dossier {right}.")] == [right]
        assert find_personal_data(f"Dossier {slip}.") == []
    assert [datum.kind for datum in find_personal_data("1 84 12 76 451 089 47")] == ["numéro de sécurité sociale"]
    assert find_personal_data("Dossier 384127645108946 ou 1841376451089.") == []


def test_the_words_shown_are_those_that_were_typed() -> None:
    [found] = find_personal_data("Tél\u00a0: 06\u202f12\u202f34\u202f56\u202f78.")

    assert found.words == "06\u202f12\u202f34\u202f56\u202f78"


def test_an_account_ends_where_it_ends() -> None:
    assert [datum.words for datum in find_personal_data("FR76 3000 6000 0112 3456 7890 189 est le sien")] == [
        "FR76 3000 6000 0112 3456 7890 189"
    ]


def test_what_a_case_sheet_says_holds_none() -> None:
    for file in ("cases.tsv", "topics.tsv", "glossary.tsv", "labelled_topics.tsv", "law_titles.tsv"):
        assert find_personal_data((Path("seed") / file).read_text()) == []
