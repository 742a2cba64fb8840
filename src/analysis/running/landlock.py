"""The only place that takes a process's rights away: Landlock, after which it reads and writes below a few paths only.

File modes do nothing against the same user, and Python's audit hooks see open() but not pyarrow, duckdb or another
program. The kernel's Landlock stops them all, for this process and whatever it starts, and cannot be undone. It does
not hide that a file exists, its size or its age. Source: linux/landlock.h and landlock(7), versions (ABI) 1 to 7.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_ASKED, PATH_BENEATH, NO_NEW_PRIVILEGES = 1, 1, 38

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
FIRST = (1 << 13) - 1
"""All rights of version 1: the four above, and to make and remove entries of every kind."""
LATER = {2: REFER, 3: TRUNCATE, 5: IOCTL_DEVICE}
"""The right that each later version added."""
READING = EXECUTE | READ_FILE | READ_DIR
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
TCP = 0b11
"""To bind and to connect, from version 4: no path of the network is opened again."""
SCOPES = 0b11
"""Abstract sockets and signals of processes outside, from version 6."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Below(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Which version of Landlock the kernel has; 0 where it has none, or has it switched off."""
    if not sys.platform.startswith("linux"):
        return 0
    answer: int = _library().syscall(CREATE_RULESET, None, 0, VERSION_ASKED)
    return max(0, answer)


def is_available() -> bool:
    """Whether `restrict` would restrict anything."""
    return version() > 0


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """From now on this process, and all that it starts, reads and runs only what lies below `readable` or `writable`,
    and changes only what lies below `writable`. A path that is not there allows nothing.

    What is open already stays open. Gives False, and does nothing, where the kernel has no Landlock. Raises OSError
    where the kernel refuses: the process must not go on then.
    """
    own = version()
    if not own:
        return False
    handled = FIRST | sum(right for since, right in LATER.items() if own >= since)
    rules = _Ruleset(handled, TCP if own >= 4 else 0, SCOPES if own >= 6 else 0)
    size = 24 if own >= 6 else 16 if own >= 4 else 8
    ruleset = _call(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    try:
        for path in readable:
            _allow(ruleset, path, handled & READING)
        for path in writable:
            _allow(ruleset, path, handled)
        if _library().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return True


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        of_this = rights if stat.S_ISDIR(os.fstat(opened).st_mode) else rights & OF_A_FILE
        rule = _Below(of_this, opened)
        _call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)


def _call(number: int, *arguments: object) -> int:
    answer: int = _library().syscall(number, *arguments)
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
