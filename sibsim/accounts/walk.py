"""Compiled: the vehicle's account, month by month, step by step.

In: numbers and tables, no terms. Out: what each step paid to whom. The rules are those of
docs/model.md, section 5. Not here: making the tables (`book`), reading what was paid (`capital`).

A trial's numbers stand in two small tables, one row each of the names below, one column a tranche:
handing on dozens of arrays from function to function took longer than what the functions do.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import borrowing, part
from sibsim.rounding import LARGEST, Pence

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

COSTS, FACILITY, INTEREST, PRINCIPAL, HURDLE, CATCH_UP, KEEP, KEEP_ALL, SHARE = range(9)
"""What a step does; of `STEPS`, with both kinds of keeping apart."""

NORMAL, TRAPPED, WIND_DOWN = range(3)

(COMMITMENT, DRAWN, BACK, EARNED, OWED, NEEDED, BEYOND, WANT, OVER,
 PUT_IN, INTEREST_PAID, PRINCIPAL_PAID, PROFIT_PAID) = range(13)  # fmt: skip
"""Rows of `now`: money put in so far, given back of it (surplus included), interest that was paid
and that is owed, what the hurdle still needs, surplus that a party that is no tranche has had, what
the members of a step want and the remainders of its cutting; then what moved in this month. Of
parties that are no tranche only BEYOND, WANT, OVER and PROFIT_PAID are used."""

MOST, GROWTH, RATE = range(3)
"""Rows of `terms`."""

BORROWED, LINE_INTEREST = range(2)
"""Places of `line`: what is out of the facility, and the interest owed on it."""


class Book(NamedTuple):
    """What the walk reads: n trials, T months, K tranches, S steps, D drawings, R recipients.

    Recipients are the tranches and then `steps.RESIDUAL`.
    """

    receipts: Pence  # (n, T)
    costs: Pence  # (n, T)
    months: int  # of the contract
    gives: Flags  # (T,) months in which surplus is given out
    trapped: Flags  # (n, T) months in which a distribution test fails
    closing: Pence  # (n,) month in which the account closes
    stop: Pence  # (n,) month in which delivery ends early; T if it does not
    ended_with: Pence  # (n,) what is paid then
    ended_with_share: Floats  # (n,) and so much of the money that is out
    minimum: Pence  # (n,)
    recycles: bool
    limit: Pence  # (n,) of the facility
    line_rate: Floats  # (n,) its yearly interest
    commitment: Pence  # (K, n)
    on_need: Flags  # (K,)
    turn: Floats  # (K,)
    drawing_to: Pence  # (D,) tranche
    drawing_month: Pence  # (D, n)
    drawing: Pence  # (D, n)
    rate: Floats  # (K, n) yearly
    rates: Floats  # (K, T) added to it
    days: Floats  # (K, T) of the month, or 1
    year: Floats  # (K,) as many make a year: 365 or 360 days, or 12
    added: Flags  # (K,) unpaid interest bears interest
    due: Floats  # (K, T) part of the money put in that may be back by the end of a month
    returns: Flags  # (K,) False for a grant
    most: Floats  # (K, n) inf if there is none
    growth: Floats  # (K, n) of the hurdle in a month
    guarantee: Pence  # (K, n)
    first: Pence  # (3,) first step of each status
    last: Pence  # (3,) the one after its last
    always: Pence  # (3,) the one after the last that is taken in every month
    kind: Pence  # (S,)
    share: Floats  # (S, R, n)
    order: Pence  # (S, R) whom it is for, and -1 after the last: to share as they are written
    amount: Pence  # (S, n)
    times: Floats  # (S, n)


class Filled(NamedTuple):
    """What the walk writes; each begins as nothing."""

    drawn: Pence  # (K, n, T)
    interest: Pence  # (K, n, T)
    principal: Pence  # (K, n, T)
    profit: Pence  # (K, n, T)
    guaranteed: Pence  # (K, n)
    residual: Pence  # (P, n, T) surplus to parties that are no tranche
    delivery: Pence  # (n, T)
    unpaid: Pence  # (n, T)
    cash: Pence  # (n, T)
    compensation: Pence  # (n,)
    borrowed: Pence  # (n, T), or (1, T) without a facility
    line_interest: Pence  # likewise
    line_principal: Pence  # likewise
    steps: Pence  # (S, n, T) if the steps are to be told one by one, else (0, n, T)
    status: Pence  # (n, T) likewise, else (0, T)


@part
def _nearest(value: float) -> int:
    """Whole minor units, halves upwards; of what cannot be added up exactly, the largest."""
    if not -LARGEST < value < LARGEST:
        return int(LARGEST)
    return int(np.floor(value + 0.5))


@part
def _out(now: Pence, k: int) -> int:
    """Money put in that has not come back."""
    return int(max(now[DRAWN, k] - now[BACK, k], 0))


@part
def _within(now: Pence, terms: Floats, k: int, amount: int) -> int:
    """As much of an amount as a tranche may still be given, if there is a most."""
    if terms[MOST, k] == np.inf or amount == 0:
        return amount
    most = _nearest(terms[MOST, k] * now[DRAWN, k])
    return int(min(amount, max(most - now[BACK, k] - now[EARNED, k], 0)))


@part
def _cut(now: Pence, total: int, available: int, members: int) -> None:
    """Cut what is wanted down to what is available, in proportion, by largest remainder."""
    if total <= available:
        return
    left = available
    for r in range(members):
        exact = available * (now[WANT, r] / total)
        whole = int(np.floor(exact))
        # Remainders that are equal to nine digits are equal: the first has the odd unit.
        now[OVER, r] = int(np.rint((exact - whole) * 1e9)) if now[WANT, r] > 0 else -1
        now[WANT, r] = whole
        left -= whole
    while left > 0:
        best = 0
        for r in range(1, members):
            if now[OVER, r] > now[OVER, best]:
                best = r
        now[WANT, best] += 1
        now[OVER, best] = -2
        left -= 1


@part
def _accrue(
    now: Pence, terms: Floats, k: int, rate: float, days: float, year: float, added: bool
) -> bool:
    """A month's interest, and growth of what a hurdle needs; False if it cannot be added up."""
    bearing = _out(now, k) + (now[OWED, k] if added else 0)
    interest = bearing * rate * days / year if bearing > 0 else 0.0
    growth = now[NEEDED, k] * terms[GROWTH, k]
    if not (interest < LARGEST and abs(growth) < LARGEST):
        return False
    now[OWED, k] += _nearest(interest)
    now[NEEDED, k] += _nearest(growth)
    return bool(now[OWED, k] < LARGEST and abs(now[NEEDED, k]) < LARGEST)


