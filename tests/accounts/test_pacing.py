"""Limits on trying: a delay that grows and ends, for whoever guesses; nobody else waits. Mails to one address likewise."""

import re
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update

from comcep import create_app
from comcep.accounts import pacing, passwords, resetting, signing_in
from comcep.accounts.models import Member, Pace
from comcep.accounts.pacing import HOUR, MINUTE, RULES, Rule
from comcep.accounts.signing_in import Entry, Place
from comcep.clock import now
from comcep.extensions import db, rows_changed
from comcep.web.errors import TooManyAttempts
from comcep.web.filters import how_long
from tests.community import Person, Site, seen
from tests.conftest import close

PASSWORD, ADDRESS = "trois mots simples", "maud@essai.example"


class Clock:
    """The time of the limits, moved by a test."""

    def __init__(self) -> None:
        self.now = now()

    def __call__(self) -> datetime:
        return self.now

    def passes(self, time: timedelta) -> None:
        self.now += time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pacing, "now", clock)
    return clock


@pytest.fixture
def maud(site: Site, monkeypatch: pytest.MonkeyPatch) -> Person:
    """An adviser with a password that costs little to look at, and limits that hold."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys_hash.cache_clear()
    person = site.adviser("Maud")
    with site.app.app_context():
        db.session.execute(update(Member).values(password_hash=passwords.hash_password(PASSWORD)))
        db.session.commit()
    site.app.config["RATELIMIT_ENABLED"] = True
    return person


def tries(app: Flask, client: str, password: str = "faux", device: str = "", address: str = ADDRESS) -> object:
    """One try: an Entry, None for a wrong password, or how long to wait."""
    with app.app_context(), app.test_request_context():
        try:
            return signing_in.sign_in(address, password, Place(client, device))
        except TooManyAttempts as refused:
            return refused.wait


def sign_in(person: Person, client: str, password: str = PASSWORD, address: str = ADDRESS):  # type: ignore[no-untyped-def]
    fields = {"email": address, "password": password}
    return person.client.post("/connexion", data=fields, environ_overrides={"REMOTE_ADDR": client})


# --- signing in ------------------------------------------------------------------------------------------------------


def test_the_page_says_how_long_to_wait_known_or_not(site: Site, maud: Person) -> None:
    said = []
    for address in (ADDRESS, "personne@essai.example"):
        stranger = site.anonymous()
        answers = [sign_in(stranger, "192.0.2.1", "faux", address) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [422] * 10 + [429]
        assert answers[-1].headers["Retry-After"] in ("29", "30")
        assert f'value="{address}"' in answers[-1].text
        sentence = re.search(r"attendez (\d+ secondes) avant le prochain", answers[-1].text)
        assert sentence is not None
        said.append(seen(answers[-1]).replace(address, "").replace("29 sec", "30 sec"))
    assert said[0] == said[1]


def test_the_delay_grows_and_stays_bounded(site: Site, maud: Person, clock: Clock) -> None:
    waits = []
    for _ in range(30):
        outcome = tries(site.app, "192.0.2.1")
        if isinstance(outcome, timedelta):
            waits.append(outcome)
            clock.passes(outcome)

    assert waits == sorted(waits)
    assert waits[0] == MINUTE / 2
    assert waits[-1] == 15 * MINUTE


def test_others_guessing_keep_nobody_out_of_a_device_that_the_account_knows(site: Site, maud: Person) -> None:
    owner = site.anonymous()
    assert sign_in(owner, "192.0.2.1").status_code == 302
    owner.post("/deconnexion")
    for number in range(150):  # from everywhere, also from the owner's own connection
        tries(site.app, f"198.51.100.{number % 200}" if number % 2 else "192.0.2.1")

    assert sign_in(owner, "192.0.2.1").status_code == 302
    owner.post("/deconnexion")
    assert sign_in(owner, "203.0.113.9").status_code == 302


def test_the_owner_on_a_new_device_waits_a_minute_at_most(site: Site, maud: Person, clock: Clock) -> None:
    for number in range(150):
        tries(site.app, f"2001:db8:{number:x}::1")
        clock.passes(timedelta(milliseconds=1))

    wait = tries(site.app, "192.0.2.1", PASSWORD)
    assert isinstance(wait, timedelta)
    assert wait <= MINUTE
    clock.passes(wait)
    assert isinstance(tries(site.app, "192.0.2.1", PASSWORD), Entry)


def test_a_new_password_lets_its_owner_in_while_others_guess(site: Site, maud: Person) -> None:
    from comcep.accounts import tokens

    for number in range(120):
        tries(site.app, f"198.51.100.{number}" if number < 100 else "192.0.2.1")
    owner = site.anonymous()
    assert sign_in(owner, "192.0.2.1").status_code == 429
    with site.app.app_context():
        member = db.session.scalars(select(Member).where(Member.id == maud.member_id)).one()
        link = f"/mot-de-passe/{tokens.token_for(member, tokens.RESET)}"

    owner.post(link, password="quatre autres mots simples")

    assert sign_in(owner, "192.0.2.1", "quatre autres mots simples").status_code == 302


def test_a_known_device_is_no_way_to_guess(site: Site, maud: Person, clock: Clock) -> None:
    entry = tries(site.app, "192.0.2.1", PASSWORD)
    assert isinstance(entry, Entry)

    outcomes = [tries(site.app, "192.0.2.1", device=entry.device) for _ in range(11)]

    assert outcomes == [None] * 10 + [MINUTE / 4]
    clock.passes(MINUTE / 4)
    assert isinstance(tries(site.app, "192.0.2.1", PASSWORD, entry.device), Entry)


def test_the_cookie_of_one_account_is_unknown_to_another(site: Site, maud: Person) -> None:
    site.adviser("Ines", "pole-emploi")
    with site.app.app_context():
        db.session.execute(update(Member).values(password_hash=passwords.hash_password(PASSWORD)))
        db.session.commit()
    entry = tries(site.app, "192.0.2.1", PASSWORD)
    assert isinstance(entry, Entry)
    for _ in range(10):
        assert tries(site.app, "192.0.2.1", device=entry.device, address="ines@essai.example") is None

    assert isinstance(tries(site.app, "192.0.2.1", PASSWORD, entry.device, "ines@essai.example"), timedelta)


def test_an_office_behind_one_connection_is_not_shut_out_by_a_list_of_addresses(
    site: Site, maud: Person, clock: Clock
) -> None:
    entry = tries(site.app, "192.0.2.1", PASSWORD)
    assert isinstance(entry, Entry)
    for number in range(120):
        tries(site.app, "192.0.2.1", address=f"a{number}@essai.example")

    wait = tries(site.app, "192.0.2.1", PASSWORD)
    assert isinstance(wait, timedelta)
    assert wait <= MINUTE
    assert isinstance(tries(site.app, "192.0.2.1", PASSWORD, entry.device), Entry)
    clock.passes(wait)
    assert isinstance(tries(site.app, "192.0.2.1", PASSWORD), Entry)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["guess", "guess beside the owner", "guess at another", "owner", "owner elsewhere"]),
        st.integers(0, 3),
        st.sampled_from([0, 1, 20, 61, 1000]),
    ),
    max_size=25,
)


@pytest.fixture
def soon_met(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so low that a few tries meet them."""
    for kind in ("sign-in", "address", "client", "device"):
        monkeypatch.setitem(RULES, kind, Rule(2, RULES[kind].first, RULES[kind].longest, RULES[kind].forgotten))


