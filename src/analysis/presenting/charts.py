"""The only place where a released table becomes a chart: message title, drawing, alternative text and its data.

Shape and text carry what colour shows; every text of a chart is made from the same cells as its table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis.measuring import costs
from analysis.presenting import canvas, names, parts, tables
from analysis.presenting.canvas import DARK, INK, LINE, MIDDLE, ORANGE, PALE, TEAL
from analysis.presenting.cells import Cells, rows
from analysis.presenting.parts import Part
from analysis.presenting.tables import Column
from analysis.presenting.wording import Figure as Shown
from analysis.presenting.wording import Wording, Words
from analysis.releasing.disclosure import Released
from analysis.sources import periods

HALO = {"fc": "white", "ec": "none", "pad": 0.4}
"""A white ground that keeps a line from crossing a label."""


@canvas.styled
def timeline(statements: Released, ages: Released, repetitions: Released, as_of: date, say: Wording) -> Part:
    """When each headline figure was printed: one band per figure, darker as it grows older, one mark per text."""
    drawing, axes = canvas.new(166, left=8, right=10, top=2, bottom=42)
    first = min(row["described_until"] for row in rows(ages))
    counted = {row["indicator"]: row for row in rows(repetitions)}
    for place, age in enumerate(rows(ages)):
        _age_band(axes, place, age, as_of)
        _texts(axes, place, [row for row in rows(statements) if row["indicator"] == age["indicator"]])
        label = say.say("{figure} {group}", figure=claimed(age, say), group=names.group(age["indicator"], say))
        axes.text(_at(first), place - 0.36, label.plain, va="baseline", ha="left")
    _year_axis(axes, first, as_of)
    axes.set_ylim(len(rows(ages)) - 0.6, -0.75)
    _age_key(axes, rows(ages)[0], say)
    main = rows(ages)[0]
    times = names.texts(counted[main["indicator"]], say)
    title = _repetition(main, times, say)
    subtitle = say.say(
        "Texts, Kota Palu, {first}–{last}, people; line: month or year only; shade: age of the figure",
        first=say.month(f"{first:%Y-%m}"), last=say.month(f"{as_of:%Y-%m}"),
    )  # fmt: skip
    alt = say.say(
        "Timeline: the same figure, {figure} UMKM owners enrolled, was printed {times}; it describes {day} and is "
        "{months} old. All data are in the table below the chart.",
        times=times, figure=claimed(main, say), day=main["described_until"],
        months=names.months(main, "months_old", say),
    )  # fmt: skip
    columns = [
        Column(say.say("Who is counted"), lambda row: names.group(row["indicator"], say)),
        Column(say.say("Figure (people)"), lambda row: claimed(row, say), is_number=True),
        Column(say.say("Printed"), lambda row: say.period(row["printed"])),
        Column(say.say("Printed by"), lambda row: row["publisher"]),
    ]
    return part("timeline", statements, drawing, (title, subtitle, alt), columns, say)


@canvas.styled
def coverage(shares: Released, say: Wording) -> Part:
    """Enrolled owners as a share of each count of UMKM: one dot or range per denominator, impossible ones crossed."""
    listed = rows(shares)
    drawing, axes = canvas.new(26 + 30 * len(listed), left=8, right=12, top=2, bottom=24)
    for place, row in enumerate(listed):
        axes.text(0, place - 0.32, names.denominator(row, say).plain, va="baseline", ha="left", bbox=HALO)
        _share_mark(axes, place, row, say)
    axes.set_xlim(0, 124)
    axes.set_ylim(len(listed) - 0.6, -0.85)
    axes.set_xticks([0, 25, 50, 75, 100], [f"{n}%" for n in (0, 25, 50, 75, 100)])
    axes.axvline(100, color=LINE, lw=0.8, ls=(0, (3, 3)), zorder=0)
    years = sorted(row["described_until"].year for row in listed)
    title = say.say("Enrolled coverage depends on the count used: {shares}", shares=each_share(shares, say))
    subtitle = say.say(
        "{figure} enrolled owners divided by each count, Kota Palu, {first}–{last}, percent; units differ",
        figure=say.count(listed[0].figure("enrolled_n")),
        first=str(years[0]),
        last=str(years[-1]),
    )
    alt = say.say(
        "Dot plot: {figure} enrolled UMKM owners are {shares} of the counts of UMKM, depending on the count; more than "
        "100 percent is impossible. All data are in the table below the chart.",
        figure=say.count(listed[0].figure("enrolled_n")), shares=each_share(shares, say),
    )  # fmt: skip
    columns = [
        Column(say.say("Denominator"), lambda row: names.denominator(row, say)),
        Column(say.say("Data as of"), lambda row: say.period(row["described"])),
        Column(say.say("Share enrolled"), lambda row: share_of(row, say), is_number=True),
        Column(
            say.say("Remark"), lambda row: say.say("impossible") if row["is_impossible"] else names.remark(row, say)
        ),
    ]
    return part("coverage", shares, drawing, (title, subtitle, alt), columns, say)


@canvas.styled
def participants(totals: Released, groups: Released, say: Wording) -> Part:
    """The city's totals by year under the sum of the groups said to be enrolled in 2022; nothing without a total."""
    listed = rows(totals)
    if not listed:
        return Part("chart", "", {"name": "participants", "rule": totals.rule}, {"participants": tables.csv(totals)})
    drawing, axes = canvas.new(22 + 29 * len(listed + rows(groups)), left=8, right=8, top=2, bottom=4)
    whole = _stairs(axes, rows(groups), say)
    for place, row in enumerate(listed, start=len(rows(groups))):
        _bar(axes, place, row["total_n"], TEAL)
        label = say.say("{n} city total {year}", year=row["year"], n=say.count(row.figure("total_n")))
        axes.text(0, place - 0.27, label.plain, va="baseline", ha="left")
    axes.axvline(whole, color=ORANGE, lw=1.1, ls=(0, (4, 3)))
    total = say.count(listed[0].figure("parts_n"))
    axes.text(whole, -0.36, total.plain, va="baseline", ha="center", color=ORANGE, bbox=HALO)
    axes.set_ylim(len(listed + rows(groups)) - 0.7, -0.75)
    axes.set_xticks([])
    title = _against_first_total(listed[0], say)
    subtitle = say.say(
        "Groups of {year} (dashed line: their sum) and city totals, Kota Palu, {first}–{last}, people",
        year=str(max(row["described_until"].year for row in rows(groups))), first=listed[0]["year"],
        last=listed[-1]["year"],
    )  # fmt: skip
    alt = say.say(
        "Bar chart: the groups add up to {parts} people; the city total was {first} in {from_year} and {last} in "
        "{to_year}. All data are in the table below the chart.",
        parts=say.count(listed[0].figure("parts_n")), first=say.count(listed[0].figure("total_n")),
        from_year=listed[0]["year"], last=say.count(listed[-1].figure("total_n")), to_year=listed[-1]["year"],
    )  # fmt: skip
    columns = [
        Column(say.say("Year"), lambda row: row["year"]),
        Column(say.say("City total (people)"), lambda row: say.count(row.figure("total_n")), is_number=True),
        Column(say.say("Sum of the groups (people)"), lambda row: say.count(row.figure("parts_n")), is_number=True),
        Column(say.say("Excess of the groups (people)"), lambda row: say.count(row.figure("beyond_n")), is_number=True),
        Column(say.say("Remark"), lambda row: names.remark(row, say)),
    ]
    return part("participants", totals, drawing, (title, subtitle, alt), columns, say)


