"""Sessions are rows: what ends them, what a copied cookie is then worth, and how their owner sees and ends them."""

import re
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.engine import make_url

from comcep import create_app, extensions
from comcep.accounts import devices, resetting, sessions, signing_in, tokens
from comcep.accounts.models import KnownDevice, Member, MemberSession
from comcep.accounts.passwords import hash_password
from comcep.clock import now
from comcep.commands.backup import schema
from comcep.extensions import background, db
from tests import databases
from tests.community import Person, Site
from tests.conftest import build_app, close
from tests.gate import Gate

PASSWORD = "trois mots simples"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
    " Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def maud(site: Site) -> Person:
    person = site.adviser("Maud")
    with site.app.app_context():
        db.session.execute(update(Member).values(password_hash=hash_password(PASSWORD)))
        db.session.commit()
    return person


def enters(site: Site, user_agent: str = FIREFOX, password: str = PASSWORD) -> Person:
    """Maud in a browser of its own, signed in through the page."""
    person = site.anonymous()
    fields = {"email": "maud@essai.example", "password": password}
    answer = person.client.post("/connexion", data=fields, headers={"User-Agent": user_agent})
    assert answer.status_code == 302, answer.text
    return person


def copy_of(person: Person) -> Person:
    """Somebody with a copy of every cookie of a browser."""
    thief = person.site.anonymous()
    for name in ("comcep", devices.COOKIE):
        cookie = person.client.get_cookie(name)
        if cookie is not None:
            thief.client.set_cookie(name, cookie.value)
    return thief


def is_in(person: Person) -> bool:
    return 'data-viewer="adviser"' in person.get("/").text


def rows(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(MemberSession)) or 0


def session_ids(page: str) -> list[str]:
    return re.findall(r'data-session-id="(\d{15})"', page)


# --- what ends a session ---------------------------------------------------------------------------------------------


def test_a_copied_cookie_is_worth_nothing_after_signing_out(site: Site, maud: Person) -> None:
    owner = enters(site)
    thief = copy_of(owner)
    assert is_in(thief)

    owner.post("/deconnexion")

    assert not is_in(thief)
    assert not is_in(owner)


@pytest.mark.parametrize(
    ("opened", "seen", "lives"),
    [
        (29, 13, True), (31, 0, False), (20, 15, False), (0, 0, True),
        (-31, 0, False), (-31, -31, False), (-1, -1, True),  # by a clock that was ahead, and was put right
    ],
)  # fmt: skip
def test_a_session_ends_unused_and_at_its_age(site: Site, maud: Person, opened: int, seen: int, lives: bool) -> None:
    owner = enters(site)
    with site.app.app_context():
        dates = {"opened_at": now() - timedelta(days=opened), "seen_at": now() - timedelta(days=seen)}
        db.session.execute(update(MemberSession).values(**dates))
        db.session.commit()

    assert is_in(owner) is lives


def test_use_keeps_a_session_alive_and_is_written_now_and_then(site: Site, maud: Person) -> None:
    owner = enters(site)

    def seen() -> float:
        with site.app.app_context():
            newest = db.session.scalar(select(MemberSession.seen_at).order_by(MemberSession.id.desc()).limit(1))
            assert newest is not None
            return float((now() - newest).total_seconds())

    for days in (13, -2):  # the second by a clock that was ahead
        with site.app.app_context():
            db.session.execute(update(MemberSession).values(seen_at=now() - timedelta(days=days)))
            db.session.commit()
        assert is_in(owner)
        assert 0 <= seen() < 60

    written = []
    with site.app.app_context():
        engine = db.engine
    note = lambda _c, _k, statement, *_: written.append(statement)  # noqa: E731
    event.listen(engine, "before_cursor_execute", note)
    owner.get("/aide")
    event.remove(engine, "before_cursor_execute", note)
    assert not [statement for statement in written if statement.startswith("UPDATE")]


def test_what_a_view_left_undone_is_not_written_with_the_mark(site: Site, maud: Person) -> None:
    def stop() -> str:
        db.session.execute(update(Member).values(position="à moitié"))
        return "rien n'est enregistré"

    site.app.add_url_rule("/arret", "stop", stop)
    owner = enters(site)
    with site.app.app_context():
        db.session.execute(update(MemberSession).values(seen_at=now() - timedelta(hours=1)))
        db.session.commit()

    owner.get("/rubriques")
    with site.app.app_context():
        db.session.execute(update(MemberSession).values(seen_at=now() - timedelta(hours=1)))
        db.session.commit()
    owner.get("/arret")

    with site.app.app_context():
        assert set(db.session.scalars(select(Member.position))) == {""}


