"""Claims: what is put in for whom, what of it is accepted, and when.

In: served outcomes, a payment term, how claims are checked. Out: rows of claims with the month in
which each counts. Not here: who reached an outcome and why, prices (`mechanisms`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.contract import caps
from sibsim.contract.agreement import Verification
from sibsim.contract.evidence import SelfReport
from sibsim.contract.terms import Claimed
from sibsim.quantities import Quantity
from sibsim.rounding import Pence

Column = NDArray[Any]

Floats = NDArray[np.float64]

Uniforms = Callable[[str, Column, Column, Column], Floats]
"""From an address, trials, persons and occurrences to pairs of uniforms, shape (rows, 2)."""


@dataclass(frozen=True)
class Claims:
    """Claims, one row each; rows of one person and outcome stand in order of time.

    Attributes
    ----------
    trial, cohort, person, outcome, occurrence, month : ndarray of integers, shape (claims,)
        `outcome` is the position in the scenario, `occurrence` 0 for the first time, `month` that
        of the outcome.
    amount : ndarray of integers, shape (claims,)
        How much is claimed: 1, or days, events, minutes.
    segment : ndarray of integers, shape (claims,)
        Place among the names of all segments; -1 for none.
    accepted : ndarray of integers, shape (claims,)
        The month in which a claim counts.
    """

    trial: Column
    cohort: Column
    person: Column
    outcome: Column
    occurrence: Column
    month: Column
    amount: Column
    segment: Column
    accepted: Column

    def __len__(self) -> int:
        return len(self.trial)

    def where(self, chosen: Column | slice) -> Claims:
        """The chosen rows: a mask, their places, or a stretch of them."""
        return Claims(*(getattr(self, column.name)[chosen] for column in fields(self)))

    @property
    def who(self) -> NDArray[np.int64]:
        """One number for each person of each trial."""
        people = int(self.person.max(initial=0)) + 1
        cohorts = int(self.cohort.max(initial=0)) + 1
        trial = self.trial.astype(np.int64)
        return (trial * cohorts + self.cohort) * people + self.person


def in_order(claims: Claims) -> Claims:
    """The claims in order of the trials, otherwise as they were; engines give them so."""
    if (claims.trial[1:] >= claims.trial[:-1]).all():
        return claims
    return claims.where(np.argsort(claims.trial, kind="stable"))


def claimed(item: Claimed, rows: Claims, cohort: int | None) -> Claims:
    """The claims of one term, within the most for one person.

    Parameters
    ----------
    rows : Claims
        Of the outcome that is paid for.
    cohort : int or None
        Of whom; None for everybody.
    """
    if cohort is not None:
        rows = rows.where(np.flatnonzero(rows.cohort == cohort))
    each = round(item.each.mean)
    if each > 1:
        rows = _in_full(rows, each)
    if item.claims_per_person is None:
        return rows
    return _within_limit(rows, round(item.claims_per_person.mean))


def _by_person(rows: Claims) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order in which rows of one person stand together, and whose they are in that order."""
    who = rows.who
    if (np.diff(who) >= 0).all():  # as engines give them
        return np.arange(len(who)), who
    order = np.argsort(who, kind="stable")  # those of one person stand in order of time
    return order, who[order]


def _in_full(rows: Claims, each: int) -> Claims:
    """How many full `each` every row completes, with what the person had over before."""
    order, who = _by_person(rows)
    amount = rows.amount[order].astype(np.int64)
    before = caps.before(amount, who)
    full = np.empty(len(rows), np.int64)
    full[order] = (before + amount) // each - before // each
    kept = np.flatnonzero(full)
    return replace(rows, amount=full).where(kept)


def _within_limit(rows: Claims, limit: int) -> Claims:
    """How much of each claim is within the most for one person, in order of time."""
    if not len(rows) or (rows.amount.max() == 1 and bool((rows.occurrence < limit).all())):
        return rows
    order, who = _by_person(rows)
    allowed = np.empty(len(rows), np.int64)
    most = np.full(len(rows), limit, np.int64)
    allowed[order] = caps.cap_person(rows.amount[order].astype(np.int64), who, most)
    kept = np.flatnonzero(allowed)
    return replace(rows, amount=allowed).where(kept)


def reported(
    design: SelfReport, true: Pence, uniforms: Floats
) -> tuple[Pence, NDArray[np.float64]]:
    """What a self-report adds, and what checking it takes off.

    Parameters
    ----------
    true : ndarray of int64, shape (trials, months)
        True claims.
    uniforms : ndarray of float64, shape (trials, months, 2)

    Returns
    -------
    undetected : ndarray of int64, shape (trials, months)
        False claims that stand.
    credit : ndarray of float64, shape (trials,)
        The part of what is claimed that is paid for: one less the share found false of what was
        checked.
    """
    from scipy.stats import binom

    overstated = design.overstated.values[:, None]
    checked = design.checked.values[:, None]
    false = _quantile(binom, uniforms[..., 0], true, overstated)
    found = _quantile(binom, uniforms[..., 1], false, checked)
    seen = (checked * true).sum(axis=1) + found.sum(axis=1)
    share = np.where(seen > 0, found.sum(axis=1) / np.where(seen > 0, seen, 1), 0.0)
    return false - found, 1.0 - share


