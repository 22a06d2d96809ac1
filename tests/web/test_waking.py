"""Whoever does what others are to be told of, or find, wakes the background: nobody waits for its clock."""

import re

import pytest

from comcep.extensions import background
from tests.analytics.publishing import period
from tests.community import JOINING, Person, Site
from tests.moderation.deciding import decision


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    calls: list[object] = []
    monkeypatch.setattr(background, "wake", calls.append)
    return calls


def test_joining_and_its_answers_wake_the_background(lite: Site, woken: list[object]) -> None:
    nadia = lite.person("Nadia", "none", referent_of="missions-locales")
    zoe = lite.anonymous()
    asked = {name: value for name, value in JOINING.items() if name != "password"}

    def wakes(person: Person, address: str, **fields: str) -> bool:
        woken.clear()
        person.post(address, **fields)
        lite.works()
        return bool(woken)

    def to_answer() -> str:
        return re.findall(r'action="(/demandes/\d+/decision)"', nadia.get("/demandes").text)[0]

    assert wakes(zoe, "/rejoindre", **asked)
    assert wakes(zoe, "/rejoindre/lien", email=JOINING["email"])
    assert wakes(zoe, lite.joining_link(JOINING["email"]), **JOINING)
    zoe.post("/connexion", email=JOINING["email"], password=JOINING["password"])
    assert wakes(nadia, to_answer(), decision="refuse", reason="Motif")
    assert wakes(zoe, "/ma-demande", network="missions-locales", region="53", position="head")
    assert wakes(nadia, to_answer(), decision="accept")
    assert wakes(zoe, "/mot-de-passe", email=JOINING["email"])


def test_what_is_written_or_decided_wakes_the_background(lite: Site, woken: list[object]) -> None:
    maud, ines, lise = lite.adviser("Maud"), lite.adviser("Ines"), lite.animator()
    admin = lite.person("Admin", "none", is_admin=True)

    def wakes() -> bool:
        was, woken[:] = bool(woken), []
        return was

    topic = maud.asks("Question")
    assert wakes()
    answer = ines.answers(topic, "Réponse")
    assert wakes()
    for person, address, fields in (
        (ines, f"/messages/{answer}/modifier", {"body": "Réponse, corrigée", "version": "1"}),
        (maud, f"/sujets/{topic}/resolution", {"post": str(answer)}),
        (lise, f"/messages/{answer}/masquage", {"reason": "Motif"}),
        (lise, f"/messages/{answer}/masquage", {"undo": "1"}),
        (lise, f"/sujets/{topic}/fermeture", {"reason": "Motif"}),
    ):
        person.post(address, **fields)
        assert wakes(), address
    lise.post(f"/messages/{answer}/masquage", reason="Motif")
    contested = decision(lite, ines)
    woken.clear()
    ines.post(f"{contested}/contestation", reason="Je ne suis pas d'accord.")
    assert wakes()
    lise.post("/animation/syntheses", **period())
    assert wakes()
    admin.post(f"/administration/comptes/{maud.public_id}/etat", state="suspended", reason="Motif")
    assert wakes()