def test_a_new_password_ends_every_session_and_forgets_every_device(site: Site, maud: Person) -> None:
    first, second = enters(site), enters(site, PHONE)
    thief = copy_of(first)
    with site.app.app_context():
        member = db.session.scalars(select(Member).where(Member.id == maud.member_id)).one()
        link = f"/mot-de-passe/{tokens.token_for(member, tokens.RESET)}"
    chooser = site.anonymous()

    assert chooser.post(link, password="quatre autres mots simples").status_code == 302

    assert not any(is_in(person) for person in (maud, first, second, thief, chooser))
    assert rows(site) == 0
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(KnownDevice)) == 1
    assert is_in(enters(site, password="quatre autres mots simples"))


def test_a_link_chosen_behind_twice_at_once_serves_once(site: Site, maud: Person) -> None:
    with site.app.app_context():
        member = db.session.scalars(select(Member).where(Member.id == maud.member_id)).one()
        db.session.expunge(member)
        place = signing_in.Place()

        assert resetting.choose(member, "un premier mot choisi", place) is not None
        assert resetting.choose(member, "un second mot choisi", place) is None
    assert is_in(enters(site, password="un premier mot choisi"))


def test_a_suspended_members_sessions_end_and_do_not_come_back(site: Site, maud: Person) -> None:
    owner = enters(site)
    admin = site.person("Admin", "none", is_admin=True)

    for state in ("suspended", "active"):
        admin.post(f"/administration/comptes/{maud.public_id}/etat", state=state, reason="Motif")
        assert not is_in(owner)
    assert is_in(enters(site))


@pytest.mark.parametrize("what", ["password", "suspension"])
def test_a_sign_in_under_way_opens_nothing_once_the_account_changed(
    site: Site, maud: Person, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Between the look at the password and the session's row, the password is changed or the member suspended."""
    remember = devices.knows

    def change_first(public_id: int | None, token: str) -> bool:
        is_known = remember(public_id, token)
        engine_change = {"password": {"password_hash": "autre"}, "suspension": {"state": "suspended"}}[what]
        with site.app.app_context():
            db.session.execute(update(Member).where(Member.id == maud.member_id).values(**engine_change))
            sessions.end_all(maud.member_id or 0)
            db.session.commit()
        return is_known

    monkeypatch.setattr(devices, "knows", change_first)
    stranger = site.anonymous()

    answer = stranger.post("/connexion", email="maud@essai.example", password=PASSWORD)

    assert answer.status_code == 422
    assert rows(site) == 0


def test_signing_in_again_ends_the_session_that_the_browser_held(site: Site, maud: Person) -> None:
    owner = enters(site)
    thief = copy_of(owner)
    before = rows(site)

    owner.post("/connexion", email="maud@essai.example", password=PASSWORD)

    assert rows(site) == before
    assert is_in(owner)
    assert not is_in(thief)


def test_nothing_fixed_before_signing_in_is_worth_anything_after(site: Site, maud: Person) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    browser = site.anonymous()

    def token() -> str:
        found = re.search(
            r'name="csrf_token" value="([^"]+)"', browser.get("/aide").text + browser.get("/connexion").text
        )
        found = found or re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/compte").text)
        assert found is not None
        return found[1]

    fixed = token()
    before = browser.client.get_cookie("comcep")
    browser.post("/connexion", email="maud@essai.example", password=PASSWORD, csrf_token=fixed)
    after = browser.client.get_cookie("comcep")

    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert browser.post("/compte/sessions", csrf_token=fixed).status_code == 400
    assert is_in(browser)


def test_a_cookie_of_before_sessions_were_rows_opens_nothing(site: Site, maud: Person) -> None:
    stranger = site.anonymous()
    with stranger.client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{maud.public_id}.cle-Maud", True

    assert not is_in(stranger)
    assert stranger.post("/connexion", email="maud@essai.example", password=PASSWORD).status_code == 302
    assert is_in(stranger)


def test_a_restored_backup_brings_no_session_back(lite: Site) -> None:
    maud = lite.adviser("Maud")
    with lite.app.app_context():
        schema.bring_to_code()

    assert not is_in(maud)


# --- what stands where -----------------------------------------------------------------------------------------------


def test_the_database_opens_no_session_and_says_little(site: Site, maud: Person) -> None:
    owner = enters(site)
    with owner.client.session_transaction() as session:
        token = session[sessions.IN_COOKIE]
    cookie = owner.client.get_cookie(devices.COOKIE)
    assert cookie is not None
    with site.app.app_context():
        held = ""
        for table in ("member_session", "known_device", "pace"):
            held += str(db.session.execute(text(f"select * from {table}")).all())

    assert token not in held
    assert cookie.value not in held
    assert "127.0.0.1" not in held
    assert "Mozilla" not in held
    assert "Firefox" in held


def test_a_session_costs_no_statement_of_its_own(site: Site, maud: Person) -> None:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_) -> None:  # type: ignore[no-untyped-def]
        seen.append(statement)

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    maud.get("/charte")
    event.remove(engine, "before_cursor_execute", note)

    assert len([statement for statement in seen if "member_session" in statement]) == 1
    assert len([statement for statement in seen if "FROM member" in statement or "JOIN member" in statement]) == 1


