"""The only place for how kelurahan, kecamatan and addresses are written in the invented registers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from analysis.synthetic import words
from analysis.synthetic.chance import Cells, Clerks, pick
from analysis.synthetic.words import City

PLACE_DAMAGE = (
    *("place_missing", "place_unknown", "place_outside", "place_contradicting"),
    *("place_old_kecamatan", "place_misspelt", "kecamatan_missing"),
)
NO_KELURAHAN = ("BTN Bumi Roviga", "Perumahan Dosen", "Pasar Inpres", "Kota", "Perum Griya", "Asrama Haji", "RTH")
LONG_ENOUGH = 6
"""A letter is only spoilt in names of so many letters: shorter ones would become another name."""


@dataclass(frozen=True)
class Places:
    """Written kelurahan and kecamatan, and what was done ('' = nothing); `place_*` concerns the kelurahan."""

    kelurahan: Cells
    kecamatan: Cells
    damage: Cells


def places(clerks: Clerks, city: City, area: Cells) -> Places:
    """Kelurahan and kecamatan cells for rows of `city.kelurahan`."""
    rng, n = clerks.rng("kelurahan"), len(area)
    damage = clerks.damage("kelurahan", PLACE_DAMAGE)
    table = city.kelurahan
    code, old = (table[name].to_numpy(dtype=object)[area] for name in ("kecamatan_code", "old_kecamatan_code"))
    damage[(damage == "place_old_kecamatan") & (code == old)] = ""
    name = table["name"].to_numpy(dtype=object)[area]
    damage[(damage == "place_misspelt") & (np.array([len(text) for text in name], dtype=int) < LONG_ENOUGH)] = ""
    kecamatan = np.where(damage == "place_old_kecamatan", old, code)
    wrong = np.flatnonzero(damage == "place_contradicting")
    kecamatan[wrong] = _foreign(rng, city, code[wrong])
    told = np.array([city.kecamatan[text] for text in kecamatan], dtype=object)
    draws = rng.integers(0, 2**31, (n, 2))
    for row in np.flatnonzero(damage == "place_misspelt"):
        name[row] = misspelt(name[row], int(draws[row, 0]), int(draws[row, 1]))
    variants = table["variants"].to_numpy(dtype=object)[area]
    for row in np.flatnonzero((damage == "") & (draws[:, 0] % 12 == 0)):
        name[row] = variants[row][draws[row, 1] % len(variants[row])] if variants[row] else name[row]
    _elsewhere(rng, damage, name, told)
    told[damage == "kecamatan_missing"] = ""
    return Places(_dressed(rng, name, "Kel.", "Kelurahan"), _dressed(rng, told, "Kec.", "Kecamatan"), damage)


def _foreign(rng: np.random.Generator, city: City, code: Cells) -> Cells:
    """A kecamatan to which the kelurahan never belonged: that is sure of the new ones (05 to 08) only."""
    pools = {own: [new for new in words.OLD_KECAMATAN if new != own] for own in city.kecamatan}
    drawn = rng.integers(0, 840, len(code))
    return np.array([pools[c][d % len(pools[c])] for c, d in zip(code, drawn, strict=True)], dtype=object)


def misspelt(name: str, a: int, b: int) -> str:
    """A letter inside a word left out, doubled or changed over with the next."""
    at = [found.start() for found in re.finditer("(?<=[A-Za-z])[a-z](?=[a-z])", name)]
    i = at[a % len(at)]
    made = (name[:i] + name[i + 1 :], name[:i] + name[i] + name[i:], name[:i] + name[i + 1] + name[i] + name[i + 2 :])
    return made[b % 3]


def _elsewhere(rng: np.random.Generator, damage: Cells, name: Cells, told: Cells) -> None:
    """Fill in place what is no kelurahan of Palu: outside, unknown, blank."""
    outside = words.read("outside")
    rows = np.flatnonzero(damage == "place_outside")
    drawn = rng.integers(0, len(outside), len(rows))
    name[rows] = outside["kelurahan"].to_numpy(dtype=object)[drawn]
    regency = np.where(rng.random(len(rows)) < 0.3, ", Kab. " + outside["kabupaten"].to_numpy(dtype=object)[drawn], "")
    told[rows] = outside["kecamatan"].to_numpy(dtype=object)[drawn] + regency
    for kind, texts in (("place_unknown", NO_KELURAHAN), ("place_missing", ("", "", "-"))):
        rows = np.flatnonzero(damage == kind)
        name[rows] = pick(rng, texts, None, len(rows))


def _dressed(rng: np.random.Generator, names: Cells, short: str, long: str) -> Cells:
    """As it is, in capitals, with 'Kel.' or 'Kelurahan' before it."""
    form = pick(rng, [0, 1, 2, 3, 4], [52, 30, 9, 5, 4], len(names))
    texts = zip(names, form, strict=True)
    made = [(n, n.upper(), f"{short} {n}", f"{long} {n}", f"{short.upper()} {n.upper()}")[int(f)] for n, f in texts]
    return np.where(np.isin(names, ["", "-"]), names, np.array(made, dtype=object))


def addresses(clerks: Clerks, street: Cells, house_n: Cells) -> Cells:
    """Street and number in several forms; some without number."""
    rng = clerks.rng("address")
    short = clerks.damage("address", ("address_short",)) != ""
    form = pick(rng, [0, 1, 2, 3, 4], [40, 20, 15, 15, 10], len(street))
    cells = []
    for text, number, is_short, f in zip(street, house_n, short, form, strict=True):
        bare = text.removeprefix("Jl. ")
        name = (text, f"Jln. {bare}", text.upper(), f"JALAN {bare.upper()}", bare)[int(f)]
        cells.append(name if is_short else f"{name} {('No.', 'No', 'NO.', 'no')[int(f) % 4]} {number}")
    return np.array(cells, dtype=object)


def shared_by(rng: np.random.Generator, area: Cells, share: float) -> Cells:
    """The phone of each row's kelurahan officer or agent; '' where the kelurahan has none who puts down his own."""
    n = int(area.max(initial=0)) + 1
    number = "0853" + np.char.mod("%08d", rng.integers(0, 10**8, n)).astype(object)
    phones: Cells = np.where(rng.random(n) < share, number, "")[area]
    return phones
