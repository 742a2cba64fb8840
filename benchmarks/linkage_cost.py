"""What does the linkage cost, and what do simpler ways find? CPU, memory and accuracy in one run, each in a process.

.venv/bin/python benchmarks/linkage_cost.py [--scale 1.0] [--ways ours textbook merge] [--runs 1]

Ways: ours with the frozen model; a textbook Splink 5 run (its comparison library, two EM sessions); a pandas merge on
the clean NIK, or name and birth date. Reading and cleaning are counted in all of them. Pair figures are against the
known truth; the gap is owners without a link against owners without a participation, owners taken from the truth for
the two simple ways. The bars: at most twice the CPU of the textbook run and 800 MB at Palu's size; at ten times the
size (--scale 10) at most 12 times our own CPU and 4.5 GB. A ratio printed needs both ways in one call.
"""

import argparse
import logging
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from analysis import synthetic
from analysis.cleaning import registers
from analysis.contracts.registers import JAMSOSTEK, UMKM
from analysis.sources import delivery, ingest, keys, regions
from analysis.sources.places import PROJECT, Root

PAIR = ["umkm_source_sheet", "umkm_source_row", "participant_source_sheet", "participant_source_row"]
COLUMNS = ["source_sheet", "source_row", "nik", "name", "birth_date", "sex", "kelurahan_code", "phone"]


def cleaned(root: Root) -> registers.Prepared:
    delivered = delivery.read(root, "demo")
    facts = registers.Facts.of(delivered.reference_date, regions.read(Root(PROJECT)))
    return registers.prepare(ingest.read_all(delivered), facts, keys.DEMO.pseudonym)


def ours(root: Root) -> pd.DataFrame:
    from linkage import linked

    return linked(root, "demo").found.links[PAIR]


def merge(root: Root) -> pd.DataFrame:
    tables = cleaned(root).tables
    left, right = (tables[name][COLUMNS] for name in (UMKM, JAMSOSTEK))
    found = [left.dropna(subset=on).merge(right.dropna(subset=on), on=on) for on in (["nik"], ["name", "birth_date"])]
    return pairs(pd.concat(found), "_x", "_y")


def textbook(root: Root) -> pd.DataFrame:
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    tables = cleaned(root).tables
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.ExactMatch("nik"),
            cl.JaroWinklerAtThresholds("name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.ExactMatch("sex"),
            cl.ExactMatch("kelurahan_code"),
            cl.ExactMatch("phone"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("nik"), block_on("name"), block_on("birth_date"), block_on("phone"),
        ],
    )  # fmt: skip
    api, inputs = DuckDBAPI(), []
    for name in (UMKM, JAMSOSTEK):
        table = tables[name][COLUMNS].assign(unique_id=range(len(tables[name])))
        table["birth_date"] = table["birth_date"].dt.strftime("%Y-%m-%d")
        inputs.append(api.register(table, dataset_display_name=name))
    linker = Linker(inputs, settings)
    logging.getLogger("splink").setLevel(logging.ERROR)
    linker.training.estimate_probability_two_random_records_match([block_on("nik")], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("nik"), block_on("name", "birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
    is_left = found["source_dataset_l"] == UMKM
    umkm = found["unique_id_l"].where(is_left, found["unique_id_r"]).astype(int)
    other = found["unique_id_r"].where(is_left, found["unique_id_l"]).astype(int)
    sides = [
        tables[name].iloc[at][COLUMNS[:2]].reset_index(drop=True).add_suffix(side)
        for name, at, side in ((UMKM, umkm, "_x"), (JAMSOSTEK, other, "_y"))
    ]
    both = pd.concat(sides, axis=1)
    return pairs(both, "_x", "_y")


WAYS = {"ours": ours, "textbook": textbook, "merge": merge}


def pairs(found: pd.DataFrame, umkm: str, participant: str) -> pd.DataFrame:
    names = [f"{part}{side}" for side in (umkm, participant) for part in COLUMNS[:2]]
    return found[names].set_axis(PAIR, axis=1).drop_duplicates()


def judged(root: Root, found: pd.DataFrame) -> str:
    """F1 of pairs and error of the gap."""
    from linkage import true_pairs

    truth = root.path / "data" / "truth" / "demo"
    true = true_pairs(truth)
    common = len(true.merge(found, on=PAIR))
    f1 = 2 * common / (len(true) + len(found))
    rows = pd.read_csv(truth / "umkm_rows.csv", keep_default_na=False, dtype={"source_sheet": "str"})
    linked = rows.merge(found.drop_duplicates(PAIR[:2]), how="left", left_on=COLUMNS[:2], right_on=PAIR[:2])
    n = (~linked[PAIR[3]].notna().groupby(linked["person_id"]).any()).sum()
    owners = pd.read_csv(truth / "owners.csv")
    return f"{f1:7.4f} {n / (~owners['is_enrolled']).sum() - 1:+7.2%}"


def one(way: str, folder: Path) -> None:
    """Run one way in this process, print what it cost and found."""
    root = Root(folder)
    found = WAYS[way](root)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    print(f"{way} {cpu:.2f} {used[0].ru_maxrss / 1024:.0f} {judged(root, found)}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0, help="size, 1 being Palu's")
    options.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    options.add_argument("--runs", type=int, default=1)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        one(given.one[0], Path(given.one[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        synthetic.demo(Path(folder), seed=given.seed, umkm_n=round(synthetic.OWNERS_N * given.scale),
                       participants_n=round(synthetic.PARTICIPANT_ROWS_N * given.scale))  # fmt: skip
        print("way       CPU s  peak MB      F1     gap")
        cpu: dict[str, list[float]] = {}
        for _ in range(given.runs):
            for way in given.ways:
                told = subprocess.run([sys.executable, __file__, "--one", way, folder], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout.splitlines()[-1].split()  # fmt: skip
                cpu.setdefault(way, []).append(float(told[1]))
                print(f"{told[0]:8} {told[1]:>6} {told[2]:>8} {told[3]:>7} {told[4]:>7}", flush=True)
    if {"ours", "textbook"} <= cpu.keys():
        ratios = [a / b for a, b in zip(cpu["ours"], cpu["textbook"], strict=True)]
        print("ours / textbook, CPU: " + ", ".join(f"{ratio:.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
