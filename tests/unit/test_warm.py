"""Work in warm children: what comes back, what is told of failures, and that nothing is left running."""

import operator
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analysis import ContractError, Fault, NotebookError
from analysis.running import warm
from analysis.running.interruption import Stopped, heeded

SECRET = "7271014101900001"
pytestmark = pytest.mark.usefixtures("cold_server")


def added(one: int, other: int) -> int:
    return one + other


def test_the_result_comes_back() -> None:
    assert warm.call(added, 1, 2, deadline_seconds=30, label="sum") == 3


def a_million(letter: str) -> str:
    return letter * 5_000_000


def test_long_arguments_and_results_come_whole() -> None:
    long = "x" * 3_000_000
    assert warm.call(len, long, deadline_seconds=30, label="length") == len(long)
    assert warm.call(a_million, "y", deadline_seconds=30, label="text") == "y" * 5_000_000


def entries_n(folder: str) -> int:
    return len(list(Path(folder).iterdir()))


def surroundings() -> dict[str, object]:
    own = {"pid": os.getpid(), "group": os.getpgid(0), "threads": entries_n("/proc/self/task"),
           "folder": str(Path.cwd()), "scratch": tempfile.gettempdir(), "ipython": os.environ["IPYTHONDIR"],
           "mode": Path(tempfile.gettempdir()).stat().st_mode & 0o777, "umask": os.umask(0o077),
           "core": resource.getrlimit(resource.RLIMIT_CORE)[0], "given": os.environ.get("GIVEN_TO_CHILD"),
           "is_warm": "analysis.presenting.charts" in sys.modules, "main": sys.modules["__main__"].__file__
           if hasattr(sys.modules["__main__"], "__file__") else None}  # fmt: skip
    Path(tempfile.gettempdir(), "left.txt").write_text(SECRET)
    return own


def test_a_child_is_warm_alone_and_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    warm.SERVER.stop()
    monkeypatch.setattr(warm, "PREPARE", ("analysis.running.engine:prepare",))
    monkeypatch.setenv("GIVEN_TO_CHILD", "yes")
    monkeypatch.chdir(tmp_path)
    one, other = (warm.call(surroundings, deadline_seconds=30, label="look") for _ in range(2))
    assert one["pid"] != other["pid"]
    assert one["group"] == one["pid"]
    assert one["is_warm"]
    assert (one["threads"], one["umask"], one["core"], one["mode"]) == (1, 0o077, 0, 0o700)
    assert (one["given"], one["folder"], one["main"]) == ("yes", str(tmp_path), None)
    assert str(one["ipython"]).startswith(str(one["scratch"]))
    assert not Path(str(one["scratch"])).exists()
    warm.SERVER.stop()


def raises_own() -> None:
    raise ContractError("umkm.xlsx", [Fault("{n} rows", row=3, values={"n": 2})], "Mend it.")


def raises_other() -> None:
    raise ValueError(SECRET)


def gives_what_does_not_pickle() -> object:
    return lambda: None


def exits() -> None:
    os._exit(3)


def kills_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fills_memory() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    return len(bytearray(8 << 30))


def test_our_own_errors_arrive_as_themselves() -> None:
    with pytest.raises(ContractError) as caught:
        warm.call(raises_own, deadline_seconds=30, label="it")
    error = caught.value
    assert (error.subject, error.cure, error.faults) == (
        "umkm.xlsx", "Mend it.", (Fault("{n} rows", row=3, values={"n": 2}),))  # fmt: skip


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (raises_other, "ended with ValueError"),
        (gives_what_does_not_pickle, "ended with "),
        (fills_memory, "ended with MemoryError"),
        (sys.exit, "ended with SystemExit"),
        (exits, "without an answer (exit code 3)"),
        (kills_itself, "was ended by SIGKILL"),
    ],
)
def test_other_failures_are_told_by_their_kind(function: Callable[[], object], told: str) -> None:
    with pytest.raises(NotebookError) as caught:
        warm.call(function, deadline_seconds=30, label="04_policy_brief.ipynb")
    assert told in str(caught.value)
    assert caught.value.subject == "04_policy_brief.ipynb"
    assert SECRET not in str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


def starts_another(file: str) -> None:
    started = subprocess.Popen(["sleep", "600"])
    Path(file).write_text(f"{os.getpid()} {started.pid}")
    time.sleep(600)


def leaves_another(file: str) -> None:
    Path(file).write_text(str(subprocess.Popen(["sleep", "600"]).pid))


