"""The page of results, and the addresses that refine it: a search is one address another tool can open."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from comcep.search import searching
from comcep.search.facets import FACETS
from comcep.web.current import read_floor, viewer

search = Blueprint("search", __name__)

MOST_CHOSEN = 10  # values of one facet that an address may carry
RECENT = "recents"


@dataclass(frozen=True)
class Asked:
    """What the address of a search says: the words, the values of facets, the order."""

    words: str
    chosen: tuple[tuple[str, str], ...]  # parameter and value
    newest_first: bool

    def address(self, newest_first: bool | None = None, toggled: tuple[str, str] | None = None) -> str:
        """The same search in another order, or with a value of a facet more or less."""
        chosen = [pair for pair in self.chosen if pair != toggled]
        if toggled and toggled not in self.chosen:
            chosen.append(toggled)
        return "/recherche?" + self._encoded(chosen, self.newest_first if newest_first is None else newest_first)

    @property
    def carried(self) -> str:
        """What the addresses of its pages carry."""
        return self._encoded(list(self.chosen), self.newest_first)

    def _encoded(self, chosen: list[tuple[str, str]], newest_first: bool) -> str:
        return urlencode([("q", self.words), *chosen, *([("tri", RECENT)] if newest_first else [])])


def asked() -> Asked:
    """What the address of the current request asks for."""
    chosen = [
        (facet.parameter, value)
        for facet in FACETS
        for value in dict.fromkeys(request.args.getlist(facet.parameter)[:MOST_CHOSEN])
        if value
    ]
    return Asked(request.args.get("q", ""), tuple(chosen), request.args.get("tri") == RECENT)


@search.get("/recherche")
def results() -> str:
    this = asked()
    selected = {
        facet.name: [value for parameter, value in this.chosen if parameter == facet.parameter] for facet in FACETS
    }
    found = searching.search(viewer(), this.words, read_floor(), selected, this.newest_first)
    return render_template("search/results.html", found=found, asked=this, facets=FACETS)