@canvas.styled
def costs_by_month(monthly: Released, comparison: Released, say: Wording) -> Part:
    """What closing the published gap costs each month: everybody paid for by the APBD, and everybody paying himself."""
    listed, months = rows(monthly), sorted(monthly.table["month"].unique())
    drawing = _months(monthly, months, say)
    title = _payers_compared(rows(comparison)[0], say)
    subtitle = say.say(
        "Lowest contributions for {n} people, {first}–{last}, million rupiah a month; hollow: no dated rule yet",
        n=say.count(listed[0].figure("people_low_n", "people_high_n")), first=say.month(months[0]),
        last=say.month(months[-1]),
    )  # fmt: skip
    dearest = max(listed, key=lambda row: row["cost_high_idr"])
    cheapest = min(listed, key=lambda row: row["cost_low_idr"])
    alt = say.say(
        "Dot plot by month: contributions for the people not enrolled are at least {low} and at most {high} a month, "
        "depending on payer and month. All data are in the table below the chart.",
        low=say.rupiah(cheapest.figure("cost_low_idr")), high=say.rupiah(dearest.figure("cost_high_idr")),
    )  # fmt: skip
    columns = [
        Column(say.say("Contribution month"), lambda row: say.month(row["month"])),
        Column(say.say("Payer"), lambda row: names.payer(row["payer"], say)),
        Column(say.say("Rate (rupiah)"), lambda row: say.count(_rate(row)),
               is_number=True),
        Column(say.say("Cost"), lambda row: say.rupiah(row.figure("cost_low_idr", "cost_high_idr")), is_number=True),
        Column(say.say("Remark"), lambda row: say.say("rule not dated: general rate") if row["is_assumed"]
               else say.say("dated rule")),
    ]  # fmt: skip
    return part("costs", monthly, drawing, (title, subtitle, alt), columns, say)


