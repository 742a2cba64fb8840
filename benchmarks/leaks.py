"""What does the search for leaks cost, and does it cry wolf? 110 pages like the briefs, canaries of two registers.

.venv/bin/python benchmarks/leaks.py [--pages 110] [--persons 60000] [--seeds 1 2 3]

The canaries are invented and stand in no page: every hit is met by chance. The bar: none, and seconds of one processor.
"""

import argparse
import resource
import tempfile
from pathlib import Path

import numpy as np

from analysis.releasing import canaries as looked_for
from analysis.releasing import leaks

ROWS = 60


def canaries(seed: int, persons_n: int) -> looked_for.Canaries:
    """As many NIK, KPJ, telephone numbers and names as there are persons, formed as real ones are."""
    draw = np.random.default_rng(seed)
    days, months, years, serials = (draw.integers(low, high, persons_n)
                                    for low, high in ((1, 29), (1, 13), (50, 100), (1, 10_000)))  # fmt: skip
    districts = draw.integers(1, 9, persons_n)
    parts = zip(districts, days, months, years, serials, strict=True)
    nik = [f"72710{district}{day:02}{month:02}{year:02}{serial:04}" for district, day, month, year, serial in parts]
    kpj = [f"{number:011}" for number in draw.integers(10**10, 10**11, persons_n)]
    phone = [f"08{number}" for number in draw.integers(10**9, 10**10, persons_n)]
    syllables = np.array([a + b for a in "bcdfghjklmnprstwy" for b in ("a", "i", "u", "an", "in", "ur")])
    names = [" ".join("".join(syllables[draw.integers(0, len(syllables), 3)]) for _ in range(2)) for _ in nik]
    return looked_for.of_tables({"nik": nik, "kpj": kpj, "phone": phone, "name": names})


def write_pages(folder: Path, pages_n: int, size: int = 120_000) -> None:
    """Pages of text, tables and drawings with a font in base64, and a table of counts beside each."""
    draw = np.random.default_rng(0)
    font = "".join(draw.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"), 20_000))
    words = ["".join(draw.choice(list("abdegiklmnprstu"), draw.integers(2, 11))) for _ in range(3_000)]
    for n in range(pages_n):
        text = " ".join(draw.choice(words, size // 20))
        points = " ".join(f"L {x:.6f} {y:.6f}" for x, y in draw.uniform(0, 500, (size // 80, 2)))
        cells = "".join(
            f"<td>{low:,}</td> <td>{high:,}</td>" for low, high in draw.integers(1, 40_000, (size // 80, 2))
        )
        (folder / f"{n}.html").write_text(
            f"<html><style>@font-face{{src:url(data:font/woff2;base64,{font})}}</style><p>{text}&nbsp;&#51;</p>"
            f'<svg><path d="M 0 0 {points}"/></svg><table>{cells}</table></html>', encoding="utf-8")  # fmt: skip
        rows = "\n".join(f"72.71.0{n % 8 + 1},kecamatan,sector,trade,owners,{a},{b},{c}"
                         for a, b, c in 5 * draw.integers(1, 4_000, (5_000 // pages_n + ROWS, 3)))  # fmt: skip
        (folder / f"{n}.csv").write_text(rows, encoding="utf-8")


def seconds() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pages", type=int, default=110)
    options.add_argument("--persons", type=int, default=60_000)
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options.add_argument("--folder", type=Path, help="search this folder instead of invented pages")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made)
        if given.folder is None:
            write_pages(folder, given.pages)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        for seed in given.seeds:
            start = seconds()
            known = canaries(seed, given.persons)
            ready = seconds()
            found = leaks.scan(folder, known)
            print(f"seed {seed}: {len(known):,} canaries ready in {ready - start:.1f} s, {found.files_n} files of "
                  f"{size / 1e6:.1f} MB searched in {seconds() - ready:.1f} s; met by chance: "
                  f"{sum(hit.n for hit in found.hits)}, not searched: {len(found.unsearched)}")  # fmt: skip


if __name__ == "__main__":
    main()
