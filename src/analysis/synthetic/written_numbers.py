"""The only place for how NIK, phone and money are written in the invented registers, rightly and wrongly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.synthetic.chance import Cells, Clerks, pick

NIK_DAMAGE = (
    *("nik_missing", "nik_short", "nik_long", "nik_rounded", "nik_scientific", "nik_letters", "nik_apostrophe"),
    *("nik_dotted", "nik_blanks", "nik_decimal", "nik_placeholder", "nik_kk", "nik_spouse", "nik_digit"),
)
STILL_READABLE = (
    "",
    "nik_letters",
    "nik_apostrophe",
    "nik_dotted",
    "nik_blanks",
    "nik_decimal",
    "nik_spouse",
    "nik_digit",
)
"""Kinds of damage after which sixteen digits can still be read, be they the person's own or not."""
BLANKS = ("", "", "", "-", "NIHIL", "0", "TIDAK ADA", "belum ada")
PLACEHOLDERS = ("0000000000000000", "1234567890123456", "9999999999999999", "1111111111111111")


@dataclass(frozen=True)
class Written:
    """One written column: the cells (text; a number or a day where the spreadsheet holds one), what was done to each
    ('' = nothing), and what a careful reader would make of it ('' or NaT: nothing can be read).
    """

    cells: Cells
    damage: Cells
    reads: Cells


@dataclass(frozen=True)
class Numbers:
    """What a clerk has before him: the NIK to write, what was wrong with it already, and what may take its place.

    `wrong` names the damage of the list that was copied ('' = none); `kk` the family card, `relative` the NIK of
    someone in the household ('' = nobody).
    """

    nik: Cells
    wrong: Cells
    kk: Cells
    relative: Cells


def niks(clerks: Clerks, of: Numbers, is_spreadsheet: bool) -> Written:
    """NIK cells. In a spreadsheet a rounded NIK is a true number (int); elsewhere its digits."""
    rng = clerks.rng("nik")
    damage = clerks.damage("nik", NIK_DAMAGE)
    damage[(damage == "nik_spouse") & (of.relative == "")] = ""
    damage[of.nik == ""] = "nik_missing"
    draws = rng.integers(0, 2**31, (len(damage), 2))
    blank, placeholder = pick(rng, BLANKS, None, len(damage)), pick(rng, PLACEHOLDERS, None, len(damage))
    cells, reads = of.nik.copy(), of.nik.copy()
    for row in np.flatnonzero(damage != ""):
        kind, nik, (a, b) = damage[row], of.nik[row], draws[row]
        if kind in ("nik_missing", "nik_placeholder"):
            cells[row] = (blank if kind == "nik_missing" else placeholder)[row]
        elif kind in ("nik_kk", "nik_spouse"):
            cells[row] = (of.kk if kind == "nik_kk" else of.relative)[row]
        else:
            cells[row] = _misspelt(kind, nik, int(a), int(b))
        if cells[row] == nik and kind != "nik_missing":
            damage[row] = ""
        elif kind == "nik_rounded" and is_spreadsheet:
            cells[row] = int(cells[row])
        if kind in ("nik_spouse", "nik_digit", "nik_kk"):
            reads[row] = cells[row]
    damage = np.where((damage == "") & (of.wrong != ""), of.wrong, damage)
    return Written(cells, damage, np.where(np.isin(damage, [*STILL_READABLE, "nik_kk"]), reads, ""))


def _misspelt(kind: str, nik: str, a: int, b: int) -> str:
    """One NIK with one fault; `a` and `b` are drawn numbers."""
    at = a % 16
    if kind == "nik_short":
        return nik[:at] + nik[at + 1 :]
    if kind == "nik_long":
        return nik[:at] + nik[at] + nik[at:]
    if kind == "nik_rounded":
        return nik[:15] + "0"
    if kind == "nik_scientific":
        return f"{int(nik):.5E}".replace(".", "," if b % 2 else ".")
    if kind == "nik_letters":
        return nik.replace("0", "O", 1 + a % 3) if "0" in nik and b % 4 else nik.replace("1", "l", 1 + a % 2)
    if kind == "nik_digit":
        return _wrong_digit(nik, a, b)
    written = {
        "nik_apostrophe": ("'" + nik, "`" + nik),
        "nik_dotted": (f"{nik[:6]}.{nik[6:12]}.{nik[12:]}", ".".join(nik[i : i + 4] for i in range(0, 16, 4))),
        "nik_blanks": (
            " ".join(nik[i : i + 4] for i in range(0, 16, 4)),
            nik + " ",
            f"{nik[:6]} {nik[6:]}",
            "\xa0" + nik,
        ),
        "nik_decimal": (nik + ".0",),
    }[kind]
    return written[b % len(written)]


