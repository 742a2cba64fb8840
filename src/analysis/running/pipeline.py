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
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, cast

import pytask

from analysis import N_, AnalysisError, Fault, ParameterError
from analysis.presenting import wording
from analysis.running import (
    engine,
    failures,
    interruption,
    ledger,
    lock,
    preflight,
    private,
    provenance,
    publishing,
    series,
)
from analysis.sources.places import Root

if TYPE_CHECKING:
    from analysis.sources.delivery import Delivery
    from analysis.sources.keys import Keys

Task = Callable[..., None]
Products = Annotated[list[Path], pytask.Product]

Watch = Callable[[str, str], None]
"""What is told of each page, by its path in the root, as it happens: making; made, unchanged or failed."""

RECORD = "published"
RECORD_NOTEBOOK = "00_published_record.ipynb"
RECORD_DATA = ("coverage", "costs", "participants", "timeline")
PREPARE_NOTEBOOK = "01_prepare_registers.ipynb"
LINK_NOTEBOOK = "02_link_registers.ipynb"
MEASURE_NOTEBOOK = "03_measure_gap.ipynb"
EVALUATION_NOTEBOOK = "05_evaluation_page.ipynb"
EVALUATION_PAGE, EVALUATION_DATA = "evaluasi", ("evaluation", "evaluation-nik", "evaluation-findings")
ENDINGS = ("csv", "parquet", "json")
EVALUATION = tuple(f"evaluation.{ending}" for ending in ENDINGS)
GAP = "gap.csv"
MEASURED = ("gap", "uncertainty", "overlap", "participation", "savings", "enrolment")
CHANGED = ("change", "findings_change")
"""What is released of every edition, and of one with an edition before it."""
DATABASE = "sqlite:///.pytask/pytask.sqlite3"
STATES = {
    pytask.TaskOutcome.SUCCESS: "made",
    pytask.TaskOutcome.SKIP_UNCHANGED: "unchanged",
    pytask.TaskOutcome.FAIL: "failed",
}


# the published record -------------------------------------------------------------------------------------------


def make_record(root: Root, as_of: date, languages: Sequence[str], watch: Watch) -> list[failures.Expected]:
    """Make the brief on the published record in each language, and the index; skip what is unchanged.

    Returns the errors of the pages that failed, in the order of the languages, the index last. Raises LockedError
    where another run works in this root, and ParameterError or NotebookError before anything runs where the notebook
    does not take the parameters or is none.
    """
    with _alone(root, RECORD) as state:
        notebook = root.find(f"notebooks/{RECORD_NOTEBOOK}").path
        given = [{"as_of": as_of.isoformat(), "language": language} for language in languages]
        pages = [_record_page(root, notebook, parameters, watch) for parameters in given]
        return _build(root, state, dict(pages), watch) + _build(root, state, dict(_index(root, watch)), watch)


def _record_page(root: Root, notebook: Path, given: Mapping[str, str], watch: Watch) -> tuple[str, Task]:
    """Page and task of one language's brief; the task's whole state is the manifest that the page will carry."""
    preflight.check(notebook, given)
    parameters, language = {**preflight.defaults(notebook), **given}, given["language"]
    manifest = provenance.manifest(root, notebook.name, parameters)
    folder = _folder(root, RECORD, language)
    made = [folder / "index.html", *(folder / "csv" / f"{name}.csv" for name in RECORD_DATA)]
    told = root.told(folder / "index.html")

    @pytask.task(name=told, kwargs={"recipe": _value(manifest), "made": made})
    def make_page(recipe: str, made: Products) -> None:  # noqa: ARG001  (pytask looks at the products itself)
        from analysis.measuring import record
        from analysis.presenting import brief
        from analysis.sources import published

        watch(told, "making")
        record.require(published.read_record(root), date.fromisoformat(given["as_of"]))
        executed = engine.execute(notebook, root, parameters, _copy(root.processed(RECORD), notebook, language))
        page = brief.render(executed, language, f"rekam-{given['as_of']}-{language}", json.loads(recipe))
        publishing.publish(folder, {**_beside(page.csv), "index.html": page.html})
        watch(told, "made")

    return told, cast(Task, make_page)


