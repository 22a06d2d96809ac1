"""Public ids in addresses: exactly 15 digits, and for a topic an optional readable end that means nothing."""

from werkzeug.routing import BaseConverter


class PublicId(BaseConverter):
    """A random public id; anything else is no address at all."""

    regex = r"[1-9][0-9]{14}"

    def to_python(self, value: str) -> int:
        return int(value)


def as_public_id(text: str) -> int | None:
    """The public id that a field or a parameter holds, if it holds one."""
    return int(text) if len(text) == 15 and text.isascii() and text.isdecimal() and text[0] != "0" else None
