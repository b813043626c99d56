"""Distributions as tagged plain data, and the tables that turn them into waiting times.

In: a family's name and its parameters as written. Out: inverse distribution functions,
distribution functions, means, and cumulative chances by day. Not here: where the uniforms come from
(`streams`), and units and the range that a place allows (the scenario).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from sibsim import curves
from sibsim.curves import Own
from sibsim.families import DISTRIBUTIONS, Family, Form, commas, percentile_rank, short

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from sibsim.curves import Array

Written: TypeAlias = "Mapping[str, float] | Sequence[float] | Sequence[Sequence[float]]"
"""Parameters as a scenario gives them."""


# --- a distribution as written --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Distribution:
    """An uncertain number as it was written. Made by `make`, which says what is wrong in words.

    Attributes
    ----------
    family : str
        A name in `DISTRIBUTIONS`.
    form : tuple of str
        Names of the parameters as written, such as ``("mean", "sd")`` or ``("p10", "p90")``.
    values : tuple of float
        Their values, in the unit of the number.

    Raises
    ------
    ValueError
        If there is no such distribution.

    """

    family: str
    form: Form
    values: Own

    def __post_init__(self) -> None:
        _resolve(self.family, self.form, self.values)

    def ppf(self, u: ArrayLike) -> Array:
        """Inverse distribution function.

        Where single values have a chance of their own, this is the smallest value with
        ``u < P(X <= value)``, so that a uniform in [0, 1) gives each its exact chance.

        Parameters
        ----------
        u : array_like
            Between 0 and 1, any shape. At 0 and 1 an unbounded family gives -inf or inf.

        Returns
        -------
        ndarray
            Same shape.

        Raises
        ------
        ValueError
            If some `u` is not between 0 and 1.

        """
        import numpy as np

        chance = np.asarray(u, dtype=np.float64)
        if not bool(np.all((chance >= 0.0) & (chance <= 1.0))):
            raise ValueError("a uniform must be between 0 and 1")
        family, own = self._resolved
        return np.asarray(family.ppf(own, chance), dtype=np.float64)

    def cdf(self, x: ArrayLike) -> Array:
        """P(X <= x), of the same shape as `x`; ValueError if some `x` is not a number."""
        import numpy as np

        at = np.asarray(x, dtype=np.float64)
        if bool(np.any(np.isnan(at))):
            raise ValueError("there is no chance of being below something that is not a number")
        family, own = self._resolved
        return np.asarray(family.cdf(own, at), dtype=np.float64)

    @property
    def _resolved(self) -> tuple[Family, Own]:
        return _resolve(self.family, self.form, self.values)

    @property
    def mean(self) -> float:
        """Expected value, in the unit of the number; inf for a wait that some never end."""
        if self.family == "fixed":  # most numbers of a deal, asked for again and again
            return self.values[0]
        family, own = self._resolved
        return family.mean(own)

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value that can occur, -inf or inf where there is none."""
        family, own = self._resolved
        return family.support(own)

    @property
    def is_fixed(self) -> bool:
        """Whether only one value can occur."""
        if self.family == "fixed":
            return True
        low, high = self.support
        return low == high



