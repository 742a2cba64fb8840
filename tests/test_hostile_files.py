"""Deliveries that are broken or made to do harm, as a user meets them: a clear message, exit code 11, nothing written.

The files themselves stand in hostile.py; what `sources.ingest` says of each is tested there one by one. Here each lies
in a whole delivery, beside a sound register, and the command line looks at it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import CANARY, FILES

PROJECT = Path(__file__).parents[1]
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


def jamsostek(command: str, root: Path) -> subprocess.CompletedProcess[str]:
    (root.parent / "home").mkdir(exist_ok=True)
    own = {"HOME": str(root.parent / "home"), "PATH": os.environ["PATH"], "TMPDIR": str(root.parent / "home")}
    return subprocess.run([sys.executable, "-m", "analysis", command, "2026-10", "--lang", "en", "--root", str(root)],
                          cwd=root, env=own, capture_output=True, text=True, timeout=60)  # fmt: skip


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("what", FILES, ids=str)
def test_a_hostile_file_is_refused_with_a_clear_message(what, tmp_path):
    root = tmp_path / "root"
    hostile = FILES[what]
    folder = deliver(root, toml(hostile.options))
    hostile.write(folder)
    before = files(tmp_path)
    told = jamsostek("check", root)
    assert told.returncode == 11, told.stdout + told.stderr
    assert "umkm." in told.stderr and "Traceback" not in told.stderr
    assert not told.stdout
    for value in CANARY.values():
        assert value not in told.stdout + told.stderr
    assert files(tmp_path) == before


def test_run_refuses_it_before_a_kernel_starts_and_keeps_nothing_of_it(tmp_path):
    root = tmp_path / "root"
    FILES["one far cell"].write(deliver(root)) if "one far cell" in FILES else next(iter(FILES.values())).write(
        deliver(root)
    )
    told = jamsostek("run", root)
    assert told.returncode == 11
    kept = root / "data/processed/2026-10"
    assert not list(kept.rglob("*.parquet")) and not list(kept.rglob("*.ipynb")) and not (root / "reports").exists()


def test_a_sound_delivery_passes(tmp_path):
    root = tmp_path / "root"
    folder = deliver(root)
    (folder / "umkm.csv").write_text("NIK,NAMA PEMILIK\n7271011201800001,BUDI SANTOSO\n")
    told = jamsostek("check", root)
    assert told.returncode == 0, told.stderr
    shutil.rmtree(folder)
    assert jamsostek("check", root).returncode == 11
