"""The only place where finished files are put where readers find them: aside first, then moved, never half of one."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.running import failures, interruption

ASIDE, AWAY = ".new-", ".old-"
WORKING_FOLDER, EXCHANGE = -100, 2
"""Of the system: paths are relative to the working folder; two are exchanged."""


def publish(folder: Path, files: Mapping[str, str | bytes], of: str = "") -> None:
    """Write files aside and move them into `folder` in the order given; nothing is left aside, whatever happens.

    A signal waits for the end, which is milliseconds away: page and data always belong together. `of` as in `clear`.
    """
    with failures.at(folder), interruption.put_off():
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f"{ASIDE}{of and f'{of}-'}", dir=folder))
        try:
            for name, content in files.items():
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                (aside / name).write_bytes(content.encode() if isinstance(content, str) else content)
            for name in files:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (aside / name).replace(folder / name)
        finally:
            shutil.rmtree(aside)


def clear(folders: Iterable[Path], of: str = "") -> None:
    """Remove what a killed run left aside in these folders: as we hold the lock, nobody is writing it any more.

    `of`: in a folder that others write to as well, the edition whose own is meant.
    """
    for folder in folders:
        for left in folder.glob(f"{ASIDE}{of and f'{of}-'}*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def exchange(aside: Path, folder: Path) -> None:
    """Put a whole folder in the place of another at one stroke, and remove that one; both on the same file system.

    Where the system cannot exchange two folders (`renameat2`, Linux 3.15), the old one is moved away first: a run that
    is killed in between leaves it as `.old-<name>`, from where `recover` takes it back.
    """
    with failures.at(folder), interruption.put_off():
        if not folder.exists():
            aside.rename(folder)
            return
        if not _exchanged(aside, folder):
            away = folder.with_name(f"{AWAY}{folder.name}")
            folder.rename(away)
            aside.rename(folder)
            aside = away
        shutil.rmtree(aside)


def recover(folder: Path) -> None:
    """Take back a folder that a killed run had moved away, unless the new one is in its place."""
    away = folder.with_name(f"{AWAY}{folder.name}")
    if away.is_dir():
        shutil.rmtree(away) if folder.exists() else away.rename(folder)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system exchanged the two."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    paths = (os.fsencode(one), os.fsencode(other))
    return rename is not None and rename(WORKING_FOLDER, paths[0], WORKING_FOLDER, paths[1], EXCHANGE) == 0
