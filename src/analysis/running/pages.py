"""The only place that knows which pages there are, what each is made from, and how one is made.

A finished page waits in `data/processed/<edition>/pages` as one file, its HTML and its data together, until all pages
of the edition are put in place at once (`running.shelf`). So nobody ever meets half a page, or pages of two runs.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import N_, Fault, ParameterError
from analysis.contracts.released import AREA_FOLDER
from analysis.presenting import printing
from analysis.running import engine, preflight, provenance, publishing, steps, warm
from analysis.running.steps import Step
from analysis.sources import regions
from analysis.sources.places import Root

if TYPE_CHECKING:
    from analysis.presenting.brief import Page
    from analysis.sources.delivery import Delivery

RECORD = "published"
RECORD_NOTEBOOK, BRIEF_NOTEBOOK, EVALUATION_NOTEBOOK = (
    *("00_published_record.ipynb", "04_policy_brief.ipynb", "05_evaluation_page.ipynb"),
)
RECORD_DATA = ("coverage", "costs", "participants", "timeline")
EVALUATION = "evaluasi"
LONGEST_PRINT_SECONDS = 120.0


@dataclass(frozen=True)
class Desk:
    """Where pages are made and how: the root, the day they are prepared, the engine of their notebooks."""

    root: Root
    as_of: date
    engine: engine.Kind = "forked"


def of_record(desk: Desk, language: str) -> Step:
    """The brief on the published record. Its whole state is the manifest that it will carry."""
    root = desk.root
    notebook, given = _notebook(root, RECORD_NOTEBOOK, {"as_of": desk.as_of.isoformat(), "language": language})
    manifest, folder = provenance.of_notebook(root, notebook, given), root.reports / RECORD / language
    files = [folder / "index.html", *(folder / "csv" / f"{name}.csv" for name in RECORD_DATA)]

    def work() -> None:
        from analysis.measuring import record
        from analysis.sources import published

        record.require(published.read_record(root), desk.as_of)
        page = made(desk, Sheet("index", issue, language, notebook, given, manifest), RECORD)
        printed = {"index.pdf": pdf(page.html, told)} if printing.is_available() else {}
        publishing.publish(folder, {**_beside(page.csv), **printed, "index.html": page.html})

    told, issue = root.told(folder / "index.html"), f"rekam-{desk.as_of.isoformat()}-{language}"
    files += [folder / "index.pdf"] if printing.is_available() else []
    return Step(told, manifest, [notebook], files, work)


def of_edition(desk: Desk, delivered: Delivery, languages: Sequence[str], areas: Sequence[str]) -> Iterator[Step]:
    """The pages of an edition: the evaluation for the data owners, and a brief on each of these areas."""
    for language in languages:
        yield _evaluation(desk, delivered, language)
        yield from _briefs(desk, delivered, areas, language)


def areas(root: Root, wanted: Sequence[str]) -> list[str]:
    """Codes of the areas wanted, of all where none is; the city's first. Raises ParameterError for unknown ones."""
    known = list(regions.read(root)["id"])
    faults = [Fault(N_('"{value}" is no area of regions.csv'), values={"value": code}) for code in wanted
              if code not in known]  # fmt: skip
    if faults:
        raise ParameterError("--area", faults, N_("Give codes such as 72.71, 72.71.01 or 72.71.01.1004."))
    return [code for code in known if not wanted or code in wanted]


def names(root: Root, delivered: Delivery) -> set[str]:
    """File names of all pages that an edition may have."""
    return {f"{name}{delivered.mark}.html" for name in (EVALUATION, *areas(root, ()))}


def is_brief(page: Step) -> bool:
    """Whether a step makes a brief on an area."""
    return not Path(page.told).name.startswith(EVALUATION)


def printed(briefs: Iterable[Step]) -> Iterator[Step]:
    """What prints each finished page as PDF; nothing where that cannot be done here."""
    if printing.is_available():
        recipe = {"code": provenance.code_hash(["analysis.presenting.printing"]), **provenance.platform()}
        yield from (_printed(page, recipe) for page in briefs)


def _printed(page: Step, recipe: object) -> Step:
    waits, target = page.made[0], page.made[0].with_suffix(".pdf")

    def work() -> None:
        html = json.loads(waits.read_text(encoding="utf-8"))["html"]
        publishing.publish(target.parent, {target.name: pdf(html, told)})

    told = f"{page.told.removesuffix('.html')}.pdf"
    return Step(told, recipe, [waits], [target], work)


