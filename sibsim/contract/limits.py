"""Caps in a contract's order, floors, and the month in which each payment is made.

In: amounts by trial, month and term. Out: what the caps leave, what floors add, both by month of
payment. Not here: one cap by itself (`caps`), what a term comes to (`mechanisms`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from sibsim.contract import caps
from sibsim.contract.agreement import CALENDAR, Caps, Contract
from sibsim.contract.cards import TOLD, Told
from sibsim.contract.mechanisms import Seen, line_of
from sibsim.contract.terms import Clawback, PerOutcome, Reward
from sibsim.rounding import Pence, pence


def _cap_person(contract: Contract, seen: Mapping[str, Seen], due: Pence) -> Pence:
    """Apply each person's cap, claim by claim."""
    cut = _nothing(due)
    if contract.caps.person is None or (told := _told(contract, seen, len(due))) is None:
        return cut
    from sibsim.contract.kernels import cap_people  # the compiler is loaded where it is needed

    cap = np.broadcast_to(pence(contract.caps.person.values), (len(due),))
    rows = _within_months(contract, seen, told, due)
    cap_people(rows, told.edges, told.everybody, np.ascontiguousarray(cap), due, cut)
    return cut


def _told(contract: Contract, seen: Mapping[str, Seen], trials: int) -> Told | None:
    """What single claims come to under terms that pay for outcomes: of the card, of the others."""
    card = next((here.told for here in seen.values() if here.told is not None), None)
    others = [
        (place, claims, line_of(item, seen[name]).money)
        for place, (name, item) in enumerate(contract.terms.items())
        if isinstance(item, PerOutcome) and (claims := seen[name].claims)
    ]
    if not others:
        return card
    people = max(int(claims.person.max()) + 1 for _, claims, _ in others)
    people = people if card is None else card.people
    parts, trial = [np.empty(0, TOLD)], [np.empty(0, np.int64)]
    if card is not None:
        parts, trial = [card.rows], [card.trial]
    for place, claims, money in others:
        rows = np.empty(len(claims), TOLD)
        rows["money"], rows["month"], rows["term"] = money, claims.accepted, place
        rows["person"] = claims.cohort * people + claims.person
        parts.append(rows)
        trial.append(claims.trial)
    whose = np.concatenate(trial)
    order = np.argsort(whose, kind="stable")
    edges = np.searchsorted(whose[order], np.arange(trials + 1))
    told = np.concatenate(parts)[order]
    return Told(told, edges, people, int(told["person"].max()) + 1)


def _within_months(
    contract: Contract, seen: Mapping[str, Seen], told: Told, due: Pence
) -> NDArray[np.void]:
    """What each claim comes to, where less than all of a month of a term is due what is left.

    It goes to the claims in order of people.
    """
    if contract.caps.order[0] == "person" and not any(
        isinstance(item, Reward) for item in contract.terms.values()
    ):
        return told.rows  # nothing has been taken off yet
    short = np.zeros(due.shape, np.bool_)
    for place, (name, item) in enumerate(contract.terms.items()):
        if isinstance(item, PerOutcome):
            table = line_of(item, seen[name]).by_month
            span = slice(table.shape[1])
            np.greater(table, due[:, place, span], out=short[:, place, span])
    if not short.any():
        return told.rows
    rows = told.rows.copy()
    cell = (told.trial * due.shape[1] + rows["term"]) * due.shape[2] + rows["month"]
    at = np.flatnonzero(short.ravel()[cell])
    at = at[np.lexsort((at, rows["person"][at], cell[at]))]
    rows["money"][at] = caps.cap_person(rows["money"][at], cell[at], due.ravel()[cell[at]])
    return rows


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
"""For each level, what cuts a table of what is due, (trials, terms, months), to what is allowed,
and gives back what it cut in each trial."""


def guaranteed_by_floors(limits: Caps, amounts: Pence, months: int) -> Pence:
    """What the floors add, in the last month of each period and of the contract."""
    made: Pence = np.zeros((len(amounts), amounts.shape[2]), np.int64)
    if limits.least_period is None and limits.least is None:
        return made
    total: Pence = amounts.sum(axis=1)
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

    def move(self, amounts: Pence, lags: list[int] | None = None) -> None:
        """Move amounts (trials, terms, horizon) to their months of payment; each term by its lag.

        They are moved within their table: one of a block's largest.
        """
        by = self.lags if lags is None else lags
        assert amounts.shape[2] == self.horizon
        caps.as_fits(_move, amounts)(amounts, np.array(by, np.int64), self.paid_in)


def _move(amounts: Pence, lags: Pence, paid_in: Pence) -> None:
    """Move amounts (trials, terms, horizon), the last first: none is paid before it is due.

    In the months at the end that a lag would take beyond the horizon nothing is due.
    """
    for trial in range(amounts.shape[0]):
        for term in range(amounts.shape[1]):
            for month in range(amounts.shape[2] - lags[term] - 1, -1, -1):
                amount = amounts[trial, term, month]
                amounts[trial, term, month] = 0
                amounts[trial, term, paid_in[lags[term] + month]] += amount


def take_off(
    contract: Contract, paid: Pence, guaranteed: Pence, off: Pence
) -> tuple[Pence, Pence]:
    """Take deductions off what is paid in their month or, if that is less, in later months.

    Parameters
    ----------
    paid : ndarray of int64, shape (trials, terms, horizon)
        Written: what a term takes off is negative.
    guaranteed : ndarray of int64, shape (trials, horizon)
    off : ndarray of int64, shape as `paid`

    Returns
    -------
    lapsed, back : ndarray of int64, shape (trials,)
        For which there was nothing left: deductions, and what is clawed back.
    """
    waiting = np.zeros_like(off[:, :, 0])
    for month in range(paid.shape[2]):
        waiting += off[:, :, month]
        room = paid[:, :, month].sum(axis=1) + guaranteed[:, month]
        for place in range(paid.shape[1]):
            taken = np.minimum(waiting[:, place], room)
            paid[:, place, month] -= taken
            waiting[:, place] -= taken
            room = room - taken
    claws = np.array([isinstance(item, Clawback) for item in contract.terms.values()])
    return waiting[:, ~claws].sum(axis=1), waiting[:, claws].sum(axis=1)
