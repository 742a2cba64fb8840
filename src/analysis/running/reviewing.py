"""The only place that hands a sample of owners out for review and takes the answers in: `jamsostek review`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import N_, ContractError, Fault, ParameterError, StaleError
from analysis.cleaning import registers
from analysis.contracts.registers import (
    CANDIDATES,
    CLEANED,
    KEY,
    OWNERS,
    PERSONS,
    REVIEW_ANSWERS,
    REVIEW_PAIRS,
    REVIEW_SAMPLE,
    REVIEWED,
    STRATA,
    UMKM,
)
from analysis.linking import lookalikes, review
from analysis.linking.lookalikes import Known
from analysis.presenting import names, reviewbook, workbooks
from analysis.presenting.wording import Wording
from analysis.running import lock, private, store
from analysis.running.store import Store
from analysis.sources import delivery, ingest, judgements, keys, regions
from analysis.sources.delivery import Delivery
from analysis.sources.places import Root

FEWEST, MOST = 2 * len(STRATA), 5_000
"""Owners: two of each stratum, below which no error can be reckoned; and as many as fit into a workbook that the
narrowly limited reader of returned lists (`sources.answers_reader`) can still open."""
FOLDER = "review"
AGAIN = N_("Draw anew with --owners; answers that were read stay valid for every question that is asked again.")


def check(owners_n: int | None, files: Sequence[Path], *, is_read: bool) -> None:
    """Refuse a command that asks for neither or for both, that names files it would not read or none to be read, or
    too few or too many owners. Raises ParameterError.
    """
    cure = N_("Give either --owners N, or --read with the files that came back.")
    if (owners_n is None) != is_read:
        fault = Fault(N_("a review is either drawn or read") if is_read else N_("nothing is asked for"))
        raise ParameterError("--owners, --read", [fault], cure)
    if bool(files) != is_read:
        raise ParameterError("--read", [Fault(N_("files are named with --read, and only with it"))], cure)
    if owners_n is not None and not FEWEST <= owners_n <= MOST:
        values = {"value": owners_n, "fewest": FEWEST, "most": MOST}
        fault = Fault(N_("{value} is not from {fewest} to {most}"), values=values)
        raise ParameterError("--owners", [fault], N_("Name another number of owners; 400 is usual."))


def hand_out(root: Root, edition: str, owners_n: int, seed: int, environ: Mapping[str, str], say: Wording
             ) -> Iterator[str]:  # fmt: skip
    """Draw the sample, write the workbook, and tell how many owners of each stratum were drawn.

    Raises ContractError or StaleError where the edition has not been run on the delivery that lies there, LockedError
    while a run works on it.
    """
    delivered = delivery.read(root, edition)
    secrets = keys.read(delivered.is_synthetic, environ, root)
    private.refuse_links(root, edition)
    kept = Store(root, edition, delivered.hash)
    with lock.held(root.processed(edition) / "lock", f"data/processed/{edition}"), private.writing():
        owners = kept.read(OWNERS)
        sample = review.sample(owners, owners_n, np.random.default_rng(seed))
        sample = sample.assign(seed=seed, drawn_from=review.fingerprint(owners))
        drawn = owners[owners["owner_id"].isin(sample["owner_id"])]
        tables, aside = kept.registers(), _aside(drawn[drawn["person"] < 0], delivered, root)
        known = Known(tables, owners, kept.read(PERSONS), kept.read(CANDIDATES), aside)
        pairs = lookalikes.pairs(sample, known, secrets.pseudonym, delivered.hash)
        firsts = lookalikes.first_rows(sample, known)
        lines = reviewbook.laid_out(pairs, firsts, known.tables, known.aside, secrets.pseudonym)
        written = reviewbook.files(lines, delivered, say)
        kept.write({REVIEW_SAMPLE: sample, REVIEW_PAIRS: pairs})
        paths = workbooks.replace(kept.folder / FOLDER, reviewbook.OWN_NAMES, written)
    yield from (say.say("{path}: written", path=root.told(path)).plain for path in paths)
    yield from _drawn(sample, review.sizes(owners), say)


def _drawn(sample: pd.DataFrame, of: Mapping[str, int], say: Wording) -> Iterator[str]:
    """How many owners of each stratum were drawn, and how many would halve the error."""
    counts = sample["stratum"].value_counts()
    for name in STRATA:
        yield say.say("{stratum}: {n} of {all} owners", stratum=say.say(names.STRATA[name]), n=int(counts.get(name, 0)),
                      all=of[name]).plain  # fmt: skip
    values = {"n": len(sample), "more": review.halving(of, len(sample))}
    yield say.say("{n} owners drawn; {more} would halve the interval, as far as can be told before the answers",
                  **values).plain  # fmt: skip


def _aside(owners: pd.DataFrame, delivered: Delivery, root: Root) -> pd.DataFrame:
    """The UMKM rows of quarantined owners, cleaned as far as they can be, with their delivered cells.

    Rows whose cells stand askew cannot be shown: they are missing here.
    """
    if owners.empty:
        return store.empty(CLEANED[UMKM])
    raw = ingest.read(delivered.registers[UMKM])
    wanted = pd.MultiIndex.from_frame(owners[[f"umkm_{name}" for name in KEY]])
    table = raw.table[pd.MultiIndex.from_frame(raw.table[list(KEY)]).isin(wanted)].reset_index(drop=True)
    few = replace(raw, table=table, set_aside=raw.set_aside.iloc[:0], misaligned=raw.misaligned.iloc[:0],
                  rows_n=len(table))  # fmt: skip
    facts = registers.Facts.of(delivered.reference_date, regions.read(root))
    return registers.judge(few, facts).case.rows[[*CLEANED[UMKM].columns]]


def take_in(root: Root, edition: str, files: Sequence[Path], environ: Mapping[str, str], say: Wording) -> Iterator[str]:
    """Keep the answers in `files`, and tell how many there are and how far the reviewers agree; never who said what.

    Raises ContractError with all faults of all files, or where the owners are others than when the sample was drawn;
    StaleError where the delivery is another; LockedError while a run works on the edition. Nothing is kept then.
    """
    delivered = delivery.read(root, edition)
    secrets = keys.read(delivered.is_synthetic, environ, root)
    kept = Store(root, edition, delivered.hash)
    with lock.held(root.processed(edition) / "lock", f"data/processed/{edition}"):
        owners = kept.read(OWNERS)
        sample, pairs = _asked(kept, owners)
        told = judgements.read(files, frozenset(pairs["question_id"]), secrets.pseudonym)
        answers = judgements.joined(_before(kept), told)
        kept.write({REVIEW_ANSWERS: answers})
    yield say.say("{n} answers read; with those read before: {all}", n=len(told), all=len(answers)).plain
    verdicts = review.verdicts(pairs, answers, owners)
    yield say.say("{n} of {all} owners drawn are reviewed in full, {twice} by two or more reviewers",
                  n=verdicts["owner_id"].nunique(), all=len(sample),
                  twice=int(verdicts["owner_id"].value_counts().ge(2).sum())).plain  # fmt: skip
    yield from _agreement(verdicts, say)


def known(kept: Store, owners: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame] | None:
    """Sample, pairs and answers of the edition's review; None where none was drawn and read for the delivery that lies
    there and for just these `owners` (contract OWNERS): what was reviewed of others says nothing of them.
    """
    if not all(kept.has(table) for table in REVIEWED):
        return None
    try:
        sample, pairs, answers = (kept.read(table) for table in REVIEWED)
    except StaleError:
        return None
    return (sample, pairs, answers) if _is_of(sample, owners) else None


def answered(kept: Store, owners: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs and answers that count for these owners; both empty where `known` knows of none."""
    found = known(kept, owners)
    return found[1:] if found else (store.empty(REVIEW_PAIRS), store.empty(REVIEW_ANSWERS))


