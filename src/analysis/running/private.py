"""The only place that keeps what a process writes to its own user: modes, scratch folders, core dumps."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis import N_, ContractError, Fault
from analysis.sources.places import Root

OWN_FOLDERS = ("", "worklists", "review", "notebooks", "state", "tmp")


@contextmanager
def without_core() -> Iterator[None]:
    """A crash in the block, or of a process that it starts, leaves no image of its memory."""
    cores = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, cores[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, cores)


@contextmanager
def writing() -> Iterator[None]:
    """Whatever the block writes is for this user alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def refuse_links(root: Root, edition: str) -> None:
    """Refuse a protected folder that is a link: rows about persons would land where nobody guards them.

    Raises ContractError with all of them.
    """
    paths = [root.processed(edition), *(root.protected(edition) / name for name in OWN_FOLDERS)]
    faults = [Fault(N_("is a link"), values={"file": root.told(path)}) for path in paths if path.is_symlink()]
    if faults:
        raise ContractError(f"data/processed/{edition}", faults, N_("Remove the link; the folder itself belongs here."))


@contextmanager
def scratch(protected: Path) -> Iterator[None]:
    """The same, with temporary files of this process and its children in `protected`/tmp, removed at the end.

    IPython's own folder lies there too, so that nothing of a session reaches the user's home.
    """
    folder = protected / "tmp"
    with writing():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        protected.chmod(0o700)
        own = {"TMPDIR": str(folder), "IPYTHONDIR": str(folder / "ipython")}
        before = {name: os.environ.get(name) for name in own}
        os.environ.update(own)
        tempfile.tempdir = None  # asked for anew, from TMPDIR
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
            tempfile.tempdir = None
            shutil.rmtree(folder, ignore_errors=True)