def forget_all(app: Flask) -> None:
    with app.app_context():
        db.session.execute(delete(Pace))
        db.session.commit()


@settings(max_examples=12)
@given(acts=ACTS)
@example(acts=[("guess", 0, 0)] * 30 + [("owner", 0, 0), ("owner elsewhere", 0, 0)])
def test_whatever_others_do_the_owner_comes_in(
    site: Site, maud: Person, clock: Clock, soon_met: None, acts: list[tuple[str, int, int]]
) -> None:
    """Their device always, another one after the wait that is said, a minute at most."""
    forget_all(site.app)
    device = tries(site.app, "192.0.2.250", PASSWORD)
    assert isinstance(device, Entry)
    for act, client, seconds in acts:
        clock.passes(timedelta(seconds=seconds))
        if act == "guess":
            tries(site.app, f"192.0.2.{client}")
        elif act == "guess beside the owner":
            tries(site.app, "192.0.2.250")
        elif act == "guess at another":
            tries(site.app, f"192.0.2.{client}", address=f"personne{client}@essai.example")
        elif act == "owner":
            assert isinstance(tries(site.app, f"192.0.2.{client}", PASSWORD, device.device), Entry)
        else:
            wait = tries(site.app, f"203.0.113.{client}", PASSWORD)
            if not isinstance(wait, Entry):
                assert isinstance(wait, timedelta)
                assert wait <= MINUTE
                clock.passes(wait)
                assert isinstance(tries(site.app, f"203.0.113.{client}", PASSWORD), Entry)


