"""What the forked engine saves: one page made many times, against a plain loop and against the work alone.

.venv/bin/python benchmarks/engine.py [--pages 20] [--plain 4] [--forks 500] [--edition ROOT NAME]

Without an edition the page is the published record (notebook 00), otherwise the edition's evaluation page (05).
plain: papermill.execute_notebook and nbconvert's HTMLExporter, one after the other, a new kernel each. forked:
`engine.page` by two workers; the second figure leaves out getting warm, which a batch pays once. alone: in one warm
process the cells run without any engine, and the rendering; the second figure counts only cells that make a chart, and
the rendering. CPU is that of all processes. Plain and forked take turns, because the machine may have other work.
Last, the memory of the process that forks over many forks. Exit code 1 where memory grows.
"""

import argparse
import ast
import importlib
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import papermill
from nbconvert import HTMLExporter

from analysis.presenting import brief
from analysis.presenting.parts import MEDIA_TYPE, Part
from analysis.running import engine, preflight, warm
from analysis.sources.places import PROJECT, Root

WORKERS, MOST_GROWN_KB = 2, 4096
TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    wall: float
    cpu: float


class Job(NamedTuple):
    notebook: Path
    root: Root
    parameters: dict[str, object]
    make: engine.PageOf
    readable: list[Path]


def job(edition: list[str] | None) -> Job:
    public = [PROJECT / "data/raw/published", PROJECT / "data/raw/reference"]
    name = "05_evaluation_page.ipynb" if edition else "00_published_record.ipynb"
    notebook = PROJECT / "notebooks" / name
    root = Root(Path(edition[0]) if edition else PROJECT)
    given = {"edition": edition[1]} if edition else {}
    readable = [*public, *(root.path / "data/raw" / name for name in ("published", "reference"))]
    if edition:
        readable.append(root.released(edition[1]))
    make = engine.PageOf("id", "benchmark", {})
    return Job(notebook, root, {**preflight.defaults(notebook), **given}, make, readable)


def plain(work: Job) -> None:
    with tempfile.TemporaryDirectory() as folder:
        executed = papermill.execute_notebook(
            work.notebook, Path(folder) / "out.ipynb", work.parameters, cwd=work.root.path, progress_bar=False
        )
        HTMLExporter().from_notebook_node(executed)


def forked(work: Job) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine.page(work.notebook, work.root, work.parameters, work.make, kind="forked", readable=work.readable,
                    failed=Path(folder) / "failed.ipynb")  # fmt: skip


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def costed(function: Callable[[], object], *others: int) -> Cost:
    """Seconds of wall and CPU: this process, its children that ended in the meantime, and the processes `others`."""

    def cpu() -> float:
        own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(one.ru_utime + one.ru_stime for one in own) + sum(map(cpu_of, others))

    began, before = time.perf_counter(), cpu()
    function()
    return Cost(time.perf_counter() - began, cpu() - before)


def batch(work: Job, pages_n: int) -> None:
    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(forked, [work] * pages_n))


def server() -> int:
    assert warm.SERVER._process is not None
    return warm.SERVER._process.pid


def run_cell(source: str, names: dict[str, Any]) -> object:
    """What the cell's last line gives, as in a notebook."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None


def alone(work: Job, rounds_n: int) -> tuple[float, float]:
    """CPU seconds of one page without an engine, in this process: all cells, chart cells only; both with rendering."""
    os.chdir(work.root.path)
    found = []
    for _ in range(rounds_n + 1):
        notebook = nbformat.read(work.notebook, 4)
        names: dict[str, Any] = {"__name__": "__main__"}
        everything = drawing = 0.0
        for cell in (one for one in notebook.cells if one.cell_type == "code"):
            before = time.process_time()
            made = run_cell(cell.source, names)
            spent = time.process_time() - before
            everything += spent
            if "parameters" in cell.metadata.get("tags", []):
                names |= work.parameters
            if isinstance(made, Part):
                drawing += spent if made.slot == "chart" else 0
                data = {MEDIA_TYPE: made._repr_mimebundle_()[MEDIA_TYPE]}
                cell.outputs = [nbformat.v4.new_output("display_data", data)]
        before = time.process_time()
        brief.render(notebook, *work.make)
        spent = time.process_time() - before
        found.append((everything + spent, drawing + spent))
    return tuple(statistics.median(one) for one in zip(*found[1:], strict=True))  # type: ignore[return-value]


def memory_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--plain", type=int, default=4)
    parser.add_argument("--forks", type=int, default=500)
    parser.add_argument("--edition", nargs=2, metavar=("ROOT", "NAME"))
    asked = parser.parse_args()
    work = job(asked.edition)
    with warm.started():
        warming = costed(lambda: warm.call(os.getpid, deadline_seconds=60, label="warm")).wall
        warming_cpu = cpu_of(server())
        own, made = [], []
        for _ in range(asked.plain):
            own.append(costed(lambda: plain(work)))
            made.append(costed(lambda: batch(work, asked.pages // asked.plain), server()))
        everything, drawing = warm.call(alone, work, 5, deadline_seconds=600, label="alone")
        pages_n = asked.pages // asked.plain * asked.plain
        slow = Cost(*(statistics.median(one) for one in zip(*own, strict=True)))
        fast = Cost(sum(one.wall for one in made) / pages_n, sum(one.cpu for one in made) / pages_n)
        print(f"plain  : {slow.wall:.2f} s wall, {slow.cpu:.2f} s CPU a page (median of {asked.plain})")
        print(f"forked : {fast.wall:.2f} s wall, {fast.cpu:.2f} s CPU a page ({pages_n} pages, {WORKERS} workers)")
        print(f"         and once {warming:.1f} s wall, {warming_cpu:.1f} s CPU to get warm")
        print(f"alone  : {everything:.2f} s CPU with all cells, {drawing:.2f} s with charts only; both with rendering")
        print(f"faster : {slow.wall / fast.wall:.1f} times by wall, {slow.cpu / fast.cpu:.1f} times by CPU")
        whole = slow.wall * 110 / (fast.wall * 110 + warming)
        print(f"         {whole:.1f} times by wall for 110 pages, warming included")
        print(f"over   : {fast.cpu / everything:.2f} of all cells alone, {fast.cpu / drawing:.2f} of charts")
        before = memory_kb(server())
        for _ in range(asked.forks):
            warm.call(os.getpid, deadline_seconds=60, label="fork")
        grown = memory_kb(server()) - before
        print(f"memory : {before / 1024:.0f} MB, grown by {grown} kB over {asked.forks} forks (bar {MOST_GROWN_KB} kB)")
    return 0 if grown <= MOST_GROWN_KB else 1


if __name__ == "__main__":
    sys.exit(importlib.import_module("engine").main())  # a child finds no function of the program that was started
