"""The only place that keeps two runs apart that would write into the same folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis import N_, Fault, LockedError


@contextmanager
def held(path: Path, edition: str) -> Iterator[None]:
    """Hold the lock at `path` for the block. Raises LockedError at once where another run of `edition` holds it.

    The system's own lock on the open file: it ends with the process, however that ends, so that none grows stale. The
    file itself stays; to delete it would let a third run lock another file of the same name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fault = Fault(N_("another run is working in this folder"))
            raise LockedError(edition, [fault], N_("Wait until it has ended, then run again.")) from None
        yield
