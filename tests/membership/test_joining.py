"""Joining: whoever reads the mailbox says who they are and chooses the password; whoever typed the address gains
nothing."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, Table, event, insert, select, update

from comcep.accounts import tokens
from comcep.accounts.models import Member, Network, Referent
from comcep.accounts.passwords import hash_password
from comcep.clock import now
from comcep.extensions import db
from comcep.membership.models import MembershipRequest
from comcep.notify.models import Mail
from tests.community import JOINING, Person, Site, seen

ASKED = {name: value for name, value in JOINING.items() if name != "password"}
MAUD = {**ASKED, "name": "Maud Collègue", "email": "maud@reseau.example"}
PASSWORD = "trois mots simples"


def asked(site: Site, **changes: str) -> str:
    """Somebody asks with Maud's address; the link that goes there."""
    assert site.anonymous().post("/rejoindre", **{**MAUD, **changes}).status_code == 200
    site.works()
    return site.joining_link(MAUD["email"])


def confirmed_at(site: Site, email: str = MAUD["email"]) -> object:
    with site.app.app_context():
        return db.session.scalar(select(Member.address_confirmed_at).where(Member.email == email))


def signs_in(site: Site, password: str, email: str = MAUD["email"]) -> bool:
    return site.anonymous().post("/connexion", email=email, password=password).status_code == 302


@pytest.fixture
def referent(site: Site) -> Person:
    return site.hors_pair("Nadia", referent_of="missions-locales")


def test_an_outsider_who_joins_with_a_colleagues_name_and_address_gains_nothing(site: Site, referent: Person) -> None:
    outsider = site.anonymous()
    outsider.post("/rejoindre", **MAUD, password="le mot de passe de l'intrus")
    site.works()
    assert "Maud" not in referent.get("/demandes").text

    maud = site.anonymous()
    maud.post(site.joining_link(MAUD["email"]), **MAUD, password=PASSWORD)
    found = re.findall(r'action="(/demandes/\d+/decision)"', referent.get("/demandes").text)
    referent.post(found[0], decision="accept")

    assert not signs_in(site, "le mot de passe de l'intrus")
    assert signs_in(site, PASSWORD)
    assert 'data-viewer="anonymous"' in outsider.get("/").text


def test_opening_the_link_changes_nothing_as_often_as_scanners_do_it(site: Site, referent: Person) -> None:
    link = asked(site)
    scanner = site.anonymous()

    assert scanner.client.head(link).status_code == 200
    assert [scanner.get(link).status_code for _ in range(3)] == [200] * 3
    assert confirmed_at(site) is None
    assert MAUD["name"] not in referent.get("/demandes").text
    assert scanner.post(link, **MAUD, password=PASSWORD).status_code == 302
    assert MAUD["name"] in referent.get("/demandes").text


def test_the_page_behind_the_link_shows_what_was_asked_and_takes_what_is_put_right(
    site: Site, referent: Person
) -> None:
    link = asked(site, name="Un Autre Nom", network="apec", position="head")
    maud = site.anonymous()

    page = maud.get(link).text
    assert 'value="Un Autre Nom"' in page
    assert '<option value="apec" selected>' in page
    assert 'value="head" checked' in page
    maud.post(link, **MAUD, password=PASSWORD)

    desk = referent.get("/demandes").text
    assert MAUD["name"] in desk
    assert "Un Autre Nom" not in desk
    assert "Demande à rejoindre les conseillers" in desk


def test_a_form_that_comes_back_has_confirmed_nothing_and_keeps_the_name(site: Site) -> None:
    link = asked(site)

    answer = site.anonymous().post(link, **{**MAUD, "name": "Maud Corrigée"}, password="court")

    assert answer.status_code == 422
    assert 'value="Maud Corrigée"' in answer.text
    assert "court" not in answer.text.split("<main")[1]
    assert confirmed_at(site) is None


