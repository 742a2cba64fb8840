"""The command line: what each way to end is called, what is said then, and that nothing is left half made."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import record_edits as edits
from nbformat.v4 import new_code_cell, new_notebook

from analysis import ParameterError, __version__
from analysis.presenting import wording
from analysis.running import preflight

NOTEBOOK = "00_published_record.ipynb"
NOTEBOOKS = edits.RAW.parents[1] / "notebooks"
ENTRY_POINT = Path(sys.executable).with_name("jamsostek")
Answer = subprocess.CompletedProcess[str]


def files_below(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Time of writing and content of each file, hidden ones too."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def seconds_worked() -> float:
    """Processor time of all commands that have ended: unlike the clock it does not depend on what else runs here."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def own_notebook(root: Path) -> tuple[Path, nbformat.NotebookNode]:
    """A copy of the notebook in `root`, where the command line prefers it to the project's."""
    path = root / "notebooks" / NOTEBOOK
    path.parent.mkdir(exist_ok=True)
    shutil.copy(NOTEBOOKS / NOTEBOOK, path)
    return path, nbformat.read(path, as_version=4)


def tagged(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))


# Refused before anything runs ---------------------------------------------------------------------------------

REFUSED = [
    (("--unknown",), 2, ["--unknown"]),
    (("reccord",), 2, ["reccord"]),
    (("record", "--as-off", "2026-11-22"), 2, ["--as-off"]),
    (("record", "--lang", "jv"), 10, ['"jv" tidak termasuk pilihan: id, en', "Pilih salah satu bahasa"]),
    (("record", "--lang", "jv", "--lang", "en"), 10, ['"jv" is not one of: id, en', "Choose one of the languages"]),
    (("record", "--lang=en", "--lang=EN"), 10, ['"EN" is not one of: id, en']),
    (
        ("record", "--as-of", "22-11-2026"),
        10,
        ["--as-of", '"22-11-2026" bukan tanggal', "Tulis tahun, bulan, dan hari"],
    ),
    (("record", "--as-of", ""), 10, ['"" bukan tanggal']),
    (("record", "--as-of", "20261122"), 10, ['"20261122" bukan tanggal']),
    (("record", "--as-of", "2026-W47-7"), 10, ['"2026-W47-7" bukan tanggal']),
    (("record", "--as-of", "2026-02-30", "--lang", "en"), 10, ['"2026-02-30" is no date', "Give year, month and day"]),
]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    REFUSED,
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_wrong_option_is_refused_with_its_cure(arguments, code, told, tmp_path):
    done = edits.run(*arguments, cwd=tmp_path, COLUMNS="200")
    assert done.returncode == code, done.stderr
    assert [part for part in told if part not in done.stderr] == [], done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_version_is_that_of_the_package(tmp_path):
    done = edits.run("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"jamsostek {__version__}\n", "")


@pytest.mark.parametrize(
    "arguments", [["--version"], ["record", "--help"], ["record", "--lang", "jv"], ["--unknown"]], ids=" ".join
)
def test_entry_point_is_the_module(arguments, tmp_path):
    module = edits.run(*arguments, cwd=tmp_path)
    entry = subprocess.run([ENTRY_POINT, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (entry.returncode, entry.stdout, entry.stderr) == (module.returncode, module.stdout, module.stderr)


# One folder, run after run: made, unchanged, one language more, a failing notebook ------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A folder with the Indonesian page, asked for twice in one command, and what the command line said."""
    root = tmp_path_factory.mktemp("made")
    return root, edits.record(root, "--lang", "id", "--lang", "id")


def test_page_is_made_and_named(made):
    root, done = made
    assert done.returncode == 0, done.stderr
    pages = [root / "reports/published/id/index.html", root / "reports/index.html"]
    summary = ["2 dibuat", f"mulai dari {pages[1]}"]
    assert done.stdout.splitlines() == [*(f"{page}: dibuat" for page in pages), *summary]
    assert all(page.is_file() for page in pages)
    assert not (root / "reports/published/en").exists()


def test_second_run_does_nothing_and_says_so(made):
    root, _ = made
    before, worked = files_below(root / "reports"), seconds_worked()
    done = edits.record(root, "--lang", "id")
    assert seconds_worked() - worked < 5
    assert done.returncode == 0, done.stderr
    *lines, summary, _ = done.stdout.splitlines()
    assert [line.rpartition(": ")[2] for line in lines] == ["tidak berubah"] * 2 and summary == "2 tidak berubah"
    assert files_below(root / "reports") == before


def test_second_language_joins_the_first_and_messages_take_the_first_named(made):
    root, _ = made
    before = files_below(root / "reports")
    done = edits.record(root, "--lang", "en", "--lang", "id")
    lines = [line for line in done.stdout.splitlines() if ": " in line]
    states = dict(line.removeprefix(f"{root}/reports/").rsplit(": ", 1) for line in lines)
    expected = {"published/en/index.html": "made", "published/id/index.html": "unchanged", "index.html": "made"}
    assert (done.returncode, states) == (0, expected), done.stderr
    after = files_below(root / "reports")
    assert {name: after[name] for name in before if name != "index.html"} == {
        name: file for name, file in before.items() if name != "index.html"
    }
    assert "published/en/index.html" in after["index.html"][1].decode()


def test_failing_notebook_leaves_the_last_good_page(made):
    root, _ = made
    before = files_below(root / "reports")
    path, notebook = own_notebook(root)
    at = notebook.cells.index(tagged(notebook)) + 1
    notebook.cells.insert(at, new_code_cell('secret = "word-of-the-cell"\nraise RuntimeError(secret)'))
    nbformat.write(notebook, path)
    done = edits.record(root, "--lang", "id")
    shutil.rmtree(path.parent)
    assert done.returncode == 14, done.stderr
    told = [
        f"{NOTEBOOK} tidak dapat dipakai",
        f"sel {at + 1} berakhir dengan RuntimeError",
        "Buka salinan",
    ]
    assert [part for part in told if part not in done.stderr] == [], done.stderr
    assert "halaman sebelumnya tetap ada" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "word-of-the-cell" not in done.stdout + done.stderr
    assert files_below(root / "reports") == before


# The notebook's parameters --------------------------------------------------------------------------------------

CELLS_REFUSED = {
    "misspelt": ('language_ = "id"', ["parameters"], 'parameter "language" tidak dikenal; maksudnya "language_"?'),
    "untagged": ('language = "id"', [], "0 sel bertag parameters; harus tepat satu"),
}


@pytest.mark.parametrize(("source", "tags", "told"), CELLS_REFUSED.values(), ids=CELLS_REFUSED)
def test_notebook_that_would_not_take_the_parameters_is_not_run(source, tags, told, tmp_path):
    path, notebook = own_notebook(tmp_path)
    cell = tagged(notebook)
    cell.source, cell.metadata["tags"] = f'as_of = "2026-11-22"\n{source}', tags
    nbformat.write(notebook, path)
    done = edits.record(tmp_path, "--lang", "id")
    assert done.returncode == 10, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "reports").exists()


TAKEN = 'as_of = "2026-11-22"\nlanguage = "id"\nshare = 1.0\ncount = 12\nis_wanted = True\n'
CHECKED = [
    (TAKEN, {"language": "en"}, None, "known name and kind"),
    (TAKEN, {}, None, "nothing given"),
    (TAKEN, {"share": 1}, None, "a whole number may stand for a decimal one"),
    (TAKEN, {"languge": "en"}, 'unknown parameter "languge"; did you mean "language"?', "misspelt name"),
    (TAKEN, {"Language": "en"}, 'did you mean "language"?', "capital letter"),
    (TAKEN, {"as_of": 2026}, 'parameter "as_of" must be of the kind str, not int', "number for a text"),
    (TAKEN, {"share": "1.0"}, 'parameter "share" must be of the kind float, not str', "text for a number"),
    (TAKEN, {"share": True}, 'parameter "share" must be of the kind float, not bool', "yes or no for a number"),
    (TAKEN, {"count": True}, 'parameter "count" must be of the kind int, not bool', "yes or no for a whole number"),
    (TAKEN, {"count": 1.5}, 'parameter "count" must be of the kind int, not float', "decimal for a whole number"),
    (TAKEN, {"is_wanted": 1}, 'parameter "is_wanted" must be of the kind bool, not int', "number for yes or no"),
    (TAKEN, {"share": None}, 'parameter "share" must be of the kind float, not NoneType', "nothing for a number"),
    ("", {"language": "en"}, 'unknown parameter "language"', "empty cell"),
    ("as_of = str(2026)", {}, "must hold plain assignments of literals only", "a call"),
    ("import os", {}, "must hold plain assignments of literals only", "an import"),
    ("a = b = 1", {}, "must hold plain assignments of literals only", "two names at once"),
    ("as_of: str = '2026'", {}, '"as_of" has an annotation; leave it out', "an annotation"),
    ("as_of: str", {}, '"as_of" has an annotation; leave it out', "an annotation without value"),
    ("as_of = ", {}, "must hold plain assignments of literals only", "not Python"),
]  # fmt: skip


def small_notebook(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "small.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def parameters_cell(source: str) -> nbformat.NotebookNode:
    return new_code_cell(source, metadata={"tags": ["parameters"]})


@pytest.mark.parametrize(("source", "given", "told", "why"), CHECKED, ids=[case[3] for case in CHECKED])
def test_parameters_are_checked_against_the_tagged_cell(source, given, told, why, tmp_path):
    notebook = small_notebook(tmp_path, new_code_cell("other = 1"), parameters_cell(source))
    if told is None:
        preflight.check(notebook, given)
        return
    with pytest.raises(ParameterError) as caught:
        preflight.check(notebook, given)
    message = wording.in_language("en").error(caught.value)
    assert told in message
    assert "small.ipynb" in message
    assert caught.value.exit_code == 10


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([new_code_cell(TAKEN)], "0 cells are tagged"),
        ([parameters_cell("a = 1"), parameters_cell("b = 1")], "2 cells are tagged"),
    ],
    ids=["none", "two"],
)
def test_exactly_one_cell_is_tagged(cells, told, tmp_path):
    with pytest.raises(ParameterError) as caught:
        preflight.check(small_notebook(tmp_path, *cells), {})
    assert told in wording.in_language("en").error(caught.value)


def test_all_wrong_parameters_are_told_at_once(tmp_path):
    with pytest.raises(ParameterError) as caught:
        preflight.check(small_notebook(tmp_path, parameters_cell(TAKEN)), {"languge": "en", "share": "all", "count": 3})
    assert len(caught.value.faults) == 2


# Interrupted ----------------------------------------------------------------------------------------------------


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


ENDLESS = """
import os, time
from pathlib import Path
Path("kernel").with_suffix(".new").write_text(str(os.getpid()))
Path("kernel.new").rename("kernel")
time.sleep(300)
"""


def test_interrupted_run_ends_with_130_and_leaves_no_part_of_a_report(tmp_path):
    path, notebook = own_notebook(tmp_path)
    notebook.cells.insert(notebook.cells.index(tagged(notebook)) + 1, new_code_cell(ENDLESS))
    nbformat.write(notebook, path)
    kernel = tmp_path / "kernel"
    plain = ("--notebook-engine", "plain")  # a warm child could not write where its kernel's number is looked for
    with edits.start("record", "--root", tmp_path, "--as-of", edits.AS_OF, *plain, cwd=tmp_path) as process:
        wait_for(lambda: kernel.exists() or process.poll() is not None)
        assert process.poll() is None, "it ended before the notebook ran"
        os.killpg(process.pid, signal.SIGINT)
        told, complained = process.communicate(timeout=60)
    assert process.returncode == 130, told + complained
    assert "Traceback" not in told + complained
    left = [path for path in tmp_path.glob("reports/**/*") if path.is_file() or path.name.startswith(".")]
    assert left == []
    wait_for(lambda: not is_alive(int(kernel.read_text())))
