"""The only place that runs steps as tasks: in their order, what is unchanged left out, what fails told and passed over.

pytask decides what to make again: a task depends on its sources and on one value, its recipe (code, notebook, lock,
Python, inputs and parameters by their hashes). Tables are made one step after the other, pages side by side, each in a
child of its own. All pages of an edition are then put in place at once, and the index of all editions comes last, in a
build of its own: it shows what lies there, also where a page of this run failed.

What only a changed page needs (pandas, papermill, nbconvert: some six seconds of imports) is imported where a page is
made, so that a run with nothing to do ends in two or three.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytask

from analysis import N_, AnalysisError, Fault, ParameterError
from analysis.presenting import wording
from analysis.running import (
    catalogues,
    failures,
    interruption,
    ledger,
    lock,
    outcome,
    pages,
    private,
    publishing,
    series,
    shelf,
    steps,
    warm,
)
from analysis.running.outcome import Errors
from analysis.running.pages import Desk
from analysis.running.steps import Step
from analysis.sources.places import Root

if TYPE_CHECKING:
    from analysis.sources.delivery import Delivery
    from analysis.sources.keys import Keys

Products = Annotated[list[Path], pytask.Product]
Watch = Callable[[str, str], None]
"""What is told of a table or page, by its path in the root, as it happens: due, making; made, unchanged or failed."""

DATABASE = "sqlite:///.pytask/pytask.sqlite3"
STATES = {pytask.TaskOutcome.SKIP_UNCHANGED: "unchanged", pytask.TaskOutcome.FAIL: "failed"}
"""What is told at the end of a build; what is made is told at once, and nothing of the PDF of a page that failed."""


@dataclass(frozen=True)
class Order:
    """What is wanted of a run: pages in which languages, made how, how many at once; who is told what happens; codes
    of the areas whose briefs are made, none for all.
    """

    desk: Desk
    languages: Sequence[str]
    jobs: int
    watch: Watch
    areas: Sequence[str] = ()


def make_record(order: Order) -> outcome.Outcome:
    """Make the brief on the published record in each language, and the index; skip what is unchanged.

    Raises LockedError where another run works in this root, and ParameterError or NotebookError before anything runs
    where the notebook does not take the parameters or is none.
    """
    root = order.desk.root
    with _alone(root, pages.RECORD) as state, warm.started():
        listed = [pages.of_record(order.desk, language) for language in order.languages]
        errors = _build(state, listed, order, root)
        errors |= _build(state, catalogues.of_all(root, pages.RECORD), order, root)
    return outcome.of(errors, {})


def make_edition(order: Order, delivered: Delivery, secrets: Keys, *, is_new_series: bool = False) -> outcome.Outcome:
    """Prepare and link the registers of one edition, measure its gap, make its pages; skip what is unchanged.

    Where the registers could not be prepared, nothing else is tried, and what the run before made stays; where they
    could not be linked or measured, the page for the data owners is made all the same; where some briefs fail, the
    others are put in place beside the last good ones of these. Raises LockedError, ParameterError and NotebookError as
    `make_record` does, and SecretError where earlier editions have another rounding key and no new series is asked for.
    """
    root, edition = order.desk.root, delivered.edition
    _refuse_earlier(order.desk.as_of, delivered)
    private.refuse_links(root, edition)
    book = ledger.Ledger(edition, order.desk.engine == "forked")
    heard = replace(order, watch=book.heard(order.watch), areas=pages.areas(root, order.areas))
    with _alone(root, edition) as state, warm.started():
        series.join(root, delivered, secrets.rounding, is_new=is_new_series)
        publishing.clear([root.protected(edition), root.protected(edition) / "worklists", root.released(edition)])
        try:
            errors = _tables(heard, delivered, secrets)
            if root.told(root.released(edition) / steps.EVALUATION[0]) not in errors:
                errors |= _pages(heard, delivered, secrets, state, errors)
        except interruption.Stopped as stopped:
            book.write(root, {}, stopped.exit_code)
            raise
        ended = outcome.of(errors, book.states)
        book.write(root, errors, ended.exit_code)
    return ended


def _tables(order: Order, delivered: Delivery, secrets: Keys) -> Errors:
    """Make the tables step by step, until one fails."""
    root, errors = order.desk.root, Errors()
    state = root.protected(delivered.edition) / "state"
    with private.writing():
        for step in steps.of_tables(root, delivered, secrets):
            errors = errors or _build(state, [step()], order, root)
    return errors


def _pages(order: Order, delivered: Delivery, secrets: Keys, state: Path, before: Errors) -> Errors:
    """Make the pages, those that are due; then put all in place."""
    root, desk = order.desk.root, order.desk
    listed = list(pages.of_edition(desk, delivered, order.languages, order.areas))
    due = [page for page in listed if not before or page.sources[0].parent == root.released(delivered.edition)]
    printed = pages.printed(page for page in due if pages.is_brief(page))
    errors = _build(state, [*due, *printed], order, root)
    late = {page.told for page in listed} - ({page.told for page in due} - errors.keys())
    placed = shelf.of_edition(desk, delivered, secrets, listed, late)
    errors |= _build(state, [placed], order, root)
    return errors | _build(state, catalogues.of_all(root, delivered.edition), order, root)


def _refuse_earlier(as_of: date, delivered: Delivery) -> None:
    """A page cannot be prepared before the day that it describes."""
    if as_of < delivered.reference_date:
        values = {"day": as_of.isoformat(), "reference": delivered.reference_date.isoformat()}
        fault = Fault(N_("{day} lies before the reference date {reference}"), values=values)
        raise ParameterError("--as-of", [fault], N_("Give the reference date or a later day."))


@contextlib.contextmanager
def _alone(root: Root, edition: str) -> Iterator[Path]:
    """Hold the edition's lock, clear what a killed run left among its pages, and give the folder of pytask's state."""
    processed = root.processed(edition)
    with lock.held(processed / "lock", f"data/processed/{edition}"):
        of_languages = [(root.reports / edition / one, processed / "pages" / one) for one in wording.LANGUAGES]
        publishing.recover(root.reports / edition)
        publishing.clear([root.reports], edition)
        publishing.clear(folder for both in of_languages for folder in both)
        yield processed / "state"


def _build(state: Path, listed: Iterable[Step], order: Order, root: Root) -> Errors:
    """Run the steps and tell what became of them; the expected errors.

    pytask's own output, which shows sources and captured text, goes to a log and not to the user. It keeps a
    KeyboardInterrupt in its report, from where it is raised again; an unexpected error likewise.
    """
    known = {step.told: step for step in listed}
    if not known:
        return {}
    for told in known:
        order.watch(told, "due")
    state.mkdir(parents=True, exist_ok=True)
    own = state / "pyproject.toml"  # without one of its own, pytask would keep its state beside the project's
    places = threading.Semaphore(order.jobs)
    with failures.at(state):
        own.write_text("[tool.pytask.ini_options]\n", encoding="utf-8")
        with (state / "pytask.log").open("w", encoding="utf-8") as log, contextlib.redirect_stdout(log):
            session = pytask.build(
                tasks=[_task(step, order.watch, places) for step in known.values()], paths=(state,), config=own,
                # The database is named in relation to `own`: pytask would take ? in a path for the end of it.
                database_url=DATABASE, **_workers(len(known), order),
            )  # fmt: skip
    errors: Errors = {}
    for report in session.execution_reports:
        told, error = report.task.name.rpartition("::")[2], report.exc_info[1] if report.exc_info else None
        if isinstance(error, failures.Expected):
            errors[told] = error
        elif report.outcome == pytask.TaskOutcome.FAIL:
            raise error or RuntimeError("a task failed without saying why")
        if report.outcome in STATES:
            order.watch(told, STATES[report.outcome])
    if len(session.execution_reports) < len(known):
        fault = Fault(N_("pytask ended early ({kind})"), values={"kind": session.exit_code.name})
        raise AnalysisError(root.told(state), [fault], N_("Read pytask.log in it, delete the folder and run again."))
    return {told: errors[told] for told in known if told in errors}


def _workers(steps_n: int, order: Order) -> Mapping[str, Any]:
    """How many tasks pytask-parallel has at hand: twice the jobs, because it looks for ended ones now and then only.

    With kernels of papermill's own one after the other: a signal reaches the main thread alone, and ends its kernel.
    """
    is_parallel = steps_n > 1 and order.desk.engine == "forked"
    return {"n_workers": 2 * order.jobs, "parallel_backend": "threads"} if is_parallel else {}


def _task(step: Step, watch: Watch, places: threading.Semaphore) -> Callable[..., None]:
    """The task of a step: it runs again when its recipe, a source or a file that it made is not what it was."""
    recipe = pytask.PythonNode(value=json.dumps(step.recipe, sort_keys=True), hash=True)

    @pytask.task(name=step.told, kwargs={"recipe": recipe, "sources": list(step.sources), "made": list(step.made)})
    def run(recipe: str, sources: list[Path], made: Products) -> None:  # noqa: ARG001  (pytask looks at them itself)
        with places:
            watch(step.told, "making")
            step.work()
            watch(step.told, "made")

    return cast(Callable[..., None], run)