def test_asked_twice_with_one_address_the_second_replaces_the_first_and_tells_nothing(site: Site) -> None:
    def asks(email: str, **changes: str) -> str:
        answer = site.anonymous().post("/rejoindre", **{**MAUD, "email": email, **changes})
        assert answer.status_code == 200
        return seen(answer).replace(email, "ADRESSE")

    site.person("Connue")
    first = asks(MAUD["email"], name="Première Personne", network="apec")
    second = asks(MAUD["email"], name="Seconde Personne", network="apec")
    known = asks("connue@essai.example", network="apec")
    site.works()

    assert first == second == known
    page = site.anonymous().get(site.joining_link(MAUD["email"])).text
    assert "Seconde Personne" in page
    assert "Première Personne" not in page
    with site.app.app_context():
        assert len(list(db.session.scalars(select(MembershipRequest.id)))) == 1


def test_no_request_changes_an_account_whose_address_is_confirmed(site: Site, referent: Person) -> None:
    maud = site.adviser("Maud")
    site.anonymous().post("/rejoindre", **{**MAUD, "email": "maud@essai.example", "name": "Un Intrus"})
    site.works()

    assert "déjà un compte" in maud.mails()[-1]
    assert "Un Intrus" not in maud.get("/compte").text
    assert "Un Intrus" not in referent.get("/demandes").text


def test_a_confirmation_lasts_and_its_link_serves_once(site: Site) -> None:
    link = asked(site)
    site.anonymous().post(link, **MAUD, password=PASSWORD)
    when = confirmed_at(site)

    again = site.anonymous().post(link, **MAUD, password="un autre mot de passe")
    site.anonymous().post("/rejoindre", **{**MAUD, "name": "Un Intrus"})
    site.works()

    assert again.status_code == 410
    assert confirmed_at(site) == when
    assert signs_in(site, PASSWORD)
    assert not signs_in(site, "un autre mot de passe")


def test_of_two_clicks_at_once_the_second_is_told_that_the_link_has_served(site: Site) -> None:
    from comcep.membership import joining, reading

    asked(site)
    with site.app.app_context():
        member = db.session.scalars(select(Member).where(Member.email == MAUD["email"])).one()
        asker = joining.Asker("Maud", reading.network("apec"), reading.region("53"), "adviser")
        joining.confirm(member, asker, PASSWORD)
        with pytest.raises(joining.AlreadyConfirmed):
            joining.confirm(member, asker, "un autre mot de passe")
    assert signs_in(site, PASSWORD)


@pytest.mark.parametrize("token", ["inconnu", "a.b.c", "x" * 500, "é"])
def test_a_link_that_is_void_offers_to_send_another(site: Site, token: str) -> None:
    answer = site.anonymous().get(f"/rejoindre/adresse/{token}")

    assert answer.status_code == 410
    assert 'action="/rejoindre/lien"' in answer.text
    assert 'name="email"' in answer.text


def test_a_link_lost_or_expired_is_sent_again_to_the_address_that_waits(site: Site, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    link = asked(site)
    monkeypatch.setitem(tokens.AGES, tokens.CONFIRMATION, -1)
    assert site.anonymous().get(link).status_code == 410
    monkeypatch.undo()

    site.anonymous().post("/rejoindre/lien", email=MAUD["email"])
    site.works()

    mails = site.mails_to(MAUD["email"])
    assert [mail.splitlines()[0] for mail in mails] == ["Confirmez votre adresse"] * 2
    assert site.anonymous().get(site.joining_link(MAUD["email"])).status_code == 200


def test_sending_a_link_again_answers_alike_whoever_is_asked_for(site: Site) -> None:
    asked(site)
    site.adviser("Connue")
    addresses = (MAUD["email"], "connue@essai.example", "personne@essai.example")
    answers = [
        seen(site.anonymous().post("/rejoindre/lien", email=address)).replace(address, "") for address in addresses
    ]

    assert answers[0] == answers[1] == answers[2]


def test_the_database_is_asked_the_same_for_an_address_that_is_new_waits_or_is_known(site: Site) -> None:
    """How long an answer takes tells as little as what it says."""
    site.adviser("Connue")
    asked(site)
    seen: list[str] = []

    def statements(path: str, **fields: str) -> list[str]:
        seen.clear()
        assert site.anonymous().post(path, **fields).status_code == 200
        return list(seen)

    with site.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *of: seen.append(of[2]))
    addresses = (MAUD["email"], "connue@essai.example", "personne@essai.example")
    for path, fields in (("/rejoindre", MAUD), ("/rejoindre/lien", {})):
        waiting, known, new = (statements(path, **{**fields, "email": address}) for address in addresses)
        assert waiting == known == new
        assert waiting


