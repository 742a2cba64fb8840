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

import pytest
from playwright.sync_api import Browser, Page, expect

from analysis import synthetic

pytestmark = [pytest.mark.browser, pytest.mark.lab]

NOTEBOOK, PREPARE = "notebooks/00_published_record.ipynb", "notebooks/01_prepare_registers.ipynb"
PROJECT = Path(__file__).parents[1]
START_SECONDS, RUN_SECONDS, STOP_SECONDS = 60, 100, 20
PROMPTS = ".jp-CodeCell .jp-InputPrompt"
FAULTS = "[data-mime-type$='.error'], [data-mime-type$='.stderr']"

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


def run_all_cells(page: Page, lab: Lab) -> None:
    """Run > Run All Cells, as soon as the kernel is there, and wait until all have run or one has failed."""
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=START_SECONDS * 1000)
    wait_until(page, lambda: lab.kernel_states(page) == ["idle"], START_SECONDS, "one kernel is ready")
    assert has_run(page) == [False] * len(has_run(page)), "the notebook is opened without results"
    page.locator("#jp-MainMenu").get_by_text("Run", exact=True).click()
    page.locator("[data-command='runmenu:run-all']").click()
    wait_until(page, lambda: lab.kernel_states(page) == ["idle"] and has_ended(page), RUN_SECONDS, "all cells ran")


def has_ended(page: Page) -> bool:
    return all(has_run(page)) or page.locator(FAULTS).count() > 0


def has_run(page: Page) -> list[bool]:
    """For each code cell whether it has an execution number."""
    prompts = page.locator(PROMPTS).all_inner_texts()
    assert len(prompts) > 5
    return [bool(re.fullmatch(r"\[\d+\]:", prompt.strip())) for prompt in prompts]
