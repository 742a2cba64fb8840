"""The only place that decides which rows break which rule, and that names each finding so that it keeps its name.

A test takes the cleaned rows of one register and says of each whether the rule speaks. The texts, the severity and
who can put it right stand in `rules.csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd

from analysis.cleaning import dates, rules
from analysis.cleaning.persons import Persons
from analysis.contracts import registers

MOST_PERSONS_OF_A_PHONE = 5


@dataclass(frozen=True)
class Limits:
    """Where the rules draw their lines: full years of age, and months before or after the reference month.

    Sources: docs/assumptions.md; the lapse of three contribution months as in Perdir BPJS TK 22/PERDIR.02/072022.
    """

    youngest: int = 17
    age_limit: int = 65
    lapse_months: int = 3
    ahead_months: int = 12


class Hasher(Protocol):
    """What keyed hashes are made with: `sources.keys.Key`."""

    def macs(self, texts: pd.Series, length: int = 16) -> pd.Series:
        """The first `length` hex digits of each text's keyed hash."""
        ...


@dataclass(frozen=True)
class Case:
    """What the tests look at: cleaned rows of one register (index 0, 1, 2 ...), its columns as delivered, the day.

    Besides the contract's columns the rows carry `nik_day` and `nik_sex`, read from a sound NIK, and `dated`, the day
    that also a NIK without its last digits carries.
    """

    register: str
    rows: pd.DataFrame
    delivered: frozenset[str]
    reference_date: date
    limits: Limits
    persons: Persons

    @property
    def expected(self) -> tuple[str, ...]:
        """The columns that this register may have."""
        return registers.DELIVERED[self.register]

    @property
    def month(self) -> int:
        """The reference month, counted in months."""
        return self.reference_date.year * 12 + self.reference_date.month

    def age_is(self, at_least: int) -> pd.Series:
        """Whether the person certainly has `at_least` full years; by the birth date, else by the NIK, else the year."""
        limit = pd.Timestamp(self.reference_date) - pd.DateOffset(years=at_least)
        day = self.rows["birth_date"].fillna(self.rows["nik_day"])
        by_year = day.isna() & (self.rows["birth_year"] < limit.year).fillna(False).astype(bool)
        return (day <= limit) | by_year

    def age_is_below(self, years: int) -> pd.Series:
        """Whether the person certainly has fewer full years."""
        limit = pd.Timestamp(self.reference_date) - pd.DateOffset(years=years)
        day = self.rows["birth_date"].fillna(self.rows["nik_day"])
        by_year = day.isna() & (self.rows["birth_year"] > limit.year).fillna(False).astype(bool)
        return (day > limit) | by_year


Test = Callable[[Case], pd.Series]


def _state(column: str, *values: str) -> Test:
    return lambda case: case.rows[column].isin(values)


def _blank(column: str) -> Test:
    return lambda case: case.rows[column].isna()


def _differs_from_nik(case: Case) -> pd.Series:
    rows = case.rows
    is_known = rows["birth_date_precision"].eq("day") & rows["nik_day"].notna() & ~_is_heaped(case)
    return is_known & rows["birth_date"].ne(rows["nik_day"])


def _is_heaped(case: Case) -> pd.Series:
    """1 January where the digits of the NIK say another day; without them, nothing can be said."""
    rows = case.rows
    is_first = rows["birth_date_precision"].eq("day") & dates.is_heaped(rows["birth_date"])
    return is_first & rows["dated"].notna() & ~dates.is_heaped(rows["dated"])


def _is_placeholder(case: Case) -> pd.Series:
    return case.rows["birth_date_precision"].eq("placeholder") | _is_heaped(case)


def _sex_differs(case: Case) -> pd.Series:
    rows = case.rows
    return rows["sex"].ne("unknown") & rows["nik_sex"].ne("unknown") & rows["sex"].ne(rows["nik_sex"])


def _is_dead(case: Case) -> pd.Series:
    status = case.rows.get("status", pd.Series("", index=case.rows.index))
    return case.rows["is_deceased"] | status.eq("deceased")


def _several(case: Case, *together: pd.Series) -> pd.Series:
    """Whether the row shares person and `together` with another row."""
    keys = pd.DataFrame(dict(enumerate([case.persons.label, *(part.fillna("") for part in together)])))
    return keys.duplicated(keep=False)


def _kinds(case: Case, of: pd.Series, *together: pd.Series) -> pd.Series:
    """How many different values of `of` the row's person has, within `together`."""
    keys = pd.DataFrame(dict(enumerate([case.persons.label, *(part.fillna("") for part in together)])))
    distinct = keys.assign(of=of).dropna(subset=["of"]).drop_duplicates()
    times = distinct.groupby(list(keys.columns), sort=False)["of"].size().rename("n").reset_index()
    kinds = keys.merge(times, how="left", on=list(keys.columns))["n"].fillna(0)
    return pd.Series(kinds.to_numpy(), index=case.rows.index)


