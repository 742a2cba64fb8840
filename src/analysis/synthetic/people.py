"""The only place for the invented people of Palu: households, names, birth dates, NIK, address and phone.

One row a person of 15 years or more. The people do not depend on an edition's reference date, so that another month
can be told about the same people. Source of the NIK's form: PP 37/2007 art. 37.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.synthetic import names, words
from analysis.synthetic.chance import Cells, pick, stream
from analysis.synthetic.words import City

BORN_UNTIL = np.datetime64("2026-10-31", "D")
"""The day to which the ages of the households refer."""
CARDS_FROM = np.datetime64("2010-01-01", "D")
"""First issue of the family cards: a card's number then reads as the NIK of somebody under 17."""
ORIGINS = {"kaili": 36, "bugis": 20, "muslim": 16, "javanese": 12, "christian": 10, "balinese": 3, "chinese": 3}
FIRST_REGISTERED = {
    "kaili": {"palu": 70, "kin": 25, "far": 5},
    "muslim": {"palu": 62, "kin": 20, "far": 10, "bugis": 8},
    "bugis": {"palu": 55, "kin": 13, "bugis": 27, "far": 5},
    "javanese": {"palu": 52, "kin": 16, "java": 32},
    "christian": {"palu": 48, "kin": 17, "north": 15, "toraja": 15, "far": 5},
    "balinese": {"palu": 40, "kin": 40, "bali": 20},
    "chinese": {"palu": 75, "bugis": 15, "north": 10},
}
"""Where a person's NIK was first given, by origin: group of lists/nik_prefixes.csv and weight."""
WRONG_IN_NIK = 0.01
"""Share of the people whose NIK carries another day than that of their birth."""


def invent(seed: int, city: City, households_n: int) -> pd.DataFrame:
    """The people, household by household.

    Columns: person_id, household_id (text), household (number), role (head, spouse, child, other), sex, birth_date
    (datetime64[s]), origin, name, nik, kk (number of the family card), area (row of `city.kelurahan`),
    kelurahan_code, kecamatan_code, street, house_n, rt_rw, birth_place, phone ('' = none).
    """
    table = _members(stream(seed, "households"), households_n)
    homes = _homes(stream(seed, "homes"), city, households_n)
    table = table.merge(homes, left_on="household", right_index=True, how="left", validate="many_to_one")
    table["origin"] = _origins(stream(seed, "origins"), table["household"].to_numpy(), table["role"].to_numpy())
    table["birth_date"] = _birth_dates(stream(seed, "births"), table.pop("age").to_numpy())
    table["name"] = _names(stream(seed, "names"), table)
    table["nik"], table["birth_place"] = _niks(stream(seed, "niks"), table, city)
    table["phone"] = _phones(stream(seed, "phones"), table)
    ids = np.char.mod("%07d", np.arange(1, len(table) + 1))
    return table.assign(person_id=np.char.add("P", ids), household_id="H" + table["household"].astype(str).str.zfill(6))


