"""A delivery: what its form says, what lies beside it, who may read it, and how every fault is told at once.

Broken deliveries are listed in spec/bad_delivery.csv, one change to a sound one in each line.
"""

import csv
import dataclasses
import hashlib
import os
import pickle
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from analysis import ContractError, ParameterError
from analysis.sources import delivery
from analysis.sources.places import Root

TODAY = date(2026, 11, 5)
FORM = """\
edition = "2026-10"
reference_date = 2026-10-31
is_synthetic = true
[registers.umkm]
issuer = "Dinas Koperasi dan UMKM"
received_date = 2026-11-04
legal_basis = 'PKS 1/2026'

columns.nik = "NO KTP"
[registers.jamsostek]
issuer = "BPJS Ketenagakerjaan"
received_date = 2026-10-02
legal_basis = "PKS 2/2026"
"""
SPEC = Path(__file__).parents[1] / "spec" / "bad_delivery.csv"
CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines(keepends=True)))
Case = dict[str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a sound delivery."""
    folder = tmp_path / "data" / "raw" / "2026-10"
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text(FORM, encoding="utf-8")
    (folder / "umkm.csv").write_bytes(b"NO KTP;NAMA\n1;Siti\n")
    (folder / "jamsostek.csv").write_bytes(b"NIK,NAMA,STATUS\n1,Siti,Aktif\n")
    return folder


def root_of(folder: Path) -> Root:
    return Root(folder.parents[2])


def read(folder: Path) -> delivery.Delivery:
    return delivery.read(root_of(folder), "2026-10", TODAY)


def write_form(folder: Path, text: str) -> None:
    (folder / "delivery.toml").write_text(text, encoding="utf-8")


def refusal(folder: Path) -> list[tuple[str, str]]:
    """File (with the line where one is told) and message of every fault."""
    with pytest.raises(ContractError) as caught:
        read(folder)
    assert caught.value.exit_code == 11
    assert caught.value.subject == "data/raw/2026-10"
    assert str(folder) not in str(caught.value)
    return [
        (str(fault.values.get("file", "")) + (f":{fault.row}" if fault.row else ""),
         fault.message.format(**fault.values))
        for fault in caught.value.faults
    ]  # fmt: skip


# broken deliveries


def edit_form(folder: Path, case: Case) -> None:
    assert FORM.count(case["at"]) == 1, "the change changes nothing"
    write_form(folder, FORM.replace(case["at"], case["write"]))


def write_file(folder: Path, case: Case) -> None:
    bodies = {
        "": b"",
        "much": FORM.encode() + b"#" * 65_536,
        "utf-16": FORM.encode("utf-16"),
        "brackets": b"x = " + b"[" * 30_000,
        "no sections": b'registers = "umkm"',
    }
    (folder / case["at"]).write_bytes(bodies[case["write"]])


def put_elsewhere(path: Path) -> Path:
    elsewhere = path.parent.parent / f"elsewhere-{path.name}"
    path.rename(elsewhere)
    return elsewhere


def make_dead_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def replace_by(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


CHANGES: dict[str, Callable[[Path, Case], object]] = {
    "replace": edit_form,
    "write file": write_file,
    "add file": lambda folder, case: (folder / case["at"]).write_bytes(b"x"),
    "remove file": lambda folder, case: (folder / case["at"]).unlink(),
    "make folder": lambda folder, case: replace_by(folder / case["at"], Path.mkdir),
    "make pipe": lambda folder, case: replace_by(folder / case["at"], os.mkfifo),
    "make link": lambda folder, case: (folder / case["at"]).symlink_to(put_elsewhere(folder / case["at"])),
    "make dead link": lambda folder, case: make_dead_link(folder / case["at"]),
    "link folder": lambda folder, case: folder.symlink_to(put_elsewhere(folder)),
    "remove folder": lambda folder, case: shutil.rmtree(folder),
    "file for folder": lambda folder, case: (shutil.rmtree(folder), folder.write_bytes(b"PK")),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_broken_delivery_is_refused_by_file_and_key(case: Case, folder: Path) -> None:
    read(folder)
    CHANGES[case["change"]](folder, case)
    told = refusal(folder)
    for says in case["says"].split("|"):
        assert any(file == case["file"] and says in line for file, line in told), told


def test_the_spec_covers_every_change_and_says_each_case_once() -> None:
    assert {case["change"] for case in CASES} == CHANGES.keys()
    assert len({case["case"] for case in CASES}) == len(CASES) >= 50
    assert all(case["why"] for case in CASES)


def test_all_faults_of_form_files_and_names_are_told_at_once(folder: Path) -> None:
    form = FORM.replace("2026-10-31", "2026-12-31").replace("is_synthetic", "synthetic").replace("columns.nik", "a")
    write_form(folder, form.replace('issuer = "BPJS', 'issuers = "BPJS'))
    (folder / "jamsostek.csv").unlink()
    (folder / "umkm.xlsx").write_bytes(b"PK")
    (folder / "Copy of umkm.csv").write_bytes(b"x")
    lines = [line for _, line in refusal(folder)]
    for says in ("lies after today", '"is_synthetic" is missing', 'nobody knows "synthetic"', "registers.umkm.a",
                 '"registers.jamsostek.issuer" is missing', "registers.jamsostek.issuers", "jamsostek has no file",
                 "umkm.csv, umkm.xlsx hold the same register", "looks like a register"):  # fmt: skip
        assert sum(says in line for line in lines) == 1, (says, lines)
    assert len(lines) == 9


def test_what_stands_in_the_form_is_never_repeated(folder: Path) -> None:
    secret = "7271011508900001"
    for written in (f"x = {secret}x", f'edition = "{secret}"', f"reference_date = {secret}",
                    f'sha256 = "{secret}"', f'issuing_unit = ["{secret}"]', f'registers.umkm.delimiter = "{secret}"',
                    f'registers.umkm.columns.nik = ["{secret}"]'):  # fmt: skip
        write_form(folder, written)
        assert all(secret not in line for _, line in refusal(folder))


# sound deliveries


def test_a_sound_delivery_is_read(folder: Path) -> None:
    found = read(folder)
    assert (found.edition, found.reference_date, found.is_synthetic) == ("2026-10", date(2026, 10, 31), True)
    assert (found.issuing_unit, found.folder, list(found.registers)) == (None, folder, ["umkm", "jamsostek"])
    umkm = found.registers["umkm"]
    assert (umkm.name, umkm.path, umkm.issuer) == ("umkm", folder / "umkm.csv", "Dinas Koperasi dan UMKM")
    assert (umkm.received_date, umkm.legal_basis) == (date(2026, 11, 4), "PKS 1/2026")
    assert umkm.sha256 == hashlib.sha256((folder / "umkm.csv").read_bytes()).hexdigest()
    assert (umkm.sheets, umkm.delimiter, umkm.encoding, umkm.columns) == ((), None, None, {"nik": "NO KTP"})
    assert pickle.loads(pickle.dumps(found)) == found


def test_nothing_of_it_can_be_changed(folder: Path) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        read(folder).is_synthetic = False  # type: ignore[misc]


def test_a_register_may_come_before_the_reference_date(folder: Path) -> None:
    assert read(folder).registers["jamsostek"].received_date < read(folder).reference_date


@pytest.mark.parametrize("form", [FORM.replace("\n", "\r\n"), "\ufeff" + FORM, "# catatan\n\n" + FORM],
                         ids=["CRLF", "byte order mark", "remark"])  # fmt: skip
def test_forms_as_editors_save_them_are_read(form: str, folder: Path) -> None:
    (folder / "delivery.toml").write_bytes(form.encode())
    assert read(folder).reference_date == date(2026, 10, 31)


def test_quoted_dates_and_all_optional_keys_are_read(folder: Path) -> None:
    (folder / "umkm.csv").unlink()
    (folder / "umkm.xlsx").write_bytes(b"PK")
    (folder / "pekerja_rentan.csv").write_bytes(b"x")
    digest = hashlib.sha256(b"PK").hexdigest().upper()
    keys = f'sha256 = "{digest}"\nsheet = ["Palu Timur", "Palu Barat"]\n'
    form = FORM.replace("2026-10-31", '"2026-10-31"').replace("\n\n", f"\n{keys}")
    form = form.replace("is_synthetic = true", 'is_synthetic = true\nissuing_unit = "Dinas Kominfo"')
    form += 'delimiter = "\\t"\nencoding = "windows-1252"\n[registers.pekerja_rentan]\nissuer = "Dinas Sosial"\n'
    write_form(folder, form + 'received_date = "2026-11-05"\nlegal_basis = "SK 3/2026"\nencoding = "UTF8"\n')
    found = read(folder)
    assert (found.reference_date, found.issuing_unit) == (date(2026, 10, 31), "Dinas Kominfo")
    assert found.registers["umkm"].sheets == ("Palu Timur", "Palu Barat")
    assert found.registers["umkm"].sha256 == digest.lower()
    assert (found.registers["jamsostek"].delimiter, found.registers["jamsostek"].encoding) == ("\t", "cp1252")
    assert found.registers["pekerja_rentan"].encoding == "utf-8"
    assert list(found.registers) == ["umkm", "jamsostek", "pekerja_rentan"]


def test_one_sheet_may_be_written_as_a_text(folder: Path) -> None:
    (folder / "umkm.csv").rename(folder / "umkm.xlsx")
    write_form(folder, FORM.replace("\n\n", '\nsheet = "Data"\n'))
    assert read(folder).registers["umkm"].sheets == ("Data",)


@pytest.mark.parametrize("name", [".DS_Store", "~$umkm.xlsx", ".~lock.umkm.csv#", "catatan.txt", "umkm.pdf",
                                  "surat pengantar umkm.docx", "Thumbs.db"])  # fmt: skip
def test_other_files_are_left_alone(name: str, folder: Path) -> None:
    before = read(folder).hash
    (folder / name).write_bytes(b"x")
    assert read(folder).hash == before


def test_another_delivery_has_another_hash(folder: Path) -> None:
    before = read(folder).hash
    assert read(folder).hash == before
    (folder / "umkm.csv").write_bytes(b"NO KTP;NAMA\n2;Siti\n")
    changed = read(folder).hash
    write_form(folder, FORM + "# remark\n")
    assert len({before, changed, read(folder).hash}) == 3


# names of editions


@pytest.mark.parametrize("name", ["2026-10", "1999-01", "demo", "a", "uji-coba-2", "a" * 31])
def test_a_name_of_an_edition(name: str) -> None:
    assert delivery.edition_name(name) == name


@pytest.mark.parametrize("name", [
    *("", ".", "..", "../2026-10", "/etc", "data/raw/2026-10", "2026-13", "2026-00", "2026-1", "202610", "2026-10-31"),
    *("2026-10\n", " demo", "Demo", "demo_1", "1demo", "-demo", "demo.", "démo", "a" * 32, "２０２６-10", "demo\0"),
    *("published", "reference", "boundaries", "truth"),
], ids=ascii)  # fmt: skip
def test_no_name_of_an_edition(name: str, tmp_path: Path) -> None:
    for refused in (lambda: delivery.edition_name(name), lambda: delivery.read(Root(tmp_path), name)):
        with pytest.raises(ParameterError) as caught:
            refused()
        assert caught.value.exit_code == 10
        assert str(caught.value).isprintable()


# who may read a real edition


def make_real(folder: Path, of_folder: int = 0o700, of_files: int = 0o600) -> None:
    write_form(folder, FORM.replace("is_synthetic = true", "is_synthetic = false"))
    for file in folder.iterdir():
        file.chmod(of_files)
    folder.chmod(of_folder)


@pytest.mark.parametrize(("of_folder", "of_files"), [(0o700, 0o600), (0o500, 0o400), (0o2700, 0o600)])
def test_a_real_edition_for_one_user_only_is_read(of_folder: int, of_files: int, folder: Path) -> None:
    make_real(folder, of_folder, of_files)
    assert (read(folder).is_synthetic, read(folder).mark) == (False, "")
    folder.chmod(0o700)


@pytest.mark.parametrize("of_folder", [0o700, 0o750, 0o701, 0o755])
@pytest.mark.parametrize("of_files", [0o600, 0o644, 0o620, 0o604, 0o700])
def test_a_real_edition_open_to_others_is_refused_and_the_line_cures_it(
    of_folder: int, of_files: int, folder: Path
) -> None:
    make_real(folder, of_folder, of_files)
    if (of_folder, of_files) == (0o700, 0o600):
        return
    lines = [line for _, line in refusal(folder)]
    assert len(lines) == (of_folder != 0o700) + 3 * (of_files != 0o600)
    for line in lines:
        command = line.rpartition("run: ")[2]
        assert command.startswith("chmod ")
        subprocess.run(command, shell=True, cwd=folder.parents[2], check=True)
    assert read(folder).is_synthetic is False


def test_a_synthetic_edition_may_be_open(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "umkm.csv").chmod(0o644)
    assert (read(folder).is_synthetic, read(folder).mark) == (True, "-sintetis")
