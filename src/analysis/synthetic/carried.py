"""The only place that writes the registers of the month before: each cell as it stands in the later one, unless
something happened or was put right in between.

A list is carried on from month to month and not written anew. So what the clerks wrote (same draws, same rows) counts
only where the truth changed, where a cell was damaged that is sound later, and for owners who are listed no longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.contracts.registers import JAMSOSTEK, PERSON_NAME, RENTAN, UMKM
from analysis.synthetic import registers
from analysis.synthetic.chance import Cells, stream
from analysis.synthetic.earlier import Earlier
from analysis.synthetic.population import Population
from analysis.synthetic.registers import Register

IN_HASTE = {UMKM: 0.007, JAMSOSTEK: 0.01, RENTAN: 0.0075}
"""Share of the rows that were written in haste and gone over later: in about one row in 200 something is put right."""
HASTE = 3.0
"""How many times as often the cells of such a row were damaged."""
PARTS = {
    ("nik",): ("nik", "nik_damage"),
    ("birth_date",): ("born", "birth_damage"),
    ("sex",): ("sex",),
    ("phone",): ("phone",),
    ("kelurahan", "kecamatan"): ("place_damage",),
    ("member_date",): ("member_month",),
    ("last_contribution_month",): ("last_month",),
    ("status",): ("status",),
}
"""Cells that are damaged together, and what is made of them (`Register.means`)."""


@dataclass(frozen=True)
class Carried:
    """The month before as it was written: who was there, and the registers, with the rows of then only."""

    of: Population
    written: Mapping[str, Register]


def carried(seed: int, then: Earlier, now: Population, later: Mapping[str, Register],
            rates: Mapping[str, Mapping[str, float]]) -> Carried:  # fmt: skip
    """The registers of `then`, from those of the later month (`now`, written as `later`)."""
    of = then.of
    haste = {name: _haste(seed, name, len(one.cells)) for name, one in later.items()}
    again = {
        UMKM: registers.umkm(seed, of, rates[UMKM], haste[UMKM]),
        JAMSOSTEK: registers.jamsostek(seed, of, rates[JAMSOSTEK], later[UMKM], haste[JAMSOSTEK]),
        RENTAN: registers.pekerja_rentan(seed, of, rates[RENTAN], haste[RENTAN]),
    }
    moved = {
        column: (of.participants[name] != now.participants[name]).to_numpy()
        for column, name in (("last_contribution_month", "last_month"), ("status", "status"))
    }
    nobody = {name: np.zeros(len(one.cells), dtype=bool) for name, one in later.items()}
    others = {**nobody, UMKM: then.is_other}
    made = {
        name: _rows(_mixed(one, again[name], moved if name == JAMSOSTEK else {}, others[name]), then.stood[name])
        for name, one in later.items()
    }
    rows = {UMKM: of.umkm, JAMSOSTEK: of.participants, RENTAN: of.vulnerable}
    umkm, participants, vulnerable = (_only(table, then.stood[name]) for name, table in rows.items())
    return Carried(replace(of, umkm=umkm, participants=participants, vulnerable=vulnerable), made)


def _haste(seed: int, register: str, n: int) -> Cells:
    """How many times as often each row is damaged."""
    return np.where(stream(seed, f"haste {register}").random(n) < IN_HASTE[register], HASTE, 1.0)


def _mixed(later: Register, again: Register, moved: Mapping[str, Cells], is_other: Cells) -> Register:
    """The later register with the cells of `again` where they differ for a reason."""
    cells, damage, means = (
        {name: np.where(is_other, new[name].to_numpy(), old[name].to_numpy()) for name in old}
        for old, new in ((later.cells, again.cells), (later.damage, again.damage), (later.means, again.means))
    )
    for columns, read in {(PERSON_NAME[later.name],): ("name",), **PARTS}.items():
        if not set(columns) <= set(later.damage):
            continue
        is_sound = (later.damage[[*columns]] == "").all(axis="columns").to_numpy()
        was_sound = (again.damage[[*columns]] == "").all(axis="columns").to_numpy()
        takes = (is_sound & ~was_sound) | moved.get(columns[0], False)
        for column in columns:
            cells[column] = np.where(takes, again.cells[column].to_numpy(), cells[column])
            damage[column] = np.where(takes, again.damage[column].to_numpy(), damage[column])
        for column in read:
            means[column] = np.where(takes, again.means[column].to_numpy(), means[column])
    return Register(later.name, pd.DataFrame(cells, dtype=object), pd.DataFrame(damage, dtype=object),
                    pd.DataFrame(means))  # fmt: skip


def _rows(one: Register, stood: Cells) -> Register:
    return Register(one.name, _only(one.cells, stood), _only(one.damage, stood), _only(one.means, stood))


def _only(table: pd.DataFrame, stood: Cells) -> pd.DataFrame:
    return table[stood].reset_index(drop=True)