@lru_cache(maxsize=1024)
def _resolve(family: str, form: Form, values: Own) -> tuple[Family, Own]:
    """Check what was written and turn it into own parameters, once for each distribution."""
    kind = _family(family)
    ranks = [percentile_rank(name) for name in form]
    first = next(iter(kind.forms), ())
    by_percentiles = kind.percentiles is not None and len(form) == 2 and None not in ranks
    repeated = kind.repeated and len(form) > 0 and form == first * (len(form) // len(first))
    if len(form) != len(values) or not (form in kind.forms or repeated or by_percentiles):
        raise ValueError(f"{family} cannot be given by {commas(form)}; it takes {kind.allowed}")
    for name, value in zip(form, values, strict=True):
        _number(name, value)
    kind.check(form, values)
    if form[0] == "low" and values[0] == values[-1]:
        return DISTRIBUTIONS["fixed"], (values[0], 1.0)
    try:
        if by_percentiles and kind.percentiles is not None:
            chances = [rank / 100.0 for rank in ranks if rank is not None]
            own = kind.percentiles((chances[0], values[0]), (chances[1], values[1]))
        else:
            own = kind.forms[first if repeated else form](*values)
        usable = all(map(math.isfinite, own)) and (kind.waits or math.isfinite(kind.mean(own)))
    except ArithmeticError:
        usable = False
    if not usable:
        said = ", ".join(f"{name} {short(x)}" for name, x in zip(form, values, strict=True))
        raise ValueError(f"no {family} that can be computed has {said}: too far apart or too close")
    return kind, own


# --- reading what was written ---------------------------------------------------------------------


def fixed(value: float) -> Distribution:
    """A number that is certain; ValueError if it is not a finite number."""
    return make("fixed", [value])


def make(family: str, params: Written) -> Distribution:
    """Distribution from a family's name and its parameters as written.

    Parameters
    ----------
    family : str
        A name in `DISTRIBUTIONS`.
    params : mapping or sequence
        ``{"mean": 5, "sd": 1}``, ``{"p10": 20, "p90": 60}``, ``[low, mode, high]``; for `discrete`
        a list of (value, chance) pairs; for `empirical` a list of values; for `hazard` a list of
        (from, share, days of its period); for `kaplan_meier` a list of (time, survival) pairs.

    Returns
    -------
    Distribution

    Raises
    ------
    ValueError
        With a sentence that says what stands there and what may stand there.

    """
    kind = _family(family)
    if isinstance(params, Mapping):
        pairs = [(str(name), _number(str(name), value)) for name, value in params.items()]
        pairs = _in_order(kind, pairs)
    else:
        pairs = _from_list(kind, params)
    return Distribution(family, tuple(n for n, _ in pairs), tuple(v for _, v in pairs))


def from_percentiles(
    percentiles: Mapping[float, float], low: float | None, high: float | None
) -> Distribution:
    """Distribution from two percentiles alone, its family chosen by the range of the number.

    Parameters
    ----------
    percentiles : mapping of float to float
        ``{10: 20.0, 90: 60.0}``: the percentile, above 0 and below 100, and its value.
    low, high : float or None
        Range that the place allows; None where there is no end.

    Returns
    -------
    Distribution
        logitnormal for a share (the range lies within 0 to 1), else lognormal for what cannot be
        negative (`low` is 0 or more), else normal.

    Raises
    ------
    ValueError
        If there are not two percentiles, or they are out of order or out of the family's range.

    """
    positive = low is not None and low >= 0.0
    share = positive and high is not None and high <= 1.0
    named = {f"p{short(_number('a percentile', rank))}": x for rank, x in percentiles.items()}
    return make("logitnormal" if share else "lognormal" if positive else "normal", named)


def _family(name: str) -> Family:
    if name in DISTRIBUTIONS:
        return DISTRIBUTIONS[name]
    near = difflib.get_close_matches(name, DISTRIBUTIONS, n=1)
    hint = f"; did you mean {near[0]}" if near else ""
    raise ValueError(f"no distribution is called {name!r}{hint}; known: {commas(DISTRIBUTIONS)}")


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise ValueError(f"{name} is {value!r}, which is not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a number of ordinary size; it is {number}")
    return number


def _from_list(kind: Family, params: object) -> list[tuple[str, float]]:
    """Name the entries of a list."""
    if not isinstance(params, Sequence) or isinstance(params, str | bytes):
        raise ValueError(f"{kind.name} takes {kind.allowed}; it is {params!r}")
    form = next(iter(kind.forms), ())
    rows: list[Any] = list(params) if kind.repeated else [params]
    if kind.repeated and len(form) == 1:
        rows = [[value] for value in rows]
    if not (kind.listed or kind.repeated) or len(rows) == 0:
        raise ValueError(f"{kind.name} takes {kind.allowed}, not {list(params)}")
    for row in rows:
        if not isinstance(row, Sequence) or isinstance(row, str | bytes) or len(row) != len(form):
            raise ValueError(f"{kind.name} takes {kind.allowed}, not {row}")
    return [(n, _number(n, value)) for row in rows for n, value in zip(form, row, strict=True)]


def _in_order(kind: Family, pairs: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Put named parameters into the order of the form that they make up."""
    given = dict(pairs)
    if not kind.repeated:
        for form in kind.forms:
            if set(form) == set(given):
                return [(name, given[name]) for name in form]
        ranks = [percentile_rank(name) for name in given]
        if kind.percentiles is not None and len(given) == 2 and None not in ranks:
            return sorted(pairs, key=lambda pair: float(pair[0].removeprefix("p")))
    known = {name for form in kind.forms for name in form}
    unknown = [name for name in given if name not in known]
    if unknown and kind.percentiles is not None:
        unknown = [name for name in unknown if percentile_rank(name) is None]
    if kind.repeated or not unknown:
        said = f"{kind.name} cannot be given by {commas(given) or 'nothing'}"
    else:
        said = f"{kind.name} has no parameter {commas(unknown)}"
    raise ValueError(f"{said}; it takes {kind.allowed}")


# --- waiting times in whole days ------------------------------------------------------------------


def day_table(distribution: Distribution, days: int, times: float = 1.0) -> Array:
    """Cumulative chances of a waiting time that is rounded to whole days, halves upwards.

    Parameters
    ----------
    distribution : Distribution
        The waiting time in days. What lies below 0 counts as day 0.
    days : int
        Length of the table, at least 1: the wait counts as never from this day on.
    times : float
        Factor on the waiting time, 0 or more.

    Returns
    -------
    ndarray (days,)
        P(wait < d + 1/2) for d = 0 .. days - 1, which never falls. A value that is exactly
        d + 1/2 is rounded up, so it counts from day d + 1.

    Raises
    ------
    ValueError
        If `days` is below 1.

    """
    import numpy as np

    if days < 1:
        raise ValueError(f"a table of waiting times needs at least 1 day; it has {days}")
    half_past = np.arange(days, dtype=np.float64) + 0.5
    if times == 0.0:
        return np.full(days, distribution.cdf(math.inf))  # who never gets there still does not
    family, own = distribution._resolved
    if family.stepped:
        values, upto = curves.steps(own)
        values = values * times
        return np.concatenate([[0.0], upto])[np.searchsorted(values, half_past, side="left")]
    # Special functions may fall by a rounding error between neighbours; a search must not see it.
    return np.maximum.accumulate(distribution.cdf(half_past / times))


def guide_table(cumulative: Array, size: int = 1024) -> NDArray[np.int32]:
    """Where to start looking in a table of cumulative chances.

    With ``d = guide[floor(u * size)]``, then ``while d < days and u >= cumulative[d]: d += 1``, the
    look-up ends at the d that `wait_days` gives, after about one step on average (Chen and Asau,
    1974, "On generating random variates from an empirical distribution", AIIE Transactions 6(2)).

    Parameters
    ----------
    cumulative : ndarray (days,)
        Cumulative chances that never fall.
    size : int
        A power of two, so that ``u * size`` is exact.

    Returns
    -------
    ndarray (size,) of int32
        For each k the smallest d with ``k / size < cumulative[d]``; `days` if there is none.

    Raises
    ------
    ValueError
        If `size` is not a power of two.

    """
    import numpy as np

    if size < 1 or size & (size - 1):
        raise ValueError(f"the size of a guide table must be a power of two; it is {size}")
    starts = np.arange(size, dtype=np.float64) / size
    return np.searchsorted(cumulative, starts, side="right").astype(np.int32)


def wait_days(cumulative: Array, u: ArrayLike) -> NDArray[np.int64]:
    """Waiting times by a plain search: what every faster look-up is held against.

    Parameters
    ----------
    cumulative : ndarray (days,)
        Cumulative chances that never fall.
    u : array_like
        Uniforms in [0, 1), any shape.

    Returns
    -------
    ndarray of int64
        The smallest d with ``u < cumulative[d]``; -1 where there is none, which means never.

    """
    import numpy as np

    found = np.asarray(np.searchsorted(cumulative, np.asarray(u), side="right"), dtype=np.int64)
    return np.where(found < len(cumulative), found, np.int64(-1))
