"""The only place that has work done in a warm child: forked from a process that imported and drew everything once.

A child costs some milliseconds where a new Python costs seconds, and whatever it does to itself ends with it. The
process that forks (`running.forkserver`) is started with the first call and ends with the driver, however that ends;
with it all its children. There is one for the whole driver, because several would be warm for nothing.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import FrameType
from typing import Any, Generic, TypeVar

from analysis import N_, Fault, NotebookError
from analysis.running.forkserver import Answer, Request

R = TypeVar("R")
PREPARE = ("analysis.running.engine:prepare",)
"""What makes the process warm, by name: it must not be imported here."""
START = "import sys; from analysis.running import forkserver; forkserver.main(int(sys.argv[1]), sys.argv[2], {}, {})"
LONGEST_START_SECONDS, LONGEST_END_SECONDS = 120.0, 5.0
RUN_AGAIN = N_("Run again; if it happens again, report it.")
MEMORY = N_("Run again with fewer jobs at once: the system ends processes when memory runs out.")
SHORTEN = N_("Run again with fewer jobs at once; if it happens again, report it.")


class EndedError(Exception):
    """A child ended before it answered: `exit_code`, or minus the number of the signal that ended it."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


def call(function: Callable[..., R], *args: Any, deadline_seconds: float, readable: Sequence[Path] | None = None,
         writable: Sequence[Path] = (), label: str) -> R:  # fmt: skip
    """What `function(*args)` gives in a child of its own. All, and the result, must pickle; threads may call it.

    `readable` None leaves the child the rights of its user; otherwise, where the kernel has Landlock
    (`running.landlock`), it reads only these paths, the package and the libraries, and writes only `writable` and a
    temporary folder of its own. It has the driver's environment and working folder. `label` names the work in errors.

    Raises the AnalysisError that the child raised, and NotebookError for any other exception, of which the kind alone
    is told, for a child that died, and for one that took longer than `deadline_seconds`, which is killed.
    """
    try:
        with forked(function, *args, readable=readable, writable=writable) as child:
            answer = child.receive(deadline_seconds)
    except EndedError as ended:
        raise _died(label, ended.exit_code) from None
    except TimeoutError:
        fault = Fault(N_("took longer than {n} seconds and was stopped"), values={"n": deadline_seconds})
        raise NotebookError(label, [fault], SHORTEN) from None
    assert isinstance(answer, Answer)
    if answer.error is not None:
        raise answer.error
    if answer.kind:
        fault = Fault(N_("ended with {kind}"), values={"kind": answer.kind})
        raise NotebookError(label, [fault], RUN_AGAIN)
    return answer.result  # type: ignore[return-value]


def _died(label: str, code: int) -> NotebookError:
    if code < 0:
        values = {"signal": signal.Signals(-code).name}
        return NotebookError(label, [Fault(N_("its process was ended by {signal}"), values=values)], MEMORY)
    fault = Fault(N_("its process ended without an answer (exit code {code})"), values={"code": code})
    return NotebookError(label, [fault], RUN_AGAIN)


@contextlib.contextmanager
def started() -> Iterator[None]:
    """Have nothing of the warm process left after the block; it starts with the first call, or with `start`.

    A signal that comes in the block kills all children before it is acted on, so that no thread waits for one.
    """
    try:
        with _killing_first():
            yield
    finally:
        SERVER.stop()


