"""What of a text reaches the engine: the first words, in the signs that French is written with.

The engine is C and overflows on signs that grow when they are normalised. Who asks passes the gate, and the process of
the engine looks again: whoever asks it, nothing else is read.
"""

import re
import unicodedata

LONGEST = 160  # characters, of whatever is embedded
LONGEST_BYTES = 3 * LONGEST  # of UTF-8

# Nothing else, and nothing that grows when it is normalised.
FOREIGN = re.compile(r"[^0-9A-Za-zÀ-ÖØ-öø-ÿŒœ€%&'\"().,;:?!+*/°@#-]+")
_PLAIN_SIGNS = str.maketrans("’‘«»“”–—", '\'\'""""--')


def readable(text: str, longest: int) -> str:
    """The first words of a text, in the signs that the model knows."""
    plain = unicodedata.normalize("NFKC", text[: 4 * longest]).translate(_PLAIN_SIGNS)
    words = " ".join(FOREIGN.sub(" ", plain).split())
    return words if len(words) <= longest else words[: longest + 1].rpartition(" ")[0] or words[:longest]


def has_a_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def is_readable(sent: bytes) -> bool:
    """Whether what was sent to the engine came through the gate."""
    try:
        text = sent.decode()
    except UnicodeDecodeError:
        return False
    return has_a_word(text) and text == readable(text, LONGEST)
