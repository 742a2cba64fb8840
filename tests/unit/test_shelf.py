"""An edition's pages are put in place all together or not at all, and nothing of before is lost."""

import errno
import json
from pathlib import Path

import pytest

from analysis import DisclosureError
from analysis.running import guard, publishing, shelf
from analysis.running.shelf import Shelf
from analysis.sources.places import Root

HEAD = '<html lang="{language}">\n<header>\n</header><title>Judul · x</title>\n'
MADE = '<template id="manifest">{{"released": {{"72.71.csv": "{own}"}}}}</template>'


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A root in which a page and its data were put in place."""
    monkeypatch.setattr(guard, "refuse", lambda *_: None)
    own = Root(tmp_path)
    waits(own, "72.71", "first")
    lay(own, "72.71").place(own, "demo")
    return own


def waits(root: Root, area: str, text: str, language: str = "id") -> Path:
    path = root.path / "waiting" / language / f"{area}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    released = root.released("demo") / "areas" / "72.71.csv"
    released.parent.mkdir(parents=True, exist_ok=True)
    released.write_text("rows")
    html = HEAD.format(language=language) + text + MADE.format(own=shelf._hash(b"rows"))
    path.write_text(json.dumps({"html": html, "csv": {f"{area}-gap": "a,b\n"}}))
    return path


def lay(root: Root, *areas: str) -> Shelf:
    own = Shelf()
    for area in areas:
        own.take(f"id/{area}.html", root.path / "waiting" / "id" / f"{area}.json")
    files = {name: shelf._hash(content) for name, content in own.files.items()}
    told = {"edition": "demo", "reference_date": "2026-10-31", "is_synthetic": True, "as_of": "2026-11-04"}
    own.files[shelf.MANIFEST] = shelf._as_json({**told, "pages": own.beside, "files": files})
    return own


def content(root: Root) -> dict[str, str]:
    folder = root.reports / "demo"
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_page_and_data_lie_there_and_the_folder_is_whole(root):
    assert set(content(root)) == {"id/72.71.html", "id/csv/72.71-gap.csv", "manifest.json"}
    assert not shelf.touched(root.reports / "demo") and (root.reports / "demo").stat().st_mode & 0o055 == 0o055


@pytest.mark.parametrize("change", [
    lambda folder: (folder / "id/72.71.html").write_text("other"),
    lambda folder: (folder / "id/csv/72.71-gap.csv").unlink(),
])  # fmt: skip
def test_a_touched_file_is_known(root, change):
    change(root.reports / "demo")
    assert len(shelf.touched(root.reports / "demo")) == 1


def test_a_printed_page_lies_beside_it(root):
    (root.path / "waiting/id/72.71.pdf").write_bytes(b"%PDF")
    own = lay(root, "72.71")
    assert own.files["id/72.71.pdf"] == b"%PDF" and "id/72.71.pdf" in own.beside["id/72.71.html"]


def test_what_was_not_made_is_kept_with_its_data_and_marked(root):
    waits(root, "72.71.01", "second")
    (root.released("demo") / "areas" / "72.71.csv").write_text("other rows")
    own = lay(root, "72.71.01")
    own.keep(root.reports / "demo", {"72.71.html", "72.71.01.html"}, root.released("demo"))
    assert own.kept == {"id/72.71.html"} and "id/csv/72.71-gap.csv" in own.files
    assert "Edisi sebelumnya" in own.files["id/72.71.html"].decode()
    again = Shelf()
    again.keep(root.reports / "demo", {"72.71.html"}, root.released("demo"))
    assert again.files["id/72.71.html"].decode().count("Edisi sebelumnya") == 1


def test_what_still_holds_is_kept_without_a_mark(root):
    own = Shelf()
    own.keep(root.reports / "demo", {"72.71.html"}, root.released("demo"))
    assert not own.kept and own.files["id/72.71.html"] == (root.reports / "demo/id/72.71.html").read_bytes()


def test_what_should_have_been_made_is_marked_even_where_its_rows_are_the_same(root):
    own = Shelf()
    own.keep(root.reports / "demo", {"72.71.html"}, root.released("demo"), {"id/72.71.html"})
    assert own.kept == {"id/72.71.html"}


def test_a_page_that_an_edition_cannot_have_is_not_kept(root):
    own = Shelf()
    own.keep(root.reports / "demo", {"72.71-sintetis.html"}, root.released("demo"))
    assert not own.files


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_a_full_disk_leaves_what_lies_there(root, monkeypatch, n):
    before, left = content(root), [n]
    waits(root, "72.71", "second")
    own, write = lay(root, "72.71"), Path.write_bytes

    def full(path, data):
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "no room", str(path))
        left[0] -= 1
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    if n < len(own.files):
        with pytest.raises(OSError, match="no room"):
            own.place(root, "demo")
        assert content(root) == before
    else:
        own.place(root, "demo")
        assert "second" in content(root)["id/72.71.html"]
    assert not list(root.reports.glob(".*"))


def test_a_leak_leaves_what_lies_there(root, monkeypatch):
    before = content(root)
    waits(root, "72.71", "second")

    def found(*_):
        raise DisclosureError("reports/demo", [], "Report it.")

    monkeypatch.setattr(guard, "refuse", found)
    with pytest.raises(DisclosureError):
        lay(root, "72.71").place(root, "demo")
    assert content(root) == before and not list(root.reports.glob(".*"))


def test_a_run_that_is_killed_while_it_writes_leaves_only_what_the_next_one_clears(root):
    before = content(root)
    (root.reports / f"{publishing.ASIDE}demo-x" / "id").mkdir(parents=True)
    publishing.clear([root.reports])
    assert content(root) == before and not list(root.reports.glob(".*"))


def test_a_damaged_manifest_is_as_none(root):
    (root.reports / "demo" / "manifest.json").write_text("{")
    assert shelf.read(root.reports / "demo") == {}
