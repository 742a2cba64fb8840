"""The only place for the criteria by which owners are enrolled first: who holds which, and what each weighs.

Weights stand in priorities.csv, risk groups of sectors in hazard.csv. What is unknown may be anything: as a share it
is a range from its least to its most, never nought. What `cells` and `facts` give are true counts and persons: nothing
of it may be shown before `releasing.disclosure.release`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd

from analysis.cleaning import dates
from analysis.contracts import registers
from analysis.contracts.registers import JAMSOSTEK, KEY, SECTORS
from analysis.contracts.released import CITY, COUNTED, Dimension, Layout
from analysis.ranges import Range
from analysis.sources.published import Record

ALL = "all"
VULNERABLE, HAZARD, SUBSIDY = "vulnerable", "hazard", "lapsed_after_subsidy"
CRITERIA = (VULNERABLE, HAZARD, SUBSIDY)
LISTED, NOT_LISTED, UNKNOWN = "listed", "not_listed", "unknown"
FROM_APBD, NOT_FROM_APBD = "from_apbd", "not_from_apbd"
PARTS: Mapping[str, tuple[str, ...]] = {
    VULNERABLE: (LISTED, NOT_LISTED, UNKNOWN),
    SUBSIDY: (FROM_APBD, NOT_FROM_APBD, UNKNOWN),
}
"""How owners are divided by each criterion that is counted: whoever holds it, whoever does not, not known. Owners to
enrol by the list; of them the lapsed by who paid last. The unregistered stand in gap.csv: no count is rounded twice."""
HOLDS = {VULNERABLE: LISTED, SUBSIDY: FROM_APBD}
TO_ENROL = (registers.UNREGISTERED, registers.LAPSED)
"""Statuses of the owners to enrol; who is unresolved is not among them."""
TOP = 5
"""The highest risk group (PP 44/2015, Lampiran I)."""
POINTS = 1_000
ANYTHING = Range(Fraction(0), Fraction(1))


@cache
def layout() -> Layout:
    """What may stand in released/enrolment.csv: owners to enrol, all and by sector, of the city and the kecamatan."""
    return Layout("enrolment", "owners", {name: Dimension((ALL, *SECTORS), parts) for name, parts in PARTS.items()})


# true counts --------------------------------------------------------------------------------------------------------


def cells(owners: pd.DataFrame, payers: pd.Series, regions: pd.DataFrame, *, has_list: bool) -> pd.DataFrame:
    """True counts of owners to enrol by criterion: columns of contracts.released.COUNTED.

    `owners`: contract OWNERS; `payers`: as `last_payers` gives them; `regions`: `id` and `level` of regions.csv;
    `has_list`: whether a list of vulnerable workers was delivered, without which nobody can be told not to be in it.
    """
    told = facts(owners, payers, has_list=has_list)
    areas = sorted(regions.loc[regions["level"] == "kecamatan", "id"])
    places = [("city", CITY, told)]
    places += [("kecamatan", area, told[told["kecamatan_code"].eq(area).fillna(False)]) for area in areas]
    found = [
        {"area_code": area, "level": level, "dimension": name, "category": category, "measure": part, "value": int(n)}
        for level, area, own in places for category in (ALL, *SECTORS) for name, parts in PARTS.items()
        for part, n in _divided(own if category == ALL else own[own["sector"] == category], name, parts)
    ]  # fmt: skip
    return pd.DataFrame(found)[list(COUNTED)]


def _divided(own: pd.DataFrame, name: str, parts: Sequence[str]) -> Iterator[tuple[str, int]]:
    counts = own[name].value_counts()
    yield from ((part, int(counts.get(part, 0))) for part in parts)


def facts(owners: pd.DataFrame, payers: pd.Series, *, has_list: bool) -> pd.DataFrame:
    """The owners to enrol in the order of their ids, with the part of each counted criterion: columns of PARTS.

    Who was never enrolled has `unregistered` instead of a payer.
    """
    own = owners[owners["status"].isin(TO_ENROL)].sort_values("owner_id", ignore_index=True)
    listed = np.where(own["is_vulnerable"], LISTED, NOT_LISTED if has_list else UNKNOWN)
    paid = own["person"].map(payers).fillna(UNKNOWN)
    paid = paid.where(own["status"] == registers.LAPSED, registers.UNREGISTERED)
    return own.assign(**{VULNERABLE: pd.Series(listed, index=own.index, dtype="str"), SUBSIDY: paid})


def last_payers(participants: pd.DataFrame, persons: pd.DataFrame) -> pd.Series:
    """Who paid the last participation of each participant (index `person`): from_apbd, not_from_apbd or unknown.

    The last one has the latest contribution month, of equal or no months the latest member date. Where several are
    the last, one paid from the APBD decides; else one whose payer is unknown.
    """
    own = persons.loc[persons["register"] == JAMSOSTEK, [*KEY, "person"]]
    rows = participants.merge(own, on=list(KEY), validate="one_to_one")
    for when in (dates.counted(rows["last_contribution_month"]), pd.to_datetime(rows["member_date"])):
        when = when.loc[rows.index]
        latest = when.groupby(rows["person"]).transform("max")
        rows = rows[when.eq(latest) | latest.isna()]
    funding = rows["funding"].map({registers.APBD: FROM_APBD, "unknown": UNKNOWN}).fillna(NOT_FROM_APBD)
    order = funding.map({FROM_APBD: 0, UNKNOWN: 1, NOT_FROM_APBD: 2})
    first = rows.assign(payer=funding, order=order).sort_values(["person", "order"]).drop_duplicates("person")
    payers: pd.Series = first.set_index("person")["payer"].astype("str")
    return payers


# criteria as ranges -------------------------------------------------------------------------------------------------


def weights(record: Record) -> pd.DataFrame:
    """The criteria and weights of priorities.csv, with `refs`."""
    return record.priorities.rename(columns={"ref": "refs"}).drop(columns="row_n").reset_index(drop=True)


def hazard(record: Record) -> pd.DataFrame:
    """The risk groups of hazard.csv that may be used, with `refs`; NA: unknown."""
    rows = record.hazard[record.hazard["status"] != "superseded"]
    return rows.rename(columns={"ref": "refs"}).drop(columns=["row_n", "status"]).reset_index(drop=True)


def classes(hazard: pd.DataFrame) -> dict[str, Range]:
    """The risk of each sector as a share of the highest group; a sector that is unknown may be in any group."""
    told = {
        sector: Range(Fraction(int(low), TOP), Fraction(int(high), TOP))
        for sector, low, high in hazard[["sector", "class_low", "class_high"]].itertuples(index=False, name=None)
        if not (pd.isna(low) or pd.isna(high))
    }
    return {sector: told.get(sector, Range(Fraction(1, TOP), Fraction(1))) for sector in SECTORS}


def weighted(parts: Mapping[str, Range], weights: pd.DataFrame) -> dict[str, Range]:
    """Each criterion's part of the score, in points: its share times its share of all weights."""
    by = dict(zip(weights["criterion"], map(int, weights["weight"]), strict=True))
    return {name: parts[name] * Fraction(by[name] * POINTS, sum(by.values())) for name in CRITERIA}


def total(parts: Mapping[str, Range]) -> Range:
    """The score: its parts added up."""
    return sum((parts[name] for name in CRITERIA), Range.exact(0))
