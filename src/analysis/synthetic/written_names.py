"""The only place for how a person's name is written in the invented registers: forms, habits and mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from analysis.synthetic import words
from analysis.synthetic.chance import Cells, Clerks, pick
from analysis.synthetic.written_numbers import Written

SHORT_FORMS = {
    "MUHAMMAD": ("MUH.", "MOH.", "M.", "MUH", "MOH", "MOHAMMAD", "MUHAMAD", "MOHAMAD", "MHD."),
    "ABDUL": ("ABD.", "ABD", "ABDL", "A."),
    "SITI": ("ST.", "SITTI", "ST", "SITTY"),
    "AHMAD": ("ACHMAD", "AHMAT", "AKHMAD"),
    "NUR": ("NOER", "NOOR", "NUUR"),
    "ANDI": ("A.", "ANDI"),
    "DAENG": ("DG.", "DG"),
}
OLD_SPELLINGS = (
    *(("U", "OE"), ("DJ", "J"), ("J", "DJ"), ("TJ", "C"), ("C", "TJ"), ("SY", "S"), ("S", "SY"), ("LL", "L")),
    *(("MM", "M"), ("DD", "D"), ("NN", "N"), ("I", "Y"), ("Y", "I"), ("F", "P"), ("F", "V"), ("Z", "S"), ("KH", "H")),
    *(("H", ""), ("'", "")),
)  # fmt: skip
DECEASED = (" (ALM)", " (Alm.)", " ALM", " (almh)", " (Almarhum)")
HABITS = ("name_cut", "name_initials", "name_order", "name_glued", "name_old_spelling", "name_father")
"""Of these a name suffers at most one; short forms, typing errors and titles come on top."""


def names(clerks: Clerks, true: Cells, is_man: Cells, field: str) -> Written:
    """Name cells; `damage` names the last thing done; `reads`: name, deceased, or '' where no name stands."""
    rng, n = clerks.rng(field), len(true)
    draws = rng.integers(0, 2**31, (n, 4))
    cells = true.copy()
    damage = np.full(n, "", dtype=object)
    habit = clerks.damage(f"{field} habit", HABITS)
    typo = clerks.damage(f"{field} typo", ("name_typo",))
    short = clerks.damage(f"{field} short", ("name_short_form",))
    fathers = rng.permutation(true)
    steps: list[tuple[Cells, Callable[[int], str]]] = [
        (short, lambda row: _short_form(cells[row], int(draws[row, 0]))),
        (habit, lambda row: _habit(habit[row], cells[row], int(draws[row, 1]), fathers[row], is_man[row])),
        (typo, lambda row: _typo(cells[row], int(draws[row, 2]), int(draws[row, 3]))),
    ]
    for kinds, write in steps:
        for row in np.flatnonzero(kinds != ""):
            was = cells[row]
            cells[row] = write(int(row))
            if cells[row] != was:
                damage[row] = kinds[row]
    cells = _titled(clerks, field, cells, is_man)
    marks = clerks.damage(f"{field} mark", ("name_missing", "name_deceased"))
    dead, gone = np.flatnonzero(marks == "name_deceased"), np.flatnonzero(marks == "name_missing")
    cells = _cased(rng, cells, clerks.register)
    cells[dead] = cells[dead] + pick(rng, DECEASED, None, len(dead))
    cells[gone] = pick(rng, ["", "", "-"], None, len(gone))
    reads = np.where(marks == "name_missing", "", np.where(marks == "name_deceased", "deceased", "name"))
    return Written(cells, np.where(marks != "", marks, damage), reads)


def _short_form(name: str, draw: int) -> str:
    """MUHAMMAD as MUH., M., MOHAMMAD; also glued NUR HAYATI and parted NURHAYATI."""
    first, _, rest = name.partition(" ")
    if forms := SHORT_FORMS.get(first):
        glued = "" if draw % 11 == 0 and first == "NUR" else " "
        return forms[draw % len(forms)] + (glued + rest if rest else "")
    if first.startswith("NUR") and len(first) > 6 and draw % 4 == 0:
        return f"NUR {first[3:]} {rest}".rstrip()
    return name


def _habit(kind: str, name: str, draw: int, father: str, is_man: bool) -> str:
    """One habit of those who write names down."""
    parts = name.split()
    if kind == "name_old_spelling":
        at = draw % len(OLD_SPELLINGS)
        fits = [(a, b) for a, b in OLD_SPELLINGS[at:] + OLD_SPELLINGS[:at] if a in name[1:]]
        return name[0] + name[1:].replace(*fits[0], 1) if fits else name
    if kind == "name_father":
        return f"{name} {'BIN' if is_man else 'BINTI'} {father.split()[-1]}"
    if len(parts) < 2:
        return name
    if kind == "name_order":
        return " ".join(parts[1:] + parts[:1])
    if kind == "name_glued":
        at = draw % (len(parts) - 1)
        return " ".join([*parts[:at], parts[at] + parts[at + 1], *parts[at + 2 :]])
    return " ".join(parts[:-1]) if kind == "name_cut" else " ".join([*parts[:-1], parts[-1][0] + "." * (draw % 2)])


def _typo(name: str, a: int, b: int) -> str:
    """A letter left out, doubled, changed over with the next, or another one; never the first."""
    at = [found.start() for found in re.finditer("(?<=[A-Z])[A-Z]", name)]
    if not at:
        return name
    i = at[a % len(at)]
    kind = b % 4
    if kind == 0:
        return name[:i] + name[i + 1 :]
    if kind == 1:
        return name[:i] + name[i] + name[i:]
    if kind == 2 and i + 1 < len(name):
        return name[:i] + name[i + 1] + name[i] + name[i + 2 :]
    return name[:i] + "AIUENRSTKL"[(b // 4) % 10] + name[i + 1 :]


def _titled(clerks: Clerks, field: str, cells: Cells, is_man: Cells) -> Cells:
    """Some names with a title before or behind."""
    rng = clerks.rng(f"{field} title")
    titles = words.read("titles")
    cells = cells.copy()
    rows = np.flatnonzero(clerks.damage(f"{field} title", ("name_title",)) == "name_title")
    for sex, own in (("male", rows[is_man[rows]]), ("female", rows[~is_man[rows]])):
        fit = titles[titles["sex"].isin([sex, ""])].reset_index(drop=True)
        drawn = fit.iloc[pick(rng, fit.index.to_numpy(), fit["weight"].to_numpy(), len(own)).astype(np.int64)]
        for row, title, stands in zip(own, drawn["title"], drawn["stands"], strict=True):
            cells[row] = f"{title} {cells[row]}" if stands == "before" else f"{cells[row]}, {title}"
    return cells


def _cased(rng: np.random.Generator, cells: Cells, register: str) -> Cells:
    """Capitals everywhere in an export; by hand one name in three in small letters, some with stray blanks."""
    if register == "jamsostek":
        return np.array([name.upper().replace("'", "’") for name in cells], dtype=object)
    form = pick(rng, [0, 1, 2, 3], [62, 30, 5, 3], len(cells))
    made: tuple[Callable[[str], str], ...] = (
        str,
        str.title,
        lambda name: f" {name} ",
        lambda name: name.replace(" ", "  "),
    )
    return np.array([made[int(f)](name) for name, f in zip(cells, form, strict=True)], dtype=object)
