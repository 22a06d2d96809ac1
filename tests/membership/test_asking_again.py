"""One's own request: where it stands, and asking again when it was refused or went to the wrong network."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from comcep.accounts.models import Member
from comcep.clock import now
from comcep.extensions import db
from comcep.membership import asking, deciding
from comcep.membership.models import MembershipRequest
from tests.community import Person, Site


@pytest.fixture
def nadia(site: Site) -> Person:
    return site.hors_pair("Nadia", referent_of="missions-locales")


@pytest.fixture
def paul(site: Site) -> Person:
    return site.hors_pair("Paul", referent_of="apec")


@pytest.fixture
def zoe(site: Site) -> Person:
    person = site.anonymous()
    person.joins()
    return person


def asks(person: Person, network: str = "apec", position: str = "adviser") -> str:
    answer = person.client.post(
        "/ma-demande", data={"network": network, "region": "53", "position": position}, follow_redirects=True
    )
    assert answer.status_code == 200
    return answer.text


def decisions(person: Person) -> list[str]:
    return list(dict.fromkeys(re.findall(r'action="(/demandes/\d+/decision)"', person.get("/demandes").text)))


def states(site: Site) -> list[str]:
    with site.app.app_context():
        return list(db.session.scalars(select(MembershipRequest.state).order_by(MembershipRequest.id)))


def test_the_three_steps_say_where_a_request_stands(site: Site, nadia: Person, zoe: Person) -> None:
    def step() -> str:
        page = zoe.get("/ma-demande").text
        found = re.search(r'aria-current="step">([^<]+)</li>', page)
        return found[1] if found else "answered"

    assert step() == "La réponse de votre réseau"
    nadia.post(decisions(nadia)[0], decision="accept")
    assert step() == "answered"
    assert "a validé votre inscription" in zoe.get("/ma-demande").text


def test_a_refused_request_is_asked_again_of_another_network(
    site: Site, nadia: Person, paul: Person, zoe: Person
) -> None:
    nadia.post(decisions(nadia)[0], decision="refuse", reason="Vous êtes de l'Apec.")
    site.works()
    assert "/ma-demande" in zoe.mails()[-1]
    assert 'action="/ma-demande"' in zoe.get("/ma-demande").text

    asks(zoe)
    site.works()
    assert "Une inscription attend votre réponse" in paul.mails()[-1]
    paul.post(decisions(paul)[0], decision="accept")

    assert 'data-viewer="adviser"' in zoe.get("/").text
    assert "Apec" in zoe.get("/compte").text
    assert "Zoé" in paul.get("/demandes").text.split("Membres de votre réseau")[1]
    assert "Zoé" not in nadia.get("/demandes").text.split("Membres de votre réseau")[1]


def test_a_request_sent_to_the_wrong_network_goes_to_another_and_leaves_the_first(
    site: Site, nadia: Person, paul: Person, zoe: Person
) -> None:
    asks(zoe)

    assert decisions(nadia) == []
    assert len(decisions(paul)) == 1
    assert states(site) == ["withdrawn", "waiting"]
    site.works()
    assert not any("n'a pas validé" in mail for mail in zoe.mails())
    assert "Zoé" not in nadia.get("/demandes").text


def test_a_referents_word_holds_for_what_they_read(site: Site, nadia: Person, zoe: Person) -> None:
    """Who asked as a hors pair and asks as an adviser meanwhile does not become one by the click on the older page."""
    asks(zoe, "missions-locales", "head")
    [read] = decisions(nadia)
    asks(zoe, "missions-locales", "adviser")

    answer = nadia.client.post(read, data={"decision": "accept"}, follow_redirects=True)

    assert answer.status_code == 409
    assert "a retiré cette demande, ou l'a envoyée à un autre réseau" in answer.text.replace("&#39;", "'")
    assert 'data-viewer="anonymous"' in zoe.get("/").text


def test_the_same_asked_twice_is_one_request(site: Site, nadia: Person, zoe: Person) -> None:
    assert "rien n&#39;a changé" in asks(zoe, "missions-locales")

    assert states(site) == ["waiting"]


def test_asking_all_day_long_ends(site: Site, zoe: Person) -> None:
    pages = [asks(zoe, ("apec", "fongecif")[number % 2]) for number in range(8)]

    assert ["Attendez demain" in page for page in pages] == [False] * 4 + [True, False, True, False]
    assert len(states(site)) == asking.MOST_A_DAY
    with site.app.app_context():
        a_day_ago = now() - timedelta(hours=24, seconds=1)
        db.session.execute(update(MembershipRequest).values(created_at=a_day_ago))
        db.session.commit()
    assert "Attendez demain" not in asks(zoe, "apec")


def test_a_form_without_a_network_comes_back_with_what_was_chosen(site: Site, zoe: Person) -> None:
    answer = zoe.post("/ma-demande", network="", region="11", position="head")

    assert answer.status_code == 422
    assert "Choisissez votre réseau." in answer.text
    assert '<option value="11" selected>' in answer.text
    assert 'value="head" checked' in answer.text
    assert '<details class="menu wide" open>' in answer.text


def test_whoever_is_accepted_at_that_moment_keeps_the_networks_word(site: Site, nadia: Person, zoe: Person) -> None:
    outdated = zoe.viewer
    nadia.post(decisions(nadia)[0], decision="accept")
    with site.app.app_context():
        from comcep.access.permissions import Forbidden
        from comcep.membership import reading

        with pytest.raises(Forbidden):
            asking.ask_again(outdated, reading.network("apec"), reading.region("53"), "head")

    assert states(site) == ["accepted"]
    assert 'data-viewer="adviser"' in zoe.get("/").text


def test_a_request_withdrawn_at_that_moment_is_not_accepted(site: Site, nadia: Person, zoe: Person) -> None:
    with site.app.app_context():
        request = db.session.scalars(select(MembershipRequest)).one()
        db.session.execute(
            update(MembershipRequest).values(state="withdrawn").execution_options(synchronize_session=False)
        )
        with pytest.raises(deciding.AlreadyDecided):
            deciding.accept(nadia.viewer, request, as_hors_pair=False)
        assert db.session.scalar(select(Member.standing).where(Member.id == zoe.member_id)) == "none"
