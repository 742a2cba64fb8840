"""How long the audit takes for a whole edition, and what it withholds: two editions, rounded and audited in order.

python benchmarks/audit.py ROOT: a root in which `demo-prev` and `demo` have been run. Figures: docs/decisions/0020.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.contracts import registers
from analysis.measuring import evaluation
from analysis.releasing import audit, disclosure, rounding
from analysis.releasing.audit import Seen
from analysis.releasing.identities import LAYOUTS, PERIODIC
from analysis.running import store
from analysis.sources import delivery, keys
from analysis.sources.places import Root

EDITIONS = ("demo-prev", "demo")


def true(root: Root, edition: str) -> dict[str, pd.DataFrame]:
    """The true counts of an edition by table, as the gate kept them."""
    kept = store.Store(root, edition, None)
    cells = pd.concat([kept.read(table) for table in (registers.EVALUATION_CELLS, registers.CELLS)])
    return {str(name): own.drop(columns=["table", "outcome"]) for name, own in cells.groupby("table")}


def step(edition: str, own: list[Seen], outside: list[Seen]) -> list[Seen]:
    """One release, audited; the tables as they are published."""
    started, used = time.monotonic(), time.process_time()
    told = audit.audit([*own, *outside])
    print(f"{edition} {'+'.join(one.name for one in own)}: {told.small_n} small, {told.exposed_n} exposed, "
          f"{told.passes_n} passes, {len(told.withheld)} partitions withheld, "
          f"{time.process_time() - used:.1f} s of CPU, {time.monotonic() - started:.1f} s")  # fmt: skip
    kept = audit.kept(own, told.withheld)
    return [
        replace(one, table=disclosure.without(one.table, one.name, told.withheld), is_out=True,
                cells=kept[kept["table"] == one.name].drop(columns="table"))
        for one in own
    ]  # fmt: skip


def main(root: Root) -> None:
    last: list[Seen] = []
    for edition in EDITIONS:
        period = delivery.read(root, edition).reference_date.isoformat()
        seen = [
            Seen(name, rounding.release(cells, keys.DEMO.rounding, LAYOUTS[name], None,
                                        period if name in PERIODIC else ""), cells, key="demo")
            for name, cells in true(root, edition).items()
        ]  # fmt: skip
        first = [one for one in seen if one.name == evaluation.layout().name]
        out = step(edition, first, last)
        out += step(edition, [one for one in seen if one not in first], [*out, *last])
        left = audit.exposed(audit.knowledge([*out, *last]))
        print(f"{edition}: {int((left['side'] == 'now').sum())} small counts of this edition exposed after all")
        last = [replace(one, is_last=True) for one in out]


if __name__ == "__main__":
    main(Root(Path(sys.argv[1])))
