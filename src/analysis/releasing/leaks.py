"""The only place that searches what was written for values of persons, before it is shown to anyone.

Every file of a folder is opened to its last level, its name read too. What was found is told by its kind, its file and
the way to it, never by its value; a file that could not be searched is told as well, and is as little fit to be shown.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis import N_, DisclosureError, Fault
from analysis.releasing import extracts
from analysis.releasing.canaries import KINDS, Canaries, Found
from analysis.releasing.extracts import How, Piece
from analysis.releasing.unpacking import Budget, Unread

MOST_IN_FILE = 1_000_000_000
LINK, NO_FILE = N_("not searched: it is a link"), N_("not searched: it is no plain file")
TOO_LARGE = N_("not searched: it is larger than {most} MB")
FORBIDDEN = N_("not searched: this user may not read it")
BROKEN = N_("not searched to its end: {kind}")
HOLDS = {
    "nik": N_("holds a NIK ({how}); different ones: {n}"),
    "kpj": N_("holds a KPJ ({how}); different ones: {n}"),
    "name": N_("holds the name of a person ({how}); different ones: {n}"),
    "phone": N_("holds a telephone number ({how}); different ones: {n}"),
}
CURE = N_("Show nothing of it: delete these files, find out what wrote them, and make them again.")
HIDDEN = "(…)"
"""Stands for a part of a path that holds a value itself."""


@dataclass(frozen=True)
class Hit:
    """Values of one kind in one file: its path below the folder, the way to them, how many different ones."""

    kind: str
    path: str
    how: str
    n: int


@dataclass(frozen=True)
class Unsearched:
    """A file that could not be searched, and why: a pattern and what fills it."""

    path: str
    reason: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Scan:
    """What a search came to: files searched or tried, what was found, what could not be searched."""

    files_n: int
    hits: tuple[Hit, ...]
    unsearched: tuple[Unsearched, ...]

    @property
    def is_clean(self) -> bool:
        """Whether everything was searched and nothing found."""
        return not self.hits and not self.unsearched


def scan(folder: Path, canaries: Canaries, files: Iterable[Path] | None = None) -> Scan:
    """Search every file below `folder`, or these `files` below it, hidden ones too, in the order of their paths.

    Links are not followed, and count as not searched. Raises OSError where the folder itself cannot be listed.
    """
    paths = sorted(_below(folder)) if files is None else sorted(files)
    clean: set[int] = set()
    hits: list[Hit] = []
    unsearched: list[Unsearched] = []
    for path in paths:
        relative = path.relative_to(folder)
        told = _told(relative, canaries)
        seen: dict[Found, How] = dict.fromkeys(canaries.found(relative.as_posix()), ("name",))
        try:
            _search(path, canaries, seen, clean)
        except Unread as error:
            unsearched.append(Unsearched(told, error.reason, tuple(error.values.items())))
        counts = Counter((KINDS.index(kind), " > ".join(how)) for (kind, _), how in seen.items())
        hits += [Hit(KINDS[kind], told, how, n) for (kind, how), n in sorted(counts.items())]
    return Scan(len(paths), tuple(hits), tuple(unsearched))


def require_none(found: Scan, folder: str) -> None:
    """Raises DisclosureError (exit code 13) with every hit and every file that was not searched; `folder`: its name."""
    faults = [Fault(HOLDS[hit.kind], values={"file": hit.path, "how": hit.how, "n": hit.n}) for hit in found.hits]
    faults += [Fault(each.reason, values={"file": each.path, **dict(each.values)}) for each in found.unsearched]
    if faults:
        raise DisclosureError(folder, faults, CURE)


def _below(folder: Path) -> Iterator[Path]:
    """All that lies below a folder and is no folder; links to folders too, and folders that cannot be listed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if not entry.is_dir(follow_symlinks=False):
                yield path
                continue
            try:
                yield from list(_below(path))
            except OSError:
                yield path


def _search(path: Path, canaries: Canaries, seen: dict[Found, How], clean: set[int]) -> None:
    """Add to `seen` what the file holds, each value with the first way to it. Raises Unread."""
    content = _content(path)
    try:
        for piece in extracts.pieces(content, Budget.of(len(content))):
            for found in _found(piece, canaries, clean):
                seen.setdefault(found, piece.how)
    except Unread:
        raise
    except Exception as error:  # noqa: BLE001  (whatever breaks: what was not searched must not be shown)
        raise Unread(BROKEN, kind=type(error).__name__) from None


def _found(piece: Piece, canaries: Canaries, clean: set[int]) -> set[Found]:
    """What a text holds; one that was clean in another file is not searched again."""
    key = hash(piece.text)
    if key in clean:
        return set()
    if not (found := canaries.found(piece.text)):
        clean.add(key)
    return found


def _content(path: Path) -> bytes:
    """Raises Unread where there is none to be had."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise Unread(LINK)
        if stat.S_ISDIR(status.st_mode):
            raise Unread(FORBIDDEN)
        if not stat.S_ISREG(status.st_mode):
            raise Unread(NO_FILE)
        if status.st_size > MOST_IN_FILE:
            raise Unread(TOO_LARGE, most=MOST_IN_FILE // 1_000_000)
        return path.read_bytes()
    except OSError:
        raise Unread(FORBIDDEN) from None


def _told(relative: Path, canaries: Canaries) -> str:
    """The path, without the parts that hold a value; all hidden where only several parts together do."""
    parts = [HIDDEN if canaries.found(part) else part for part in relative.parts]
    return "/".join(parts) if not canaries.found("/".join(parts)) else HIDDEN
