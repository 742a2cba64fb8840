"""The only place for what became of each owner from one edition to the next, and that levels and flows add up.

A real change is told apart from a correction of data: what is not proven to have happened is `corrected`. So an
enrolment asks for a member date after the edition before (where one of his is not known: corrected), a lapse for a last
contribution month that was not moved back, a return for one that lies later, a birthday for a birth date that has it
between the two days. Where neither edition has contribution months at all, the text of the status decides. The order
of the kinds stands in `_kinds`, cases in tests/spec/changes.csv. What comes out is protected: true, and of persons.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import N_, ContractError, Fault
from analysis.cleaning import dates, identifiers
from analysis.contracts.registers import (
    ABSENT,
    ACTIVE,
    AGED,
    CAME_OF_AGE,
    CORRECTED,
    DIED,
    ENROLLED,
    FLOWS,
    JAMSOSTEK,
    LAPSED,
    LISTED,
    MOVED,
    RETURNED,
    STAYED,
    UNLISTED,
)
from analysis.contracts.released import CITY
from analysis.measuring import continuity, coverage
from analysis.measuring.continuity import AFTER, BEFORE, Month

SIDES = ("before", "after")
IN, OUT = "in", "out"
AREA = ("kecamatan_code", "kelurahan_code")
MOVE = ["area_code", "level", "status", "kind", "direction"]


def flows(before: Month, after: Month) -> pd.DataFrame:
    """Every owner of the edition before or of this one, once: contract FLOWS.

    Raises ContractError where an owner would be lost or told twice, or levels and flows do not add up.
    """
    known = continuity.pairs(before, after)
    for side, month in zip(SIDES, (before, after), strict=True):
        facts = _facts(month).add_suffix(f"_{side}")
        known = known.join(facts, on=f"owner_id_{side}")
        known[f"status_{side}"] = known[f"status_{side}"].fillna(ABSENT)
    for name in ("youngest", "age_limit"):
        birthdays = _birthdays(before, after, getattr(after.limits, name))
        known[f"has_reached_{name}"] = known[AFTER].isin(birthdays)
    known["kind"] = _kinds(known, before, after)
    known["sector"] = known["sector_after"].fillna(known["sector_before"])
    kinds = {name: "bool" if column.kind == "flag" else "str" for name, column in FLOWS.columns.items()}
    told = known[[*FLOWS.columns]].astype(kinds).sort_values(list(FLOWS.key), ignore_index=True)
    refuse_unbalanced(told, before.owners, after.owners)
    return told


# what is known of an owner ----------------------------------------------------------------------------------------


def _facts(month: Month) -> pd.DataFrame:
    """Of each owner (index owner_id): status, cause, area, sector; and what his participations say.

    paid: the last contribution month, counted in months, NaN where none can be read; member: the earliest member date,
    NaT where one of them is not known.
    """
    owners = month.owners.set_index("owner_id")[["status", "cause", *AREA, "sector"]]
    rows = month.rows(JAMSOSTEK)
    if rows is None:
        return owners.assign(paid=np.nan, member=pd.Series(pd.NaT, index=owners.index))
    by, day = rows["owner_id"], rows["member_date"]
    paid = dates.counted(rows["last_contribution_month"]).groupby(by).max()
    member = day.groupby(by).min().mask(day.isna().groupby(by).any())
    return owners.assign(paid=paid.reindex(owners.index).astype("float64"),
                         member=pd.to_datetime(member.reindex(owners.index)))  # fmt: skip


def _birthdays(before: Month, after: Month, years: int) -> set[str]:
    """The owners who by a birth date known of them now turned so many years after the edition before."""
    told: set[str] = set()
    days = [day.year * 10_000 + day.month * 100 + day.day for day in (before.reference_date, after.reference_date)]
    for register in after.tables:
        rows = after.rows(register)
        if rows is None:
            continue
        carried = identifiers.birth_date(rows["nik"], after.reference_date)
        for born in (dates.believed(rows["birth_date"], carried), carried):
            turned = (born.dt.year + years) * 10_000 + born.dt.month * 100 + born.dt.day
            told |= set(rows.loc[(turned > days[0]) & (turned <= days[1]), "owner_id"])
    return told


def _has_months(month: Month) -> bool:
    return JAMSOSTEK in month.tables and coverage.has_months(month.tables[JAMSOSTEK])


# kinds ------------------------------------------------------------------------------------------------------------


def _kinds(known: pd.DataFrame, before: Month, after: Month) -> npt.NDArray[np.object_]:
    """The first kind that holds, in this order; `corrected` where none does.

    One who is not found in the other edition was corrected where something of him is, or his row cannot be read.
    """
    was, now = known["status_before"], known["status_after"]
    was_dead, is_dead = known["cause_before"].eq("deceased"), known["cause_after"].eq("deceased")
    was_age, is_age = known["cause_before"].eq("age"), known["cause_after"].eq("age")
    is_unsure = known["is_elsewhere"] | known[["cause_before", "cause_after"]].isin(["quarantined"]).any(axis=1)
    came, went, stays = was.eq(ABSENT), now.eq(ABSENT), was.eq(now)
    is_later, is_no_earlier, was_paid_up = _payments(known, before, after)
    holds = [
        (CORRECTED, (came | went) & is_unsure),
        (LISTED, came),
        (UNLISTED, went),
        (MOVED, stays & _moved(known)),
        (STAYED, stays & _is_in_place(known)),
        (CORRECTED, stays | was_dead),
        (DIED, is_dead),
        (AGED, is_age & known["has_reached_age_limit"]),
        (ENROLLED, ~was.isin([ACTIVE, LAPSED]) & now.isin([ACTIVE, LAPSED]) & _has_joined(known, before, after)),
        (RETURNED, (was.eq(LAPSED) | was_age) & now.eq(ACTIVE) & is_later),
        (LAPSED, was.eq(ACTIVE) & (now.eq(LAPSED) | is_age) & is_no_earlier & was_paid_up),
        (CAME_OF_AGE, was_age & now.ne(ACTIVE) & known["has_reached_youngest"]),
    ]
    flags = [flag.to_numpy(dtype=bool) for _, flag in holds]
    told: npt.NDArray[np.object_] = np.select(flags, [kind for kind, _ in holds], CORRECTED).astype(object)
    return told


def _payments(known: pd.DataFrame, before: Month, after: Month) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Whether the last month lies later than it did, no earlier, and whether it did count by the limit of today.

    Without any months in either edition nothing speaks against what the text of the status says.
    """
    if not (_has_months(before) or _has_months(after)):
        told = pd.Series(True, index=known.index)
        return told, told, told
    was, now = known["paid_before"], known["paid_after"]
    return now > was, now >= was, was >= before.month - after.limits.lapse_months


