"""Caps in a contract's order, floors, and the month in which each payment is made.

In: amounts by trial, month and term. Out: what the caps leave, what floors add, both by month of
payment. Not here: one cap by itself (`caps`), what a term comes to (`mechanisms`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sibsim.contract import caps
from sibsim.contract.agreement import CALENDAR, Caps, Contract
from sibsim.contract.mechanisms import Seen, line_of
from sibsim.contract.terms import Clawback, PerOutcome
from sibsim.rounding import Pence, pence


def _cap_person(contract: Contract, seen: Mapping[str, Seen], due: Pence) -> Pence:
    """Apply each person's cap, claim by claim."""
    cut = _nothing(due)
    if contract.caps.person is None:
        return cut
    lines = [
        (place, claims, _within_months(item, seen[name], due[:, place]))
        for place, (name, item) in enumerate(contract.terms.items())
        if isinstance(item, PerOutcome) and (claims := seen[name].claims)
    ]
    if not lines:
        return cut
    from sibsim.contract.kernels import cap_people  # the compiler is loaded where it is needed

    month = np.concatenate([claims.accepted for _, claims, _ in lines], dtype=np.int16)
    person = np.concatenate([claims.person for _, claims, _ in lines], dtype=np.int32)
    if any(claims.cohort.any() for _, claims, _ in lines):
        cohort = np.concatenate([claims.cohort for _, claims, _ in lines], dtype=np.int32)
        person += cohort * (int(person.max()) + 1)
    money = np.concatenate([price for _, _, price in lines])
    first = np.concatenate([[0], np.cumsum([len(claims) for _, claims, _ in lines])])
    edges = np.stack([
        start + np.searchsorted(claims.trial, np.arange(len(due) + 1, dtype=claims.trial.dtype))
        for start, (_, claims, _) in zip(first, lines, strict=False)
    ])  # fmt: skip
    terms = np.array([place for place, _, _ in lines], np.int16)
    cap = np.broadcast_to(pence(contract.caps.person.values), (len(due),))
    cap_people(terms, edges, month, person, money, np.ascontiguousarray(cap), due, cut)
    return cut


def _within_months(item: PerOutcome, seen: Seen, due: Pence) -> Pence:
    """What each claim comes to, where less than all of a month of the term is due what is left.

    It goes to the claims in order of people.
    """
    claims, made = seen.claims, line_of(item, seen)
    assert claims is not None
    short = made.by_month > due
    if not short.any():
        return made.money
    cell = claims.trial.astype(np.int64) * seen.span + claims.accepted
    who, rows = claims.who, np.flatnonzero(short.ravel()[cell])
    rows = rows[np.lexsort((rows, who[rows], cell[rows]))]
    left = made.money.copy()
    left[rows] = caps.cap_person(left[rows], cell[rows], due.ravel()[cell[rows]])
    return left


def cap_terms(contract: Contract, seen: Mapping[str, Seen], due: Pence) -> Pence:
    """Apply the cap of each term."""
    limits = [item.cap for item in contract.terms.values()]
    if all(limit is None for limit in limits):
        return _nothing(due)
    unlimited = np.array([np.iinfo(np.int64).max])
    cap = np.broadcast_arrays(*(unlimited if c is None else pence(c.values) for c in limits))
    return caps.cap_terms(due, np.stack(cap, axis=1))


def _cap_periods(contract: Contract, seen: Mapping[str, Seen], due: Pence) -> Pence:
    limits = contract.caps
    if limits.period is None:
        return _nothing(due)
    return caps.cap_periods(due, pence(limits.period.values), round(limits.period_length.mean))


def _cap_contract(contract: Contract, seen: Mapping[str, Seen], due: Pence) -> Pence:
    if contract.caps.contract is None:
        return _nothing(due)
    return caps.cap_contract(due, pence(contract.caps.contract.values))


def _nothing(due: Pence) -> Pence:
    return np.zeros(len(due), np.int64)


CAPS: dict[str, Callable[[Contract, Mapping[str, Seen], Pence], Pence]] = {
    "person": _cap_person, "term": cap_terms, "period": _cap_periods, "contract": _cap_contract,
}
"""For each level, what cuts a table of what is due, (trials, terms, span), to what is allowed, and
gives back what it cut in each trial."""


def guaranteed_by_floors(limits: Caps, amounts: Pence, months: int) -> Pence:
    """What the floors add, in the last month of each period and of the contract."""
    total: Pence = amounts.sum(axis=1)
    made: Pence = np.zeros_like(total)
    if limits.least_period is not None:
        least, length = pence(limits.least_period.values), round(limits.period_length.mean)
        for first in range(0, months, length):
            last = min(first + length, months)
            end = total.shape[1] if last == months else last
            short = least - total[:, first:end].sum(axis=1)
            made[:, last - 1] += np.maximum(short, 0)
    if limits.least is not None:
        short = pence(limits.least.values) - total.sum(axis=1) - made.sum(axis=1)
        made[:, months - 1] += np.maximum(short, 0)
    return made


class Dates:
    """From the month in which a claim counts to the month in which it is paid."""

    def __init__(self, contract: Contract, horizon: int, calendar_month: int) -> None:
        self.lags = [round(item.lag.mean) for item in contract.terms.values()]
        self.longest = max(self.lags, default=0)
        self.horizon = horizon
        step = CALENDAR[contract.payment_dates]
        month = np.arange(horizon)
        in_year = (calendar_month - 4 + month) % 12  # of the financial year, from April
        self.paid_in = np.minimum(month + step - 1 - in_year % step, horizon - 1)

    def moved(self, amounts: Pence, lag: int) -> Pence:
        """Amounts (trials, span) by month of payment (trials, horizon)."""
        made = np.zeros((len(amounts), self.horizon), np.int64)
        self._put(amounts, lag, made)
        return made

    def by_term(self, amounts: Pence) -> Pence:
        """The same for amounts (trials, terms, span)."""
        made = np.zeros((*amounts.shape[:2], self.horizon), np.int64)
        for place, lag in enumerate(self.lags):
            self._put(amounts[:, place], lag, made[:, place])
        return made

    def _put(self, amounts: Pence, lag: int, made: Pence) -> None:
        to = self.paid_in[lag : lag + amounts.shape[1]]
        if (np.diff(to) == 1).all():
            made[:, lag : lag + len(to)] = amounts
        else:
            for month, date in enumerate(to):
                made[:, date] += amounts[:, month]


def taken_off(
    contract: Contract, paid: Pence, guaranteed: Pence, off: Pence
) -> tuple[Pence, Pence, Pence]:
    """Set deductions against what is paid in their month or, if that is less, in later months."""
    made = paid.copy()
    waiting = np.zeros_like(off[:, :, 0])
    for month in range(paid.shape[2]):
        waiting += off[:, :, month]
        room = paid[:, :, month].sum(axis=1) + guaranteed[:, month]
        for place in range(paid.shape[1]):
            taken = np.minimum(waiting[:, place], room)
            made[:, place, month] -= taken
            waiting[:, place] -= taken
            room = room - taken
    claws = np.array([isinstance(item, Clawback) for item in contract.terms.values()])
    return made, waiting[:, ~claws].sum(axis=1), waiting[:, claws].sum(axis=1)
