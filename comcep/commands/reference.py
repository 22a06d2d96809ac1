"""Reference data from seed/: networks, regions, themes, categories and sections. Loaded once into an empty database."""

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from comcep.accounts.models import Group, Network, Region
from comcep.extensions import db
from comcep.forum.models import Category, Section, Theme

SEED = Path(__file__).resolve().parents[2] / "seed"


def table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a tab-separated file of seed/."""
    with open(SEED / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def toml(name: str) -> dict[str, Any]:
    """The content of a TOML file of seed/."""
    return tomllib.loads((SEED / name).read_text(encoding="utf-8"))


def load() -> None:
    """Load what every installation needs, if it is not there yet; the caller commits."""
    if db.session.scalar(select(Section.id).limit(1)) is not None:
        return
    for position, row in enumerate(table("networks.tsv")):
        row.pop("january_advisers")
        db.session.add(Network(position=position, **row))
    for row in table("regions.tsv"):
        db.session.add(Region(code=row["code"], name=row["region"], former_names=row["regions before 2016"]))
    for position, row in enumerate(table("themes.tsv")):
        described = row["what belongs to it"]
        db.session.add(Theme(slug=row["slug"], label=row["label"], description=described, position=position))
    for position, category in enumerate(toml("january-2017.toml")["category"]):
        _load_category(position, category)
    db.session.flush()


def _load_category(position: int, printed: dict[str, Any]) -> None:
    category = Category(name=printed["name"], position=position)
    db.session.add(category)
    for place, section in enumerate(printed["sections"]):
        group = Group(name=section["group"]) if "group" in section else None
        db.session.add(
            Section(
                slug=section["slug"],
                name=section["name"],
                description=section["description"],
                audience=section["audience"],
                group=group,
                category=category,
                position=place,
            )
        )