def _members(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """household, role, sex and age (years, with a fraction) of everyone of 15 or more, in the order of households."""
    head = _within(rng, rng.normal(45, 13, n), 20, 89)
    is_man = rng.random(n) < 0.84
    has_spouse = rng.random(n) < np.where(is_man, 0.86, 0.12)
    spouse = _within(rng, head + np.where(is_man, -3.5, 3.5) + rng.normal(0, 4, n), 18, 90)
    mother = np.where(is_man & has_spouse, spouse, head)
    parts = [
        pd.DataFrame({"household": np.arange(n), "role": "head", "is_man": is_man, "age": head}),
        pd.DataFrame({"household": np.arange(n), "role": "spouse", "is_man": ~is_man, "age": spouse})[has_spouse],
    ]
    for _ in range(4):
        child, has_child = mother - rng.uniform(18, 38, n), rng.random(n) < 0.6
        sons = rng.random(n) < 0.51
        children = pd.DataFrame({"household": np.arange(n), "role": "child", "is_man": sons, "age": child})
        parts.append(children[has_child & (child >= 15)])
    kin = _within(rng, head + np.where(rng.random(n) < 0.4, 27, 0) + rng.normal(0, 6, n), 16, 94)
    others = pd.DataFrame({"household": np.arange(n), "role": "other", "is_man": rng.random(n) < 0.45, "age": kin})
    parts.append(others[rng.random(n) < 0.16])
    table = pd.concat(parts, ignore_index=True).sort_values("household", kind="stable", ignore_index=True)
    table["sex"] = np.where(table.pop("is_man"), "male", "female")
    return table


def _within(rng: np.random.Generator, age: Cells, low: int, high: int) -> Cells:
    """Ages outside the bounds drawn anew near them, so that no day of birth is heaped."""
    spread = 6 * rng.random(len(age))
    return np.select([age < low, age > high], [low + spread, high - spread], age)


def _homes(rng: np.random.Generator, city: City, n: int) -> pd.DataFrame:
    """Address and family card of each household."""
    area = pick(rng, np.arange(len(city.kelurahan)), city.kelurahan["share"].to_numpy(), n).astype(np.int64)
    streets = words.read("streets")["street"].to_numpy(dtype=object)
    of_area = rng.integers(0, len(streets), (len(city.kelurahan), 9))
    codes = city.kelurahan.iloc[area]
    issued = CARDS_FROM + rng.integers(0, 5400, n)
    prefix = codes["kecamatan_code"].str.replace(".", "", regex=False).to_numpy(dtype=object)
    return pd.DataFrame({
        "area": area,
        "kelurahan_code": codes["code"].to_numpy(),
        "kecamatan_code": codes["kecamatan_code"].to_numpy(),
        "street": streets[of_area[area, rng.integers(0, 9, n)]],
        "house_n": rng.integers(1, 160, n),
        "rt_rw": [f"{rt:03d}/{rw:03d}" for rt, rw in zip(rng.integers(1, 7, n), rng.integers(1, 10, n), strict=True)],
        "kk": prefix + pd.Series(issued).dt.strftime("%d%m%y").to_numpy(dtype=object)
              + np.char.mod("%04d", rng.integers(1, 40, n)).astype(object),
    })  # fmt: skip


def _origins(rng: np.random.Generator, household: Cells, role: Cells) -> Cells:
    """The household's origin; one spouse in four is of another, as are their own kin."""
    by_household = pick(rng, list(ORIGINS), list(ORIGINS.values()), int(household.max()) + 1)
    own = pick(rng, list(ORIGINS), list(ORIGINS.values()), len(household))
    return np.where((role == "spouse") & (rng.random(len(household)) < 0.25), own, by_household[household])


def _birth_dates(rng: np.random.Generator, age: Cells) -> Cells:
    """Days of birth; among the old some on 1 January, 1 July or 31 December: nobody knew the day."""
    days = BORN_UNTIL - (age * 365.25).astype(np.int64)
    known = pick(rng, ["", "-01-01", "-07-01", "-12-31"], [93, 2, 1.5, 3.5], len(age))
    years = days.astype("datetime64[Y]").astype(str).astype(object)
    heaped = (known != "") & (age > 40)
    days[heaped] = (years + known)[heaped].astype("datetime64[D]")
    result: Cells = days.astype("datetime64[s]")
    return result


def _names(rng: np.random.Generator, table: pd.DataFrame) -> Cells:
    """Full names; one person in a hundred is called as someone of the same kelurahan and sex."""
    name = np.full(len(table), "", dtype=object)
    for origin in ORIGINS:
        for sex in ("male", "female"):
            rows = np.flatnonzero((table["origin"] == origin) & (table["sex"] == sex))
            name[rows] = names.full(rng, origin, sex, len(rows))
    area, is_man = table["area"].to_numpy(), (table["sex"] == "male").to_numpy()
    for nth in range(2 * (int(area.max(initial=0)) + 1)):
        rows = np.flatnonzero((area == nth // 2) & (is_man == bool(nth % 2)))
        same = rows[rng.random(len(rows)) < 0.01]
        name[same] = name[rng.choice(rows, len(same))]
    return name


def _niks(rng: np.random.Generator, table: pd.DataFrame, city: City) -> tuple[Cells, Cells]:
    """NIK and place of birth. The serial counts those of the same district, day and sex."""
    n = len(table)
    prefixes = words.read("nik_prefixes")
    group = np.full(n, "", dtype=object)
    for origin, weights in FIRST_REGISTERED.items():
        rows = np.flatnonzero(table["origin"] == origin)
        group[rows] = pick(rng, list(weights), list(weights.values()), len(rows))
    prefix = np.full(n, "", dtype=object)
    for name, own in prefixes.groupby("group"):
        rows = np.flatnonzero(group == name)
        places = own["prefix"] + "/" + own["districts_n"]
        drawn = pick(rng, places.to_list(), own["weight"].to_list(), len(rows))
        parts = zip(drawn, rng.integers(0, 999, len(rows)), strict=True)
        prefix[rows] = [f"{place[:4]}{number % int(place[5:]) + 1:02d}" for place, number in parts]
    is_local = group == "palu"
    prefix[is_local] = _district_in_palu(rng, table, city)[is_local]
    day = _day_in_nik(rng, table)
    block = pd.factorize(prefix + day)[0]
    first = rng.geometric(0.75, int(block.max()) + 1)
    serial = first[block] + pd.Series(block).groupby(block).cumcount().to_numpy()
    return prefix + day + np.char.mod("%04d", serial).astype(object), _birth_places(rng, group)


def _district_in_palu(rng: np.random.Generator, table: pd.DataFrame, city: City) -> Cells:
    """Palu's own prefix: of the district of residence or, for three in four, of that before the split."""
    code = table["kecamatan_code"].to_numpy(dtype=object)
    before = city.kelurahan["old_kecamatan_code"].to_numpy(dtype=object)[table["area"].to_numpy()]
    code = np.where(rng.random(len(table)) < 0.75, before, code)
    moved = pick(rng, list(city.kecamatan), None, len(table))
    code = np.where(rng.random(len(table)) < 0.25, moved, code)
    return np.array([text.replace(".", "") for text in code], dtype=object)


def _day_in_nik(rng: np.random.Generator, table: pd.DataFrame) -> Cells:
    """DDMMYY, women's day plus 40; for a few another day than that of birth."""
    day = table["birth_date"].to_numpy().astype("datetime64[D]")
    off = rng.choice(np.array([-365, -30, -10, -1, 1, 10, 31, 365, 730]), len(table))
    day = day + np.where(rng.random(len(table)) < WRONG_IN_NIK, off, 0)
    told = pd.Series(day).dt
    number = told.day + np.where(table["sex"] == "female", 40, 0)
    parts = zip(number, told.month, told.year % 100, strict=True)
    return np.array([f"{d:02d}{m:02d}{y:02d}" for d, m, y in parts], dtype=object)


def _birth_places(rng: np.random.Generator, group: Cells) -> Cells:
    places = {
        "palu": ["Palu"],
        "kin": ["Donggala", "Palu", "Sigi", "Parigi", "Biromaru"],
        "far": ["Poso", "Luwuk", "Tolitoli"],
        "bugis": ["Makassar", "Bone", "Wajo", "Sidrap", "Majene"],
        "java": ["Surabaya", "Blitar", "Banyuwangi", "Jombang"],
        "bali": ["Singaraja", "Gianyar", "Karangasem"],
        "north": ["Manado", "Minahasa"],
        "toraja": ["Makale", "Rantepao"],
    }
    told = np.full(len(group), "", dtype=object)
    for name, values in places.items():
        rows = np.flatnonzero(group == name)
        told[rows] = pick(rng, values, None, len(rows))
    return told


def _phones(rng: np.random.Generator, table: pd.DataFrame) -> Cells:
    """08...: a number of one's own or, for a third, that of the household; '' for one in nine."""
    n, homes = len(table), int(table["household"].max()) + 1
    heads = pick(rng, ["0812", "0813", "0821", "0822", "0852", "0853", "0811", "0895", "0877"], None, n + homes)
    number = heads + np.char.mod("%08d", rng.integers(0, 10**8, n + homes)).astype(object)
    shared = rng.random(n) < 0.33
    phone = np.where(shared, number[n:][table["household"].to_numpy()], number[:n])
    return np.where(rng.random(n) < 0.11, "", phone)
