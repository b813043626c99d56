"""Compiled: the cap for one person, over all claims of a block.

In: claims of every term, one after another. Out: what of each is paid. Not here: prices, caps on
months, terms and contracts (`caps`).
"""

from __future__ import annotations

import numpy as np

from sibsim.compiling import compiled
from sibsim.rounding import Pence


@compiled
def cap_people(
    who: Pence, month: Pence, money: Pence, cap: Pence, people: int, kept: Pence
) -> None:
    """Pay each person's claims in order of month, up to their cap.

    Parameters
    ----------
    who, month, money : ndarray of int64, shape (claims,)
        Claims of one person and month stand in the order in which they are paid.
    cap : ndarray of int64, shape (claims,)
        For the person who makes the claim.
    people : int
        More than any of `who`.
    kept : ndarray of int64, shape (claims,)
        Written: what is paid of each.
    """
    # Sorting by counting brings each person's few claims together, in the order that they had.
    first = np.zeros(people + 1, np.int64)
    for claim in range(who.shape[0]):
        first[who[claim] + 1] += 1
    for person in range(people):
        first[person + 1] += first[person]
    after = first[:-1].copy()
    own = np.empty((who.shape[0], 3), np.int64)  # claim, month, money: side by side in memory
    for claim in range(who.shape[0]):
        place = after[who[claim]]
        own[place, 0], own[place, 1], own[place, 2] = claim, month[claim], money[claim]
        after[who[claim]] += 1
    for person in range(people):
        low, high = first[person], first[person + 1]
        for place in range(low + 1, high):
            claim, when, much = own[place, 0], own[place, 1], own[place, 2]
            before = place - 1
            while before >= low and own[before, 1] > when:
                for part in range(3):
                    own[before + 1, part] = own[before, part]
                before -= 1
            own[before + 1, 0], own[before + 1, 1], own[before + 1, 2] = claim, when, much
        spent = 0
        for place in range(low, high):
            claim = own[place, 0]
            paid = min(own[place, 2], cap[claim] - spent)
            kept[claim] = paid
            spent += paid
