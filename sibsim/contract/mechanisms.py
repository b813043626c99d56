"""What is claimed under each payment term and what is paid for it.

In: drawn contract terms, a table of served outcomes (or numbers of claims). Out: `Payments`, in
whole minor units. Not here: who reached an outcome and why, what the money is used for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.contract import caps
from sibsim.contract.results import Floats, Results
from sibsim.contract.terms import (
    ByResult,
    Caps,
    Contract,
    Fee,
    OnResult,
    PerEffect,
    PerOutcome,
)
from sibsim.rounding import Pence, pence, per_month, product, whole


@dataclass(frozen=True)
class Claims:
    """Claims that can be made, one row each, with who makes them; `person` is unique in a trial.

    Attributes
    ----------
    trial, person, outcome, occurrence, month : ndarray of integers, shape (claims,)
        `outcome` is the position in the scenario, `occurrence` 0 for the first time.
    amount : ndarray of integers, shape (claims,)
        How much is claimed: 1, or days, events, minutes. Rows of one person and outcome stand in
        order of time.
    """

    trial: NDArray[Any]
    person: NDArray[Any]
    outcome: NDArray[Any]
    occurrence: NDArray[Any]
    month: NDArray[Any]
    amount: NDArray[Any]


@dataclass(frozen=True)
class Payments:
    """What the contract pays.

    Attributes
    ----------
    owed : ndarray of int64, shape (trials, terms)
        Before any cap.
    allowed : ndarray of int64, shape (trials, months, terms)
        After the caps, by month of claim.
    paid : ndarray of int64, shape (trials, horizon, terms)
        The same by month of payment.
    cut : mapping of str to ndarray of int64, shape (trials,)
        What the caps took, by level: "person", "term", "period", "contract".
    claims : ndarray of int64, shape (trials, terms)
        Claims made, within the limit for one person.
    """

    owed: Pence
    allowed: Pence
    paid: Pence
    cut: Mapping[str, Pence]
    claims: Pence


LEVELS = ("person", "term", "period", "contract")
"""The order in which caps apply."""


def per_outcome(terms: PerOutcome, claims: Pence, result: Floats) -> Pence:
    """Price x claims.

    Parameters
    ----------
    claims : ndarray of int64, shape (trials, months)
    result : ndarray of float64, shape (trials,)
        Not for this term.

    Returns
    -------
    ndarray of int64, shape (trials, months)
        The price is rounded to whole minor units first, and again after it has risen.
    """
    return product(claims, risen(pence(terms.price.values), terms, claims.shape[1]))


def fee(terms: Fee, claims: Pence, result: Floats) -> Pence:
    """The same sum in each month; `claims` gives the shape (trials, months) only."""
    monthly = pence(per_month(terms.amount.values, terms.amount.period))
    return np.broadcast_to(risen(monthly, terms, claims.shape[1]), claims.shape)


def risen(price: Pence, terms: PerOutcome | Fee, months: int) -> Pence:
    """A price in each month, shape (trials or 1, months): it rises with each year."""
    if terms.uplift.is_fixed and terms.uplift.mean == 0.0:
        return np.broadcast_to(price[:, None], (len(price), months))
    years = np.arange(months) // 12
    return pence(price[:, None] * (1.0 + terms.uplift.values[:, None]) ** years[None, :])


def by_result(terms: ByResult, claims: Pence, result: Floats) -> Pence:
    """What the bands pay at the result, in the last month; `claims` gives the shape only."""
    bands = list(terms.bands.values())
    ends = np.array([band.from_.mean for band in bands])
    pays = np.stack(
        [np.broadcast_to(pence(band.pays.values), result.shape) for band in bands], axis=1
    )
    place = np.searchsorted(ends, result + ROUNDING, side="right") - 1
    rows = np.arange(len(result))
    below, upper = np.maximum(place, 0), np.minimum(place + 1, len(bands) - 1)
    paid = pays[rows, below]
    if terms.between == "line":
        width = np.where(upper > below, ends[upper] - ends[below], 1.0)
        part = np.clip((result - ends[below]) / width, 0.0, 1.0)
        paid = whole(paid + part * (pays[rows, upper] - paid))
    return _in_the_end(claims, np.where(place >= 0, paid, 0))


def per_effect(terms: PerEffect, claims: Pence, result: Floats) -> Pence:
    """Price x result, in the last month; `claims` gives the shape only."""
    return _in_the_end(claims, product(whole(result), pence(terms.price.values)))


def _in_the_end(claims: Pence, amount: Pence) -> Pence:
    made = np.zeros_like(claims)
    made[:, -1] = amount
    return made


ROUNDING = 1e-12
"""A result this little below a band is in it: 0.2 is not always 20 %."""

MECHANISMS: dict[type, Callable[[Any, Pence, Floats], Pence]] = {
    PerOutcome: per_outcome, Fee: fee, ByResult: by_result, PerEffect: per_effect,
}  # fmt: skip
"""For each type of payment term, the function from claims and a result to amounts by month."""


def pay(
    contract: Contract,
    claims: Claims,
    positions: Mapping[str, int],
    trials: int,
    months: int,
    horizon: int,
    results: Mapping[str | None, Results] | None = None,
) -> Payments:
    """What is paid for the claims and results, after the caps, by month of payment.

    Parameters
    ----------
    contract : Contract
        Terms whose uncertain numbers have been drawn.
    claims : Claims
        Served outcomes of the contract's months.
    positions : mapping of str to int
        Position of each outcome, as in `claims.outcome`.
    trials, months, horizon : int
    results : mapping of str or None to Results, or None
        What terms on the whole contract's result are paid for, by the name of the evidence; None
        if there are no such terms.

    Returns
    -------
    Payments
    """
    made = _claims_made(contract, claims, positions)
    counts = np.zeros((trials, months, len(contract.terms)), np.int64)
    for place, claimed in enumerate(made):
        if claimed is not None:
            rows, units = claimed
            cell = claims.trial[rows].astype(np.int64) * months + claims.month[rows]
            added = np.bincount(cell, weights=units, minlength=trials * months)
            counts[:, :, place] = added.reshape(trials, months)  # whole numbers below 2**53: exact
    found = {
        name: results[item.evidence].of(positions[item.for_], item.result)
        for name, item in contract.terms.items()
        if results is not None and isinstance(item, OnResult)
    }
    amounts = _amounts(contract, counts, found)
    _count_results(contract, counts, found)
    limited = amounts
    if contract.caps.person is not None:
        limited = _person_capped(contract, claims, made, amounts)
    return settle_amounts(contract, counts, amounts, limited, horizon)


def settle_amounts(
    contract: Contract, counts: Pence, amounts: Pence, limited: Pence, horizon: int
) -> Payments:
    """Apply the caps above the person, and the lags.

    Parameters
    ----------
    counts, amounts, limited : ndarray of int64, shape (trials, months, terms)
        Claims; what they come to; what the person cap leaves of that.
    """
    steps = [amounts, limited]
    steps.append(_term_capped(contract, steps[-1]))
    steps.append(_capped(contract.caps, "period", steps[-1]))
    steps.append(_capped(contract.caps, "contract", steps[-1]))
    totals = [step.sum(axis=(1, 2)) for step in steps]
    cut = {
        level: before - after
        for level, before, after in zip(LEVELS, totals[:-1], totals[1:], strict=True)
    }
    return Payments(
        amounts.sum(axis=1), steps[-1], _lagged(contract, steps[-1], horizon), cut,
        counts.sum(axis=1),
    )  # fmt: skip


def pay_counts(contract: Contract, counts: Pence, results: Mapping[str, Floats]) -> Payments:
    """What is paid for known numbers of claims; a cap per person cannot be applied to these.

    Parameters
    ----------
    counts : ndarray of int64, shape (trials, months, terms)
    results : mapping of str to ndarray of float64, shape (trials,)
        For each term that pays for a result.
    """
    amounts = _amounts(contract, counts, results)
    return settle_amounts(contract, counts, amounts, amounts, counts.shape[1] + 120)


Made = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows of claims made under a term, and how much each claims."""