def _quantile(binom: Any, u: Floats, n: Pence, p: Floats) -> Pence:
    """Smallest k with ``u < P(Binomial(n, p) <= k)``, up to rounding."""
    made: Pence = np.maximum(binom.ppf(u, n, np.broadcast_to(p, n.shape)), 0).astype(np.int64)
    return made


def verified(
    terms: Verification, rows: Claims, name: str, cohorts: Mapping[int, str], uniforms: Uniforms
) -> Claims:
    """The claims that are accepted, each with its month; a verifier with a limit is not yet asked.

    Parameters
    ----------
    terms : Verification
        Drawn.
    rows : Claims
        Of one payment term.
    name : str
        Of the term: its claims have luck of their own.
    cohorts : mapping of int to str
        Names of the cohorts by their places.
    uniforms : callable
    """
    u = _luck(f"contract.{name}.verified", rows, cohorts, uniforms)
    rejected = u[:, 0] < _of_each(terms.reject, rows)
    again = rejected & (u[:, 1] < _of_each(terms.resubmit, rows))
    first = rows.month.astype(np.int64) + round(terms.delay.mean)
    month = np.where(again, first + round(terms.again.mean), first)
    kept = ~rejected | again
    if not (terms.dispute.is_fixed and terms.dispute.mean == 0.0):
        u = _luck(f"contract.{name}.disputed", rows, cohorts, uniforms)
        won = (u[:, 0] < _of_each(terms.dispute, rows)) & (u[:, 1] < _of_each(terms.upheld, rows))
        won &= ~kept
        month = np.where(won, first + round(terms.decision.mean), month)
        kept |= won
    return replace(rows, accepted=month).where(np.flatnonzero(kept))


def _luck(address: str, rows: Claims, cohorts: Mapping[int, str], uniforms: Uniforms) -> Floats:
    """Two uniforms for each claim, by its cohort, person and occurrence."""
    u = np.empty((len(rows), 2))
    for place, cohort in cohorts.items():
        mine = np.flatnonzero(rows.cohort == place)
        who = rows.trial[mine], rows.person[mine], rows.occurrence[mine]
        u[mine] = uniforms(f"{address}.{cohort}", *who)
    return u


def _of_each(chance: Quantity, rows: Claims) -> Floats:
    """A chance as it is in the trial of each claim."""
    values = chance.values
    made: Floats = values[rows.trial] if len(values) > 1 else values
    return made


def in_line(terms: Verification, parts: list[Claims]) -> list[Claims]:
    """Claims of all terms as one verifier gets to them, and only those within the window.

    Claims are decided in order of the month in which they are ready, then of the terms, then of
    people; so many a month and trial.
    """
    if terms.capacity is not None and any(len(part) for part in parts):
        capacity = round(terms.capacity.mean)
        rows = [np.stack([p.trial, p.accepted, np.full(len(p), k), p.who, np.arange(len(p))])
                for k, p in enumerate(parts)]  # fmt: skip
        trial, ready, term, who, place = np.concatenate(rows, axis=1).astype(np.int64)
        order = np.lexsort((place, who, term, ready, trial))
        decided = np.empty(len(order), np.int64)
        decided[order] = _decided(trial[order], ready[order], capacity)
        edges = np.cumsum([0, *(len(part) for part in parts)])
        parts = [
            replace(part, accepted=decided[first:last])
            for part, first, last in zip(parts, edges[:-1], edges[1:], strict=True)
        ]
    within = round(terms.within.mean)
    return [part.where(np.flatnonzero(part.accepted - part.month <= within)) for part in parts]


def _decided(
    trial: NDArray[np.int64], ready: NDArray[np.int64], capacity: int
) -> NDArray[np.int64]:
    """Month in which each claim is decided: the first from when it is ready with room left."""
    # The n-th of a trial takes slot max over the earlier ones of (slot when ready) + what follows.
    place = np.arange(len(trial))
    first = np.flatnonzero(np.diff(trial, prepend=-1))
    n = place - np.repeat(place[first], np.diff(first, append=len(trial)))
    # Each trial starts above all slots of the one before, so that one running maximum serves all.
    lift = trial * (int(ready.max(initial=0)) * capacity + len(trial) + 1)
    slot = np.maximum.accumulate(ready * capacity - n + lift) - lift + n
    made: NDArray[np.int64] = slot // capacity
    return made
