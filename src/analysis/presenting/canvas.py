"""The only place that knows how charts are drawn: size, colours, fonts, and the clean inline SVG that comes out.

Charts are 300 units wide with labels above their marks, so that they stay legible on a phone of 320 pixels and at half
the width of an A4 page. Text stays text. Same drawing, same bytes: no date, no random ids, no comments.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import seaborn as sns
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 300
INK, TEAL, ORANGE = "#1d252c", "#0b5d5e", "#9a4707"
PALE, MIDDLE, DARK, LINE = "#dfe9e8", "#b4c6c8", "#8299a0", "#76828a"
P = ParamSpec("P")
R = TypeVar("R")
SVG = "http://www.w3.org/2000/svg"
LOOK: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "jamsostek-palu",
    "font.family": "DejaVu Sans",
    "font.size": 11.5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.edgecolor": LINE,
    "axes.linewidth": 0.8,
    "hatch.linewidth": 0.6,
}


DEFAULTS: dict[Any, Any] = {
    name: value for name, value in mpl.rcParamsDefault.items() if not name.startswith("backend")
}
"""matplotlib's own settings, so that nobody's matplotlibrc changes a page."""


def styled(chart: Callable[P, R]) -> Callable[P, R]:
    """Draw everything inside `chart` in the project's look, and leave matplotlib's own settings as they were."""

    @wraps(chart)
    def in_look(*args: P.args, **kwargs: P.kwargs) -> R:
        look: dict[Any, Any] = {**DEFAULTS, **dict(sns.axes_style("white")), **LOOK}
        with mpl.rc_context(look):
            return chart(*args, **kwargs)

    return in_look


def new(height: float, *, left: float, right: float, top: float, bottom: float) -> tuple[Figure, Axes]:
    """A drawing of WIDTH x `height` units with one pair of axes; margins in the same units. No frame but the x axis."""
    figure = Figure(figsize=(WIDTH / 72, height / 72))
    size = (1 - (left + right) / WIDTH, 1 - (top + bottom) / height)
    axes = figure.add_axes((left / WIDTH, bottom / height, *size))
    sns.despine(ax=axes, left=True)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=3)
    return figure, axes


def svg(figure: Figure, name: str, alt: str) -> Markup:
    """The drawing as inline SVG whose ids begin with `name` and whose description is `alt`."""
    text = io.StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ET.fromstring(text.getvalue())
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-labelledby": f"{name}-alt"}
    described = ET.Element(f"{{{SVG}}}desc", {"id": f"{name}-alt"})
    described.text = alt
    root.insert(0, described)
    return Markup(_own_ids(ET.tostring(root, encoding="unicode"), name))


def _own_ids(written: str, name: str) -> str:
    """Ids that no other chart of the page has; the page's fonts instead of matplotlib's; no line breaks in paths."""
    written = re.sub(rf'(?<=\bid=")(?!{re.escape(name)}-alt")', f"{name}-", written)
    written = re.sub(r"(?<=url\(#)|(?<=href=\"#)", f"{name}-", written)
    written = re.sub(r"font-family: [^;\"]*;? ?", "", written)
    return re.sub(r"\s*\n\s*", " ", written)
