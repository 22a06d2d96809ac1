"""The published tables as files: exactly the cells of the page, and what their columns mean."""

import csv
import io
import json
from typing import Any

from comcep.analytics.disclosure.cells import Published, PublishedCell
from comcep.analytics.models import Digest

COLUMNS = {
    "digest": "numéro de la synthèse",
    "starts_on": "premier jour de la période",
    "ends_on": "dernier jour de la période, compris",
    "table": "tableau",
    "row": "ligne : thème, réseau ou région, ou nom du total",
    "label": "libellé de la ligne",
    "column": "colonne du tableau",
    "state": "published (publié), withheld (non publié), not computable (non calculable)",
    "count": "figure arrondie ; vide si elle n'est pas publiée",
    "trend": "up, down, stable ou new, par rapport à la synthèse précédente, sur les figures arrondies",
}
TABLES = {
    "themes": "conseillers distincts ayant écrit sur le thème pendant la période, avec bruit et arrondi à k",
    "unsolved": "conseillers distincts ayant écrit dans des questions du thème restées sans solution",
    "delays": "délai médian de première réponse : 1 moins de 4 h, 2 moins d'un jour, 3 moins de deux jours, 4 plus",
    "demand": "membres distincts ayant marqué « même situation » (non calculable : la réaction n'existe pas encore)",
    "community": "totaux de la communauté ; answered-48h, other-network, solved et served sont des pourcentages",
    "networks": "conseillers inscrits à la fin de la période, et ayant écrit pendant la période, par réseau",
    "regions": "les mêmes, par région",
    "yearly": "1 : thème présent dans le réseau sur l'année",
    "emerging": "conseillers distincts ayant employé le terme, d'un vocabulaire approuvé",
}


def as_csv(digest: Digest, figures: Published) -> str:
    """One line a cell, with a header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: "" if value is None else value for name, value in row.items()} for row in _rows(digest, figures)
    )
    return out.getvalue()


def as_json(digest: Digest, figures: Published) -> str:
    """The same cells, with the rules they were published under."""
    content: dict[str, Any] = {
        "digest": digest.number,
        "starts_on": digest.starts_on.isoformat(),
        "ends_on": digest.ends_on.isoformat(),
        "k": figures.k,
        "mode": figures.mode,
        "epsilon": figures.epsilon,
        "cells": _rows(digest, figures),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def described_columns() -> str:
    """What each column and each table holds, with its unit and its base."""
    return json.dumps({"columns": COLUMNS, "tables": TABLES}, ensure_ascii=False, indent=1) + "\n"


def _rows(digest: Digest, figures: Published) -> list[dict[str, Any]]:
    return [_row(digest, cell) for cell in figures.cells]


def _row(digest: Digest, cell: PublishedCell) -> dict[str, Any]:
    return {
        "digest": digest.number, "starts_on": digest.starts_on.isoformat(), "ends_on": digest.ends_on.isoformat(),
        "table": cell.table, "row": cell.row, "label": cell.label, "column": cell.column, "state": cell.state,
        "count": cell.count, "trend": cell.trend,
    }  # fmt: skip
