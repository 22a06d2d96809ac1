"""What is done to any text before it is stored: one form of each character, and none that cannot be seen.

Line ends become \\n, letters their composed form (NFC), control and direction-forcing characters go: PostgreSQL refuses
NUL, and a forced direction can make a sentence read as its contrary ("Trojan Source", CVE-2021-42574).
"""

import re
import unicodedata

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"\s+")
_FILLERS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")  # letters and signs that show nothing

# Marks upon one letter, and other signs that are neither letters nor ASCII. To put a heap of marks in order costs the
# square of its height: half a megabyte of them, sent by anybody, held a process for minutes.
_HEAPS = re.compile(r"[^\w\x00-\x7f]{16,}")
_HIGHEST = 30  # marks upon one letter: Unicode's Stream-Safe format (UAX #15); no language writes five


def clean_text(text: str) -> str:
    """The text as it is stored: several lines, no unseen character, no blank at either end; nothing at all when
    nothing of it can be seen."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = composed(text).strip()
    return text if can_be_seen(text) else ""


def composed(text: str) -> str:
    """The text with each letter and its accents in one sign (NFC), however they were typed."""
    return unicodedata.normalize("NFC", lower_heaps(text))


def can_be_seen(text: str) -> bool:
    """Whether a text shows anything: a letter, a figure or a sign, not only spaces, marks and what gives form."""
    return any(unicodedata.category(sign)[0] in "LNPS" and not _FILLERS.match(sign) for sign in text)


def lower_heaps(text: str) -> str:
    """The text with thirty marks at most upon one letter: what must be done before any of Unicode's forms is made."""
    return _HEAPS.sub(_lowered, text)


def _lowered(signs: re.Match[str]) -> str:
    """The signs without the marks beyond the thirtieth upon one letter."""
    kept, height = [], 0
    for sign in signs.group():
        height = height + len(unicodedata.normalize("NFD", sign)) if unicodedata.combining(sign) else 0
        if height <= _HIGHEST:
            kept.append(sign)
    return "".join(kept)


def clean_line(text: str) -> str:
    """As clean_text, on one line with single spaces and no sign that shows nothing: a title, a name."""
    return _SPACES.sub(" ", _FILLERS.sub(" ", clean_text(text))).strip()


def slug(title: str) -> str:
    """The readable end of an address: ASCII letters, digits and hyphens, 80 characters at most, never empty."""
    text = lower_heaps(title).lower().replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = unicodedata.normalize("NFKD", text.replace("’", "-").replace("'", "-")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", text or plain).strip("-")
    return words[:80].rstrip("-") or "sujet"


def flat(name: str) -> str:
    """The letters and digits of a name in lower case, without accents, ligatures or what stands between words: the form
    in which a name is looked for in names."""
    spread = unicodedata.normalize("NFKD", clean_line(name).lower().replace("œ", "oe").replace("æ", "ae")).lower()
    return "".join(character for character in spread if character.isalnum())