def _repetition(age: Cells, times: Words, say: Wording) -> Words:
    if age["unchanged_months"] == 0:
        return say.say("The figure {figure} was printed {times}", figure=claimed(age, say), times=times)
    return say.say("The figure {figure} was still printed {months} later: {times}", figure=claimed(age, say),
                   times=times, months=names.months(age, "unchanged_months", say))  # fmt: skip


def _against_first_total(first: Cells, say: Wording) -> Words:
    if first["beyond_n"] <= 0:
        return say.say("In {year} the city total leaves room for all groups", year=first["year"])
    return say.say("In {year} the groups together exceed the city total by {n}", year=first["year"],
                   n=say.count(first.figure("beyond_n")))  # fmt: skip


def claimed(row: Cells, say: Wording) -> Words:
    """A headline figure as its source words it: 20,982, or about 18,000."""
    return say.count(row.figure("value", is_about=bool(row["is_approximate"])))


def share_of(row: Cells, say: Wording) -> Words:
    """A share of one denominator, with the percent sign."""
    return say.percent_sign(
        row.figure("percent_low", "percent_high", is_about=row["percent_low"] != row["percent_high"])
    )


def each_share(shares: Released, say: Wording) -> Words:
    """The shares that are possible, one after the other: 33, 45, about 53–55 or 91 percent. Never one range of all."""
    possible = [row for row in rows(shares) if not row["is_impossible"]]
    return say.say("{shares} percent", shares=say.either([
        say.count(row.figure("percent_low", "percent_high", is_about=row["percent_low"] != row["percent_high"]))
        for row in possible
    ]))  # fmt: skip


def part(name: str, released: Released, drawing: Figure, words: tuple[Words, Words, Words],
         columns: Sequence[Column], say: Wording, file: str = "") -> Part:  # fmt: skip
    """A chart with its message title, subtitle and alternative text (`words`), its table and its CSV file.

    `file`: name of the file without ending, where it is not that of the chart.
    """
    title, subtitle, alt = words
    file = file or name
    html = parts.render(
        "chart.html.j2", say, name=name, title=title, subtitle=subtitle, rule=released.rule, file=file,
        svg=canvas.svg(drawing, name, alt.plain), table=tables.html(released, columns, title, say),
    )  # fmt: skip
    return Part("chart", html, {"name": name, "rule": released.rule}, {file: tables.csv(released)})


def _age_band(axes: Axes, place: int, age: Cells, as_of: date) -> None:
    """One bar from the day described to `as_of`, in three tones: within the limit, past it, past the hard limit."""
    start = age["described_until"]
    edges = [
        start,
        *(periods.month_later(start, age[limit]) for limit in ("stale_after_months", "expired_after_months")),
    ]
    tones = ((PALE, None), (MIDDLE, None), (DARK, "////"))
    for (colour, hatch), left, right in zip(tones, edges, [*edges[1:], as_of], strict=True):
        width = _at(min(right, as_of)) - _at(left)
        if width > 0:
            axes.barh(place, width, left=_at(left), height=0.5, color=colour, hatch=hatch, edgecolor=LINE, lw=0.4)


def _texts(axes: Axes, place: int, texts: Sequence[Cells]) -> None:
    """A dot for each text whose day of print is known, a line over the month or year of each other one."""
    heights = [place - 0.19 + 0.38 * n / max(1, len(texts) - 1) for n in range(len(texts))]
    for row, height in zip(texts, heights, strict=True):
        ends = [_at(row["printed_first"]), _at(row["printed_last"])]
        axes.plot(ends, [height, height], color=INK, lw=2.2, solid_capstyle="butt")
    known = [(_at(row["printed_first"]), height) for row, height in zip(texts, heights, strict=True)
             if row["printed_first"] == row["printed_last"]]  # fmt: skip
    sns.scatterplot(x=[x for x, _ in known], y=[y for _, y in known], ax=axes, s=30, color=ORANGE, edgecolor="white",
                    zorder=3, legend=False)  # fmt: skip


def _year_axis(axes: Axes, first: date, as_of: date) -> None:
    years = range(first.year + 1, as_of.year + 1)
    axes.set_xticks([_at(date(year, 1, 1)) for year in years], [str(year) for year in years])
    axes.set_xlim(_at(first) - 30, _at(as_of))


