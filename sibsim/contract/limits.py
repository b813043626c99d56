"""Caps in a contract's order, floors, and the month in which each payment is made.

In: amounts by trial, month and term. Out: what the caps leave, what floors add, both by month of
payment. Not here: one cap by itself (`caps`), what a term comes to (`mechanisms`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sibsim.contract import caps
from sibsim.contract.agreement import CALENDAR, Caps, Contract
from sibsim.contract.claims import Claims
from sibsim.contract.mechanisms import Seen, price_claims
from sibsim.contract.terms import Clawback, PerOutcome
from sibsim.rounding import Pence, added_up, pence


def _person_capped(contract: Contract, seen: Mapping[str, Seen], amounts: Pence) -> Pence:
    """Amounts once each person's cap has been applied, claim by claim."""
    if contract.caps.person is None:
        return amounts
    lines = [
        (place, claims, _within_months(price_claims(item, seen[name]), claims, amounts[:, place]))
        for place, (name, item) in enumerate(contract.terms.items())
        if isinstance(item, PerOutcome) and (claims := seen[name].claims)
    ]
    left = amounts.copy()
    if not lines:
        return left
    from sibsim.contract.kernels import cap_people  # the compiler is loaded where it is needed

    trial, month, cohort, person = (
        np.concatenate([getattr(claims, name) for _, claims, _ in lines], dtype=kind)
        for name, kind in CAPPED.items()
    )
    term = np.repeat(
        np.array([place for place, _, _ in lines], np.int16), [len(c) for _, c, _ in lines]
    )
    money = np.concatenate([price for _, _, price in lines])
    people = int(person.max()) + 1
    if cohort.any():
        person += cohort * people
    cap = np.broadcast_to(pence(contract.caps.person.values), (len(left),))
    cap_people(trial, month, person, term, money, np.ascontiguousarray(cap), left)
    return left


CAPPED = {"trial": np.int16, "accepted": np.int16, "cohort": np.int32, "person": np.int32}
"""What the cap for one person has to know of each claim."""


def _within_months(money: Pence, claims: Claims, due: Pence) -> Pence:
    """What of each claim is left where less than all of a month of a term is.

    It goes to the claims in order of people.
    """
    span = due.shape[1]
    cell = claims.trial.astype(np.int64) * span + claims.accepted
    whole = added_up(money, cell, due.size)
    short = whole > due.ravel()
    if not short.any():
        return money
    who, rows = claims.who, np.flatnonzero(short[cell])
    rows = rows[np.lexsort((rows, who[rows], cell[rows]))]
    left = money.copy()
    left[rows] = caps.cap_person(money[rows], cell[rows], due.ravel()[cell[rows]])
    return left


def term_capped(contract: Contract, seen: Mapping[str, Seen], amounts: Pence) -> Pence:
    """What the cap of each term leaves of its amounts, (trials, terms, span)."""
    limits = [item.cap for item in contract.terms.values()]
    if all(limit is None for limit in limits):
        return amounts
    unlimited = np.array([np.iinfo(np.int64).max])
    cap = np.broadcast_arrays(*(unlimited if c is None else pence(c.values) for c in limits))
    return caps.cap_terms(amounts, np.stack(cap, axis=1))


def _period_capped(contract: Contract, seen: Mapping[str, Seen], amounts: Pence) -> Pence:
    limits = contract.caps
    if limits.period is None:
        return amounts
    return caps.cap_periods(amounts, pence(limits.period.values), round(limits.period_length.mean))


def _contract_capped(contract: Contract, seen: Mapping[str, Seen], amounts: Pence) -> Pence:
    if contract.caps.contract is None:
        return amounts
    return caps.cap_contract(amounts, pence(contract.caps.contract.values))


CAPS: dict[str, Callable[[Contract, Mapping[str, Seen], Pence], Pence]] = {
    "person": _person_capped, "term": term_capped, "period": _period_capped,
    "contract": _contract_capped,
}  # fmt: skip
"""For each level, the function from what is due to what its cap leaves, (trials, terms, span)."""


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
