"""Compiled: the cap for one person, over all claims of a block.

In: claims of every term, one after another. Out: what of each is paid. Not here: prices, caps on
months, terms and contracts (`caps`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import compiled
from sibsim.contract.claims import Columns
from sibsim.rounding import Pence

Flags = NDArray[np.bool_]
Short = NDArray[np.int16]
Number = NDArray[np.int32]
Records = NDArray[np.void]


@compiled
def cap_people(
    trial: Short, month: Short, person: Number, term: Short, money: Pence, cap: Pence, due: Pence
) -> None:
    """Pay each person's claims in order of month, up to their cap; take the rest off what is due.

    Parameters
    ----------
    trial, month, term : ndarray of int16, shape (claims,)
        Claims of one person and month stand in the order in which they are paid.
    person : ndarray of int32, shape (claims,)
        Who makes the claim, of the people of the trial.
    money : ndarray of int64, shape (claims,)
    cap : ndarray of int64, shape (trials,)
    due : ndarray of int64, shape (trials, terms, span)
        Written: what is cut is taken off the claim's trial, term and month.
    """
    # Sorting by counting puts a trial's claims in order of month, otherwise as they stood.
    span, people = due.shape[2], 0
    first = np.zeros(due.shape[0] * span + 1, np.int32)
    for claim in range(trial.shape[0]):
        first[trial[claim] * span + month[claim] + 1] += 1
        people = max(people, person[claim] + 1)
    for cell in range(due.shape[0] * span):
        first[cell + 1] += first[cell]
    after = first[:-1].copy()
    order = np.empty(trial.shape[0], np.int32)
    for claim in range(trial.shape[0]):
        cell = trial[claim] * span + month[claim]
        order[after[cell]] = claim
        after[cell] += 1
    spent = np.empty(people, np.int64)
    for place in range(due.shape[0]):
        spent[:] = 0
        for at in range(first[place * span], first[(place + 1) * span]):
            claim = order[at]
            paid = min(money[claim], cap[place] - spent[person[claim]])
            spent[person[claim]] += paid
            due[place, term[claim], month[claim]] -= money[claim] - paid


@compiled
def line_up(
    rows: Columns, served: Flags, outcomes: int, month_of_day: Short, claims: Records
) -> None:
    """Put down what can be claimed, outcome by outcome, otherwise in the order of the rows.

    Parameters
    ----------
    rows : Columns
        Of outcomes reached; `month` holds the day.
    served : ndarray of bool, shape (rows,)
        Whether a claim can be made for it.
    month_of_day : ndarray of int16, shape (days,)
    claims : ndarray of `ROW`
        Written; as long as `served` is often true.
    """
    trial, cohort, person, names, occurrence, day, amount = rows
    after = np.zeros(outcomes + 1, np.int64)
    for row in range(served.shape[0]):
        after[np.uint64(names[row] + 1)] += served[row]
    for name in range(outcomes):
        after[name + 1] += after[name]
    for step in range(served.shape[0]):
        row = np.uint64(step)  # an unsigned index is not checked for counting from the end
        if served[row]:
            name = np.uint64(names[row])
            claim = claims[np.uint64(after[name])]
            after[name] += 1
            claim.trial, claim.cohort, claim.person = trial[row], cohort[row], person[row]
            claim.outcome, claim.occurrence = names[row], occurrence[row]
            claim.month = month_of_day[np.uint64(day[row])]
            claim.amount, claim.segment = amount[row], -1
