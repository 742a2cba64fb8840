"""The only place that writes down how a run of an edition went: released/run.json, the one file with a wall clock.

It lies beside the released tables and never in reports/, whose bytes must repeat.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from analysis.running import failures, publishing
from analysis.sources.places import Root


@dataclass
class Ledger:
    """What became of each page and table of one run, by its path in the root."""

    edition: str
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    states: dict[str, str] = field(default_factory=dict)

    def heard(self, watch: Callable[[str, str], None]) -> Callable[[str, str], None]:
        """`watch`, with everything it is told kept here as well."""

        def both(page: str, state: str) -> None:
            self.states[page] = state
            watch(page, state)

        return both

    def write(self, root: Root, errors: Sequence[failures.Expected], code: int | None = None) -> None:
        """Write run.json. `failed` names each table or page with its exit code; `code` is that of an interruption."""
        if code is None:
            code = failures.exit_code(errors[0]) if errors else 0
        failed = [page for page, state in self.states.items() if state == "failed"]
        told = {
            "edition": self.edition,
            "started_utc": self.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round((datetime.now(UTC) - self.started).total_seconds(), 1),
            "exit_code": code,
            "made": [page for page, state in self.states.items() if state == "made"],
            "skipped_n": sum(state == "unchanged" for state in self.states.values()),
            "failed": [
                {"area": page, "code": failures.exit_code(error)}
                for page, error in zip(failed, errors, strict=False)
            ],
            "kept_previous": [page for page in failed if (root.path / page).exists()],
        }  # fmt: skip
        publishing.publish(root.released(self.edition), {"run.json": json.dumps(told, indent=1) + "\n"})