@contextlib.contextmanager
def _killing_first() -> Iterator[None]:
    """Handlers only the main thread may set, and none where the caller of this process had the signal ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def kill_first(number: int, frame: FrameType | None) -> None:
        SERVER.kill()
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)
        else:  # as the system does it
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    changed = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    for number in changed:
        signal.signal(number, kill_first)
    try:
        yield
    finally:
        for number in changed:
            if signal.getsignal(number) is kill_first:
                signal.signal(number, before[number])


def start() -> None:
    """Have the warm process get ready while something else is done."""
    SERVER.start()


class Child(Generic[R]):
    """One child as its caller sees it: `send` to it, `receive` from it."""

    def __init__(self, connection: Connection, told: int) -> None:
        self.connection, self.told = connection, told
        self.pid = 0
        self._ended: bytes | None = None

    def greet(self, request: bytes) -> None:
        """Wait until it is there, then say what it is to do."""
        self.pid = int(self._received(LONGEST_START_SECONDS))
        self._sent(request)

    def send(self, message: object) -> None:
        """Say something to it. Raises EndedError."""
        self._sent(pickle.dumps(message))

    def receive(self, seconds: float | None) -> object:
        """What it says next. Raises TimeoutError where it says nothing in time, EndedError where it is no more."""
        return pickle.loads(self._received(seconds))  # from our own child

    def interrupt(self) -> None:
        """What Ctrl-C does to a kernel."""
        os.kill(self.pid, signal.SIGINT)

    def end(self) -> None:
        """Kill it and all that it started, unless it ended and the process that forked it has seen to that."""
        if self.pid and not self._status(0):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self.connection.close()
        self._status(LONGEST_END_SECONDS)
        os.close(self.told)

    def _received(self, seconds: float | None) -> bytes:
        if not wait([self.connection, self.told], seconds):
            raise TimeoutError
        try:
            return self.connection.recv_bytes()
        except (EOFError, OSError):
            raise EndedError(self._exit_code()) from None

    def _sent(self, message: bytes) -> None:
        try:
            self.connection.send_bytes(message)
        except OSError:
            raise EndedError(self._exit_code()) from None

    def _exit_code(self) -> int:
        """How it ended; 1 where even the process that forked it is gone."""
        return int(self._status(LONGEST_END_SECONDS) or b"1")

    def _status(self, seconds: float) -> bytes | None:
        """The same as it is told; empty where nobody is left to tell it, None where it has not ended."""
        if self._ended is None and wait([self.told], seconds):
            self._ended = os.read(self.told, 16)
        return self._ended


@contextlib.contextmanager
def forked(function: Callable[..., R], *args: Any, readable: Sequence[Path] | None = None,
           writable: Sequence[Path] = (), folder: str | Path | None = None, is_conversation: bool = False,
           ) -> Iterator[Child[R]]:  # fmt: skip
    """A child for the block, killed at its end, that works in `folder` (default: the driver's).

    In a conversation `function` is called with the child's connection first. The child imports the function by its
    name, so one of the program that was started (`__main__`) cannot be given: ValueError.
    """
    if getattr(function, "__module__", "") == "__main__":
        raise ValueError("a function of __main__ is not found in another process")
    request = pickle.dumps(Request(function, args, is_conversation, None if readable is None else tuple(readable),
                                   tuple(writable), str(folder or Path.cwd()), dict(os.environ)))  # fmt: skip
    child: Child[R] = SERVER.fork()
    try:
        child.greet(request)
        yield child
    finally:
        child.end()


class Server:
    """The process that forks: started once, ended with the driver."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder = ""

    def start(self) -> None:
        """Start it unless it runs; it gets warm meanwhile."""
        with self._lock:
            if self._process and self._process.poll() is None:
                return
            self.stop()
            self._folder = tempfile.mkdtemp(prefix="jamsostek-")
            self._control, its = socket.socketpair()
            with its:
                command = [sys.executable, "-c", START.format(PREPARE, sys.path), str(its.fileno()),
                           self._folder]  # fmt: skip
                self._process = subprocess.Popen(
                    command, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip

    def fork(self) -> Child[Any]:
        """A new child that waits for its request."""
        mine, its = socket.socketpair()
        told, tell = os.pipe()
        try:
            with self._lock:
                self.start()
                assert self._control is not None
                socket.send_fds(self._control, [b"f"], [its.fileno(), tell])
        except BaseException:
            mine.close()
            os.close(told)
            raise
        finally:
            its.close()
            os.close(tell)
        return Child(Connection(mine.detach()), told)

    def kill(self) -> None:
        """Have it kill all children and end, without waiting; may be called in a signal handler."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGTERM)

    def stop(self) -> None:
        """End it and its children; nothing is left when this returns."""
        with self._lock:
            if self._control:
                self._control.close()
            if self._process:
                self.kill()
                self._process.wait()
                shutil.rmtree(self._folder, ignore_errors=True)  # where it was killed
            self._process = self._control = None


SERVER = Server()
"""The one of this driver; a process that a driver forks must not use it."""
