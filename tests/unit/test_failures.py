"""Errors that are not our own checks: one line for the operating system's, the kind of a notebook's."""

import errno
import os
from pathlib import Path

import pytest

from analysis import ContractError, Fault, LockedError, NotebookError, ParameterError
from analysis.presenting import wording
from analysis.running import failures

SAY = wording.in_language("en")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "no room is left on the disk"),
        (errno.EACCES, "this user may not read or write here"),
        (errno.ENOTDIR, "a file stands where a folder must be"),
        (errno.EMFILE, os.strerror(errno.EMFILE)),
    ],
)
def test_an_error_of_the_system_is_one_line_of_path_and_reason(number: int, reason: str) -> None:
    error = OSError(number, os.strerror(number), "/somewhere/page.html")
    assert failures.told(error, SAY) == f"/somewhere/page.html: {reason}"
    assert failures.exit_code(error) == 1


def test_an_error_that_names_no_path_gets_one() -> None:
    with pytest.raises(OSError, match="page") as caught, failures.at(Path("page.html")):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert failures.told(caught.value, SAY) == "page.html: no room is left on the disk"


def test_an_error_keeps_the_path_that_it_names() -> None:
    with pytest.raises(FileNotFoundError) as caught, failures.at(Path("page.html")):
        Path("/nowhere/at all").read_text(encoding="utf-8")
    assert caught.value.filename == "/nowhere/at all"


@pytest.mark.parametrize("kind", [ParameterError, ContractError, NotebookError, LockedError])
def test_our_own_error_keeps_its_kind_and_message(kind: type[ContractError]) -> None:
    inside = kind("figures.csv", [Fault("row {row} is wrong", values={"row": "{7}"})], "Mend it.")
    error = failures.of_cell("00.ipynb", 3, kind.__name__, str(inside))
    assert type(error) is kind
    assert "cell 3" in failures.told(error, SAY)
    assert "figures.csv: row {7} is wrong. Mend it." in failures.told(error, SAY)


@pytest.mark.parametrize("kind", ["KeyError", "Fault", "N_", "__doc__", "Sequence", ""])
def test_of_any_other_error_the_name_alone_is_told(kind: str) -> None:
    error = failures.of_cell("00.ipynb", 3, kind, "7271010101900001")
    assert type(error) is NotebookError
    assert "7271010101900001" not in failures.told(error, SAY) + repr(error)
