"""Where in a text an address stands that should be a link, and where it ends: one pattern, read once left to right.

An address says so itself, by https://, http:// or www.: words with a full stop between them, names of files and e-mail
addresses are no links. What surrounds an address in a French sentence (brackets, guillemets, full stops) is not part of
it. Which links may come out at all is markdown.py.
"""

import re
from collections.abc import Iterator

# Each candidate is read whole and given up whole, so that no sign is looked at twice: "www.-www.-…" is one candidate.
CANDIDATE = re.compile(r"(?<![^\W_])(?i:https?://|www\.)[^\s<>\"«»“”„‹›|\x00-\x1f]+")
_HOST = re.compile(r"(?:https?://(?:\w|\[)|www\.\w[\w-]*\.\w)", re.IGNORECASE)
_AFTER = ".,;:!?…'’*"  # what ends a sentence, a quotation or bold words rather than an address
_OPENED_BY = {")": "(", "]": "[", "}": "{"}

Link = tuple[int, int, str]  # start, end, the address it leads to


def links(text: str) -> Iterator[Link]:
    """The addresses in a text that should be links, in order."""
    for candidate in CANDIDATE.finditer(text):
        if found := link_at(text, candidate):
            yield found


def link_at(text: str, candidate: re.Match[str]) -> Link | None:
    """The address that a candidate is, or none."""
    start = candidate.start()
    end = start + _length(candidate.group(), _underscores_before(text, start))
    words = text[start:end]
    if not _HOST.match(words):
        return None
    return start, end, words if words[:4].lower() == "http" else f"http://{words}"


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """The whole text in pieces: each its words, and the address they lead to or nothing."""
    at = 0
    for start, end, address in links(text):
        yield text[at:start], ""
        yield text[start:end], address
        at = end
    yield text[at:], ""


def _length(candidate: str, underscores: int) -> int:
    """How much of a candidate is the address: without what ends the sentence and brackets that opened before it."""
    too_many = {sign: candidate.count(sign) - candidate.count(opening) for sign, opening in _OPENED_BY.items()}
    end = len(candidate)
    while end:
        sign = candidate[end - 1]
        if sign == "_" and underscores:
            underscores -= 1
        elif sign in _OPENED_BY and too_many[sign] > 0:
            too_many[sign] -= 1
        elif sign not in _AFTER:
            break
        end -= 1
    return end


def _underscores_before(text: str, start: int) -> int:
    """How many underscores stand right before: they put the address in italics, and as many behind it are not part."""
    return start - len(text[max(0, start - 3) : start].rstrip("_")) - max(0, start - 3)
