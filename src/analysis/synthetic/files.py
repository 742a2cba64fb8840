"""The only place for the form of the invented files: workbook, two CSV files, delivery.toml, and where each row stands.

Source of the habits: titles above the header, blocks with subtotals, repeated headers, blank rows, a signature
(the design's list of layouts that were seen).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.contracts.registers import JAMSOSTEK, RENTAN, UMKM
from analysis.synthetic.population import Population
from analysis.synthetic.registers import Register
from analysis.synthetic.written_dates import MONTHS

MARK = "DATA SINTETIS"
HEADERS: Mapping[str, Mapping[str, str]] = {
    UMKM: {
        "nik": "NIK", "owner_name": "Nama Pemilik", "business_name": "Nama Usaha", "nib": "NIB",
        "sex": "Jenis Kelamin", "birth_place": "Tempat Lahir", "birth_date": "Tanggal Lahir", "address": "Alamat",
        "rt_rw": "RT/RW", "kelurahan": "Kelurahan", "kecamatan": "Kecamatan", "phone": "No. HP",
        "sector": "Sektor Usaha", "kbli": "KBLI", "scale": "Skala Usaha", "revenue_idr": "Omzet per Tahun",
        "workers_n": "Jumlah Tenaga Kerja", "census_date": "Tanggal Pendataan",
    },
    JAMSOSTEK: {
        "kpj": "KPJ", "nik": "NIK", "name": "NAMA_TENAGA_KERJA", "sex": "JENIS_KELAMIN", "birth_date": "TGL_LAHIR",
        "address": "ALAMAT", "kelurahan": "KELURAHAN", "kecamatan": "KECAMATAN", "phone": "NO_HP",
        "segment": "SEGMEN", "program": "PROGRAM", "member_date": "TGL_KEPESERTAAN",
        "last_contribution_month": "BULAN_IURAN_TERAKHIR", "status": "STATUS_KEPESERTAAN", "funding": "SUMBER_IURAN",
    },
    RENTAN: {
        "nik": "NIK", "name": "NAMA", "birth_date": "TANGGAL LAHIR", "kelurahan": "KELURAHAN",
        "kecamatan": "KECAMATAN", "group": "KELOMPOK",
    },
}  # fmt: skip
"""Header of each of our columns, in the order of the file."""
NAMES = {UMKM: "umkm.xlsx", JAMSOSTEK: "jamsostek.csv", RENTAN: "pekerja_rentan.csv"}
ISSUERS = {
    UMKM: "Dinas Koperasi, UMKM, dan Tenaga Kerja (data rekaan)",
    JAMSOSTEK: "BPJS Ketenagakerjaan Cabang Palu (data rekaan)",
    RENTAN: "Dinas Sosial (data rekaan)",
}
LEGAL_BASIS = "DATA SINTETIS: tidak ada dasar hukum, semua orang rekaan"
RECEIVED_AFTER = timedelta(days=4)


@dataclass(frozen=True)
class Line:
    """One line of a sheet: its cells, and which row of the register it is (None: no record)."""

    cells: Sequence[Any]
    record: int | None = None


def write(folder: Path, of: Population, registers: Mapping[str, Register], edition: str) -> dict[str, pd.DataFrame]:
    """Write the delivery into `folder`; returns source_sheet and source_row of every row of each register."""
    places = {
        UMKM: _workbook(folder / NAMES[UMKM], _sheets(of, registers[UMKM]), of.until),
        JAMSOSTEK: _csv(folder / NAMES[JAMSOSTEK], _export(registers[JAMSOSTEK], of.until), ";", "cp1252"),
        RENTAN: _csv(folder / NAMES[RENTAN], _list(registers[RENTAN], of.until), ",", "utf-8-sig"),
    }
    (folder / "delivery.toml").write_text(_form(folder, edition, of.until), encoding="utf-8", newline="\n")
    return {name: place.reindex(registers[name].cells.index) for name, place in places.items()}


def _form(folder: Path, edition: str, until: date) -> str:
    """delivery.toml; unknown keys would be refused."""
    text = f'# {MARK}\nedition = "{edition}"\nreference_date = {until}\nis_synthetic = true\n'
    for name, file in NAMES.items():
        text += (
            f'\n[registers.{name}]\nissuer = "{ISSUERS[name]}"\nreceived_date = {until + RECEIVED_AFTER}\n'
            f'legal_basis = "{LEGAL_BASIS}"\nsha256 = "{hashlib.sha256((folder / file).read_bytes()).hexdigest()}"\n'
        )
    return text


def _records(register: Register, before: Mapping[str, Sequence[Any]], behind: Mapping[str, Sequence[Any]]
             ) -> tuple[list[str], list[tuple[Any, ...]]]:  # fmt: skip
    """Header and rows of a register with columns that nobody needs before and behind ours."""
    headers = HEADERS[register.name]
    columns = [*before.values(), *(register.cells[name].to_list() for name in headers), *behind.values()]
    return [*before, *headers.values(), *behind], list(zip(*columns, strict=True))


# the workbook -----------------------------------------------------------------------------------------------------


def _sheets(of: Population, register: Register) -> Iterator[tuple[str, list[Line]]]:
    """One sheet a kecamatan, in it a block a kelurahan."""
    area = of.umkm["area"].to_numpy()
    blocks = of.city.kelurahan.iloc[np.unique(area)]
    starts = {place: np.flatnonzero(area == place) for place in blocks.index}
    number = np.concatenate([np.arange(1, len(rows) + 1) for rows in starts.values()]) if len(area) else area
    remark = np.where(number % 97 == 0, "pindah alamat", "").tolist()
    header, records = _records(register, {"NO": number.tolist()}, {"KET": remark})
    for code, own in blocks.groupby("kecamatan_code"):
        name = of.city.kecamatan[str(code)]
        lines = [
            Line([f"DATA PELAKU UMKM KOTA PALU TAHUN {of.until.year} ({MARK})"]),
            Line([f"KECAMATAN {name.upper()}"]), Line([]), Line(header),
        ]  # fmt: skip
        for nth, (place, kelurahan) in enumerate(own["name"].items()):
            lines += [Line([]), Line(header)] if nth % 2 else [Line([])] if nth else []
            lines += [Line(records[row], int(row)) for row in starts[place]]
            lines.append(Line(["", "", f"JUMLAH KELURAHAN {kelurahan.upper()}", len(starts[place])]))
        total = sum(len(starts[place]) for place in own.index)
        lines += [Line(["", "", f"TOTAL KECAMATAN {name.upper()}", total]), Line([]), *_signature(of.until)]
        yield name, lines


def _signature(until: date) -> list[Line]:
    """Who signed: nobody, it is invented."""
    texts = ("Mengetahui,", "Camat", "", "", "(nama rekaan)", "NIP. -")
    return [
        Line([""] * 14 + [_place_and_day(until)]),
        *(Line([""] * 14 + [text]) if text else Line([]) for text in texts),
    ]


def _place_and_day(day: date) -> str:
    return f"Palu, {day.day} {MONTHS[day.month - 1]} {day.year}"


def _workbook(path: Path, sheets: Iterator[tuple[str, list[Line]]], until: date) -> pd.DataFrame:
    """Write the sheets; text as text, numbers and days as such. Returns the place of each record."""
    from xlsxwriter import Workbook

    places: list[tuple[int, str, int]] = []
    with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}) as book:
        book.set_properties({
            "title": MARK, "subject": MARK, "author": "jamsostek demo", "comments": "Semua orang di berkas ini rekaan.",
            "created": datetime(until.year, until.month, until.day),  # noqa: DTZ001  (a spreadsheet's day has no zone)
        })  # fmt: skip
        day, bold = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"bold": True, "align": "center"})
        whole = book.add_format({"num_format": "0"})
        for name, lines in sheets:
            sheet = book.add_worksheet(name)
            for row, line in enumerate(lines):
                if line.record is None and len(line.cells) == 1:
                    sheet.merge_range(row, 0, row, 19, line.cells[0], bold)
                    continue
                if line.record is not None:
                    places.append((line.record, name, row + 1))
                for column, cell in enumerate(line.cells):
                    if isinstance(cell, str):
                        if cell:
                            sheet.write_string(row, column, cell)
                    elif isinstance(cell, date):
                        sheet.write_datetime(row, column, cell, day)
                    else:
                        sheet.write_number(row, column, cell, whole)
    return _placed(places)


# the CSV files ----------------------------------------------------------------------------------------------------


def _export(register: Register, until: date) -> list[Line]:
    """The participant register: a title, the header, the records."""
    employer = register.cells["kpj"].str[3:11].where(register.cells["segment"].isin(["PU", "Penerima Upah"]), "")
    order = [str(n) for n in range(1, len(register.cells) + 1)]
    header, records = _records(register, {"NO": order, "NPP": employer.to_list()}, {"KET": [""] * len(order)})
    title = f"DATA PESERTA BPJS KETENAGAKERJAAN CABANG PALU PER {until:%d-%m-%Y} ({MARK})"
    return [Line([title] + [""] * (len(header) - 1)), Line(header), *(Line(r, n) for n, r in enumerate(records))]


def _list(register: Register, until: date) -> list[Line]:
    """The list of vulnerable workers: title, blank row, header, records, a total and a signature."""
    order = [str(n) for n in range(1, len(register.cells) + 1)]
    header, records = _records(register, {"NO": order}, {"KET": [""] * len(order)})
    wide = [""] * (len(header) - 2)
    return [
        Line([f"DAFTAR PEKERJA RENTAN KOTA PALU TAHUN {until.year} ({MARK})", "", *wide]), Line(["", "", *wide]),
        Line(header), *(Line(record, n) for n, record in enumerate(records)),
        Line(["", "JUMLAH", str(len(records)), *wide[1:]]), Line(["", "", *wide]),
        Line([*wide, _place_and_day(until), ""]), Line([*wide, "Kepala Dinas (nama rekaan)", ""]),
    ]  # fmt: skip


def _csv(path: Path, lines: list[Line], delimiter: str, encoding: str) -> pd.DataFrame:
    """Write the lines as a spreadsheet saves them (CR LF). Returns the place of each record."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(line.cells for line in lines)
    path.write_bytes(text.getvalue().encode(encoding))
    return _placed([(line.record, "", n) for n, line in enumerate(lines, start=1) if line.record is not None])


def _placed(places: list[tuple[int, str, int]]) -> pd.DataFrame:
    table = pd.DataFrame(places, columns=["record", "source_sheet", "source_row"]).set_index("record")
    return table.astype({"source_sheet": "str", "source_row": "int64"})
