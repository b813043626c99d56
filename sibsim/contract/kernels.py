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

CAPPED = np.dtype([
    ("money", np.int64), ("person", np.int32), ("term", np.int16), ("month", np.int16),
])  # fmt: skip
"""What the cap for one person has to know of a claim."""


@compiled
def cap_people(
    terms: Short, edges: Pence, month: Short, person: Number, money: Pence, cap: Pence, due: Pence,
    cut: Pence,
) -> None:  # fmt: skip
    """Pay each person's claims in order of month, up to their cap; take the rest off what is due.

    Parameters
    ----------
    terms : ndarray of int16, shape (lines,)
        Places of the terms whose claims these are, one after another.
    edges : ndarray of int64, shape (lines, trials + 1)
        Where the claims of a term and a trial begin, and end.
    month : ndarray of int16, shape (claims,)
        In which it counts. Claims of a person in a month stand in the order in which they are paid.
    person : ndarray of int32, shape (claims,)
        Who makes it, of the people of the trial.
    money : ndarray of int64, shape (claims,)
    cap : ndarray of int64, shape (trials,)
    due : ndarray of int64, shape (trials, terms, span)
        Cut where somebody's cap is met.
    cut : ndarray of int64, shape (trials,)
        What is cut is added to it.
    """
    span, most, people = due.shape[2], 0, 0
    for trial in range(due.shape[0]):
        most = max(most, (edges[:, trial + 1] - edges[:, trial]).sum())
    for claim in range(person.shape[0]):
        people = max(people, person[claim] + 1)
    rows, after = np.empty(most, CAPPED), np.empty(span + 1, np.int64)
    spent = np.empty(people, np.int64)
    for trial in range(due.shape[0]):
        # A trial's few claims stay in the processor's nearest memory while they are put in order.
        after[:] = 0
        for line in range(terms.shape[0]):
            for claim in range(edges[line, trial], edges[line, trial + 1]):
                after[month[claim] + 1] += 1
        for place in range(span):
            after[place + 1] += after[place]
        count = after[span]
        for line in range(terms.shape[0]):
            for claim in range(edges[line, trial], edges[line, trial + 1]):
                row = rows[after[month[claim]]]
                after[month[claim]] += 1
                row.person, row.money = person[claim], money[claim]
                row.term, row.month = terms[line], month[claim]
        spent[:] = 0
        for place in range(count):
            row = rows[place]
            paid = min(row.money, cap[trial] - spent[row.person])
            spent[row.person] += paid
            if paid < row.money:
                due[trial, row.term, row.month] -= row.money - paid
                cut[trial] += row.money - paid


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
    for at in range(served.shape[0]):
        after[np.uint64(names[at] + 1)] += served[at]
    for name in range(outcomes):
        after[name + 1] += after[name]
    for step in range(served.shape[0]):
        row = np.uint64(step)  # an unsigned index is not checked for counting from the end
        if served[row]:
            place = np.uint64(names[row])
            claim = claims[np.uint64(after[place])]
            after[place] += 1
            claim.trial, claim.cohort, claim.person = trial[row], cohort[row], person[row]
            claim.outcome, claim.occurrence = names[row], occurrence[row]
            claim.month = month_of_day[np.uint64(day[row])]
            claim.amount, claim.segment = amount[row], -1
