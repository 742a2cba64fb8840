"""Runs that cannot do all their work: what is said, with which exit code, and what is left in the folder."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import pytest
import record_edits as edits
from nbformat.v4 import new_code_cell, new_notebook
from test_command_line import ENDLESS, files_below, is_alive, wait_for

NOTEBOOK = "00_published_record.ipynb"
PARAMETERS = 'as_of = "2026-11-22"\nlanguage = "id"\n'


def notebook(root: Path, *sources: str) -> Path:
    """A small notebook in `root`, where the command line prefers it to the project's."""
    tagged = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    path = root / "notebooks" / NOTEBOOK
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[tagged, *map(new_code_cell, sources)]), path)
    return path


def clean(done: subprocess.CompletedProcess[str], code: int) -> list[str]:
    """The lines on stderr of a run that ended with `code` and without a traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr.splitlines()


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A short folder for what a run puts aside elsewhere: the names of sockets may not be long."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        yield Path(folder)


@contextmanager
def in_its_endless_cell(root: Path, temporary: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A run that has come to a cell without end, and the process of its kernel; killed in any case."""
    notebook(root, ENDLESS)
    kernel = root / "kernel"
    arguments = ("record", "--root", root, "--as-of", edits.AS_OF)
    with edits.start(*arguments, "--notebook-engine", "plain", cwd=root, TMPDIR=str(temporary)) as process:
        try:
            wait_for(lambda: kernel.exists() or process.poll() is not None)
            assert process.poll() is None, "it ended before the notebook ran"
            yield process, int(kernel.read_text())
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


# Stopped from outside -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
def test_a_stopped_run_leaves_the_last_good_pages_and_nothing_else(number, code, pages, tmp_path, temporary):
    shutil.copytree(pages, tmp_path / "reports")
    before = files_below(tmp_path / "reports")
    with in_its_endless_cell(tmp_path, temporary) as (process, kernel):
        assert [path.name for path in temporary.glob("*/*") if path.is_socket()] != []
        process.send_signal(number)
        told, complained = process.communicate(timeout=60)
    assert (process.returncode, complained) == (code, ""), told
    assert files_below(tmp_path / "reports") == before
    assert [path for path in tmp_path.rglob("*") if path.is_socket() or path.name.startswith(".new-")] == []
    assert list(temporary.iterdir()) == []
    wait_for(lambda: not is_alive(kernel), 5)


def test_a_second_run_is_refused_and_a_killed_one_holds_nobody_up(tmp_path, temporary):
    left = tmp_path / "reports/published/id/.new-left"
    with in_its_endless_cell(tmp_path, temporary) as (process, kernel):
        left.mkdir(parents=True)
        (left / "index.html").write_text("half a page", encoding="utf-8")
        assert "another run is working in this folder" in clean(edits.record(tmp_path, "--lang", "en"), 16)[1]
        assert left.exists(), "the second run removed what the first is writing"
        assert process.poll() is None
        assert is_alive(kernel)
    notebook(tmp_path, "1 / 0")
    clean(edits.record(tmp_path, "--lang", "id"), 14)
    assert not left.exists()


# Failing pages --------------------------------------------------------------------------------------------------

RAISES = """
from analysis import ContractError, Fault
if language == "id":
    raise ContractError("berkas.csv", [Fault("row {row} is wrong", values={"row": 7})], "Mend it.")
raise KeyError("word-of-the-cell")
"""


@pytest.mark.parametrize(("languages", "code"), [("id en", 11), ("en id", 14)])
def test_every_failed_page_is_told_and_the_first_gives_the_exit_code(languages, code, tmp_path):
    notebook(tmp_path, RAISES)
    options = [option for language in languages.split() for option in ("--lang", language)]
    told = "\n".join(clean(edits.record(tmp_path, *options), code))
    assert "ContractError" in told
    assert "berkas.csv: row 7 is wrong. Mend it." in told
    assert "KeyError" in told
    assert "word-of-the-cell" not in told


def test_an_error_of_two_pages_is_told_once_and_the_index_is_made_from_what_lies_there(pages, tmp_path):
    shutil.copytree(pages / "published/en", tmp_path / "reports/published/en")
    notebook(tmp_path, "1 / 0")
    done = edits.record(tmp_path, "--lang", "en", "--lang", "id")
    told = "\n".join(clean(done, 14))
    assert told.count("cell 2 ended with ZeroDivisionError") == 1
    lines = [line for line in done.stdout.splitlines() if ": " in line]
    states = dict(line.removeprefix(f"{tmp_path}/reports/").rsplit(": ", 1) for line in lines)
    assert states == {
        "published/en/index.html": "not made; the earlier page was kept",
        "published/id/index.html": "not made",
        "index.html": "made",
    }
    index = (tmp_path / "reports/index.html").read_text(encoding="utf-8")
    assert "published/en/index.html" in index
    assert "published/id/index.html" not in index


