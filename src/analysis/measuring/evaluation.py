"""The only place for how the quality of the registers is counted: complete, valid, unique, current, consistent.

Every count is of rows. The measures of one dimension and category divide the rows that they look at, so that a total is
the sum of its parts. The city counts all rows, a kecamatan those whose kecamatan is known. What comes out are true
counts: nothing of it may be shown before `releasing.disclosure.release`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cleaning import rules
from analysis.contracts import registers
from analysis.contracts.registers import JAMSOSTEK, UMKM
from analysis.contracts.released import CITY, COUNTED, Dimension, Layout

ALL, PERSON = "all", "person"
CENSUS, CONTRIBUTION = "census_date", "last_contribution_month"
NIK_BIRTH, NIK_SEX, PLACE = "nik_birth_date", "nik_sex", "place"
FILLED, VALID = ("filled", "missing"), ("valid", "not_valid")
UNIQUE, CONSISTENT = ("alone", "repeated"), ("agrees", "disagrees", "not_comparable")
CURRENT = {
    UMKM: (CENSUS, ("within_12_months", "within_24_months", "older", "unknown")),
    JAMSOSTEK: (CONTRIBUTION, ("within_3_months", "older", "ahead", "unknown")),
}
MARKED, KEPT = ("with", "without"), ("kept", "quarantined", "not_data")
ANSWERED = ("applied", "confirmed", "changed", "settled", "undecided")
RECENT_CENSUS_MONTHS, OLD_CENSUS_MONTHS, LAPSE_MONTHS = 12, 24, 3
"""Months to the reference date; the lapse follows BPJS (Perdir 22/PERDIR.02/072022), the others are ours."""
CODED = frozenset(("sex", "sector", "scale", "segment", "status", "funding"))
"""Columns cleaned to a closed list: valid unless `unknown`."""
FREE = frozenset(("business_name", "birth_place", "address", "program", "group"))
"""Free text, which cannot be judged."""
CLEANED_AS = {"owner_name": "name", "kelurahan": "kelurahan_code", "kecamatan": "kecamatan_code"}
STATES = {"nik": ("nik_state", "missing"), "birth_date": ("birth_date_precision", "missing")}
"""Columns whose state says whether anything was written; the others are filled where a letter or digit stands."""

Labels = npt.NDArray[np.int64]
"""For each row the number of its measure, -1 where the row does not belong to the partition."""


@dataclass(frozen=True)
class Partition:
    """Rows of one register divided by the measures of a dimension and category."""

    dimension: str
    category: str
    labels: Labels


@cache
def layout() -> Layout:
    """What may stand in released/evaluation.csv: closed lists, for every register that there can be."""
    known: dict[str, Dimension] = {}
    for name, delivered in registers.DELIVERED.items():
        consistent = [NIK_BIRTH, *([NIK_SEX] if "sex" in delivered else []), PLACE]
        asked = tuple(rule.id for rule in rules.read().values() if name in rule.fixers)
        known |= {
            f"{name}.completeness": Dimension(delivered, FILLED),
            f"{name}.validity": Dimension(tuple(each for each in delivered if each not in FREE), VALID),
            f"{name}.uniqueness": Dimension((PERSON,), UNIQUE),
            f"{name}.consistency": Dimension(tuple(consistent), CONSISTENT),
            f"{name}.rule": Dimension(asked, MARKED),
            f"{name}.fixer": Dimension(registers.FIXERS, MARKED),
            f"{name}.rows": Dimension((ALL,), KEPT, ("city",)),
            f"{name}.answers": Dimension((ALL,), ANSWERED, ("city",)),
        }
        if name in CURRENT:
            known[f"{name}.currency"] = Dimension((CURRENT[name][0],), CURRENT[name][1])
    return Layout("evaluation", "rows", known)


def cells(tables: Mapping[str, pd.DataFrame], findings: pd.DataFrame, quarantine: pd.DataFrame,
          corrections: pd.DataFrame, set_aside: Mapping[str, int], reference_date: date,
          regions: pd.DataFrame) -> pd.DataFrame:  # fmt: skip
    """True counts of rows, for the city and each kecamatan: columns of contracts.released.COUNTED.

    `tables`: the cleaned table of each register delivered; findings, quarantine and corrections as their contracts
    have them; `set_aside`: rows of each file that are no data; `regions`: `id` and `level` of regions.csv. A register
    that was not delivered gives no cell.
    """
    kecamatan = sorted(regions.loc[regions["level"] == "kecamatan", "id"])
    found: list[pd.DataFrame] = []
    for name, table in tables.items():
        areas = pd.Index(kecamatan).get_indexer(table["kecamatan_code"])
        own = findings[findings["register"] == name]
        parts = [*_quality(name, table, reference_date), *_marked(name, table, own)]
        found += [_tally(part, areas, kecamatan) for part in parts]
        states = corrections.loc[corrections["register"] == name, "state"].value_counts()
        rows = (len(table), int((quarantine["register"] == name).sum()), set_aside.get(name, 0))
        found.append(_of_city(f"{name}.rows", KEPT, rows))
        found.append(_of_city(f"{name}.answers", ANSWERED, [int(states.get(state, 0)) for state in ANSWERED]))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COUNTED))


def _quality(name: str, table: pd.DataFrame, reference_date: date) -> Iterator[Partition]:
    """The five qualities of one register."""
    for column in registers.DELIVERED[name]:
        usable = _usable(table, column)
        filled = _filled(table, column) | usable if column not in ("kecamatan", *CODED) else _filled(table, column)
        yield Partition(f"{name}.completeness", column, _either(filled))
        if column not in FREE:
            yield Partition(f"{name}.validity", column, np.where(filled, _either(usable), -1))
    yield Partition(f"{name}.uniqueness", PERSON, _either(~_repeated(table)))
    if name == UMKM:
        yield Partition(f"{name}.currency", CENSUS, _census(table, reference_date))
    if name == JAMSOSTEK:
        yield Partition(f"{name}.currency", CONTRIBUTION, _contribution(table, reference_date))
    yield Partition(f"{name}.consistency", NIK_BIRTH, _nik_against_birth_date(table))
    if "sex" in table.columns:
        yield Partition(f"{name}.consistency", NIK_SEX, _nik_against_sex(table))
    states = {"agreed": 0, "contradicting": 1}
    yield Partition(f"{name}.consistency", PLACE, _numbers(table["place_state"].map(states).fillna(2)))


def _marked(name: str, table: pd.DataFrame, findings: pd.DataFrame) -> Iterator[Partition]:
    """Rows with and without a finding, by rule and by who can put it right; facts need no fixer."""
    key = list(registers.KEY)
    at = pd.MultiIndex.from_frame(table[key]).get_indexer(pd.MultiIndex.from_frame(findings[key]))
    faults = (findings["severity"] != rules.FACT).to_numpy()
    for category in (rule.id for rule in rules.read().values() if name in rule.fixers):
        yield Partition(f"{name}.rule", category, _hit(len(table), at[(findings["rule_id"] == category).to_numpy()]))
    for category in registers.FIXERS:
        of = (findings["fixer"] == category).to_numpy() & faults
        yield Partition(f"{name}.fixer", category, _hit(len(table), at[of]))


def _hit(n: int, at: npt.NDArray[np.intp]) -> Labels:
    """0 for the rows at these places, 1 for all others; -1 among the places: a row that was not kept."""
    labels = np.ones(n, dtype=np.int64)
    labels[at[at >= 0]] = 0
    return labels


def _numbers(column: pd.Series) -> Labels:
    return column.to_numpy(np.int64)


def _either(is_first: pd.Series) -> Labels:
    return np.where(is_first, 0, 1).astype(np.int64)


def _filled(table: pd.DataFrame, column: str) -> pd.Series:
    """Whether anything was written that could be a value."""
    if column in STATES:
        state, nothing = STATES[column]
        return table[state] != nothing
    return table[f"{column}_as_written"].str.contains("[0-9A-Za-z]", regex=True).fillna(False).astype(bool)


def _usable(table: pd.DataFrame, column: str) -> pd.Series:
    """Whether a value came out that can be used; nothing can be said of free text, which counts as written."""
    if column in FREE:
        return pd.Series(False, index=table.index)
    cleaned = table[CLEANED_AS.get(column, column)]
    return cleaned != "unknown" if column in CODED else cleaned.notna()


def _repeated(table: pd.DataFrame) -> pd.Series:
    """Whether another row of the register has the same NIK, or the same name and birth date. Linkage refines this."""
    same_nik = table["nik"].notna() & table["nik"].duplicated(keep=False)
    named = table["name"].notna() & table["birth_date"].notna()
    return same_nik | (named & table.duplicated(["name", "birth_date"], keep=False))


def _census(table: pd.DataFrame, reference_date: date) -> Labels:
    """Age of the entry; a day after the reference date says nothing."""
    day, limit = table[CENSUS], pd.Timestamp(reference_date)
    ages = [day > limit - pd.DateOffset(months=months) for months in (RECENT_CENSUS_MONTHS, OLD_CENSUS_MONTHS)]
    return np.select([day.isna() | (day > limit), *ages], [3, 0, 1], 2)


def _contribution(table: pd.DataFrame, reference_date: date) -> Labels:
    """How far the last contribution month lies from the reference month: both ends of the three months are recent."""
    codes, written = pd.factorize(table[CONTRIBUTION])
    months = np.array([*(int(month[:4]) * 12 + int(month[5:7]) for month in written), 0])[codes]
    behind = reference_date.year * 12 + reference_date.month - months
    return np.select([codes < 0, behind < 0, behind <= LAPSE_MONTHS], [3, 2, 0], 1)


def _nik_against_birth_date(table: pd.DataFrame) -> Labels:
    """Digits 7-12 of the NIK, DDMMYY with 40 added to a woman's day, against the birth date (PP 37/2007 art. 37)."""
    day, nik = table["birth_date"].dt, _digits(table["nik"])
    written = day.day * 10_000 + day.month * 100 + day.year % 100
    is_known = (nik >= 0) & table["birth_date"].notna().to_numpy()
    carried = np.where(nik >= 400_000, nik - 400_000, nik)
    return np.select([~is_known, carried == written.fillna(-1).to_numpy()], [2, 0], 1)


