"""The only place that takes in work-lists that came back: `jamsostek answers`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from analysis.cleaning import corrections
from analysis.contracts.registers import CORRECTIONS, FINDINGS
from analysis.presenting.wording import Wording
from analysis.running import lock, store
from analysis.running.store import Store
from analysis.sources import answers, delivery, keys
from analysis.sources.places import Root


def lines(root: Root, edition: str, files: Sequence[Path], environ: Mapping[str, str], say: Wording) -> Iterator[str]:
    """Declare the answers in `files`, and tell how many there are; nothing is kept where one of them is at fault.

    Raises ContractError with all faults of all files, StaleError where the delivery has changed since the lists were
    made, LockedError while a run works on the edition.
    """
    delivered = delivery.read(root, edition)
    secrets = keys.read(delivered.is_synthetic, environ, root)
    with lock.held(root.processed(edition) / "lock", f"data/processed/{edition}"):
        kept = Store(root, edition, delivered.hash)
        before = Store(root, edition, None)
        known = before.read(CORRECTIONS) if before.has(CORRECTIONS) else store.empty(CORRECTIONS)
        declared = answers.read(files, kept.read(FINDINGS), secrets.pseudonym, known)
        kept.write({CORRECTIONS: corrections.renewed(known, declared)})
    counts = declared["answer"].value_counts()
    yield say.say("{n} answers declared: {corrected} corrected, {confirmed} confirmed as written, {unknown} not known",
                  n=len(declared), **{name: int(counts.get(name, 0)) for name in ("corrected", "confirmed", "unknown")}
                  ).plain  # fmt: skip
    yield say.say("{n} rows of the lists have no answer yet", n=answers.unanswered_n(files)).plain
    yield say.say("The answers take effect with the next run.").plain