def _is_twice(case: Case) -> pd.Series:
    parts = {registers.UMKM: ("business_name",), registers.JAMSOSTEK: ("segment", "program", "kpj")}
    return _several(case, *(case.rows[name] for name in parts.get(case.register, ())))


def _has_several_businesses(case: Case) -> pd.Series:
    return _kinds(case, case.rows["business_name"]) > 1


def _is_enrolled_twice(case: Case) -> pd.Series:
    segment = case.rows["segment"]
    return segment.ne("unknown") & case.rows["kpj"].notna() & (_kinds(case, case.rows["kpj"], segment) > 1)


def _is_active_but_old(case: Case) -> pd.Series:
    last = dates.counted(case.rows["last_contribution_month"])
    return case.rows["status"].eq("active") & (last < case.month - case.limits.lapse_months)


def _is_inactive_but_paid(case: Case) -> pd.Series:
    last = dates.counted(case.rows["last_contribution_month"])
    return case.rows["status"].eq("inactive") & (last >= case.month - case.limits.lapse_months)


def _joined_after(case: Case) -> pd.Series:
    day = case.rows["member_date"]
    joined: pd.Series = day.dt.year * 12 + day.dt.month
    return joined > dates.counted(case.rows["last_contribution_month"])


def _is_far_ahead(case: Case) -> pd.Series:
    return dates.counted(case.rows["last_contribution_month"]) > case.month + case.limits.ahead_months


def _is_month_unreadable(case: Case) -> pd.Series:
    written = case.rows["last_contribution_month_as_written"]
    return written.notna() & case.rows["last_contribution_month"].isna()


def _is_phone_shared(case: Case) -> pd.Series:
    rows = pd.DataFrame({"phone": case.rows["phone"], "person": case.persons.label}).dropna()
    persons = rows.drop_duplicates().groupby("phone", sort=False).size()
    return case.rows["phone"].isin(persons.index[persons > MOST_PERSONS_OF_A_PHONE])


TESTS: Mapping[str, Test] = {
    "nik_missing": _state("nik_state", "missing"),
    "nik_malformed": _state("nik_state", "malformed"),
    "nik_placeholder": _state("nik_state", "placeholder"),
    "nik_damaged": _state("nik_state", "damaged"),
    "nik_kk": _state("nik_state", "kk"),
    "nik_shared": lambda case: case.persons.is_shared,
    "birth_date_missing": _state("birth_date_precision", "missing"),
    "birth_date_unreadable": _state("birth_date_precision", "unreadable", "month", "year"),
    "birth_date_placeholder": _is_placeholder,
    "birth_date_disagrees": _differs_from_nik,
    "birth_date_swapped": _state("birth_date_precision", "swapped"),
    "sex_disagrees": _sex_differs,
    "name_missing": _blank("name"),
    "same_person_twice": _is_twice,
    "several_businesses": _has_several_businesses,
    "under_age": lambda case: case.age_is_below(case.limits.youngest),
    "over_age": lambda case: case.age_is(case.limits.age_limit),
    "recorded_dead": _is_dead,
    "kelurahan_unknown": _state("place_state", "unknown", "missing", "kecamatan"),
    "kelurahan_contradicts": _state("place_state", "contradicting"),
    "outside_palu": _state("place_state", "outside"),
    "enrolled_twice": _is_enrolled_twice,
    "active_but_old": _is_active_but_old,
    "inactive_but_paid": _is_inactive_but_paid,
    "member_after_contribution": _joined_after,
    "contribution_ahead": _is_far_ahead,
    "contribution_unreadable": _is_month_unreadable,
    "phone_shared": _is_phone_shared,
}
"""What each rule asks, by rule id: a truth value for each row."""

OF_PERSONS = ("nik_shared", "same_person_twice", "several_businesses", "enrolled_twice")
"""Rules about who is who, which the linkage judges anew."""


def judge(case: Case) -> pd.DataFrame:
    """All that the rules say of one register: rule_id, and `row`, the place of the row in `case.rows` from 0.

    A rule about a column that was not delivered does not speak: the evaluation says that the column is missing.
    """
    told = [_of(rule, case) for rule in rules.read().values() if _applies(rule, case)]
    found = pd.concat(told, ignore_index=True) if told else pd.DataFrame({"rule_id": [], "row": []})
    return found.astype({"rule_id": "str", "row": "int64"})


