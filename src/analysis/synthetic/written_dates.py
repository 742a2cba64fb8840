"""The only place for how days and months are written in the invented registers, rightly and wrongly."""

from __future__ import annotations

from datetime import date

import numpy as np

from analysis.synthetic.chance import Cells, Clerks, pick
from analysis.synthetic.written_numbers import Written

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
SHORT = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]
BIRTH_DAMAGE = (
    *("birth_missing", "birth_unreadable", "birth_year_only", "birth_swapped"),
    *("birth_first_january", "birth_epoch", "birth_digit"),
)
FORMS = ("slash", "dash", "iso", "long", "short", "dot", "plain", "cell", "serial", "with_place")
BY_HAND = (34, 24, 6, 9, 4, 4, 8, 7, 2, 2)
BY_PROGRAM = (6, 78, 10, 0, 0, 0, 0, 0, 0, 0)
"""How often each form is written by clerks, and by an export."""
UNREADABLE = ("31/02/1980", "30/02/1975", "31-04-1969", "32/01/1971", "15/14/1982")
NO_DATE = ("", "", "", "-", "NIHIL")
SPREADSHEET_ZERO = date(1899, 12, 30)


def births(clerks: Clerks, born: Cells, place: Cells, office: Cells, by_hand: bool, is_spreadsheet: bool) -> Written:
    """Birth date cells; each office (whole number) has a form of its own that it mostly keeps to.

    Only a spreadsheet can hold true days and serial numbers.

    `born` are days (datetime64[D]), NaT where there is none to write. `reads` is the day that stands there, NaT where
    there is none.
    """
    rng = clerks.rng("birth_date")
    damage = clerks.damage("birth_date", BIRTH_DAMAGE)
    day, month, year = _parts(born)
    damage[np.isnat(born)] = "birth_missing"
    damage[(damage == "birth_swapped") & ((day > 12) | (day == month))] = ""
    reads = _shown(rng, born, damage)
    damage[(reads == born) & np.isin(damage, ["birth_digit", "birth_first_january"])] = ""
    form = _forms(rng, office, BY_HAND if by_hand else BY_PROGRAM)
    if not is_spreadsheet:
        form[np.isin(form, ["cell", "serial"])] = "slash"
    cells = spelt(reads, form, place)
    epoch = np.flatnonzero(damage == "birth_epoch")
    reads[epoch] = np.where(epoch % 2, np.datetime64("1900-01-01"), np.datetime64("1970-01-01"))
    cells[epoch] = np.where(epoch % 2, "01/01/1900", "1970-01-01")
    only = damage == "birth_year_only"
    cells[only] = year[only].astype(str).astype(object)
    for kind, texts in (("birth_missing", NO_DATE), ("birth_unreadable", UNREADABLE)):
        rows = np.flatnonzero(damage == kind)
        cells[rows] = pick(rng, texts, None, len(rows))
    reads[np.isin(damage, ["birth_missing", "birth_unreadable", "birth_year_only"])] = np.datetime64("NaT")
    return Written(cells, damage, reads)


def _parts(days: Cells) -> tuple[Cells, Cells, Cells]:
    """Day, month and year of each day, as whole numbers."""
    months = days.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    return (days - months).astype(np.int64) + 1, months.astype(np.int64) % 12 + 1, year


def _shown(rng: np.random.Generator, born: Cells, damage: Cells) -> Cells:
    """The day that is written: the true one, swapped, 1 January of its year, or another one."""
    day, month, _ = _parts(born)
    years = born.astype("datetime64[Y]")
    january = years.astype("datetime64[D]")
    swapped = (years.astype("datetime64[M]") + np.clip(day - 1, 0, 11)).astype("datetime64[D]") + (month - 1)
    months_off = rng.choice(np.array([-120, -12, -1, 1, 12, 24, 120]), len(born))
    days_off = rng.choice(np.array([-10, -1, 1, 2, 10]), len(born))
    moved = (born.astype("datetime64[M]") + months_off).astype("datetime64[D]") + np.clip(day - 1, 0, 27)
    wrong = np.where(rng.random(len(born)) < 0.55, moved, born + days_off)
    kinds = [damage == kind for kind in ("birth_swapped", "birth_first_january", "birth_digit")]
    shown: Cells = np.select(kinds, [swapped, january, wrong], born)
    return shown


def _forms(rng: np.random.Generator, office: Cells, weights: tuple[int, ...]) -> Cells:
    """Form of each row: three in four as the office does it."""
    forms = FORMS[: len(weights)]
    own = pick(rng, forms, weights, int(office.max(initial=0)) + 1)
    return np.where(rng.random(len(office)) < 0.75, own[office], pick(rng, forms, weights, len(office)))


def spelt(days: Cells, form: Cells, place: Cells) -> Cells:
    """Each day in its form; a cell that holds a true day is a `date`, a serial number an int."""
    cells = np.full(len(days), "", dtype=object)
    for row in np.flatnonzero(~np.isnat(days)):
        cells[row] = _spelt(days[row].item(), form[row], place[row])
    return cells


def _spelt(day: date, form: str, place: str) -> str | int | date:
    """One day in one form."""
    d, m, y = day.day, day.month, day.year
    if form in ("slash", "plain"):
        return f"{d:02d}/{m:02d}/{y}" if form == "slash" else f"{d}/{m}/{y}"
    if form in ("dash", "with_place"):
        return f"{d:02d}-{m:02d}-{y}" if form == "dash" or not place else f"{place}, {d:02d}-{m:02d}-{y}"
    if form == "long":
        return f"{d} {MONTHS[m - 1]} {y}"
    if form == "short":
        return f"{d} {SHORT[m - 1]} {y % 100:02d}"
    if form == "dot":
        return f"{d:02d}.{m:02d}.{y}"
    if form == "serial":
        return (day - SPREADSHEET_ZERO).days
    return day if form == "cell" else f"{y}-{m:02d}-{d:02d}"


def days(rng: np.random.Generator, true: Cells, is_spreadsheet: bool) -> Cells:
    """Other days (census, membership): only forms, no faults."""
    form = _forms(rng, np.zeros(len(true), dtype=np.int64), BY_HAND[:6] if is_spreadsheet else BY_PROGRAM[:3])
    return spelt(true, form, np.full(len(true), ""))


def months(clerks: Clerks, month: Cells) -> Written:
    """Last contribution months (12 x year + month - 1) in the forms of the contract; `reads` has -1 for none."""
    rng, n = clerks.rng("last_contribution_month"), len(month)
    damage = clerks.damage("last_contribution_month", ("month_unreadable", "month_typed"))
    reads = np.where(damage == "month_typed", month + 12 * 36, month)
    form = pick(rng, [0, 1, 2, 3, 4, 5], [62, 14, 9, 5, 6, 4], n)
    cells = np.array([_month(int(m), int(f)) for m, f in zip(reads, form, strict=True)], dtype=object)
    lost = np.flatnonzero(damage == "month_unreadable")
    cells[lost] = pick(rng, ["", "", "??", "belum bayar"], None, len(lost))
    return Written(cells, damage, np.where(damage == "month_unreadable", -1, reads))


def _month(month: int, form: int) -> str:
    """2026-07, 07/2026, 202607, Juli 2026, Jul-26, 01-07-2026."""
    y, m = divmod(month, 12)
    if form < 3:
        return (f"{y}-{m + 1:02d}", f"{m + 1:02d}/{y}", f"{y}{m + 1:02d}")[form]
    return (f"{MONTHS[m]} {y}", f"{SHORT[m]}-{y % 100:02d}", f"01-{m + 1:02d}-{y}")[form - 3]
