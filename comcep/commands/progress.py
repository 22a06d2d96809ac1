"""How far a long command is: a bar in a terminal, and where there is none (a service's log) a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

EVERY = 10.0  # seconds between two lines


@contextmanager
def progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """What is told how many more are done."""
    if sys.stdout.isatty():
        with click.progressbar(length=length, label=label) as bar:
            yield bar.update
        return
    done, said = 0, time.monotonic()

    def update(more: int) -> None:
        nonlocal done, said
        done += more
        if time.monotonic() - said > EVERY:
            said = time.monotonic()
            click.echo(f"{label} : {done} sur {length}")

    click.echo(f"{label} : {length} à faire")
    yield update
    click.echo(f"{label} : fini")