@part
def _draw(now: Pence, k: int, amount: int) -> None:
    now[PUT_IN, k] += amount
    now[DRAWN, k] += amount
    now[NEEDED, k] += amount


@part
def _called(now: Pence, on_need: Flags, turn: Floats, need: int) -> int:
    """Money that is called as it is needed: turn by turn, in proportion to what is left."""
    tranches, total, done = on_need.shape[0], 0, 0.0
    while total < need:
        this = np.inf
        for k in range(tranches):
            if on_need[k] and done < turn[k] < this:
                this = turn[k]
        if this == np.inf:
            break
        left = 0
        for k in range(tranches):
            calling = on_need[k] and turn[k] == this
            now[WANT, k] = now[COMMITMENT, k] - now[DRAWN, k] if calling else 0
            left += now[WANT, k]
        _cut(now, left, need - total, tranches)
        for k in range(tranches):
            _draw(now, k, now[WANT, k])
            total += now[WANT, k]
        done = this
    return total


@part
def _give(now: Pence, k: int, amount: int) -> None:
    """To a tranche: its money as far as any is out, and surplus beyond."""
    principal = min(amount, _out(now, k))
    now[PRINCIPAL_PAID, k] += principal
    now[PROFIT_PAID, k] += amount - principal
    now[BACK, k] += amount
    now[NEEDED, k] -= amount


@part
def _pass_on(now: Pence, r: int, amount: int) -> None:
    """To a party that is no tranche."""
    now[PROFIT_PAID, r] += amount
    now[BEYOND, r] += amount


@part
def _catch_up(now: Pence, tranches: int, r: int, share: float, until: float, cash: int) -> int:
    """Until the recipient has its part of all that was given beyond the money put in."""
    beyond = 0
    for k in range(tranches):
        beyond += max(now[EARNED, k] + now[BACK, k] - now[DRAWN, k], 0)
    for p in range(tranches, now.shape[1]):
        beyond += now[BEYOND, p]
    if share <= until:  # it never has its part
        return int(min(_nearest(share * cash), cash))
    missing = (until * beyond - now[BEYOND, r]) / (share - until)
    return int(max(min(_nearest(share * cash), _nearest(share * missing), cash), 0))


