"""The only place that knows which pages there are, what each depends on, and how they are made and put in place.

pytask decides what to make again. A page depends on one value, its manifest: inputs, code, notebook, lock and
parameters by their hashes. A page is made aside, checked, and then moved into place by renaming, data first, so that
a reader never meets half of one; a failure leaves the last good page where it is.

What only a changed page needs (pandas, papermill, nbconvert: some six seconds of imports) is imported where a page is
made, so that a run with nothing to do ends in two or three.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import pytask

from analysis import N_, AnalysisError, Fault, NotebookError
from analysis.presenting import wording
from analysis.running import preflight, provenance
from analysis.sources.places import Root

if TYPE_CHECKING:
    from nbformat import NotebookNode

Task = Callable[..., None]
Products = Annotated[list[Path], pytask.Product]

RECORD_NOTEBOOK = "00_published_record.ipynb"
RECORD_DATA = ("coverage", "costs", "participants", "timeline")
LONGEST_CELL_SECONDS = 600
PAGE_STATES = {
    pytask.TaskOutcome.SUCCESS: "made",
    pytask.TaskOutcome.SKIP_UNCHANGED: "unchanged",
    pytask.TaskOutcome.FAIL: "failed",
    pytask.TaskOutcome.SKIP_PREVIOUS_FAILED: "failed",
}


@dataclass(frozen=True)
class Outcome:
    """What became of each page (by name), and the errors of those that failed."""

    pages: Mapping[str, str]
    errors: tuple[AnalysisError, ...]


def make_record(root: Root, as_of: date, languages: Sequence[str],
                started: Callable[[str], None]) -> Outcome:  # fmt: skip
    """Make the brief on the published record in each language, and the index; skip what is unchanged.

    `started` is told the path of each page that is about to be made. Raises ParameterError before anything runs where
    the notebook does not take the parameters.
    """
    notebook = root.find(f"notebooks/{RECORD_NOTEBOOK}").path
    given = [{"as_of": as_of.isoformat(), "language": language} for language in languages]
    tasks = [_record_page(root, notebook, parameters, started) for parameters in given]
    return _build(root, [*tasks, _index(root, languages, started)])


def _record_page(root: Root, notebook: Path, given: Mapping[str, str], started: Callable[[str], None]) -> Task:
    """The task that makes one language's brief; its whole state is the manifest that the page will carry."""
    preflight.check(notebook, given)
    parameters, language = {**preflight.defaults(notebook), **given}, given["language"]
    manifest = provenance.manifest(root, notebook.name, parameters)
    folder = _folder(root, language)
    made = [folder / "index.html", *(folder / "csv" / f"{name}.csv" for name in RECORD_DATA)]

    @pytask.task(name=_told(root, folder / "index.html"), kwargs={"recipe": _value(manifest), "made": made})
    def make_page(recipe: str, made: Products) -> None:  # noqa: ARG001  (pytask looks at the products itself)
        from analysis.measuring import record
        from analysis.presenting import brief
        from analysis.sources import published

        started(_told(root, folder / "index.html"))
        record.require_headline(published.read_record(root), date.fromisoformat(given["as_of"]))
        executed = _execute(notebook, root, parameters, name=language)
        page = brief.render(executed, language, f"rekam-{given['as_of']}-{language}", json.loads(recipe))
        _publish(folder, {f"csv/{name}.csv": text for name, text in page.csv.items()} | {"index.html": page.html})

    return cast(Task, make_page)


def _index(root: Root, languages: Sequence[str], started: Callable[[str], None]) -> Task:
    """The task that makes reports/index.html, from the pages of this run and those that lie there from earlier ones."""
    pages = {name: _folder(root, name) / "index.html" for name in wording.LANGUAGES}
    pages = {name: page for name, page in pages.items() if name in languages or page.exists()}
    target = root.reports / "index.html"

    recipe = _value(provenance.code_hash())

    @pytask.task(name=_told(root, target), kwargs={"recipe": recipe, "sources": pages, "made": [target]})
    def make_index(recipe: str, sources: Mapping[str, Path], made: Products) -> None:  # noqa: ARG001
        from analysis.presenting import index

        started(_told(root, target))
        html = index.render({name: page.read_text(encoding="utf-8") for name, page in sources.items()})
        _publish(root.reports, {"index.html": html})

    return cast(Task, make_index)


def _build(root: Root, tasks: Sequence[Task]) -> Outcome:
    """Run the tasks. pytask's own output, which shows sources and captured text, goes to a log and not to the user."""
    state = root.processed("published") / "state"
    state.mkdir(parents=True, exist_ok=True)
    own = state / "pyproject.toml"  # without one of its own, pytask would keep its state beside the project's
    own.write_text("[tool.pytask.ini_options]\n", encoding="utf-8")
    with (state / "pytask.log").open("w", encoding="utf-8") as log, contextlib.redirect_stdout(log):
        session = pytask.build(tasks=tasks, paths=(state,), config=own)
    pages, errors = {}, []
    for report in session.execution_reports:
        pages[report.task.name.rpartition("::")[2]] = PAGE_STATES[report.outcome]
        error = report.exc_info[1] if report.exc_info else None
        if isinstance(error, AnalysisError):
            errors.append(error)
        elif report.outcome == pytask.TaskOutcome.FAIL:
            raise error or RuntimeError("a task failed without saying why")
    if len(pages) < len(tasks):
        raise RuntimeError(
            f"pytask ended early ({session.exit_code.name}); its log lies in data/processed/published/state"
        )
    return Outcome(pages, tuple(errors))


def _execute(notebook: Path, root: Root, parameters: Mapping[str, object], name: str) -> NotebookNode:
    """Run a notebook in the root folder; the executed copy is kept, also of a failed run. Raises NotebookError."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    executed = root.processed("published") / "notebooks" / f"{notebook.stem}-{name}.ipynb"
    executed.parent.mkdir(parents=True, exist_ok=True)
    try:
        done: NotebookNode = papermill.execute_notebook(
            notebook, executed, parameters=dict(parameters), cwd=root.path, progress_bar=False, kernel_name="python3",
            execution_timeout=LONGEST_CELL_SECONDS, config=Config({"KernelManager": {"transport": "ipc"}}),
        )  # fmt: skip
        return done
    except PapermillExecutionError as error:
        fault = Fault(N_("cell {n} ended with {kind}"), values={"n": error.cell_index + 1, "kind": error.ename})
    except (CellTimeoutError, DeadKernelError) as error:
        fault = Fault(N_("the kernel gave up: {kind}"), values={"kind": type(error).__name__})
    cure = N_("Open the executed copy under data/processed/published/notebooks, mend the cell and run again.")
    raise NotebookError(notebook.name, [fault], cure)


def _publish(folder: Path, files: Mapping[str, str]) -> None:
    """Write files aside and move them into `folder` in the order given; nothing is left aside, whatever happens."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        for name, text in files.items():
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).write_text(text, encoding="utf-8", newline="\n")
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).replace(folder / name)
    finally:
        shutil.rmtree(aside)


def _folder(root: Root, language: str) -> Path:
    return root.reports / "published" / language


def _told(root: Root, page: Path) -> str:
    return page.relative_to(root.path).as_posix()


def _value(value: object) -> pytask.PythonNode:
    """A value whose change makes a task run again: pytask watches files alone otherwise."""
    return pytask.PythonNode(value=json.dumps(value, sort_keys=True), hash=True)