def test_mails_to_one_address_are_limited_whoever_asks_and_nobody_is_told(site: Site) -> None:
    site.app.config["RATELIMIT_ENABLED"] = True
    maud = site.adviser("Maud")
    for number in range(8):
        for address in (MAUD["email"], "maud@essai.example"):
            stranger = site.anonymous()
            client = {"REMOTE_ADDR": f"10.0.0.{number}"}
            asked = stranger.client.post("/rejoindre", data={**MAUD, "email": address}, environ_base=client)
            again = stranger.client.post("/rejoindre/lien", data={"email": address}, environ_base=client)
            assert (asked.status_code, again.status_code) == (200, 200)
            site.works()

    assert len(site.mails_to(MAUD["email"])) == 3
    assert len(maud.mails()) == 3


def test_a_forgotten_password_before_the_address_is_confirmed_leads_to_what_was_asked(
    site: Site, referent: Person
) -> None:
    """Otherwise what a stranger typed would be confirmed unseen, or the link be void and nobody could go on."""
    link = asked(site, name="Un Autre Nom")
    site.anonymous().post("/mot-de-passe", email=MAUD["email"])
    site.works()

    [_, newest] = site.mails_to(MAUD["email"])
    assert "/rejoindre/adresse/" in newest
    page = site.anonymous().get(site.joining_link(MAUD["email"])).text
    assert "Un Autre Nom" in page
    assert site.anonymous().get(link).status_code == 200
    site.anonymous().post(site.joining_link(MAUD["email"]), **MAUD, password=PASSWORD)
    assert signs_in(site, PASSWORD)
    assert MAUD["name"] in referent.get("/demandes").text


def test_a_link_made_void_by_a_password_is_no_dead_end(site: Site) -> None:
    link = asked(site)
    site.anonymous().post(link, **MAUD, password=PASSWORD)
    site.anonymous().post("/rejoindre/lien", email=MAUD["email"])
    site.works()

    assert "déjà un compte" in site.mails_to(MAUD["email"])[-1]


def test_nobody_signs_in_before_the_address_is_confirmed(site: Site) -> None:
    asked(site)

    assert not any(signs_in(site, password) for password in ("", " ", "x", PASSWORD))


@given(st.text(max_size=40))
def test_no_password_fits_an_account_that_has_none(password: str) -> None:
    from comcep.accounts.passwords import is_right

    assert not is_right("", password)


def test_a_partners_asker_becomes_a_hors_pair_whatever_they_say(site: Site) -> None:
    referent = site.hors_pair("Carif", referent_of="carif-oref")
    newcomer = site.anonymous()
    newcomer.joins(network="carif-oref", position="adviser")

    referent.post(
        re.findall(r'action="(/demandes/\d+/decision)"', referent.get("/demandes").text)[0], decision="accept"
    )

    assert 'data-viewer="hors-pair"' in newcomer.get("/").text


def test_a_newcomer_has_read_what_was_there_before(site: Site, referent: Person) -> None:
    site.adviser("Maud").asks("Une vieille question")
    newcomer = site.anonymous()
    newcomer.joins()
    referent.post(
        re.findall(r'action="(/demandes/\d+/decision)"', referent.get("/demandes").text)[0], decision="accept"
    )
    site.people["Maud"].asks("Une question fraîche")

    unread = newcomer.get("/non-lus").text
    assert "Une question fraîche" in unread
    assert "Une vieille question" not in unread


def test_an_address_that_nobody_confirmed_is_forgotten_after_a_month(site: Site) -> None:
    asked(site)
    site.adviser("Ines")
    with site.app.app_context():
        old = now() - timedelta(days=31)
        db.session.execute(update(Member).values(created_at=old))
        db.session.execute(update(MembershipRequest).values(created_at=old))
        db.session.commit()
    site.works()

    with site.app.app_context():
        assert list(db.session.scalars(select(Member.email))) == ["ines@essai.example"]
        assert list(db.session.scalars(select(Mail.id))) == []
    assert asked(site)


