"""A text as it comes from hurried fingers: a word spelt by ear, a letter more, less or swapped, accents left out."""

import random
import unicodedata

BY_EAR = [
    ("tion", "ssion"), ("ss", "s"), ("nn", "n"), ("mm", "m"), ("ll", "l"), ("tt", "t"), ("pp", "p"), ("rr", "r"),
    ("ph", "f"), ("qu", "k"), ("eau", "o"), ("au", "o"), ("en", "an"), ("an", "en"), ("ai", "é"), ("é", "er"),
    ("er", "é"), ("ge", "je"), ("c", "s"), ("s", "c"), ("th", "t"), ("h", ""), ("y", "i"), ("oi", "oa"), ("gn", "ni"),
    ("n", "nn"), ("m", "mm"), ("l", "ll"), ("t", "tt"), ("p", "pp"), ("x", "s"), ("z", "s"),
]  # fmt: skip
LEAST = 5  # letters of a word that is mistyped: in a shorter one, it becomes another word


def mistyped(text: str, chance: random.Random) -> str:
    """The text with a mistake in one of its longer words; as it is where all are short."""
    words = text.split(" ")
    longer = [at for at, word in enumerate(words) if len(word) >= LEAST and word.isalpha() and not word.isupper()]
    if longer:
        at = chance.choice(longer)
        words[at] = _by_ear(words[at], chance) if chance.random() < 0.5 else _slipped(words[at], chance)
    return " ".join(words)


def without_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def _by_ear(word: str, chance: random.Random) -> str:
    heard = [pair for pair in BY_EAR if pair[0] in word[1:]]
    if not heard:
        return _slipped(word, chance)
    written, other = chance.choice(heard)
    at = chance.choice([at for at in range(1, len(word)) if word.startswith(written, at)])
    return word[:at] + other + word[at + len(written) :]


def _slipped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice([
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + chance.choice("aeinorstul") + word[at + 1 :],
    ])  # fmt: skip
