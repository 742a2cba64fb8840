"""The only place that keeps the editions of one series under one rounding key.

Two editions under different keys could be compared, and what the rounding hides be worked out. So a changed key is
refused, unless a new series is asked for: then the earlier editions are withdrawn from the index.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis import N_, Fault, SecretError
from analysis.sources.delivery import Delivery
from analysis.sources.keys import Key
from analysis.sources.places import Root

MARK = "withdrawn"
"""An empty file beside the released tables of an edition that was withdrawn."""
CURE = N_("Use the earlier key. With --new-series a new series begins, and the editions named leave the index.")


def join(root: Root, delivered: Delivery, rounding: Key, *, is_new: bool) -> None:
    """Let an edition join its series. Raises SecretError where others were released under another rounding key.

    With `is_new` these are withdrawn instead; the edition itself is withdrawn no longer. Invented and real people have
    a series each.
    """
    others = list(_of_other_keys(root, delivered, rounding))
    if others and not is_new:
        message = N_('edition "{edition}" was released under another rounding key')
        faults = [Fault(message, values={"edition": folder.parent.name}) for folder in others]
        raise SecretError(N_("the rounding key"), faults, CURE)
    for folder in others:
        (folder / MARK).touch()
    (root.released(delivered.edition) / MARK).unlink(missing_ok=True)


def is_withdrawn(root: Root, edition: str) -> bool:
    """Whether an edition was withdrawn from the index."""
    return (root.released(edition) / MARK).exists()


def _of_other_keys(root: Root, delivered: Delivery, rounding: Key) -> Iterator[Path]:
    from analysis.running import editions

    for name, edition in editions.released(root).items():
        is_other = edition.rounding_key != rounding.fingerprint and edition.is_synthetic == delivered.is_synthetic
        if is_other and not is_withdrawn(root, name):
            yield root.released(name)
