"""The only place where finished files are put where readers find them: aside first, then moved, never half of one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.running import failures, interruption

ASIDE = ".new-"


def publish(folder: Path, files: Mapping[str, str]) -> None:
    """Write files aside and move them into `folder` in the order given; nothing is left aside, whatever happens.

    A signal waits for the end, which is milliseconds away: page and data always belong together.
    """
    with failures.at(folder), interruption.put_off():
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=folder))
        try:
            for name, text in files.items():
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                (aside / name).write_text(text, encoding="utf-8", newline="\n")
            for name in files:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (aside / name).replace(folder / name)
        finally:
            shutil.rmtree(aside)


def clear(folders: Iterable[Path]) -> None:
    """Remove what a killed run left aside in these folders: as we hold the lock, nobody is writing it any more."""
    for folder in folders:
        for left in folder.glob(f"{ASIDE}*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
