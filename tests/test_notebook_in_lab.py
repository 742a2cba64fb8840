"""A researcher opens the notebook in a real JupyterLab and runs it from the Run menu, without edits."""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from analysis import synthetic
from analysis.measuring import gap
from analysis.releasing import disclosure
from analysis.sources.places import Root

pytestmark = [pytest.mark.browser, pytest.mark.lab]

NOTEBOOK, PREPARE = "notebooks/00_published_record.ipynb", "notebooks/01_prepare_registers.ipynb"
MEASURE, EXPLORE = "notebooks/03_measure_gap.ipynb", "notebooks/explore.ipynb"
PROJECT = Path(__file__).parents[1]
START_SECONDS, RUN_SECONDS, STOP_SECONDS = 60, 100, 20
PROMPTS = ".jp-CodeCell .jp-InputPrompt"
FAULTS = "[data-mime-type$='.error'], [data-mime-type$='.stderr']"

# The notebooks 01 to 03 on each edition named, in one process: the packages are imported once.
RUN_BEFORE = """
import sys
from pathlib import Path
import nbformat
for edition in sys.argv[2:]:
    for path in sorted(Path(sys.argv[1]).glob("0[123]_*.ipynb")):
        names = {}
        for cell in nbformat.read(path, as_version=nbformat.NO_CONVERT).cells:
            if cell.cell_type == "code":
                exec(cell.source, names)
                names["edition"] = edition
"""

# As JupyterLab starts everywhere, apart from: every cell is in the page, seen or not; and no news from the network.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
}