def test_two_accounts_of_one_device_cannot_be_brought_together_by_their_rows(site: Site, maud: Person) -> None:
    ines = site.adviser("Ines", "pole-emploi")
    with site.app.app_context():
        db.session.execute(
            update(Member).where(Member.id == ines.member_id).values(password_hash=hash_password(PASSWORD))
        )
        db.session.commit()
    shared = enters(site)
    shared.post("/deconnexion")
    shared.post("/connexion", email="ines@essai.example", password=PASSWORD)

    with site.app.app_context():
        hashes = list(db.session.scalars(select(KnownDevice.token_hash)))
    assert len(hashes) == len(set(hashes)) == 4  # and one each that the tests opened


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (FIREFOX, ("Firefox", "Windows")),
        (PHONE, ("Safari", "iPhone")),
        ("Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 "
         "Chrome/121.0.0.0 Mobile Safari/537.36", ("Samsung Internet", "Android")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
         "Safari/537.36 Edg/131.0.0.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
         "Safari/537.36", ("Chrome", "macOS")),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/125.0 Mobile/15E148",
         ("Chrome", "iPad")),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
         ("Chrome", "ChromeOS")),
        ("", ("", "")),
        ("curl/8.5.0", ("", "")),
        ("x" * 100_000, ("", "")),
    ],
)  # fmt: skip
def test_a_device_is_described_coarsely(user_agent: str, expected: tuple[str, str]) -> None:
    assert devices.families(user_agent) == expected


# --- seen and ended by their owner -----------------------------------------------------------------------------------


def test_sessions_are_listed_and_ended_one_by_one(site: Site, maud: Person) -> None:
    computer, phone = enters(site), enters(site, PHONE)
    page = computer.get("/compte").text
    assert "Firefox sur Windows" in page
    assert "Safari sur iPhone" in page
    assert page.count("cette session</span>") == 1
    item = next(part for part in page.split("<li ") if "Safari sur iPhone" in part)

    answer = computer.post(f"/compte/sessions/{session_ids('<li ' + item)[0]}/fin")

    assert answer.location.startswith("/compte")
    assert not is_in(phone)
    assert is_in(computer)
    assert "reconnu, sans session ouverte" in computer.get("/compte").text


def test_a_device_is_known_after_signing_out_until_it_is_said_not_to_be_ones_own(site: Site, maud: Person) -> None:
    computer, phone = enters(site), enters(site, PHONE)
    page = computer.get("/compte").text
    item = next(part for part in page.split("<li ") if "Safari sur iPhone" in part)
    device = re.findall(r'data-device-id="(\d{15})"', item)[0]

    computer.post(f"/compte/appareils/{device}/oubli")

    assert not is_in(phone)
    assert "Safari sur iPhone" not in computer.get("/compte").text
    cookie = phone.client.get_cookie(devices.COOKIE)
    assert cookie is not None
    with site.app.app_context():
        assert not devices.knows(maud.public_id, cookie.value)


def test_ending_ones_own_session_leads_to_the_sign_in_page(site: Site, maud: Person) -> None:
    for act in ("sessions/{}/fin", "appareils/{}/oubli"):
        computer = enters(site)
        item = next(part for part in computer.get("/compte").text.split("<li ") if "cette session" in part)
        ids = re.findall(r'data-(?:session|device)-id="(\d{15})"', item)
        answer = computer.post("/compte/" + act.format(ids[0] if "sessions" in act else ids[1]))
        assert answer.location == "/connexion"
        assert not is_in(computer)


def test_nobody_ends_a_session_of_another(site: Site, maud: Person) -> None:
    ines = site.adviser("Ines", "pole-emploi")
    page = maud.get("/compte").text
    device = re.findall(r'data-device-id="(\d{15})"', page)[0]

    assert ines.post(f"/compte/sessions/{session_ids(page)[0]}/fin").status_code == 404
    assert ines.post(f"/compte/appareils/{device}/oubli").status_code == 404
    assert is_in(maud)


