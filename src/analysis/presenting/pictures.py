"""The only place for the charts of the brief on an area: gap, coverage by kelurahan, sectors, change.

Every chart is made of released tables (`measuring.standing`), with the ranges that were released. An area or sector
whose figure is withheld is named and not drawn; one is called the highest only where no other can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from analysis.contracts.registers import UNREGISTERED
from analysis.contracts.released import CITY
from analysis.measuring import standing
from analysis.presenting import canvas, counts, grid, outlines, parts, plots
from analysis.presenting import rates as told_rates
from analysis.presenting import tiles as tilemap
from analysis.presenting.canvas import LINE, ORANGE, TEAL
from analysis.presenting.cells import Cells, rows
from analysis.presenting.names import place as placed
from analysis.presenting.parts import Part
from analysis.presenting.statuses import change, sectors
from analysis.presenting.tables import Column
from analysis.presenting.wording import Wording, Words
from analysis.releasing import disclosure
from analysis.releasing.areas import Area
from analysis.releasing.disclosure import Released
from analysis.releasing.editions import Edition

__all__ = ["change", "gap", "numbers", "sectors", "tiles"]
GAP, TILES = "gap", "tiles"
"""Names of the charts on a page."""
ROW = 28
"""Units from one row of a chart to the next."""
Names = Mapping[str, str]
"""Names of the areas by code, as regions.csv has them."""


@canvas.styled
def gap(levels: Released, area: Area, names: Names, edition: Edition, say: Wording) -> Part:
    """Owners not enrolled, a dot on its released range for each area, the highest first; on the page of a kelurahan its
    own bold with a diamond.

    `levels`: as `standing.levels` gives them. The city shows its kecamatan, the others the kelurahan of the kecamatan.
    """
    level = "kecamatan" if area.level == "city" else "kelurahan"
    own = disclosure.derive(lambda table: _ordered(_beside(table, area, level), names), levels)
    listed = rows(own)
    drawing, axes = canvas.new(ROW * len(listed) + 46, left=8, right=12, top=18, bottom=24)
    for place, row in enumerate(listed):
        _gap_row(axes, place, row, area, say)
    shown = [row for row in listed if counts.is_told(row, f"{UNREGISTERED}_n")]
    plots.number_axis(axes, [row[f"{UNREGISTERED}_high_n"] for row in shown], say)
    axes.set_ylim(len(listed) - 0.6, -0.75)
    title = _gap_title(disclosure.derive(standing.ranks, own), own, area, names, say)
    subtitle = say.say("Owners estimated not enrolled by {level}, {place}, {day}, people; lines: ranges",
                       level=level, place=_within(area, names, say), day=edition.reference_date)  # fmt: skip
    if area.level == "kelurahan":
        subtitle = say.say("{subtitle}; bold: {area}", subtitle=subtitle, area=area.name)
    alt = say.say("Dot plot. {title}. All data are in the table below the chart.", title=title)
    columns = [
        Column(say.say("Area"), lambda row: names[row["area_code"]]),
        Column(say.say("Estimated not enrolled"), lambda row: plots.told(row, UNREGISTERED, say), True),
        Column(say.say("Range"), lambda row: plots.ends(row, UNREGISTERED, say), True),
        Column(say.say("All owners"), lambda row: plots.told(row, "owners", say), True),
    ]
    return plots.part(GAP, own, drawing, (title, subtitle, alt), columns, area, edition, say)


@canvas.styled
def tiles(rates: Released, area: Area, regions: pd.DataFrame, edition: Edition, say: Wording,
          boundaries: Path | None = None) -> Part:  # fmt: skip
    """Coverage by active owners in each kelurahan, a tile each where it lies, or its true outline.

    `rates`: as `standing.rates` gives them; `regions`: all of regions.csv; `boundaries`: a folder of GeoJSON files.
    Raises ContractError where that folder's files cannot be drawn.
    """
    own = disclosure.derive(lambda table: told_rates.ordered(table, area, regions), rates)
    city, *listed = rows(own)
    found = outlines.read(boundaries) if boundaries else {}
    if found:
        drawing = tilemap.outlined(listed, found, area.code, say)
    elif area.level == "city":
        drawing = tilemap.numbered(listed, grid.places(regions), say)
    else:
        drawing = tilemap.named(listed, grid.places(regions), area.code, say)
    title = told_rates.title(city, listed, area, say)
    subtitle = told_rates.subtitle(listed, area, edition, say, is_lettered=bool(found) or area.level == "city")
    alt = say.say("Tile map. {title}. All data are in the table below the chart.", title=title)
    columns = told_rates.columns(city, say)
    return plots.part(TILES, own, drawing, (title, subtitle, alt), columns, area, edition, say)


def numbers(area: Area, regions: pd.DataFrame, say: Wording) -> Part:
    """Which kelurahan a number on the map of the city stands for, for paper; empty where the map itself shows names."""
    if area.level != "city":
        return Part("numbers", "")
    groups = [
        say.say("{area}: {names}", area=kecamatan, names=", ".join(f"{n} {name}" for n, name in enumerate(own, 1)))
        for kecamatan, own in regions[regions["level"] == "kelurahan"].sort_values("id").groupby("kecamatan")["name"]
    ]  # fmt: skip
    sentence = say.say("Numbers on the map: {names}.", names=say.joined(groups))
    return Part("numbers", parts.render("prose.html.j2", say, sentences=[sentence], table=""))


# gap ------------------------------------------------------------------------------------------------------------


def _beside(table: pd.DataFrame, area: Area, level: str) -> pd.DataFrame:
    """The rows of the areas that are drawn."""
    return table[(table["level"] == level) & table["area_code"].isin(area.beside)]


def _ordered(table: pd.DataFrame, names: Names) -> pd.DataFrame:
    """The highest first, those withheld last; equal ones by name."""
    named = table.assign(area_name=table["area_code"].map(names))
    return named.sort_values([f"{UNREGISTERED}_n", "area_name"], ascending=[False, True], ignore_index=True)


def _within(area: Area, names: Names, say: Wording) -> Words:
    """The area whose parts are drawn."""
    code = area.kecamatan or CITY
    return placed(code, names[code], say)


def _gap_row(axes: Axes, place: int, row: Cells, area: Area, say: Wording) -> None:
    is_own = row["area_code"] == area.code
    weight = "bold" if is_own else "normal"
    axes.text(0, place - 0.24, row["area_name"], va="baseline", transform=axes.get_yaxis_transform(), weight=weight)
    told = plots.ends(row, UNREGISTERED, say).plain
    axes.text(1, place - 0.24, told, va="baseline", ha="right", transform=axes.get_yaxis_transform(), weight=weight)
    if not counts.is_told(row, f"{UNREGISTERED}_n"):
        return
    colour, marker = (ORANGE, "D") if is_own else (TEAL, "o")
    low, n, high = (row[f"{UNREGISTERED}{end}_n"] for end in ("_low", "", "_high"))
    axes.plot([0, low], [place, place], color=LINE, lw=0.6)
    axes.plot([low, high], [place, place], color=colour, lw=3.4, solid_capstyle="butt")
    axes.plot([n], [place], marker=marker, color=colour, ms=6.5)


def _gap_title(ranks: Released, own: Released, area: Area, names: Names, say: Wording) -> Words:
    """Whose gap is the highest, where the ranges leave no doubt of it; of a kelurahan how its own stands."""
    listed = {row["area_code"]: row for row in rows(own) if counts.is_told(row, f"{UNREGISTERED}_n")}
    rank = {row["area_code"]: row for row in rows(ranks)}
    code = area.code if area.level == "kelurahan" else next(iter(listed), "")
    if code not in listed:
        if area.level != "kelurahan":
            return say.say("The figures of all areas are withheld so that nobody can be identified")
        return say.say("The figure for {area} is withheld so that nobody can be identified",
                       area=placed(code, area.name, say))  # fmt: skip
    name, n = placed(code, names[code], say), plots.in_words(listed[code], UNREGISTERED, say)
    if rank[code]["is_highest"]:
        return say.say("{area} has the largest gap in {place}: {n} people estimated not enrolled", area=name, n=n,
                       place=_within(area, names, say))  # fmt: skip
    if rank[code]["may_be_highest"]:
        return say.say("{area} is among the areas with the largest gaps ({n} people); their order is not certain",
                       area=name, n=n)  # fmt: skip
    top = max(listed, key=lambda one: int(listed[one][f"{UNREGISTERED}_low_n"]))
    return say.say("The gap of {area} ({n} people) is smaller than that of {other}", area=name, n=n,
                   other=placed(top, names[top], say))  # fmt: skip
