"""The only place that writes down how a run of an edition went: released/run.json, the one file with a wall clock.

It lies beside the released tables and never in reports/, whose bytes must repeat.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from analysis.running import failures, landlock, publishing
from analysis.sources.places import Root


@dataclass
class Ledger:
    """What became of each page and table of one run, by its path in the root; `is_isolated`: whether pages were."""

    edition: str
    is_isolated: bool = True
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    states: dict[str, str] = field(default_factory=dict)

    def heard(self, watch: Callable[[str, str], None]) -> Callable[[str, str], None]:
        """`watch`, with everything it is told kept here as well."""

        def both(page: str, state: str) -> None:
            self.states[page] = state
            watch(page, state)

        return both

    def write(self, root: Root, errors: Mapping[str, failures.Expected], code: int) -> None:
        """Write run.json. `errors`: of each table or page that failed; `code`: the exit code of the run."""
        told = {
            "edition": self.edition,
            "started_utc": self.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round((datetime.now(UTC) - self.started).total_seconds(), 1),
            "exit_code": code,
            "made": [page for page, state in self.states.items() if state == "made"],
            "skipped_n": sum(state == "unchanged" for state in self.states.values()),
            "failed": [{"area": _area(page), "code": failures.exit_code(error)} for page, error in errors.items()],
            "kept_previous": [page for page in errors if (root.path / page).exists()],
            "isolation": "landlock" if self.is_isolated and landlock.is_available() else "none",
        }  # fmt: skip
        publishing.publish(root.released(self.edition), {"run.json": json.dumps(told, indent=1) + "\n"})


def _area(told: str) -> str:
    """The code of the area whose brief failed; of anything else its path."""
    found = re.search(r"/(72\.71[0-9.]*[0-9]|72\.71)(-sintetis)?\.(html|pdf)$", told)
    return found[1] if found else told
