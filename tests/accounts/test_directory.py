"""The directory narrows by name, network and region together; who is no member of the forum is not in it."""

import re
from html import unescape

import pytest
from sqlalchemy import select, update

from comcep.accounts.models import Member
from comcep.extensions import db
from tests.community import Person, Site


@pytest.fixture
def zoe(lite: Site) -> Person:
    """Who reads, beside colleagues of two networks of one family, of another one, and of two regions."""
    lite.adviser("Maud", "fongecif", region="27")
    lite.adviser("Maurice", "unifaf", region="53")
    lite.adviser("Ines", "apec", region="53")
    return lite.adviser("Zoe", "cap-emploi", region="11")


def listed(reader: Person, **filters: str) -> list[str]:
    page = reader.get("/membres", query_string=filters).text
    names = re.findall(r'<a href="/membres/\d+">(\w+) Essai</a>', page)
    assert f"{len(names)} membre" in page  # what is counted is what is listed
    return names


def test_filters_of_the_directory_narrow_each_and_together(zoe: Person) -> None:
    everybody = ["Ines", "Maud", "Maurice", "Zoe"]

    assert listed(zoe) == listed(zoe, nom="essai") == everybody
    assert listed(zoe, nom="mau") == listed(zoe, nom="ESSAI mau") == ["Maud", "Maurice"]
    assert listed(zoe, reseau="fongecif") == ["Maud"]
    assert listed(zoe, reseau="fongecif-opacif") == ["Maud", "Maurice"]
    assert listed(zoe, region="53") == ["Ines", "Maurice"]
    assert listed(zoe, nom="mau", region="53", reseau="fongecif-opacif") == ["Maurice"]
    for nobody in (
        {"nom": "mau zoe"},
        {"nom": "%"},
        {"nom": "_aud"},
        {"reseau": "apec", "region": "27"},
        {"region": "x"},
    ):
        assert listed(zoe, **nobody) == [], nobody


def test_a_name_is_found_and_stands_where_it_is_looked_for_whatever_its_accents(lite: Site, zoe: Person) -> None:
    lite.adviser("Élodie")

    assert listed(zoe)[0] == "Élodie"
    assert listed(zoe, nom="élodie") == listed(zoe, nom="ELODIE") == listed(zoe, nom="elo essai") == ["Élodie"]


def test_who_is_suspended_waits_or_only_administers_is_in_no_directory(lite: Site, zoe: Person) -> None:
    for name, role in (("Attend", {}), ("Admin", {"is_admin": True})):
        lite.person(name, "none", **role)
    agnes = lite.hors_pair()
    with lite.app.app_context():
        db.session.execute(update(Member).where(Member.name == "Maud Essai").values(state="suspended"))
        db.session.commit()

    assert listed(zoe) == ["Agnes", "Ines", "Maurice", "Zoe"]
    assert listed(zoe, nom="maud") == []
    assert zoe.get(f"/membres/{lite.people['Maud'].public_id}").status_code == 404
    assert zoe.get(f"/membres/{agnes.public_id}").status_code == 200


def test_the_pages_of_the_directory_keep_its_filters(lite: Site, zoe: Person) -> None:
    with lite.app.app_context():
        network = db.session.scalar(select(Member.network_id).where(Member.name == "Ines Essai"))
        for number in range(30):
            db.session.add(
                Member(
                    email=f"{number}@essai.example", name=f"Nom{number:02} Essai", password_hash="x",
                    session_key=str(number), standing="adviser", network_id=network,
                )
            )  # fmt: skip
        db.session.commit()

    first = unescape(zoe.get("/membres?reseau=apec&nom=essai").text)
    following = re.search(r'href="(\?page=2[^"]*)"', first)
    assert following is not None

    assert "31 membres" in first
    assert re.findall(r'<a href="/membres/\d+">(\w+)', zoe.get(f"/membres{following[1]}").text) == ["Nom29"]
