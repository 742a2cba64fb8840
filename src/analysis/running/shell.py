"""The only place where a notebook's cells run: IPython's shell in this very process, telling what a kernel would tell.

It is ipykernel's own shell with ipykernel's own display hooks; only the session that would write to a socket hands the
messages on instead, so that whoever builds outputs from a kernel's messages builds the same from these. What it does
not do: catch what is written past Python to file descriptors 1 and 2, run a window system's event loop, take input.
One shell runs one notebook: names, imports and settings that a notebook leaves behind would reach the next.
"""

from __future__ import annotations

import builtins
import getpass
import io
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import comm
from comm.base_comm import BaseComm
from ipykernel import zmqshell
from ipykernel.ipkernel import IPythonKernel
from ipykernel.jsonutil import json_clean
from IPython.core.error import StdinNotImplementedError, UsageError
from jupyter_client.session import Session
from traitlets import observe
from traitlets.config import Config

Message = dict[str, Any]
Heard = Callable[[str, Message], None]
"""What is told each message: on which channel (iopub or shell), and the message."""

FLUSH_SECONDS = 0.2
"""How long text that a cell prints is gathered into one output; ipykernel's own interval."""
SETTINGS = Config({"HistoryManager": {"enabled": False}})
NO_INPUT = "{name} was called, but a notebook that runs by itself has nobody to ask."


class ZMQInteractiveShell(zmqshell.ZMQInteractiveShell):
    """ipykernel's shell without a kernel around it; libraries look for it by this name."""

    is_taken = False
    """Whether a notebook has been run in it."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Inline figures alone."""
        if gui not in (None, "inline"):
            raise UsageError(f"no event loop for {gui} in a notebook that runs by itself")
        self.active_eventloop = gui

    @observe("exit_now")
    def _update_exit_now(self, _: object) -> None:
        """exit() and quit(): `Shell.execute` looks at it."""


class _Told(Session):
    """A session that tells instead of sending. Messages go through JSON once, as on the way from a kernel."""

    heard: Heard | None = None

    def send(  # type: ignore[override]
        self, _stream: object, msg_or_type: str | Message, content: Message | None = None,
        parent: Message | None = None, *_: object, buffers: Sequence[bytes] | None = None,
        metadata: Message | None = None, **__: object,
    ) -> Message:  # fmt: skip
        """What ipykernel calls as the session of a real kernel."""
        told: Message = dict(msg_or_type) if isinstance(msg_or_type, dict) else self.msg(
            msg_or_type, content=content, parent=parent, metadata=metadata)  # fmt: skip
        told["content"] = self.unpack(self.pack(told["content"]))
        told["buffers"] = [bytes(one) for one in buffers or []]
        if self.heard:
            self.heard("shell" if told["msg_type"].endswith("_reply") else "iopub", told)
        return told


