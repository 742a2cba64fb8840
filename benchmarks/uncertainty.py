"""Do the ranges hold the truth? Coverage, width and interval score of the model band and of the review.

.venv/bin/python benchmarks/uncertainty.py [--seeds 30] [--full 5] [--dirt low mid high] [--reviews 20]
.venv/bin/python benchmarks/uncertainty.py --edition ROOT NAME     (data/raw/NAME and data/truth/NAME below ROOT)

Every third edition bears damage besides that no list of the generator holds and nothing was fitted on (`spoiled`).
Measured: owners not enrolled of the city and each kecamatan, against known truth; before rounding and as released.
Review: 400 owners, reviewers who know who is who and see what the workbook shows; one who errs in 2 of 100 beside.
The interval score (Gneiting and Raftery 2007, alpha .05, per owner not enrolled) punishes width, and twenty times a
miss. Exit code 1 where a bar is missed.
"""

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from linkage import Linked, linked

from analysis import synthetic
from analysis.contracts.registers import JAMSOSTEK, KEY, REVIEW_ANSWERS, UMKM, UNREGISTERED
from analysis.contracts.released import CITY
from analysis.contracts.released import KEY as CELL
from analysis.linking import lookalikes, review
from analysis.measuring import doubts, gap, reviewed, uncertainty
from analysis.releasing import disclosure
from analysis.sources import ingest, keys, regions
from analysis.sources.places import PROJECT, Root

SMALL, FULL = 0.2, 1.0
OWNERS_REVIEWED, ERRING = 400, 0.02
LEAST_COVERED, MOST_WIDE, MOST_BIASED = 0.93, 0.06, 0.005
ALPHA = 0.05


@dataclasses.dataclass(frozen=True)
class Case:
    """One edition to be measured, by its name and level of dirt."""

    name: str
    dirt: str
    linked: Linked

    @property
    def true(self) -> pd.DataFrame:
        """The true owners."""
        return pd.read_csv(self.linked.truth / "owners.csv", dtype={"kecamatan_code": "str"})

    def persons(self, register: str) -> pd.Series:
        """The true person of each row of a register, by its key."""
        file = {UMKM: "umkm_rows", JAMSOSTEK: "participant_rows"}.get(register, "vulnerable_rows")
        rows = pd.read_csv(self.linked.truth / f"{file}.csv", keep_default_na=False, dtype={"source_sheet": "str"})
        return rows.set_index(list(KEY))["person_id"]


# damage that nothing was fitted on ------------------------------------------------------------------------------


def spoiled(raw: dict[str, pd.DataFrame], rng: np.random.Generator, rate: float) -> dict[str, pd.DataFrame]:
    """The delivered cells with new damage: two inner letters of a name changed over, its last word dropped, two digits
    of a NIK changed over, a birth year off by ten, an address without its number, two rows' phones exchanged.
    """
    told = {}
    for register, table in raw.items():
        table = table.copy()
        for columns, change in SPOILING.items():
            for column in set(columns) & set(table.columns):
                hit = (rng.random(len(table)) < rate) & table[column].notna().to_numpy()
                table.loc[hit, column] = [change(text, rng) for text in table.loc[hit, column].astype("str")]
        told[register] = table
    return told


def _inner(text: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(1, max(2, len(text) - 2)))
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _shorter(text: str, rng: np.random.Generator) -> str:
    return text.rsplit(" ", 1)[0] if rng.random() < 0.5 else _inner(text, rng)


def _other_year(text: str, rng: np.random.Generator) -> str:
    return text[:-2] + f"{int(rng.integers(0, 100)):02d}" if text[-2:].isdigit() else text


def _no_number(text: str, rng: np.random.Generator) -> str:
    return "".join(letter for letter in text if not letter.isdigit()) if rng.random() < 0.7 else ""


SPOILING: dict[tuple[str, ...], Callable[[str, np.random.Generator], str]] = {
    ("owner_name", "name"): _shorter, ("nik",): _inner, ("birth_date",): _other_year, ("address",): _no_number,
    ("phone",): _inner,
}  # fmt: skip
RATES = {"low": 0.01, "mid": 0.03, "high": 0.05}


# one edition ----------------------------------------------------------------------------------------------------


def case(root: Root, edition: str, name: str, dirt: str, spoil: np.random.Generator | None = None) -> Case:
    """An edition as `jamsostek run` links it, its cells spoiled first where a generator is given."""
    if spoil is None:
        return Case(name, dirt, linked(root, edition))

    def changed(raw: dict[str, ingest.RawRegister]) -> dict[str, ingest.RawRegister]:
        cells = spoiled({key: one.table for key, one in raw.items()}, spoil, RATES[dirt])
        return {key: dataclasses.replace(one, table=cells[key]) for key, one in raw.items()}

    return Case(name, dirt, linked(root, edition, changed))


