"""How a run ended, and with which exit code."""

import pytest

from analysis import ContractError, DisclosureError, NotebookError, PartlyMadeError
from analysis.running import outcome

BRIEF, OTHER, TABLE = (
    "reports/demo/id/72.71.html",
    "reports/demo/id/72.71.01.html",
    "data/processed/demo/released/gap.csv",
)
LEAK = DisclosureError("reports/demo", [], "Report it.")
FAILED = NotebookError("04_policy_brief.ipynb", [], "Mend it.")


@pytest.mark.parametrize(("errors", "states", "code"), [
    ({}, {BRIEF: "made"}, 0),
    ({BRIEF: FAILED}, {BRIEF: "failed", OTHER: "made"}, 20),
    ({BRIEF: FAILED}, {BRIEF: "failed", OTHER: "unchanged"}, 20),
    ({BRIEF: FAILED}, {BRIEF: "failed", TABLE: "made"}, 14),
    ({BRIEF: FAILED, OTHER: FAILED}, {BRIEF: "failed", OTHER: "failed"}, 14),
    ({TABLE: ContractError("umkm.csv", [], "Mend it.")}, {TABLE: "failed"}, 11),
    ({TABLE: FAILED, BRIEF: FAILED}, {BRIEF: "failed", OTHER: "made"}, 14),
    ({"reports/demo/manifest.json": LEAK}, {BRIEF: "made"}, 13),
    ({BRIEF: FAILED, "reports/demo/manifest.json": LEAK}, {OTHER: "made"}, 13),
    ({BRIEF: OSError(28, "no room")}, {OTHER: "made"}, 20),
    ({TABLE: OSError(28, "no room")}, {}, 1),
])  # fmt: skip
def test_the_exit_code_says_what_failed(errors, states, code):
    assert outcome.of(errors, states).exit_code == code


def test_of_some_failed_areas_each_is_named_and_the_cause_follows():
    partly, cause = outcome.of({BRIEF: FAILED}, {OTHER: "made"}).errors
    assert isinstance(partly, PartlyMadeError) and partly.faults[0].values["file"] == BRIEF and cause is FAILED
