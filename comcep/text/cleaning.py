"""What is done to any text before it is stored: one form of each character, and none that cannot be seen.

Line ends become \\n, letters their composed form (NFC), control and direction-forcing characters go: PostgreSQL refuses
NUL, and a forced direction can make a sentence read as its contrary ("Trojan Source", CVE-2021-42574).
"""

import re
import unicodedata

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


# Marks upon one letter, and other signs that are neither letters nor ASCII. To put a heap of marks in order costs the
# square of its height: half a megabyte of them, sent by anybody, held a process for minutes.
_HEAPS = re.compile(r"[^\w\x00-\x7f]{31,}")
_HIGHEST = 30  # marks upon one letter: Unicode's Stream-Safe format (UAX #15); no language writes five


def clean_text(text: str) -> str:
    """The text as it is stored: several lines, no unseen character, no blank at either end."""
    text = _HEAPS.sub(_lowered, text.replace("\r\n", "\n").replace("\r", "\n"))
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text)).strip()


def _lowered(signs: re.Match[str]) -> str:
    """The signs without the marks beyond the thirtieth upon one letter."""
    kept, height = [], 0
    for sign in signs.group():
        height = height + 1 if unicodedata.combining(sign) else 0
        if height <= _HIGHEST:
            kept.append(sign)
    return "".join(kept)


def clean_line(text: str) -> str:
    """As clean_text, on one line with single spaces: a title, a name."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def slug(title: str) -> str:
    """The readable end of an address: ASCII letters, digits and hyphens, 80 characters at most, never empty."""
    text = title.lower().replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = unicodedata.normalize("NFKD", text.replace("’", "-").replace("'", "-")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", text or plain).strip("-")
    return words[:80].rstrip("-") or "sujet"
