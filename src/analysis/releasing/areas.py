"""The only place for which released rows the brief on one area may show, and for the file that holds just these.

A brief depends on its own rows and on no others: one file of each area, `released/areas/<area code>.csv`, so that a
changed row makes only those pages again that show it, and the process that makes a page can read nothing else.

The city shows its kecamatan and, on the map, all kelurahan; a kecamatan its kelurahan beside the city; a kelurahan the
same as its kecamatan, on which it also stands where it is too small to be shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import N_, DisclosureError, Fault
from analysis.contracts.released import AREA_FOLDER, CITY, COLUMNS, TOTAL_DIMENSION, Layout
from analysis.measuring import gap
from analysis.releasing import disclosure, editions, identities
from analysis.releasing.disclosure import Released

LAST = "last_gap"
"""The gap of the edition before, in the file of an area."""


LAYOUTS: Mapping[str, Layout] = {**identities.LAYOUTS, LAST: gap.layout()}
"""Every table that a brief may be made from, by its name in the file of an area."""


@dataclass(frozen=True)
class Area:
    """One area: code, name, level, the kecamatan that it is or lies in ("" for the city), and the areas shown beside
    it: of the city all others, of a kecamatan and of a kelurahan the kelurahan of the kecamatan.
    """

    code: str
    name: str
    level: str
    kecamatan: str
    beside: tuple[str, ...]

    @property
    def whole(self) -> tuple[str, ...]:
        """Areas of which every row may be shown: its own, the kecamatan it lies in."""
        return tuple(dict.fromkeys(code for code in (self.code, self.kecamatan) if code))


def known(regions: pd.DataFrame) -> dict[str, Area]:
    """All areas by code: the city, each kecamatan, each kelurahan, in the order of regions.csv."""
    found = {}
    for code, level, parent, name in regions[["id", "level", "parent_code", "name"]].itertuples(index=False, name=None):
        if level == "kota":
            found[code] = Area(code, name, "city", "", tuple(one for one in regions["id"] if one != code))
        else:
            kecamatan = code if level == "kecamatan" else parent
            beside = tuple(regions.loc[regions["parent_code"] == kecamatan, "id"])
            found[code] = Area(code, name, level, kecamatan, beside)
    return found


def write(released: Path, regions: pd.DataFrame, last: Path | None) -> list[Path]:
    """Write the files of all areas below `released`, from the tables that lie there and the gap of the edition before.

    `last`: its folder `released`; None where there is none. A file that stays the same is not touched. Files of areas
    that are no more are removed. Raises DisclosureError as `disclosure.read` does.
    """
    tables = {name: disclosure.read(released, form) for name, form in LAYOUTS.items()
              if name != LAST and (released / f"{form.name}.csv").is_file()}  # fmt: skip
    if last is not None:
        tables[LAST] = disclosure.read(last, gap.layout())
    folder = released / AREA_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[Path, str] = {}
    for area in known(regions).values():
        parts = {name: rows for name, one in tables.items() if len(rows := _rows(area, one.table))}
        text = _text(parts)
        made[folder / f"{area.code}.csv"] = text
        made[folder / f"{area.code}.json"] = _described(parts, tables, text)
    for path in set(folder.iterdir()) - made.keys():
        path.unlink()
    for path, text in made.items():
        if not (path.is_file() and path.read_bytes() == text.encode()):
            disclosure.put(path, text.encode())
    return sorted(made)


def read(released: Path, area: str) -> Mapping[str, Released]:
    """What the brief on an area may show: its tables by name, without those that the edition does not have.

    Raises DisclosureError where the file is missing, damaged, or could not have come from the gate.
    """
    path = released / AREA_FOLDER / f"{area}.csv"
    try:
        text, told = path.read_text(encoding="utf-8"), json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if told["sha256"] != disclosure.digest(text):
            raise ValueError("another text")
        table = disclosure.parsed(text, ("table", *COLUMNS))
        own = {name: editions.from_json(json.dumps(one)) for name, one in told["tables"].items()}
        unknown = set(table["table"]) - own.keys()
        forms = {name: LAYOUTS[name] for name in own}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        unknown = {area}
    if unknown:
        fault = Fault(N_("the released files are missing or cannot be read"))
        raise DisclosureError(f"released/{AREA_FOLDER}/{area}.csv", [fault], disclosure.RUN_AGAIN) from None
    parts = dict(iter(table.groupby("table")))
    return {
        name: disclosure.again(_part(parts.get(name, table.iloc[:0])), forms[name], rule, edition)
        for name, (edition, rule, _) in own.items()
    }


def _part(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop(columns="table").reset_index(drop=True)


def _rows(area: Area, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of one table that the brief may show: all of its own area, and the totals of those beside it."""
    is_total = (table["dimension"] == TOTAL_DIMENSION) & table["area_code"].isin([CITY, *area.beside])
    return table.loc[table["area_code"].isin(area.whole) | is_total, list(COLUMNS)]


def _text(parts: Mapping[str, pd.DataFrame]) -> str:
    """The file of an area: its header, then the rows of each table."""
    lines = [",".join(("table", *COLUMNS)) + "\n"]
    for name, rows in parts.items():
        columns = ["table", *COLUMNS]
        lines.append(rows.assign(table=name)[columns].to_csv(index=False, header=False, lineterminator="\n"))
    return "".join(lines)


def _described(parts: Mapping[str, pd.DataFrame], tables: Mapping[str, Released], text: str) -> str:
    """Whose counts they are, table by table, and the hash of the file of rows."""
    whose = {name: (disclosure.edition_of(tables[name]), tables[name].rule) for name in parts}
    told = {name: json.loads(editions.as_json(edition, rule, "")) for name, (edition, rule) in whose.items()}
    return (
        json.dumps({"sha256": disclosure.digest(text), "tables": told}, ensure_ascii=False, indent=1, sort_keys=True)
        + "\n"
    )
