"""The briefs of an edition, run after run in one folder: made, unchanged, failing, leaking, stopped, verified.

The tests stand in the order in which they are run; each leaves the folder as the next one needs it, whole.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import record_edits as edits

PROJECT = Path(__file__).parents[1]
AREAS = ("72.71", "72.71.01", "72.71.01.1004")
BRIEF = "04_policy_brief.ipynb"
PREVIOUS = '<p class="previous">'
WORKING = "import subprocess\nfrom pathlib import Path\n"


class Place:
    """A root in which an edition of invented people lies, and the commands that are run in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.reports = folder / "reports" / "demo"

    def command(self, *arguments: str) -> list[str]:
        if arguments[0] == "run":
            arguments = (*arguments, *(word for area in AREAS for word in ("--area", area)))
        return [sys.executable, "-m", "analysis", *arguments, "--root", str(self.root)]

    def jamsostek(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=400, cwd=self.root)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def hashes(self) -> dict[str, str]:
        files = sorted(path for path in self.reports.rglob("*") if path.is_file())
        return {
            path.relative_to(self.reports).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
        }

    def brief(self, area: str, language: str = "id") -> Path:
        return self.reports / language / f"{area}-sintetis.html"

    def told(self) -> dict:
        return json.loads((self.root / "data/processed/demo/released/run.json").read_text())

    def change_notebook(self, source: str) -> None:
        """Put a cell before the last one of the notebook of briefs, in this root alone."""
        notebook = nbformat.read(PROJECT / "notebooks" / BRIEF, 4)
        notebook.cells.insert(-1, nbformat.v4.new_code_cell(source, id="own"))
        (self.root / "notebooks").mkdir(exist_ok=True)
        nbformat.write(notebook, self.root / "notebooks" / BRIEF)

    def whole_notebook(self) -> None:
        (self.root / "notebooks" / BRIEF).unlink()


def is_whole(place: Place) -> bool:
    """Whether every file of the manifest lies there as it was put there, and no other."""
    manifest = json.loads((place.reports / "manifest.json").read_text())
    return manifest["files"] == {name: own for name, own in place.hashes().items() if name != "manifest.json"}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    """An edition of 600 owners with one before it, both run where two kecamatan are known."""
    own = Place(tmp_path_factory.mktemp("briefs"))
    own.jamsostek("demo", "--umkm", "600", "--participants", "900")
    edits.know_two_kecamatan(own.root)
    own.jamsostek("run", "demo-prev", "--lang", "id")
    own.jamsostek("run", "demo")
    return own


def test_pages_data_index_and_manifest_lie_there(place):
    for language in ("id", "en"):
        assert {place.brief(area, language).is_file() for area in AREAS} == {True}
        assert (place.reports / language / "index.html").is_file()
        assert (place.reports / language / "evaluasi-sintetis.html").is_file()
    assert (place.reports / "csv/gap-sintetis.csv").is_file()
    assert is_whole(place) and not list(place.root.rglob(".new-*"))
    assert place.told()["exit_code"] == 0 and place.told()["isolation"] == "landlock"


def test_every_csv_that_a_page_links_to_is_there(place):
    for page in place.reports.rglob("*.html"):
        for href in re.findall(r'href="([^"#:]+)"', page.read_text()):
            assert (page.parent / href).resolve().exists(), f"{page.name}: {href}"


def test_a_manifest_says_what_a_brief_was_made_from_and_nothing_of_this_machine(place):
    html = place.brief("72.71.01").read_text()
    written = html.partition('<template id="manifest">')[2].partition("</template>")[0]
    for word in ("notebook", "inputs", "code", "lock", "parameters", "disclosure_rule", "72.71.01.csv"):
        assert word in written
    told = written + (place.reports / "manifest.json").read_text()
    assert str(place.root) not in told and str(PROJECT) not in told and os.uname().nodename not in told
    assert {"registers", "keys", "model", "released", "files"} <= json.loads(
        (place.reports / "manifest.json").read_text()
    ).keys()


def test_nothing_is_made_where_nothing_changed(place):
    before = {path: path.stat().st_mtime_ns for path in place.reports.rglob("*")}
    assert "dibuat" not in place.jamsostek("run", "demo")
    assert before == {path: path.stat().st_mtime_ns for path in place.reports.rglob("*")}
    told = (place.root / "data/processed/demo/released/run.json").read_bytes()
    assert "Tidak ada yang baru" in place.jamsostek("run", "demo", "--if-new")
    assert told == (place.root / "data/processed/demo/released/run.json").read_bytes()


@pytest.mark.parametrize("damage", [
    lambda path: path.unlink(),
    lambda path: path.write_text(path.read_text().replace("Palu", "Paly", 1)),
])  # fmt: skip
def test_a_lost_or_changed_page_is_put_back(place, damage):
    before = place.hashes()
    damage(place.brief("72.71"))
    place.jamsostek("run", "demo")
    assert place.hashes() == before


@pytest.mark.parametrize("how", [("--jobs", "1"), ("--notebook-engine", "plain")])
def test_jobs_and_engine_change_no_byte(place, how):
    before = place.hashes()
    shutil.rmtree(place.root / "data/processed/demo/pages")
    assert "dibuat" in place.jamsostek("run", "demo", *how)
    assert place.hashes() == before


