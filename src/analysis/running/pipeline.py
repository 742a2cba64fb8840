"""The only place that knows which pages there are, what each depends on, and how they are made and put in place.

pytask decides what to make again. A page depends on one value, its manifest: inputs, code, notebook, lock, Python and
parameters by their hashes. A page is made aside, checked, and then moved into place by renaming, data first, so that
a reader never meets half of one; a failure leaves the last good page where it is. The index comes last, in a build of
its own: it shows what lies there, also where a page of this run failed.

What only a changed page needs (pandas, papermill, nbconvert: some six seconds of imports) is imported where a page is
made, so that a run with nothing to do ends in two or three.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import pytask

from analysis import N_, AnalysisError, Fault, NotebookError
from analysis.presenting import wording
from analysis.running import failures, interruption, lock, preflight, provenance
from analysis.sources.places import Root

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

Task = Callable[..., None]
Products = Annotated[list[Path], pytask.Product]

Watch = Callable[[str, str], None]
"""What is told of each page, by its path in the root, as it happens: making; made, unchanged or failed."""

EDITION = "published"
RECORD_NOTEBOOK = "00_published_record.ipynb"
RECORD_DATA = ("coverage", "costs", "participants", "timeline")
LONGEST_CELL_SECONDS = 600
LONGEST_SOCKET_FOLDER = 80
DATABASE = "sqlite:///.pytask/pytask.sqlite3"
ASIDE = ".new-"
STATES = {
    pytask.TaskOutcome.SUCCESS: "made",
    pytask.TaskOutcome.SKIP_UNCHANGED: "unchanged",
    pytask.TaskOutcome.FAIL: "failed",
}


def make_record(root: Root, as_of: date, languages: Sequence[str], watch: Watch) -> list[failures.Expected]:
    """Make the brief on the published record in each language, and the index; skip what is unchanged.

    Returns the errors of the pages that failed, in the order of the languages, the index last. Raises LockedError
    where another run works in this root, and ParameterError or NotebookError before anything runs where the notebook
    does not take the parameters or is none.
    """
    with lock.held(root.processed(EDITION) / "lock", f"data/processed/{EDITION}"):
        _clear(root)
        notebook = root.find(f"notebooks/{RECORD_NOTEBOOK}").path
        given = [{"as_of": as_of.isoformat(), "language": language} for language in languages]
        pages = [_record_page(root, notebook, parameters, watch) for parameters in given]
        return _build(root, dict(pages), watch) + _build(root, dict(_index(root, watch)), watch)


def _record_page(root: Root, notebook: Path, given: Mapping[str, str], watch: Watch) -> tuple[str, Task]:
    """Page and task of one language's brief; the task's whole state is the manifest that the page will carry."""
    preflight.check(notebook, given)
    parameters, language = {**preflight.defaults(notebook), **given}, given["language"]
    manifest = provenance.manifest(root, notebook.name, parameters)
    folder = _folder(root, language)
    made = [folder / "index.html", *(folder / "csv" / f"{name}.csv" for name in RECORD_DATA)]
    told = _told(root, folder / "index.html")

    @pytask.task(name=told, kwargs={"recipe": _value(manifest), "made": made})
    def make_page(recipe: str, made: Products) -> None:  # noqa: ARG001  (pytask looks at the products itself)
        from analysis.measuring import record
        from analysis.presenting import brief
        from analysis.sources import published

        watch(told, "making")
        record.require(published.read_record(root), date.fromisoformat(given["as_of"]))
        executed = _execute(notebook, root, parameters, name=language)
        page = brief.render(executed, language, f"rekam-{given['as_of']}-{language}", json.loads(recipe))
        _publish(folder, {f"csv/{name}.csv": text for name, text in page.csv.items()} | {"index.html": page.html})
        watch(told, "made")

    return told, cast(Task, make_page)


def _index(root: Root, watch: Watch) -> list[tuple[str, Task]]:
    """The page reports/index.html and its task, from the pages that lie there; none where there is no page at all.

    Which pages they are is part of the recipe: pytask would not see that one is gone.
    """
    pages = {name: _folder(root, name) / "index.html" for name in wording.LANGUAGES}
    pages = {name: page for name, page in pages.items() if page.is_file()}
    target, recipe = root.reports / "index.html", _value({**provenance.software(), "pages": list(pages)})
    told = _told(root, target)

    @pytask.task(name=told, kwargs={"recipe": recipe, "sources": pages, "made": [target]})
    def make_index(recipe: str, sources: Mapping[str, Path], made: Products) -> None:  # noqa: ARG001
        from analysis.presenting import index

        watch(told, "making")
        read = {
            name: (_told(root, page), page.read_text(encoding="utf-8", errors="replace"))
            for name, page in sources.items()
        }
        _publish(root.reports, {"index.html": index.render(read)})
        watch(told, "made")

    return [(told, cast(Task, make_index))] if pages else []


def _build(root: Root, tasks: Mapping[str, Task], watch: Watch) -> list[failures.Expected]:
    """Run the tasks and tell what became of them; the expected errors, in the order of the tasks.

    pytask's own output, which shows sources and captured text, goes to a log and not to the user. It keeps a
    KeyboardInterrupt in its report, from where it is raised again; an unexpected error likewise.
    """
    if not tasks:
        return []
    state = root.processed(EDITION) / "state"
    state.mkdir(parents=True, exist_ok=True)
    own = state / "pyproject.toml"  # without one of its own, pytask would keep its state beside the project's
    with failures.at(state):
        own.write_text("[tool.pytask.ini_options]\n", encoding="utf-8")
        with (state / "pytask.log").open("w", encoding="utf-8") as log, contextlib.redirect_stdout(log):
            # The database is named in relation to `own`: pytask would take ? in a path for the end of it.
            session = pytask.build(tasks=list(tasks.values()), paths=(state,), config=own, database_url=DATABASE)
    errors: dict[str, failures.Expected] = {}
    for report in session.execution_reports:
        page, error = report.task.name.rpartition("::")[2], report.exc_info[1] if report.exc_info else None
        if isinstance(error, failures.Expected):
            errors[page] = error
        elif report.outcome == pytask.TaskOutcome.FAIL:
            raise error or RuntimeError("a task failed without saying why")
        if report.outcome != pytask.TaskOutcome.SUCCESS:
            watch(page, STATES[report.outcome])
    if len(session.execution_reports) < len(tasks):
        fault = Fault(N_("pytask ended early ({kind})"), values={"kind": session.exit_code.name})
        raise AnalysisError(_told(root, state), [fault], N_("Read pytask.log in it, delete the folder and run again."))
    return [errors[page] for page in tasks if page in errors]


def _execute(notebook: Path, root: Root, parameters: Mapping[str, object], name: str) -> NotebookNode:
    """Run a notebook in the root folder; the executed copy is kept, also of a failed run.

    Raises NotebookError, or the AnalysisError that a cell raised.
    """
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    _refuse_invalid(notebook)
    executed = root.processed(EDITION) / "notebooks" / f"{notebook.stem}-{name}.ipynb"
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


def _publish(folder: Path, files: Mapping[str, str]) -> None:
    """Write files aside and move them into `folder` in the order given; nothing is left aside, whatever happens.

    A signal waits for the end, which is milliseconds away: page and data always belong together.
    """
    with failures.at(folder), interruption.put_off():
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=folder))
        try:
            for name, text in files.items():
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                (aside / name).write_text(text, encoding="utf-8", newline="\n")
            for name in files:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (aside / name).replace(folder / name)
        finally:
            shutil.rmtree(aside)


def _clear(root: Root) -> None:
    """Remove what a killed run left aside: as we hold the lock, nobody is writing it any more."""
    for folder in (root.reports, *(_folder(root, language) for language in wording.LANGUAGES)):
        for left in folder.glob(f"{ASIDE}*"):
            shutil.rmtree(left)


def _folder(root: Root, language: str) -> Path:
    return root.reports / "published" / language


def _told(root: Root, page: Path) -> str:
    return page.relative_to(root.path).as_posix()


def _value(value: object) -> pytask.PythonNode:
    """A value whose change makes a task run again: pytask watches files alone otherwise."""
    return pytask.PythonNode(value=json.dumps(value, sort_keys=True), hash=True)