def is_there(pid: int) -> bool:
    """Whether it runs: one that ended and that its parent did not collect yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(*pids: int, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(map(is_there, pids)):
        time.sleep(0.02)
    return not any(map(is_there, pids))


def test_what_takes_too_long_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(NotebookError, match=r"took longer than 1\.0 seconds"):
        warm.call(starts_another, str(tmp_path / "pids"), deadline_seconds=1.0, label="slow")
    assert time.monotonic() - began < 20
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert gone(*pids)


def test_what_a_child_leaves_running_ends_with_it(tmp_path: Path) -> None:
    warm.call(leaves_another, str(tmp_path / "pid"), deadline_seconds=30, label="leaving")
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_function_of_the_program_that_was_started_is_refused() -> None:
    namespace: dict[str, Callable[[], None]] = {}
    exec("def own(): pass\nown.__module__ = '__main__'", namespace)
    with pytest.raises(ValueError, match="__main__"):
        warm.call(namespace["own"], deadline_seconds=5, label="main")


def slept(seconds: float, number: int) -> tuple[int, int]:
    time.sleep(seconds)
    return number, os.getpid()


def test_four_threads_get_their_own_answers() -> None:
    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(warm.call, slept, 0.05, n, deadline_seconds=60, label=str(n)) for n in range(40)]
        done = [job.result() for job in jobs]
    assert [number for number, _ in done] == list(range(40))
    assert len({pid for _, pid in done}) == 40


def memory_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0])


def test_the_memory_and_descriptors_of_the_forking_process_do_not_grow() -> None:
    warm.call(operator.add, 1, 1, deadline_seconds=30, label="sum")
    assert warm.SERVER._process is not None
    pid = warm.SERVER._process.pid
    before, opened, own = memory_kb(pid), entries_n(f"/proc/{pid}/fd"), entries_n("/proc/self/fd")
    for n in range(60):
        warm.call(operator.add, n, 1, deadline_seconds=30, label="sum")
    assert memory_kb(pid) - before < 4096
    assert entries_n(f"/proc/{pid}/fd") <= opened
    assert entries_n("/proc/self/fd") <= own


def test_the_forking_process_is_started_again_when_it_was_killed() -> None:
    warm.call(added, 1, 1, deadline_seconds=30, label="sum")
    assert warm.SERVER._process is not None
    warm.SERVER._process.kill()
    warm.SERVER._process.wait()
    assert warm.call(added, 2, 2, deadline_seconds=60, label="sum") == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_children_at_once(number: int, tmp_path: Path) -> None:
    def in_a_thread() -> None:
        with pytest.raises(NotebookError):
            warm.call(starts_another, str(tmp_path / "pids"), deadline_seconds=600, label="slow")

    waiting = threading.Thread(target=in_a_thread)
    with pytest.raises(Stopped) as caught, heeded(), warm.started():
        waiting.start()
        while not (tmp_path / "pids").exists() or len((tmp_path / "pids").read_text().split()) < 2:
            time.sleep(0.02)
        os.kill(os.getpid(), number)
        time.sleep(600)
    assert caught.value.exit_code == 128 + number
    waiting.join(20)
    assert not waiting.is_alive()
    assert gone(*map(int, (tmp_path / "pids").read_text().split()))


DRIVER = """
import sys
sys.path.insert(0, {tests!r})
import test_warm
from analysis.running import warm
warm.PREPARE = ()
warm.call(test_warm.starts_another, {file!r}, deadline_seconds=600, label="slow")
"""


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_driver_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    program = DRIVER.format(tests=str(Path(__file__).parent), file=str(file))
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", program], env=environment) as driver:
        while not file.exists() or len(file.read_text().split()) < 2:
            assert driver.poll() is None
            time.sleep(0.05)
        (forking,) = children_of(driver.pid)
        pids = [forking, *map(int, file.read_text().split())]
        assert all(map(is_there, pids))
        driver.kill()
    assert gone(*pids)
    time.sleep(0.2)
    assert list(tmp_path.glob("jamsostek-*")) == []


def test_a_forking_process_that_is_killed_takes_its_children_with_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(warm.call, starts_another, str(tmp_path / "pids"), deadline_seconds=600, label="slow")
        while not (tmp_path / "pids").exists() or len((tmp_path / "pids").read_text().split()) < 2:
            time.sleep(0.02)
        assert warm.SERVER._process is not None
        warm.SERVER._process.kill()
        with pytest.raises(NotebookError):
            job.result(30)
    assert gone(*map(int, (tmp_path / "pids").read_text().split()))


def test_nothing_is_left_after_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warm.SERVER.stop()
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with warm.started():
        warm.call(added, 1, 1, deadline_seconds=60, label="sum")
        assert warm.SERVER._process is not None
        pid = warm.SERVER._process.pid
        assert list(tmp_path.glob("jamsostek-*"))
    assert not is_there(pid)
    assert list(tmp_path.iterdir()) == []
