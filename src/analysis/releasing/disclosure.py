"""The only gate to what is shown, and the only maker of `Released`.

`presenting` takes nothing else: a figure that has not been through this module cannot reach a chart, a table or a
sentence. For the published record the gate asks for provenance: every row names existing rows of the record.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass

import pandas as pd

from analysis import N_, DisclosureError, Fault
from analysis.sources.published import Record

PERSONAL_COLUMNS = frozenset({
    *("nik", "kpj", "nib", "name", "owner_name", "business_name", "birth_date", "birth_place", "address", "rt_rw"),
    *("phone", "owner_id", "source_row", "source_sheet", "umkm_source_row", "participant_source_row"),
})  # fmt: skip
"""Columns of the register contracts that identify a person or a row about one."""
PUBLIC_RULE = "public figures, each traced to its source"
_MAKER = object()


@dataclass(frozen=True)
class Released:
    """A table that may be shown, and the rule under which it may.

    `table` has a column `refs` (the rows it was computed from) and `is_unconfirmed` (whether any of them is marked
    unconfirmed: the mark is then shown beside every figure of the row). Only this module makes one, and nobody can
    change one: `table` gives a copy.
    """

    _table: pd.DataFrame
    rule: str
    maker: InitVar[object]

    def __post_init__(self, maker: object) -> None:
        if maker is not _MAKER:
            raise TypeError("Released is made by releasing.disclosure only")

    @property
    def table(self) -> pd.DataFrame:
        """A copy of what was released."""
        return self._table.copy()


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
