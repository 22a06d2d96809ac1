"""`make bench-anonymity`: every attack on the digest over at least a thousand generated communities, beside the same attack
on a page that prints the true counts; and what protection costs. A table on the screen and in build/anonymity.md.
"""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from comcep.analytics.figures import Due, keyed, private
from tests.attacks.communities import THEMES, community, raw
from tests.attacks.intervals import participation
from tests.attacks.membership import (
    advantage,
    plain_worst_case,
    private_worst_case,
    realistic,
    trials,
    worst_case,
    worst_case_over,
)

OUT = Path("build/anonymity.md")
COMMUNITIES = 1_000
SIZES = [50, 120, 300, 800, 2_000, 5_000]
SMALLER = [50, 120, 300, 800]  # where each trial replays the community many times
K = 5
EPSILON = 1.0


def main() -> None:
    lines = ["| attack | who | digest | plain statistics page | asked for |", "|---|---|---|---|---|"]
    for line in _rows():
        print(line, flush=True)
        lines.append(line)
    lines += ["", *_costs()]
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _rows() -> Iterable[str]:
    for prolific, who, most in ((False, "any adviser", "0.35 on average"), (True, "the most active hundredth", "—")):
        told = _worst(prolific)
        plain = _plain(prolific)
        yield f"| worst case, one release | {who} | {told} | {plain} | {most} |"
    for prolific, who, most in ((False, "any adviser", "0.10"), (True, "the most active hundredth", "0.25")):
        tried = list(trials(range(COMMUNITIES), SMALLER, prolific))
        told = advantage((wrote, realistic(of, target, wrote, secret, 15)) for of, target, wrote, secret in tried)
        plain = advantage(
            (wrote, realistic(of, target, wrote, secret, 15, True)) for of, target, wrote, secret in tried
        )
        yield f"| realistic, one release | {who} | {told} | {plain} | {most} |"
    over = advantage(
        (wrote, worst_case_over(of, target.number, wrote, secret, 12))
        for of, target, wrote, secret in trials(range(COMMUNITIES // 2), SMALLER, False)
    )
    yield f"| worst case, twelve releases | any adviser | {over} | 1.00 | measured |"
    private_told = advantage(
        (wrote, private_worst_case(of, target.number, wrote, EPSILON))
        for of, target, wrote, _ in trials(range(COMMUNITIES), SMALLER, True)
    )
    bound = math.tanh(EPSILON / 2)
    yield f"| worst case, private mode ε = 1 | the most active hundredth | {private_told} | 1.00 | {bound:.2f} |"
    yield _narrowest()


def _worst(prolific: bool) -> Any:
    return advantage(
        (wrote, worst_case(of, target.number, wrote, secret))
        for of, target, wrote, secret in trials(range(COMMUNITIES), SIZES, prolific)
    )


def _plain(prolific: bool) -> Any:
    return advantage(
        (wrote, plain_worst_case(of, target.number, wrote))
        for of, target, wrote, _ in trials(range(COMMUNITIES), SMALLER, prolific)
    )


def _narrowest() -> str:
    found, exact, withheld = [], 0, 0
    for seed in range(300):
        of = community(seed, SIZES[seed % 5])
        figures = raw(of, b"secret")
        bounded = participation(keyed(figures, K, [], Due(participation=True)), figures)
        withheld, exact = withheld + bounded.withheld, exact + bounded.exact
        found += [bounded.narrowest] if bounded.narrowest is not None else []
    return (
        f"| difference: narrowest interval of a withheld figure | {withheld} figures of 300 communities | {min(found)} values,"
        f" {exact} reconstructed | every figure exact | {K} values, 0 |"
    )


def _costs() -> list[str]:
    lines = [
        "| community | themes published, of 21 | mean error of a shown theme | the same, private mode |",
        "|---|---|---|---|",
    ]
    for size in (120, 300, 1_000, 5_000):
        shown, error, private_shown, private_error = [], [], [], []
        for seed in range(40):
            figures = raw(community(seed, size), b"secret")
            true = {theme.slug: theme.cell.advisers for theme in figures.themes}
            for published, counts, errors in (
                (keyed(figures, K, [], Due(participation=False)), shown, error),
                (private(figures, K, [], EPSILON), private_shown, private_error),
            ):
                cells = [cell for cell in published.table("themes") if cell.count is not None]
                counts.append(len(cells))
                errors += [abs((cell.count or 0) - true[cell.row]) for cell in cells]
        lines.append(
            f"| {size} advisers | {sum(shown) / 40:.1f} | {_mean(error)} advisers "
            f"| {sum(private_shown) / 40:.1f} themes, {_mean(private_error)} advisers |"
        )
    assert len(THEMES) == 21
    return lines


def _mean(values: list[int]) -> str:
    return f"{sum(values) / len(values):.1f}" if values else "—"


if __name__ == "__main__":
    main()