# an edition -----------------------------------------------------------------------------------------------------


def make_edition(root: Root, delivered: Delivery, secrets: Keys, as_of: date, languages: Sequence[str], watch: Watch,
                 *, is_new_series: bool = False) -> list[failures.Expected]:  # fmt: skip
    """Prepare and link the registers of one edition, measure its gap, make its evaluation page in each language; skip
    what is unchanged.

    Returns the errors of what failed: where the registers could not be prepared, nothing else is tried, and what the
    run before made stays; where they could not be linked or measured, the page is made all the same. Raises
    LockedError, ParameterError and NotebookError as `make_record` does, and SecretError where earlier editions have
    another rounding key and no new series is asked for.
    """
    _refuse_earlier(as_of, delivered)
    private.refuse_links(root, delivered.edition)
    book = ledger.Ledger(delivered.edition)
    heard = book.heard(watch)
    protected = root.protected(delivered.edition)
    with _alone(root, delivered.edition) as state:
        series.join(root, delivered, secrets.rounding, is_new=is_new_series)
        publishing.clear([protected, protected / "worklists", root.released(delivered.edition)])
        try:
            with private.writing():
                errors = _build(root, protected / "state", dict([_registers(root, delivered, secrets, heard)]), heard)
                later: list[failures.Expected] = []
                for step in () if errors else (_linkage, _measurement):
                    later = later or _build(root, protected / "state", dict([step(root, delivered, secrets, heard)]),
                                            heard)  # fmt: skip
            if not errors:
                pages = [_evaluation_page(root, delivered, as_of, language, heard) for language in languages]
                errors = later + _build(root, state, dict(pages), heard)
                errors += _build(root, state, dict(_index(root, heard)), heard)
        except interruption.Stopped as stopped:
            book.write(root, [], stopped.exit_code)
            raise
        book.write(root, errors)
    return errors


def _refuse_earlier(as_of: date, delivered: Delivery) -> None:
    """A page cannot be prepared before the day that it describes."""
    if as_of < delivered.reference_date:
        values = {"day": as_of.isoformat(), "reference": delivered.reference_date.isoformat()}
        fault = Fault(N_("{day} lies before the reference date {reference}"), values=values)
        raise ParameterError("--as-of", [fault], N_("Give the reference date or a later day."))


def _registers(root: Root, delivered: Delivery, secrets: Keys, watch: Watch) -> tuple[str, Task]:
    """The task that reads, cleans and evaluates the registers: everything that sees a row about a person."""
    from analysis.contracts import registers

    tables = [registers.CLEANED[name] for name in delivered.registers]
    protected, released = root.protected(delivered.edition), root.released(delivered.edition)
    made = [protected / f"{table.name}.parquet" for table in (*tables, *registers.JUDGED)]
    made += [released / name for name in EVALUATION]
    told = root.told(released / EVALUATION[0])

    def read() -> None:
        from analysis.sources import ingest

        ingest.read_all(delivered)  # faults of a file are told in the reader's language before a kernel starts

    return _protected_step(root, delivered, secrets, PREPARE_NOTEBOOK, Files(told, [], made), watch, read)


def _linkage(root: Root, delivered: Delivery, secrets: Keys, watch: Watch) -> tuple[str, Task]:
    """The task that links the prepared registers and gives every row its status."""
    from analysis.contracts import registers

    protected = root.protected(delivered.edition)
    tables = [*(registers.CLEANED[name] for name in delivered.registers), registers.QUARANTINE]
    sources = [protected / f"{table.name}.parquet" for table in tables]
    made = [protected / f"{table.name}.parquet" for table in registers.LINKED]
    told = root.told(protected / f"{registers.STATUS.name}.parquet")
    return _protected_step(root, delivered, secrets, LINK_NOTEBOOK, Files(told, sources, made), watch)


