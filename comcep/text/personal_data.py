"""What in a text points at a beneficiary, found before a message is published (rule 4): what has a form.

Phone, e-mail, social-security number, bank account, date of birth, a civility with a name, a street with a number;
names and places without such a form need a model of language and come later. The author decides: this only shows.
Each pattern reads a bounded stretch from where it begins, so that the cost grows with the length of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban
from stdnum.fr import nir

# One plain sign for each: every space (no-break, narrow, thin…), every hyphen and apostrophe. Places stay the same.
_SIGNS = dict.fromkeys((0x9, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_SIGNS |= dict.fromkeys((0xAD, *range(0x2010, 0x2016), 0x2212), "-") | {0x2018: "'", 0x2019: "'"}

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
_BETWEEN = r"[ ./-]{1,3}"
# In pairs, in one piece, or with the four digits that begin a number overseas (0690, 0692…). Two figures apart by a
# slash or a hyphen, a date with its hour, are none.
_PHONE = re.compile(
    r"(?<![\d,])(?<!\d[ ./-])0[1-79]"
    rf"(?:(?:{_BETWEEN}\d\d){{4}}|\d{{8}}|\d\d(?:(?:{_BETWEEN}\d\d){{3}}|(?:{_BETWEEN}\d{{3}}){{2}}))"
    r"(?![\d€%])(?![ ./-]\d)"
)
_NIR = re.compile(
    r"(?<!\w)[1-478][ ./-]?\d\d[ ./-]?(?:0[1-9]|1[0-2]|[2-9]\d)[ ./-]?(?:\d\d|2[AB])[ ./-]?\d{3}[ ./-]?\d{3}"
    r"(?:[ ./-]?\d\d)?(?!\w)",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<!\w)(?=([a-z]{2}[ -]?\d\d(?:[ -]?[a-z0-9]){11,30}))", re.IGNORECASE)
_IBAN_LENGTHS = {
    "FR": 27, "MC": 27, "BE": 16, "LU": 20, "DE": 22, "ES": 24, "IT": 27, "PT": 25, "CH": 21, "GB": 22, "NL": 18,
    "PL": 28, "RO": 24, "TN": 24, "IE": 22, "AT": 20, "GR": 27, "CY": 28, "MT": 31, "FI": 18, "LT": 20,
}  # fmt: skip
_MONTHS = (
    "janv(?:ier)?|f[ée]v(?:rier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[ûu]t|"
    "sept(?:embre)?|oct(?:obre)?|nov(?:embre)?|d[ée]c(?:embre)?"
)
_DAY = rf"\d{{1,2}}(?:er)?[ ./-]{{1,3}}(?:\d{{1,2}}|(?:{_MONTHS})\.?)[ ./-]{{1,3}}(?:\d{{4}}|\d\d)|\d{{4}}-\d\d-\d\d"
_WEEKDAY = r"(?:(?:lun|mar|mercre|jeu|vendre|same)di |dimanche )?"
_BIRTH = re.compile(
    r"(?<!\w)(?:(?:née?|nee)(?:\(e\)|[.·-]e)?|date de naissance|naissance|naissance le|ddn|dn|d\.d?\.?n\.)"
    rf" ?(?:\([^()]{{1,20}}\) ?)?(?:le ?)?[:=]? ?(?:le |un |du |ce )?{_WEEKDAY}({_DAY})(?!\d)",
    re.IGNORECASE,
)
_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][\w'-]{1,40}"
_PERSON = re.compile(
    r"(?<![\w.])(?:M\. {0,3}|(?:MM\.|M|(?i:mr|mmes?|mlles?|monsieur|madame|mademoiselle|dr|docteur|maître)\.?) {1,3})"
    rf"((?:(?:de la|de|du|des|d'|van|von|el|ben) ?)?{_CAPITALISED}(?: {_CAPITALISED}){{0,2}})"
)
_NO_NAME = re.compile(
    "(?:Monsieur|Madame|Mademoiselle|Mme|Mlle|Mr|Président|Direct(?:eur|rice)|Maire|Ministre|Préf|Rect|Conseill|Référent)",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"(?<![\w/])\d{1,4}(?: ?(?:bis|ter|quater|[a-dA-D]))?,? {1,2}(?:"
    r"(?i:rue|avenue|av\.|av|boulevard|bld|bd|allées?|impasse|chemin|faubourg|ruelle|venelle|lotissement|lieu-dit|rond-point)"
    r" {1,2}[\w'-]{2,30}(?: [\w'-]{1,30}){0,5}|"
    r"(?i:place|cours|quai|route|rte|square|passage|cité|résidence|hameau|villa|esplanade|sentier|promenade|pl\.)"
    rf" {{1,2}}(?:(?:de la|de l'|de|du|des|d'|la|le|les) ?)?{_CAPITALISED}(?: [\w'-]{{1,30}}){{0,3}})"
    r"(?:,? {1,2}\d{5}(?: {1,2}[A-ZÀ-Þ][\w'-]{1,30})?)?"
)


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
    plain = text.translate(_SIGNS)
    for match in _EMAIL.finditer(plain):
        yield PersonalDatum("adresse électronique", match.group(), "son adresse électronique")
    for start, end in _numbers(plain):
        yield PersonalDatum("numéro de sécurité sociale", text[start:end], "son numéro de sécurité sociale")
    for start, end in _accounts(plain):
        yield PersonalDatum("compte bancaire", text[start:end], "son compte bancaire")
    for start, end in _phones(plain):
        yield PersonalDatum("téléphone", text[start:end], "son téléphone")
    for match in _BIRTH.finditer(plain):
        yield PersonalDatum("date de naissance", text[slice(*match.span(1))], "son âge, à cinq ans près")
    for match in _PERSON.finditer(plain):
        if not _NO_NAME.match(match[1]):
            yield PersonalDatum("nom de personne", text[slice(*match.span())], "la personne")
    for match in _STREET.finditer(plain):
        yield PersonalDatum("adresse postale", text[slice(*match.span())], "sa commune ou son secteur")


def _numbers(plain: str) -> Iterator[tuple[int, int]]:
    """Social-security numbers: by their key, or by how they are cut, which a slip in the key does not change."""
    for match in _NIR.finditer(plain):
        number = re.sub(r"[ ./-]", "", match.group()).upper()
        is_cut = len(match.group()) - len(number) >= 4
        if len(number) == 13 or is_cut or nir.is_valid(number):
            yield match.span()


def _accounts(plain: str) -> Iterator[tuple[int, int]]:
    """Bank accounts: of as many signs as their country's have, and right by their own check."""
    for match in _IBAN.finditer(plain):
        wanted = _IBAN_LENGTHS.get(match[1][:2].upper(), 0)
        signs = [at for at, sign in enumerate(match[1]) if sign not in " -"][:wanted]
        number = "".join(match[1][at] for at in signs)
        if wanted and len(number) == wanted and iban.is_valid(number.upper()):
            yield match.start(), match.start() + signs[-1] + 1


def _phones(plain: str) -> list[tuple[int, int]]:
    """Phone numbers: as they are written in France and overseas, and what the library knows of other countries."""
    spans = [match.span() for match in _PHONE.finditer(plain)]
    starts = {place for start, end in spans for place in range(start, end)}
    for phone in PhoneNumberMatcher(plain, "FR", leniency=Leniency.VALID, max_tries=200):
        if phone.start not in starts and phone.end - 1 not in starts:
            spans.append((phone.start, phone.end))
    return sorted(spans)