class _Stream(io.TextIOBase):
    """What stands for sys.stdout or sys.stderr: gathers text and tells it before whatever else is told."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, shell: Shell) -> None:
        super().__init__()
        self.name, self._shell = name, shell
        self._parts: list[str] = []
        self._since = 0.0

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        """Gather; text of the other stream is told first."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        for other in self._shell.streams:
            if other is not self:
                other.flush()
        self._since = self._since if self._parts else time.monotonic()
        self._parts.append(text)
        if time.monotonic() - self._since > FLUSH_SECONDS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Tell what was gathered."""
        text, self._parts = "".join(self._parts), []
        if text:
            self._shell.tell("stream", {"name": self.name, "text": text})


class Shell:
    """The shell of this process, for one notebook."""

    def __init__(self) -> None:
        """Take it. Raises RuntimeError where a notebook has been run in this process."""
        self._shell: Any = prepare()
        if self._shell.is_taken:
            raise RuntimeError("a second notebook in one process")
        self._shell.is_taken = True
        self._shell.init_environment()
        self._session: _Told = self._shell.displayhook.session
        self._parent: Message = {}
        self.streams = (_Stream("stdout", self), _Stream("stderr", self))
        self.has_ended = False
        if "" not in sys.path:
            sys.path.insert(0, "")  # the working folder, as in a kernel

    def tell(self, kind: str, content: Message) -> Message:
        """One message about the cell that runs."""
        return self._session.send(None, kind, content, parent=self._parent)

    async def execute(self, code: str, message_id: str, heard: Heard, *, store_history: bool = True) -> None:
        """Run one cell; tell all that a kernel tells about it, last that it is idle."""
        self._session.heard = heard
        self._parent = self._session.msg("execute_request", {"code": code})
        self._parent["header"]["msg_id"] = self._parent["msg_id"] = message_id
        self._shell.set_parent(self._parent)
        comm.create_comm = self._comm
        self.tell("status", {"execution_state": "busy"})
        self.tell("execute_input", {"code": code, "execution_count": self._shell.execution_count})
        before = sys.stdout, sys.stderr, builtins.input, getpass.getpass
        sys.stdout, sys.stderr = self.streams
        builtins.input, getpass.getpass = _no_input("input"), _no_input("getpass")
        try:
            reply = await self._run(code, store_history)
        finally:
            for stream in self.streams:
                stream.flush()
            sys.stdout, sys.stderr, builtins.input, getpass.getpass = before
        self.tell("execute_reply", json_clean(reply))  # type: ignore[no-untyped-call]
        self.tell("status", {"execution_state": "idle"})
        self.has_ended = bool(self._shell.exit_now)

    async def _run(self, code: str, store_history: bool) -> Message:
        """The content of the reply, made as ipykernel makes it."""
        shell, failed = self._shell, None
        try:
            cell = shell.transform_cell(code)
        except Exception:  # noqa: BLE001  (running it tells what is wrong)
            cell, failed = code, sys.exc_info()
        given = {"transformed_cell": cell, "preprocessing_exc_tuple": failed}
        if shell.should_run_async(code, **given):
            result = await shell.run_cell_async(code, store_history=store_history, **given)
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        else:
            result = shell.run_cell(code, store_history=store_history)
        error = result.error_before_exec if result.error_before_exec is not None else result.error_in_exec
        reply: Message = {"status": "ok", "execution_count": shell.execution_count - 1, "user_expressions": {},
                          "payload": shell.payload_manager.read_payload()}  # fmt: skip
        shell.payload_manager.clear_payload()
        if not result.success or getattr(shell, "_last_traceback_during_displayhook", False):
            reply |= {"status": "error", "traceback": shell._last_traceback or [], "ename": type(error).__name__,
                      "evalue": str(error)}  # fmt: skip
        return reply

    def info(self, message_id: str, heard: Heard) -> None:
        """Tell what kernel this is."""
        self._session.heard = heard
        self._parent = {"header": {"msg_id": message_id}, "msg_id": message_id}
        self.tell("kernel_info_reply", {"status": "ok", "language_info": dict(IPythonKernel.language_info)})

    def _comm(self, *arguments: Any, **given: Any) -> BaseComm:
        """What widgets talk through: this end of it."""
        shell = self

        class Comm(BaseComm):
            def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None,
                            **keys: Any) -> None:  # fmt: skip
                content = json_clean({"data": data or {}, "comm_id": self.comm_id, **keys})  # type: ignore[no-untyped-call]
                shell._session.send(None, msg_type, content, shell._parent, buffers=buffers, metadata=metadata)

        return Comm(*arguments, **given)


def prepare() -> Any:
    """The shell of this process, made on the first call: before matplotlib is imported, it then shows figures in it.

    What runs as `__main__` is the notebook's from then on.
    """
    shell: Any = ZMQInteractiveShell.instance(config=SETTINGS)
    if shell.displayhook.session is None:
        shell.displayhook.session = shell.display_pub.session = _Told()
    return shell


def _no_input(name: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise StdinNotImplementedError(NO_INPUT.format(name=name))

    return refuse
