"""The only place for what the charts of the brief on an area share: names of areas, ranges, axis, finished part."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.presenting import charts, counts, qualities, standing
from analysis.presenting.cells import Cells
from analysis.presenting.evaluation import file_name
from analysis.presenting.parts import Part
from analysis.presenting.tables import Column
from analysis.presenting.wording import Wording, Words
from analysis.releasing.areas import Area
from analysis.releasing.disclosure import Released
from analysis.releasing.editions import Edition

LAST_TICK = 0.94
"""How far along an axis its last number may stand without being cut."""


def ends(row: Cells, measure: str, say: Wording, of: str | None = None) -> Words:
    """The released range of a measure: 2.265–2.545; withheld by word. `of`: as in Cells.figure, where not its own."""
    if not standing.is_told(row, measure):
        return say.say("withheld")
    return say.count(row.figure(f"{measure}_low_n", f"{measure}_high_n", of=f"{measure}_" if of is None else of))


def in_words(row: Cells, measure: str, say: Wording) -> Words:
    """The same in a sentence: a range that begins at 0 by its upper end."""
    return counts.from_nothing(row.figure(f"{measure}_low_n", f"{measure}_high_n", of=f"{measure}_"), say.count, say)


def told(row: Cells, measure: str, say: Wording) -> Words:
    """A released count; a 0 as at most four, a withheld one by word."""
    return counts.count(row, f"{measure}_n", say, of=f"{measure}_")


def number_axis(axes: Axes, highest: Sequence[int], say: Wording) -> None:
    """People on the x axis from 0, at about four round steps that end before the edge; none where nothing is drawn."""
    if not highest:
        axes.set_axis_off()
        return
    end = max(*highest, 10) * 1.02
    ticks = [int(tick) for tick in MaxNLocator(4, integer=True).tick_values(0, end) if 0 <= tick <= end * LAST_TICK]
    axes.set_xlim(0, end)
    axes.set_xticks(ticks, [say.grouped(tick) for tick in ticks])


def part(name: str, own: Released, drawing: Figure, words: tuple[Words, Words, Words], columns: Sequence[Column],
          area: Area, edition: Edition, say: Wording) -> Part:  # fmt: skip
    """The chart, marked where its data are synthetic, with its file csv/<area>-<name>."""
    title, subtitle, alt = words
    qualities.stamp(drawing, edition, say)
    told = (title, subtitle, qualities.marked(alt, edition, say))
    return charts.part(name, own, drawing, told, columns, say, file_name(f"{area.code}-{name}", edition))
