"""The only place that tells failures which are not our own checks: the operating system's, and those of a notebook."""

from __future__ import annotations

import errno
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import analysis
from analysis import N_, AnalysisError, Fault, NotebookError
from analysis.presenting.wording import Wording

CODE = Path(__file__).parents[1]
Expected = AnalysisError | OSError
"""What ends a run with a message and an exit code, never with a traceback."""

OPEN_THE_COPY = N_("Open the executed copy below data/processed, mend the cell and run again.")
NO_ROOM, NOT_ALLOWED = N_("no room is left on the disk"), N_("this user may not read or write here")
NO_FOLDER = N_("a file stands where a folder must be")
REASONS = {
    errno.ENOSPC: NO_ROOM,
    errno.EDQUOT: NO_ROOM,
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.EROFS: N_("this disk can only be read"),
    errno.ENOTDIR: NO_FOLDER,
    errno.EEXIST: NO_FOLDER,
    errno.EISDIR: N_("a folder stands where a file must be"),
    errno.ENOENT: N_("is not there"),
}
"""The usual ones in our words, so that they are told in the reader's language; others as the system words them."""


def told(error: Expected, say: Wording) -> str:
    """What a user reads: an error of the operating system in one line, its path and the reason."""
    if isinstance(error, AnalysisError):
        return say.error(error)
    known = REASONS.get(error.errno or 0)
    reason = say.say(known).plain if known else error.strerror or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def unforeseen(error: Exception, say: Wording) -> str:
    """What a user reads of an error that nobody expected: its kind and place in the code, never its text.

    The text of such an error may hold anything, a cell of a person too.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    frame = next((one for one in reversed(frames) if Path(one.f_code.co_filename).is_relative_to(CODE)), frames[-1])
    values = {"kind": type(error).__name__, "file": Path(frame.f_code.co_filename).name, "line": frame.f_lineno}
    return say.say("an error nobody foresaw: {kind} in {file}, line {line}; please report it", **values).plain


def exit_code(error: Expected) -> int:
    """The exit code of the error's kind; 1 for an error of the operating system."""
    return error.exit_code if isinstance(error, AnalysisError) else 1


@contextmanager
def at(path: Path) -> Iterator[None]:
    """Give an error of the operating system in the block this path where it names none, as when a disk is full."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def of_cell(notebook: str, cell: int, kind: str, message: str) -> AnalysisError:
    """The error for a cell, by its number in the notebook from 1, that ended with an exception named `kind`.

    One of our own classes keeps its kind, and so its exit code, and its message, which never holds a value of a
    person. Of every other class the name alone is told: its message may hold anything.
    """
    own = vars(analysis).get(kind)
    if isinstance(own, type) and issubclass(own, AnalysisError):
        values = {"n": cell, "kind": kind, "message": message}
        return own(notebook, [Fault(N_("cell {n} ended with {kind}: {message}"), values=values)], OPEN_THE_COPY)
    fault = Fault(N_("cell {n} ended with {kind}"), values={"n": cell, "kind": kind})
    return NotebookError(notebook, [fault], OPEN_THE_COPY)
