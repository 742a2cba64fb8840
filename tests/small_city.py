"""Two editions of a small invented city as true counts: some areas, a few hundred owners, many small counts."""

from dataclasses import dataclass

import few_rows
import numpy as np
import pandas as pd

from analysis.contracts import registers
from analysis.contracts.registers import ABSENT, ACTIVE, COVERAGE, LAPSED, NOT_ELIGIBLE, UNREGISTERED, UNRESOLVED
from analysis.contracts.released import Counts
from analysis.measuring import criteria, gap, movement
from analysis.releasing import rounding
from analysis.releasing.audit import Seen
from analysis.releasing.identities import LAYOUTS

MONTH = "2026-10-31"
STEPS = {(ACTIVE, LAPSED): "lapsed", (LAPSED, ACTIVE): "returned", (UNREGISTERED, ACTIVE): "enrolled",
         (UNRESOLVED, ACTIVE): "enrolled"}  # fmt: skip
OUTER = ("under-17", "65+")


def areas() -> pd.DataFrame:
    """The city with its first three kecamatan and their kelurahan."""
    known = few_rows.areas()
    return known[known["id"].str.slice(0, 8).isin(["72.71", "72.71.01", "72.71.02", "72.71.03"])]


@dataclass(frozen=True)
class City:
    """Owners of two editions, and what became of each."""

    before: pd.DataFrame
    now: pd.DataFrame
    flows: pd.DataFrame


def city(seed: int, owners_n: int = 400) -> City:
    """So many owners, of whom in a month a few come, go, move and change their status."""
    draw = np.random.default_rng(seed)
    codes = np.array(sorted(areas().loc[areas()["level"] == "kelurahan", "id"]))
    n = owners_n
    own = pd.DataFrame(
        {
            "owner_id": [f"{number:016x}" for number in range(n)],
            "person": np.arange(n),
            "sector": draw.choice(registers.SECTORS, n, p=np.array([9, 3, 8, 2, 30, 4, 20, 3, 12, 5, 4]) / 100),
            "sex": draw.choice(registers.SEXES, n, p=[0.46, 0.5, 0.04]),
            "age_band": draw.choice(registers.AGE_BANDS, n, p=[0.01, 0.08, 0.2, 0.25, 0.22, 0.14, 0.06, 0.04]),
            "scale": draw.choice(registers.SCALES, n, p=[0.8, 0.12, 0.03, 0.05]),
            "businesses_n": 1 + (draw.random(n) < 0.08),
            "is_vulnerable": draw.random(n) < 0.1,
        }
    )
    place, status = draw.choice([*codes, ""], n), draw.choice([*COVERAGE], n, p=[0.03, 0.4, 0.1, 0.04, 0.43])
    is_outer = own["age_band"].isin(OUTER).to_numpy()
    status = np.where(is_outer & (status != ACTIVE), NOT_ELIGIBLE, status)
    then, there = status.copy(), place.copy()
    changes = (draw.random(n) < 0.05) & ~is_outer
    status = np.where(changes, draw.choice([*COVERAGE], n), status)
    moves = draw.random(n) < 0.02
    place = np.where(moves & (place != ""), draw.choice(codes, n), place)
    comes, goes = draw.random(n) < 0.03, draw.random(n) < 0.02
    was, now = np.where(comes, ABSENT, then), np.where(goes & ~comes, ABSENT, status)
    sides = {"before": (was, there), "after": (now, place)}
    tables = {side: _owners(own, *told) for side, told in sides.items()}
    flows = pd.DataFrame({f"status_{side}": told for side, (told, _) in sides.items()}).assign(
        **{f"{level}_code_{side}": _codes(np.where(told == ABSENT, "", where), level)
           for side, (told, where) in sides.items() for level in ("kecamatan", "kelurahan")},
        kind=[_kind(*each) for each in zip(was, now, there, place, strict=True)],
    )  # fmt: skip
    return City(tables["before"], tables["after"], flows)


def _owners(own: pd.DataFrame, status: np.ndarray, place: np.ndarray) -> pd.DataFrame:
    told = own.assign(status=status, **{f"{level}_code": _codes(place, level) for level in ("kecamatan", "kelurahan")})
    return told[told["status"] != ABSENT].reset_index(drop=True)


def _codes(place: np.ndarray, level: str) -> pd.Series:
    length = {"kecamatan": 8, "kelurahan": 13}[level]
    return pd.Series([str(code)[:length] or None for code in place], dtype="str")


def _kind(was: str, now: str, there: str, place: str) -> str:
    if was == ABSENT or now == ABSENT:
        return "listed" if was == ABSENT else "unlisted"
    if was == now:
        return "stayed" if there == place else "moved"
    return "died" if now == NOT_ELIGIBLE else STEPS.get((was, now), "corrected")


def counts(one: City) -> tuple[list[Counts], list[Counts]]:
    """All true counts of the edition before, and of this one with the steps between them."""

    def told(owners: pd.DataFrame) -> list[Counts]:
        payers = pd.Series(np.where(owners["person"] % 3, "from_apbd", "not_from_apbd"), index=owners["person"])
        return [Counts(gap.cells(owners, areas()), gap.layout()),
                Counts(criteria.cells(owners, payers, areas(), has_list=True), criteria.layout())]  # fmt: skip

    steps = Counts(movement.cells(one.flows, areas()), movement.layout(), period=MONTH)
    return told(one.before), [*told(one.now), steps]


def seen(told: list[Counts], secret: rounding.Secret, *, is_last: bool = False) -> list[Seen]:
    """The tables as they are rounded and withheld, before any audit."""
    return [
        Seen(one.layout.name, rounding.release(one.cells, secret, LAYOUTS[one.layout.name], None, one.period),
             one.cells, is_last=is_last, is_out=is_last)
        for one in told
    ]  # fmt: skip
