"""A child under Landlock reads what it was given and nothing else, whatever it asks with, and does not hang.

Each attack is run twice: without Landlock it must succeed, so that a test which cannot fail is noticed.
"""

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.running import landlock, warm

SECRET = "7271014101900001"
pytestmark = [
    pytest.mark.skipif(
        not landlock.is_available() and os.environ.get("CI") != "true", reason="the kernel has no Landlock"
    ),
    pytest.mark.usefixtures("cold_server"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Person-level tables and a delivery beside what may be read."""
    for folder in ("data/processed/demo/protected", "data/raw/demo", "data/processed/demo/released"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "table.csv").write_text(f"nik\n{SECRET}\n")
        pq.write_table(pa.table({"nik": [SECRET]}), tmp_path / folder / "table.parquet")
    return tmp_path


def by_open(folder: Path) -> str:
    return (folder / "table.csv").read_text()


def by_pandas(folder: Path) -> str:
    return str(pd.read_csv(folder / "table.csv", dtype=str).to_csv())


def by_pyarrow(folder: Path) -> str:
    return str(pq.read_table(folder / "table.parquet").to_pylist())


def by_program(folder: Path) -> str:
    done = subprocess.run(["cat", str(folder / "table.csv")], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def by_listing(folder: Path) -> str:
    return f"{list(folder.iterdir())} {SECRET}"


def by_link(folder: Path) -> str:
    link = Path(os.environ["TMPDIR"]) / "link"
    link.symlink_to(folder / "table.csv")
    return link.read_text()


def by_hard_link(folder: Path) -> str:
    link = Path(os.environ["TMPDIR"]) / "hard"
    os.link(folder / "table.csv", link)
    return link.read_text()


def by_root_of_parent(folder: Path) -> str:
    return (Path(f"/proc/{os.getppid()}/root") / str(folder / "table.csv").lstrip("/")).read_text()


def by_duckdb(folder: Path) -> str:
    import duckdb

    return str(duckdb.sql(f"select * from read_csv('{folder}/table.csv', all_varchar=true)").fetchall())


def tried(attack: Callable[[Path], str], folder: Path) -> str:
    try:
        return attack(folder)
    except Exception as error:  # noqa: BLE001  (each library has its own)
        return type(error).__name__


ATTACKS = (by_open, by_pandas, by_pyarrow, by_program, by_listing, by_link, by_hard_link, by_root_of_parent, by_duckdb)


@pytest.mark.parametrize("folder", ["data/processed/demo/protected", "data/raw/demo"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_not_given_cannot_be_read(attack: Callable[[Path], str], folder: str, root: Path) -> None:
    given = [root / "data/processed/demo/released"]
    seen = warm.call(tried, attack, root / folder, deadline_seconds=60, label="attack")
    if attack is not by_root_of_parent:  # Yama may forbid it to all
        assert SECRET in seen, seen
    try:
        seen = warm.call(tried, attack, root / folder, deadline_seconds=60, readable=given, label="attack")
    except warm.NotebookError as error:  # duckdb aborts its process when denied
        seen = str(error)
    assert SECRET not in seen


@pytest.mark.parametrize("attack", [by_open, by_pandas, by_pyarrow, by_program, by_listing])
def test_what_was_given_can_be_read(attack: Callable[[Path], str], root: Path) -> None:
    given = root / "data/processed/demo/released"
    assert SECRET in warm.call(tried, attack, given, deadline_seconds=60, readable=[given], label="reading")


def wrote(path: Path) -> str:
    try:
        path.write_text("x")
    except OSError as error:
        return type(error).__name__
    return "written"


def wrote_temporarily() -> str:
    return wrote(Path(os.environ["TMPDIR"]) / "own.txt")


def test_only_the_own_scratch_folder_and_what_was_given_can_be_written(tmp_path: Path) -> None:
    (given := tmp_path / "given").mkdir()
    limits = {"deadline_seconds": 60, "label": "writing"}
    assert warm.call(wrote, tmp_path / "a", readable=[tmp_path], **limits) == "PermissionError"
    assert warm.call(wrote, given / "a", readable=[], writable=[given], **limits) == "written"
    assert warm.call(wrote_temporarily, readable=[], **limits) == "written"


def scratch_of_others() -> list[str]:
    try:
        return list(map(str, Path(os.environ["TMPDIR"]).parent.iterdir()))
    except PermissionError:
        return []


def test_scratch_files_of_others_are_out_of_reach() -> None:
    assert warm.call(scratch_of_others, deadline_seconds=60, label="look")
    assert warm.call(scratch_of_others, deadline_seconds=60, readable=[], label="look") == []


def connects(port: int) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return "connected"
    except OSError as error:
        return type(error).__name__


@pytest.mark.skipif(landlock.version() < 4, reason="this Landlock knows no network")
def test_no_connection_can_be_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert warm.call(connects, port, deadline_seconds=60, label="net") == "connected"
        assert warm.call(connects, port, deadline_seconds=60, readable=[], label="net") == "PermissionError"


def kills_the_parent() -> str:
    try:
        os.kill(os.getppid(), 0)
    except PermissionError:
        return "refused"
    return "allowed"


@pytest.mark.skipif(landlock.version() < 6, reason="this Landlock knows no signals")
def test_no_process_outside_can_be_signalled() -> None:
    assert warm.call(kills_the_parent, deadline_seconds=60, label="kill") == "allowed"
    assert warm.call(kills_the_parent, deadline_seconds=60, readable=[], label="kill") == "refused"


def restricted_without_landlock(path: Path) -> tuple[bool, str]:
    landlock.version = lambda: 0  # type: ignore[assignment]
    return landlock.restrict([], []), path.read_text()


def test_where_the_kernel_has_none_the_caller_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("readable")
    told = warm.call(restricted_without_landlock, tmp_path / "a", deadline_seconds=60, label="none")
    assert told == (False, "readable")
