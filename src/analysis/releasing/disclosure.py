"""The only gate to what is shown, and the only maker of `Released`.

`presenting` takes nothing else: a figure that has not been through this module cannot reach a chart, a table or a
sentence. For the published record the gate asks for provenance: every row names existing rows of the record. Counts of
an edition's registers are rounded and withheld (`releasing.rounding`), written, and read again by whoever makes pages.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, replace
from pathlib import Path

import pandas as pd

from analysis import N_, DisclosureError, Fault
from analysis.contracts.released import CITY, COLUMNS, Counts, Layout
from analysis.measuring import evaluation
from analysis.releasing import audit, editions, identities, rounding
from analysis.releasing.audit import Seen
from analysis.releasing.editions import Edition
from analysis.sources.published import Record

PERSONAL_COLUMNS = frozenset({
    *("nik", "kpj", "nib", "name", "owner_name", "business_name", "birth_date", "birth_place", "address", "rt_rw"),
    *("phone", "owner_id", "source_row", "source_sheet", "umkm_source_row", "participant_source_row"),
})  # fmt: skip
"""Columns of the register contracts that identify a person or a row about one."""
PUBLIC_RULE = "public figures, each traced to its source"
KEYED_RULE = "counts rounded at random to multiples of 5 under a key, totals summed from them, under 20 withheld"
RUN_AGAIN = N_("Delete the folder released of this edition and run again.")
ENDINGS = ("csv", "parquet", "json")
"""Files of a released table: its text, the same as Parquet, and whose counts they are."""
_MAKER = object()


@dataclass(frozen=True)
class Released:
    """A table that may be shown, and the rule under which it may.

    `table` has a column `refs` (the rows it was computed from) and `is_unconfirmed` (whether any of them is marked
    unconfirmed: the mark is then shown beside every figure of the row). Only this module makes one, and nobody can
    change one: `table` gives a copy. `edition`: whose registers were counted, once that is known; None for the record.
    """

    _table: pd.DataFrame
    rule: str
    maker: InitVar[object]
    edition: Edition | None = None

    def __post_init__(self, maker: object) -> None:
        if maker is not _MAKER:
            raise TypeError("Released is made by releasing.disclosure only")

    @property
    def table(self) -> pd.DataFrame:
        """A copy of what was released."""
        return self._table.copy()


def edition_of(released: Released) -> Edition:
    """The edition that a released table belongs to. Raises LookupError for a table of the published record."""
    if released.edition is None:
        raise LookupError("the table belongs to no edition")
    return released.edition


def public(table: pd.DataFrame, record: Record) -> Released:
    """Release a table that was computed from the published record alone.

    Every row must name in `refs` at least one row of the record, and only rows that exist and are not superseded; no
    column of a register may stand in it. A column such as `tariff_refs` names the rows behind some of the figures
    only, and gets a mark of its own (`tariff_is_unconfirmed`). Raises DisclosureError with all faults.
    """
    statuses = record.statuses()
    faults = [
        Fault(N_("a column of a register may not be shown"), column=column)
        for column in table.columns
        if column in PERSONAL_COLUMNS
    ]
    if "refs" not in table.columns and not table.empty:
        faults.append(Fault(N_("no row says which rows of the record it was computed from"), column="refs"))
    named = [column for column in table.columns if column == "refs" or column.endswith("_refs")]
    faults += [
        fault for column in named for n, refs in enumerate(table[column], 1) for fault in _faults(n, refs, statuses)
    ]
    if faults:
        cure = N_("Compute it from rows of the record only.")
        raise DisclosureError(N_("a table of the published record"), faults, cure)
    marks = {f"{column.removesuffix('refs')}is_unconfirmed": _marks(table[column], statuses) for column in named}
    return Released(table.assign(**marks).reset_index(drop=True), PUBLIC_RULE, _MAKER)


def _marks(column: pd.Series, statuses: pd.Series) -> list[bool]:
    """Of each row, whether any of the rows it names is unconfirmed."""
    return [any(statuses[ref] == "unconfirmed" for ref in refs.split()) for refs in column]


def _faults(row: int, refs: str, statuses: pd.Series) -> list[Fault]:
    named = refs.split()
    if not named:
        return [Fault("no row of the record is named", row, "refs")]
    unknown = [ref for ref in named if ref not in statuses.index]
    dropped = [ref for ref in named if ref in statuses.index and statuses[ref] == "superseded"]
    return [Fault('"{ref}" is no row of the record', row, "refs", {"ref": ref}) for ref in unknown] + [
        Fault('"{ref}" is superseded and may not be used', row, "refs", {"ref": ref}) for ref in dropped
    ]


def release(cells: pd.DataFrame, secret: rounding.Secret, layout: Layout | None = None,
            spreads: pd.DataFrame | None = None, period: str = "") -> Released:  # fmt: skip
    """Release true counts: one row per part, columns of contracts.released.COUNTED, any order.

    The measures of one area, dimension and category divide its rows. `layout` (default: the evaluation's) names what
    may stand in the table; `spreads` (key and spread in whole persons) gives cells a range; `period` names the month of
    counts that begin anew in each. Raises DisclosureError with all kinds of faults, never with a value.
    """
    form = layout or evaluation.layout()
    if faults := rounding.faults(cells, form):
        raise DisclosureError(N_("a table of counts"), faults, N_("Report this: counts must be whole and complete."))
    return _counted(rounding.release(cells, secret, form, spreads, period), form, KEYED_RULE)


def release_all(counts: Sequence[Counts], secret: rounding.Secret, edition: Edition, folder: Path,
                outside: Sequence[Seen] = (), keep: Callable[[pd.DataFrame], None] | None = None
                ) -> dict[str, Released]:  # fmt: skip
    """Release all counts of one step together and write them; the released tables by their layouts' names.

    They are rounded once and audited once, with all that lies `outside` (see `seen`); what the audit says is withheld.
    `keep` is given the true counts and what became of each (registers.CELLS), before anything is written. A table of
    an earlier run that is told no longer is taken away (of an edition before that has been purged, of a review that is
    out of date). Raises DisclosureError for the first table that may not be released, and where small counts stay
    exposed; then nothing is written or kept.
    """
    told = {one.layout.name: release(one.cells, secret, one.layout, one.spreads, one.period) for one in counts}
    own = [Seen(one.layout.name, told[one.layout.name].table, one.cells, key=edition.rounding_key) for one in counts]
    found = audit.audit([*own, *outside])
    told = {name: replace(one, maker=_MAKER, _table=without(one.table, name, found.withheld))
            for name, one in told.items()}  # fmt: skip
    if keep is not None:
        keep(audit.kept(own, found.withheld))
    for one in counts:
        write(told[one.layout.name], edition, folder, one.layout)
    step, evaluated = {*told}, evaluation.layout().name
    for path in folder.glob("*.csv"):
        if path.stem not in step and (path.stem == evaluated) == (evaluated in step):
            for ending in ENDINGS:
                path.with_suffix(f".{ending}").unlink(missing_ok=True)
    return told


def without(table: pd.DataFrame, name: str, withheld: pd.DataFrame) -> pd.DataFrame:
    """The table with the partitions empty that the audit withholds."""
    own = pd.MultiIndex.from_frame(withheld.loc[withheld["table"] == name, rounding.PARTITION])
    is_withheld = pd.MultiIndex.from_frame(table[rounding.PARTITION]).isin(own)
    return table.assign(**{column: table[column].mask(is_withheld) for column in ("value", "lower", "upper")})


def seen(folder: Path, cells: pd.DataFrame | None, *, is_last: bool = False) -> list[Seen]:
    """What lies in a folder of released tables, as the audit takes it: all tables of the last edition, or of this one
    the evaluation of its registers.

    `cells`: their true counts as `keep` was given them; None where they have been purged. Raises DisclosureError where
    a table cannot be read.
    """
    told = []
    for name, layout in identities.LAYOUTS.items():
        if (folder / f"{name}.csv").is_file() and (is_last or name == evaluation.layout().name):
            released = read(folder, layout)
            own = cells[cells["table"] == name] if cells is not None else None
            key = released.edition.rounding_key if released.edition else ""
            told.append(Seen(name, released.table, own, is_last=is_last, is_out=True, key=key))
    return told


def derive(compute: Callable[..., pd.DataFrame], *released: Released) -> Released:
    """Release what `compute` makes of the tables of `released`, and of nothing else; rule and edition are carried on.

    Every row of the result must name in `refs` rows or cells that stand in `released`; a column such as `count_refs`
    names those behind some of its figures, as in `public`. Raises DisclosureError.
    """
    table = compute(*(one.table for one in released))
    marks = {
        ref: bool(marked)
        for one in released
        for refs, marked in one.table[["refs", "is_unconfirmed"]].itertuples(index=False)
        for ref in refs.split()
    }
    faults = [Fault(N_("a column of a register may not be shown"), column=str(column))
              for column in table.columns if column in PERSONAL_COLUMNS]  # fmt: skip
    named = {name: [refs.split() for refs in table[name]] for name in table.columns if name.endswith("refs")}
    unknown = sum(not refs or not marks.keys() >= set(refs) for listed in named.values() for refs in listed)
    if unknown or "refs" not in named:
        faults.append(Fault(N_("{n} rows were not computed from released ones alone"), None, "refs", {"n": unknown}))
    if faults:
        raise DisclosureError(N_("a table of counts"), faults, N_("Compute it from released tables only."))
    table = table.assign(**{
        f"{name.removesuffix('refs')}is_unconfirmed": [any(marks[ref] for ref in refs) for refs in listed]
        for name, listed in named.items()
    })  # fmt: skip
    rules = ", ".join(dict.fromkeys(one.rule for one in released))
    return Released(table.reset_index(drop=True), rules, _MAKER, next((one.edition for one in released), None))


def as_csv(released: Released) -> str:
    """The released counts as their file has them: eight columns, sorted, LF, empty where withheld."""
    return released.table[list(COLUMNS)].to_csv(index=False, lineterminator="\n")


def write(released: Released, edition: Edition, folder: Path, layout: Layout | None = None) -> None:
    """Write released counts as CSV and Parquet, and the edition beside them; aside first, then renamed.

    The number of rows of each register is taken from the table itself, so that none but a released one is told.
    """
    form = layout or evaluation.layout()
    text = as_csv(released)
    has_ranges = bool(released.table["upper"].notna().any())
    own = replace(edition.with_rows(_rows(released.table)), ranges=edition.ranges if has_ranges else None)
    told = editions.as_json(own, released.rule, digest(text))
    parquet = io.BytesIO()
    released.table[list(COLUMNS)].to_parquet(parquet, index=False)
    folder.mkdir(parents=True, exist_ok=True)
    for ending, content in zip(ENDINGS, (text.encode(), parquet.getvalue(), told.encode()), strict=True):
        put(folder / f"{form.name}.{ending}", content)


def read(folder: Path, layout: Layout | None = None) -> Released:
    """The released counts that lie in `folder`, with their edition.

    Raises DisclosureError with all faults where the files are missing, do not belong together, or could not have been
    made by `release`: the process that makes public pages reads nothing else of an edition.
    """
    form = layout or evaluation.layout()
    path = folder / f"{form.name}.csv"
    try:
        text = path.read_bytes().decode()
        edition, rule, sha256 = editions.from_json(path.with_suffix(".json").read_text(encoding="utf-8"))
        table = parsed(text)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise _refused(path, [Fault(N_("the released files are missing or cannot be read"))]) from None
    faults = rounding.faults_of_released(table, form)
    if sha256 != digest(text) or rule != KEYED_RULE:
        faults.append(Fault(N_("table and description do not belong together")))
    if edition != edition.with_rows(_rows(table)):
        faults.append(Fault(N_("the numbers of rows are not those of the table")))
    if faults:
        raise _refused(path, faults)
    return _counted(table, form, rule, edition)


def again(table: pd.DataFrame, layout: Layout, rule: str, edition: Edition) -> Released:
    """Rows of a released table again, from the file of one area, for which the whole table was read and checked.

    Raises DisclosureError where a number is no multiple of five, as all are that `release` makes.
    """
    numbers = table[["value", "lower", "upper"]].to_numpy(dtype=float, na_value=0)
    faults = [Fault(N_("{n} values are no multiples of 5"), None, "value", {"n": n})
              for n in [int((numbers % rounding.BASE != 0).sum())] if n]  # fmt: skip
    if rule != KEYED_RULE:
        faults.append(Fault(N_("table and description do not belong together")))
    if faults:
        raise DisclosureError(N_("a table of counts"), faults, RUN_AGAIN)
    return _counted(table, layout, rule, edition)


def _counted(table: pd.DataFrame, layout: Layout, rule: str, edition: Edition | None = None) -> Released:
    cells = zip(*(table[name] for name in ("area_code", "dimension", "category", "measure")), strict=True)
    refs = pd.array([layout.ref(*cell) for cell in cells], dtype="str")
    return Released(table.assign(refs=refs, is_unconfirmed=False), rule, _MAKER, edition)


def parsed(text: str, columns: Sequence[str] = COLUMNS) -> pd.DataFrame:
    """The table of a CSV text. Raises ValueError where its columns are not `columns`, or a number is none."""
    table = pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)
    if list(table.columns) != list(columns):
        raise ValueError("other columns")
    for name in ("value", "lower", "upper"):
        if not table[name].str.fullmatch("[0-9]{0,15}").all():
            raise ValueError("no number")
        table[name] = pd.to_numeric(table[name].replace("", None)).astype("Int64")
    return table


def _rows(table: pd.DataFrame) -> dict[str, int | None]:
    """The released number of rows of each register's file; None where withheld."""
    own = table[(table["area_code"] == CITY) & table["dimension"].str.endswith(".rows") & (table["measure"] == "rows")]
    names = own["dimension"].str.removesuffix(".rows")
    return {name: None if pd.isna(n) else int(n) for name, n in zip(names, own["value"], strict=True)}


def _refused(path: Path, faults: list[Fault]) -> DisclosureError:
    return DisclosureError(f"released/{path.name}", faults, RUN_AGAIN)


def digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def put(path: Path, content: bytes) -> None:
    """Write a file aside and rename it; a killed run leaves the old one."""
    handle, aside = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
