"""Pages of a long list: ?page=2. A number that means nothing gives the nearest page that exists."""

from dataclasses import dataclass

from flask import request


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its number from 1, the size of a page, and how many entries there are in all."""

    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def numbers(self) -> list[int | None]:
        """The numbers to show; None stands for a gap."""
        near = {1, 2, self.last - 1, self.last, self.number - 1, self.number, self.number + 1}
        shown = [number for number in sorted(near) if 1 <= number <= self.last]
        numbers: list[int | None] = []
        for number in shown:
            if numbers and numbers[-1] is not None and number - numbers[-1] > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers


def as_number(text: str) -> int:
    """The number of a page that a form was on; the first where it says none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 1


def page_of(total: int, size: int, wanted: str | None = None) -> Page:
    """The page asked for in the address, or the nearest: 0 gives the first, 10^12 the last."""
    number = as_number(request.args.get("page", "1") if wanted is None else wanted)
    last = max(1, -(-total // size))
    return Page(min(max(number, 1), last), size, total)
