"""The address of a search: words, values of facets, order. A search is one address that another tool can open."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from comcep.search.facets import FACETS
from comcep.web.incoming import Fields

MOST_CHOSEN = 10  # values of one facet that an address may carry
RECENT = "recents"


@dataclass(frozen=True)
class Asked:
    """What the address of a search says."""

    words: str
    chosen: tuple[tuple[str, str], ...]  # parameter and value
    newest_first: bool = False

    def selected(self) -> dict[str, list[str]]:
        """The values chosen, by facet."""
        return {
            facet.name: [value for parameter, value in self.chosen if parameter == facet.parameter] for facet in FACETS
        }

    def address(self, newest_first: bool | None = None, toggled: tuple[str, str] | None = None) -> str:
        """The same search in another order, or with a value of a facet more or less."""
        chosen = [pair for pair in self.chosen if pair != toggled]
        if toggled and toggled not in self.chosen:
            chosen.append(toggled)
        return "/recherche?" + _encoded(self.words, chosen, self.newest_first if newest_first is None else newest_first)

    @property
    def carried(self) -> str:
        """What the addresses of its pages carry."""
        return _encoded(self.words, self.chosen, self.newest_first)

    @property
    def kept(self) -> str:
        """What a saved search keeps: everything but the order."""
        return _encoded(self.words, self.chosen, False)


def asked(pairs: Iterable[tuple[str, str]]) -> Asked:
    """What the pairs of an address ask for; those it does not know are left out."""
    pairs = list(pairs)
    chosen = [
        (facet.parameter, value)
        for facet in FACETS
        for value in list(dict.fromkeys(v for name, v in pairs if name == facet.parameter and v))[:MOST_CHOSEN]
    ]
    first = dict(reversed(pairs))
    return Asked(first.get("q", ""), tuple(chosen), first.get("tri") == RECENT)


def read(kept: str) -> Asked:
    """What a kept address asks for."""
    return asked(Fields(parse_qsl(kept)).items(multi=True))  # encoded within a field: seen here first


def _encoded(words: str, chosen: Iterable[tuple[str, str]], newest_first: bool) -> str:
    return urlencode([("q", words), *chosen, *([("tri", RECENT)] if newest_first else [])])