@part
def _is_repaid(now: Pence, terms: Floats, returns: Flags, order: Pence) -> bool:
    """Whether all money of some tranches that comes back is back."""
    for place in range(order.shape[0]):
        k = order[place]
        if k < 0:
            break
        if returns[k] and _within(now, terms, k, _out(now, k)) > 0:
            return False
    return True


@part
def _wanted(now: Pence, terms: Floats, kind: int, k: int, returns: bool, due: float) -> int:
    """What one tranche is to have in a step of interest, money put in or a hurdle."""
    want = 0
    if kind == INTEREST:
        want = now[OWED, k]
    elif kind == HURDLE:
        want = max(now[NEEDED, k], 0)
    elif returns:
        want = _out(now, k)
        if due < 1.0:
            want = min(want, max(_nearest(due * now[DRAWN, k]) - now[BACK, k], 0))
    return _within(now, terms, k, want)


@part
def _paid(now: Pence, kind: int, order: Pence, members: int) -> int:
    """Give the members of a step what they want, cut down to what there is; gives back the sum."""
    paid = 0
    for place in range(members):
        k, amount = order[place], now[WANT, place]
        paid += amount
        if kind == INTEREST:
            now[INTEREST_PAID, k] += amount
            now[OWED, k] -= amount
            now[EARNED, k] += amount
            now[NEEDED, k] -= amount
        else:
            _give(now, k, amount)
    return paid


@part
def _shared(
    now: Pence, terms: Floats, shares: Floats, order: Pence, tranches: int, cash: int
) -> int:
    """Give out by shares, in the order in which they are written; gives back the sum."""
    left, given = cash, 0
    for place in range(order.shape[0]):
        r = order[place]
        if r < 0:
            break
        amount = min(_nearest(cash * shares[r]), left)
        left -= amount
        if r >= tranches:
            _pass_on(now, r, amount)
        else:
            amount = _within(now, terms, r, amount) if now[COMMITMENT, r] > 0 else 0
            _give(now, r, amount)
        given += amount
    return given


@part
def _repay_line(line: Pence, interest: int, cash: int) -> int:
    """What the facility gets of the cash; `interest` is what of it is interest."""
    back = min(line[BORROWED], cash - interest)
    line[LINE_INTEREST] -= interest
    line[BORROWED] -= back
    return int(interest + back)


