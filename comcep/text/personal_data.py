"""What in a text points at a beneficiary: formatted identifiers, found before a message is published (rule 4).

Names and addresses need a model of language and come later; here is what has a form: phone, e-mail, social-security
number, bank account, date of birth. The author decides: this only shows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban
from stdnum.fr import nir

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
_NIR = re.compile(
    r"\b[12][ .]?\d\d[ .]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .]?(?:\d\d|2[AB])[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d\d)?\b"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_BIRTH = re.compile(r"\bnée?(?:\(e\))? le (\d{1,2}(?:er)?[ /.-][\w]{1,9}[ /.-]\d{2,4})", re.IGNORECASE)


@dataclass(frozen=True)
class PersonalDatum:
    """One thing found: what it is, the words themselves, and a wording that says as much without pointing."""

    kind: str
    words: str
    neutral: str


def find_personal_data(text: str) -> list[PersonalDatum]:
    """What was found, in the order of the text's kinds, each only once."""
    return list(dict.fromkeys(_found(text)))


def _found(text: str) -> Iterator[PersonalDatum]:
    for match in _EMAIL.finditer(text):
        yield PersonalDatum("adresse électronique", match.group(), "son adresse électronique")
    for match in _NIR.finditer(text):
        if _is_social_security_number(match.group()):
            yield PersonalDatum("numéro de sécurité sociale", match.group(), "son numéro de sécurité sociale")
    for match in _IBAN.finditer(text):
        if iban.is_valid(match.group()):
            yield PersonalDatum("compte bancaire", match.group(), "son compte bancaire")
    for phone in PhoneNumberMatcher(text, "FR", leniency=Leniency.VALID, max_tries=200):
        yield PersonalDatum("téléphone", phone.raw_string, "son téléphone")
    for match in _BIRTH.finditer(text):
        yield PersonalDatum("date de naissance", match.group(1), "son âge, à cinq ans près")


def _is_social_security_number(words: str) -> bool:
    number = re.sub(r"[ .]", "", words)
    return len(number) == 13 or nir.is_valid(number)
