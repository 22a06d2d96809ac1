"""Formatted identifiers are found; what merely looks like one is left alone."""

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
    ],
)
def test_an_identifier_is_found(text: str, kind: str) -> None:
    assert kind in [datum.kind for datum in find_personal_data(text)]


@pytest.mark.parametrize(
    "text",
    ["CPF : 24 h DIF, plafond 9 €/h, R.4162-17, RNCP12345", "du 31/10/2016 au 03/11/2016", "350 h depuis le 1er novembre 2016",
     "600 € initiale, 300 € finale", "lignes 9345-9347", "loi n° 2014-288 du 5 mars 2014"],
)  # fmt: skip
def test_what_a_case_is_made_of_is_left_alone(text: str) -> None:
    assert find_personal_data(text) == []
