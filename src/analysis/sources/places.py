"""The only place that knows where inputs and outputs lie.

A root folder holds `data/` and `reports/`. The public record, the reference tables and the notebooks come from the
root where they stand there, otherwise from the project itself; which of the two is told by `origin`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Place:
    """A folder or file and where it was found: `root` or `project`."""

    path: Path
    origin: str


@dataclass(frozen=True)
class Root:
    """The folder that a command works in."""

    path: Path

    @classmethod
    def here(cls) -> Root:
        """The working folder, or the project when a notebook was opened in the notebooks folder itself."""
        folder = Path.cwd()
        is_inside = folder.name == "notebooks" and not (folder / "data").exists()
        return cls(folder.parent if is_inside else folder)

    def find(self, relative: str) -> Place:
        """`relative` in this root, or in the project where this root has none."""
        own = self.path / relative
        return Place(own, "root") if own.exists() else Place(PROJECT / relative, "project")

    def told(self, path: Path) -> str:
        """A path in this root as users are told it: from the root on, with slashes."""
        return path.relative_to(self.path).as_posix()

    @property
    def reports(self) -> Path:
        """Pages for readers."""
        return self.path / "reports"

    def delivery(self, edition: str) -> Path:
        """What was delivered for one edition."""
        return self.path / "data" / "raw" / edition

    def processed(self, edition: str) -> Path:
        """Tables, logs and state of one edition; nothing below it is for readers."""
        return self.path / "data" / "processed" / edition

    def protected(self, edition: str) -> Path:
        """What holds rows about persons: for the user who runs the edition, and nobody else."""
        return self.processed(edition) / "protected"

    def released(self, edition: str) -> Path:
        """What has been through the gate."""
        return self.processed(edition) / "released"