def test_a_page_that_cannot_be_read_is_named_by_its_path(tmp_path):
    page = tmp_path / "reports/published/en/index.html"
    page.parent.mkdir(parents=True)
    page.write_bytes(b"\xff\xfe no page")
    notebook(tmp_path, "1 / 0")
    told = "\n".join(clean(edits.record(tmp_path, "--lang", "id"), 14))
    assert "ZeroDivisionError" in told
    assert "reports/published/en/index.html" in told


# Notebooks, folders and disks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["no notebook", "{}", '{"cells": []}'])
def test_a_notebook_that_is_none_is_refused(text, tmp_path):
    notebook(tmp_path).write_text(text, encoding="utf-8")
    assert NOTEBOOK in clean(edits.record(tmp_path, "--lang", "en"), 14)[0]
    assert not (tmp_path / "reports").exists()


def test_a_notebook_with_cells_that_jupyter_would_not_read_is_refused(tmp_path):
    path = notebook(tmp_path, "1 / 0")
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["cells"][1]["cell_type"]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert NOTEBOOK in clean(edits.record(tmp_path, "--lang", "en"), 14)[0]


def test_a_kernel_that_does_not_start_is_told(tmp_path):
    kernel = tmp_path / "kernels/python3/kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text('{"argv": ["false"], "display_name": "x", "language": "python"}', encoding="utf-8")
    notebook(tmp_path, "1 / 0")
    lines = clean(edits.record(tmp_path, "--lang", "en", "--notebook-engine", "plain", JUPYTER_PATH=str(tmp_path)), 14)
    assert "the kernel did not start" in lines[1]


def test_a_root_that_is_a_file_is_refused(tmp_path):
    root = tmp_path / "file"
    root.write_text("", encoding="utf-8")
    lines = clean(edits.run("record", "--root", root, "--lang", "en", cwd=tmp_path), 10)
    assert f'"{root}" is a file, not a folder' in lines[1]


@pytest.mark.parametrize(
    ("place", "target", "reason"),
    [
        ("reports", "", "a file stands where a folder must be"),
        ("reports/published", "", "a file stands where a folder must be"),
        ("data", "", "a file stands where a folder must be"),
        ("data/processed/published/state/pytask.log", "/dev/full", "no room is left on the disk"),
        (
            f"data/processed/published/notebooks/{NOTEBOOK[:-6]}-rekam-{edits.AS_OF}-en.ipynb",
            "/dev/full",
            "no room is left on the disk",
        ),
    ],
)
def test_what_the_disk_refuses_is_one_line_of_path_and_reason(place, target, reason, tmp_path):
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if target:
        path.symlink_to(target)
    else:
        path.write_text("", encoding="utf-8")
    notebook(tmp_path, "1")
    lines = clean(edits.record(tmp_path, "--lang", "en", "--notebook-engine", "plain"), 1)
    assert len(lines) == 1
    assert lines[0].startswith(str(tmp_path / Path(place).parts[0]))
    assert lines[0].endswith(f": {reason}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    tmp_path.chmod(0o500)
    try:
        lines = clean(edits.run("record", "--root", tmp_path, "--lang", "en", cwd="/"), 1)
    finally:
        tmp_path.chmod(0o700)
    assert lines == [f"{tmp_path / 'data'}: this user may not read or write here"]


# A folder of any name ---------------------------------------------------------------------------------------------


def test_a_folder_may_have_any_name_and_each_page_is_told_when_it_is_done(tmp_path):
    root = tmp_path / "a{language} {b} c?d#e%20[x]"
    root.mkdir()
    with edits.start("record", "--root", root, "--as-of", edits.AS_OF, "--lang", "en", "--lang", "id",
                     cwd=tmp_path) as process:  # fmt: skip
        assert process.stdout is not None
        first = process.stdout.readline()
        assert not (root / "reports/index.html").exists(), "the first page was told when all were done"
        _, complained = process.communicate(timeout=120)
    assert (process.returncode, complained) == (0, "")
    assert first.removesuffix("\n") in {
        f"{root}/reports/published/{language}/index.html: made" for language in ("id", "en")
    }
    assert list(tmp_path.iterdir()) == [root]
    again = edits.record(root, "--lang", "en")
    assert [line.rpartition(": ")[2] for line in again.stdout.splitlines()[:2]] == ["unchanged"] * 2
    shutil.rmtree(root / "reports/published/en")
    edits.record(root, "--lang", "id")
    assert "published/en" not in (root / "reports/index.html").read_text(encoding="utf-8")
