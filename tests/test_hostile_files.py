"""Deliveries that are broken or made to do harm, as a user meets them: a clear message, exit code 11, nothing written.

The files themselves stand in hostile.py; what `sources.ingest` says of each is tested there one by one. Here each lies
in a whole delivery, beside a sound register, and the command line looks at it.
"""

import shutil
from pathlib import Path

import pytest
from hostile import CANARY, FILES

from analysis.__main__ import main

FORM = """edition = "2026-10"
reference_date = 2026-10-31
is_synthetic = true
[registers.umkm]
issuer = "x"
received_date = 2026-11-04
legal_basis = "x"
{options}
[registers.jamsostek]
issuer = "x"
received_date = 2026-11-04
legal_basis = "x"
"""
SOUND = "NIK,NAMA,BULAN IURAN TERAKHIR\n7271011201800001,BUDI SANTOSO,2026-10\n"


def deliver(root: Path, options: str = "") -> Path:
    """A delivery with a sound participant register; the folder for the other one."""
    folder = root / "data/raw/2026-10"
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text(FORM.format(options=options))
    (folder / "jamsostek.csv").write_text(SOUND)
    return folder


def toml(options: object) -> str:
    """Keys of a section, and its columns as a table of their own."""
    plain = {name: value for name, value in dict(options).items() if name != "columns"}
    lines = [f"{'sheet' if name == 'sheets' else name} = {_value(value)}" for name, value in plain.items()]
    columns = dict(options).get("columns", {})
    lines += (
        ["[registers.umkm.columns]", *(f'{name} = "{header}"' for name, header in columns.items())] if columns else []
    )
    return "\n".join(lines)


def _value(value: object) -> str:
    return str(list(value)).replace("'", '"') if isinstance(value, tuple | list) else f'"{value}"'


def jamsostek(command: str, root: Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, what was printed and what was complained. In this process: the reader is one of its own anyway."""
    with pytest.raises(SystemExit) as ended:
        main([command, "2026-10", "--lang", "en", "--root", str(root)])
    told = capfd.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("what", FILES, ids=str)
def test_a_hostile_file_is_refused_with_a_clear_message(what, tmp_path, capfd):
    root = tmp_path / "root"
    folder = deliver(root, toml(FILES[what].options))
    FILES[what].write(folder)
    before = files(tmp_path)
    code, out, complaint = jamsostek("check", root, capfd)
    assert code == 11, complaint
    assert "umkm." in complaint and "Traceback" not in complaint and not out
    assert len(complaint.splitlines()) >= 3, "what, where, and what to do"
    for value in CANARY.values():
        assert value not in complaint
    assert files(tmp_path) == before


def test_run_refuses_it_before_a_kernel_starts_and_keeps_nothing_of_it(tmp_path, capfd):
    root = tmp_path / "root"
    FILES["one cell at the far corner"].write(deliver(root))
    assert jamsostek("run", root, capfd)[0] == 11
    kept = root / "data/processed/2026-10"
    assert not list(kept.rglob("*.parquet")) and not list(kept.rglob("*.ipynb")) and not (root / "reports").exists()


def test_all_faults_of_all_files_are_told_at_once(tmp_path, capfd):
    root = tmp_path / "root"
    folder = deliver(root)
    (folder / "umkm.csv").write_text("NIK,ALAMAT\n7271011201800001,JL X\n")
    (folder / "jamsostek.csv").write_text("NAMA,ALAMAT\nBUDI,JL X\n")
    code, _, complaint = jamsostek("check", root, capfd)
    assert code == 11 and "umkm.csv" in complaint and "jamsostek.csv" in complaint


def test_a_sound_delivery_passes(tmp_path, capfd):
    root = tmp_path / "root"
    folder = deliver(root)
    (folder / "umkm.csv").write_text("NIK,NAMA PEMILIK\n7271011201800001,BUDI SANTOSO\n")
    assert jamsostek("check", root, capfd)[0] == 0
    shutil.rmtree(folder)
    assert jamsostek("check", root, capfd)[0] == 11