def test_all_sessions_end_at_once_and_devices_stay_known(site: Site, maud: Person) -> None:
    computer, phone = enters(site), enters(site, PHONE)

    computer.post("/compte/sessions")

    assert not any(is_in(person) for person in (computer, phone, maud))


def test_a_session_over_by_time_is_not_listed_and_is_swept(site: Site, maud: Person) -> None:
    computer, _phone = enters(site), enters(site, PHONE)
    with site.app.app_context():
        of_phone = select(KnownDevice.id).where(KnownDevice.system == "iPhone").scalar_subquery()
        long_ago = now() - sessions.IDLE - timedelta(hours=1)
        db.session.execute(update(MemberSession).where(MemberSession.device_id == of_phone).values(seen_at=long_ago))
        db.session.commit()
    item = next(part for part in computer.get("/compte").text.split("<li ") if "Safari sur iPhone" in part)
    assert "sans session ouverte" in item
    count = rows(site)

    with site.app.app_context():
        sessions.take_out_what_is_over()
        assert rows(site) == count  # a clock that jumps for a moment takes nothing away
        db.session.execute(
            update(MemberSession)
            .where(MemberSession.device_id == of_phone)
            .values(seen_at=long_ago - timedelta(days=2))
        )
        db.session.commit()
        sessions.take_out_what_is_over()
    assert rows(site) == count - 1
    assert is_in(computer)


def test_the_sweep_of_sessions_is_one_of_the_background(site: Site) -> None:
    assert ("slow", sessions.take_out_what_is_over) in background.sweeps


# --- a database that cannot write ------------------------------------------------------------------------------------


@pytest.fixture
def held(tmp_path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A site on SQLite, and its database held by another who writes, for as long as one likes."""
    monkeypatch.setattr(extensions, "SQLITE_PATIENCE", 100)
    site = Site(build_app("sqlite", tmp_path / "data"))
    site.open()
    holder = sqlite3.connect(tmp_path / "data" / "comcep.sqlite3", isolation_level=None)
    yield site, holder
    holder.close()
    close(site.app)


def test_a_member_goes_on_reading_while_nothing_can_be_written(held) -> None:  # type: ignore[no-untyped-def]
    site, holder = held
    maud = site.adviser("Maud")
    with site.app.app_context():
        db.session.execute(update(MemberSession).values(seen_at=now() - timedelta(days=1)))
        db.session.commit()
    holder.execute("begin immediate")

    assert 'data-viewer="adviser"' in maud.get("/rubriques").text
    holder.execute("rollback")
    assert is_in(maud)


def signs_out_in_vain(person: Person) -> None:
    answer = person.post("/deconnexion")
    assert answer.status_code == 503
    assert "Vous êtes déconnecté de cet appareil" in answer.text
    with person.client.session_transaction() as session:
        assert sessions.IN_COOKIE not in session


def test_signing_out_while_nothing_can_be_written_is_done_with_the_next_page(held) -> None:  # type: ignore[no-untyped-def]
    site, holder = held
    maud = site.adviser("Maud")
    thief = copy_of(maud)
    holder.execute("begin immediate")
    signs_out_in_vain(maud)
    assert not is_in(maud)
    assert is_in(thief)  # what the page says
    left = maud.client.get_cookie("comcep")
    assert left is not None
    holder.execute("rollback")

    maud.get("/aide")

    assert not is_in(thief)
    borrower = site.anonymous()
    borrower.client.set_cookie("comcep", left.value)
    assert not is_in(borrower)


def test_signing_out_without_a_database_is_done_with_the_next_page(tmp_path) -> None:  # type: ignore[no-untyped-def]
    databases.require_postgresql()
    close(build_app("postgresql", tmp_path / "data"))
    address = make_url(databases.migrated_postgresql())
    gate = Gate(address.port or 5432)
    behind = address.set(port=gate.port).render_as_string(hide_password=False)
    off = dict.fromkeys(("WTF_CSRF_ENABLED", "RATELIMIT_ENABLED", "EMBEDDINGS"), False)
    site = Site(create_app({"DATA": tmp_path / "data", "DATABASE_URL": behind, "TESTING": True, **off}))
    site.open()
    maud = site.adviser("Maud")
    thief = copy_of(maud)
    gate.shut()
    signs_out_in_vain(maud)
    gate.open()

    maud.get("/aide")

    assert not is_in(thief)
    close(site.app)
    gate.shut()
