"""The only place that deletes what an edition holds about persons: delivery, protected tables and work-lists."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from analysis.running import failures, lock
from analysis.sources import delivery
from analysis.sources.places import Root


def purge(root: Root, edition: str) -> list[str]:
    """Delete data/raw/`edition` and its protected folder; the files that were there, by their path in the root.

    Released tables and pages stay: they hold no person. Raises LockedError while a run works on the edition,
    ParameterError where this is no name of an edition. A link is removed, never what it leads to.
    """
    folders = (root.delivery(delivery.edition_name(edition)), root.protected(edition))
    if not any(map(os.path.lexists, folders)):
        return []
    with lock.held(root.processed(edition) / "lock", f"data/processed/{edition}"):
        gone = [root.told(path) for folder in folders for path in _files(folder)]
        for folder in folders:
            with failures.at(folder):
                if folder.is_symlink():
                    folder.unlink()
                elif folder.is_dir():
                    shutil.rmtree(folder)
    return gone


def _files(folder: Path) -> list[Path]:
    if folder.is_symlink():
        return [folder]
    return [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]
