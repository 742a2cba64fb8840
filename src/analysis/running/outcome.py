"""The only place that says how a run ended: what failed, and the exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis import N_, DisclosureError, Fault, PartlyMadeError
from analysis.running import failures

Errors = dict[str, failures.Expected]
"""What failed, by its path in the root."""
PAGES, PAGE = "reports/", (".html", ".pdf")


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `errors`: in the order in which they are told; the first one gives the exit code."""

    errors: tuple[failures.Expected, ...]

    @property
    def exit_code(self) -> int:
        """0 where nothing failed."""
        return failures.exit_code(self.errors[0]) if self.errors else 0


def of(errors: Errors, states: Mapping[str, str]) -> Outcome:
    """How a run ended that told these `states` of its tables and pages.

    Where pages failed and nothing else, and others were made or are unchanged, the run has ended: 20. That something
    may not be shown is told before anything else.
    """
    failed = [told for told in errors if _is_page(told)]
    stands = any(_is_page(told) for told, state in states.items() if state in ("made", "unchanged"))
    if not failed or len(failed) < len(errors) or not stands:
        return Outcome(tuple(sorted(errors.values(), key=lambda error: not isinstance(error, DisclosureError))))
    message = N_("was not made; the last good one, where there is one, stays and is marked")
    faults = [Fault(message, values={"file": told}) for told in failed]
    return Outcome((PartlyMadeError(N_("this run"), faults, N_("Mend what follows and run again.")), *errors.values()))


def _is_page(told: str) -> bool:
    return told.startswith(PAGES) and told.endswith(PAGE)
