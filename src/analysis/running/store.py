"""The only door to data/processed/<edition>/protected: every table by its contract, on the way in and on the way out.

Files are 0600 in folders of 0700. Tables are written aside and moved into place together, each with the hash of the
delivery that it was made from: a table older than the delivery is refused (StaleError, exit code 12).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import N_, ContractError, Fault, StaleError
from analysis.contracts.registers import (
    CANDIDATES,
    CELLS,
    CLEANED,
    CORRECTIONS,
    EVALUATION_CELLS,
    FINDINGS,
    LINKAGE_FINDINGS,
    LINKS,
    OWNERS,
    PERSONS,
    QUARANTINE,
    STATUS,
    Table,
)
from analysis.running import private
from analysis.sources.places import Root

if TYPE_CHECKING:
    from datetime import date

    from pandera.pandas import DataFrameSchema

    from analysis.cleaning.findings import Limits
    from analysis.cleaning.registers import Prepared
    from analysis.linking.linkage import Linkage
    from analysis.measuring.continuity import Month
    from analysis.measuring.coverage import Coverage

MADE_FROM = b"jamsostek.delivery"
MISSING, SURPLUS = N_("the column is missing"), N_("nobody knows this column")
NOT_UNIQUE = "multiple_fields_uniqueness"
CURE = N_("Run the edition again; if this comes back, report it.")


@dataclass(frozen=True)
class Store:
    """The protected tables of one edition, made from the delivery with this hash; None: to read, from whichever."""

    root: Root
    edition: str
    delivery_hash: str | None

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.root.protected(self.edition)

    def path(self, table: Table) -> Path:
        """The file of one table."""
        return self.folder / f"{table.name}.parquet"

    def scratch(self) -> Path:
        """A private folder for what a step needs on disk while it works; a run of the edition removes it."""
        with private.writing():
            folder = self.folder / "tmp"
            folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        return folder

    def write(self, tables: Mapping[Table, pd.DataFrame]) -> None:
        """Write tables, each checked and sorted by its key. Raises ContractError before any is there."""
        checked = {table: _arrow(frame, table, self.delivery_hash or "") for table, frame in tables.items()}
        with private.writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            aside = {table: self.folder / f".new-{table.name}.parquet" for table in checked}
            try:
                for table, frame in checked.items():
                    pq.write_table(frame, aside[table], compression="zstd")
                for table, path in aside.items():
                    path.replace(self.path(table))
            finally:
                for path in aside.values():
                    path.unlink(missing_ok=True)

    def keep(self, prepared: Prepared, answered: pd.DataFrame) -> None:
        """Write all that was prepared, and the corrections with what became of each."""
        cleaned = {CLEANED[name]: table for name, table in prepared.tables.items()}
        self.write({**cleaned, QUARANTINE: prepared.quarantine, FINDINGS: prepared.findings, CORRECTIONS: answered})
        for table in set(CLEANED.values()) - set(cleaned):  # of a register that is delivered no longer
            self.path(table).unlink(missing_ok=True)

    def keep_linkage(self, linkage: Linkage, coverage: Coverage, findings: pd.DataFrame) -> None:
        """Write who is who, every status, and what the linkage found, all of them or none."""
        own = {LINKS: linkage.links, PERSONS: linkage.persons, CANDIDATES: linkage.candidates}
        self.write({**own, STATUS: coverage.status, OWNERS: coverage.owners, LINKAGE_FINDINGS: findings})

    def keep_cells(self, cells: pd.DataFrame) -> None:
        """Write the true counts behind the released tables of notebook 03, and what became of each at the gate."""
        self.write({CELLS: cells})

    def keep_evaluation(self, cells: pd.DataFrame) -> None:
        """The same of notebook 01."""
        self.write({EVALUATION_CELLS: cells})

    def read(self, table: Table) -> pd.DataFrame:
        """One table, checked. Raises StaleError where the delivery has changed since, ContractError where it is not
        what its contract says, or not there.
        """
        path = self.path(table)
        if not path.is_file():
            raise ContractError(path.name, [Fault(N_("the table has not been made yet"))], N_("Run the edition first."))
        frame = pq.read_table(path)
        made_from = (frame.schema.metadata or {}).get(MADE_FROM, b"").decode()
        if self.delivery_hash not in (None, made_from):
            fault = Fault(N_("was made from another delivery than the one that lies there now"))
            raise StaleError(path.name, [fault], N_("Run the edition again."))
        read: pd.DataFrame = frame.to_pandas(types_mapper=_pandas_type, date_as_object=False)
        _refuse(_faults(read, table), table)
        return read

    def registers(self) -> dict[str, pd.DataFrame]:
        """The cleaned registers of the edition, by name; those that were not delivered are not there."""
        return {name: self.read(table) for name, table in CLEANED.items() if self.has(table)}

    def quarantine(self) -> pd.DataFrame:
        """The rows that cannot be used, of all registers."""
        return self.read(QUARANTINE)

    def findings(self, registers: Collection[str]) -> pd.DataFrame:
        """What was found in the rows of these registers, and about who is who as the linkage judges it: FINDINGS."""
        from analysis.cleaning.findings import OF_PERSONS

        of_rows = self.read(FINDINGS)
        told = [of_rows[~of_rows["rule_id"].isin(OF_PERSONS)], self.read(LINKAGE_FINDINGS)]
        return pd.concat([one[one["register"].isin(registers)] for one in told], ignore_index=True)

    def month(self, reference_date: date, limits: Limits) -> Month:
        """The edition as it is held against another one."""
        from analysis.measuring.continuity import Month

        return Month(reference_date, self.registers(), self.read(OWNERS), self.read(PERSONS), limits)

    def has(self, table: Table) -> bool:
        """Whether the table was made."""
        return self.path(table).is_file()


def empty(table: Table) -> pd.DataFrame:
    """The table without a row, each column of its kind."""
    made: pd.DataFrame = table.schema.empty_table().to_pandas(types_mapper=_pandas_type, date_as_object=False)
    return made


def _arrow(frame: pd.DataFrame, table: Table, delivery_hash: str) -> pa.Table:
    _refuse(_faults(frame, table), table)
    schema = table.schema.with_metadata({MADE_FROM: delivery_hash.encode()})
    ordered = frame.sort_values(list(table.key), kind="stable")
    return pa.Table.from_pandas(ordered, schema, preserve_index=False).replace_schema_metadata(schema.metadata)


def _pandas_type(kind: pa.DataType) -> object:
    """Texts as pandas' own `str`, whole numbers that may be empty as Int64."""
    if pa.types.is_string(kind):
        return pd.StringDtype(na_value=float("nan"))
    return pd.Int64Dtype() if pa.types.is_integer(kind) else None