def test_who_asked_again_lately_is_not_forgotten(site: Site) -> None:
    asked(site)
    with site.app.app_context():
        db.session.execute(update(Member).values(created_at=now() - timedelta(days=31)))
        db.session.commit()
    site.works()

    assert site.anonymous().get(site.joining_link(MAUD["email"])).status_code == 200


def test_a_mail_about_joining_holds_no_word_that_somebody_typed(site: Site) -> None:
    asked(site, name="Achetez Mes Pilules")

    assert "Pilules" not in "".join(site.mails_to(MAUD["email"]))


_MEMBER_THEN = {
    **dict.fromkeys(("position", "name"), "Nom"),
    **dict.fromkeys(("is_animator", "is_committee", "is_admin", "is_demo"), False),
    "session_key": "ancienne",
    "standing": "none",
    "state": "active",
    "read_floor": 0,
    "created_at": now(),
}


def _as_then(name: str) -> Table:
    """A table as the database has it, not as the models of today say."""
    return Table(name, MetaData(), autoload_with=db.engine)


def test_a_password_chosen_before_the_address_was_confirmed_is_forgotten_by_the_upgrade(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Until this version the asker chose it: an outsider who typed a colleague's address had theirs."""
    from flask_migrate import downgrade, upgrade
    from sqlalchemy import text

    from comcep import create_app

    app = create_app({"DATA": tmp_path / "data", "TESTING": True})
    with app.app_context():
        upgrade()
        downgrade(revision="5c1e7a90d3b8")
        downgrade(revision="-1")
        for number, (email, confirmed) in enumerate((("a@x.fr", None), ("b@x.fr", now()))):
            row = {"email": email, "password_hash": hash_password(PASSWORD), "address_confirmed_at": confirmed}
            db.session.execute(insert(_as_then("member")).values(**_MEMBER_THEN, public_id=number, **row))
        db.session.execute(insert(Network).values(id=1, slug="apec", name="Apec", family="apec", family_name="Apec"))
        db.session.execute(text("insert into referent (member_id, network_id) values (2, 1)"))
        db.session.commit()
        upgrade()
        assert db.session.scalar(select(Referent.requests_due_at)) is not None
        rows = db.session.execute(text("select email, password_hash = '', session_key from member order by email"))
        [first, second] = rows.all()
        assert (first[1], second[1]) == (1, 0)
        assert first[2] != "ancienne"
        assert second[2] == "ancienne"
        db.session.remove()
        db.engine.dispose()


def test_a_name_has_three_to_a_hundred_and_twenty_signs_there_and_behind_the_link(lite: Site) -> None:
    stranger = lite.anonymous()
    for name, status in (("Zo", 422), ("  Z \u200b  o", 200), ("x" * 120, 200), ("x" * 121, 422), ("Zoé", 200)):
        assert stranger.post("/rejoindre", **{**ASKED, "name": name}).status_code == status, name
    lite.works()
    link = lite.joining_link(ASKED["email"])
    for name, status in (("Zo", 422), ("x" * 121, 422), ("Zoé", 302)):
        assert stranger.post(link, **{**ASKED, "name": name, "password": PASSWORD}).status_code == status, name


def test_an_account_without_a_request_confirms_its_address_and_asks_by_it(lite: Site) -> None:
    """As one whose request was taken away: the form behind the link asks for it."""
    maud = lite.person("Maud", "none", "missions-locales")
    with lite.app.app_context():
        db.session.execute(update(Member).values(address_confirmed_at=None))
        link = f"/rejoindre/adresse/{tokens.token_for(db.session.scalars(select(Member)).one(), tokens.CONFIRMATION)}"
        db.session.commit()
    stranger = lite.anonymous()

    assert 'value="adviser" checked' in stranger.get(link).text.replace(
        'checked value="adviser"', 'value="adviser" checked'
    )
    assert stranger.post(link, **{**ASKED, "password": PASSWORD, "position": "head"}).status_code == 302
    with lite.app.app_context():
        request = db.session.scalars(select(MembershipRequest)).one()
        assert (request.member_id, request.state, request.asks_as) == (maud.member_id, "waiting", "head")