def _asked(kept: Store, owners: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sample that lies there and its pairs."""
    subject = f"{REVIEW_SAMPLE.name}.parquet"
    if not kept.has(REVIEW_SAMPLE):
        raise ContractError(subject, [Fault(N_("no owners have been drawn for a review yet"))], AGAIN)
    sample, pairs = kept.read(REVIEW_SAMPLE), kept.read(REVIEW_PAIRS)
    if not _is_of(sample, owners):
        fault = Fault(N_("the owners are others than when the sample was drawn: the edition has been run anew"))
        raise ContractError(subject, [fault], AGAIN)
    return sample, pairs


def _before(kept: Store) -> pd.DataFrame:
    """The answers read so far; none where they are of another delivery, whose questions are others."""
    try:
        return kept.read(REVIEW_ANSWERS) if kept.has(REVIEW_ANSWERS) else store.empty(REVIEW_ANSWERS)
    except StaleError:
        return store.empty(REVIEW_ANSWERS)


def _is_of(sample: pd.DataFrame, owners: pd.DataFrame) -> bool:
    return {*sample["drawn_from"]} == {review.fingerprint(owners)}


def _agreement(verdicts: pd.DataFrame, say: Wording) -> Iterator[str]:
    one: Any
    for one in review.kappa(verdicts).itertuples(index=False):
        values = {"n": int(one.owners_n), "share": f"{one.agreement_share:.0%}"}
        if one.kappa is pd.NA:
            yield say.say("two reviewers: {n} owners, {share} alike; no kappa, as both gave one answer only",
                          **values).plain  # fmt: skip
        else:
            yield say.say("two reviewers: {n} owners, {share} alike, kappa {kappa}",
                          kappa=say.grouped(Fraction(round(float(one.kappa) * 100), 100)), **values).plain  # fmt: skip
