"""Signing in: limits, sessions that end, redirects that stay inside, one answer for known and unknown."""

import statistics
import time

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import select, update

from comcep.accounts.models import Member
from comcep.accounts.passwords import hash_password, is_right
from comcep.accounts.tokens import RESET, token_for
from comcep.extensions import db
from comcep.web.redirects import inside
from tests.community import Person, Site

PASSWORD = "trois mots simples"


@pytest.fixture
def maud(site: Site) -> Person:
    person = site.adviser("Maud")
    with site.app.app_context():
        db.session.execute(update(Member).values(password_hash=hash_password(PASSWORD)))
        db.session.commit()
    return person


def sign_in(person: Person, password: str = PASSWORD, **fields: str):  # type: ignore[no-untyped-def]
    return person.post("/connexion", email="maud@essai.example", password=password, **fields)


def test_the_right_password_opens_and_the_wrong_one_says_so(site: Site, maud: Person) -> None:
    stranger = site.anonymous()
    assert "inexact" in sign_in(stranger, "faux").text
    assert sign_in(stranger).status_code == 302
    assert 'data-viewer="adviser"' in stranger.get("/").text


def test_after_ten_tries_an_address_must_wait_known_or_not(site: Site, maud: Person) -> None:
    site.app.config["RATELIMIT_ENABLED"] = True
    stranger = site.anonymous()
    for address in ("maud@essai.example", "personne@essai.example"):
        answers = [stranger.post("/connexion", email=address, password="faux").status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
    assert sign_in(stranger).status_code == 429


def test_signing_in_often_is_no_guessing(site: Site, maud: Person) -> None:
    site.app.config["RATELIMIT_ENABLED"] = True

    assert [sign_in(site.anonymous()).status_code for _ in range(14)] == [302] * 14


def test_a_suspended_member_is_out_at_once_and_cannot_return(site: Site, maud: Person) -> None:
    admin = site.person("Admin", "none", is_admin=True)

    admin.post(f"/administration/comptes/{maud.public_id}/etat", state="suspended", reason="Motif")

    assert 'data-viewer="anonymous"' in maud.get("/").text
    assert sign_in(site.anonymous()).status_code == 422


def test_a_changed_password_ends_every_session_and_voids_the_link(site: Site, maud: Person) -> None:
    from comcep.accounts import tokens

    with site.app.app_context():
        member = db.session.scalars(select(Member).where(Member.id == maud.member_id)).one()
        link = f"/mot-de-passe/{tokens.token_for(member, tokens.RESET)}"
    site.anonymous().post(link, password="quatre autres mots simples")

    assert 'data-viewer="anonymous"' in maud.get("/").text
    assert site.anonymous().get(link).status_code == 410
    assert sign_in(site.anonymous(), "quatre autres mots simples").status_code == 302


@pytest.mark.parametrize(("minutes", "serves"), [(119, True), (121, False)])
def test_a_link_to_a_new_password_ends_after_two_hours(
    lite: Site, monkeypatch: pytest.MonkeyPatch, minutes: int, serves: bool
) -> None:
    lite.adviser("Maud")
    with lite.app.app_context():
        link = f"/mot-de-passe/{token_for(db.session.scalars(select(Member)).one(), RESET)}"
    moment = int(time.time()) + 60 * minutes
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: moment)

    stranger = lite.anonymous()
    assert stranger.get(link).status_code == (200 if serves else 410)
    assert stranger.post(link, password=PASSWORD).status_code == (302 if serves else 410)
    assert sign_in(stranger).status_code == (302 if serves else 422)


@pytest.mark.parametrize(
    "address",
    ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example", "\\\\ailleurs.example", "javascript:alert(1)",
     "/\t/ailleurs.example", "http:ailleurs.example", " //ailleurs.example", "", "/%0d\n"],
)  # fmt: skip
def test_a_redirect_never_leads_elsewhere(site: Site, maud: Person, address: str) -> None:
    assert inside(address) == "/"
    assert sign_in(site.anonymous(), next=address).location == "/"


