"""The only place for the charts and tables of the evaluation page: findings by rule and fixer, quality by kecamatan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import seaborn as sns
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import N_
from analysis.cleaning import rules
from analysis.contracts.registers import JAMSOSTEK, UMKM
from analysis.contracts.released import CITY
from analysis.measuring import quality, shares
from analysis.presenting import canvas, charts, counts, names, parts
from analysis.presenting.canvas import LINE, MIDDLE, ORANGE, TEAL
from analysis.presenting.cells import Cells, find, rows
from analysis.presenting.evaluation import file_name
from analysis.presenting.parts import Part
from analysis.presenting.tables import Column
from analysis.presenting.wording import Figure as Shown
from analysis.presenting.wording import Wording, Words
from analysis.ranges import Range
from analysis.releasing.disclosure import Released, edition_of
from analysis.releasing.editions import Edition
from analysis.releasing.rounding import LEAST_TOTAL

BARS_OF_A_FIXER = 2
MOST_APART = 2 * shares.MOST_MOVED
"""Two rounded counts no further apart than this may stand for equal ones."""
ASPECTS = {
    quality.NIK_FILLED: N_("NIK filled"),
    quality.NIK_USABLE: N_("NIK valid, of those filled"),
    quality.BIRTH: N_("birth date valid, of those filled"),
    quality.KELURAHAN: N_("kelurahan valid, of those filled"),
    quality.PHONE: N_("phone valid, of those filled"),
    quality.ALONE: N_("recorded once"),
    quality.CURRENT: N_("up to date"),
    quality.AGREES: N_("birth date agrees with the NIK"),
    quality.IN_PLACE: N_("kelurahan agrees with the kecamatan"),
}
MARKS = ((UMKM, TEAL, "o", "●"), (JAMSOSTEK, ORANGE, "s", "■"))
"""How the two main registers are told apart: colour, drawn mark, and the same mark as a letter."""
Areas = Mapping[str, str]
"""Names of the areas by code, as regions.csv has them."""


@canvas.styled
def findings(found: Released, say: Wording) -> Part:
    """Records with data findings: under each who can put them right, the rules that most records break."""
    edition = edition_of(found)
    groups = _by_fixer(found)
    n = sum(map(len, groups.values()))
    drawing, axes = canvas.new(max(1, n) * 25 + len(groups) * 18 + 15, left=8, right=8, top=18, bottom=2)
    longest = max([row["rows_n"] for own in groups.values() for row in own], default=1)
    place = 0.0
    for fixer, own in groups.items():
        head = _headed(fixer, say).plain
        axes.text(0, place, head[0].upper() + head[1:], weight="bold", va="center")
        for row in own:
            _bar(axes, place + 17, row, longest, say)
            place += 25
        place += 18
    axes.set_xlim(0, 1)
    axes.set_ylim(max(place, 25) - 12, -10)
    axes.set_axis_off()
    stamp(drawing, edition, say)
    label = _labels(say)
    subtitle = say.say("Records with data findings, Kota Palu, {day}; most frequent, by who can put them right",
                       day=edition.reference_date)  # fmt: skip
    columns = [
        Column(say.say("Data finding"), lambda row: label[row["rule_id"]]),
        Column(say.say("Register"), lambda row: names.register(row["register"], say)),
        Column(say.say("Who can put it right"), lambda row: names.fixer(row["fixer"], say)),
        Column(say.say("Records"), lambda row: counts.count(row, "rows_n", say), True),
    ]
    words = (_most_frequent(found, say), subtitle, _findings_alt(found, say))
    return charts.part("evaluation-findings", found, drawing, words, columns, say,
                       file_name("evaluation-findings", edition))  # fmt: skip


@canvas.styled
def nik(found: Released, areas: Areas, say: Wording) -> Part:
    """The share of records with a usable NIK in each kecamatan: a dot or range for either main register."""
    edition = edition_of(found)
    kecamatan = [code for code in areas if find(found, area_code=code) is not None and code != CITY]
    drawing, axes = canvas.new(len(kecamatan) * 27 + 60, left=16, right=16, top=36, bottom=24)
    lowest = min([row["percent_low"] for row in _ranges(found, kecamatan)], default=0)
    first = max(0, lowest // 10 * 10 - 10)
    for place, code in enumerate(kecamatan):
        own = {name: find(found, area_code=code, register=name) for name in (UMKM, JAMSOSTEK)}
        axes.text(first, place - 0.3, areas[code], va="baseline")
        axes.plot([first, 100], [place, place], color=LINE, lw=0.6)
        _dots(axes, place, own, say)
    axes.set_xlim(first, 100)
    axes.set_ylim(len(kecamatan) - 0.6, -0.85)
    ticks = range(first, 101, 10 if first >= 40 else 20)
    axes.set_xticks(list(ticks), [f"{tick}%" for tick in ticks])
    _key(axes, say)
    stamp(drawing, edition, say)
    subtitle = say.say("Share of records with a usable NIK, Kota Palu, {day}, percent; ranges: rounding",
                       day=edition.reference_date)  # fmt: skip
    columns = [
        Column(say.say("Area"), lambda row: areas.get(row["area_code"], row["area_code"])),
        Column(say.say("Register"), lambda row: names.register(row["register"], say)),
        Column(say.say("Records"), lambda row: counts.count(row, "total_n", say), True),
        Column(say.say("With a usable NIK"), lambda row: counts.share(row, say), True),
    ]
    words = (_nik_title(found, kecamatan, areas, say), subtitle, _nik_alt(found, kecamatan, say))
    return charts.part("evaluation-nik", found, drawing, words, columns, say, file_name("evaluation-nik", edition))


def by_area(found: Released, columns: Released, accounting: Released, fixers: Released, areas: Areas,
            say: Wording) -> Part:  # fmt: skip
    """Folded tables: of each register its quality by area and by column; what became of rows, answers and findings."""
    html = [_accounting(accounting, say), _fixers(fixers, areas, say)]
    for source in edition_of(found).sources:
        html.append(_areas(found, source.register, areas, say))
        html.append(_columns(columns, source.register, say))
    return Part("tables", Markup("").join(html), {"rule": found.rule})


def _areas(found: Released, register: str, areas: Areas, say: Wording) -> Markup:
    own = {(row["area_code"], row["aspect"]): row for row in rows(found) if row["register"] == register}
    aspects = [name for name in ASPECTS if any(name == aspect for _, aspect in own)]
    title = say.say("Quality by kecamatan: {register}", register=names.register(register, say))
    cells = [[areas[code], *(counts.share(own[code, name], say).plain for name in aspects)]
             for code in areas if (code, quality.ALONE) in own]  # fmt: skip
    headings = [say.say("Area"), *(say.say(ASPECTS[name]) for name in aspects)]
    caption = say.say("Share of records in percent; ranges include the rounding")
    return _table(title, headings, cells, caption, say)


def _columns(found: Released, register: str, say: Wording) -> Markup:
    own = [row for row in rows(found) if row["register"] == register]
    of = {(row["column"], row["quality"]): row for row in own}
    title = say.say("Quality by column: {register}", register=names.register(register, say))
    cells = [
        [say.say(names.FIELDS[name]).plain, *(_or_not_judged(of.get((name, of_what)), say) for of_what in QUALITIES)]
        for name in dict.fromkeys(row["column"] for row in own)
    ]
    headings = [say.say("Column"), say.say("Filled"), say.say("Valid, of those filled")]
    return _table(title, headings, cells, say.say("Share of records in percent, Kota Palu"), say)


QUALITIES = ("completeness", "validity")


def _or_not_judged(row: Cells | None, say: Wording) -> str:
    return say.say("not judged: free text").plain if row is None else counts.share(row, say).plain


def _accounting(found: Released, say: Wording) -> Markup:
    columns = {
        "rows_n": say.say("Rows of the file"), "kept_n": say.say("Records kept"),
        "quarantined_n": say.say("Set apart"), "not_data_n": say.say("Titles, totals, blank rows"),
        "answers_n": say.say("Answers"), "applied_n": say.say("Applied"), "confirmed_n": say.say("Confirmed"),
        "changed_n": say.say("Overtaken by a new value"), "settled_n": say.say("Already settled"),
        "undecided_n": say.say("Not known"),
    }  # fmt: skip
    cells = [[names.register(row["register"], say).plain, *(counts.count(row, name, say).plain for name in columns)]
             for row in rows(found)]  # fmt: skip
    caption = say.say("Rows of the files, and answers from work-lists, Kota Palu; fewer than 20 answers are withheld")
    return _table(say.say("Rows read and answers returned"), [say.say("Register"), *columns.values()], cells,
                  caption, say)  # fmt: skip


def _fixers(found: Released, areas: Areas, say: Wording) -> Markup:
    of = {(row["area_code"], row["register"], row["fixer"]): row for row in rows(found)}
    pairs = [(name, code) for name in dict.fromkeys(name for _, name, _ in of) for code in names.FIXERS]
    pairs = [(name, code) for name, code in pairs if _is_asked(of.get((CITY, name, code)))]
    headings = [say.say("Area"), *(say.say("{fixer} ({register})", fixer=names.fixer(code, say),
                                           register=_short(name, say)) for name, code in pairs)]  # fmt: skip
    cells = [[areas[area], *(counts.count(of[area, name, code], "rows_n", say).plain for name, code in pairs)]
             for area in areas if any(area == known for known, _, _ in of)]  # fmt: skip
    caption = say.say("Records with at least one data finding, by who can put it right")
    return _table(say.say("Data findings by kecamatan"), headings, cells, caption, say)


def _is_asked(row: Cells | None) -> bool:
    return row is not None and counts.is_told(row, "rows_n") and row["rows_n"] > 0


def _table(title: Words, headings: Sequence[Words], cells: Sequence[Sequence[str]], caption: Words,
           say: Wording) -> Markup:  # fmt: skip
    def nothing(_: Cells) -> str:
        return ""

    write: Callable[[Cells], str] = nothing
    columns = [Column(heading, write, at > 0) for at, heading in enumerate(headings)]
    table = parts.render("table.html.j2", say, columns=columns, cells=cells, caption=caption)
    return parts.render("folded.html.j2", say, title=title, table=table)


def _by_fixer(found: Released) -> dict[str, list[Cells]]:
    """Of each fixer the rules that most records break, where that number is known and above 0."""
    groups: dict[str, list[Cells]] = {code: [] for code in names.FIXERS}
    for row in rows(found):
        if _is_asked(row) and len(groups[row["fixer"]]) < BARS_OF_A_FIXER:
            groups[row["fixer"]].append(row)
    return {code: own for code, own in groups.items() if own}


def _headed(fixer: str, say: Wording) -> Words:
    """Who can put it right, as short as a chart needs it."""
    return say.say("Cooperatives, UMKM and Manpower Office") if fixer == "dinas" else names.fixer(fixer, say)


def _bar(axes: Axes, place: float, row: Cells, longest: int, say: Wording) -> None:
    axes.text(0, place - 3, _labels(say)[row["rule_id"]], va="center")
    width = 0.36 * row["rows_n"] / longest
    is_umkm = row["register"] == UMKM
    axes.barh(place + 8, width, height=8, color=TEAL if is_umkm else MIDDLE, hatch=None if is_umkm else "////",
              edgecolor=LINE, lw=0.4)  # fmt: skip
    told = names.records(counts.count(row, "rows_n", say), row["register"], say)
    axes.text(width + 0.02, place + 8.5, told.plain, va="center")


def _dots(axes: Axes, place: int, own: Mapping[str, Cells | None], say: Wording) -> None:
    """For either register its mark on the range of its share, and the share in figures at the right."""
    for (name, colour, marker, sign), below, end in zip(MARKS, (-0.02, 0.14), (0.7, 1.0), strict=True):
        row = own[name]
        if row is None:
            continue
        is_range = row["shown"] == shares.RANGE
        if is_range:
            ends = [row["percent_low"], row["percent_high"]]
            axes.plot(ends, [place + below] * 2, color=colour, lw=3.4, solid_capstyle="butt")
            sns.scatterplot(x=[sum(ends) / 2], y=[place + below], ax=axes, color=colour, marker=marker, s=34,
                            legend=False, zorder=3)  # fmt: skip
        told = counts.share(row, say) if is_range else say.say("see table")
        axes.text(end, place - 0.3, f"{sign} {told.plain}", color=colour, va="baseline", ha="right",
                  transform=axes.get_yaxis_transform())  # fmt: skip


def _key(axes: Axes, say: Wording) -> None:
    """What the two marks stand for, above the first kecamatan."""
    for (name, colour, marker, _), at in zip(MARKS, (0.0, 0.42), strict=True):
        axes.scatter([at + 0.02], [1.04], marker=marker, color=colour, s=36, transform=axes.transAxes, clip_on=False)
        axes.text(at + 0.06, 1.04, names.register(name, say).plain, transform=axes.transAxes, va="center")


def stamp(drawing: Figure, edition: Edition, say: Wording) -> None:
    """The mark of synthetic data inside the drawing itself, which may travel alone."""
    if edition.is_synthetic:
        height = drawing.get_figheight() * 72
        drawing.text(1 - 8 / canvas.WIDTH, 1 - 2 / height, say.say("SYNTHETIC DATA").plain, color=ORANGE,
                     weight="bold", ha="right", va="top")  # fmt: skip


def marked(alt: Words, edition: Edition, say: Wording) -> Words:
    """An alternative text that says first, where it is so, that the data are invented."""
    return say.say("Synthetic data. {alt}", alt=alt) if edition.is_synthetic else alt


def _labels(say: Wording) -> dict[str, str]:
    return {rule.id: rule.label[say.language] for rule in rules.read().values()}


def _most_frequent(found: Released, say: Wording) -> Words:
    """Which rule most records break, where the rounding leaves no doubt of it."""
    listed = [row for row in rows(found) if _is_asked(row)]
    if not listed:
        return say.say("No rule applies to more than four records, or the figures are withheld")
    first, withheld = listed[0], [LEAST_TOTAL for row in rows(found) if not counts.is_told(row, "rows_n")]
    others = [*(row["rows_n"] for row in listed[1:2]), *withheld[:1]]
    label = _labels(say)[first["rule_id"]]
    told = names.records(counts.count(first, "rows_n", say), first["register"], say)
    if others and first["rows_n"] - max(others) <= MOST_APART:
        return say.say("“{label}” is among the most frequent data findings: {records}", label=label, records=told)
    return say.say("“{label}” is the most frequent data finding: {records}", label=label, records=told)


def _findings_alt(found: Released, say: Wording) -> Words:
    title = _most_frequent(found, say)
    alt = say.say("Bar chart. {title}. All data are in the table below the chart.", title=title)
    return marked(alt, edition_of(found), say)


def _ranges(found: Released, kecamatan: Sequence[str], *registers: str) -> list[Cells]:
    return [row for row in rows(found) if row["area_code"] in kecamatan and row["shown"] == shares.RANGE
            and row["register"] in (registers or (UMKM, JAMSOSTEK))]  # fmt: skip


def _span(found: Released, kecamatan: Sequence[str], register: str, say: Wording) -> Words:
    """From the lowest to the highest share among the kecamatan."""
    own = _ranges(found, kecamatan, register)
    if not own:
        return say.say("withheld")
    ends = Range(min(row.figure("percent_low").amount.low for row in own),
                 max(row.figure("percent_high").amount.high for row in own))  # fmt: skip
    return counts.between(Shown(ends, " ".join(row["refs"] for row in own)), say)


def _nik_title(found: Released, kecamatan: Sequence[str], areas: Areas, say: Wording) -> Words:
    own = sorted(_ranges(found, kecamatan, UMKM), key=lambda row: row["percent_high"])
    if not own:
        return say.say("Shares of UMKM records with a usable NIK are withheld or cannot be stated")
    is_whole = len(own) == len(kecamatan) > 1  # a share that is withheld may be the lowest
    if is_whole and own[0]["percent_high"] < min(row["percent_low"] for row in own[1:]):
        return say.say("Kecamatan {area} has the lowest share of UMKM records with a usable NIK: {share}",
                       area=areas[own[0]["area_code"]], share=counts.share(own[0], say))  # fmt: skip
    return say.say("The NIK is usable in {shares} of UMKM records; the order of the kecamatan is not certain",
                   shares=_span(found, kecamatan, UMKM, say))  # fmt: skip


def _nik_alt(found: Released, kecamatan: Sequence[str], say: Wording) -> Words:
    alt = say.say(
        "Dot plot by kecamatan, shares with a usable NIK: UMKM records {umkm}; participant records {participants}. "
        "All data are in the table below the chart.",
        umkm=_span(found, kecamatan, UMKM, say), participants=_span(found, kecamatan, JAMSOSTEK, say),
    )  # fmt: skip
    return marked(alt, edition_of(found), say)


def _short(register: str, say: Wording) -> Words:
    if register == UMKM:
        return say.say("UMKM")
    return say.say("participants") if register == JAMSOSTEK else say.say("vulnerable workers")
