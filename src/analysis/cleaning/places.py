"""The only place that settles in which kelurahan and kecamatan of Palu a row lies, from both its cells together.

Current codes are given, also where the kecamatan written is that of before the split of 2011-2012 (Ulujadi, Tatanga,
Tawaeli and Mantikulore were cut out of Palu Barat, Selatan, Utara and Timur). Nothing is guessed between kelurahan of
one name (Besusu Barat, Tengah, Timur): the kelurahan stays unknown and the kecamatan that they share is given.
"""

from __future__ import annotations

import pandas as pd

from analysis.cleaning import columns
from analysis.cleaning import gazetteer as names
from analysis.cleaning.gazetteer import OUTSIDE, Gazetteer, Reading

FLOOR = 0.72
"""Least similarity at which a misspelt name is taken for a place."""
SHORT_FLOOR = 0.8
SHORT = 5
"""Names of up to so many letters need SHORT_FLOOR: Batu is Baru only where the kecamatan fits."""
MARGIN = 0.08
"""How much better the best must be than the next place; similarities are shares of letters, 0-1."""
FITTING = 0.1
"""What a kelurahan gains by lying in the kecamatan written beside it.

The four were chosen on 10,000 random misspellings of Palu's names and 3,000 of places outside (seed fixed; repeated
small in tests/unit/test_places.py): with one edit no name was taken for another, with two 0.1 %.
"""

COLUMNS = ("kelurahan_code", "kecamatan_code", "place_state")
Settled = tuple[str | None, str | None, str]


def gazetteer(regions: pd.DataFrame) -> Gazetteer:
    """The names of Palu's places: see cleaning.gazetteer."""
    return names.gazetteer(regions)


def match(kelurahan: pd.Series, kecamatan: pd.Series, gazetteer: Gazetteer) -> pd.DataFrame:
    """kelurahan_code, kecamatan_code (codes of regions.csv, NA: unknown or outside) and place_state of each row.

    agreed: the kelurahan lies in the kecamatan, or did before the split. contradicting: it does not; the codes are
    those of the kelurahan and of its own kecamatan, as a kelurahan is the finer and rarer word and its name is unique
    in Palu (where a place outside stands beside a kecamatan of Palu: that kecamatan). kelurahan, kecamatan: only this
    one is stated. outside: a place outside Palu is named; its villages share names with Palu's, so a kecamatan
    outside outweighs a kelurahan. unknown: something is written that no or several kelurahan fit. missing: neither.
    """
    kelurahan, kecamatan = (column.fillna("") for column in (kelurahan, kecamatan))
    cells = {text: names.read(text, gazetteer) for text in {*kelurahan.unique(), *kecamatan.unique()}}

    def of_pair(own: str, around: str) -> tuple[object, ...]:
        return _settle(cells[own], cells[around], gazetteer)

    return columns.together(kelurahan, kecamatan, of_pair, COLUMNS).astype("str")


def _settle(own: Reading, around: Reading, places: Gazetteer) -> Settled:
    """From what the kelurahan's cell and the kecamatan's cell say; names in the wrong cell count all the same."""
    around = _guessed(around, None, places)
    own = _guessed(own, around.kecamatan or own.kecamatan, places)
    kecamatan = around.kecamatan or own.kecamatan
    certain = next((cell.kelurahan[0] for cell in (own, around) if len(cell.kelurahan) == 1), None)
    is_outside = own.is_outside or around.is_outside
    if certain and not is_outside:
        return certain, places.parents[certain], _agreement(certain, kecamatan, places)
    if is_outside:
        return (None, kecamatan, "contradicting") if kecamatan else (None, None, "outside")
    if own.kelurahan or around.kelurahan or own.is_unread or around.is_unread:
        return None, kecamatan or _shared(own.kelurahan or around.kelurahan, places), "unknown"
    return None, kecamatan, "kecamatan" if kecamatan else "missing"


def _agreement(kelurahan: str, kecamatan: str | None, places: Gazetteer) -> str:
    if kecamatan is None:
        return "kelurahan"
    return "agreed" if places.fits(kelurahan, kecamatan) else "contradicting"


def _shared(kelurahan: tuple[str, ...], places: Gazetteer) -> str | None:
    """The kecamatan in which all these lie."""
    around = {places.parents[code] for code in kelurahan}
    return around.pop() if len(around) == 1 else None


def _guessed(cell: Reading, kecamatan: str | None, places: Gazetteer) -> Reading:
    """The cell with its misspelt name put right where that is clear enough."""
    if not cell.is_unread or not cell.near:
        return cell
    ranked = sorted(
        ((alike + FITTING * places.fits(code, kecamatan), code, letters) for code, alike, letters in cell.near),
        reverse=True,
    )
    (best, code, letters), second = ranked[0], ranked[1][0] if len(ranked) > 1 else 0.0
    is_clear = best >= (SHORT_FLOOR if letters <= SHORT else FLOOR) and best - second >= MARGIN
    return names.of_code(code, places) if is_clear and not (code == OUTSIDE and kecamatan) else cell