@dataclass(frozen=True)
class Lab:
    """A running server."""

    address: str
    token: str
    folder: Path

    def kernel_states(self, page: Page) -> list[str]:
        """What the server says of its kernels; the page's own indicator says idle too early."""
        answer = page.request.get(f"{self.address}/api/kernels", headers={"Authorization": f"token {self.token}"})
        return [kernel["execution_state"] for kernel in answer.json()]

    def answers(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", int(self.address.rpartition(":")[2]))) == 0


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A server on this machine alone, with a copy of the notebooks and no settings of the user's."""
    served = tmp_path / "served"
    shutil.copytree(PROJECT / "notebooks", served / "notebooks", ignore=shutil.ignore_patterns(".*"))
    with (tmp_path / "log").open("w") as log:
        server = Lab(f"http://127.0.0.1:{free_port()}", secrets.token_hex(16), served)
        process = subprocess.Popen(command(server, served), env=own_settings(tmp_path), cwd=served, stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
        try:
            yield server
        finally:
            stop(process)


def command(server: Lab, served: Path) -> list[str]:
    return [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.root_dir={served}",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={server.address.rpartition(':')[2]}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={server.token}",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]  # fmt: skip


def own_settings(folder: Path) -> dict[str, str]:
    for name, values in SETTINGS.items():
        file = folder / f"settings/@jupyterlab/{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    names = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython",
             "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}  # fmt: skip
    return {**os.environ, **{name: str(folder / own) for name, own in names.items()}}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server by its own signal, so that it ends its kernels; if it does not, end it anyway."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(page: Page, reached: Callable[[], bool], seconds: int, what: str) -> None:
    for _ in range(seconds * 4):
        if reached():
            return
        page.wait_for_timeout(250)
    pytest.fail(f"not within {seconds} seconds: {what}")


def test_the_notebook_runs_from_the_run_menu(browser: Browser, lab: Lab) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    try:
        wait_until(page, lab.answers, START_SECONDS, "the server answers")
        page.goto(f"{lab.address}/lab/tree/{NOTEBOOK}?token={lab.token}")
        run_all_cells(page, lab)
        assert page.locator(FAULTS).all_inner_texts() == []
        assert all(has_run(page))
        charts = page.locator(".jp-OutputArea-output figure svg[role=img]")
        assert charts.count() == 4
        for chart in charts.all():
            expect(chart).to_be_visible()
            assert chart.bounding_box()["height"] > 50
        headline = page.locator(".jp-OutputArea-output h1")
        expect(headline).to_be_visible()
        assert re.search(r"Palu.*\d", headline.inner_text())
    finally:
        page.close()


def test_the_registers_are_prepared_from_the_run_menu(browser: Browser, lab: Lab) -> None:
    synthetic.demo(lab.folder, "demo", 3, 400, 600)
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    try:
        wait_until(page, lab.answers, START_SECONDS, "the server answers")
        page.goto(f"{lab.address}/lab/tree/{PREPARE}?token={lab.token}")
        run_all_cells(page, lab)
        assert page.locator(FAULTS).all_inner_texts() == []
        assert all(has_run(page))
        assert page.locator(".jp-OutputArea-output img").count() == 1
        assert (lab.folder / "data/processed/demo/released/evaluation.csv").is_file()
    finally:
        page.close()


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small invented editions on which the notebooks 01 to 03 were run."""
    folder = tmp_path_factory.mktemp("measured")
    synthetic.editions(folder, umkm_n=400, participants_n=600)
    command = [sys.executable, "-c", RUN_BEFORE, str(PROJECT / "notebooks"), "demo-prev", "demo"]
    done = subprocess.run(command, cwd=folder, env={**os.environ, "MPLBACKEND": "agg"}, capture_output=True, text=True,
                          timeout=300, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def test_the_gap_is_measured_from_the_run_menu(browser: Browser, lab: Lab, measured: Path) -> None:
    shutil.copytree(measured / "data", lab.folder / "data")
    released = lab.folder / "data/processed/demo/released"
    first = {path.name: path.read_bytes() for path in released.glob("*.csv") if path.stem != "evaluation"}
    for name in first:
        (released / name).unlink()
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    try:
        wait_until(page, lab.answers, START_SECONDS, "the server answers")
        page.goto(f"{lab.address}/lab/tree/{MEASURE}?token={lab.token}")
        run_all_cells(page, lab)
        assert page.locator(FAULTS).all_inner_texts() == []
        assert all(has_run(page))
        assert page.locator(".jp-OutputArea-output img").count() == charts_n(MEASURE) > 1
        assert {name: (released / name).read_bytes() for name in first} == first
        assert {"gap.csv", "change.csv"} <= first.keys()
    finally:
        page.close()


def test_a_researcher_explores_and_changes_one_parameter(browser: Browser, lab: Lab, measured: Path) -> None:
    shutil.copytree(measured / "data", lab.folder / "data")
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    try:
        wait_until(page, lab.answers, START_SECONDS, "the server answers")
        page.goto(f"{lab.address}/lab/tree/{EXPLORE}?token={lab.token}")
        run_all_cells(page, lab)
        assert page.locator(FAULTS).all_inner_texts() == []
        assert all(has_run(page))
        assert page.locator(".jp-OutputArea-output img").count() == charts_n(EXPLORE) > 1
        assert own_cut(page) == by_kecamatan(measured, "lapsed")
        page.locator(".jp-CodeCell .cm-line", has_text='measure = "lapsed"').get_by_text('"lapsed"').dblclick()
        page.keyboard.insert_text("active")
        run_again(page, lab)
        assert page.locator(FAULTS).all_inner_texts() == []
        assert own_cut(page) == by_kecamatan(measured, "active")
    finally:
        page.close()


def charts_n(notebook: str) -> int:
    """How many charts a notebook draws."""
    cells = nbformat.read(PROJECT / notebook, as_version=nbformat.NO_CONVERT).cells
    return sum(cell.source.count("plt.show()") for cell in cells if cell.cell_type == "code")


def own_cut(page: Page) -> list[int]:
    """The counts that the notebook shows of the cut that its parameters choose, least first."""
    cell = page.locator(".jp-CodeCell", has_text="own = cells.query(rule)")
    return [int(text) for text in cell.locator("tbody tr td:nth-child(3)").all_inner_texts()]


def by_kecamatan(measured: Path, measure: str) -> list[int]:
    """The released counts of owners of one status in the kecamatan, least first."""
    table: pd.DataFrame = disclosure.read(Root(measured).released("demo"), gap.layout()).table
    own = table.query("level == 'kecamatan' and dimension == 'total' and measure == @measure")
    return sorted(map(int, own["value"]))


def run_again(page: Page, lab: Lab) -> None:
    """Run > Run All Cells once more, and wait until every cell has a new number or one has failed."""
    last = max(numbers(page))
    run_all(page)
    wait_until(page, lambda: has_ended(page, last) and lab.kernel_states(page) == ["idle"], RUN_SECONDS, "another run")


def run_all_cells(page: Page, lab: Lab) -> None:
    """Run > Run All Cells, as soon as the kernel is there, and wait until all have run or one has failed."""
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=START_SECONDS * 1000)
    wait_until(page, lambda: lab.kernel_states(page) == ["idle"], START_SECONDS, "one kernel is ready")
    assert has_run(page) == [False] * len(has_run(page)), "the notebook is opened without results"
    run_all(page)
    wait_until(page, lambda: lab.kernel_states(page) == ["idle"] and has_ended(page), RUN_SECONDS, "all cells ran")


def run_all(page: Page) -> None:
    page.locator("#jp-MainMenu").get_by_text("Run", exact=True).click()
    page.locator("[data-command='runmenu:run-all']").click()


def has_ended(page: Page, last: int = 0) -> bool:
    """Whether every cell has a number above the last one, or one has failed."""
    return min(numbers(page)) > last or page.locator(FAULTS).count() > 0


def has_run(page: Page) -> list[bool]:
    """For each code cell whether it has an execution number."""
    return [number > 0 for number in numbers(page)]


def numbers(page: Page) -> list[int]:
    """The execution number of each code cell; 0 where it has none."""
    prompts = page.locator(PROMPTS).all_inner_texts()
    assert len(prompts) > 5
    told = [re.fullmatch(r"\[(\d+)\]:", prompt.strip()) for prompt in prompts]
    return [int(number[1]) if number else 0 for number in told]
