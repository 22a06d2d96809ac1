"""What the system's door gives is for computing: it can be neither shown, nor gone through, nor taken elsewhere."""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from flask import current_app
from markupsafe import escape
from sqlalchemy import select

from comcep.access.system_read import SealedRow, system_read
from comcep.forum.models import Post
from tests.community import Site


def rendered(template: str, row: Any) -> str:
    return current_app.jinja_env.from_string(template).render(row=row)


WAYS_OUT: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "repr": repr,
    "format": lambda row: f"{row}",
    "%": lambda row: "%s" % row,  # noqa: UP031
    "escape": escape,
    "template": lambda row: rendered("{{ row }}", row),
    "template loop": lambda row: rendered("{% for each in row %}{{ each }}{% endfor %}", row),
    "iterate": list,
    "unpack": lambda row: [*row],
    "tuple": tuple,
    "dict": dict,
    "in": lambda row: "secret" in row,
    "pickle": pickle.dumps,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "json": json.dumps,
    "vars": vars,
    "json by str": lambda row: json.dumps(row, default=str),
}


def read(site: Site) -> SealedRow:
    site.adviser("Maud").asks("Titre", "zqsecretzq")
    row = system_read("a test").first(select(Post.source, Post.id))
    assert row is not None
    return row


@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_row_read_by_the_system_goes_no_way_out(lite: Site, way: str) -> None:
    with lite.app.app_context():
        row = read(lite)
        with pytest.raises(TypeError) as refusal:
            WAYS_OUT[way](row)
    assert "zqsecretzq" not in str(refusal.value)


def test_every_row_of_many_is_sealed_and_its_values_serve_to_compute(lite: Site) -> None:
    with lite.app.app_context():
        read(lite)
        rows = list(system_read("a test").rows(select(Post.source, Post.id)))

        assert [type(row) for row in rows] == [SealedRow]
        assert len(rows[0].source) == len("zqsecretzq")
        for name in ("title", "t", "tuple", "_tuple", "_asdict", "_mapping", "_fields", "keys"):
            with pytest.raises(AttributeError):
                getattr(rows[0], name)
        assert system_read("a test").first(select(Post.id).where(Post.id < 0)) is None