def test_pages_can_be_made_again_to_the_byte(place):
    assert "bita yang sama" in place.jamsostek("verify", str(place.brief("72.71")))
    assert "bita yang sama" in place.jamsostek("verify", str(place.reports))


def test_a_changed_page_or_input_is_named(place):
    copy = place.root / "copy.html"
    copy.write_text(place.brief("72.71").read_text().replace("Palu", "Paly", 1))
    assert "copy.html" in place.jamsostek("verify", str(copy), code=17)
    tariffs = place.root / "data/raw/reference/tariffs.csv"
    written = tariffs.read_text()
    tariffs.write_text(written.replace("16800", "16801", 1))
    told = place.jamsostek("verify", str(place.brief("72.71")), code=17)
    assert "inputs" in told
    tariffs.write_text(written)


def test_one_failing_area_keeps_its_last_good_brief_and_stops_no_other(place):
    before = {area: place.brief(area).read_text() for area in AREAS}
    place.change_notebook('assert area != "72.71.01", "of all things"')
    told = place.jamsostek("run", "demo", code=20)
    assert "72.71.01-sintetis.html" in told and "of all things" not in told
    kept, made = place.brief("72.71.01").read_text(), place.brief("72.71").read_text()
    assert PREVIOUS in kept and PREVIOUS not in made
    assert kept.replace(re.search(f"{PREVIOUS}.*?</p>\n", kept)[0], "") == before["72.71.01"]
    assert made != before["72.71"]  # its notebook is another one
    assert is_whole(place) and "edisi sebelumnya" in (place.reports / "id/index.html").read_text().lower()
    assert place.told()["exit_code"] == 20
    assert {one["area"] for one in place.told()["failed"]} == {"72.71.01"}
    place.whole_notebook()
    place.jamsostek("run", "demo")
    assert PREVIOUS not in place.brief("72.71.01").read_text()


NOT_ITS_OWN = (
    "Path('data/processed/demo/protected/status.parquet').read_bytes()",
    "next(Path('data/raw/demo').glob('umkm.*')).read_bytes()",
    "Path('data/processed/demo/released/gap.csv').read_bytes()",
    "subprocess.run(['cat', 'data/raw/demo/delivery.toml'], check=True)",
)
OWN = "Path(f'data/processed/demo/released/areas/{area}.csv').read_bytes()"


def is_read(attempt: str) -> str:
    """Source that fails unless the attempt fails."""
    return f"try:\n    {attempt}\nexcept Exception: pass\nelse: raise AssertionError('it was read')\n"


def test_the_notebook_of_a_brief_cannot_read_what_it_is_not_made_from(place):
    before = place.hashes()
    place.change_notebook(WORKING + OWN + "\n" + "".join(map(is_read, NOT_ITS_OWN)))
    place.jamsostek("run", "demo")
    assert place.hashes() != before and not any(PREVIOUS in place.brief(area).read_text() for area in AREAS)
    place.change_notebook(WORKING + is_read(OWN))
    place.jamsostek("run", "demo", code=20)  # the pages on the registers are made
    assert all(PREVIOUS in place.brief(area).read_text() for area in AREAS)
    place.whole_notebook()
    place.jamsostek("run", "demo")
    assert place.hashes() == before


def test_a_value_of_a_person_stops_the_release_and_is_not_told(place):
    before = place.hashes()
    umkm = pd.read_parquet(place.root / "data/processed/demo/protected/umkm.parquet")
    nik = next(value for value in umkm["nik"] if len(str(value)) == 16)
    place.change_notebook(f"from analysis.presenting.parts import Part\nPart('limits', '<p>{nik}</p>')")
    notebook = nbformat.read(place.root / "notebooks" / BRIEF, 4)
    notebook.cells[-2].metadata["tags"] = ["exhibit"]
    nbformat.write(notebook, place.root / "notebooks" / BRIEF)
    told = place.jamsostek("run", "demo", code=13)
    assert nik not in told and "72.71-sintetis.html" in told
    assert place.hashes() == before and not list((place.root / "reports").glob(".new-*"))
    place.whole_notebook()
    place.jamsostek("run", "demo")
    assert place.hashes() == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("wait", [3.0, 8.0])
def test_a_stopped_run_leaves_all_pages_whole_and_the_next_one_ends_it(place, number, code, wait):
    before = place.hashes()
    shutil.rmtree(place.root / "data/processed/demo/pages", ignore_errors=True)
    running = subprocess.Popen(place.command("run", "demo"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # fmt: skip
    time.sleep(wait)
    running.send_signal(number)
    assert running.wait(30) in (code, 0)  # 0: it had ended before
    assert place.hashes() == before and is_whole(place)
    place.jamsostek("run", "demo")
    assert place.hashes() == before and not list((place.root / "reports").glob(".new-*"))


def test_a_second_run_at_once_is_refused(place):
    shutil.rmtree(place.root / "data/processed/demo/pages")
    first = subprocess.Popen(place.command("run", "demo"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (place.root / "data/processed/demo/pages").exists():
        time.sleep(0.1)
    place.jamsostek("run", "demo", code=16)
    assert first.wait(300) == 0


def test_an_unknown_area_is_refused_before_anything_is_done(place):
    before = place.hashes()
    command = [sys.executable, "-m", "analysis", "run", "demo", "--area", "72.72", "--root", str(place.root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 10 and "72.72" in done.stderr and place.hashes() == before
