"""The house rules for notebooks: thin, readable from top to bottom, nothing of a run left in them."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from analysis.running import engine
from analysis.sources.places import Root

FOLDER = Path(__file__).parents[1] / "notebooks"
LONGEST_CELL = 8
LOGIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While)
IMPORTS = (ast.Import, ast.ImportFrom)
PART = "application/vnd.jamsostek.part+json"


@pytest.fixture(params=sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    """Each notebook of the project."""
    return nbformat.read(request.param, as_version=nbformat.NO_CONVERT)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def statements(cell: NotebookNode) -> list[ast.AST]:
    return list(ast.walk(ast.parse(cell.source)))


def test_there_are_notebooks() -> None:
    assert list(FOLDER.glob("*.ipynb"))


def test_it_keeps_to_the_notebook_format(notebook: NotebookNode) -> None:
    nbformat.validate(notebook)


def test_it_begins_with_a_question(notebook: NotebookNode) -> None:
    first = notebook.cells[0]
    title = first.source.splitlines()[0]
    assert first.cell_type == "markdown"
    assert title.startswith("# ") and title.endswith("?")


def test_one_cell_holds_the_parameters_as_plain_literals(notebook: NotebookNode) -> None:
    (parameters,) = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    lines = ast.parse(parameters.source).body
    assert lines
    for line in lines:
        assert isinstance(line, ast.Assign) and all(isinstance(target, ast.Name) for target in line.targets)
        ast.literal_eval(line.value)


def test_cells_are_short_and_leave_logic_to_the_package(notebook: NotebookNode) -> None:
    for cell in code_cells(notebook):
        assert cell.id == "setup" or len(cell.source.splitlines()) <= LONGEST_CELL, cell.id
        assert not [each for each in statements(cell) if isinstance(each, LOGIC)], cell.id


def test_only_the_setup_cell_imports_and_it_does_nothing_else(notebook: NotebookNode) -> None:
    importing = [cell for cell in code_cells(notebook) if any(isinstance(each, IMPORTS) for each in statements(cell))]
    assert [cell.id for cell in importing] == ["setup"]
    assert all(isinstance(line, IMPORTS) for line in ast.parse(importing[0].source).body)


def test_nothing_of_a_run_is_left_in_it(notebook: NotebookNode) -> None:
    for cell in code_cells(notebook):
        assert cell.outputs == [] and cell.execution_count is None, cell.id
    for place in (notebook, *notebook.cells):
        assert "papermill" not in place.metadata
    assert not [cell.id for cell in notebook.cells if "injected-parameters" in tags(cell)]


def test_cells_are_named_by_what_they_do(notebook: NotebookNode) -> None:
    assert not [cell.id for cell in notebook.cells if not re.fullmatch(r"[a-z]+(-[a-z]+)*", cell.id)]


def test_what_a_cell_shows_on_the_page_and_only_that_is_an_exhibit(tmp_path: Path) -> None:
    notebook, given = FOLDER / "00_published_record.ipynb", {"as_of": "2026-11-22", "language": "id"}
    executed = engine.execute(notebook, Root(tmp_path), given, tmp_path / "executed.ipynb")
    for cell in code_cells(executed):
        parts = [output for output in cell.outputs if PART in output.get("data", {})]
        assert len(parts) == ("exhibit" in tags(cell)), cell.id
