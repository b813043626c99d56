"""How many people are where when the contract ends.

In: a cohort's days. Out: counts by trial. Not here: how the days came about (the engines), what is
counted month by month (`sibsim.accounts.costs`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sibsim.people.events import NEVER, People


def count_heads(cohort: People, contract: int) -> dict[str, NDArray[np.int64]]:
    """How many of a cohort are where, by the end of the contract.

    Parameters
    ----------
    cohort : People
    contract : int
        Its days.

    Returns
    -------
    dict of str to ndarray of int64, shape (trials,)
        Who started, and of them those who dropped out ("left"), whose service ended because
        delivery stopped ("closed_out"), who are "in_service" still and who "completed"; who are
        "waiting" still, or when delivery stopped, and who "gave_up"; "days_waited" by those who
        started.
    """
    started = cohort.start < NEVER
    left, closed = cohort.left < NEVER, np.zeros_like(started)
    if cohort.closed_out is not None:
        closed = cohort.closed_out < NEVER
    stayed = started & ~left & ~closed
    made = {
        "started": started,
        "left": left,
        "closed_out": closed,
        "in_service": stayed & (cohort.end >= contract),
        "completed": stayed & (cohort.end < contract),
    }
    found = {name: table.sum(axis=1) for name, table in made.items()}
    for name in ("waiting", "gave_up", "days_waited"):
        found[name] = np.zeros(len(cohort.referred), np.int64)
    if cohort.arrived is not None and cohort.gave_up is not None:
        gave_up, joined = cohort.gave_up < NEVER, cohort.arrived < NEVER
        found["gave_up"] = gave_up.sum(axis=1)
        found["waiting"] = (joined & ~started & ~gave_up).sum(axis=1)
        waits = np.where(started, cohort.start - cohort.arrived, 0)
        found["days_waited"] = waits.sum(axis=1, dtype=np.int64)
    return found
