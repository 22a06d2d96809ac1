"""How a French word sounds, roughly: words written by ear have the sound of the one that was meant.

Two words of one sound are written alike here; the signs mean nothing beyond that. Which of them a mistyped word stands
for is spelling.py.
"""

import re

# In order; of a folded word, so accents are gone and "ç" is "c".
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"sch|sh|ch", "C"),
        (r"e?au", "o"),
        (r"[st]?ti(?=o[nmu])|s?ci(?=o)|ssi(?=o)", "si"),
        (r"qu|ck|k|cc(?![eiy])", "k"),
        (r"sc(?=[eiy])|c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"ge(?=[aou])|g(?=[eiy])", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"gn|n+i(?=[aeo])", "N"),
        (r"ill|y", "i"),
        (r"h", ""),
        (r"z", "s"),
        (r"[ae]m(?=[bp])|[ae]n(?![aeiouyn])", "A"),
        (r"[ae]?in(?![aeiouyn])|[ae]?im(?=[bp])", "I"),
        (r"ai|ei|er$|ez$|ee$|et$", "e"),
        (r"(.)\1+", r"\1"),
        (r"(?<=..)(?:[esxtdp]+)$", ""),
    )
]


def sound_of(word: str) -> str:
    """What a folded word sounds like."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word
