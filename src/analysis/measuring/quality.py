"""The only place for what the evaluation page shows of the registers: tables made of released counts alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from analysis.cleaning import rules
from analysis.contracts.registers import DELIVERED, FIXERS
from analysis.contracts.released import CITY
from analysis.measuring import evaluation, shares
from analysis.measuring.record import freshness
from analysis.measuring.shares import Part
from analysis.sources.periods import full_months

NIK_FILLED, NIK_USABLE, BIRTH, KELURAHAN, PHONE = "nik_filled", "nik", "birth_date", "kelurahan", "phone"
ALONE, CURRENT, AGREES, IN_PLACE = "alone", "current", "agrees", "in_place"


def delivered(cells: pd.DataFrame) -> list[str]:
    """The registers of the edition, in the order in which we name them."""
    here = set(cells["dimension"])
    return [name for name in DELIVERED if f"{name}.rows" in here]


def nik(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows without a usable NIK (missing, or filled and not valid), by register and area: columns of shares.table.

    percent_low and percent_high are of the rows *with* a usable NIK; without_n (a sum of two parts, without_refs) are
    the rows without.
    """
    tables = []
    for name in delivered(cells):
        good: list[Part] = [(f"{name}.validity", "nik", "valid")]
        bad: list[Part] = [(f"{name}.completeness", "nik", "missing"), (f"{name}.validity", "nik", "not_valid")]
        own = shares.table(cells, good, bad, register=name)
        refs = [" ".join(ref for ref in refs.split() if not ref.endswith(",nik,valid")) for refs in own["refs"]]
        tables.append(own.assign(without_n=own["total_n"] - own["part_n"], without_refs=refs))
    return pd.concat(tables, ignore_index=True)


def findings(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows with a finding in the city, by register and rule, most first: rows_n, total_n, severity, fixer, refs.

    rows_n is NA where withheld. A rule of severity `fact` is left out: it asks nobody for anything.
    """
    city = cells[(cells["area_code"] == CITY) & cells["dimension"].str.endswith(".rule")]
    known = rules.read()
    found = [
        {"register": name, "rule_id": rule.id, "severity": rule.severity, "fixer": rule.fixers[name],
         **_with(city, f"{name}.rule", rule.id)}
        for name in delivered(cells) for rule in known.values() if name in rule.fixers and rule.severity != rules.FACT
    ]  # fmt: skip
    return _most_first(pd.DataFrame(found))


def fixers(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows that somebody can put right, by register, area and fixer: rows_n, total_n, refs; in the city most first."""
    found = [
        {"area_code": area, "register": name, "fixer": fixer, **_with(own, f"{name}.fixer", fixer)}
        for area, own in cells[cells["dimension"].str.endswith(".fixer")].groupby("area_code")
        for name in delivered(cells) for fixer in FIXERS
    ]  # fmt: skip
    return _most_first(pd.DataFrame(found)).sort_values("area_code", kind="stable", ignore_index=True)


def areas(cells: pd.DataFrame) -> pd.DataFrame:
    """The five qualities by register and area: columns of shares.table with `register` and `aspect`."""
    tables = [
        shares.table(cells, parts, others, register=name, aspect=aspect)
        for name in delivered(cells) for aspect, (parts, others) in _aspects(name).items()
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def columns(cells: pd.DataFrame) -> pd.DataFrame:
    """How far each column is filled and, where it was filled, valid, in the city: columns of shares.table.

    `quality` is completeness or validity.
    """
    tables = []
    city = cells[cells["area_code"] == CITY]
    for name in delivered(cells):
        for quality, (good, bad) in {"completeness": evaluation.FILLED, "validity": evaluation.VALID}.items():
            for column in evaluation.layout().dimensions[f"{name}.{quality}"].categories:
                dimension = f"{name}.{quality}"
                tables.append(shares.table(city, [(dimension, column, good)], [(dimension, column, bad)],
                                           register=name, column=column, quality=quality))  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def accounting(cells: pd.DataFrame) -> pd.DataFrame:
    """What became of each file's rows, and of the answers that came back: one row per register, NA where withheld."""
    city = cells[cells["area_code"] == CITY].set_index(["dimension", "measure"])
    found = []
    for name in delivered(cells):
        kept = city.loc[f"{name}.rows"]
        answers = city.loc[f"{name}.answers"]
        refs = {f"{measure}_refs": kept.loc[measure, "refs"] for measure in ("rows", "kept")}
        refs["refs"] = " ".join([*kept["refs"], *answers["refs"]])
        values = {f"{measure}_n": of.loc[measure, "value"] for of in (kept, answers) for measure in of.index
                  if not (of is answers and measure == "rows")}  # fmt: skip
        found.append({"register": name, **values, "answers_n": answers.loc["rows", "value"], **refs})
    made = pd.DataFrame(found)
    return made.astype({name: "Int64" for name in made.columns if name.endswith("_n")})


def age(limits: pd.DataFrame, reference_date: date, as_of: date) -> pd.DataFrame:
    """How old the registers are and whether that is past their limits (limits.csv, kind register): one row."""
    limit = limits[limits["kind"] == "register"].iloc[0]
    months = full_months(reference_date, as_of)
    state = freshness(months, int(limit["stale_after_months"]), int(limit["expired_after_months"]))
    return pd.DataFrame([{"months_old": months, "freshness": state, "refs": limit["ref"]}])


def _with(cells: pd.DataFrame, dimension: str, category: str) -> Mapping[str, object]:
    """Rows with a finding, and all that were looked at; the first cell is the one that a figure names."""
    own = cells[(cells["dimension"] == dimension) & (cells["category"] == category)].set_index("measure")
    return {"rows_n": own.loc["with", "value"], "total_n": own.loc["rows", "value"], "refs": own.loc["with", "refs"]}


def _most_first(found: pd.DataFrame) -> pd.DataFrame:
    whole = found.astype({"rows_n": "Int64", "total_n": "Int64"})
    return whole.sort_values("rows_n", ascending=False, kind="stable", na_position="last", ignore_index=True)


def _aspects(name: str) -> dict[str, tuple[list[Part], list[Part]]]:
    """What is shown of a register by area: the part that is as it should be, and the rest."""

    def pair(quality: str, category: str, good: str, *bad: str) -> tuple[list[Part], list[Part]]:
        dimension = f"{name}.{quality}"
        return [(dimension, category, good)], [(dimension, category, each) for each in bad]

    told = {
        NIK_FILLED: pair("completeness", "nik", *evaluation.FILLED),
        NIK_USABLE: pair("validity", "nik", *evaluation.VALID),
        BIRTH: pair("validity", "birth_date", *evaluation.VALID),
        KELURAHAN: pair("validity", "kelurahan", *evaluation.VALID),
        ALONE: pair("uniqueness", evaluation.PERSON, *evaluation.UNIQUE),
        AGREES: pair("consistency", evaluation.NIK_BIRTH, "agrees", "disagrees"),
        IN_PLACE: pair("consistency", evaluation.PLACE, "agrees", "disagrees"),
    }
    if "phone" in DELIVERED[name]:
        told[PHONE] = pair("validity", "phone", *evaluation.VALID)
    if name in evaluation.CURRENT:
        category, measures = evaluation.CURRENT[name]
        told[CURRENT] = pair("currency", category, *measures)
    return told
