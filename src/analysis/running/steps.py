"""The only place that knows the steps which make an edition's tables: from what, by which notebook, into which files.

A step is described, not run: `running.pipeline` makes it a task. Its recipe is everything besides its sources by whose
change it is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.contracts import registers
from analysis.contracts.released import AREA_FOLDER
from analysis.running import editions, engine, preflight, private, provenance, warm
from analysis.sources import regions
from analysis.sources.places import Root

if TYPE_CHECKING:
    from analysis.sources.delivery import Delivery
    from analysis.sources.keys import Keys

PREPARE, LINK, MEASURE = "01_prepare_registers.ipynb", "02_link_registers.ipynb", "03_measure_gap.ipynb"
ENDINGS = ("csv", "parquet", "json")
EVALUATION = tuple(f"evaluation.{ending}" for ending in ENDINGS)
GAP = "gap.csv"
MEASURED = ("gap", "uncertainty", "overlap", "participation", "savings", "enrolment")
CHANGED = ("change", "findings_change")
"""What is released of every edition, and of one with an edition before it."""


@dataclass(frozen=True)
class Step:
    """One thing that is made. `told`: the name that users know; `recipe`: of what JSON can hold; `work`: makes it."""

    told: str
    recipe: object
    sources: Sequence[Path]
    made: Sequence[Path]
    work: Callable[[], object]


def of_tables(root: Root, delivered: Delivery, secrets: Keys) -> Iterator[Callable[[], Step]]:
    """The steps in their order, each to be asked for when those before it have ended: what one reads, another wrote."""
    for step in (_preparation, _linkage, _measurement):
        yield lambda step=step: step(root, delivered, secrets)  # type: ignore[misc]
    yield lambda: _areas(root, delivered)


def _preparation(root: Root, delivered: Delivery, secrets: Keys) -> Step:
    """What reads, cleans and evaluates the registers: everything that sees a delivered row."""
    tables = [registers.CLEANED[name] for name in delivered.registers]
    released = root.released(delivered.edition)
    made = [*_paths(root, delivered, [*tables, *registers.JUDGED]), *(released / name for name in EVALUATION)]

    def read() -> None:
        from analysis.sources import ingest

        ingest.read_all(delivered)  # faults of a file are told in the reader's language before a kernel starts

    files = Files(root.told(released / EVALUATION[0]), _published_before(root, delivered), made)
    return _protected(root, delivered, secrets, PREPARE, files, read)


def _linkage(root: Root, delivered: Delivery, secrets: Keys) -> Step:
    """What links the prepared registers and gives every row its status."""
    tables = [*(registers.CLEANED[name] for name in delivered.registers), registers.QUARANTINE]
    made = _paths(root, delivered, registers.LINKED)
    told = root.told(root.protected(delivered.edition) / f"{registers.STATUS.name}.parquet")
    return _protected(root, delivered, secrets, LINK, Files(told, _paths(root, delivered, tables), made))


def _measurement(root: Root, delivered: Delivery, secrets: Keys) -> Step:
    """What measures the gap and how sure it is, compares with the edition before, and releases the counts."""
    cleaned = [registers.CLEANED[name] for name in delivered.registers]
    own = [*cleaned, *registers.JUDGED, *registers.LINKED, *registers.REVIEWED]
    earlier = editions.before(root, delivered)
    was = [path for table in registers.PROTECTED if earlier and (path := earlier[0].path(table)).is_file()]
    released = root.released(delivered.edition)
    sources = [path for path in _paths(root, delivered, own) if path.is_file()] + was
    sources += [released / EVALUATION[0], *_published_before(root, delivered)]
    names = (*MEASURED, *(CHANGED if earlier else ()))
    made = [released / f"{name}.{ending}" for name in names for ending in ENDINGS]
    made += _paths(root, delivered, registers.MEASURED)
    return _protected(root, delivered, secrets, MEASURE, Files(root.told(released / GAP), sources, made))


def _published_before(root: Root, delivered: Delivery) -> list[Path]:
    """What an outsider has of the edition before, and the true counts behind it: the audit takes all of it."""
    last = editions.last(root, delivered)
    if last is None:
        return []
    kept = [root.protected(last) / f"{table.name}.parquet" for table in (registers.CELLS, registers.EVALUATION_CELLS)]
    return [*sorted(root.released(last).glob("*.csv")), *(path for path in kept if path.is_file())]


def _areas(root: Root, delivered: Delivery) -> Step:
    """What gives each area the released rows that its brief may show."""
    released, known = root.released(delivered.edition), regions.read(root)
    before = editions.last(root, delivered)
    last = root.released(before) if before and (root.released(before) / GAP).is_file() else None
    sources = [path for path in sorted(released.glob("*.*")) if path.suffix in (".csv", ".json") and path.stem != "run"]
    sources += [last / name for name in (GAP, "gap.json")] if last else []
    folder = released / AREA_FOLDER
    made = [folder / f"{code}.{ending}" for code in known["id"] for ending in ("csv", "json")]
    recipe = {"code": provenance.code_hash(["analysis.releasing.areas"]), **provenance.platform(),
              "inputs": provenance.inputs(root, [provenance.REGIONS]), "last": before}  # fmt: skip

    def write() -> None:
        from analysis.releasing import areas

        areas.write(released, known, last)

    return Step(root.told(folder), recipe, sources, made, write)


@dataclass(frozen=True)
class Files:
    """What a step is told by, what it is made from, and what it makes."""

    told: str
    sources: Sequence[Path]
    made: Sequence[Path]


def _protected(root: Root, delivered: Delivery, secrets: Keys, name: str, files: Files,
               first: Callable[[], None] = lambda: None) -> Step:  # fmt: skip
    """What runs a notebook that sees rows about persons, after `first`; it depends on all that is its own."""
    notebook = root.find(f"notebooks/{name}").path
    preflight.check(notebook, {"edition": delivered.edition})
    parameters = {**preflight.defaults(notebook), "edition": delivered.edition}
    recipe = provenance.of_registers(root, notebook, parameters, delivered, secrets, editions.answers(root, delivered))
    protected = root.protected(delivered.edition)

    def execute() -> None:
        first()
        warm.start()  # pages will be made: it gets warm while this works
        with private.scratch(protected):
            engine.execute(notebook, root, parameters, protected / "notebooks" / name)

    return Step(files.told, recipe, files.sources, files.made, execute)


def _paths(root: Root, delivered: Delivery, tables: Sequence[registers.Table]) -> list[Path]:
    return [root.protected(delivered.edition) / f"{table.name}.parquet" for table in tables]