@settings(max_examples=12)
@given(acts=ACTS)
def test_an_address_that_nobody_has_answers_as_one_that_somebody_has(
    site: Site, maud: Person, clock: Clock, soon_met: None, acts: list[tuple[str, int, int]]
) -> None:
    began, answers = clock.now, []
    for address in (ADDRESS, "personne@essai.example"):
        forget_all(site.app)
        clock.now = began
        answers.append([])
        for _, client, seconds in acts:
            clock.passes(timedelta(seconds=seconds))
            answers[-1].append(tries(site.app, f"192.0.2.{client}", address=address))
    assert answers[0] == answers[1]


def test_known_and_unknown_addresses_are_asked_the_same_of_the_database(site: Site, maud: Person) -> None:
    asked: list[list[str]] = []

    def note(_connection, _cursor, statement: str, *_) -> None:  # type: ignore[no-untyped-def]
        asked[-1].append(statement)

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    for path in ("/connexion", "/mot-de-passe"):
        for address in (ADDRESS, "personne@essai.example"):
            asked.append([])
            forget_all(site.app)
            site.anonymous().post(path, email=address, password="faux")
    event.remove(engine, "before_cursor_execute", note)

    assert asked[0] == asked[1] != []
    assert asked[2] == asked[3] != []


def test_many_tries_at_once_are_each_counted(site: Site, maud: Person) -> None:
    together, outcomes = Barrier(24), []

    def guess() -> None:
        together.wait()
        outcomes.append(tries(site.app, "192.0.2.1"))

    threads = [Thread(target=guess) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(None) == 10
    assert all(isinstance(outcome, timedelta) for outcome in outcomes if outcome is not None)


def test_a_clock_that_was_ahead_shuts_nobody_out(site: Site, maud: Person, clock: Clock) -> None:
    clock.passes(timedelta(days=400))
    for _ in range(30):
        tries(site.app, "192.0.2.1")
    clock.passes(timedelta(days=-400))

    assert isinstance(tries(site.app, "192.0.2.1", PASSWORD), Entry)


def test_limits_hold_for_all_workers_and_after_a_restart(site: Site, maud: Person) -> None:
    for _ in range(10):
        tries(site.app, "192.0.2.1")
    other = create_app({key: site.app.config[key] for key in ("DATA", "DATABASE_URL", "RATELIMIT_ENABLED", "TESTING")})

    assert isinstance(tries(other, "192.0.2.1"), timedelta)
    close(other)


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("", ""), ("x", "x"),
    ],
)  # fmt: skip
def test_a_network_of_ipv6_is_one_client(address: str, client: str) -> None:
    assert pacing.client_of(address) == client


