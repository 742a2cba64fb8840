"""The only place for the version and for the kinds of error that may end a run.

Every expected failure is an `AnalysisError` that carries all faults found, each with its place, and what to do.
Messages are English patterns with named values; `presenting.wording` turns them into the reader's language, so the
text of an error is written once, beside the rule that it reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__version__ = "0.2.0"


def N_(message: str) -> str:  # noqa: N802  (gettext's own name for "to be translated later")
    """Mark an English pattern for the catalogue; `presenting.wording` translates it when it is shown."""
    return message


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where.

    `message` is an English pattern in braces, `values` what fills it: never a value of a person's record.
    `row` is the record number in the file, the header being row 1.
    """

    message: str
    row: int | None = None
    column: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


class AnalysisError(Exception):
    """A failure that a user can mend; `exit_code` tells a scheduler of which kind it is.

    `subject` names what cannot be used (a file, a notebook, an option), `cure` says what to do.
    """

    exit_code = 1

    def __init__(self, subject: str, faults: Sequence[Fault], cure: str) -> None:
        self.subject, self.faults, self.cure = subject, tuple(faults), cure
        super().__init__(subject, self.faults, cure)

    def __str__(self) -> str:
        told = "; ".join(fault.message.format(**fault.values) for fault in self.faults)
        return f"{self.subject}: {told}. {self.cure}"


class ParameterError(AnalysisError):
    """A parameter or option that is unknown, of the wrong kind or out of its range."""

    exit_code = 10


class ContractError(AnalysisError):
    """An input or table that does not keep to its contract."""

    exit_code = 11


class StaleError(AnalysisError):
    """A table that was made from an older input than the one that lies there now."""

    exit_code = 12


class DisclosureError(AnalysisError):
    """Something that may not be shown."""

    exit_code = 13


class NotebookError(AnalysisError):
    """A notebook that failed while it ran, or a page that may not be published."""

    exit_code = 14


class SecretError(AnalysisError):
    """A secret that is missing or lies unsafely."""

    exit_code = 15


class LockedError(AnalysisError):
    """Another run works in the same folder."""

    exit_code = 16


class VerifyError(AnalysisError):
    """A page that cannot be made again byte for byte from what lies there now."""

    exit_code = 17


class PartlyMadeError(AnalysisError):
    """A run that ended, and in which some areas kept their earlier brief or have none."""

    exit_code = 20
