"""Passwords: hashing, checking in the same time whether an account exists or not, and what a new one must be."""

import secrets
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _

# OWASP Password Storage Cheat Sheet, 2024: argon2id, 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

SHORTEST = 10
LONGEST = 200

_COMMON = Path(__file__).resolve().parents[2] / "seed" / "common-passwords.txt"
_SIGNS = str.maketrans("@$€", "ase")  # written for letters, also at the ends
FIGURES = "0123456789"
# And figures: none, or as one or the other reads them.
_LETTERS: tuple[dict[int, int], ...] = ({}, str.maketrans("013457", "oieast"), str.maketrans("013457", "oleast"))
# What fingers run along, back and forth.
_ROWS = (
    "01234567890", "0147258369", "abcdefghijklmnopqrstuvwxyz", "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
)  # fmt: skip


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password is the account's; without an account the same work is done, and the answer is no."""
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def new_session_key() -> str:
    return secrets.token_urlsafe(16)


def weakness(password: str) -> Any:
    """The sentence that says what is wrong with a new password; none for one that may be."""
    if not SHORTEST <= len(password) <= LONGEST:
        return _("Choisissez un mot de passe d'au moins %(count)s caractères, par exemple trois mots.", count=SHORTEST)
    if is_common(password):
        return _("Ce mot de passe est de ceux qu'on devine en premier. Choisissez-en un autre, par exemple trois mots.")
    return None


def is_common(password: str) -> bool:
    """Whether a password is among those guessed first, or differs from one by case, accents, signs or figures written
    for letters, a few figures and any signs around it, or by being said twice."""
    whole = _bare(password)
    if not whole:
        return len(set(password)) < 3
    return any(_is_guessed(core.translate(letters)) for core in _without_figures(whole) for letters in _LETTERS)


def _without_figures(whole: str) -> Iterator[str]:
    """The text less up to four figures at either end, and less all of them where they are guessed themselves."""
    front = min(len(whole) - len(whole.lstrip(FIGURES)), 4)
    back = min(len(whole) - len(whole.rstrip(FIGURES)), 4)
    for start in range(front + 1):
        for end in range(len(whole) - back, len(whole) + 1):
            yield whole[start:end]
    core = whole.strip(FIGURES)
    if core and _is_guessed(whole.replace(core, "", 1)):
        yield core


def _bare(text: str) -> str:
    """Letters and figures alone, without case or accents."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_SIGNS)
    return "".join(sign for sign in plain if sign.isalnum())


def _is_guessed(text: str) -> bool:
    if not text or text in _commonest() or len(set(text)) < 3:
        return bool(text)
    if any(text in row * 3 or text[::-1] in row * 3 for row in _ROWS):
        return True
    unit = next((text[:size] for size in range(1, len(text)) if text[:size] * (len(text) // size) == text), text)
    return unit != text and (len(unit) < 5 or unit in _commonest())


@lru_cache(maxsize=1)
def _commonest() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(_bare(line) for line in lines if line and not line.startswith("#"))
