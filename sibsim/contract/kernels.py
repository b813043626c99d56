"""Compiled: the plain lines of a rate card, and the cap for one person, over a block's claims.

In: claims trial by trial. Out: what lines come to by month; what is paid of it. Not here: which
lines are plain (`cards`), caps on months, terms and contracts (`caps`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import compiled
from sibsim.contract.cards import Columns, Reading
from sibsim.rounding import Pence

Records = NDArray[np.void]

@compiled
def read_card(
    claims: Columns, reading: Reading, people: int, by_month: Pence, units: Pence,
    rows: Records, edges: Pence,
) -> None:  # fmt: skip
    """Price each claim under every line that pays for it, and add it up.

    Parameters
    ----------
    claims : Columns
        In order of the trials; each counts in the month of its outcome.
    reading : Reading
    people : int
        By how many the people of a cohort are numbered at the most.
    by_month : ndarray of int64, shape (trials, lines, span)
    units : ndarray of int64, shape (trials, lines)
    rows : ndarray of `TOLD`
        What each claim comes to under the lines that tell it.
    edges : ndarray of int64, shape (trials + 1,)
        Where the rows of each trial begin, and end. All of these are nil, and written.
    """
    trial, cohort, cohort_step, person, outcome, month, amount, amount_step = claims
    each, count, step = reading.prices.shape[0] > 1, 0, 0
    for where in range(by_month.shape[0]):
        prices = reading.prices[where if each else 0]
        sums, units_here = by_month[where], units[where]
        edges[where] = count
        while step < trial.shape[0] and trial[step] == where:
            claim = np.uint64(step)  # an unsigned index is not checked for counting from the end
            step += 1
            name, when = np.uint64(outcome[claim]), np.uint64(month[claim])
            whose, much = cohort[claim * cohort_step], amount[claim * amount_step]
            for k in range(reading.first[name], reading.first[name + np.uint64(1)]):
                line = np.uint64(reading.line[np.uint64(k)])
                if reading.cohort[line] >= 0 and reading.cohort[line] != whose:
                    continue
                money = prices[line, when] * much
                sums[line, when] += money
                units_here[line] += much
                if reading.told[line]:
                    row = rows[np.uint64(count)]
                    row.money, row.month = money, month[claim]
                    row.term, row.person = reading.term[line], whose * people + person[claim]
                    count += 1
    edges[by_month.shape[0]] = count


@compiled
def cap_people(
    rows: Records, edges: Pence, people: int, cap: Pence, due: Pence, cut: Pence
) -> None:
    """Pay each person's claims in order of month, then of term, up to their cap.

    Parameters
    ----------
    rows : ndarray of `TOLD`, shape (claims,)
    edges : ndarray of int64, shape (trials + 1,)
        Where the claims of each trial begin, and end.
    people : int
        Numbers that persons of a trial have.
    cap : ndarray of int64, shape (trials,)
    due : ndarray of int64, shape (trials, terms, span)
        What is over somebody's cap is taken off it.
    cut : ndarray of int64, shape (trials,)
        And added to this.
    """
    terms, span, most = due.shape[1], due.shape[2], 0
    for trial in range(due.shape[0]):
        most = max(most, edges[trial + 1] - edges[trial])
    some, order = np.empty(most + 1, np.int64), np.empty(most, np.int64)
    after = np.empty(span * terms + 1, np.int64)
    asked, left = np.empty(people, np.int64), np.empty(people, np.int64)
    for trial in range(due.shape[0]):
        asked[:], left[:], after[:], count = 0, cap[trial], 0, 0
        first, end = np.uint64(edges[trial]), np.uint64(edges[trial + 1])
        for at in range(first, end):  # an unsigned index is not checked for counting from the end
            asked[np.uint64(rows[at].person)] += rows[at].money
        # Only the claims of those who ask for more than their cap have to be put in order. Who does
        # is hard to foresee, so that nothing branches on it: the next claim is written over it.
        for at in range(first, end):
            some[np.uint64(count)] = at
            count += asked[np.uint64(rows[at].person)] > cap[trial]
        for k in range(count):
            row = rows[np.uint64(some[np.uint64(k)])]
            after[np.uint64(row.month * terms + row.term + 1)] += 1
        for place in range(span * terms):
            after[place + 1] += after[place]
        for k in range(count):
            claim = np.uint64(some[np.uint64(k)])
            slot = np.uint64(rows[claim].month * terms + rows[claim].term)
            order[np.uint64(after[slot])] = claim
            after[slot] += 1
        for k in range(count):
            row = rows[np.uint64(order[np.uint64(k)])]
            who = np.uint64(row.person)
            less = row.money - min(row.money, left[who])
            left[who] -= row.money - less
            due[trial, np.uint64(row.term), np.uint64(row.month)] -= less
            cut[trial] += less