def of_linkage(tables: Mapping[str, pd.DataFrame], persons: Mapping[str, pd.Series], reference_date: date,
               limits: Limits, key: Hasher) -> pd.DataFrame:  # fmt: skip
    """What the rules about who is who (OF_PERSONS) say once the linkage has judged: contract LINKAGE_FINDINGS.

    `tables`: the cleaned registers, each with index 0, 1, 2 ...; `persons`: whose each of their rows is, same index. A
    NIK is shared where it stands beside two persons.
    """
    told = [_of_linkage(name, table, persons[name], reference_date, limits, key) for name, table in tables.items()]
    return pd.concat(told, ignore_index=True).sort_values(list(registers.FINDINGS.key), ignore_index=True)


def _of_linkage(register: str, table: pd.DataFrame, person: pd.Series, reference_date: date, limits: Limits,
                key: Hasher) -> pd.DataFrame:  # fmt: skip
    """The same of one register."""
    persons = person.groupby(table["nik"]).transform("nunique")
    known = Persons(person, (persons > 1).fillna(False).astype(bool))
    delivered = frozenset(name for name in registers.DELIVERED[register] if table[f"{name}_as_written"].notna().any())
    case = Case(register, table, delivered, reference_date, limits, known)
    told = [_of(rule, case) for name, rule in rules.read().items() if name in OF_PERSONS and _applies(rule, case)]
    found = pd.concat([pd.DataFrame({"rule_id": [], "row": []}), *told], ignore_index=True)
    return named(found.astype({"rule_id": "str", "row": "int64"}), case, key)


def _applies(rule: rules.Rule, case: Case) -> bool:
    return case.register in rule.fixers and rule.column(case.register) in case.delivered


def _of(rule: rules.Rule, case: Case) -> pd.DataFrame:
    speaks = TESTS[rule.id](case).fillna(False).to_numpy(dtype=bool)
    return pd.DataFrame({"rule_id": rule.id, "row": np.flatnonzero(speaks)})


def named(found: pd.DataFrame, case: Case, key: Hasher) -> pd.DataFrame:
    """What `judge` found, in the form of the contract FINDINGS: texts, place, stable id, hash of the delivered cell."""
    known = rules.read()
    rule = found["rule_id"].map
    rows = case.rows.iloc[found["row"].to_numpy()].reset_index(drop=True)
    field = rule({name: one.column(case.register) for name, one in known.items()}).astype("str")
    return pd.DataFrame({
        "finding_id": _ids(found["rule_id"], rows, case.register, key),
        "register": case.register,
        "source_sheet": rows["source_sheet"],
        "source_row": rows["source_row"],
        "rule_id": found["rule_id"],
        "severity": rule({name: one.severity for name, one in known.items()}),
        "fixer": rule({name: one.fixers.get(case.register) for name, one in known.items()}),
        "field": field,
        "reason": rule({name: one.reason["id"] for name, one in known.items()}),
        "action": rule({name: one.action["id"] for name, one in known.items()}),
        "kelurahan_code": rows["kelurahan_code"],
        "kecamatan_code": rows["kecamatan_code"],
        "value_hash": value_hash(field, _cells(rows, field), key),
    })  # fmt: skip


def value_hash(field: pd.Series, cell: pd.Series, key: Hasher) -> pd.Series:
    """Keyed hash of delivered cells, by which an answer recognises the value that it answers."""
    return key.macs("cell|" + field + "|" + cell.fillna(""))


def _cells(rows: pd.DataFrame, field: pd.Series) -> pd.Series:
    """Of each row the delivered cell of the column that `field` names."""
    cells = pd.Series(pd.NA, index=rows.index, dtype="str")
    for name in field.unique():
        own = field == name
        cells[own] = rows.loc[own, f"{name}_as_written"]
    return cells


def _ids(rule_id: pd.Series, rows: pd.DataFrame, register: str, key: Hasher) -> pd.Series:
    """Names that next month's run gives again: by rule and person, never by row number.

    A person is known by name and business, or by participant number, and without a name by the NIK as written: so
    the name of a finding holds while its own cell or another one is corrected. Rows equal in that are numbered in
    the order of all that was delivered of them.
    """
    name = rows["name"].fillna(rows["nik_as_written"]).fillna("")
    second = {registers.UMKM: "business_name", registers.JAMSOSTEK: "kpj", registers.RENTAN: "group"}[register]
    known = rule_id + "|" + register + "|" + name + "|" + rows[second].fillna("")
    return key.macs("finding|" + known + "|" + _nth(known, rows).astype("str"))


def _nth(known: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """0, 1, 2 ... among equal ones, in the order of their delivered cells."""
    nth = pd.Series(0, index=known.index)
    again = known.duplicated(keep=False)
    if again.any():
        written = [name for name in rows.columns if name.endswith("_as_written")]
        content = rows.loc[again, written].fillna("").agg("\x1f".join, axis=1)
        order = pd.DataFrame({"known": known[again], "content": content}).sort_values(["known", "content"])
        nth[order.index] = order.groupby("known", sort=False).cumcount()
    return nth
