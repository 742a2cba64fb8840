"""The only place for rows about single owners that name nobody: which columns, how coarse, in which order.

Such rows are personal data still: who knows a few facts of a neighbour finds him among them (UU 27/2022, Pasal 1 angka
1: who can be identified when data are combined). They are made where the pseudonym key is present, and stay where the
protected tables lie. What may leave are counts made from them, through `releasing.disclosure.release`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd

from analysis import N_, DisclosureError, Fault
from analysis.contracts import registers
from analysis.contracts.released import CITY, COUNTED, Counts, Dimension, Layout
from analysis.measuring import gap
from analysis.sources.keys import Key

COLUMNS = (
    *("status", "cause", "kecamatan_code", "sector", "sex", "age_band", "scale", "probability_enrolled"),
    *("rows_band", "is_vulnerable"),
)
"""All that microdata may hold, and the order in which columns are named."""
DECIMALS = 2
ROWS_BANDS = ("1", "2", "3+")
LEVELS = ("city", "kecamatan")
SEPARATOR = "/"
KNOWN = frozenset(name for table in registers.PROTECTED for name in table.columns).union(*registers.DELIVERED.values())
"""Columns of the tables about persons; those not among COLUMNS could tell who somebody is."""
SUBJECT = N_("the microdata")


def of_owners(owners: pd.DataFrame, edition: str, key: Key, columns: Sequence[str] = COLUMNS) -> pd.DataFrame:
    """One row an owner, without pseudonym, source row, person number or kelurahan; index 0 to n - 1.

    `owners`: contract OWNERS; `edition`: its name; `key`: the pseudonym key; `columns`: some of COLUMNS, each once.
    status, cause, sector, sex, age_band, scale: as in OWNERS, `unknown` where they are. kecamatan_code: empty where
    unknown or outside Palu. probability_enrolled: 0 to 1, two decimals. rows_band: rows in the UMKM register, 1, 2 or
    3+. is_vulnerable: stands in the list of vulnerable workers; False, too, where no list was delivered.

    The order is keyed and another one in each edition: where a row stands tells nothing of the register's order, nor of
    another edition's. Its values may. Raises DisclosureError for columns that could identify and for unknown ones, all
    at once.
    """
    if faults := [*_faults_of_columns(columns)]:
        raise DisclosureError(SUBJECT, faults, N_("Ask for columns of microdata only."))
    order = np.argsort(key.macs(f"microdata|{edition}|" + owners["owner_id"], 64).to_numpy(str), kind="stable")
    told = owners.assign(
        probability_enrolled=owners["probability_enrolled"].round(DECIMALS),
        rows_band=_rows_band(owners["rows_n"]),
    )
    return told.iloc[order][list(columns)].reset_index(drop=True)


def anonymity(rows: pd.DataFrame, by: Sequence[str], least: int) -> pd.DataFrame:
    """How small groups become: one row for the first column of `by`, for the first two, and so on.

    `rows` as `of_owners` gives them. columns: which ones; groups_n: groups of owners who are alike in all of them;
    smallest_n: owners of the smallest group, the k of k-anonymity; alone_n: owners who have their group to
    themselves; few_n: owners in groups of fewer than `least`. An empty cell is a value like any other. True counts.
    Raises DisclosureError for columns that `rows` do not have.
    """
    if faults := [*_faults_of_columns(by), *_faults_of_missing(rows, by)]:
        raise DisclosureError(SUBJECT, faults, N_("Ask for columns of microdata only."))
    told = []
    for n in range(1, len(by) + 1):
        sizes = rows.groupby(list(by[:n]), dropna=False).size()
        sums = (len(sizes), sizes.min() if len(sizes) else 0, sizes[sizes == 1].sum(), sizes[sizes < least].sum())
        told.append((" + ".join(by[:n]), *map(int, sums)))
    return pd.DataFrame(told, columns=["columns", "groups_n", "smallest_n", "alone_n", "few_n"])


def layout(by: Sequence[str]) -> Layout:
    """What may stand in a table of owners by two columns at once: statuses, of the city and the kecamatan.

    `by`: two of gap.DIVISIONS. Their order changes nothing: the same count under two names would be rounded twice, and
    two roundings tell more than one. Nothing is crossed below the kecamatan. Raises DisclosureError.
    """
    if faults := [*_faults_of_cut(by)]:
        raise DisclosureError(N_("an own cut"), faults, N_("Cross two columns that the released gap divides by."))
    first, second = sorted(by, key=COLUMNS.index)
    categories = tuple(map(SEPARATOR.join, product(gap.DIVISIONS[first], gap.DIVISIONS[second])))
    crossed = Dimension(categories, gap.STATUSES, LEVELS)
    return Layout("own_cut", gap.EVERYONE, {f"{first}{SEPARATOR}{second}": crossed}, gap.SUMS)


def cut(rows: pd.DataFrame, by: Sequence[str], regions: pd.DataFrame) -> Counts:
    """True counts of owners by two columns at once, waiting for release: every cell of `layout(by)`.

    `rows` as `of_owners` gives them, with status, kecamatan_code and both columns; `regions`: `id` and `level` of
    regions.csv. An owner without a known kecamatan counts in the city only. Raises DisclosureError.
    """
    form = layout(by)
    if faults := [*_faults_of_missing(rows, ("status", "kecamatan_code", *by))]:
        raise DisclosureError(N_("an own cut"), faults, N_("Make the microdata with these columns."))
    ((dimension, crossed),) = form.dimensions.items()
    first, second = dimension.split(SEPARATOR)
    category, measure = (rows[first] + SEPARATOR + rows[second]).rename("category"), rows["status"].rename("measure")
    areas = sorted(regions.loc[regions["level"] == "kecamatan", "id"])
    parts = []
    for level, area, codes in zip(LEVELS, (CITY, rows["kecamatan_code"]), ([CITY], areas), strict=True):
        of = pd.Series(area, index=rows.index, name="area_code", dtype="str")
        every = pd.MultiIndex.from_product([codes, crossed.categories, crossed.parts])
        counts = measure.groupby([of, category, measure]).size().reindex(every, fill_value=0).astype("int64")
        told = counts.rename_axis(["area_code", "category", "measure"]).rename("value").reset_index()
        parts.append(told.assign(level=level, dimension=dimension)[list(COUNTED)])
    return Counts(pd.concat(parts, ignore_index=True), form)


def _rows_band(rows_n: pd.Series) -> pd.Series:
    """How many rows, told as one of ROWS_BANDS."""
    band: pd.Series = rows_n.clip(upper=len(ROWS_BANDS)).map(dict(enumerate(ROWS_BANDS, 1))).astype("str")
    return band


def _faults_of_columns(columns: Sequence[str]) -> Iterator[Fault]:
    for column in dict.fromkeys(columns):
        if column in KNOWN and column not in COLUMNS:
            yield Fault(N_("could tell who an owner is, alone or too easily with others"), column=column)
        elif column not in COLUMNS:
            values = {"columns": ", ".join(COLUMNS)}
            yield Fault(N_("is no column of microdata; these are: {columns}"), column=column, values=values)
        elif list(columns).count(column) > 1:
            yield Fault(N_("is named more than once"), column=column)


def _faults_of_missing(rows: pd.DataFrame, columns: Sequence[str]) -> Iterator[Fault]:
    for column in dict.fromkeys(columns):
        if column in COLUMNS and column not in rows.columns:
            yield Fault(N_("is not among the columns of these microdata"), column=column)


def _faults_of_cut(by: Sequence[str]) -> Iterator[Fault]:
    allowed = ", ".join(gap.DIVISIONS)
    if len(set(by)) != 2 or len(by) != 2:
        yield Fault(N_("a cut crosses two columns of: {columns}"), values={"columns": allowed})
    for column in dict.fromkeys(by):
        if column not in gap.DIVISIONS:
            yield Fault(N_("a cut crosses two columns of: {columns}"), column=column, values={"columns": allowed})
