"""The only place for who owns a business, which one, and in which rows of the UMKM register it stands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.synthetic import words
from analysis.synthetic.chance import Cells, pick, stream
from analysis.synthetic.words import City

SECOND_BUSINESS, THIRD_BUSINESS = 0.062, 0.006
"""Share of owners with a second and a third business."""
TWICE = 0.041
"""Share of businesses that stand twice in the register; one in eight of these is even there a third time."""
ELSEWHERE = 0.07
"""Share of businesses in another kelurahan than the owner's home."""
OLD, YOUNG, UNDER_AGE = 0.055, 0.35, 0.012
"""How often someone over 65, of 17 to 24, or under 17 owns a business, compared with the others."""
MICRO_UNTIL, SMALL_UNTIL = 2_000_000_000, 15_000_000_000
"""Yearly revenue in rupiah up to which a business is micro, small. Source: PP 7/2021 art. 35."""


def owners(seed: int, people: pd.DataFrame, n: int) -> Cells:
    """Index in `people` of `n` owners: mostly adults under 65, heads more often than children; in order of index."""
    rng = stream(seed, "owners")
    age = (np.datetime64("2026-10-31") - people["birth_date"].to_numpy()).astype("timedelta64[D]").astype(int) / 365.25
    by_age = np.select([age < 17, age < 25, age >= 65], [UNDER_AGE, YOUNG, OLD * 4], 1.0)
    by_role = people["role"].map({"head": 1.0, "spouse": 0.9, "child": 0.5, "other": 0.5}).to_numpy()
    weight = by_age * by_role
    chosen = rng.choice(len(people), size=min(n, len(people)), replace=False, p=weight / weight.sum())
    return np.sort(chosen)


def register(seed: int, people: pd.DataFrame, city: City, owner: Cells) -> pd.DataFrame:
    """The rows of the UMKM register as they would be without any fault, in the order in which they are written.

    Columns: person (index in `people`), business_id, kind, business_name, sector, sector_as_told, kbli, nib, area
    (row of `city.kelurahan`), street, house_n, rt_rw, revenue_idr, scale, workers_n, census_date (datetime64[s]).
    """
    rng = stream(seed, "businesses")
    count = 1 + (rng.random(len(owner)) < SECOND_BUSINESS) + (rng.random(len(owner)) < THIRD_BUSINESS)
    person = np.repeat(owner, count)
    table = pd.concat([_what(rng, people, person), _where(rng, people, city, person)], axis="columns")
    table.insert(0, "business_id", np.char.add("B", np.char.mod("%06d", np.arange(1, len(table) + 1))))
    table.insert(0, "person", person)
    return _rows(stream(seed, "umkm rows"), table)


def in_place(rng: np.random.Generator, rows: pd.DataFrame, people: pd.DataFrame, place: Cells, owner: Cells
             ) -> pd.DataFrame:  # fmt: skip
    """`rows` of the register, where at each `place` stands the business of another `owner`, at his home."""
    home = people.iloc[owner]
    number = 1 + rows["business_id"].nunique() + np.arange(len(owner))
    others = _what(rng, people, owner).assign(
        person=owner, business_id=np.char.add("B", np.char.mod("%06d", number)),
        **{name: home[name].to_numpy() for name in ("area", "street", "house_n", "rt_rw")},
    )  # fmt: skip
    table = rows.copy()
    for column in table:
        table[column] = _with(table[column], place, others[column])
    return table


def _with(column: pd.Series, place: Cells, values: pd.Series) -> pd.Series:
    """The column with other values in some places; its type stays."""
    cells = column.to_numpy(copy=True)
    cells[place] = values.to_numpy()
    return pd.Series(cells, column.index, column.dtype)


def _what(rng: np.random.Generator, people: pd.DataFrame, person: np.ndarray) -> pd.DataFrame:
    """Kind, name, size and numbers of each business."""
    n = len(person)
    kinds = words.read("businesses")
    drawn = kinds.iloc[pick(rng, np.arange(len(kinds)), kinds["weight"].to_numpy(), n).astype(np.int64)]
    told = [texts.split("|") for texts in drawn["written"]]
    first = people["name"].to_numpy(dtype=object)[person]
    called = pick(rng, ["{}", "{}", "BERKAH", "{} JAYA", "SUMBER REJEKI", "MUTIARA", "{}"], None, n)
    revenue = np.exp(rng.normal(np.log(90e6), 1.15, n)).clip(6e6, 3e10)
    revenue = np.round(revenue / 5e5).astype(np.int64) * 500_000
    scale = np.select([revenue <= MICRO_UNTIL, revenue <= SMALL_UNTIL], ["micro", "small"], "medium")
    return pd.DataFrame({
        "kind": drawn["kind"].to_numpy(),
        "business_name": [
            f"{kind} {name.format(person.split()[-1] if len(person.split()[0]) < 3 else person.split()[0])}"
            for kind, name, person in zip(drawn["kind"], called, first, strict=True)
        ],
        "sector": drawn["sector"].to_numpy(),
        "sector_as_told": [texts[at % len(texts)] for texts, at in zip(told, rng.integers(0, 60, n), strict=True)],
        "kbli": drawn["kbli"].to_numpy(),
        "nib": np.where(rng.random(n) < 0.38, np.char.mod("%013d", rng.integers(10**11, 25 * 10**11, n)), ""),
        "revenue_idr": revenue,
        "scale": scale,
        "workers_n": np.minimum(rng.geometric(0.45, n), 19) + np.where(scale == "micro", 0, 6),
        "census_date": (np.datetime64("2026-02-02") + rng.integers(0, 240, n)).astype("datetime64[s]"),
    })  # fmt: skip


def _where(rng: np.random.Generator, people: pd.DataFrame, city: City, person: np.ndarray) -> pd.DataFrame:
    """At the owner's home, or somewhere else in the city."""
    n = len(person)
    home = people.iloc[person]
    away = rng.random(n) < ELSEWHERE
    other = pick(rng, np.arange(len(city.kelurahan)), city.kelurahan["share"].to_numpy(), n).astype(np.int64)
    streets = words.read("streets")["street"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "area": np.where(away, other, home["area"].to_numpy()),
            "street": np.where(away, streets[rng.integers(0, len(streets), n)], home["street"].to_numpy(dtype=object)),
            "house_n": np.where(away, rng.integers(1, 160, n), home["house_n"].to_numpy()),
            "rt_rw": home["rt_rw"].to_numpy(dtype=object),
        }
    )


def _rows(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Some businesses twice, all in blocks of their kelurahan, households near each other."""
    times = 1 + (rng.random(len(table)) < TWICE) * (1 + (rng.random(len(table)) < 1 / 8))
    rows = table.loc[table.index.repeat(times)].reset_index(drop=True)
    walked = rows["house_n"] + rng.normal(0, 2, len(rows)) + np.where(rows.duplicated("business_id"), 40, 0)
    return rows.iloc[np.lexsort((walked, rows["street"], rows["area"]))].reset_index(drop=True)