def _wrong_digit(nik: str, a: int, b: int) -> str:
    """Another digit, or two neighbours changed over where they differ."""
    at = a % 15
    if b % 4 == 0 and nik[at] != nik[at + 1]:
        return nik[:at] + nik[at + 1] + nik[at] + nik[at + 2 :]
    at = a % 16
    return nik[:at] + str((int(nik[at]) + 1 + b % 9) % 10) + nik[at + 1 :]


def copied(written: Written, own_nik: Cells, looks_up: Cells) -> tuple[Cells, Cells]:
    """What someone who types from a list writes for each cell of it, and the damage that comes along.

    Sixteen digits are typed as they stand. What is no NIK at all is looked up on the identity card, or left blank
    (`looks_up` false).
    """
    text = written.cells.astype(str).astype(object)
    is_taken = np.isin(written.damage, ["nik_rounded", "nik_kk", "nik_spouse", "nik_digit"])
    nik = np.where(is_taken, text, own_nik)
    no_number = ["nik_missing", "nik_short", "nik_long", "nik_scientific", "nik_placeholder"]
    nik = np.where(np.isin(written.damage, no_number) & ~looks_up, "", nik)
    return nik, np.where(is_taken, written.damage, "")


def phones(clerks: Clerks, phone: Cells, officer: Cells) -> Written:
    """Phone cells in many forms; `officer` is the number of the kelurahan's officer ('' = none to be had).

    `reads` is the first number, 62 in front.
    """
    rng, n = clerks.rng("phone"), len(phone)
    damage = clerks.damage("phone", ("phone_of_officer", "phone_missing", "phone_digit", "phone_two"))
    has_own = phone != ""
    damage[~has_own & (damage != "phone_of_officer")] = ""
    damage[(damage == "phone_of_officer") & (officer == "")] = ""
    number = np.where(damage == "phone_of_officer", officer, np.where(damage == "phone_missing", "", phone))
    draws = rng.integers(0, 2**31, (n, 2))
    for row in np.flatnonzero(damage == "phone_digit"):
        at = 5 + draws[row, 0] % 7
        number[row] = (
            number[row][:at] + str((int(number[row][at]) + 1 + draws[row, 1] % 9) % 10) + number[row][at + 1 :]
        )
    forms = pick(rng, [0, 1, 2, 3, 4, 5, 6], [50, 14, 8, 10, 8, 8, 2], n)
    second = np.char.mod("08219%07d", rng.integers(0, 10**7, n))
    cells = np.array([_dialled(text, int(form)) for text, form in zip(number, forms, strict=True)], dtype=object)
    two = damage == "phone_two"
    cells[two] = cells[two] + np.array(["/", " / ", ", "], dtype=object)[draws[two, 0] % 3] + second[two]
    cells[cells == ""] = pick(rng, ["", "", "", "-", "0"], None, int((cells == "").sum()))
    return Written(cells, damage, np.array(["62" + text[1:] if text else "" for text in number], dtype=object))


def _dialled(number: str, form: int) -> str:
    """One number (08...) in one of seven forms."""
    if not number:
        return ""
    rest = number[1:]
    return (
        number,
        f"{number[:4]}-{number[4:8]}-{number[8:]}",
        f"{number[:4]} {number[4:8]} {number[8:]}",
        f"62{rest}",
        f"+62{rest}",
        rest,
        f"0062{rest}",
    )[form]


def money(rng: np.random.Generator, rupiah: Cells) -> Cells:
    """Yearly revenue as people write it; blank for one in twelve."""
    forms = pick(rng, [0, 1, 2, 3, 4, 5], [40, 22, 14, 10, 6, 8], len(rupiah))
    return np.array([_rupiah(int(value), int(form)) for value, form in zip(rupiah, forms, strict=True)], dtype=object)


def _rupiah(value: int, form: int) -> str | int:
    """184000000: a number, Rp 184.000.000, 184.000.000, 184 jt, 184 juta, blank."""
    dotted = f"{value:,}".replace(",", ".")
    million = f"{value / 1e6:.1f}".removesuffix(".0").replace(".", ",")
    return (value, f"Rp {dotted}", dotted, f"{million} jt", f"Rp. {dotted},-", "")[form]
