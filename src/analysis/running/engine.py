"""The only place that executes a notebook: with papermill, in a kernel of its own or in a warm child.

`execute` gives it a kernel that nobody else can reach. What the kernel needs to write besides its results (sockets,
IPython's own files, whatever a library puts into TMPDIR) goes into a private folder that is removed at the end.

`page` makes a page of it: executed and rendered in one warm child that reads only what the page is made from; or, on
request, in papermill's own kernel and this process. Both ways give the same bytes.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from analysis import N_, AnalysisError, Fault, NotebookError
from analysis.running import failures, preflight, warm
from analysis.sources.places import Root

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

    from analysis.presenting.brief import Page

LONGEST_CELL_SECONDS = 600
LONGEST_PAGE_SECONDS = 120.0
LONGEST_SOCKET_FOLDER = 80
Kind = Literal["forked", "plain"]


class PageOf(NamedTuple):
    """What `presenting.brief.render` is told besides the notebook."""

    language: str
    issue: str
    manifest: Mapping[str, Any]


class Forked:
    """The engine as papermill finds it by its entry point, "forked", for which nothing may be imported.

    papermill loads the entry points of all engines while it is itself imported.
    """

    @staticmethod
    def execute_notebook(*given: Any, **named: Any) -> NotebookNode:
        """As papermill's engines."""
        return _engine("ForkedEngine").execute_notebook(*given, **named)  # type: ignore[no-any-return]

    @staticmethod
    def nb_kernel_name(*given: Any, **named: Any) -> str:
        """As papermill's engines."""
        return _engine("ForkedEngine").nb_kernel_name(*given, **named)  # type: ignore[no-any-return]

    @staticmethod
    def nb_language(*given: Any, **named: Any) -> str:
        """As papermill's engines."""
        return _engine("ForkedEngine").nb_language(*given, **named)  # type: ignore[no-any-return]


def _engine(name: str) -> Any:
    from analysis.running import forked

    return getattr(forked, name)


# making a page --------------------------------------------------------------------------------------------------


def page(notebook: Path, root: Root, parameters: Mapping[str, object], make: PageOf, *, kind: Kind,
         readable: Sequence[Path], failed: Path, charts_n: int | None = None) -> Page:  # fmt: skip
    """Execute a notebook in the root folder and render it. Nothing is written but, of a failed run, a copy at `failed`.

    Forked, it may read only `readable`, itself, the package and the libraries where the kernel has Landlock
    (`running.landlock.is_available`), and is stopped after LONGEST_PAGE_SECONDS. Raises the AnalysisError that a cell
    raised, NotebookError where it failed otherwise, a chart came out empty, or the charts are not `charts_n`.
    """
    if kind == "plain":
        page = _rendered(execute(notebook, root, parameters, failed), make, charts_n)
        failed.unlink()
        return page
    _refuse_invalid(notebook)
    job = _Job(notebook, root, parameters, make, charts_n)
    made = warm.call(_made, job, deadline_seconds=LONGEST_PAGE_SECONDS, readable=[notebook, *readable],
                     label=notebook.name)  # fmt: skip
    if made.copy is not None:
        with failures.at(failed):
            failed.parent.mkdir(parents=True, exist_ok=True)
            failed.write_text(made.copy, encoding="utf-8")
    if made.error is not None:
        raise made.error
    assert made.page is not None
    return made.page


@dataclass(frozen=True)
class _Job:
    """What the child is given."""

    notebook: Path
    root: Root
    parameters: Mapping[str, object]
    make: PageOf
    charts_n: int | None


@dataclass(frozen=True)
class _Made:
    """What it gives: the page, or the error and the executed copy, which it may not write itself."""

    page: Page | None = None
    error: AnalysisError | None = None
    copy: str | None = None


def _made(job: _Job) -> _Made:
    """The page, made in this process, which ends with it."""
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    papermill_engines.register("here", _engine("HereEngine"))
    executed = Path(tempfile.gettempdir()) / "executed.ipynb"
    try:
        done = _run(job.notebook, job.root, job.parameters, executed, engine_name="here",
                    request_save_on_cell_execute=False, autosave_cell_every=0)  # fmt: skip
        return _Made(_rendered(done, job.make, job.charts_n))
    except PapermillExecutionError as error:
        cause: AnalysisError = _of_cell(job.notebook, error)
    except AnalysisError as error:
        cause = error
    return _Made(error=cause, copy=executed.read_text(encoding="utf-8"))


