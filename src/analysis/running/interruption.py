"""The only place that says what a signal does to a run: it ends at a clean point, with the exit code of the signal.

A run asked to end (Ctrl-C, or SIGTERM from a scheduler) unwinds like one that failed: the kernel is shut down, what
lies aside is removed, the last good pages stay. `Stopped` is a KeyboardInterrupt because that is what pytask, asyncio
and nbclient let pass.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """The run was asked to end; `exit_code` is what a shell would show: 130 for Ctrl-C, 143 for SIGTERM."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def heeded() -> Iterator[None]:
    """Raise Stopped in the block when a signal comes, once: a second signal does not disturb the clearing up.

    Stopped is raised at the end of the block too where something in it swallowed the first. A signal that the caller
    of this process had ignored (nohup, a job in the background) stays ignored.
    """
    came: list[int] = []

    def stop(number: int, _: object) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        came.append(number)
        raise Stopped(number)

    before = {each: signal.getsignal(each) for each in SIGNALS if signal.getsignal(each) != signal.SIG_IGN}
    for each in before:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        if came:
            raise Stopped(came[0])


@contextmanager
def put_off() -> Iterator[None]:
    """Let the block end before a signal that comes meanwhile is acted on. Only the main thread is ever disturbed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {each: signal.signal(each, lambda number, _: came.append(number)) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in came[:1]:
            signal.raise_signal(number)
