"""The only place that writes the three invented registers down: who writes, from what, and with which faults.

Beside each register stands what a careful reader would make of it (`means`), for the truth tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.contracts.registers import JAMSOSTEK, RENTAN, UMKM
from analysis.synthetic import written_dates, written_names, written_numbers, written_places, written_terms
from analysis.synthetic.chance import Cells, Clerks, carelessness
from analysis.synthetic.participation import FIRST_MONTH
from analysis.synthetic.population import Population
from analysis.synthetic.written_numbers import Numbers, Written

OFFICERS = {UMKM: 0.5, JAMSOSTEK: 0.6}
"""Share of kelurahan whose officer or agent puts his own number down for others."""
LOOKED_UP = 0.6
"""Of the people without a usable NIK in the list that is typed, those whose identity card is asked for."""


@dataclass(frozen=True)
class Register:
    """One written register: `cells` as written (our column names; text, int or date), one row a record.

    `damage` names for each cell what was done to it ('' = nothing). `means` has what a careful reader makes of the
    row: person (place in the people), and nik, nik_damage, born, birth_damage, sex, name, place_damage, phone and,
    where the register has them, business_id, kpj, segment, program, status, last_month, member_month.
    """

    name: str
    cells: pd.DataFrame
    damage: pd.DataFrame
    means: pd.DataFrame


@dataclass(frozen=True)
class Source:
    """What a clerk copies from, row by row: the person's papers, or another list."""

    numbers: Numbers
    name: Cells
    born: Cells
    phone: Cells
    area: Cells


def papers(of: Population, person: Cells, area: Cells) -> Source:
    """Source: the identity card and what the person says."""
    people = of.people
    column = {name: people[name].to_numpy(dtype=object)[person] for name in ("nik", "kk", "name", "phone")}
    relative = _relatives(people)[person]
    nothing = np.full(len(person), "", dtype=object)
    numbers = Numbers(column["nik"], nothing, column["kk"], relative)
    born = people["birth_date"].to_numpy()[person].astype("datetime64[D]")
    return Source(numbers, column["name"], born, column["phone"], area)


def _relatives(people: pd.DataFrame) -> Cells:
    """NIK of the spouse, else of the next person of the household ('' for those who live alone)."""
    nik, home = people["nik"].to_numpy(dtype=object), people["household"].to_numpy()
    before, after = np.roll(nik, 1), np.roll(nik, -1)
    has_after, has_before = home == np.roll(home, -1), home == np.roll(home, 1)
    is_second = (people["role"] == "spouse").to_numpy()
    relative: Cells = np.select([has_before & is_second, has_after, has_before], [before, after, before], "")
    return relative


def umkm(seed: int, of: Population, rates: Mapping[str, float], haste: float | Cells = 1.0) -> Register:
    """The UMKM register, filled by hand in each kelurahan. `haste` as in `chance.Clerks`, for this and the others."""
    true, people = of.umkm, of.people
    person, area = true["person"].to_numpy(), true["area"].to_numpy()
    care = carelessness(seed, UMKM, area, np.zeros(len(true), dtype=bool))
    clerks = Clerks(seed, UMKM, rates, care, haste)
    made = _identity(clerks, of, person, papers(of, person, area), area, "owner_name", is_spreadsheet=True)
    rng = clerks.rng("business")
    place = people["birth_place"].to_numpy(dtype=object)[person]
    made["cells"] |= {
        "business_name": np.where(rng.random(len(true)) < 0.04, "-", true["business_name"].to_numpy(dtype=object)),
        "nib": true["nib"].to_numpy(dtype=object),
        "birth_place": np.where(rng.random(len(true)) < 0.08, "", place),
        "address": written_places.addresses(clerks, true["street"].to_numpy(dtype=object), true["house_n"].to_numpy()),
        "rt_rw": np.where(rng.random(len(true)) < 0.15, "", true["rt_rw"].to_numpy(dtype=object)),
        "sector": np.where(rng.random(len(true)) < 0.06, "", true["sector_as_told"].to_numpy(dtype=object)),
        "kbli": np.where(rng.random(len(true)) < 0.45, true["kbli"].to_numpy(dtype=object), ""),
        "scale": written_terms.worded(clerks.rng("scale"), true["scale"].to_numpy(dtype=object), written_terms.SCALE),
        "revenue_idr": written_numbers.money(clerks.rng("revenue"), true["revenue_idr"].to_numpy()),
        "workers_n": true["workers_n"].to_numpy().astype(object),
        "census_date": written_dates.days(clerks.rng("census"), true["census_date"].to_numpy().astype("M8[D]"), True),
    }
    return _register(UMKM, made, {"business_id": true["business_id"].to_numpy(dtype=object)})


