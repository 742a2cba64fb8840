"""What the briefs of an edition cost: all of them through the pipeline, against a plain loop and the work alone.

.venv/bin/python benchmarks/briefs.py [ROOT] [--edition demo] [--sample 6] [--clones]

ROOT holds an edition whose tables were made (`jamsostek run`); only what briefs are made from is copied out of it.
Without one, invented registers of the city's size are made in a temporary folder.

pipeline: the briefs on all areas in both languages as tasks of `running.pipeline`, forked, two at once, getting warm
included, PDFs not. plain: papermill.execute_notebook and nbconvert's HTMLExporter over the same notebook and data, one
after the other, a new kernel each, on a sample and scaled. alone: in one warm process the cells that make charts, and
the rendering, on the same sample and scaled; beside it all cells and the rendering. CPU is that of all processes. Half
of the sample is run before the pipeline and half after it, because the machine may have other work.
Exit code 1 where a bar of the issue is missed: 10 times faster than plain, at most 1.5 times the CPU alone.

--clones instead measures what the README promises of `make briefs`: the committed state cloned twice into empty folders
with empty package caches, the first `make briefs`, a second with nothing to do, and whether both made the same bytes.
"""

import argparse
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import engine as bench  # benchmarks/engine.py
from engine import Cost, Job

from analysis.running import engine, pages, pipeline, preflight, provenance, warm
from analysis.running.pages import Desk
from analysis.sources import delivery, regions
from analysis.sources.places import PROJECT, Root

WORKERS, LANGUAGES = 2, ("id", "en")
LEAST_FASTER, MOST_CPU = 10, 1.5
FIRST_BAR_SECONDS, SECOND_BAR_SECONDS = 480, 5
NOTEBOOK = PROJECT / "notebooks" / pages.BRIEF_NOTEBOOK


# one edition ------------------------------------------------------------------------------------------------------


def run_demo(folder: Path) -> None:
    """Invented registers of two months, both run as far as the tables."""
    few = ["--area", "72.71", "--lang", "id"]
    for command in (["demo"], ["run", "demo-prev", *few], ["run", "demo", *few]):
        whole = [sys.executable, "-m", "analysis", *command, "--root", str(folder)]
        subprocess.run(whole, check=True, stdout=subprocess.DEVNULL)


def copied(root: Path, edition: str, folder: Path) -> Root:
    """What briefs are made from, in a root of its own: the delivery and the released tables."""
    for name in (f"data/raw/{edition}", f"data/processed/{edition}/released"):
        shutil.copytree(root / name, folder / name)
    return Root(folder)