def _measurement(root: Root, delivered: Delivery, secrets: Keys, watch: Watch) -> tuple[str, Task]:
    """The task that measures the gap and how sure it is, compares with the edition before, and releases the counts."""
    from analysis.contracts import registers
    from analysis.running import editions

    protected, released = root.protected(delivered.edition), root.released(delivered.edition)
    cleaned = [registers.CLEANED[name] for name in delivered.registers]
    own = [*cleaned, *registers.JUDGED, *registers.LINKED, *registers.REVIEWED]
    earlier = editions.before(root, delivered)
    was = [path for table in registers.PROTECTED if earlier and (path := earlier[0].path(table)).is_file()]
    sources = [path for table in own if (path := protected / f"{table.name}.parquet").is_file()] + was
    names = (*MEASURED, *(CHANGED if earlier else ()))
    made = [released / f"{name}.{ending}" for name in names for ending in ENDINGS]
    made += [protected / f"{table.name}.parquet" for table in registers.MEASURED]
    files = Files(root.told(released / GAP), sources, made)
    return _protected_step(root, delivered, secrets, MEASURE_NOTEBOOK, files, watch)


class Files(NamedTuple):
    """What a step is told by, what it is made from, and what it makes."""

    told: str
    sources: list[Path]
    made: list[Path]


def _protected_step(root: Root, delivered: Delivery, secrets: Keys, name: str, files: Files, watch: Watch,
                    first: Callable[[], None] = lambda: None) -> tuple[str, Task]:  # fmt: skip
    """The task that runs a notebook which sees rows about persons, after `first`; it depends on all that is its own."""
    from analysis.running import editions

    notebook = root.find(f"notebooks/{name}").path
    preflight.check(notebook, {"edition": delivered.edition})
    parameters = {**preflight.defaults(notebook), "edition": delivered.edition}
    answers = editions.answers(root, delivered)
    recipe = provenance.of_registers(root, name, parameters, delivered, secrets, answers)
    protected = root.protected(delivered.edition)

    @pytask.task(name=files.told, kwargs={"recipe": _value(recipe), "sources": files.sources, "made": files.made})
    def execute(recipe: str, sources: list[Path], made: Products) -> None:  # noqa: ARG001
        watch(files.told, "making")
        first()
        with private.scratch(protected):
            engine.execute(notebook, root, parameters, _copy(protected, notebook))
        watch(files.told, "made")

    return files.told, cast(Task, execute)


def _evaluation_page(root: Root, delivered: Delivery, as_of: date, language: str, watch: Watch) -> tuple[str, Task]:
    """The page for the data owners, from released counts alone."""
    edition, notebook = delivered.edition, root.find(f"notebooks/{EVALUATION_NOTEBOOK}").path
    parameters = {"edition": edition, "as_of": as_of.isoformat(), "language": language}
    preflight.check(notebook, parameters)
    manifest = provenance.of_edition(root, notebook.name, parameters, delivered)
    folder = _folder(root, edition, language)
    sources = [root.released(edition) / name for name in EVALUATION]
    page_path = folder / f"{EVALUATION_PAGE}{delivered.mark}.html"
    made = [page_path, *(folder / "csv" / f"{name}{delivered.mark}.csv" for name in EVALUATION_DATA)]
    told = root.told(page_path)

    @pytask.task(name=told, kwargs={"recipe": _value(manifest), "sources": sources, "made": made})
    def make_page(recipe: str, sources: list[Path], made: Products) -> None:  # noqa: ARG001
        from analysis.presenting import brief

        watch(told, "making")
        executed = engine.execute(notebook, root, parameters, _copy(root.processed(edition), notebook, language))
        own = json.loads(recipe) | {"released": provenance.hashes(sources)}
        page = brief.render(executed, language, f"{EVALUATION_PAGE}-{edition}-{language}", own)
        publishing.publish(folder, {**_beside(page.csv), page_path.name: page.html})
        for other in folder.glob(f"{EVALUATION_PAGE}*.html"):  # of a delivery that was marked otherwise
            if other != page_path:
                other.unlink()
        watch(told, "made")

    return told, cast(Task, make_page)