def band(one: Case, areas: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Of the city and each kecamatan: truth, range before rounding and as released, covered or not, interval score."""
    owners = one.linked.owners
    cells = gap.cells(owners, areas)
    told = doubts.doubts(owners, one.linked.found.persons, one.linked.found.candidates)
    ranges = uncertainty.model_band(owners, told, cells, areas)
    spreads = ranges.spreads(cells)
    released = disclosure.release(cells, keys.DEMO.rounding, gap.layout(), spreads).table
    for table, kind in ((ranges.table, "band"), (released, "released")):
        own = table[(table["dimension"] == "total") & (table["measure"] == UNREGISTERED)]
        own = own[own["area_code"].str.len() <= len("72.71.01")]
        for area, lower, upper in own[["area_code", "lower", "upper"]].itertuples(index=False, name=None):
            yield {"name": one.name, "dirt": one.dirt, "kind": kind, "area": area,
                   **_held(float(lower), float(upper), _missing_n(one, area))}  # fmt: skip


def _held(lower: float, upper: float, n: int) -> dict[str, float]:
    miss = max(lower - n, n - upper, 0.0)
    return {"width": (upper - lower) / n, "is_covered": miss == 0, "score": (upper - lower + 2 / ALPHA * miss) / n}


def _missing_n(one: Case, area: str) -> int:
    own = one.true[one.true["status"] == UNREGISTERED]
    return len(own if area == CITY else own[own["kecamatan_code"] == area])


# the review -----------------------------------------------------------------------------------------------------


def reviews(one: Case, areas: pd.DataFrame, times: int, erring: float) -> Iterator[dict[str, object]]:
    """The estimate of several reviews of the same edition: each another sample of owners, answered from the truth."""
    own, owners, n = one.linked, one.linked.owners, _missing_n(one, CITY)
    cells, doubtful = gap.cells(owners, areas), doubts.doubts(owners, own.found.persons, own.found.candidates)
    known = lookalikes.Known(own.tables, owners, own.found.persons, own.found.candidates, own.tables[UMKM].iloc[:0])
    for seed in range(times):
        rng = np.random.default_rng(seed)
        sample = review.sample(owners, OWNERS_REVIEWED, rng)
        pairs = lookalikes.pairs(sample, known, keys.DEMO.pseudonym, one.name)
        answers = answered(one, pairs, rng, erring)
        told = review.verdicts(pairs, answers, owners)
        confirmed = review.confirmed(pairs, answers, own.found.persons)
        judged = reviewed.judged(told, confirmed, owners, own.tables, own.rules)
        city = reviewed.estimates(owners, judged).set_index("measure").loc[UNREGISTERED]
        estimate = float(city["estimate_n"])
        ranges = reviewed.interval(owners, judged, doubtful, cells, areas).table.set_index(list(CELL))
        lower, upper = ranges.loc[(CITY, "total", "all", UNREGISTERED), ["lower", "upper"]]
        yield {"name": one.name, "dirt": one.dirt, "kind": "review", "bias": estimate / n - 1,
               **_held(float(lower), float(upper), n)}  # fmt: skip


def answered(one: Case, pairs: pd.DataFrame, rng: np.random.Generator, erring: float) -> pd.DataFrame:
    """The truth as answers: contract REVIEW_ANSWERS. `erring`: share of owners of whom the reviewer says the opposite
    about one participant row.
    """
    owners = one.linked.owners.set_index("owner_id")
    first = owners.loc[pairs["owner_id"], ["umkm_source_sheet", "umkm_source_row"]]
    mine = one.persons(UMKM).reindex(pd.MultiIndex.from_frame(first)).to_numpy()
    theirs = np.empty(len(pairs), dtype=object)
    for register, rows in pairs.groupby("register").groups.items():
        at = pairs.index.get_indexer(rows)
        theirs[at] = one.persons(str(register)).reindex(pd.MultiIndex.from_frame(pairs.loc[rows, list(KEY)])).to_numpy()
    is_same = mine == theirs
    wrong = pairs["owner_id"].drop_duplicates()
    wrong = wrong[rng.random(len(wrong)) < erring]
    asked = pairs[(pairs["register"] == JAMSOSTEK) & pairs["owner_id"].isin(wrong)].drop_duplicates("owner_id")
    at = pairs.index.get_indexer(asked.index)
    is_same[at] = ~is_same[at]
    told = pd.DataFrame(
        {
            "question_id": pairs["question_id"],
            "reviewer": "A",
            "answer": np.where(is_same, "same", "other"),
            "answered_date": pd.Timestamp("2026-11-09"),
        }
    )
    return told[list(REVIEW_ANSWERS.columns)]


# the table ------------------------------------------------------------------------------------------------------


def cases(given: argparse.Namespace) -> Iterator[Case]:
    """The editions to measure: of another generator, or the demo's, every third one spoiled."""
    if given.edition:
        yield case(Root(Path(given.edition[0])), given.edition[1], "outside", "outside")
        return
    for dirt in given.dirt:
        sizes = [(SMALL, seed) for seed in range(101, 101 + given.seeds)]
        sizes += [(FULL, seed) for seed in range(201, 201 + given.full)]
        for scale, seed in sizes:
            with tempfile.TemporaryDirectory() as folder:
                counts = {"umkm_n": round(synthetic.OWNERS_N * scale),
                          "participants_n": round(synthetic.PARTICIPANT_ROWS_N * scale)}  # fmt: skip
                synthetic.demo(Path(folder), seed=seed, dirt=dirt, **counts)
                spoil = np.random.default_rng(seed) if seed % 3 == 0 else None
                size = "full" if scale == FULL else "fifth"
                yield case(Root(Path(folder)), "demo", f"{size} {seed}{' spoiled' if spoil else ''}", dirt, spoil)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Coverage, median width and mean score by dirt, size, kind and level."""
    level = np.where(table["area"].isna() | table["area"].eq(CITY), "city", "kecamatan")
    size = table["name"].str.split(" ").str[0] + np.where(table["name"].str.endswith("spoiled"), " spoiled", "")
    by = [table["dirt"], size.rename("size"), table["kind"], pd.Series(level, index=table.index, name="level")]
    told = table.groupby(by).agg(n=("width", "size"), covered=("is_covered", "mean"), width=("width", "median"),
                                 score=("score", "mean"), bias=("bias", "mean"))  # fmt: skip
    return told.round(4)


def missed(table: pd.DataFrame) -> list[str]:
    """The bars that were missed."""
    told = []
    own = table[table["kind"] == "band"]
    for dirt, level in own.groupby("dirt"):
        is_city = level["area"] == CITY
        for name, rows in (("city", level[is_city]), ("kecamatan", level[~is_city])):
            if rows["is_covered"].mean() < LEAST_COVERED:
                told.append(f"{dirt}: the band covers {rows['is_covered'].mean():.3f} ({name})")
    mid = own[(own["dirt"] == "mid") & (own["area"] == CITY)]
    if len(mid) and mid["width"].max() > MOST_WIDE:
        told.append(f"mid: the band of a city is {mid['width'].max():.2%} wide")
    for dirt, rows in table[table["kind"] == "review"].groupby("dirt"):
        if abs(rows["bias"].mean()) > MOST_BIASED:
            told.append(f"{dirt}: the review is biased by {rows['bias'].mean():+.2%}")
    return told


def main() -> int:
    """Print every edition as it is measured, then the summary; 1 where a bar is missed."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeds", type=int, default=30, help="editions of a fifth of the size for each level of dirt")
    options.add_argument("--full", type=int, default=5, help="editions of full size for each level of dirt")
    options.add_argument("--dirt", nargs="+", default=["low", "mid", "high"], choices=RATES)
    options.add_argument("--reviews", type=int, default=10, help="reviews of each edition")
    options.add_argument("--edition", nargs=2, metavar=("ROOT", "NAME"), help="an edition with its truth instead")
    given = options.parse_args()
    areas, rows = regions.read(Root(PROJECT)), []
    for one in cases(given):
        told = [*band(one, areas), *reviews(one, areas, given.reviews, 0.0)]
        told += [{**row, "kind": "review, 2 % errors"} for row in reviews(one, areas, given.reviews, ERRING)]
        rows += told
        city = next(row for row in told if row["kind"] == "band" and row["area"] == CITY)
        print(f"{one.dirt:8} {one.name:18} width {city['width']:.2%} covered {city['is_covered']}", flush=True)
    table = pd.DataFrame(rows).reindex(columns=["name", "dirt", "kind", "area", "width", "is_covered", "score", "bias"])
    print(summary(table).to_string())
    over = missed(table)
    print("\n".join(over) or "every bar is met")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
