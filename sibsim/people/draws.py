"""Compiled: one draw of luck, one look-up in a table, one row written down.

In: a stream's key, numbers of person, occurrence and trial; a table. Out: uniforms, days. Not here:
what they decide.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sibsim.compiling import compiled, part
from sibsim.people.layout import SAME, UP, Ints, Records
from sibsim.people.tables import MOST_ODDS
from sibsim.streams import philox_source

_philox = compiled(philox_source().philox4x32, keep=False, counted=False)
_uniform = compiled(philox_source().to_uniform, keep=False, counted=False)
_LOW32 = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)


@part
def pair(key: NDArray[np.uint64], person: int, occurrence: int, trial: int) -> tuple[float, float]:
    """Both uniforms of one decision."""
    number = np.uint64(trial)
    w0, w1, w2, w3 = _philox(
        np.uint64(person), np.uint64(occurrence), number & _LOW32, number >> _WORD, key[0], key[1]
    )
    return _uniform(w0, w1), _uniform(w2, w3)


@part
def whole(number: int) -> int:
    """The same whole number in 64 bits, whatever it was kept in: one type, compiled once."""
    made: int = np.int64(number)  # type: ignore[assignment]
    return made


@part
def look_up(table: NDArray[np.float64], guide: NDArray[np.int32], uniform: float) -> int:
    """Smallest day whose cumulative chance is above the uniform.

    The last entry of a table is above every uniform and stands for a day after the contract's end.
    """
    day: int = whole(guide[int(uniform * guide.shape[0])])
    while uniform >= table[day]:
        day += 1
    return day


@part
def first_above(shares: NDArray[np.float64], uniform: float) -> int:
    """The first of cumulative shares above the uniform; the last if none is."""
    last: int = shares.shape[0] - 1
    for place in range(last):
        if uniform < shares[place]:
            return place
    return last


@part
def put(
    rows: Records, written: Ints, occurrence: Ints, world: int, place: int, cohort: int,
    person: int, outcome: int, day: int, served: bool, amount: int,
) -> None:  # fmt: skip
    """Write one row; beyond the room there is, only count it."""
    at = written[world]
    if at < rows.shape[0]:
        row = rows[at]
        row.trial, row.cohort, row.person, row.outcome = place, cohort, person, outcome
        row.occurrence, row.day = occurrence[outcome], day
        row.served, row.amount = served, amount
    occurrence[outcome] += 1
    written[world] = at + 1


@part
def by_way(odds: float, direction: int) -> float:
    """What somebody's odds make of a chance or a rate of which the fortunate have more, or less."""
    if direction == SAME:
        return 1.0
    return min(odds, MOST_ODDS) if direction == UP else 1.0 / max(odds, 1.0 / MOST_ODDS)