def test_a_redirect_inside_is_kept(site: Site, maud: Person) -> None:
    assert sign_in(site.anonymous(), next="/sujets/123456789012345?page=2").location == "/sujets/123456789012345?page=2"


def test_a_known_and_an_unknown_address_cost_the_same_work() -> None:
    known = hash_password(PASSWORD)
    is_right(None, "chauffe")

    def cost(password_hash: str | None) -> float:
        times = []
        for _ in range(7):
            start = time.process_time()
            is_right(password_hash, "faux")
            times.append(time.process_time() - start)
        return statistics.median(times)

    assert 0.5 < cost(None) / cost(known) < 2


def test_pages_carry_the_policy_and_private_ones_are_kept_nowhere(site: Site, maud: Person) -> None:
    for person, kept in ((maud, "no-store"), (site.anonymous(), "no-")):
        headers = person.get("/rubriques").headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "img-src 'self'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert kept in headers["Cache-Control"]


def test_public_pages_have_a_validator_and_pages_with_a_token_are_kept_nowhere(site: Site) -> None:
    stranger = site.anonymous()
    first = stranger.get("/aide")
    again = stranger.get("/aide", headers={"If-None-Match": first.headers["ETag"]})
    assert first.headers["Cache-Control"] == "no-cache"
    assert again.status_code == 304
    site.app.config["WTF_CSRF_ENABLED"] = True
    assert stranger.get("/connexion").headers["Cache-Control"] == "no-store"


def test_cookies_are_for_the_server_only(site: Site, maud: Person) -> None:
    cookie = sign_in(site.anonymous()).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_outside_demo_and_test_the_cookie_is_secure_and_limits_stay_on(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from comcep import create_app
    from comcep.settings import SettingsError
    from tests.conftest import build_app, close

    site = Site(build_app("sqlite", tmp_path / "data"))
    site.open()
    site.adviser("Maud")
    close(site.app)

    opened = create_app({"DATA": tmp_path / "data"})
    assert opened.config["SESSION_COOKIE_SECURE"] is True
    for path in ("/", "/connexion", "/nulle-part", "/static/css/absent.css"):
        said = opened.test_client().get(path).headers["Strict-Transport-Security"]
        assert said == "max-age=31536000; includeSubDomains", path
    assert "Strict-Transport-Security" not in site.app.test_client().get("/aide").headers
    with pytest.raises(SettingsError, match="COMCEP_RATE_LIMITS"):
        create_app({"DATA": tmp_path / "data", "RATE_LIMITS": "off"})


def test_a_form_without_its_token_does_nothing(site: Site, maud: Person) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    for rule in site.app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()):
            continue
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<public_id:{name}>", "123456789012345").replace(f"<{name}>", "x")
        assert maud.post(path).status_code in (400, 404, 410, 422), path


def test_posting_has_a_limit_and_keeps_the_text(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from tests.conftest import build_app, close

    site = Site(build_app("sqlite", tmp_path / "data", RATELIMIT_ENABLED=True))
    site.open()
    maud = site.adviser("Maud")
    topic = maud.asks("Sujet")
    answers = [maud.post(f"/sujets/{topic}/messages", body=f"Réponse {number}") for number in range(35)]

    assert answers[-1].status_code == 429
    assert "Réponse 34" in answers[-1].text
    close(site.app)


def test_an_office_of_known_secrets_is_never_defaulted(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from comcep.settings import load

    first, second = load({"DATA": tmp_path / "a"}), load({"DATA": tmp_path / "b"})

    assert len(first["SECRET_KEY"]) > 40
    assert first["SECRET_KEY"] != second["SECRET_KEY"]
    assert load({"DATA": tmp_path / "a"})["SECRET_KEY"] == first["SECRET_KEY"]
    assert oct((tmp_path / "a" / "secrets.json").stat().st_mode)[-3:] == "600"
