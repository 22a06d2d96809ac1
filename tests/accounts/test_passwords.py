"""New passwords: those that are guessed first are refused, with what differs from them by little; others are not."""

import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from comcep.accounts import tokens
from comcep.accounts.models import Member
from comcep.accounts.passwords import LONGEST, SHORTEST, is_common, weakness
from comcep.extensions import db
from tests.community import Site

LINES = Path("seed/common-passwords.txt").read_text(encoding="utf-8").splitlines()
LISTED = [line for line in LINES if not line.startswith("#")]
LONG = [password for password in LISTED if len(password) >= SHORTEST]


def test_the_list_holds_the_thousand_commonest_and_says_whence_they_come() -> None:
    first = LISTED[:1000]
    assert len(set(first)) == 1000
    assert first[:3] == ["123456", "password", "12345678"]
    assert "MIT License" in "".join(LINES[:8])
    assert "zxcvbn" in "".join(LINES[:8])


@given(st.sampled_from(LISTED))
def test_every_listed_password_is_common_in_any_case_and_with_a_year(password: str) -> None:
    for variant in (
        password,
        password.upper(),
        password.capitalize(),
        f"{password}2024",
        f"{password}1!",
        f"12{password}",
    ):
        assert is_common(variant), variant


@pytest.mark.parametrize(
    "password",
    ["motdepasse", "MotDePasse2026", "Mot de passe", "M0tdep@sse!", "azertyuiop", "AzertyAzerty", "azerty123456", "Bonjour2026!",
     "soleil1234", "P@ssw0rd123", "p4$$word2024", "Marseille13", "doudou1998", "Conseiller2026", "1234567890", "0987654321",
     "aaaaaaaaaaaa", "ababababab", "abcabcabcabc", "qwertyuiop", "jetaimejetaime", "Président".replace("Président", "éléééléé12"),
     "!!!!!!!!!!!!", "comcep-demo", "Comcep2026!", "12345678901234567890"],
)  # fmt: skip
def test_what_people_make_of_them_is_common_too(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    ["trois mots simples", "quatre autres mots simples", "cheval vert au plafond", "soleil rouge demain", "Le bus de 7 h 12",
     "dragon83920174659", "azertymarmotte", "un-canard-joue-aux-des", "Vélo jaune 37", "ïçéàùôîâêë¨ñõãÿ", "密码很难猜到的东西呀"],
)  # fmt: skip
def test_a_sentence_of_ones_own_may_be_a_password(password: str) -> None:
    assert not is_common(password)


def test_four_letters_said_again_are_guessed_and_five_of_ones_own_are_not() -> None:
    assert is_common("zqkvzqkvzqkv")
    assert not is_common("zqkvxzqkvx")
    assert is_common("adminadmin")


def test_a_random_password_is_never_called_common() -> None:
    assert not any(is_common(secrets.token_urlsafe(12)) for _ in range(300))


@given(st.text(max_size=LONGEST + 20))
def test_any_text_is_judged(text: str) -> None:
    assert isinstance(is_common(text), bool)


@pytest.mark.parametrize("password", ["Motdepasse2026", "1234567890"])
def test_forms_refuse_them_and_say_why(site: Site, password: str) -> None:
    maud = site.adviser("Maud")
    with site.app.app_context():
        member = db.session.scalars(select(Member).where(Member.id == maud.member_id)).one()
        link = f"/mot-de-passe/{tokens.token_for(member, tokens.RESET)}"

    answer = site.anonymous().post(link, password=password)

    assert answer.status_code == 422
    assert "devine en premier" in answer.text


def test_a_short_one_is_refused_for_its_length(lite: Site) -> None:
    with lite.app.test_request_context():
        assert "10 caractères" in str(weakness("court"))
        assert weakness("trois mots simples") is None