def _claims_made(
    contract: Contract, claims: Claims, positions: Mapping[str, int]
) -> list[Made | None]:
    """What is claimed under each term; None for a term that is not per outcome."""
    by_outcome = np.argsort(claims.outcome, kind="stable")
    edges = np.searchsorted(claims.outcome[by_outcome], np.arange(len(positions) + 1))
    made: list[Made | None] = []
    for item in contract.terms.values():
        if not isinstance(item, PerOutcome):
            made.append(None)
            continue
        place = positions[item.for_]
        rows = by_outcome[edges[place] : edges[place + 1]]
        units = claims.amount[rows].astype(np.int64)
        if item.claims_per_person is not None:
            limit = round(item.claims_per_person.mean)
            units = _within_limit(claims, rows, units, limit)
            rows, units = rows[units > 0], units[units > 0]
        made.append((rows, units))
    return made


def _within_limit(
    claims: Claims, rows: NDArray[np.int64], units: NDArray[np.int64], limit: int
) -> NDArray[np.int64]:
    """How much of each claim is within the most for one person, in order of time."""
    if not len(rows) or units.max() == 1:
        return np.where(claims.occurrence[rows] < limit, units, 0)
    trial = claims.trial[rows].astype(np.int64)
    person = trial * (int(claims.person.max()) + 1) + claims.person[rows]
    order = np.lexsort((claims.occurrence[rows], person))
    allowed = np.empty(len(rows), np.int64)
    most = np.full(len(rows), limit, np.int64)
    allowed[order] = caps.cap_person(units[order], person[order], most)
    return allowed


