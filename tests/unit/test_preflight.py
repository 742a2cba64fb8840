"""What a notebook must be before it is run: a notebook, with parameters that a manifest can hold."""

import json
from pathlib import Path

import pytest

from analysis import NotebookError, ParameterError
from analysis.running import preflight


def notebook(folder: Path, source: str) -> Path:
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": source.splitlines(keepends=True)}
    return written(folder, json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def written(folder: Path, text: str) -> Path:
    path = folder / "small.ipynb"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ('as_of = "2026-11-22"', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("{}", "holds no cells"),
        ("[]", "holds no cells"),
        ("7", "holds no cells"),
        ('{"cells": []}', "holds no cells"),
        ('{"cells": 7}', "holds no cells"),
        ('{"cells": {"source": ""}}', "holds no cells"),
        ('{"cells": [7]}', "holds no cells"),
        ('{"cells": [{"source": "a = 1"}]}', "holds no cells"),
        ('{"cells": [{"source": 1, "metadata": {}}]}', "holds no cells"),
        ('{"cells": [{"source": "a = 1", "metadata": {"tags": null}}]}', "holds no cells"),
        ('{"worksheets": [{"cells": []}]}', "holds no cells"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"small\.ipynb") as caught:
        preflight.defaults(written(tmp_path, text))
    assert told in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "small.ipynb"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NotebookError):
        preflight.defaults(path)


@pytest.mark.parametrize(
    "literal",
    ["{1, 2}", 'b"text"', "...", "1e999", "1 + 2j", '{"a": {1}}', '{1: "a"}', "[b'']", "(1, {2})"],
)
def test_a_value_that_no_manifest_can_hold_is_refused(literal: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match='"share" must be a text, a number'):
        preflight.defaults(notebook(tmp_path, f"share = {literal}\n"))


@pytest.mark.parametrize(
    "value", ["text", 1, -2, 1.5, True, None, [1, "a", None], {"a": [1.0]}, (1, 2)], ids=lambda value: repr(value)
)
def test_a_plain_value_is_taken(value: object, tmp_path: Path) -> None:
    assert preflight.defaults(notebook(tmp_path, f"share = {value!r}\n")) == {"share": value}


@pytest.mark.parametrize("value", ["text", 1, 1.5, True, None, [1]])
def test_any_plain_value_may_take_the_place_of_none(value: object, tmp_path: Path) -> None:
    preflight.check(notebook(tmp_path, "share = None\n"), {"share": value})


@pytest.mark.parametrize("default", ["None", "[1]"])
def test_a_given_value_must_be_plain_too(default: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match='parameter "share"'):
        preflight.check(notebook(tmp_path, f"share = {default}\n"), {"share": [{1}]})


def test_all_parameters_that_cannot_be_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        preflight.defaults(notebook(tmp_path, "share: float = 1\ncount = {1}\nlanguage = 'id'\n"))
    assert [fault.values["name"] for fault in caught.value.faults] == ["share", "count"]
