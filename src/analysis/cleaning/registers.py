"""The only place where delivered rows become cleaned rows: an ordered list of named stages for each register.

Every stage takes the table and gives it back with more columns and the same rows: what is delivered stays beside it
as `*_as_written`. A row leaves only at the end, into quarantine and with a reason; the accounts must add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from analysis import N_, ContractError, Fault
from analysis.cleaning import addresses, categories, dates, findings, identifiers, money, names, persons, phones, places
from analysis.cleaning.findings import Case, Hasher, Limits
from analysis.cleaning.gazetteer import Gazetteer
from analysis.contracts import registers
from analysis.contracts.registers import JAMSOSTEK, KEY, RENTAN, UMKM

if TYPE_CHECKING:
    from analysis.sources.ingest import RawRegister

FIRST_BIRTH, MOST_BIRTHS = 1, 4
"""Serials of a NIK: by far the most are the first of their day and kecamatan, hardly any the fifth."""
DATED_DIGITS, ANY_SERIAL = 12, "0001"
"""The leading digits of a NIK that hold the birth date, and a serial to make it whole again."""
NO_IDENTITY, MISALIGNED = registers.QUARANTINE_REASONS


@dataclass(frozen=True)
class Facts:
    """What the stages need beside the rows."""

    reference_date: date
    gazetteer: Gazetteer
    limits: Limits

    @classmethod
    def of(cls, reference_date: date, regions: pd.DataFrame, limits: Limits | None = None) -> Facts:
        """The facts of an edition; `regions` as `sources.regions` reads them, limits by default those of the house."""
        return cls(reference_date, places.gazetteer(regions), limits or Limits())


@dataclass(frozen=True)
class Judged:
    """A register after its stages: the case (all data rows), what the rules say of it, and how its rows divide.

    `kept` has the form of its contract, `quarantined` that of QUARANTINE; `account` counts: rows_n = kept_n +
    quarantined_n + set_aside_n.
    """

    case: Case
    found: pd.DataFrame
    kept: pd.DataFrame
    quarantined: pd.DataFrame
    account: Mapping[str, int]


@dataclass(frozen=True)
class Prepared:
    """Registers made ready: cleaned tables by register, quarantine and findings of all, accounts (a row a register)."""

    tables: Mapping[str, pd.DataFrame]
    quarantine: pd.DataFrame
    findings: pd.DataFrame
    accounts: pd.DataFrame

    @property
    def set_aside(self) -> Mapping[str, int]:
        """How many rows of each register are no data."""
        return {str(name): int(n) for name, n in self.accounts["set_aside_n"].items()}


Stage = Callable[[pd.DataFrame, Facts], pd.DataFrame]


def judge(raw: RawRegister, facts: Facts) -> Judged:
    """Clean one register, find what must be put right, set aside what cannot be used; no key is needed for that.

    Raises ContractError where rows in are not rows kept plus rows set aside.
    """
    case = _case(raw, facts)
    kept, quarantined = _split(case, raw)
    return Judged(case, findings.judge(case), kept, quarantined, _account(raw, kept, quarantined))


def prepare(raw: Mapping[str, RawRegister], facts: Facts, key: Hasher) -> Prepared:
    """The same for all registers of a delivery, with every finding named."""
    judged = {name: judge(one, facts) for name, one in raw.items()}
    found = [findings.named(one.found, one.case, key) for one in judged.values()]
    return Prepared(
        tables={name: one.kept for name, one in judged.items()},
        quarantine=pd.concat([one.quarantined for one in judged.values()], ignore_index=True),
        findings=pd.concat(found, ignore_index=True).sort_values(list(registers.FINDINGS.key), ignore_index=True),
        accounts=pd.DataFrame({name: one.account for name, one in judged.items()}).T,
    )


def _case(raw: RawRegister, facts: Facts) -> Case:
    """The rows of one register after all its stages, and who is who in it."""
    table = _as_written(raw.table, raw.name)
    for stage in STAGES[raw.name]:
        staged = stage(table, facts)
        if not staged.index.equals(table.index):
            raise _lost(raw.name, len(table), len(staged))
        table = staged
    delivered = frozenset(raw.table.columns) - set(KEY)
    return Case(raw.name, table, delivered, facts.reference_date, facts.limits, persons.recognise(table))


def _as_written(table: pd.DataFrame, register: str) -> pd.DataFrame:
    """The delivered cells under their names as written; a column that was not delivered is empty."""
    blank = pd.Series(pd.NA, index=range(len(table)), dtype="str")
    cells = {name: table[name].array if name in table else blank.array for name in registers.DELIVERED[register]}
    written = {f"{name}_as_written": cell for name, cell in cells.items()}
    return pd.DataFrame({**{name: table[name].array for name in KEY}, **written}, index=range(len(table)))


# stages ---------------------------------------------------------------------------------------------------------


def _nik(table: pd.DataFrame, _: Facts) -> pd.DataFrame:
    return table.join(identifiers.nik(table["nik_as_written"]))


def _person(table: pd.DataFrame, _: Facts) -> pd.DataFrame:
    """The person's name, whatever the register calls that column."""
    column = "owner_name_as_written" if "owner_name_as_written" in table else "name_as_written"
    return table.assign(name=names.clean(table[column]), is_deceased=names.is_deceased(table[column]))


