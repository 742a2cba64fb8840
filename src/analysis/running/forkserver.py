"""The only program that forks: started by `running.warm`, it makes itself warm once and then forks a child a request.

It has one thread, so that a fork is whole. It takes requests on one socket: a byte, the socket on which the child
talks, and the pipe on which the end of the child is told. When the socket ends, as it does however its driver died,
it kills what still runs and ends too; its children end with it (PR_SET_PDEATHSIG, sound here: it has one thread).

A child has its own session, so that all it started is killed with it, and a folder for temporary files of its own. It
never returns into this program: it answers one request and ends without clearing up. Python's and numpy's global
random states begin alike in every child; nothing may depend on them.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import pickle
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from analysis import AnalysisError
from analysis.running import landlock

PACKAGE = Path(__file__).parents[1]
END_WITH_PARENT = 1
READ_BY_ALL = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/opt", "/etc", "/proc/self", "/proc/cpuinfo",
               "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/sys/vm", "/proc/sys/kernel",
               "/sys/devices/system/cpu", "/sys/fs/cgroup", "/dev/urandom", "/dev/random", "/dev/zero")  # fmt: skip
"""What any program needs: libraries, fonts, time zones, its own entry in /proc, and what the machine is like."""
WRITTEN_BY_ALL = ("/dev/null", "/dev/full")
QUIET = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
         "MKL_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}  # fmt: skip
"""Set before matplotlib, numpy and pyarrow are imported: charts would vanish, and threads do not outlive a fork."""


@dataclass(frozen=True)
class Request:
    """What one child is to do, and where: `function(*arguments)`, or with the child's connection put before them.

    `readable` None: the child may do what its user may. Otherwise it reads these paths, the package and the libraries,
    and writes `writable` and its own temporary folder.
    """

    function: Callable[..., object]
    arguments: tuple[object, ...]
    is_conversation: bool
    readable: tuple[Path, ...] | None
    writable: tuple[Path, ...]
    folder: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What became of it: a result, one of our own errors, or the kind of another: its text may hold anything."""

    result: object = None
    error: AnalysisError | None = None
    kind: str = ""


def main(control: int, folder: str, prepare: Sequence[str], path: Sequence[str]) -> None:
    """Get warm by calling each function in `prepare` ("module:name"), then fork until the driver is gone.

    All temporary files lie in `folder`, which the driver made and which is removed at the end.
    """
    sys.path[:] = path
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # asked to end before it is warm
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    os.environ.update(QUIET)
    try:
        _place(Path(folder))
        for named in prepare:
            module, _, name = named.partition(":")
            getattr(importlib.import_module(module), name)()
        gc.collect()
        gc.freeze()
        _Nursery(control, Path(folder)).serve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place(folder: Path) -> None:
    """Temporary files go there, and IPython's own."""
    os.environ.update({"TMPDIR": str(folder), "IPYTHONDIR": str(folder / "ipython")})
    tempfile.tempdir = None  # asked for anew, from TMPDIR


class _Nursery:
    """The children that run: process id -> the pipe on which its end is told."""

    def __init__(self, control: int, folder: Path) -> None:
        self.control, self.folder = socket.socket(fileno=control), folder
        self.running: dict[int, int] = {}
        self.woken: int
        self.waker: int
        self.woken, self.waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def serve(self) -> None:
        """Fork what is asked for and tell each end, until the driver is gone or asks to end."""
        signal.set_wakeup_fd(self.waker, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        try:
            while True:
                ready, _, _ = select.select([self.control.fileno(), self.woken], [], [])
                if self.woken in ready:
                    if signal.SIGTERM in os.read(self.woken, 1024):
                        return
                    self._tell_ended()
                elif not self._take():
                    return
        finally:
            for pid in self.running:
                _kill_all_of(pid)
            self._tell_ended(wait=True)

    def _take(self) -> bool:
        """Fork for one request; False where the driver is gone."""
        asked, passed, _, _ = socket.recv_fds(self.control, 1, 2)
        if not asked:
            return False
        talk, told = passed
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            _become_child(parent, self, talk)
        self.running[pid] = told
        os.close(talk)
        return True

    def _tell_ended(self, *, wait: bool = False) -> None:
        """Tell of each child that ended how it did. What it left running is killed while nobody else has its number."""
        while self.running:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | (0 if wait else os.WNOHANG))
            if ended is None:
                return
            _kill_all_of(ended.si_pid)
            _, status = os.waitpid(ended.si_pid, 0)
            told = self.running.pop(ended.si_pid, None)
            shutil.rmtree(self.folder / str(ended.si_pid), ignore_errors=True)
            if told is not None:
                with contextlib.suppress(OSError):
                    os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(told)


def _kill_all_of(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _become_child(parent: int, nursery: _Nursery, talk: int) -> None:
    """Answer one request and end. Never returns."""
    code = 1
    try:
        os.setsid()
        ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            return
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        nursery.control.close()
        for fd in (nursery.woken, nursery.waker, *nursery.running.values()):
            os.close(fd)
        folder = nursery.folder / str(os.getpid())
        folder.mkdir(parents=True)
        with Connection(talk) as connection:
            _answer(connection, folder)
        code = 0
    except BaseException:  # noqa: BLE001  (whatever it is, this process ends here)
        traceback.print_exc()
    finally:
        os._exit(code)


def _answer(connection: Connection, folder: Path) -> None:
    """Say who this is, do what is asked, and give the answer; in a conversation the function says all there is."""
    connection.send_bytes(str(os.getpid()).encode())
    is_conversation = False
    try:
        request: Request = pickle.loads(connection.recv_bytes())  # from our own driver
        is_conversation = request.is_conversation
        _settle(request, folder)
        before: tuple[Any, ...] = (connection,) if is_conversation else ()
        answer = pickle.dumps(Answer(request.function(*before, *request.arguments)))
    except AnalysisError as error:
        answer = pickle.dumps(Answer(error=error))
    except BaseException as error:  # noqa: BLE001  (told by its kind)
        answer = pickle.dumps(Answer(kind=type(error).__name__))
    if not is_conversation:
        connection.send_bytes(answer)


def _settle(request: Request, folder: Path) -> None:
    """Be where the driver is, with its environment, and then give up the rights that this child does not need."""
    os.environ.clear()
    os.environ.update(request.environment)
    os.environ.update(QUIET)
    _place(folder)
    os.chdir(request.folder)
    if request.readable is not None:
        readable = [PACKAGE, *_libraries(), *map(Path, READ_BY_ALL), *request.readable]
        landlock.restrict(readable, [folder, *map(Path, WRITTEN_BY_ALL), *request.writable])


def _libraries() -> list[Path]:
    """Python, what is installed, and what matplotlib and fontconfig keep about fonts."""
    found = {sys.prefix, sys.base_prefix, sys.exec_prefix, *(path for path in sys.path if "-packages" in path)}
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return [*map(Path, sorted(found)), home / "matplotlib", home / "fontconfig"]
