"""The only place for the charts of owners by status: in each sector, and in the edition before and this one."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from analysis import N_
from analysis.contracts.registers import ACTIVE, LAPSED, UNREGISTERED
from analysis.measuring import standing
from analysis.presenting import canvas, counts, names, plots
from analysis.presenting.canvas import LINE, MIDDLE, ORANGE, TEAL
from analysis.presenting.cells import Cells, rows
from analysis.presenting.names import SECTORS
from analysis.presenting.parts import Part
from analysis.presenting.tables import Column
from analysis.presenting.wording import Wording, Words
from analysis.releasing import disclosure
from analysis.releasing.areas import Area
from analysis.releasing.disclosure import Released
from analysis.releasing.editions import Edition

SECTOR, CHANGE = "sectors", "change"
"""Names of the charts on a page."""
STATUSES = {ACTIVE: N_("active"), LAPSED: N_("lapsed"), UNREGISTERED: N_("not enrolled")}
"""What is drawn of an area, in this order; the last is the estimate that the brief is about."""
TONES = {ACTIVE: (TEAL, None), LAPSED: (MIDDLE, "////"), UNREGISTERED: ("#f3d9c2", None)}
"""Fill and hatch of a status; the tones lie far apart in grey, and every part has an outline."""
EDGE = {ACTIVE: TEAL, LAPSED: LINE, UNREGISTERED: ORANGE}
MOMENTS = {"before": (ORANGE, "s", "white"), "after": (TEAL, "o", TEAL)}
"""Colour, mark and its inside for the edition before and this one."""
ROW, TWO_ROWS, NOTE, LETTERS = 28, 42, 15, 44
"""Units from one row of a chart to the next, with one mark or two; the height of a line below, and its letters."""


@canvas.styled
def sectors(sectors: Released, area: Area, edition: Edition, say: Wording) -> Part:
    """Owners by sector: active, lapsed and not enrolled one after the other; the sectors that are withheld named below.

    `sectors`: as `standing.sectors` gives them.
    """
    own = disclosure.derive(lambda table: _by_gap(table[table["area_code"] == area.code]), sectors)
    told = [row for row in rows(own) if all(counts.is_told(row, f"{status}_n") for status in STATUSES)]
    hidden = [row for row in rows(own) if not all(counts.is_told(row, f"{status}_n") for status in STATUSES)]
    note = _hidden_sectors(hidden, say)
    below = 24 + NOTE * len(note)
    drawing, axes = canvas.new(ROW * max(len(told), 1) + 40 + below, left=8, right=8, top=40, bottom=below)
    for place, row in enumerate(told):
        _sector_row(axes, place, row, say)
    axes.set_ylim(max(len(told), 1) - 0.6, -0.75)
    plots.number_axis(axes, [sum(row[f"{status}_n"] for status in STATUSES) for row in told], say)
    _sector_key(drawing, say)
    for line, text in enumerate(reversed(note)):
        drawing.text(8 / canvas.WIDTH, (4 + NOTE * line) / (drawing.get_figheight() * 72), text, va="bottom")
    title = _sector_title(told, hidden, area, say)
    subtitle = say.say("Owners by sector and status, {place}, {day}, people; right: range of those not enrolled",
                       place=names.place(area.code, area.name, say), day=edition.reference_date)  # fmt: skip
    alt = say.say("Stacked bars. {title}. All data are in the table below the chart.", title=title)
    columns = [Column(say.say("Sector"), lambda row: say.say(SECTORS[row["sector"]]))]
    columns += [
        Column(say.say(heading), lambda row, status=status: _with_ends(row, status, say), True)  # type: ignore[misc]
        for status, heading in STATUSES.items()
    ]
    return plots.part(SECTOR, own, drawing, (title, subtitle, alt), columns, area, edition, say)


@canvas.styled
def change(changes: Released, area: Area, edition: Edition, say: Wording) -> Part:
    """Owners of each status in the edition before and in this one, and the change where it can be told.

    `changes`: as `standing.changes` gives them; nothing is drawn where it has no row of the area.
    """
    own = disclosure.derive(lambda table: table[table["area_code"] == area.code].reset_index(drop=True), changes)
    listed = rows(own)
    if not listed:
        return Part("chart", "", {"name": CHANGE, "rule": changes.rule})
    drawing, axes = canvas.new(TWO_ROWS * len(listed) + 66, left=8, right=12, top=42, bottom=24)
    for place, row in enumerate(listed):
        _change_row(axes, place, row, say)
    axes.set_ylim(len(listed) - 0.55, -0.5)
    told = [row[f"{when}_high_n"] for row in listed for when in MOMENTS if counts.is_told(row, f"{when}_n")]
    plots.number_axis(axes, told, say)
    _moment_key(drawing, say)
    title = _change_title(listed, say)
    subtitle = say.say("Owners by status, {place}, edition before and {day}, people; lines: ranges",
                       place=names.place(area.code, area.name, say), day=edition.reference_date)  # fmt: skip
    alt = say.say("Dot plot. {title}; not enrolled now: {n}. All data are in the table below the chart.", title=title,
                  n=next(_moment(row, "after", say) for row in listed if row["status"] == UNREGISTERED))  # fmt: skip
    columns = [
        Column(say.say("Status"), lambda row: say.say(STATUSES[row["status"]])),
        Column(say.say("Edition before"), lambda row: _moment(row, "before", say), True),
        Column(say.say("This edition"), lambda row: _moment(row, "after", say), True),
        Column(say.say("Change"), lambda row: _change(row, say), True),
    ]
    return plots.part(CHANGE, own, drawing, (title, subtitle, alt), columns, area, edition, say)


def _with_ends(row: Cells, measure: str, say: Wording) -> Words:
    if not counts.is_told(row, f"{measure}_n"):
        return say.say("withheld")
    return say.say("{n} ({range})", n=plots.told(row, measure, say), range=plots.ends(row, measure, say))


# sectors --------------------------------------------------------------------------------------------------------


def _by_gap(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(f"{UNREGISTERED}_n", ascending=False, kind="stable", ignore_index=True)


def _sector_row(axes: Axes, place: int, row: Cells, say: Wording) -> None:
    sector = say.say(SECTORS[row["sector"]]).plain
    axes.text(0, place - 0.27, sector, va="baseline", transform=axes.get_yaxis_transform())
    axes.text(1, place - 0.27, plots.ends(row, UNREGISTERED, say).plain, va="baseline", ha="right",
              transform=axes.get_yaxis_transform())  # fmt: skip
    left = 0
    for status, (colour, hatch) in TONES.items():
        width = int(row[f"{status}_n"])
        axes.barh(place + 0.05, width, left=left, height=0.32, color=colour, hatch=hatch, edgecolor=EDGE[status],
                  lw=0.7)  # fmt: skip
        left += width


def _sector_key(drawing: Figure, say: Wording) -> None:
    """What the three tones stand for, above the first sector."""
    height, at = drawing.get_figheight() * 72, 8.0
    for status, (colour, hatch) in TONES.items():
        label = say.say(STATUSES[status]).plain
        drawing.add_artist(Rectangle((at / canvas.WIDTH, 1 - 36 / height), 10 / canvas.WIDTH, 10 / height, fc=colour,
                                     hatch=hatch, ec=EDGE[status], lw=0.7, transform=drawing.transFigure))  # fmt: skip
        drawing.text((at + 15) / canvas.WIDTH, 1 - 31 / height, label, va="center_baseline")
        at += 28 + 6.8 * len(label)


def _hidden_sectors(hidden: Sequence[Cells], say: Wording) -> list[str]:
    if not hidden:
        return []
    listed = ", ".join(say.say(SECTORS[row["sector"]]).plain for row in hidden)
    return textwrap.wrap(say.say("Withheld: {sectors}", sectors=listed).plain, LETTERS)


def _sector_title(told: Sequence[Cells], hidden: Sequence[Cells], area: Area, say: Wording) -> Words:
    place = names.place(area.code, area.name, say)
    if not told:
        pattern = N_("The figures of all sectors in {place} are withheld so that nobody can be identified")
        return say.say(pattern, place=place)
    first, *others = told
    sector, n = say.say(SECTORS[first["sector"]]), plots.in_words(first, UNREGISTERED, say)
    span = (f"{UNREGISTERED}_low_n", f"{UNREGISTERED}_high_n")
    is_sure = all(standing.is_apart([first[end] for end in span], [row[end] for end in span]) for row in others)
    if is_sure and others and not hidden:
        return say.say("The gap in {place} is largest in {sector}: {n} people estimated not enrolled", place=place,
                       sector=sector, n=n)  # fmt: skip
    return say.say("In {place}, {sector} is among the sectors with the largest gaps ({n} people); their order is not "
                   "certain", place=place, sector=sector, n=n)  # fmt: skip


# change ---------------------------------------------------------------------------------------------------------


def _change_row(axes: Axes, place: int, row: Cells, say: Wording) -> None:
    """Name and change of a status; below, its count on its range in the edition before and in this one."""
    across = axes.get_yaxis_transform()
    axes.text(0, place - 0.2, say.say(STATUSES[row["status"]]).plain, va="baseline", transform=across)
    axes.text(1, place - 0.2, _change(row, say).plain, va="baseline", ha="right", transform=across)
    for below, (when, (colour, marker, face)) in zip((0.04, 0.24), MOMENTS.items(), strict=True):
        if not counts.is_told(row, f"{when}_n"):
            continue
        low, n, high = (row[f"{when}{end}_n"] for end in ("_low", "", "_high"))
        axes.plot([low, high], [place + below] * 2, color=colour, lw=2.6, solid_capstyle="butt")
        axes.plot([n], [place + below], marker=marker, color=colour, mfc=face, ms=5.5, mew=1.3)


def _moment_key(drawing: Figure, say: Wording) -> None:
    """What the two marks stand for, above the first status."""
    height, at = drawing.get_figheight() * 72, 8.0
    for text, (colour, marker, face) in zip((N_("edition before"), N_("this edition")), MOMENTS.values(), strict=True):
        label, y = say.say(text).plain, 1 - 31 / height
        drawing.add_artist(Line2D([(at + 5) / canvas.WIDTH], [y], marker=marker, color=colour, mfc=face, ms=6, mew=1.3))
        drawing.text((at + 13) / canvas.WIDTH, y, label, va="center_baseline")
        at += 30 + 6.8 * len(label)


def _change(row: Cells, say: Wording) -> Words:
    """By how much a status grew or shrank, where that is told."""
    if not row["is_shown"]:
        return say.say("cannot be told apart")
    n = say.count(row.size("change_n"))
    return say.say("{n} more", n=n) if row["change_n"] > 0 else say.say("{n} fewer", n=n)


def _moment(row: Cells, when: str, say: Wording) -> Words:
    """The range of a status in one of the two editions."""
    return plots.ends(row, when, say, of="")


def _change_title(listed: Sequence[Cells], say: Wording) -> Words:
    """The change of whichever status moved most, or that none can be told."""
    shown = [row for row in listed if row["is_shown"]]
    if not shown:
        return say.say("The change since the edition before cannot be told apart from the uncertainty of the count")
    row = max(shown, key=lambda one: abs(one["change_n"]))
    pattern = (
        N_("The number {status} rose by {n}: {before} before, {after} people now")
        if row["change_n"] > 0
        else N_("The number {status} fell by {n}: {before} before, {after} people now")
    )
    return say.say(pattern, status=say.say(STATUSES[row["status"]]), n=say.count(row.size("change_n")),
                   before=_moment(row, "before", say), after=_moment(row, "after", say))  # fmt: skip
