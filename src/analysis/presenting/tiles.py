"""The only place that draws coverage by kelurahan as a map: a tile for each where it lies, or its true outline.

The tone says in which fifth a rate lies; a range that reaches over several has the tones of its first and last. Letters
or the range itself say the same without any tone. In the city each kelurahan has its number within its kecamatan; the
map of one kecamatan has room for names.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve

from analysis import N_, ContractError, Fault
from analysis.measuring import shares
from analysis.presenting import canvas, counts, grid, outlines
from analysis.presenting.canvas import INK, LINE, ORANGE
from analysis.presenting.cells import Cells
from analysis.presenting.wording import Wording

TONES = ("#f4f8f7", "#d9e7e6", "#b4d0ce", "#8fb9b6", "#6ba29f")
"""A fill for each fifth, ever darker; ink stands out from each of them."""
LETTERS, CLASSES = "ABCDE", ("<20", "20–40", "40–60", "60–80", ">80")
HATCH = {shares.WITHHELD: "////", shares.UNCLEAR: r"\\\\"}
NOTES = {shares.WITHHELD: N_("withheld"), shares.UNCLEAR: N_("cannot be stated")}
MARGIN, TOP, KEY, GAP, NOTE = 8.0, 18.0, 17.0, 8.0, 15.0
WIDE = canvas.WIDTH - 2 * MARGIN
SMALL, LINE_HEIGHT, ROW = 11.4, 13.5, 19.0
"""Size of letters (12 pixels where the map is 84 mm wide), and how far lines and rows of small tiles lie."""
LETTER = 7.3
"""How wide a letter is, at most on average."""
HALO = {"fc": "white", "ec": "none", "pad": 0.6}
TALLEST = 330.0
"""How high a map of true outlines may be."""
FINEST = 0.8
"""How near two points of an outline may lie to each other, in units of the drawing."""
Point = tuple[float, float]
ENDS = {"t": ((0, 0), (1, 0)), "r": ((1, 0), (1, 1)), "b": ((0, 1), (1, 1)), "l": ((0, 0), (0, 1))}
"""Where the sides of a tile begin and end, across and down."""


def numbered(listed: Sequence[Cells], places: grid.Places, say: Wording) -> Figure:
    """The whole city: numbers and letters in small tiles, the kecamatan framed and named in the space that is free."""
    own = grid.moved({places[cells["area_code"]]: cells for cells in listed})
    n_rows, n_cols = grid.size(own)
    width, notes = WIDE / n_cols, _notes(listed)
    drawing, axes = _new(KEY + GAP + n_rows * ROW, notes, say)
    _key(axes)
    for (row, col), cells in own.items():
        x, y = col * width, KEY + GAP + row * ROW
        _tile(axes, cells, (x, y), (width, ROW))
        _write(axes, x + width / 2, y + ROW / 2, _label(cells), cells)
    kecamatan = {place: str(cells["kecamatan_name"]) for place, cells in own.items()}
    for whose, colour, thick in (({place: str(place) for place in own}, LINE, 0.6), (kecamatan, INK, 1.7)):
        axes.plot(*zip(*_frames(whose, width), strict=True), color=colour, lw=thick, solid_capstyle="projecting")
    for name, (row, col), need, side in grid.labelled(kecamatan, width):
        x = col * width + 4 if side == "left" else (col + need) * width - 4
        axes.text(x, KEY + GAP + (row + 0.5) * ROW, name, ha=side, va="center_baseline", size=SMALL)
    return drawing


def named(listed: Sequence[Cells], places: grid.Places, own_code: str, say: Wording) -> Figure:
    """One kecamatan: name and rate of each kelurahan in its tile, that of `own_code` framed and bold."""
    own = grid.moved({places[cells["area_code"]]: cells for cells in listed})
    n_rows, n_cols = grid.size(own)
    width = WIDE / max(n_cols, 2)
    texts = {place: _lines(cells, width, say) for place, cells in own.items()}
    height = max(len(name) + len(rate) for name, rate in texts.values()) * LINE_HEIGHT + 6
    drawing, axes = _new(n_rows * height, [], say)
    for (row, col), cells in sorted(own.items(), key=lambda each: each[1]["area_code"] == own_code):
        x, y, is_own = col * width, row * height, cells["area_code"] == own_code
        _tile(axes, cells, (x, y), (width, height))
        axes.add_patch(Rectangle((x, y), width, height, fill=False, ec=LINE, lw=0.8))
        if is_own:
            axes.add_patch(Rectangle((x + 2, y + 2), width - 4, height - 4, fill=False, ec=ORANGE, lw=3))
        name, rate = texts[row, col]
        first = y + (height - LINE_HEIGHT * (len(name) + len(rate) - 1)) / 2
        for n, text in enumerate([*name, *rate]):
            _write(axes, x + width / 2, first + n * LINE_HEIGHT, text, cells, is_bold=is_own or n >= len(name))
    return drawing


def outlined(listed: Sequence[Cells], found: outlines.Outlines, own_code: str, say: Wording) -> Figure:
    """The same on true outlines, with numbers and letters where they fit. Raises ContractError where one is missing."""
    missing = sum(cells["area_code"] not in found for cells in listed)
    if missing:
        fault = Fault(N_("{n} kelurahan have no outline"), values={"n": missing})
        raise ContractError("data/raw/boundaries", [fault], outlines.CURE)
    shapes, height = _scaled({cells["area_code"]: found[cells["area_code"]] for cells in listed})
    drawing, axes = _new(KEY + GAP + height, _notes(listed), say)
    _key(axes)
    for cells in listed:
        _shape(axes, cells, shapes[cells["area_code"]], is_own=cells["area_code"] == own_code)
    for cells in listed:
        ring = max(shapes[cells["area_code"]], key=len)
        across, down = ([point[n] for point in ring] for n in (0, 1))
        if max(across) - min(across) >= LETTER * 4 and max(down) - min(down) >= LINE_HEIGHT:
            _write(axes, *_middle(ring), _label(cells), cells)
    return drawing


# drawing --------------------------------------------------------------------------------------------------------


def _new(height: float, notes: Sequence[str], say: Wording) -> tuple[Figure, Axes]:
    """A drawing whose axes count in its own units from the top left; below, what the hatches in `notes` stand for."""
    below = NOTE * len(notes) + 4
    drawing, axes = canvas.new(height + TOP + below, left=MARGIN, right=MARGIN, top=TOP, bottom=below)
    axes.set_xlim(0, WIDE)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    for n, note in enumerate(notes):
        y = height + 4 + NOTE * n
        axes.add_patch(Rectangle((0, y), 14, 11, fc="white", ec=LINE, lw=0.6, hatch=HATCH[note], clip_on=False))
        axes.text(20, y + 5.5, say.say(NOTES[note]).plain, va="center_baseline", size=SMALL)
    return drawing, axes


def _key(axes: Axes) -> None:
    """The five fifths with their letters, in a row above the map."""
    width = WIDE / len(TONES)
    for n, (tone, letter, text) in enumerate(zip(TONES, LETTERS, CLASSES, strict=True)):
        axes.add_patch(Rectangle((n * width, 0), width, KEY, fc=tone, ec=LINE, lw=0.6))
        axes.text((n + 0.5) * width, KEY / 2, f"{letter} {text}", ha="center", va="center_baseline", size=SMALL)


def _tile(axes: Axes, row: Cells, corner: Point, size: Point) -> None:
    """A tile in the tone of its fifth, two tones where its range reaches over several, hatched where it has none."""
    tones, (x, y), (width, height) = _tones(row), corner, size
    for n, tone in enumerate(tones):
        axes.add_patch(Rectangle((x + n * width / len(tones), y), width / len(tones), height, fc=tone, ec=LINE, lw=0,
                                 hatch=HATCH.get(row["shown"])))  # fmt: skip


def _shape(axes: Axes, row: Cells, rings: Sequence[Sequence[Point]], *, is_own: bool) -> None:
    """The same on a true outline."""
    corners = [point for ring in rings for point in ring]
    codes = [code for ring in rings for code in (Curve.MOVETO, *[Curve.LINETO] * (len(ring) - 1))]
    curve, tones = Curve(corners, codes), _tones(row)
    axes.add_patch(PathPatch(curve, fc=tones[0], ec=LINE, lw=0.6, hatch=HATCH.get(row["shown"])))
    for tone in tones[1:]:
        middle = sum(f(x for x, _ in corners) for f in (min, max)) / 2
        half = axes.add_patch(Rectangle((middle, 0), WIDE, 2 * TALLEST, fc=tone, ec="none"))
        half.set_clip_path(curve, axes.transData)
    if is_own:
        axes.add_patch(PathPatch(curve, fill=False, ec=ORANGE, lw=3, zorder=2))


def _tones(row: Cells) -> list[str]:
    span = _span(row)
    return [TONES[n] for n in dict.fromkeys(span)] if span else ["white"]


def _span(row: Cells) -> tuple[int, int] | None:
    """The first and the last fifth over which a rate reaches; None where it cannot be told."""
    if row["shown"] == shares.WORDS:
        return int(row["fifth"]), int(row["fifth"])
    if row["shown"] != shares.RANGE:
        return None
    first = min(int(row["percent_low"]) // 20, len(TONES) - 1)
    return first, max(first, math.ceil(int(row["percent_high"]) / 20) - 1)


def _label(row: Cells) -> str:
    """Number within the kecamatan, and the letters of its fifths: 3 BC."""
    span = _span(row)
    letters = "".join(dict.fromkeys(LETTERS[n] for n in span)) if span else ""
    return f"{row['number_n']} {letters}".strip()


def _write(axes: Axes, x: float, y: float, text: str, row: Cells, *, is_bold: bool = False) -> None:
    axes.text(x, y, text, ha="center", va="center_baseline", size=SMALL, weight="bold" if is_bold else "normal",
              bbox=HALO if row["shown"] in HATCH else None)  # fmt: skip


def _frames(kecamatan: Mapping[grid.Place, str], width: float) -> Iterator[Point]:
    """The points of the lines around each kecamatan, each line followed by a point that is nowhere."""
    for row, col in kecamatan:
        x, y = col * width, KEY + GAP + row * ROW
        for side in grid.sides(kecamatan, (row, col)).split():
            yield from ((x + across * width, y + along * ROW) for across, along in ENDS[side])
            yield math.nan, math.nan


def _notes(listed: Sequence[Cells]) -> list[str]:
    """Which hatches occur."""
    return [shown for shown in HATCH if any(row["shown"] == shown for row in listed)]


def _lines(row: Cells, width: float, say: Wording) -> tuple[list[str], list[str]]:
    """Name and rate of a kelurahan as lines that fit into its tile."""
    letters = int((width - 6) / LETTER)
    return textwrap.wrap(row["area_name"], letters), textwrap.wrap(counts.share(row, say).plain, letters)


# true outlines --------------------------------------------------------------------------------------------------


def _scaled(found: outlines.Outlines) -> tuple[dict[str, list[list[Point]]], float]:
    """The outlines in units of the drawing, to a tenth, below the key; and how high they are together."""
    points = [point for rings in found.values() for ring in rings for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrower = math.cos(math.radians((south + north) / 2))
    scale = min(WIDE / max((east - west) * narrower, 1e-9), TALLEST / max(north - south, 1e-9))
    start = (WIDE - (east - west) * narrower * scale) / 2

    def moved(x: float, y: float) -> Point:
        return round(start + (x - west) * narrower * scale, 1), round(KEY + GAP + (north - y) * scale, 1)

    shapes = {code: [_thinned([moved(*point) for point in ring]) for ring in rings] for code, rings in found.items()}
    return shapes, (north - south) * scale


def _thinned(ring: Sequence[Point]) -> list[Point]:
    """A ring without the points that nobody can tell from the one before; closed again."""
    kept = [ring[0]]
    for point in ring[1:-1]:
        if math.dist(point, kept[-1]) >= FINEST:
            kept.append(point)
    return [*kept, ring[0]]


def _middle(ring: Sequence[Point]) -> Point:
    """The centre of the area that a ring encloses; its first point where it encloses none."""
    crossed = [(x * v - u * y, x + u, y + v) for (x, y), (u, v) in pairwise(ring)]
    area = sum(cross for cross, _, _ in crossed)
    if not area:
        return ring[0]
    return sum(cross * x for cross, x, _ in crossed) / area / 3, sum(cross * y for cross, _, y in crossed) / area / 3
