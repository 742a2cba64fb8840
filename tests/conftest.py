"""What several tests need: the pages as the command line makes them, and a browser to look at them."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, sync_playwright

from analysis.running import warm

AS_OF = "2026-11-22"
PAGE_FILES = {"id": "published/id/index.html", "en": "published/en/index.html", "index": "index.html"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
QUIET = ("--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update",
         "--disable-sync")  # fmt: skip


def go_without(tool: str) -> NoReturn:
    """Skip the test because a tool is missing; in CI, where every test must run, fail it."""
    reason = f"{tool} is not here; `make browser` gets it or says what to install"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def as_of() -> str:
    """The day on which the pages are prepared."""
    return AS_OF


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports folder that one run of the command line writes, from the project's own record."""
    root = tmp_path_factory.mktemp("root")
    command = [sys.executable, "-m", "analysis", "record", "--root", str(root), "--as-of", AS_OF]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "reports"


@pytest.fixture(scope="session", params=["id", "en"])
def brief(pages: Path, request: pytest.FixtureRequest) -> Path:
    """The brief, in one language after the other."""
    return pages / PAGE_FILES[request.param]


@pytest.fixture(scope="session", params=list(PAGE_FILES))
def any_page(pages: Path, request: pytest.FixtureRequest) -> Path:
    """Each page: the brief in both languages, and the index."""
    return pages / PAGE_FILES[request.param]


@pytest.fixture(scope="session")
def area_reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with two months of invented registers, both run, and briefs on areas (`finished_briefs`); read only."""
    import finished_briefs

    if "PYTEST_XDIST_WORKER" not in os.environ:
        return finished_briefs.written(tmp_path_factory.mktemp("areas"))
    own = tmp_path_factory.getbasetemp().parent / "areas"  # one for all workers: the first makes it, others wait
    own.mkdir(exist_ok=True)
    with (own / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (own / "made").exists():
            (own / "root").mkdir()
            finished_briefs.written(own / "root")
            (own / "made").touch()
    return own / "root"


@pytest.fixture(scope="module")
def cold_server() -> Iterator[None]:
    """The process that forks, not warm, so that it starts at once; the tests import what they need."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm, "PREPARE", ())
        with warm.started():
            yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium. One a module, because an open Playwright keeps an event loop running in this thread."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        go_without("Chromium")
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, *sandbox])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def html_checker() -> list[str]:
    """The command that runs the Nu HTML checker."""
    jar = Path(__file__).parents[1] / ".venv/vnu/node_modules/vnu-jar/build/dist/vnu.jar"
    java = shutil.which("java")
    if java is None or not jar.exists():
        go_without("the HTML checker (Java and vnu.jar)")
    return [java, "-jar", str(jar)]