def _rendered(executed: NotebookNode, make: PageOf, charts_n: int | None) -> Page:
    """The page, with as many drawings as its notebook has charts and no chart without."""
    from analysis.presenting import brief, parts

    page = brief.render(executed, make.language, make.issue, make.manifest)
    made = [(part["slot"], part["html"]) for part in parts.shown(executed.cells)]
    expected = sum(html.count("<svg") for _, html in made) if charts_n is None else charts_n
    drawn = page.html.count("<svg")
    if drawn != expected or any(slot == "chart" and html and not _is_drawn(html) for slot, html in made):
        fault = Fault(N_("{drawn} charts were drawn where {expected} belong, or one is empty"),
                      values={"drawn": drawn, "expected": expected})  # fmt: skip
        raise NotebookError(N_("the finished page"), [fault], N_("Report this: no chart may get lost."))
    return page


def _is_drawn(chart: str) -> bool:
    """Whether there is a drawing with marks in it."""
    return "<svg" in chart and "<path" in chart


def prepare() -> None:
    """Import and draw once what every page needs: done in the process from which children are forked.

    The shell comes first: figures show in the one that is there when matplotlib is imported.
    """
    import importlib

    importlib.import_module("analysis.running.shell").prepare()
    for module in (*WARM, *(name for package in WARM_PACKAGES for name in _modules(package))):
        importlib.import_module(module)
    importlib.import_module("analysis.running.rehearsal").rehearse()


def _modules(package: str) -> list[str]:
    import importlib
    import pkgutil

    return sorted(one.name for one in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."))


WARM = ("pandas", "papermill", "seaborn", "matplotlib.pyplot", "nbconvert", "pyarrow.dataset", "pyarrow.parquet",
        "bdb", "encodings.utf_8_sig", "IPython.core.logger", "analysis.running.forked",
        "analysis.releasing.disclosure", "analysis.sources.published", "analysis.sources.regions")  # fmt: skip
WARM_PACKAGES = ("analysis.measuring", "analysis.presenting")
"""What is imported before the first fork: the libraries of the pages, and all that a page may call."""


# with a kernel of its own ---------------------------------------------------------------------------------------


def execute(notebook: Path, root: Root, parameters: Mapping[str, object], executed: Path) -> NotebookNode:
    """Run a notebook in the root folder; the copy at `executed` is kept, also of a failed run.

    Raises NotebookError, or the AnalysisError that a cell raised.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    _refuse_invalid(notebook)
    executed.parent.mkdir(parents=True, exist_ok=True)
    try:
        with failures.at(executed), _sockets() as sockets:
            return _run(notebook, root, parameters, executed, execution_timeout=LONGEST_CELL_SECONDS,
                        config=_private_kernel(sockets))  # fmt: skip
    except PapermillExecutionError as error:
        raise _of_cell(notebook, error) from None
    except (CellTimeoutError, DeadKernelError) as error:
        fault = Fault(N_("the kernel gave up: {kind}"), values={"kind": type(error).__name__})
    except (RuntimeError, NoSuchKernel) as error:
        fault = Fault(N_("the kernel did not start: {kind}"), values={"kind": type(error).__name__})
    raise NotebookError(notebook.name, [fault], failures.OPEN_THE_COPY)


def _run(notebook: Path, root: Root, parameters: Mapping[str, object], executed: Path, **given: Any) -> NotebookNode:
    """papermill, and what all notebooks have in common."""
    import papermill

    return papermill.execute_notebook(  # type: ignore[no-any-return]
        _verbatim(notebook), _verbatim(executed), parameters=dict(parameters), cwd=root.path, progress_bar=False,
        kernel_name="python3", language="python", **given,
    )  # fmt: skip


def _of_cell(notebook: Path, error: Any) -> AnalysisError:
    """The error of papermill's for a cell, in our words."""
    return failures.of_cell(notebook.name, _number(notebook, error.cell_index), error.ename, error.evalue)


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
