"""The only place for what nbclient takes for kernels: one in this process, and one in a warm child.

nbclient, and papermill with it, asks a manager for a client and a client for messages; given these two instead of
jupyter_client's, all the rest is their own code: outputs, timeouts, interrupts, dead kernels, progress and saving.
"""

from __future__ import annotations

import asyncio
import pickle
import uuid
from collections import deque
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty
from typing import Any

from nbclient.exceptions import DeadKernelError

from analysis.running import warm

Message = dict[str, Any]


class _Channel:
    """Messages of one kind, in their order."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.messages: deque[Message] = deque()

    async def get_msg(self, timeout: float | None = None) -> Message:
        """The next one. Raises queue.Empty after `timeout` seconds, DeadKernelError where none can come any more."""
        try:
            async with asyncio.timeout(timeout):
                while not self.messages:
                    await self.client.listen()
        except TimeoutError:
            raise Empty from None
        return self.messages.popleft()


class Client:
    """What nbclient asks of a kernel's client."""

    allow_stdin = False

    def __init__(self) -> None:
        self.channels = {"shell": _Channel(self), "iopub": _Channel(self)}
        self.shell_channel, self.iopub_channel = self.channels["shell"], self.channels["iopub"]

    def heard(self, channel: str, message: Message) -> None:
        """Keep it for whoever waits on its channel."""
        self.channels[channel].messages.append(message)

    def start_channels(self) -> None:
        """Nothing is to be opened."""

    stop_channels = start_channels

    def wait_for_ready(self, timeout: float | None = None) -> None:
        """It is, or the first message finds that it is not."""

    async def listen(self) -> None:
        """Wait until another message may be there."""
        raise NotImplementedError


class Here:
    """The kernel in this process, which is a child that ends with the notebook: manager and client in one."""

    class _Client(Client):
        def __init__(self) -> None:
            from analysis.running.shell import Shell  # a driver needs none of IPython

            super().__init__()
            self.shell = Shell()

        async def execute(self, code: str, *, store_history: bool = True, **_: object) -> str:
            own = _new_id()
            if self.shell.has_ended:
                raise DeadKernelError("Kernel died")
            await self.shell.execute(code, own, self.heard, store_history=store_history)
            return own

        def kernel_info(self) -> str:
            own = _new_id()
            self.shell.info(own, self.heard)
            return own

        async def listen(self) -> None:
            raise DeadKernelError("Kernel died")  # whatever was to come has come

        def is_alive(self) -> bool:
            return True

    has_kernel = False

    def start_kernel(self, **_: object) -> None:
        """It runs already."""
        self.has_kernel = True

    def client(self) -> Client:
        return self._Client()

    def is_alive(self) -> bool:
        return True

    def shutdown_kernel(self, **_: object) -> None:
        """It ends with the process."""

    def cleanup_resources(self) -> None:
        """Nothing is left."""


class Forked:
    """The kernel in a warm child: manager and client in one."""

    class _Client(Client):
        def __init__(self, child: warm.Child[None]) -> None:
            super().__init__()
            self.child = child
            self.is_dead = False
            self.arrival: asyncio.Future[None] | None = None
            self.loop: asyncio.AbstractEventLoop | None = None

        def execute(self, code: str, *, store_history: bool = True, **_: object) -> str:
            return self._ask("execute", code, store_history)

        def kernel_info(self) -> str:
            return self._ask("info")

        def is_alive(self) -> bool:
            return not self.is_dead

        def _ask(self, *question: object) -> str:
            own = _new_id()
            try:
                self.child.send((own, *question))
            except warm.EndedError:
                self.is_dead = True
                raise DeadKernelError("Kernel died") from None
            return own

        async def listen(self) -> None:
            """One reader for both channels: each looks into its own messages when something arrived."""
            if self.is_dead:
                raise DeadKernelError("Kernel died")
            if self.arrival is None or self.arrival.done():
                self.loop = asyncio.get_running_loop()
                self.arrival = self.loop.create_future()
                self.loop.add_reader(self.child.connection.fileno(), self._arrived, self.arrival)
            await asyncio.shield(self.arrival)

        def stop_listening(self) -> None:
            """Before the connection is closed: the loop would take the next of the same number for this one."""
            if self.loop and not self.loop.is_closed():
                self.loop.remove_reader(self.child.connection.fileno())

        def _arrived(self, arrival: asyncio.Future[None]) -> None:
            self.stop_listening()
            try:
                self.heard(*pickle.loads(self.child.connection.recv_bytes()))  # from our own child
            except (EOFError, OSError):
                self.is_dead = True
            if not arrival.done():
                arrival.set_result(None)

    def __init__(self) -> None:
        self._kept = ExitStack()
        self._client: Forked._Client | None = None

    @property
    def has_kernel(self) -> bool:
        return self._client is not None

    def start_kernel(self, *, cwd: str | Path | None = None, **_: object) -> None:
        """Fork it."""
        child = self._kept.enter_context(warm.forked(serve, folder=cwd, is_conversation=True))
        self._client = self._Client(child)
        self._kept.callback(self._client.stop_listening)

    def client(self) -> Client:
        assert self._client is not None
        return self._client

    def is_alive(self) -> bool:
        return self._client is not None and self._client.is_alive()

    def interrupt_kernel(self) -> None:
        """What nbclient does after a cell's time is over, where it is told to."""
        assert self._client is not None
        self._client.child.interrupt()

    def shutdown_kernel(self, **_: object) -> None:
        """Kill it: its work is in the messages."""
        self._kept.close()

    def cleanup_resources(self) -> None:
        """Whatever happened."""
        self._kept.close()
        self._client = None


def serve(connection: Connection) -> None:
    """The other end of `Forked`, in the child: run cells until nobody asks any more."""
    from analysis.running.shell import Shell

    shell, loop = Shell(), asyncio.new_event_loop()

    def heard(channel: str, message: Message) -> None:
        connection.send_bytes(pickle.dumps((channel, message)))

    while not shell.has_ended:
        try:
            own, question, *rest = pickle.loads(connection.recv_bytes())
        except EOFError:
            return
        if question == "info":
            shell.info(own, heard)
        else:
            loop.run_until_complete(shell.execute(rest[0], own, heard, store_history=rest[1]))


def _new_id() -> str:
    return uuid.uuid4().hex