# what both share ------------------------------------------------------------------------------------------------


def _index(root: Root, watch: Watch) -> list[tuple[str, Task]]:
    """The page reports/index.html and its task, from the pages that lie there; none where there is no page at all.

    Which pages they are is part of the recipe: pytask would not see that one is gone.
    """
    pages = _pages(root)
    target = root.reports / "index.html"
    recipe = _value({**provenance.software(), "pages": [root.told(page) for page in pages.values()]})
    told = root.told(target)

    @pytask.task(name=told, kwargs={"recipe": recipe, "sources": list(pages.values()), "made": [target]})
    def make_index(recipe: str, sources: list[Path], made: Products) -> None:  # noqa: ARG001
        from analysis.presenting import index

        watch(told, "making")
        read: dict[str, dict[str, tuple[str, str]]] = {}
        for (edition, language), page in pages.items():
            text = page.read_text(encoding="utf-8", errors="replace")
            read.setdefault(edition, {})[language] = (root.told(page), text)
        publishing.publish(root.reports, {"index.html": index.render(read.pop(RECORD, {}), read)})
        watch(told, "made")

    return [(told, cast(Task, make_index))] if pages else []


def _pages(root: Root) -> dict[tuple[str, str], Path]:
    """The pages that lie there, by edition and language: the record's first, then the editions by name."""
    found = {(RECORD, language): _folder(root, RECORD, language) / "index.html" for language in wording.LANGUAGES}
    for folder in sorted(root.reports.glob("*/")):
        for language in () if series.is_withdrawn(root, folder.name) else wording.LANGUAGES:
            for page in sorted(folder.glob(f"{language}/{EVALUATION_PAGE}*.html")):
                found[folder.name, language] = page
    return {key: page for key, page in found.items() if page.is_file()}


@contextlib.contextmanager
def _alone(root: Root, edition: str) -> Iterator[Path]:
    """Hold the edition's lock, clear what a killed run left among its pages, and give the folder of pytask's state."""
    with lock.held(root.processed(edition) / "lock", f"data/processed/{edition}"):
        publishing.clear([root.reports, *(_folder(root, edition, language) for language in wording.LANGUAGES)])
        yield root.processed(edition) / "state"


def _build(root: Root, state: Path, tasks: Mapping[str, Task], watch: Watch) -> list[failures.Expected]:
    """Run the tasks and tell what became of them; the expected errors, in the order of the tasks.

    pytask's own output, which shows sources and captured text, goes to a log and not to the user. It keeps a
    KeyboardInterrupt in its report, from where it is raised again; an unexpected error likewise.
    """
    if not tasks:
        return []
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
        raise AnalysisError(root.told(state), [fault], N_("Read pytask.log in it, delete the folder and run again."))
    return [errors[page] for page in tasks if page in errors]


def _folder(root: Root, edition: str, language: str) -> Path:
    return root.reports / edition / language


def _copy(folder: Path, notebook: Path, name: str = "") -> Path:
    """Where the executed copy of a notebook is kept."""
    return folder / "notebooks" / f"{notebook.stem}{name and '-'}{name}.ipynb"


def _beside(csv: Mapping[str, str]) -> dict[str, str]:
    """The data of a page, in the folder beside it."""
    return {f"csv/{name}.csv": text for name, text in csv.items()}


def _value(value: object) -> pytask.PythonNode:
    """A value whose change makes a task run again: pytask watches files alone otherwise."""
    return pytask.PythonNode(value=json.dumps(value, sort_keys=True), hash=True)