def _has_joined(known: pd.DataFrame, before: Month, after: Month) -> pd.Series:
    """Whether every participation of his began after the edition before, and none is to come."""
    days = [pd.Timestamp(month.reference_date) for month in (before, after)]
    has_joined: pd.Series = (known["member_after"] > days[0]) & (known["member_after"] <= days[1])
    return has_joined


def _moved(known: pd.DataFrame) -> pd.Series:
    """Whether kecamatan or kelurahan is known in both editions and another now."""
    has_moved = pd.Series(False, index=known.index)
    for name in AREA:
        was, now = known[f"{name}_before"], known[f"{name}_after"]
        has_moved |= (was.notna() & now.notna() & (was.fillna("") != now.fillna(""))).astype(bool)
    return has_moved


def _is_in_place(known: pd.DataFrame) -> pd.Series:
    """Whether his place is the same, known or not."""
    was, now = (known[[f"{name}_{side}" for name in AREA]].fillna("").to_numpy() for side in SIDES)
    return pd.Series((was == now).all(axis=1), index=known.index)


# levels -----------------------------------------------------------------------------------------------------------


def moves(flows: pd.DataFrame) -> pd.DataFrame:
    """Every step into or out of a status in the city and in a kecamatan: area_code, level, status, kind, direction.

    Who keeps status and area makes no step there; who keeps the status and changes the kecamatan makes one out of the
    first and one into the second, and none in the city.
    """
    told = []
    for level, area in (("city", _in_city), ("kecamatan", _in_kecamatan)):
        areas = {side: area(flows, side) for side in SIDES}
        is_step = flows["status_before"].ne(flows["status_after"]) | areas["before"].fillna("").ne(
            areas["after"].fillna("")
        )
        for side, direction in zip(SIDES, (OUT, IN), strict=True):
            own = is_step & areas[side].notna()
            table = flows.loc[own, ["kind"]].assign(
                area_code=areas[side][own], level=level, status=flows.loc[own, f"status_{side}"], direction=direction
            )
            told.append(table[MOVE])
    return pd.concat(told, ignore_index=True)


def _in_city(flows: pd.DataFrame, side: str) -> pd.Series:
    listed = flows[f"status_{side}"].ne(ABSENT)
    return pd.Series(CITY, index=flows.index, dtype="str").where(listed)


def _in_kecamatan(flows: pd.DataFrame, side: str) -> pd.Series:
    return flows[f"kecamatan_code_{side}"]


def levels(owners: pd.DataFrame) -> pd.Series:
    """Owners by area (the city, each kecamatan that has any) and status: index area_code, status."""
    city = owners.assign(area_code=CITY)
    kecamatan = owners.dropna(subset=["kecamatan_code"]).assign(area_code=owners["kecamatan_code"])
    both = pd.concat([city[["area_code", "status"]], kecamatan[["area_code", "status"]]], ignore_index=True)
    return both.groupby(["area_code", "status"]).size()


def refuse_unbalanced(flows: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> None:
    """Levels before, plus steps in, less steps out, are the levels after; and every owner stands in FLOWS once.

    `before` and `after`: OWNERS of the two editions. Looked at exactly, for every status of the city and of each
    kecamatan. Raises ContractError with the number of levels and owners that do not fit.
    """
    faults = []
    lost = sum(_lost(flows[name], owners) for name, owners in ((BEFORE, before), (AFTER, after)))
    if lost:
        faults.append(Fault(N_("{n} owners do not stand in the flows exactly once"), values={"n": lost}))
    steps = moves(flows)
    came, went = (steps[steps["direction"] == way].groupby(["area_code", "status"]).size() for way in (IN, OUT))
    rest = pd.concat([levels(before), came, -went, -levels(after)]).groupby(["area_code", "status"]).sum()
    if wrong := int((rest != 0).sum()):
        faults.append(Fault(N_("{n} levels are not those before with what came and went"), values={"n": wrong}))
    if faults:
        raise ContractError(FLOWS.name, faults, N_("Report this: no owner may be lost."))


def _lost(ids: pd.Series, owners: pd.DataFrame) -> int:
    """How many owners stand in `ids` never or more than once, or stand there only."""
    times = ids.dropna().value_counts()
    wanted = pd.Series(1, index=pd.Index(owners["owner_id"]))
    return int((times.sub(wanted, fill_value=0) != 0).sum())