def jamsostek(seed: int, of: Population, rates: Mapping[str, float], list_: Register,
              haste: float | Cells = 1.0) -> Register:  # fmt: skip
    """The participant register: an export; partly typed from the UMKM register `list_`, whose errors it repeats."""
    true = of.participants
    person = true["person"].to_numpy()
    source, typed = _typed(seed, of, list_, papers(of, person, of.people["area"].to_numpy()[person]))
    is_careful = typed | (true["segment"] == "PU").to_numpy()
    clerks = Clerks(seed, JAMSOSTEK, rates, carelessness(seed, JAMSOSTEK, source.area, is_careful), haste)
    made = _identity(clerks, of, person, source, source.area, "name", is_spreadsheet=False)
    home = of.people.iloc[person]
    address = written_places.addresses(clerks, home["street"].to_numpy(dtype=object), home["house_n"].to_numpy())
    month = written_dates.months(clerks, true["last_month"].to_numpy())
    member_damage, member = _member_days(clerks, true)
    status = written_terms.statuses(clerks, true["status"].to_numpy(dtype=object))
    segment = true["segment"].to_numpy(dtype=object)
    made["cells"] |= {
        "kpj": true["kpj"].to_numpy(dtype=object),
        "address": np.char.upper(address.astype(str)).astype(object),
        "segment": written_terms.worded(clerks.rng("segment"), segment, written_terms.SEGMENT),
        "program": true["program"].to_numpy(dtype=object),
        "member_date": written_dates.days(clerks.rng("member_date"), member, False),
        "last_contribution_month": month.cells,
        "status": status.cells,
        "funding": written_terms.worded(clerks.rng("funding"), true["funding"].to_numpy(object), written_terms.FUNDING),
    }
    made["damage"] |= {
        "member_date": member_damage, "last_contribution_month": month.damage, "status": status.damage,
    }  # fmt: skip
    member_month = np.where(np.isnat(member), -1, member.astype("datetime64[M]").astype(np.int64) + FIRST_MONTH)
    return _register(JAMSOSTEK, made, {
        "kpj": made["cells"]["kpj"], "segment": segment, "program": made["cells"]["program"],
        "status": status.reads, "last_month": month.reads, "member_month": member_month,
    })  # fmt: skip


def pekerja_rentan(seed: int, of: Population, rates: Mapping[str, float], haste: float | Cells = 1.0) -> Register:
    """The list of vulnerable workers, put together from lists of the kelurahan."""
    person = of.vulnerable["person"].to_numpy()
    area = of.people["area"].to_numpy()[person]
    care = carelessness(seed, RENTAN, area, np.zeros(len(person), dtype=bool))
    clerks = Clerks(seed, RENTAN, rates, care, haste)
    made = _identity(clerks, of, person, papers(of, person, area), area, "name", is_spreadsheet=False)
    made["cells"]["group"] = of.vulnerable["group"].to_numpy(dtype=object)
    for table in ("cells", "damage"):
        for column in ("sex", "phone"):
            del made[table][column]
    return _register(RENTAN, made, {})