@borrowing
def walk(book: Book, filled: Filled, now: Pence, terms: Floats, line: Pence) -> int:
    """Walk the account of every trial.

    Parameters
    ----------
    book : Book
    filled : Filled
        Written.
    now, terms, line : ndarray
        Room for one trial's numbers: int64 (13, R), float64 (3, K), int64 (2,).

    Returns
    -------
    int
        -1; or the first trial in which an amount grew beyond what can be added up exactly.
    """
    trials, horizon = book.receipts.shape
    tranches, recipients = filled.drawn.shape[0], now.shape[1]
    for i in range(trials):
        now[:] = 0
        line[:] = 0
        for k in range(tranches):
            now[COMMITMENT, k] = book.commitment[k, i]
            terms[MOST, k], terms[GROWTH, k] = book.most[k, i], book.growth[k, i]
            terms[RATE, k] = book.rate[k, i]
        cash = unpaid = called = 0
        stop, closing, least, limit = book.stop[i], book.closing[i], book.minimum[i], book.limit[i]
        for t in range(horizon):
            for k in range(tranches):
                rate = max(terms[RATE, k] + book.rates[k, t], 0.0)
                if rate == 0.0 and terms[GROWTH, k] == 0.0:
                    continue
                if not _accrue(now, terms, k, rate, book.days[k, t], book.year[k], book.added[k]):
                    return i
            if line[BORROWED] > 0:
                line[LINE_INTEREST] += _nearest(line[BORROWED] * book.line_rate[i] / 12.0)
            cash += book.receipts[i, t]
            due = book.costs[i, t] + unpaid
            stopped, closed = t >= stop, t >= closing
            if t == stop:
                out = 0
                for k in range(tranches):
                    out += book.returns[k] * _out(now, k)
                paid = _nearest(book.ended_with[i] + book.ended_with_share[i] * out)
                filled.compensation[i] = paid
                cash += paid
            # Money comes in: at its time, as it is needed, and borrowed.
            for d in range(book.drawing_to.shape[0]):
                if book.drawing_month[d, i] == t and not stopped:
                    k = book.drawing_to[d]
                    amount = min(book.drawing[d, i], now[COMMITMENT, k] - now[DRAWN, k])
                    _draw(now, k, amount)
                    cash, called = cash + amount, called + amount
            need = due - (cash if book.recycles else min(called, cash))
            if t < book.months and not stopped:
                need += least
            amount = _called(now, book.on_need, book.turn, need)
            cash, called = cash + amount, called + amount
            short = min(due - cash, limit - line[BORROWED])
            if short > 0:
                filled.borrowed[i, t] = short
                line[BORROWED] += short
                cash += short
            # It is given out step by step.
            ended = stopped or closed
            status = WIND_DOWN if stopped else NORMAL
            if book.trapped[i, t] and not ended:
                status = TRAPPED
            gives = ended or book.gives[t]
            if filled.status.shape[0] > 0:
                filled.status[i, t] = status
            kept = 0
            last = book.last[status] if gives else book.always[status]
            for s in range(book.first[status], last):
                kind, paid = book.kind[s], 0
                if cash == 0 and s >= book.always[status]:
                    break
                if kind == COSTS:
                    paid = min(due, cash)
                    due -= paid
                    filled.delivery[i, t] += paid
                    called = max(called - paid, 0)
                elif kind == FACILITY:
                    interest = min(line[LINE_INTEREST], cash)
                    paid = _repay_line(line, interest, cash)
                    filled.line_interest[i, t] += interest
                    filled.line_principal[i, t] += paid - interest
                elif not gives:
                    continue
                elif kind == KEEP:
                    if not ended and t < book.months:
                        more = _nearest(book.times[s, i] * book.costs[i, t])
                        paid = min(cash, book.amount[s, i] + more)
                    kept += paid
                elif kind == KEEP_ALL:
                    if not ended and not _is_repaid(now, terms, book.returns, book.order[s]):
                        paid = cash
                    kept += paid
                elif kind == SHARE:
                    paid = _shared(
                        now, terms, book.share[s, :, i], book.order[s], tranches, cash
                    )
                elif kind == CATCH_UP:
                    r = book.order[s, 0]
                    share, until = book.share[s, r, i], book.times[s, i]
                    paid = _catch_up(now, tranches, r, share, until, cash)
                    _pass_on(now, r, paid)
                else:
                    total = members = 0
                    while members < tranches and book.order[s, members] >= 0:
                        k = book.order[s, members]
                        part_due = 1.0 if ended else book.due[k, t]
                        want = _wanted(now, terms, kind, k, book.returns[k], part_due)
                        now[WANT, members] = want
                        total, members = total + want, members + 1
                    if total == 0:
                        continue
                    _cut(now, total, cash, members)
                    paid = _paid(now, kind, book.order[s], members)
                cash -= paid
                if filled.steps.shape[0] > 0:
                    filled.steps[s, i, t] = paid
            cash, unpaid = cash + kept, due
            called = min(called, cash)
            filled.unpaid[i, t], filled.cash[i, t] = unpaid, cash
            for k in range(tranches):  # what is nil stays as it is: less memory is touched
                if now[PUT_IN, k] > 0:
                    filled.drawn[k, i, t] = now[PUT_IN, k]
                    now[PUT_IN, k] = 0
                if now[INTEREST_PAID, k] > 0:
                    filled.interest[k, i, t] = now[INTEREST_PAID, k]
                    now[INTEREST_PAID, k] = 0
                if now[PRINCIPAL_PAID, k] > 0:
                    filled.principal[k, i, t] = now[PRINCIPAL_PAID, k]
                    now[PRINCIPAL_PAID, k] = 0
                if now[PROFIT_PAID, k] > 0:
                    filled.profit[k, i, t] = now[PROFIT_PAID, k]
                    now[PROFIT_PAID, k] = 0
            for r in range(tranches, recipients):
                if now[PROFIT_PAID, r] > 0:
                    filled.residual[r - tranches, i, t] = now[PROFIT_PAID, r]
                    now[PROFIT_PAID, r] = 0
            if t == closing:
                for k in range(tranches):
                    filled.guaranteed[k, i] = min(_out(now, k), book.guarantee[k, i])
    return -1