def _amounts(contract: Contract, counts: Pence, results: Mapping[str, Floats]) -> Pence:
    none = np.zeros(len(counts))
    columns = [
        MECHANISMS[type(item)](item, counts[:, :, place], results.get(name, none))
        for place, (name, item) in enumerate(contract.terms.items())
    ]
    return np.stack(columns, axis=2) if columns else counts


def _count_results(contract: Contract, counts: Pence, results: Mapping[str, Floats]) -> None:
    """Put down how many are claimed of what is paid by result: one result, or so many units."""
    for place, (name, item) in enumerate(contract.terms.items()):
        if name in results:
            counts[:, -1, place] = whole(results[name]) if isinstance(item, PerEffect) else 1


def _person_capped(
    contract: Contract,
    claims: Claims,
    made: list[Made | None],
    amounts: Pence,
) -> Pence:
    """Amounts by month and term once each person's cap has been applied, claim by claim."""
    assert contract.caps.person is not None
    trials, months, terms = amounts.shape
    none = np.empty(0, np.int64)
    claimed = [pair if pair is not None else (none, none) for pair in made]
    row, units = (np.concatenate(column) for column in zip(*claimed, strict=True))
    place = np.repeat(np.arange(terms), [len(rows) for rows, _ in claimed])
    trial, month = claims.trial[row].astype(np.int64), claims.month[row].astype(np.int64)
    person = trial * (int(claims.person.max(initial=0)) + 1) + claims.person[row]
    order = np.argsort((person * months + month) * terms + place, kind="stable")
    units, place, trial, month, person = (x[order] for x in (units, place, trial, month, person))
    prices = np.zeros((trials, months, terms), np.int64)
    for column, item in enumerate(contract.terms.values()):
        if isinstance(item, PerOutcome):
            prices[:, :, column] = risen(pence(item.price.values), item, months)
    cap = np.broadcast_to(pence(contract.caps.person.values), (trials,))
    paid = caps.cap_person(prices[trial, month, place] * units, person, cap[trial])
    limited = np.zeros_like(amounts)
    np.add.at(limited, (trial, month, place), paid)
    for column, item in enumerate(contract.terms.values()):
        if not isinstance(item, PerOutcome):
            limited[:, :, column] = amounts[:, :, column]
    return limited


def _term_capped(contract: Contract, amounts: Pence) -> Pence:
    limits = [item.cap for item in contract.terms.values()]
    if all(limit is None for limit in limits):
        return amounts
    unlimited = np.array([np.iinfo(np.int64).max])
    cap = np.broadcast_arrays(*(unlimited if c is None else pence(c.values) for c in limits))
    return caps.cap_terms(amounts, np.stack(cap, axis=1))


def _capped(limits: Caps, level: str, amounts: Pence) -> Pence:
    limit = limits.period if level == "period" else limits.contract
    if limit is None:
        return amounts
    if level == "period":
        return caps.cap_periods(amounts, pence(limit.values), round(limits.period_length.mean))
    return caps.cap_contract(amounts, pence(limit.values))


def _lagged(contract: Contract, allowed: Pence, horizon: int) -> Pence:
    """Amounts moved from the month of the claim to the month of payment."""
    trials, months, terms = allowed.shape
    paid = np.zeros((trials, horizon, terms), np.int64)
    for place, item in enumerate(contract.terms.values()):
        lag = round(item.lag.mean)
        paid[:, lag : lag + months, place] = allowed[:, :, place]
    return paid
