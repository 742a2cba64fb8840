"""The only place that tells a user, while a run works, what becomes of each page."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from analysis import N_
from analysis.presenting.wording import Wording
from analysis.sources.places import Root

KEPT = N_("not made; the earlier page was kept")
DEPTH = 4
"""Folders and file name of an edition's page: reports/demo/id/72.71.html."""
STATES = {"made": N_("made"), "unchanged": N_("unchanged"), "failed": N_("not made")}


@contextlib.contextmanager
def shown(place: Root, say: Wording, home: Path) -> Iterator[Callable[[str, str], None]]:
    """Give the pipeline its `watch`: a plain line for each table and page as soon as it is made, or a bar on a
    terminal, with the time left. What is unchanged is counted where it is one page of many.

    At the end, where nothing went wrong on the way, how much was made and where to begin reading (`home`). On a
    terminal the lines follow when the bar is gone, also after an error or an interruption.
    """
    with _copy(sys.stdout) as out, _copy(sys.stderr) as err:
        console = Console(file=err, width=shutil.get_terminal_size().columns)
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
        bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        step = bar.add_task(say.say("checking what has changed").plain, total=0)
        late: list[str] = []
        counts: Counter[str] = Counter()

        def watch(page: str, state: str) -> None:
            match state:
                case "due":
                    bar.update(step, total=(bar.tasks[0].total or 0) + 1)
                case "making":
                    bar.update(step, description=page)
                case _:
                    bar.update(step, advance=1)
                    counts[state] += 1
                    if state != "unchanged" or not _is_one_of_many(page):
                        kept = state == "failed" and (place.path / page).exists()
                        line = f"{place.path / page}: {say.say(KEPT if kept else STATES[state])}"
                        late.append(line) if console.is_terminal else _write(out, line)

        try:
            with bar:
                yield watch
            late.append(_summary(counts, say))
            late += [say.say("begin at {path}", path=home).plain] if home.is_file() else []
        finally:
            for line in late:
                _write(out, line)


def _is_one_of_many(page: str) -> bool:
    """Whether this is a page of an edition, of which there are more than a hundred."""
    folders = page.split("/")
    return folders[0] == "reports" and len(folders) == DEPTH and folders[1] != "published"


def _summary(counts: Counter[str], say: Wording) -> str:
    """How many files were made, are unchanged, could not be made."""
    told = [(counts["made"], N_("{n} made")), (counts["unchanged"], N_("{n} unchanged")),
            (counts["failed"], N_("{n} not made"))]  # fmt: skip
    return ", ".join(say.say(pattern, n=n).plain for n, pattern in told if n)


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
