"""The only place for the grid of the tile map: where each tile lies, where a kecamatan ends, where its name fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import pandas as pd

T = TypeVar("T")
Place = tuple[int, int]
"""Row and column of a tile."""
Places = Mapping[str, Place]
"""Of each kelurahan, by code."""
NEAR = {(-1, 0): "t", (0, 1): "r", (1, 0): "b", (0, -1): "l"}
"""The neighbours of a tile, down and right, by the side towards them: top, right, bottom, left."""
LETTER = 6.0
"""How wide a letter of a kecamatan's name is, in units of a chart."""


def places(regions: pd.DataFrame) -> Places:
    """Where regions.csv places the tiles; areas without one are left out."""
    listed = regions.loc[regions["tile_row"] != "", ["id", "tile_row", "tile_col"]]
    return {code: (int(row), int(col)) for code, row, col in listed.itertuples(index=False, name=None)}


def moved(whose: Mapping[Place, T]) -> dict[Place, T]:
    """The same tiles, row and column counted from the first that is used."""
    top, left = (min((place[n] for place in whose), default=0) for n in (0, 1))
    return {(row - top, col - left): one for (row, col), one in whose.items()}


def size(tiles: Mapping[Place, object]) -> Place:
    """How many rows and columns there are, counted from 0."""
    rows, cols = zip(*tiles, strict=True)
    return max(rows) + 1, max(cols) + 1


def sides(kecamatan: Mapping[Place, str], place: Place) -> str:
    """On which sides of a tile another kecamatan or nothing lies, by their letters: "t r"."""
    row, col = place
    return " ".join(side for (down, right), side in NEAR.items()
                    if kecamatan.get((row + down, col + right)) != kecamatan[place])  # fmt: skip


def labelled(kecamatan: Mapping[Place, str], width: float) -> Iterator[tuple[str, Place, int, str]]:
    """Where the name of each kecamatan may stand: on tiles that are free, beside its own.

    `kecamatan`: of each tile, counted from 0; `width`: of a tile, in units of a chart. Gives name, first tile, number
    of tiles, and from which side of them the name begins ("left", "right"). A name without any room is left out.
    """
    n_rows, n_cols = size(kecamatan)
    free = {(row, col) for row in range(n_rows) for col in range(n_cols)} - kecamatan.keys()
    for name in dict.fromkeys(kecamatan.values()):
        need = math.ceil((len(name) * LETTER + 4) / width)
        own = sorted(place for place, of in kecamatan.items() if of == name)
        fitting = [each for each in _beside(own, need) if {(each[0], each[1] + n) for n in range(need)} <= free]
        if fitting:
            row, col, side = min(fitting, key=lambda each: _is_foreign(kecamatan, name, need, *each))
            free -= {(row, col + n) for n in range(need)}
            yield name, (row, col), need, side


def _is_foreign(kecamatan: Mapping[Place, str], name: str, need: int, row: int, col: int, side: str) -> bool:
    """Whether a name would begin beside a tile of another kecamatan."""
    return kecamatan.get((row, col - 1 if side == "left" else col + need), name) != name


def _beside(own: Sequence[Place], need: int) -> Iterator[tuple[int, int, str]]:
    """Where a name of `need` tiles may stand, best first: right, left, above, below."""
    yield from ((row, col + 1, "left") for row, col in own)
    yield from ((row, col - need, "right") for row, col in own)
    yield from ((row + down, col, "left") for down in (-1, 1) for row, col in own)
    yield from ((row + down, col - need + 1, "right") for down in (-1, 1) for row, col in own)
