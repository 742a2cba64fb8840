"""The only reader of the lists that the invented registers are made of, and of Palu's areas as they need them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from analysis.contracts.registers import DELIVERED
from analysis.sources.places import Root

LISTS = Path(__file__).parent / "lists"
LEVELS = ("low", "mid", "high")
OLD_KECAMATAN = {"72.71.05": "72.71.02", "72.71.06": "72.71.03", "72.71.07": "72.71.04", "72.71.08": "72.71.01"}
"""Which kecamatan each of the four new ones was split from."""
FROM_PALU_BARAT = ("Nunu", "Boyaoge", "Duyu")
"""Kelurahan of Tatanga that were in Palu Barat, not in Palu Selatan."""


@cache
def read(name: str) -> pd.DataFrame:
    """lists/<name>.csv: text columns, '' where blank; `weight` as a number."""
    table = pd.read_csv(LISTS / f"{name}.csv", dtype=str, keep_default_na=False)
    return table.assign(weight=table["weight"].astype(float)) if "weight" in table else table


def rates(level: str) -> dict[str, dict[str, float]]:
    """Rates of damage at one level, by register and damage: shares of rows, 0 to 1."""
    table = read("rates").set_index("damage")
    return {
        register: {str(name): float(rate) for name, rate in table[f"{register}_{level}"].items()}
        for register in DELIVERED
    }


@dataclass(frozen=True)
class City:
    """Kelurahan in the order of their codes: code, name, variant spellings, kecamatan_code, share of the residents.

    `kecamatan` maps the code of a kecamatan to its name.
    """

    kelurahan: pd.DataFrame
    kecamatan: dict[str, str]


def city(root: Root) -> City:
    """Palu as regions.csv has it; residents by the voters of each kecamatan, in equal parts to its kelurahan."""
    path = root.find("data/raw/reference/regions.csv").path
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    above = table[table["level"] == "kecamatan"].set_index("id")
    below = table[table["level"] == "kelurahan"].sort_values("id", ignore_index=True)
    inside = below.groupby("parent_code")["id"].transform("size")
    voters = below["parent_code"].map(above["voters_dpt_2024_09"]).astype(float)
    spellings = below["name_variants_seen"] + "|" + below["name_variants_guessed"]
    return City(
        pd.DataFrame({
            "code": below["id"],
            "name": below["name"],
            "variants": [[part for part in text.split("|") if part and "(" not in part] for text in spellings],
            "kecamatan_code": below["parent_code"],
            "old_kecamatan_code": [
                "72.71.02" if name in FROM_PALU_BARAT else OLD_KECAMATAN.get(code, code)
                for name, code in zip(below["name"], below["parent_code"], strict=True)
            ],
            "share": voters / inside / (voters / inside).sum(),
        }),
        {str(code): str(name) for code, name in above["name"].items()},
    )  # fmt: skip
