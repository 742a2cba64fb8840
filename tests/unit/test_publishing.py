"""What readers find is always whole: files and folders are put in place at one stroke."""

import pytest

from analysis.running import publishing


@pytest.fixture
def folders(tmp_path):
    old, new = tmp_path / "demo", tmp_path / ".new-demo-x"
    for folder, text in ((old, "old"), (new, "new")):
        (folder / "id").mkdir(parents=True)
        (folder / "id" / "page.html").write_text(text)
    (old / "gone.html").write_text("old")
    return old, new


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("has_exchange", [True, False])
def test_a_folder_takes_the_place_of_another(folders, monkeypatch, has_exchange):
    old, new = folders
    if not has_exchange:
        monkeypatch.setattr(publishing, "_exchanged", lambda one, other: False)
    publishing.exchange(new, old)
    assert content(old.parent) == {"demo/id/page.html": "new"}


def test_the_first_folder_is_only_moved(folders):
    _, new = folders
    first = new.parent / "first"
    publishing.exchange(new, first)
    assert content(first) == {"id/page.html": "new"} and not new.exists()


def test_the_system_exchanges_folders_here(folders):
    assert publishing._exchanged(*folders)
    assert content(folders[0]) == {"id/page.html": "new"}


def test_a_folder_moved_away_by_a_killed_run_is_taken_back(folders):
    old, _ = folders
    old.rename(old.with_name(".old-demo"))
    publishing.recover(old)
    assert content(old)["id/page.html"] == "old" and not old.with_name(".old-demo").exists()


def test_one_moved_away_goes_where_the_new_one_is_in_place(folders):
    old, new = folders
    old.rename(old.with_name(".old-demo"))
    new.rename(old)
    publishing.recover(old)
    assert content(old.parent) == {"demo/id/page.html": "new"}


def test_text_and_bytes_are_written_as_given(tmp_path):
    publishing.publish(tmp_path / "a", {"b/c.csv": "x\n", "d.pdf": b"\x00\r\n"})
    assert (tmp_path / "a/b/c.csv").read_bytes() == b"x\n" and (tmp_path / "a/d.pdf").read_bytes() == b"\x00\r\n"
    assert not list((tmp_path / "a").glob(".new-*"))
