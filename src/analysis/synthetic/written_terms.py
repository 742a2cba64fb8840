"""The only place for how closed lists (sex, scale, segment, status, payer) are worded in the invented registers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.synthetic.chance import Cells, Clerks, pick
from analysis.synthetic.written_numbers import Written

SEX_BY_HAND = {
    "male": ("L", "L", "L", "L", "Laki-laki", "LAKI-LAKI", "Lk", "Pria", "l"),
    "female": ("P", "P", "P", "P", "Perempuan", "PEREMPUAN", "Pr", "Wanita", "p"),
}
SEX_BY_PROGRAM = {"male": ("L", "L", "L", "LAKI-LAKI"), "female": ("P", "P", "P", "PEREMPUAN")}
SCALE = {
    "micro": ("Mikro", "Mikro", "MIKRO", "Usaha Mikro", "mikro", ""),
    "small": ("Kecil", "KECIL", "Usaha Kecil", ""),
    "medium": ("Menengah", "MENENGAH", ""),
}
SEGMENT = {
    "PU": ("PU", "PU", "PU", "Penerima Upah"),
    "BPU": ("BPU", "BPU", "BPU", "Bukan Penerima Upah"),
    "JAKON": ("JAKON", "JASA KONSTRUKSI"),
    "PMI": ("PMI",),
}
STATUS = {
    "active": ("AKTIF", "AKTIF", "AKTIF", "Aktif"),
    "arrears": ("MENUNGGAK", "MENUNGGAK", "Menunggak"),
    "inactive": ("NON AKTIF", "TIDAK AKTIF", "NONAKTIF"),
    "deceased": ("MENINGGAL", "MENINGGAL DUNIA"),
}
FUNDING = {
    "apbd": ("APBD", "APBD", "APBD KOTA PALU"),
    "self": ("MANDIRI", "MANDIRI", "Mandiri"),
    "employer": ("PERUSAHAAN", "PERUSAHAAN", "PEMBERI KERJA"),
}


def worded(rng: np.random.Generator, true: Cells, forms: Mapping[str, Sequence[str]]) -> Cells:
    """One of the forms of each value; every value must have some."""
    cells = np.full(len(true), "", dtype=object)
    for value, texts in forms.items():
        rows = np.flatnonzero(true == value)
        cells[rows] = pick(rng, texts, None, len(rows))
    return cells


def sexes(clerks: Clerks, true: Cells, forms: Mapping[str, Sequence[str]]) -> Written:
    """Sex cells; `reads` is male, female or ''."""
    damage = clerks.damage("sex", ("sex_missing", "sex_wrong"))
    other = np.where(true == "male", "female", "male")
    reads = np.where(damage == "sex_missing", "", np.where(damage == "sex_wrong", other, true))
    return Written(worded(clerks.rng("sex"), reads, forms), damage, reads)


def statuses(clerks: Clerks, true: Cells) -> Written:
    """Status cells; of those whose contributions ended some still say that they are active."""
    damage = clerks.damage("status", ("status_stale",))
    damage[true != "inactive"] = ""
    reads = np.where(damage == "status_stale", "active", true)
    return Written(worded(clerks.rng("status"), reads, STATUS), damage, reads)