def _refuse(faults: list[Fault], table: Table) -> None:
    if faults:
        raise ContractError(f"{table.name}.parquet", faults, CURE)


def _faults(frame: pd.DataFrame, table: Table) -> list[Fault]:
    """What breaks the contract, by column and rule with a count; never a value, which pandera would tell."""
    import pandera.errors

    try:
        _schema(table).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return []
    again = cases["check"].eq(NOT_UNIQUE)
    named = {"column_in_dataframe": MISSING, "column_in_schema": SURPLUS}
    faults = [
        Fault(message, column=str(name))
        for check, message in named.items() for name in cases.loc[cases["check"] == check, "failure_case"]
    ]  # fmt: skip
    if again.any():
        n = cases.loc[again, "index"].nunique()
        faults.append(Fault(N_("{n} rows have a key that another row has"), values={"n": n}))
    of_cells = cases[~again & ~cases["check"].isin(named)]
    return faults + [
        Fault(N_("{n} cells break the contract ({rule})"), column=str(column), values={"n": len(own), "rule": check})
        for (column, check), own in of_cells.groupby(["column", "check"])
    ]


def _schema(table: Table) -> DataFrameSchema:
    """The table's contract as pandera has it; kinds are checked by the Parquet schema."""
    import pandera.pandas as pandera

    columns = {
        name: pandera.Column(nullable=column.empty is not None, checks=[
            *([pandera.Check.isin(column.allowed, error="list")] if column.allowed else []),
            *([pandera.Check.str_matches(rf"\A(?:{column.pattern})\Z", error="form")] if column.pattern else []),
        ])
        for name, column in table.columns.items()
    }  # fmt: skip
    return pandera.DataFrameSchema(columns, strict=True, unique=list(table.key), name=table.name)
