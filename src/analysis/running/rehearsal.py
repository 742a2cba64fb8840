"""The only place that does once, for nothing, what every page does: what a first time costs is then paid before a fork.

A first drawing looks for fonts and fills caches, a first page compiles templates, a first number loads a language.
The project's public record is read once; nothing of any edition: a child must not find what another run had.
"""

from __future__ import annotations

import io
import warnings
from contextlib import suppress

import nbformat
import pandas as pd
import pandera.pandas as pandera
import seaborn as sns
from matplotlib import pyplot as plt

from analysis import NotebookError
from analysis.presenting import brief, canvas, parts, printing, wording
from analysis.sources import published
from analysis.sources.places import PROJECT, Root

DAYS = pd.to_datetime(["2026-01-01", "2026-02-01"])
TABLE = pd.DataFrame({"share": [0.2, 0.5], "group": ["a", "b"], "day": DAYS})


def rehearse() -> None:
    """Check and show a table, draw the kinds of chart there are, both ways, and begin a page in each language."""
    published.read_record(Root(PROJECT))
    printing.prepare()
    with warnings.catch_warnings(action="ignore"):  # nobody is told of a table that nobody sees
        _check()
        _draw()
        _plot()
    for name in parts.environment().list_templates(["j2"]):
        parts.environment().get_template(name)
    for language in wording.LANGUAGES:
        with suppress(NotebookError):  # no slot is filled; by then the template is compiled
            brief.render(nbformat.v4.new_notebook(), language, "", {})  # type: ignore[no-untyped-call]


def _check() -> None:
    """As a table that is read: held against a contract, which loads much of pandera, counted and shown."""
    column = pandera.Column(str, [pandera.Check.isin(["a", "b"]), pandera.Check.str_matches("a|b")])
    table = pandera.DataFrameSchema({"group": column}).validate(TABLE[["group"]], lazy=True)
    table.groupby("group")["group"].count().rename("rows").to_frame().pivot_table(index="group")
    table.to_csv()
    table.to_html()
    repr(table)


@canvas.styled
def _draw() -> None:
    """As the charts of the pages: bars, hatches, ranges, dots, lines, labels on a ground, ticks of dates."""
    drawing, axes = canvas.new(120, left=8, right=8, top=8, bottom=24)
    sns.barplot(TABLE, x="share", y="group", color=canvas.TEAL, ax=axes, errorbar=None)
    sns.scatterplot(TABLE, x="share", y="group", ax=axes, legend=False)
    axes.barh([0, 1], [1, 2], hatch="///", color=canvas.PALE, edgecolor=canvas.DARK)
    axes.errorbar([0.5], [1], xerr=[[0.1], [0.2]], fmt="o", color=canvas.INK)
    axes.plot([0, 1], [0, 1], marker="D", ls="--", label="x")
    axes.text(0, 0, "Kota Palu 0–9 %", bbox={"fc": "white", "ec": "none"})
    axes.annotate("x", (0, 0), (1, 1), arrowprops={"arrowstyle": "-"})
    canvas.svg(drawing, "rehearsal", "")
    drawing, axes = canvas.new(80, left=8, right=8, top=8, bottom=24)
    sns.lineplot(TABLE, x="day", y="share", ax=axes)
    canvas.svg(drawing, "rehearsal", "")


def _plot() -> None:
    """As a notebook that leaves its figures to JupyterLab."""
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)
