"""What is done to any text before it is stored: one form of each character, and none that cannot be seen.

Line ends become \\n, letters their composed form (NFC), control and direction-forcing characters go: PostgreSQL refuses
NUL, and a forced direction can make a sentence read as its contrary ("Trojan Source", CVE-2021-42574).
"""

import re
import unicodedata

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """The text as it is stored: several lines, no unseen character, no blank at either end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text)).strip()


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
