"""A page depends on the code that makes it, and on no other."""

import shutil
from pathlib import Path

import nbformat
import pytest

from analysis.running import imports, provenance

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PREPARE, LINK, MEASURE, BRIEF = (*("01_prepare_registers", "02_link_registers", "03_measure_gap", "04_policy_brief"),)


def reached(notebook: str, language: str | None = None) -> set[str]:
    modules = imports.of_notebook(NOTEBOOKS / f"{notebook}.ipynb") | {imports.RENDERER}
    return {path.relative_to(imports.CODE).as_posix() for path in imports.files(modules, language)}


def tables(notebook: str) -> set[str]:
    modules = imports.of_notebook(NOTEBOOKS / f"{notebook}.ipynb")
    return {path.relative_to(imports.CODE).as_posix() for path in imports.files(modules)}


@pytest.mark.parametrize(("file", "makes_again"), [
    ("presenting/charts.py", set()),
    ("presenting/templates/page.css", set()),
    ("presenting/worklists.py", {PREPARE}),
    ("presenting/enrolment.py", {MEASURE}),
    ("measuring/pathways.py", {MEASURE}),
    ("linking/fitting.py", set()),
    ("synthetic/people.py", set()),
    ("cleaning/lists/titles.csv", {PREPARE, LINK, MEASURE}),
])  # fmt: skip
def test_a_changed_file_makes_those_tables_again_that_reach_it(file, makes_again):
    assert {name for name in (PREPARE, LINK, MEASURE) if file in tables(name)} == makes_again


def test_the_charts_of_briefs_are_reached_by_briefs_and_by_no_table():
    assert "presenting/pictures.py" in reached(BRIEF)
    assert not any("presenting/pictures.py" in tables(name) for name in (PREPARE, LINK, MEASURE))


def test_the_words_of_one_language_are_reached_by_its_pages_alone():
    words = "presenting/locale/id/LC_MESSAGES/analysis.po"
    assert words in reached(BRIEF, "id") and words not in reached(BRIEF, "en")


def test_each_file_that_is_no_module_is_read_by_some_module():
    for path, owners in imports._data_files().items():
        package = path.relative_to(imports.CODE).parts[0]
        own = {name for name in imports.everything() if name.startswith(f"analysis.{package}.")}
        assert owners and owners < own, f"{path.name}: no module of {package} names it"


def test_an_import_within_a_function_counts(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("from analysis.running import editions")])
    nbformat.write(notebook, tmp_path / "own.ipynb")
    files = {path.name for path in imports.files(imports.of_notebook(tmp_path / "own.ipynb"))}
    assert "corrections.py" in files  # imported where answers are read


def test_a_changed_line_changes_the_hash_of_what_reaches_it(tmp_path, monkeypatch):
    own = tmp_path / "analysis"
    shutil.copytree(imports.CODE, own, ignore=shutil.ignore_patterns("__pycache__"))
    before = provenance.code_hash(["analysis.linking.scoring"]), provenance.code_hash(["analysis.cleaning.names"])
    monkeypatch.setattr(imports, "CODE", own)
    imports._data_files.cache_clear()
    assert provenance.code_hash(["analysis.linking.scoring"]) == before[0]  # where it lies is not part of it
    (own / "linking" / "scoring.py").write_text((own / "linking" / "scoring.py").read_text() + "\n# another line\n")
    assert provenance.code_hash(["analysis.linking.scoring"]) != before[0]
    assert provenance.code_hash(["analysis.cleaning.names"]) == before[1]
    imports._data_files.cache_clear()
