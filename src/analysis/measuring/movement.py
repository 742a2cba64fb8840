"""The only place for how changes between two editions are counted for release: steps of owners, and data findings.

Each step counts where it leaves a status (`<kind>_out`) and where it enters one (`<kind>_in`); only steps that
`measuring.change` can make of that status have a cell. What comes out are true counts: nothing of it may be shown
before `releasing.disclosure.release`.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from analysis.cleaning import rules
from analysis.contracts.registers import (
    ABSENT,
    ACTIVE,
    AGED,
    CAME_OF_AGE,
    CORRECTED,
    COVERAGE,
    DIED,
    ENROLLED,
    FIXERS,
    LAPSED,
    LISTED,
    MOVED,
    NOT_ELIGIBLE,
    RETURNED,
    UNLISTED,
    UNREGISTERED,
    UNRESOLVED,
)
from analysis.contracts.released import CITY, COUNTED, Dimension, Layout
from analysis.measuring import change

ALL, LEVELS = "all", ("city", "kecamatan")
OPEN, RESOLVED, NEW = "open", "resolved", "new"
ENTERED = {
    ACTIVE: (LISTED, MOVED, ENROLLED, RETURNED, CORRECTED),
    LAPSED: (LISTED, MOVED, ENROLLED, LAPSED, CAME_OF_AGE, CORRECTED),
    UNREGISTERED: (LISTED, MOVED, CAME_OF_AGE, CORRECTED),
    NOT_ELIGIBLE: (LISTED, MOVED, DIED, AGED, LAPSED, CORRECTED),
    UNRESOLVED: (LISTED, MOVED, CAME_OF_AGE, CORRECTED),
}
"""The kinds of steps by which a status can be entered."""
LEFT = {
    ACTIVE: (UNLISTED, MOVED, DIED, AGED, LAPSED, CORRECTED),
    LAPSED: (UNLISTED, MOVED, DIED, AGED, RETURNED, CORRECTED),
    UNREGISTERED: (UNLISTED, MOVED, DIED, AGED, ENROLLED, CORRECTED),
    NOT_ELIGIBLE: (UNLISTED, MOVED, ENROLLED, RETURNED, CAME_OF_AGE, CORRECTED),
    UNRESOLVED: (UNLISTED, MOVED, DIED, AGED, ENROLLED, CORRECTED),
}
"""The kinds of steps by which a status can be left."""


def entering(status: str, level: str = "kecamatan") -> tuple[str, ...]:
    """The measures that raise the level of a status; in the city nobody moves."""
    return tuple(f"{kind}_{change.IN}" for kind in ENTERED[status] if kind != MOVED or level != "city")


def leaving(status: str, level: str = "kecamatan") -> tuple[str, ...]:
    """The measures that lower it."""
    return tuple(f"{kind}_{change.OUT}" for kind in LEFT[status] if kind != MOVED or level != "city")


@cache
def layout() -> Layout:
    """What may stand in released/change.csv: of each status the steps into it and out of it."""
    known = {status: Dimension((ALL,), (*entering(status), *leaving(status)), LEVELS) for status in COVERAGE}
    return Layout("change", "moves", known)


@cache
def findings_layout() -> Layout:
    """What may stand in released/findings_change.csv: findings by who can put them right."""
    parts = (OPEN, RESOLVED, NEW)
    return Layout("findings_change", "findings", {fixer: Dimension((ALL,), parts, LEVELS) for fixer in FIXERS})


def cells(flows: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """True counts of steps by status and kind: columns of contracts.released.COUNTED, every cell of every area.

    `flows` as the contract FLOWS has them; `regions`: `id` and `level` of regions.csv.
    """
    steps = change.moves(flows).rename(columns={"status": "dimension"})
    steps = steps[steps["dimension"] != ABSENT]
    return _counted(steps.assign(measure=steps["kind"] + "_" + steps["direction"]), layout(), regions)


def findings_cells(before: pd.DataFrame, after: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """True counts of findings open (in both editions), resolved (in the first only) and new (in the second only).

    `before` and `after`: the findings of each edition as the contract FINDINGS has them, one row for each finding_id,
    which names the same finding in every edition; give those of registers that both editions had. Facts, which ask
    nobody for anything, are left out. A finding counts where and with whom it stands last; so one whose place was
    corrected counts as open in the new place.
    """
    faults = [table[table["severity"] != rules.FACT].drop_duplicates("finding_id") for table in (before, after)]
    was, now = (table["finding_id"] for table in faults)
    told = pd.concat([
        faults[1].assign(measure=now.isin(was).map({True: OPEN, False: NEW})),
        faults[0][~was.isin(now)].assign(measure=RESOLVED),
    ], ignore_index=True).rename(columns={"fixer": "dimension"})  # fmt: skip
    kecamatan = told.dropna(subset=["kecamatan_code"])
    both = [told.assign(area_code=CITY), kecamatan.assign(area_code=kecamatan["kecamatan_code"])]
    return _counted(pd.concat(both, ignore_index=True), findings_layout(), regions)


def _counted(told: pd.DataFrame, form: Layout, regions: pd.DataFrame) -> pd.DataFrame:
    """How often each cell of the layout stands in `told` (area_code, dimension, measure).

    An area or step that the layout does not know is kept, so that the gate refuses the table.
    """
    areas = [CITY, *sorted(regions.loc[regions["level"] == "kecamatan", "id"])]
    known = [(area, name, part) for area in areas for name, one in form.dimensions.items() for part in one.parts]
    counts = told.groupby(["area_code", "dimension", "measure"]).size()
    every = pd.MultiIndex.from_tuples(known, names=counts.index.names)
    whole = counts.reindex(every.append(counts.index.difference(every)), fill_value=0)
    made = whole.rename("value").reset_index().assign(category=ALL, level=LEVELS[1])
    made["level"] = made["level"].mask(made["area_code"] == CITY, LEVELS[0])
    return made.astype({"value": "int64"})[list(COUNTED)]