def _identity(clerks: Clerks, of: Population, person: Cells, source: Source, area: Cells, name_column: str,
              is_spreadsheet: bool) -> dict[str, dict[str, Cells]]:  # fmt: skip
    """The columns that all registers share: cells, damage and what they mean, by column."""
    people = of.people
    sex = people["sex"].to_numpy(dtype=object)[person]
    by_hand = clerks.register != JAMSOSTEK
    place = people["birth_place"].to_numpy(dtype=object)[person]
    columns: dict[str, Written] = {
        "nik": written_numbers.niks(clerks, source.numbers, is_spreadsheet),
        name_column: written_names.names(clerks, source.name, sex == "male", "name"),
        "birth_date": written_dates.births(clerks, source.born, place, area, by_hand, is_spreadsheet),
        "sex": written_terms.sexes(clerks, sex, written_terms.SEX_BY_HAND if by_hand else written_terms.SEX_BY_PROGRAM),
        "phone": written_numbers.phones(
            clerks,
            source.phone,
            written_places.shared_by(clerks.rng("officers"), area, OFFICERS.get(clerks.register, 0)),
        ),
    }
    places = written_places.places(clerks, of.city, area)
    cells = {name: column.cells for name, column in columns.items()}
    damage = {name: column.damage for name, column in columns.items()}
    is_of_kecamatan = np.isin(places.damage, ["kecamatan_missing", "place_old_kecamatan"])
    reads = {name: column.reads for name, column in columns.items()}
    return {
        "cells": cells | {"kelurahan": places.kelurahan, "kecamatan": places.kecamatan},
        "damage": damage | {
            "kelurahan": np.where(is_of_kecamatan, "", places.damage),
            "kecamatan": np.where(is_of_kecamatan, places.damage, ""),
        },
        "means": {
            "person": person, "nik": reads["nik"], "nik_damage": damage["nik"], "born": reads["birth_date"],
            "birth_damage": damage["birth_date"], "sex": reads["sex"], "name": reads[name_column],
            "birth_year": source.born.astype("datetime64[Y]").astype(np.int64) + 1970,
            "place_damage": places.damage, "phone": reads["phone"],
        },
    }  # fmt: skip


def _typed(seed: int, of: Population, list_: Register, source: Source) -> tuple[Source, Cells]:
    """The source of the participant rows, of some of them the UMKM register; and which (flags)."""
    first = list_.means.drop_duplicates("person").reset_index().set_index("person")["index"]
    at = of.participants["person"].map(first).to_numpy(dtype=float)
    typed = of.participants["is_typed"].to_numpy() & ~np.isnan(at)
    row = np.where(typed, np.nan_to_num(at), 0).astype(np.int64)
    means = list_.means.iloc[row]
    looks_up = Clerks(seed, "typing", {}, np.ones(len(row))).rng("nik").random(len(row)) < LOOKED_UP
    seen = Written(
        list_.cells["nik"].to_numpy()[row], means["nik_damage"].to_numpy(object), means["nik"].to_numpy(object)
    )
    nik, wrong = written_numbers.copied(seen, source.numbers.nik, looks_up)
    has_name = (means["name"] == "name").to_numpy()
    name = np.array([" ".join(text.upper().split()) for text in list_.cells["owner_name"]], dtype=object)[row]
    has_day = ~np.isnat(means["born"].to_numpy()) & (means["birth_damage"] != "birth_epoch").to_numpy()
    phone = np.array(["0" + text[2:] if text else "" for text in means["phone"]], dtype=object)
    day = means["born"].to_numpy().astype("datetime64[D]")
    return Source(
        replace(source.numbers, nik=np.where(typed, nik, source.numbers.nik), wrong=np.where(typed, wrong, "")),
        np.where(typed & has_name, name, source.name),
        np.where(typed & has_day, day, source.born),
        np.where(typed, phone, source.phone),
        np.where(typed, of.umkm["area"].to_numpy()[row], source.area),
    ), typed


def _member_days(clerks: Clerks, true: pd.DataFrame) -> tuple[Cells, Cells]:
    """Damage and day of membership: late ones lie after the last contribution, NaT = blank."""
    damage = clerks.damage("member_date", ("member_date_late", "member_date_missing"))
    later = (true["last_month"].to_numpy() - FIRST_MONTH + 3).astype("datetime64[M]").astype("datetime64[D]") + 4
    day = np.where(damage == "member_date_late", later, true["member_date"].to_numpy().astype("datetime64[D]"))
    day[damage == "member_date_missing"] = np.datetime64("NaT")
    return damage, day


def _register(name: str, made: Mapping[str, Mapping[str, Cells]], means: Mapping[str, Cells]) -> Register:
    return Register(name, pd.DataFrame(made["cells"], dtype=object), pd.DataFrame(made["damage"], dtype=object),
                    pd.DataFrame({**made["means"], **means}))  # fmt: skip
