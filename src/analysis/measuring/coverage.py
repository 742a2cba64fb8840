"""The only place for the status of owners: who is active, lapsed, unregistered, unresolved or not eligible, and why.

The definitions, in their order of precedence, stand in docs/reference/deliveries.md: a participation counts in any
segment; it is active when the last contribution month lies at most three months before the reference month, both ends
in (Perdir BPJS TK 22/PERDIR.02/072022: benefits stop after three months without contribution). Every data row of the
UMKM register gets exactly one status, quarantined rows too, and all rows of an owner have the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import N_, ContractError, Fault
from analysis.cleaning import businesses, dates, identifiers
from analysis.cleaning.findings import Hasher, Limits
from analysis.contracts import registers
from analysis.contracts.registers import JAMSOSTEK, KEY, OWNERS, RENTAN, STATUS, UMKM
from analysis.linking.linkage import Linkage
from analysis.linking.model import DECIMALS

STARTS = {"17-24": 17, "25-34": 25, "35-44": 35, "45-54": 45, "55-64": 55, "65+": 65}
"""Full years from which on an age belongs to a band."""
FLAGS = ("is_active", "is_readable", "is_dead")
"""What a participation says of a person."""
OLDEST = 110
"""Full years above which a birth date is taken for an error."""


@dataclass(frozen=True)
class Coverage:
    """`status`: contract STATUS, one row per UMKM data row. `owners`: contract OWNERS."""

    status: pd.DataFrame
    owners: pd.DataFrame


@dataclass(frozen=True)
class Rules:
    """What decides: the day, limits of age and lapse, and the least probability that leaves an owner unresolved."""

    reference_date: date
    limits: Limits
    review: float

    @property
    def month(self) -> int:
        """The reference month, counted in months."""
        return self.reference_date.year * 12 + self.reference_date.month


def statuses(tables: Mapping[str, pd.DataFrame], quarantine: pd.DataFrame, linkage: Linkage, rules: Rules,
             key: Hasher) -> Coverage:  # fmt: skip
    """The status of every UMKM row and of every owner. Raises ContractError where a row would be lost or told twice."""
    rows = _rows(tables, quarantine, linkage)
    members = _members(tables, linkage, rules)
    chance = _chances(linkage, rows)
    owners = _owners(rows, members, chance, tables, linkage, rules)
    owners["owner_id"] = _ids(rows, owners.index, key)
    told = rows.join(owners[["owner_id", "status", "probability_enrolled"]], on="owner")
    status = told.rename(columns={name: f"umkm_{name}" for name in KEY})[list(STATUS.columns)]
    _refuse_lost(status, len(tables[UMKM]) + int((quarantine["register"] == UMKM).sum()))
    order = list(STATUS.key)
    made = owners.rename_axis("person").reset_index()[[*OWNERS.columns]].sort_values("owner_id", ignore_index=True)
    return Coverage(status.sort_values(order, ignore_index=True), made)


# rows and owners --------------------------------------------------------------------------------------------------


def _rows(tables: Mapping[str, pd.DataFrame], quarantine: pd.DataFrame, linkage: Linkage) -> pd.DataFrame:
    """Every UMKM data row in the order of its key, with its `owner`: the person, or a number of its own below 0."""
    persons = linkage.persons[linkage.persons["register"] == UMKM]
    kept = tables[UMKM].merge(persons[[*KEY, "person"]], on=list(KEY), validate="one_to_one")
    aside = quarantine.loc[quarantine["register"] == UMKM, [*KEY]].reset_index(drop=True)
    aside = aside.assign(person=-1 - np.arange(len(aside)), sector="unknown", scale="unknown", sex="unknown")
    rows = pd.concat([kept, aside.astype({name: kept[name].dtype for name in aside})], ignore_index=True)
    return rows.rename(columns={"person": "owner"}).sort_values(list(KEY), ignore_index=True)


def _owners(rows: pd.DataFrame, members: pd.DataFrame, chance: pd.Series, tables: Mapping[str, pd.DataFrame],
            linkage: Linkage, rules: Rules) -> pd.DataFrame:  # fmt: skip
    """One row per owner, index `owner`: what OWNERS holds but the id, and the cause of the status."""
    first = rows.drop_duplicates("owner").set_index("owner")
    columns = [*KEY, "kecamatan_code", "kelurahan_code", "sector", "scale"]
    owners = first[columns].rename(columns={name: f"umkm_{name}" for name in KEY})
    owners["rows_n"] = rows.groupby("owner").size()
    owners["businesses_n"] = businesses.distinct(rows, rows["owner"]).reindex(owners.index)
    owners["is_vulnerable"] = owners.index.isin(_persons(linkage, RENTAN))
    born, owners["sex"] = _born_and_sex(rows, tables, linkage, rules.reference_date)
    years = _full_years(born.reindex(owners.index), rules.reference_date)
    owners["age_band"] = _bands(years)
    is_linked = owners.index.isin(members.index)
    probability = chance.reindex(owners.index).fillna(0.0)
    is_aside = owners.index < 0
    probability[is_aside] = np.round(is_linked[~is_aside].mean(), DECIMALS) if (~is_aside).any() else 0.0
    owners["probability_enrolled"] = probability
    owners["cause"] = _causes(owners, members.reindex(owners.index), years, rules)
    owners["status"] = owners["cause"].map(_STATUS_OF)
    return owners


_STATUS_OF = {
    "deceased": registers.NOT_ELIGIBLE, "age": registers.NOT_ELIGIBLE, "paid": registers.ACTIVE,
    "ended": registers.LAPSED, "no_month": registers.UNRESOLVED, "quarantined": registers.UNRESOLVED,
    "doubtful": registers.UNRESOLVED, "not_found": registers.UNREGISTERED,
}  # fmt: skip


def _causes(owners: pd.DataFrame, members: pd.DataFrame, years: pd.Series, rules: Rules) -> pd.Series:
    """The first cause that holds, in the order of precedence of the statuses."""
    is_linked = members["is_active"].notna()
    is_active, is_readable, is_dead = (members[name].fillna(False).astype(bool) for name in members.columns)
    other_age = (years < rules.limits.youngest) | (years >= rules.limits.age_limit)
    holds = {
        "deceased": is_dead,
        "age": other_age.fillna(False).astype(bool) & ~is_active,
        "paid": is_active,
        "ended": is_linked & is_readable,
        "no_month": is_linked,
        "quarantined": pd.Series(owners.index < 0, index=owners.index),
        "doubtful": owners["probability_enrolled"] >= rules.review,
    }
    told = np.select([flag.to_numpy(dtype=bool) for flag in holds.values()], [*holds], default="not_found")
    return pd.Series(told, index=owners.index, dtype="str")


def _persons(linkage: Linkage, register: str) -> pd.Index:
    """The persons of one register."""
    persons: pd.Index = pd.Index(linkage.persons.loc[linkage.persons["register"] == register, "person"].unique())
    return persons


# participation ----------------------------------------------------------------------------------------------------


def participations(participants: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Of each participant row (its index) FLAGS: whether it is active, can be read as active or not, is of a dead one.

    By the month of the last contribution; where no row has one, by the text of the status.
    """
    if has_months(participants):
        month = dates.counted(participants["last_contribution_month"])
        is_readable, is_active = month.notna(), month >= rules.month - rules.limits.lapse_months
    else:
        is_readable, is_active = participants["status"].ne("unknown"), participants["status"].eq("active")
    is_dead = participants["status"].eq("deceased")
    return pd.DataFrame(dict(zip(FLAGS, (is_active, is_readable, is_dead), strict=True)))