def _nik_against_sex(table: pd.DataFrame) -> Labels:
    nik, sex = _digits(table["nik"]), table["sex"]
    is_known = (nik >= 0) & sex.isin(["male", "female"]).to_numpy()
    return np.select([~is_known, (nik >= 400_000) == (sex == "female").to_numpy()], [2, 0], 1)


def _digits(nik: pd.Series) -> Labels:
    """Digits 7-12 as a number; -1 where there is no sound NIK."""
    return pd.to_numeric(nik.str.slice(6, 12)).fillna(-1).to_numpy(np.int64)


def _tally(part: Partition, areas: npt.NDArray[np.intp], kecamatan: Sequence[str]) -> pd.DataFrame:
    """Rows by measure, for the city and for each kecamatan."""
    measures = layout().dimensions[part.dimension].parts
    own, inside = part.labels >= 0, (part.labels >= 0) & (areas >= 0)
    city = np.bincount(part.labels[own], minlength=len(measures))
    places = areas[inside] * len(measures) + part.labels[inside]
    counts = np.concatenate([city, np.bincount(places, minlength=len(kecamatan) * len(measures))])
    return _rows([CITY, *kecamatan], part.dimension, part.category, measures, counts)


def _of_city(dimension: str, measures: Sequence[str], counts: Sequence[int]) -> pd.DataFrame:
    return _rows([CITY], dimension, ALL, measures, np.array(counts))


def _rows(areas: Sequence[str], dimension: str, category: str, measures: Sequence[str], counts: Labels) -> pd.DataFrame:
    return pd.DataFrame({
        "area_code": np.repeat(areas, len(measures)),
        "level": np.repeat(["city", *["kecamatan"] * (len(areas) - 1)], len(measures)),
        "dimension": dimension,
        "category": category,
        "measure": np.tile(measures, len(areas)),
        "value": counts,
    })[list(COUNTED)]  # fmt: skip
