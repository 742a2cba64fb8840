"""The only place for the truth about an invented edition: data/truth/<edition>/, which the pipeline never reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.contracts.registers import JAMSOSTEK, RENTAN, UMKM
from analysis.synthetic import expected
from analysis.synthetic.chance import Cells
from analysis.synthetic.participation import LAPSE_MONTHS, month_of
from analysis.synthetic.population import Population
from analysis.synthetic.registers import Register

ROWS = {UMKM: "umkm_rows.csv", JAMSOSTEK: "participant_rows.csv", RENTAN: "vulnerable_rows.csv"}
ACTIVE, LAPSED, UNREGISTERED, NOT_ELIGIBLE = "active", "lapsed", "unregistered", "not_eligible"


def owners(of: Population, places: pd.DataFrame) -> pd.DataFrame:
    """One row an owner: person_id, status, is_enrolled, sex, area codes, sector, scale, businesses_n.

    Status as contracts.md section 2 defines it, with true values. Area, sector and scale are those of the business
    in the owner's first row by key. `places` has source_sheet and source_row of each UMKM row.
    """
    rows = of.umkm.assign(**places)
    first = rows.sort_values(["source_sheet", "source_row"]).drop_duplicates("person").set_index("person")
    first = first.loc[of.owner]
    people = of.people.iloc[of.owner]
    areas = of.city.kelurahan.iloc[first["area"]]
    return pd.DataFrame({
        "person_id": people["person_id"].to_numpy(),
        "status": statuses(of).to_numpy(),
        "is_enrolled": np.isin(of.owner, of.participants["person"]),
        "sex": people["sex"].to_numpy(),
        "kecamatan_code": areas["kecamatan_code"].to_numpy(),
        "kelurahan_code": areas["code"].to_numpy(),
        "sector": first["sector"].to_numpy(),
        "scale": first["scale"].to_numpy(),
        "businesses_n": rows.groupby("person")["business_id"].nunique().loc[of.owner].to_numpy(),
    })  # fmt: skip


def statuses(of: Population) -> pd.Series:
    """Status of each owner (index: place in `people`) at the reference date.

    The first that holds: dead, or of another age and not active; active; lapsed; unregistered.
    """
    members = of.participants.groupby("person")["last_month"].max().reindex(of.owner)
    born = of.people["birth_date"].iloc[of.owner].dt
    day = born.year * 10_000 + born.month * 100 + born.day
    limit = of.until.month * 100 + of.until.day
    young, old = ((of.until.year - age) * 10_000 + limit for age in (expected.YOUNGEST, expected.AGE_LIMIT))
    other_age = ((day > young) | (day <= old)).to_numpy()
    is_active = (members >= month_of(of.until) - LAPSE_MONTHS).to_numpy()
    told = np.select([are_dead(of, of.owner) | (other_age & ~is_active), is_active, members.notna().to_numpy()],
                     [NOT_ELIGIBLE, ACTIVE, LAPSED], UNREGISTERED)  # fmt: skip
    return pd.Series(told, of.owner)


def are_dead(of: Population, person: Cells) -> Cells:
    """Which of these people (places in `people`) are recorded dead."""
    members = of.participants
    return np.isin(person, members.loc[members["status"] == "deceased", "person"])


def write(folder: Path, of: Population, registers: Mapping[str, Register], places: Mapping[str, pd.DataFrame],
          manifest: Mapping[str, object], more: Mapping[str, pd.DataFrame]) -> dict[str, int]:  # fmt: skip
    """Write the truth, and `more` tables by file name, into `folder`; returns how many owners have each status."""
    ids = of.people["person_id"].to_numpy()
    needed = np.unique(np.concatenate([one.means["person"].to_numpy() for one in registers.values()]))
    columns = ["person_id", "name", "nik", "birth_date", "sex", "kecamatan_code", "kelurahan_code", "household_id"]
    _csv(folder / "persons.csv", of.people.loc[needed, columns])
    for name, register in registers.items():
        table = places[name].assign(person_id=ids[register.means["person"]])
        if name == UMKM:
            table["business_id"] = of.umkm["business_id"].to_numpy()
        _csv(folder / ROWS[name], table)
    listed = owners(of, places[UMKM])
    _csv(folder / "owners.csv", listed)
    _csv(folder / "damage.csv", pd.concat([_damage(one, places[name], of) for name, one in registers.items()]))
    for name, table in more.items():
        _csv(folder / name, table)
    counts = {str(status): int(n) for status, n in listed["status"].value_counts().sort_index().items()}
    text = json.dumps({**manifest, "owners": counts}, indent=1, sort_keys=True)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return counts


def _damage(register: Register, places: pd.DataFrame, of: Population) -> pd.DataFrame:
    told = expected.damage(register, of.until)
    where = places.iloc[told.pop("row")].reset_index(drop=True)
    told.insert(0, "register", register.name)
    told.insert(1, "source_sheet", where["source_sheet"])
    told.insert(2, "source_row", where["source_row"])
    return told


def _csv(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False, lineterminator="\n", date_format="%Y-%m-%d")