def _members(tables: Mapping[str, pd.DataFrame], linkage: Linkage, rules: Rules) -> pd.DataFrame:
    """FLAGS of each participant person (index): whether any of his rows has them."""
    if JAMSOSTEK not in tables:
        return pd.DataFrame({name: pd.Series(dtype="boolean") for name in FLAGS})
    persons = linkage.persons[linkage.persons["register"] == JAMSOSTEK]
    rows = tables[JAMSOSTEK].merge(persons[[*KEY, "person"]], on=list(KEY), validate="one_to_one")
    return participations(rows, rules).groupby(rows["person"]).any().astype("boolean")


def has_months(participants: pd.DataFrame) -> bool:
    """Whether the register has contribution months at all; where it has none, the text of the status decides."""
    return bool(participants["last_contribution_month_as_written"].notna().any())


def _chances(linkage: Linkage, rows: pd.DataFrame) -> pd.Series:
    """How probable it is that each owner (index) is a participant: of a linked one the best of his links, else that
    any of the participant persons who could be he is.
    """
    owner = rows.set_index(list(KEY))["owner"]
    linked = linkage.links.merge(_keyed(owner, "umkm"), on=["umkm_source_sheet", "umkm_source_row"])
    best = linked.groupby("owner")["match_probability"].max()
    person = linkage.persons[linkage.persons["register"] == JAMSOSTEK].set_index(list(KEY))["person"]
    could = _cross(linkage.candidates)
    could = could.merge(_keyed(owner, "umkm"), on=["umkm_source_sheet", "umkm_source_row"])
    could = could.merge(_keyed(person, "participant"), on=["participant_source_sheet", "participant_source_row"])
    each = could.groupby(["owner", "person"])["probability"].max()
    none = np.log1p(-each.clip(upper=1 - 1e-9)).groupby("owner").sum()
    return best.combine_first(1 - np.exp(none)).round(DECIMALS).clip(0.0, 1.0)


def _keyed(values: pd.Series, side: str) -> pd.DataFrame:
    return values.rename_axis([f"{side}_{name}" for name in KEY]).reset_index()


