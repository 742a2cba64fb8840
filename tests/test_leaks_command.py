"""`jamsostek leaks`: what it asks for, how it ends, and that it never tells what it found."""

import gzip
from pathlib import Path

import hostile
import pytest
import record_edits as edits

NIK, NAME = hostile.CANARY["nik"], hostile.CANARY["name"]
KPJ, PHONE = "13019876543", "+62 812-4567-8901"
VALUES = {"nik": NIK, "kpj": KPJ, "name": NAME, "phone": PHONE}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a page in which nobody stands, and beside it the list of canaries."""
    made = tmp_path / "reports"
    (made / "id").mkdir(parents=True)
    (made / "id" / "index.html").write_text("<p>Kota Palu: 20.982 pelaku UMKM</p>", encoding="utf-8")
    rows = "".join(f"{kind},{value}\n" for kind, value in VALUES.items())
    (tmp_path / "canaries.csv").write_text("kind,value\n" + rows, encoding="utf-8")
    return made


def leaks(folder: Path, *more: str, listed: str = "canaries.csv"):
    arguments = ("leaks", folder, "--canaries", folder.parent / listed, *more)
    return edits.run(*arguments, cwd=folder.parent, COLUMNS="200")


def test_a_clean_folder_ends_with_0_and_one_line(folder: Path) -> None:
    done = leaks(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 berkas diperiksa untuk 4 nilai milik orang: tidak ada yang ditemukan\n"
    assert leaks(folder, "--lang", "en").stdout == "1 file searched for 4 values of persons: none found\n"


def test_a_leak_ends_with_13_and_names_kind_and_file_but_no_value(folder: Path) -> None:
    (folder / "a.log").write_text(f"{NAME}; 7271.0145.0879.0423; 0812 4567 8901", encoding="utf-8")
    (folder / "id" / "b.gz").write_bytes(gzip.compress(KPJ.encode()))
    done = leaks(folder, "--lang", "en")
    assert (done.returncode, done.stdout) == (13, "")
    assert done.stderr.splitlines()[1:-1] == [
        "  a.log: holds a NIK (text); different ones: 1",
        "  a.log: holds the name of a person (text); different ones: 1",
        "  a.log: holds a telephone number (text); different ones: 1",
        "  id/b.gz: holds a KPJ (gzip > text); different ones: 1",
    ]
    indonesian = leaks(folder)
    assert "a.log: memuat NIK (text); yang berbeda: 1" in indonesian.stderr
    for told in (done.stderr, indonesian.stderr):
        assert not any(part in told for part in ("KENARI", "7271", "0879", "8124", "4567", "1301"))


def test_what_cannot_be_searched_ends_with_13_too(folder: Path) -> None:
    (folder / "a.zip").write_bytes(hostile.book()[:-900])
    (folder / "b").symlink_to(folder.parent / "canaries.csv")
    done = leaks(folder, "--lang", "en")
    assert done.returncode == 13
    assert done.stderr.splitlines()[1:-1] == [
        "  a.zip: not searched: damaged or cut off",
        "  b: not searched: it is a link",
    ]


BAD_LISTS = {
    "nothing": (b"", ["the header must be: kind,value"]),
    "other headers": (b"jenis,nilai\nnik,1\n", ["row 1: the header must be: kind,value"]),
    "no row": (b"kind,value\n", ["no value stands below the header"]),
    "no text": (b"kind,value\nname,\xff\xfe\n", ["no UTF-8 text"]),
    "all faults at once": (
        b"kind,value\nnik,727101\nnib,1234567890123\nname,\nphone,421234\n\nkpj\nname,KENARI\n",
        ['row 2, column "value": a NIK needs', 'row 3, column "kind": this kind is none of: nik, kpj, name, phone',
         'row 4, column "value": the value is missing', 'row 5, column "value": this is no telephone number',
         "row 7: a row has two cells", 'row 8, column "value": a name needs two words'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_LISTS)
def test_a_list_at_fault_is_refused_by_row_and_never_repeated(what: str, folder: Path) -> None:
    content, says = BAD_LISTS[what]
    (folder.parent / "bad.csv").write_bytes(content)
    done = leaks(folder, "--lang", "en", listed="bad.csv")
    assert done.returncode == 11, done.stderr
    assert len(done.stderr.splitlines()) == len(says) + 2
    for line, said in zip(done.stderr.splitlines()[1:], says, strict=False):
        assert said in line
    assert not any(value in done.stderr for value in ("727101", "421234", "KENARI", "12345"))


def test_a_missing_list_and_a_folder_without_files_are_both_told(folder: Path) -> None:
    (folder.parent / "empty" / "below").mkdir(parents=True)
    done = leaks(folder.parent / "empty", "--lang", "en", listed="gone.csv")
    assert done.returncode == 10
    assert "empty: holds no file" in done.stderr and "gone.csv: is no file" in done.stderr
    missing = leaks(folder.parent / "nowhere")
    assert missing.returncode == 10 and "nowhere: bukan folder" in missing.stderr
    assert edits.run("leaks", folder, cwd=folder.parent, COLUMNS="200").returncode == 2