@given(st.integers(0, 10**6), st.sampled_from(sorted(RULES)))
def test_a_delay_never_shrinks_with_tries_nor_passes_its_longest(tried: int, kind: str) -> None:
    rule = RULES[kind]
    assert timedelta() <= rule.delay(tried) <= rule.delay(tried + 1) <= rule.longest


def test_a_wait_is_said_as_one_says_it(lite: Site) -> None:
    with lite.app.test_request_context():
        said = [how_long(timedelta(seconds=seconds)) for seconds in (0.2, 1.5, 59, 60, 61, 900, 3600, 5400)]

    assert said == [
        "1 seconde",
        "2 secondes",
        "59 secondes",
        "1 minute",
        "2 minutes",
        "15 minutes",
        "1 heure",
        "2 heures",
    ]


# --- mails to one address --------------------------------------------------------------------------------------------


def subjects(person: Person) -> list[str]:
    return [mail.partition("\n")[0] for mail in person.mails()]


def test_a_reset_never_refuses_and_sends_no_second_mail(site: Site, maud: Person, clock: Clock) -> None:
    answers = []
    for number in range(25):
        asked = {"data": {"email": ADDRESS}, "environ_overrides": {"REMOTE_ADDR": f"198.51.100.{number}"}}
        answers.append(site.anonymous().client.post("/mot-de-passe", **asked).status_code)
        site.works()

    assert answers == [200] * 25
    assert subjects(maud) == ["Choisir un nouveau mot de passe"]


def test_a_link_that_works_is_always_in_the_box_whoever_asks(site: Site, maud: Person, clock: Clock) -> None:
    """Asked without an end, mails come ever more slowly, and before the last link expires."""
    from comcep.accounts import tokens

    sent, began = [], clock.now
    while clock.now - began < 24 * HOUR:
        with site.app.app_context():
            resetting.ask(ADDRESS)
            mark = update(Member).where(Member.password_reset_due_at.is_not(None)).values(password_reset_due_at=None)
            if rows_changed(mark):
                sent.append(clock.now)
            db.session.commit()
        clock.passes(5 * MINUTE)

    gaps = [later - earlier for earlier, later in pairwise(sent)]
    assert gaps == sorted(gaps)
    assert gaps[0] == 10 * MINUTE
    assert max(gaps) < timedelta(seconds=tokens.AGES[tokens.RESET])
    assert len(sent) < 21


def test_after_a_new_password_another_link_comes_at_once(site: Site, maud: Person) -> None:
    for number in range(2):
        site.anonymous().post("/mot-de-passe", email=ADDRESS)
        site.works()
        link = re.findall(r"/mot-de-passe/\S+", maud.mails()[-1])[0]
        site.anonymous().post(link, password=f"quatre autres mots simples {number}")

    assert len(subjects(maud)) == 2


JOINS = {"name": "Une Autre", "network": "fongecif", "region": "27", "position": "adviser"}


@pytest.mark.parametrize("address", [ADDRESS, "nouvelle@essai.example"])
def test_mails_about_joining_come_ever_more_slowly(site: Site, maud: Person, clock: Clock, address: str) -> None:
    for _ in range(8):
        for path, fields in (("/rejoindre", {**JOINS, "email": address}), ("/rejoindre/lien", {"email": address})):
            assert site.anonymous().client.post(path, data=fields).status_code == 200
            site.works()
        clock.passes(5 * MINUTE)

    assert len(site.mails_to(address)) == 5  # three at once, then after ten minutes, after twenty


def test_joining_from_one_connection_waits_two_minutes_at_most(site: Site, maud: Person, clock: Clock) -> None:
    waits = []
    for number in range(30):
        answer = site.anonymous().post("/rejoindre", **JOINS, email=f"x{number}@essai.example")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            assert "Attendez" in answer.text
            clock.passes(timedelta(seconds=waits[-1]))
    assert len(waits) > 4
    assert max(waits) == 120