def _evaluation(desk: Desk, delivered: Delivery, language: str) -> Step:
    """The page for the data owners, from released counts of rows alone."""
    root, edition = desk.root, delivered.edition
    own = {"edition": edition, "as_of": desk.as_of.isoformat(), "language": language}
    notebook, given = _notebook(root, EVALUATION_NOTEBOOK, own)
    recipe = {**provenance.of_notebook(root, notebook, given), **provenance.of_delivery(delivered)}
    sources = [root.released(edition) / name for name in steps.EVALUATION]
    name = f"{EVALUATION}{delivered.mark}"
    return _page(desk, delivered, Sheet(name, f"{EVALUATION}-{edition}-{language}", language, notebook, given, recipe),
                 sources)  # fmt: skip


def _briefs(desk: Desk, delivered: Delivery, areas: Sequence[str], language: str) -> Iterator[Step]:
    """The brief on each area, from the file of its released rows alone; all but that they have in common."""
    root, edition = desk.root, delivered.edition
    own = {"edition": edition, "area": "", "language": language, "as_of": desk.as_of.isoformat()}
    notebook, given = _notebook(root, BRIEF_NOTEBOOK, own)
    manifest, folder = provenance.of_notebook(root, notebook, given), root.released(edition) / AREA_FOLDER
    for area in areas:
        whole = {**given, "area": area}
        sheet = Sheet(f"{area}{delivered.mark}", f"{area}-{edition}-{language}", language, notebook, whole,
                      {**manifest, "parameters": whole})  # fmt: skip
        yield _page(desk, delivered, sheet, [folder / f"{area}.{ending}" for ending in ("csv", "json")])


def pdf(html: str, label: str) -> bytes:
    """A finished page as PDF; `label` names it in an error."""
    return warm.call(printing.pdf, html, deadline_seconds=LONGEST_PRINT_SECONDS, readable=(), label=label)


@dataclass(frozen=True)
class Sheet:
    """One page to be made. `name`: of its file without ending; `issue`: what is printed at its foot; `manifest`: what
    it says that it is made from.
    """

    name: str
    issue: str
    language: str
    notebook: Path
    parameters: Mapping[str, object]
    manifest: dict[str, Any]


def _page(desk: Desk, delivered: Delivery, sheet: Sheet, sources: list[Path]) -> Step:
    """What makes one page of an edition, to wait for all others."""
    root, edition = desk.root, delivered.edition
    target = waiting(root, edition, sheet.language, sheet.name)

    def work() -> None:
        whole = dataclasses.replace(sheet, manifest={**sheet.manifest, "released": provenance.hashes(sources)})
        page = made(desk, whole, edition, sources)
        written = json.dumps({"html": page.html, "csv": dict(page.csv)}, ensure_ascii=False, indent=0, sort_keys=True)
        publishing.publish(target.parent, {target.name: written})

    told = root.told(root.reports / edition / sheet.language / f"{sheet.name}.html")
    return Step(told, sheet.manifest, sources, [target], work)


def made(desk: Desk, sheet: Sheet, edition: str, released: Sequence[Path] = ()) -> Page:
    """Run the notebook of a page and render it; it can read public files and these `released` ones, and nothing else.

    Raises NotebookError, or the AnalysisError that a cell raised.
    """
    root, notebook = desk.root, sheet.notebook
    public = (root.find(name).path for name in provenance.INPUTS[notebook.name])
    readable = [path for path in (*released, *public) if path.exists()]
    failed = root.processed(edition) / "notebooks" / f"{notebook.stem}-{sheet.issue}.ipynb"
    return engine.page(notebook, root, sheet.parameters, engine.PageOf(sheet.language, sheet.issue, sheet.manifest),
                       kind=desk.engine, readable=readable, failed=failed)  # fmt: skip


def released(root: Root, edition: str, names: Sequence[str]) -> list[Path]:
    """The released files of these names: tables, or the rows of one area."""
    folder = root.released(edition)
    return [path for name in names for path in (folder / name, folder / AREA_FOLDER / name) if path.is_file()]


def waiting(root: Root, edition: str, language: str, name: str) -> Path:
    """Where a finished page waits to be put in place."""
    return root.processed(edition) / "pages" / language / f"{name}.json"


def _notebook(root: Root, name: str, given: Mapping[str, object]) -> tuple[Path, dict[str, object]]:
    """The notebook and all its parameters. Raises ParameterError where it does not take those given."""
    notebook = root.find(f"notebooks/{name}").path
    preflight.check(notebook, given)
    return notebook, {**preflight.defaults(notebook), **given}


def _beside(csv: Mapping[str, str]) -> dict[str, str]:
    """The data of a page, in the folder beside it."""
    return {f"csv/{name}.csv": text for name, text in csv.items()}