def _birth(table: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    read = dates.days(table["birth_date_as_written"], facts.reference_date)
    return table.assign(birth_date=read["day"], birth_date_precision=read["precision"], birth_year=read["year"])


def _kk_number(table: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Tell a KK number from a NIK: what should be the birth day is the day on which the card was issued.

    Both are built alike (docs/assumptions.md A18). What gives a KK number away are its last four digits, which count
    the cards that a kecamatan issued on one day: higher than the few births of one day there, and any but the first
    where its holder would be a child, in a register of working people. A number whose day is the birth date, in this
    row or another, is a NIK.
    """
    issued = identifiers.issue_date_if_kk(table["nik"], facts.reference_date)
    born = table["birth_date"]
    is_of_somebody = table["nik"].isin(table["nik"][issued.eq(born)])
    is_other_day = issued.notna() & ~is_of_somebody & ~(issued < born)
    is_child = issued > pd.Timestamp(facts.reference_date) - pd.DateOffset(years=facts.limits.youngest)
    serial = pd.to_numeric(table["nik"].str[12:])
    is_kk = is_other_day & ((is_child & (serial > FIRST_BIRTH)) | (serial > MOST_BIRTHS))
    nik = table[["nik", "nik_prefix"]].mask(is_kk)
    return table.assign(nik=nik["nik"], nik_prefix=nik["nik_prefix"], nik_state=table["nik_state"].mask(is_kk, "kk"))


def _carried(table: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Birth date and sex that a sound NIK carries, and the birth date also where only its last digits were lost."""
    nik, day_of = table["nik"], facts.reference_date
    whole = nik.fillna(table["nik_prefix"].str.extract(f"^([0-9]{{{DATED_DIGITS}}})", expand=False) + ANY_SERIAL)
    return table.assign(nik_day=identifiers.birth_date(nik, day_of), nik_sex=identifiers.sex(nik),
                        dated=identifiers.birth_date(whole, day_of))  # fmt: skip


def _swapped(table: pd.DataFrame, _: Facts) -> pd.DataFrame:
    """Put day and month right where the other order is just what the NIK says."""
    written, carried = table["birth_date"], table["nik_day"]
    is_swapped = (
        table["birth_date_precision"].eq("day") & written.ne(carried) & written.dt.year.eq(carried.dt.year)
        & written.dt.day.eq(carried.dt.month) & written.dt.month.eq(carried.dt.day)
    )  # fmt: skip
    return table.assign(
        birth_date=written.mask(is_swapped, carried),
        birth_date_precision=table["birth_date_precision"].mask(is_swapped, "swapped"),
    )


def _sex(table: pd.DataFrame, _: Facts) -> pd.DataFrame:
    return table.assign(sex=categories.sex(table["sex_as_written"]))


def _place(table: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    return table.join(places.match(table["kelurahan_as_written"], table["kecamatan_as_written"], facts.gazetteer))


def _contact(table: pd.DataFrame, _: Facts) -> pd.DataFrame:
    numbers = phones.clean(table["phone_as_written"])
    return table.assign(address=addresses.address(table["address_as_written"]), phone=numbers["phone"],
                        phone_2=numbers["phone_2"])  # fmt: skip


def _business(table: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    revenue, kbli = money.revenue(table["revenue_idr_as_written"]), categories.kbli(table["kbli_as_written"])
    return table.assign(
        business_name=names.business(table["business_name_as_written"]),
        nib=identifiers.nib(table["nib_as_written"]),
        rt_rw=identifiers.rt_rw(table["rt_rw_as_written"]),
        kbli=kbli,
        sector=categories.sector(table["sector_as_written"], kbli),
        revenue_idr=revenue,
        scale=categories.scale(table["scale_as_written"], revenue),
        workers_n=categories.workers(table["workers_n_as_written"]),
        census_date=dates.days(table["census_date_as_written"], facts.reference_date)["day"],
    )


def _membership(table: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    return table.assign(
        kpj=identifiers.kpj(table["kpj_as_written"]),
        segment=categories.segment(table["segment_as_written"]),
        program=categories.program(table["program_as_written"]),
        member_date=dates.days(table["member_date_as_written"], facts.reference_date)["day"],
        last_contribution_month=dates.months(table["last_contribution_month_as_written"]),
        status=categories.status(table["status_as_written"]),
        funding=categories.funding(table["funding_as_written"]),
    )


def _group(table: pd.DataFrame, _: Facts) -> pd.DataFrame:
    return table.assign(group=table["group_as_written"].str.strip())


WHO = (_nik, _person, _birth, _kk_number, _carried, _swapped)
STAGES: Mapping[str, tuple[Stage, ...]] = {
    UMKM: (*WHO, _sex, _place, _contact, _business),
    JAMSOSTEK: (*WHO, _sex, _place, _contact, _membership),
    RENTAN: (*WHO, _place, _group),
}
"""The stages of each register, in their order."""


# accounts -------------------------------------------------------------------------------------------------------


def _split(case: Case, raw: RawRegister) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows that are kept, in the form of their contract, and rows in quarantine."""
    is_nobody = case.rows["name"].isna() & case.rows["nik"].isna()
    kept = case.rows.loc[~is_nobody, list(registers.CLEANED[case.register].columns)].reset_index(drop=True)
    nobody = case.rows.loc[is_nobody, list(KEY)].assign(reasons=NO_IDENTITY)
    aside = pd.concat([nobody, raw.misaligned[list(KEY)].assign(reasons=MISALIGNED)], ignore_index=True)
    aside.insert(0, "register", case.register)
    return kept, aside.sort_values(list(KEY), ignore_index=True)


def _account(raw: RawRegister, kept: pd.DataFrame, quarantined: pd.DataFrame) -> dict[str, int]:
    parts = {"kept_n": len(kept), "quarantined_n": len(quarantined), "set_aside_n": len(raw.set_aside)}
    if raw.rows_n != sum(parts.values()):
        raise _lost(raw.name, raw.rows_n, sum(parts.values()))
    return {"rows_n": raw.rows_n, **parts}


def _lost(register: str, rows_n: int, found_n: int) -> ContractError:
    fault = Fault(N_("{n} rows came in and {found} are accounted for"), values={"n": rows_n, "found": found_n})
    return ContractError(register, [fault], N_("Report this: no row may be lost."))
