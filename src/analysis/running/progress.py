"""The only place that tells a user, while a run works, what becomes of each page."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from analysis import N_
from analysis.presenting.wording import Wording
from analysis.sources.places import Root

KEPT = N_("not made; the earlier page was kept")
STATES = {"made": N_("made"), "unchanged": N_("unchanged"), "failed": N_("not made")}


@contextlib.contextmanager
def shown(place: Root, pages: int, say: Wording) -> Iterator[Callable[[str, str], None]]:
    """Give the pipeline its `watch`: a plain line for each page as soon as it is done, or a bar on a terminal.

    On a terminal the lines follow when the bar is gone, also after an error or an interruption.
    """
    with _copy(sys.stdout) as out, _copy(sys.stderr) as err:
        console = Console(file=err, width=shutil.get_terminal_size().columns)
        columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        step = bar.add_task(say.say("checking what has changed").plain, total=pages)
        late: list[str] = []

        def watch(page: str, state: str) -> None:
            if state == "making":
                bar.update(step, description=page)
                return
            bar.update(step, advance=1)
            kept = state == "failed" and (place.path / page).exists()
            line = f"{place.path / page}: {say.say(KEPT if kept else STATES[state])}"
            late.append(line) if console.is_terminal else _write(out, line)

        try:
            with bar:
                yield watch
        finally:
            for line in late:
                _write(out, line)


@contextlib.contextmanager
def _copy(stream: TextIO) -> Iterator[TextIO]:
    """A second way to where `stream` leads: pytask takes the stream itself while it makes a page."""
    copy = os.fdopen(os.dup(stream.fileno()), "w", encoding=stream.encoding, errors="backslashreplace")
    try:
        yield copy
    finally:
        with contextlib.suppress(BrokenPipeError):
            copy.close()


def _write(out: TextIO, line: str) -> None:
    """Write one line at once. A reader who has gone away (`| head`) stops no page."""
    with contextlib.suppress(BrokenPipeError):
        print(line, file=out, flush=True)