def _cross(candidates: pd.DataFrame) -> pd.DataFrame:
    """The candidates between the two registers, the UMKM row first."""
    parts = []
    for ours, theirs in (("left", "right"), ("right", "left")):
        own = candidates[(candidates[f"{ours}_register"] == UMKM) & (candidates[f"{theirs}_register"] == JAMSOSTEK)]
        names = {f"{side}_{name}": f"{to}_{name}" for side, to in ((ours, "umkm"), (theirs, "participant"))
                 for name in KEY}  # fmt: skip
        parts.append(own.rename(columns=names)[[*names.values(), "probability"]])
    return pd.concat(parts, ignore_index=True)


# age and sex ------------------------------------------------------------------------------------------------------


def _born_and_sex(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], linkage: Linkage, day: date
                  ) -> tuple[pd.Series, pd.Series]:  # fmt: skip
    """Birth date and sex of each owner: what most rows of the person say, in any register; ties go to the first.

    A birth date that the NIK carries counts as one that is written; 1 January only where the NIK carries it too.
    """
    told = [rows.assign(person=rows["owner"])]
    for name, table in tables.items():
        if name != UMKM:
            own = linkage.persons[linkage.persons["register"] == name]
            told.append(table.merge(own[[*KEY, "person"]], on=list(KEY)))
    days, sexes = [], []
    for table in told:
        carried = identifiers.birth_date(table["nik"], day)
        written = dates.believed(table["birth_date"], carried)
        days += [pd.DataFrame({"person": table["person"], "value": value}) for value in (written, carried)]
        by_nik = identifiers.sex(table["nik"])
        sex = table.get("sex", by_nik)
        sexes += [pd.DataFrame({"person": table["person"], "value": value.replace("unknown", None)})
                  for value in (sex, by_nik)]  # fmt: skip
    born, sex = _most(days), _most(sexes).reindex(pd.Index(rows["owner"].unique())).fillna("unknown").astype("str")
    return born, sex


def _most(parts: list[pd.DataFrame]) -> pd.Series:
    """Of each person the value that stands most often; of equally many the one that stands first."""
    told = pd.concat(parts, ignore_index=True).dropna()
    counts = told.groupby(["person", "value"], sort=False).size().rename("n").reset_index()
    best = counts.sort_values(["person", "n"], ascending=[True, False], kind="stable").drop_duplicates("person")
    value: pd.Series = best.set_index("person")["value"]
    return value


def _full_years(born: pd.Series, day: date) -> pd.Series:
    """Full years at the reference date, Float64; NA where no birth date is known or it cannot be one."""
    born = pd.to_datetime(born)
    before = (born.dt.month * 100 + born.dt.day) > day.month * 100 + day.day
    years = (day.year - born.dt.year - before.astype("float64")).astype("Float64")
    return years.where((years >= 0) & (years <= OLDEST))


def _bands(years: pd.Series) -> npt.NDArray[np.object_]:
    known = years.fillna(-1).to_numpy(dtype=float)
    limits = [(known >= start, band) for band, start in reversed(STARTS.items())]
    holds, names = [known < 0, *(flag for flag, _ in limits)], ["unknown", *(band for _, band in limits)]
    told: npt.NDArray[np.object_] = np.select(holds, names, "under-17").astype(object)
    return told


# names of owners --------------------------------------------------------------------------------------------------


def _ids(rows: pd.DataFrame, owners: pd.Index, key: Hasher) -> pd.Series:
    """Pseudonyms: keyed hash of the NIK that most rows of an owner have, else of name and birth date.

    Two owners who would have one pseudonym (a NIK shared, one name and no birth date) are told apart by a number, in
    the order of their first rows.
    """
    nik = _most([rows[["owner", "nik"]].set_axis(["person", "value"], axis=1)])
    day = rows["birth_date"].dt.strftime("%Y-%m-%d").fillna("")
    named = (rows["name"] + "|" + day).groupby(rows["owner"]).first()
    text = nik.reindex(owners).fillna(named.reindex(owners)).fillna("")
    nth = text.groupby(text).cumcount()
    return key.macs(text.where(nth == 0, text + "|" + nth.astype("str")))


def _refuse_lost(status: pd.DataFrame, rows_n: int) -> None:
    """Every data row has exactly one status, every owner one only."""
    per_owner = status.groupby("owner_id")["status"].nunique()
    faults = []
    if len(status) != rows_n or status.duplicated(["umkm_source_sheet", "umkm_source_row"]).any():
        values = {"n": rows_n, "found": len(status)}
        faults.append(Fault(N_("{n} rows came in and {found} are accounted for"), values=values))
    if (per_owner > 1).any():
        faults.append(Fault(N_("{n} owners have two statuses"), values={"n": int((per_owner > 1).sum())}))
    if faults:
        raise ContractError("status", faults, N_("Report this: no row may be lost."))