def _age_key(axes: Axes, age: Cells, say: Wording) -> None:
    stale, expired = age["stale_after_months"], age["expired_after_months"]
    labels = (
        say.say("to {n} months", n=stale), say.say("to {n} months", n=expired), say.say("over {n} months", n=expired),
    )  # fmt: skip
    for at, label, colour, hatch in zip(
        (0, 0.31, 0.63), labels, (PALE, MIDDLE, DARK), (None, None, "////"), strict=True
    ):
        axes.barh([-0.27], [0.045], left=at, height=0.05, color=colour, hatch=hatch, edgecolor=LINE, lw=0.4,
                  transform=axes.transAxes, clip_on=False)  # fmt: skip
        axes.text(at + 0.06, -0.27, label.plain, transform=axes.transAxes, va="center")


def _share_mark(axes: Axes, place: int, row: Cells, say: Wording) -> None:
    low, high = row["percent_low"], row["percent_high"]
    if row["is_impossible"]:
        axes.plot([0, 118], [place, place], color=LINE, lw=1)
        axes.plot([118], [place], marker=">", color=ORANGE, ms=7, clip_on=False)
        label = say.say("{share}: impossible", share=share_of(row, say))
        axes.text(111, place + 0.02, label.plain, ha="right", va="center", bbox=HALO)
        return
    axes.plot([0, low], [place, place], color=LINE, lw=1)
    axes.plot([low, high], [place, place], color=TEAL, lw=5, solid_capstyle="round")
    sns.scatterplot(x=[low, high], y=[place, place], ax=axes, color=TEAL, s=40, legend=False, zorder=3)
    axes.text(high + 3.5, place, share_of(row, say).plain, va="center", weight="bold", bbox=HALO)


def _stairs(axes: Axes, groups: Sequence[Cells], say: Wording) -> int:
    """The groups one below the other, each beginning where the last one ended; returns their sum."""
    left = 0
    for place, row in enumerate(groups):
        _bar(axes, place, row["value_n"], MIDDLE, left=left, hatch="////")
        label = say.say("{n} {group}", n=say.count(row.figure("value_n")), group=names.group(row["indicator"], say))
        axes.text(0, place - 0.27, label.plain, va="baseline", ha="left")
        left += row["value_n"]
    return left


def _bar(axes: Axes, place: int, length: int, colour: str, left: int = 0, hatch: str | None = None) -> None:
    axes.barh(place, length, left=left, height=0.34, color=colour, hatch=hatch, edgecolor=LINE, lw=0.4)


def _months(monthly: Released, months: list[str], say: Wording) -> Figure:
    """A mark a month for either payer, hollow where no rule is dated, with a line over the range of its cost."""
    drawing, axes = canvas.new(190, left=30, right=8, top=34, bottom=24)
    table = monthly.table.sort_values("month")
    for place, (payer, colour, marker) in enumerate(((costs.APBD, TEAL, "o"), (costs.SELF, ORANGE, "s"))):
        own = table[table["payer"] == payer]
        where = [months.index(month) - 0.13 + 0.26 * place for month in own["month"]]
        axes.vlines(where, own["cost_low_idr"] / 1e6, own["cost_high_idr"] / 1e6, color=colour, lw=1.2)
        sns.scatterplot(x=where, y=own["cost_idr"] / 1e6, ax=axes, marker=marker, s=15, legend=False, edgecolor=colour,
                        linewidth=1.1, c=["white" if assumed else colour for assumed in own["is_assumed"]])  # fmt: skip
        height = 1.17 - 0.11 * place
        axes.scatter([0.03], [height], marker=marker, color=colour, s=26, transform=axes.transAxes, clip_on=False)
        axes.text(0.07, height, say.say("paid by: {payer}", payer=names.payer(payer, say)).plain,
                  transform=axes.transAxes, va="center")  # fmt: skip
    _money_axis(axes, table["cost_high_idr"].max(), say)
    axes.set_xticks(range(0, len(months), 4), [say.short_month(month) for month in months[::4]])
    axes.set_xlim(-0.6, len(months) - 0.4)
    return drawing


def _money_axis(axes: Axes, highest: int, say: Wording) -> None:
    """Million rupiah on the y axis from 0, at about four round steps."""
    axes.set_ylim(0, max(highest / 1e6, 1) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: say.grouped(int(tick))))


def _rate(row: Cells) -> Shown:
    return row.figure("tariff_low_idr", "tariff_high_idr", of="tariff_")


def _at(day: date) -> float:
    """Where a day stands on a time axis."""
    return float(date2num(day))  # type: ignore[no-untyped-call]


def _payers_compared(row: Cells, say: Wording) -> Words:
    """In how many months those who pay themselves owe less than the APBD would."""
    months = say.count(row.figure("months_n"))
    if not row["cheaper_n"]:
        return say.say("The lowest rate is the same for both payers in all {n} months", n=months)
    return say.say("Owners who pay themselves owe less in {n} of {all} months", n=say.count(row.figure("cheaper_n")),
                   all=months)  # fmt: skip
