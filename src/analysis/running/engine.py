"""The only place that executes a notebook: papermill, with a kernel of its own that nobody else can reach.

What the kernel needs to write besides its results (sockets, IPython's own files, whatever a library puts into TMPDIR)
goes into a private folder that is removed at the end.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import N_, Fault, NotebookError
from analysis.running import failures, preflight
from analysis.sources.places import Root

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

LONGEST_CELL_SECONDS = 600
LONGEST_SOCKET_FOLDER = 80


def execute(notebook: Path, root: Root, parameters: Mapping[str, object], executed: Path) -> NotebookNode:
    """Run a notebook in the root folder; the copy at `executed` is kept, also of a failed run.

    Raises NotebookError, or the AnalysisError that a cell raised.
    """
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    _refuse_invalid(notebook)
    executed.parent.mkdir(parents=True, exist_ok=True)
    try:
        with failures.at(executed), _sockets() as sockets:
            done: NotebookNode = papermill.execute_notebook(
                _verbatim(notebook), _verbatim(executed), parameters=dict(parameters), cwd=root.path,
                progress_bar=False, kernel_name="python3", language="python", execution_timeout=LONGEST_CELL_SECONDS,
                config=_private_kernel(sockets),
            )  # fmt: skip
        return done
    except PapermillExecutionError as error:
        number = _number(notebook, error.cell_index)
        raise failures.of_cell(notebook.name, number, error.ename, error.evalue) from None
    except (CellTimeoutError, DeadKernelError) as error:
        fault = Fault(N_("the kernel gave up: {kind}"), values={"kind": type(error).__name__})
    except (RuntimeError, NoSuchKernel) as error:
        fault = Fault(N_("the kernel did not start: {kind}"), values={"kind": type(error).__name__})
    raise NotebookError(notebook.name, [fault], failures.OPEN_THE_COPY)


def _refuse_invalid(notebook: Path) -> None:
    """Refuse a file that is JSON with cells and still no notebook: papermill would stumble over it anywhere."""
    import nbformat

    try:
        read = nbformat.reads(notebook.read_text(encoding="utf-8"), nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
        nbformat.validate(read)
    except (nbformat.ValidationError, LookupError, TypeError, ValueError, AttributeError) as error:
        fault = Fault(N_("is no valid notebook: {kind}"), values={"kind": type(error).__name__})
        raise NotebookError(notebook.name, [fault], preflight.RESTORE) from None


def _number(notebook: Path, executed: int) -> int:
    """The number, counted from 1, in the notebook itself of the cell at `executed` in what papermill ran.

    papermill puts a cell of its own behind the parameters, unless an earlier run left one there.
    """
    tags = [cell["metadata"].get("tags", []) for cell in preflight.cells(notebook)]
    is_after = executed > next(at for at, own in enumerate(tags) if "parameters" in own)
    is_put_in = not any("injected-parameters" in own for own in tags)
    return executed + 1 - (is_after and is_put_in)


def _verbatim(path: Path) -> str:
    """The path as papermill must be given it: it fills braces in paths with the parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


@contextlib.contextmanager
def _sockets() -> Iterator[Path]:
    """A folder for one kernel's sockets, which nobody else may enter: with relative names, two runs would share them.

    The name of a socket may have some 100 bytes, so a long TMPDIR is passed over.
    """
    folder = None if len(os.fsencode(tempfile.gettempdir())) < LONGEST_SOCKET_FOLDER else "/tmp"
    with tempfile.TemporaryDirectory(prefix="jamsostek-", dir=folder, ignore_cleanup_errors=True) as made:
        yield Path(made)


def _private_kernel(sockets: Path) -> Config:
    """How the kernel is reached, by sockets in a folder of its own, and ended: at once, its work being in the copy."""
    from traitlets.config import Config

    own = {"transport": "ipc", "ip": str(sockets / "kernel"), "connection_file": str(sockets / "kernel.json")}
    return Config({"KernelManager": own, "NotebookClient": {"shutdown_kernel": "immediate"}})