def spread(areas: Sequence[str], sample_n: int) -> list[str]:
    """So many areas in even steps, the city among them."""
    return [areas[n * len(areas) // sample_n] for n in range(sample_n)]


def job(root: Root, edition: str, area: str, language: str) -> Job:
    """One brief, as benchmarks/engine.py takes it."""
    parameters = {**preflight.defaults(NOTEBOOK), "edition": edition, "area": area, "language": language}
    public = [root.find(name).path for name in provenance.INPUTS[NOTEBOOK.name]]
    own = [root.released(edition) / "areas" / f"{area}.{ending}" for ending in ("csv", "json")]
    make = engine.PageOf(language, "benchmark", {})
    return Job(NOTEBOOK, root, parameters, make, [path for path in (*public, *own) if path.exists()])


def piped(root: Root, edition: str, areas: Sequence[str]) -> None:
    """Make the briefs as the pipeline does, until each waits to be put in place."""
    delivered = delivery.read(root, edition)
    desk = Desk(root, delivered.prepared_date)
    listed = [page for page in pages.of_edition(desk, delivered, LANGUAGES, areas) if pages.is_brief(page)]
    order = pipeline.Order(desk, LANGUAGES, WORKERS, lambda *_: None)
    errors = pipeline._build(root.processed(edition) / "state", listed, order, root)
    assert not errors, errors
    assert all(page.made[0].is_file() for page in listed)


def plain(jobs: Sequence[Job]) -> Cost:
    """Seconds of the plain loop over these briefs."""
    return bench.costed(lambda: [bench.plain(one) for one in jobs])


def alone(jobs: Sequence[Job]) -> tuple[float, float]:
    """CPU seconds of these briefs in one warm process: all cells, cells of charts; both with rendering."""
    found = [warm.call(bench.alone, one, 3, deadline_seconds=600, label="alone") for one in jobs]
    return sum(everything for everything, _ in found), sum(drawing for _, drawing in found)


def measure(root: Root, edition: str, sample_n: int) -> bool:
    """Print the figures of one edition; whether both bars are met."""
    areas = list(regions.read(root)["id"])
    chosen = [job(root, edition, area, LANGUAGES[n % 2]) for n, area in enumerate(spread(areas, sample_n))]
    pages_n = len(areas) * len(LANGUAGES)
    half = len(chosen) // 2
    first = plain(chosen[:half])
    with warm.started():
        began = time.perf_counter()
        fast = bench.costed(lambda: piped(root, edition, areas))
        fast = Cost(time.perf_counter() - began, fast.cpu + bench.cpu_of(bench.server()))
        everything, drawing = (one / len(chosen) * pages_n for one in alone(chosen))
    second = plain(chosen[half:])
    slow = Cost(*((one + other) / len(chosen) * pages_n for one, other in zip(first, second, strict=True)))
    faster, cpu = slow.wall / fast.wall, fast.cpu / drawing
    print(f"{pages_n} briefs, plain and alone scaled from {len(chosen)}; PDFs not counted")
    print(f"plain    : {slow.wall:.0f} s wall, {slow.cpu:.0f} s CPU")
    print(f"pipeline : {fast.wall:.0f} s wall, {fast.cpu:.0f} s CPU, {WORKERS} at once, getting warm included")
    print(f"alone    : {drawing:.0f} s CPU of charts and rendering, {everything:.0f} s with all cells")
    print(f"faster   : {faster:.1f} times by wall (bar {LEAST_FASTER}), {slow.cpu / fast.cpu:.1f} times by CPU")
    print(f"over     : {cpu:.2f} of charts and rendering (bar {MOST_CPU}), {fast.cpu / everything:.2f} of all cells")
    return faster >= LEAST_FASTER and cpu <= MOST_CPU


# a fresh clone ----------------------------------------------------------------------------------------------------


def run(command: list[str], folder: Path, caches: Path) -> float:
    """Seconds of one command, with package caches of its own."""
    environment = os.environ | {"UV_CACHE_DIR": str(caches / "uv"), "PIP_CACHE_DIR": str(caches / "pip")}
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def clone(folder: Path) -> Path:
    """The committed state in an empty folder."""
    subprocess.run(["git", "clone", "-q", str(PROJECT), str(folder)], check=True)
    return folder


def hashes(reports: Path) -> dict[str, str]:
    """SHA-256 of every file below a reports folder."""
    files = sorted(path for path in reports.rglob("*") if path.is_file() and path.name != ".gitkeep")
    return {path.relative_to(reports).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def measure_clones(as_of: str) -> bool:
    """Print the figures of fresh clones; whether the bars are met."""
    briefs = ["make", "-s", "briefs", f"ARGS=--as-of {as_of}"]
    with tempfile.TemporaryDirectory() as written:
        folder = Path(written)
        one, other = clone(folder / "one"), clone(folder / "deeper" / "other")
        first = run(briefs, one, folder / "caches")
        second = run(briefs, one, folder / "caches")
        run(briefs, other, folder / "caches")
        is_same = hashes(one / "reports") == hashes(other / "reports")
        made = len(hashes(one / "reports"))
    print(f"first `make briefs`, empty caches: {first:.1f} s (bar {FIRST_BAR_SECONDS} s)")
    print(f"second `make briefs`, nothing to do: {second:.2f} s (bar {SECOND_BAR_SECONDS} s)")
    print(f"two clones, same day: {made} files, {'the same bytes' if is_same else 'DIFFERENT bytes'}")
    return is_same and first <= FIRST_BAR_SECONDS and second <= SECOND_BAR_SECONDS


def main() -> int:
    """Print the figures; 0 where every bar is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path)
    parser.add_argument("--edition", default="demo")
    parser.add_argument("--sample", type=int, default=6)
    parser.add_argument("--clones", action="store_true")
    parser.add_argument("--as-of", default="2026-11-22", help="of the clones")
    asked = parser.parse_args()
    if asked.clones:
        return 0 if measure_clones(asked.as_of) else 1
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as bare:
        if asked.root is None:
            run_demo(Path(made))
        root = copied(asked.root or Path(made), asked.edition, Path(bare))
        return 0 if measure(root, asked.edition, asked.sample) else 1


if __name__ == "__main__":
    sys.exit(importlib.import_module("briefs").main())  # a child finds no function of the program that was started
