"""The only place for how far a file is unpacked, and for why one is not searched to its end."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from analysis import N_

DEEPEST, MOST_MEMBERS = 6, 20_000
FREE, MOST_FOLD, MOST_UNPACKED = 50_000_000, 200, 1_000_000_000
"""Bytes: the first 50 MB are free; beyond, one byte of the file may become 200, and no file more than 1 GB."""
DAMAGED = N_("not searched: damaged or cut off")
LOCKED = N_("not searched: protected by a password")
UNFOLDS = N_("not searched: it unfolds to more than {most} MB, {members} members or {deep} levels")


class Unread(Exception):  # noqa: N818  (a finding, no failure of the program)
    """A file, or a part of it, that could not be searched; `reason` is a pattern, `values` fill it."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason, self.values = reason, values


@dataclass
class Budget:
    """What one file may still become: bytes, members, levels."""

    left: int
    members_n: int = MOST_MEMBERS
    levels_n: int = DEEPEST

    @classmethod
    def of(cls, size: int) -> Budget:
        """The budget of a file of so many bytes."""
        return cls(min(MOST_UNPACKED, FREE + MOST_FOLD * size))

    def take(self, size: int) -> None:
        """Use so many bytes. Raises Unread where they are not left."""
        self.left -= size
        if self.left < 0:
            raise _too_much()

    def count(self, members_n: int) -> None:
        """Use so many members of archives. Raises Unread where they are not left."""
        self.members_n -= members_n
        if self.members_n < 0:
            raise _too_much()

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level down. Raises Unread where that is one too many."""
        if not self.levels_n:
            raise _too_much()
        self.levels_n -= 1
        try:
            yield
        finally:
            self.levels_n += 1

    def unpacked(self, content: bytes, make: Callable[[], Any]) -> bytes:
        """What the streams in `content` unpack to, each by a new unpacker. Raises Unread."""
        told, rest = [], content
        try:
            while rest:
                unpacker = make()
                told.append(unpacker.decompress(rest, self.left + 1))
                self.take(len(told[-1]))
                if not unpacker.eof:
                    raise Unread(DAMAGED)
                rest = unpacker.unused_data.lstrip(b"\0")
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
            raise Unread(DAMAGED) from None
        return b"".join(told)


def _too_much() -> Unread:
    return Unread(UNFOLDS, most=MOST_UNPACKED // 1_000_000, members=MOST_MEMBERS, deep=DEEPEST)
