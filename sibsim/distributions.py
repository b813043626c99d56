"""Distributions as tagged plain data, and the tables that turn them into waiting times.

In: a family's name and its parameters as written. Out: inverse distribution functions,
distribution functions, means, and cumulative chances by day. Not here: where the uniforms come from
(`streams`), and units and the range that a place allows (the scenario).
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array: TypeAlias = NDArray[np.float64]

Form: TypeAlias = tuple[str, ...]
"""Names of the parameters as written, in order."""
Own: TypeAlias = tuple[float, ...]
"""A family's own parameters, the same whatever form was written."""
Point: TypeAlias = tuple[float, float]
"""A chance, and the value below which it lies."""
Written: TypeAlias = "Mapping[str, float] | Sequence[float] | Sequence[Sequence[float]]"
"""Parameters as a scenario gives them."""

CHANCE_TOLERANCE = 1e-9
"""How far the chances of a discrete distribution may add up to something other than 1."""
CLOSEST = 1e-9
"""Two percentiles nearer than this, relatively, are one number: rounding would hide the spread."""
WIDEST_LOGIT = 1000.0
"""Largest spread of a logitnormal on the logit scale; its draws are practically all 0 or 1."""
_CERTAIN = "for a number that is certain, write the plain number"


def percentile_rank(name: str) -> float | None:
    """Rank that a parameter's name stands for: 10.0 for ``p10``, None if it is no percentile."""
    match = re.fullmatch(r"p(\d+(?:\.\d+)?)", name, flags=re.ASCII)
    rank = None if match is None else float(match[1])
    return rank if rank is not None and 0.0 < rank < 100.0 else None


def _short(value: float) -> str:
    return f"{value:.12g}"


def _commas(names: Any) -> str:
    return ", ".join(names)


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of distribution: a row of `DISTRIBUTIONS`.

    Attributes
    ----------
    name, doc : str
        The word that is written in a scenario, and a sentence about it.
    forms : mapping of tuple of str to callable
        Parameter names that may be written together, and how they become the own parameters.
    check : callable
        ``(form, values) -> None``; raises ValueError with a sentence for the scenario's author.
    ppf, cdf : callable
        ``(own, array) -> array`` of the same shape; `ppf` takes uniforms in [0, 1].
    mean, support : callable
        ``(own) -> float``, and ``(own) -> (low, high)``.
    percentiles : callable or None
        ``((p1, x1), (p2, x2)) -> own`` where two percentiles such as p10 and p90 may be written.
    listed : bool
        The first form may be written as a list in its order, ``[low, mode, high]``.
    repeated : bool
        The first form is repeated any number of times: a list of numbers, or of lists.
    stepped : bool
        Only single values occur; own parameters are the values, then the chances up to each.
    scales : bool
        k times such a variable is of the same family.
    pure : frozenset of str
        Parameters that carry no unit; all others, and percentiles, have the unit of the number.

    """

    name: str
    doc: str
    forms: Mapping[Form, Callable[..., Own]]
    check: Callable[[Form, Own], None]
    ppf: Callable[[Own, Array], Array]
    cdf: Callable[[Own, Array], Array]
    mean: Callable[[Own], float]
    support: Callable[[Own], tuple[float, float]]
    percentiles: Callable[[Point, Point], Own] | None = None
    listed: bool = False
    repeated: bool = False
    stepped: bool = False
    scales: bool = True
    pure: frozenset[str] = frozenset()

    def carries_unit(self, parameter: str) -> bool:
        """Whether a parameter is in the unit of the number (money, days, share) or is pure."""
        return parameter not in self.pure

    @property
    def allowed(self) -> str:
        """What may be written, for an error message: ``{mean, sd} or two percentiles ...``."""
        if self.repeated:
            paired = "chance" in self.pure
            ways = ["a list of [value, chance] pairs" if paired else "a list of values"]
        else:
            left, right = "[]" if self.listed else "{}"
            ways = [left + ", ".join(form) + right for form in self.forms]
        if self.percentiles is not None:
            ways.append("two percentiles such as {p10, p90}")
        return " or ".join(ways)


# --- checks ---------------------------------------------------------------------------------------


def _check_order(form: Form, values: Own) -> None:
    """Refuse low, mode, high (or low, high) that do not rise; equal ones may stand."""
    last = len(form) - 1
    for i, j in [(0, last), *((k, k + 1) for k in range(last))]:
        if values[i] > values[j]:
            raise ValueError(
                f"{form[i]} {_short(values[i])} is above {form[j]} {_short(values[j])}; "
                f"write them in the order {_commas(form)}"
            )


def _check_within(low: float, high: float) -> Callable[[Form, Own], None]:
    """Check of a family that lives strictly between `low` and `high`."""
    share = high == 1.0
    where = f"above {_short(low)}" + (f" and below {_short(high)} (35 % is 0.35)" if share else "")

    def check(form: Form, values: Own) -> None:
        for name, value in zip(form, values, strict=True):
            if name in ("sd", "shape", "scale", "a", "b"):
                if value <= 0.0:
                    hint = f"; {_CERTAIN}" if name == "sd" else ""
                    raise ValueError(f"{name} {_short(value)} must be above 0{hint}")
            elif not low < value < high:
                raise ValueError(f"{name} {_short(value)} must be {where}")
        if percentile_rank(form[0]) is not None:
            both = f"{form[0]} and {form[1]} are"
            if percentile_rank(form[0]) == percentile_rank(form[1]):
                raise ValueError(f"{both} the same percentile")
            if math.isclose(values[0], values[1], rel_tol=CLOSEST):
                raise ValueError(f"{both} both {_short(values[0])}; {_CERTAIN}")
            _check_order(form, values)
        if share and form == ("mean", "sd"):
            limit = math.sqrt(values[0] * (1.0 - values[0]))
            if values[1] >= limit:
                raise ValueError(
                    f"sd {_short(values[1])} is too large for mean {_short(values[0])}: "
                    f"between 0 and 1 it must be below {limit:.4g}"
                )

    return check


def _check_chances(form: Form, values: Own) -> None:
    seen: set[float] = set()
    for value, chance in zip(values[::2], values[1::2], strict=True):
        if chance < 0.0:
            raise ValueError(f"chance {_short(chance)} of value {_short(value)} is below 0")
        if value in seen:
            twice = f"value {_short(value)} is written twice"
            raise ValueError(f"{twice}; write it once, chances added up")
        seen.add(value)
    total = math.fsum(values[1::2])
    if abs(total - 1.0) > CHANCE_TOLERANCE:
        raise ValueError(f"the chances add up to {_short(total)}, not 1")


# --- arithmetic: own parameters, then curves ------------------------------------------------------


def _same(*values: float) -> Own:
    return values


def _lognormal_moments(mean: float, sd: float) -> Own:
    spread = math.sqrt(math.log1p((sd / mean) ** 2))
    return _middle_and_spread(math.log(mean) - spread * spread / 2.0, spread)


def _beta_moments(mean: float, sd: float) -> Own:
    size = mean * (1.0 - mean) / sd**2 - 1.0
    return mean * size, (1.0 - mean) * size


def _middle_and_spread(middle: float, spread: float) -> Own:
    if spread <= 0.0:
        raise ArithmeticError("the spread is lost in rounding")
    return middle, spread


def _discrete(*values: float) -> Own:
    pairs = sorted((v, c) for v, c in zip(values[::2], values[1::2], strict=True) if c > 0.0)
    upto = [min(total, 1.0) for total in accumulate(chance for _, chance in pairs)]
    # The last step ends at 1 exactly, so that no uniform falls past it.
    return (*(value for value, _ in pairs), *upto[:-1], 1.0)


def _empirical(*values: float) -> Own:
    return (*sorted(values), *((k + 1) / len(values) for k in range(len(values))))


def _normal_fit(one: Point, two: Point) -> Own:
    from statistics import NormalDist

    z1, z2 = (NormalDist().inv_cdf(chance) for chance in (one[0], two[0]))
    middle = (one[1] * z2 - two[1] * z1) / (z2 - z1)
    return _middle_and_spread(middle, (two[1] - one[1]) / (z2 - z1))


def _lognormal_fit(one: Point, two: Point) -> Own:
    return _normal_fit((one[0], math.log(one[1])), (two[0], math.log(two[1])))


def _logitnormal_fit(one: Point, two: Point) -> Own:
    own = _normal_fit(*((p, math.log(x) - math.log1p(-x)) for p, x in (one, two)))
    if own[1] > WIDEST_LOGIT:
        raise ArithmeticError("practically all of it is 0 or 1")
    return own


def _weibull_fit(one: Point, two: Point) -> Own:
    y1, y2 = (-math.log1p(-chance) for chance in (one[0], two[0]))
    shape = math.log(y2 / y1) / math.log(two[1] / one[1])
    return shape, one[1] / y1 ** (1.0 / shape)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function of a logarithm is nil: exp of the root."""
    from scipy.optimize import brentq

    if not function(low) < 0.0 < function(high):
        raise ArithmeticError("no root")
    return math.exp(brentq(function, low, high, xtol=1e-14, maxiter=500))


def _hits(cdf: Callable[[float], float], points: tuple[Point, Point]) -> None:
    if any(abs(cdf(x) - chance) > 1e-10 for chance, x in points):
        raise ArithmeticError("the search did not come to the percentiles")


def _gamma_fit(one: Point, two: Point) -> Own:
    """For each shape one scale gives the first percentile; the second rises with the shape."""
    from scipy.special import gammainc, gammaincinv

    def miss(log_shape: float) -> float:
        shape = math.exp(log_shape)
        at = float(gammaincinv(shape, one[0])) * (two[1] / one[1])
        return float(gammainc(shape, at)) - two[0]

    shape = _root(miss, -14.0, 27.0)
    scale = one[1] / float(gammaincinv(shape, one[0]))
    _hits(lambda x: float(gammainc(shape, x / scale)), (one, two))
    return shape, scale


def _beta_fit(one: Point, two: Point) -> Own:
    """For each a one b gives the first percentile; the chance below the second rises with a."""
    from scipy.special import betainc

    def other(a: float) -> float:
        ratio = _root(lambda r: float(betainc(a, a * math.exp(r), one[1]) - one[0]), -45.0, 45.0)
        return a * ratio

    def miss(log_a: float) -> float:
        a = math.exp(log_a)
        return float(betainc(a, other(a), two[1]) - two[0])

    a = _root(miss, -12.0, 23.0)
    b = other(a)
    _hits(lambda x: float(betainc(a, b, x)), (one, two))
    return a, b


def _steps(own: Own) -> tuple[Array, Array]:
    import numpy as np

    values, upto = np.asarray(own, dtype=np.float64).reshape(2, -1)
    return values, upto


def _step_ppf(own: Own, u: Array) -> Array:
    import numpy as np

    values, upto = _steps(own)
    return values[np.minimum(np.searchsorted(upto, u, side="right"), len(values) - 1)]


def _step_cdf(own: Own, x: Array) -> Array:
    import numpy as np

    values, upto = _steps(own)
    return np.concatenate([[0.0], upto])[np.searchsorted(values, x, side="right")]


def _step_mean(own: Own) -> float:
    half = len(own) // 2
    if own[0] == own[half - 1]:
        return own[0]
    ends = (0.0, *own[half:])
    return math.fsum(own[k] * (ends[k + 1] - ends[k]) for k in range(half))


def _step_support(own: Own) -> tuple[float, float]:
    return own[0], own[len(own) // 2 - 1]


def _between(own: Own, part: Array) -> Array:
    """Part of the way from the low to the high end; rounding does not carry it past the end."""
    import numpy as np

    return np.minimum(own[0] + (own[-1] - own[0]) * part, own[-1])


def _uniform_cdf(own: Own, x: Array) -> Array:
    import numpy as np

    low, high = own
    return np.clip((x - low) / (high - low), 0.0, 1.0)


def _triangular_ppf(own: Own, u: Array) -> Array:
    import numpy as np

    low, mode, high = own
    width = high - low
    # Kept on its own side of the mode, so that rounding cannot make it fall there.
    left = np.minimum(low + np.sqrt(u * (width * (mode - low))), mode)
    right = np.maximum(high - np.sqrt((1.0 - u) * (width * (high - mode))), mode)
    return np.where(u < (mode - low) / width, left, right)


def _triangular_cdf(own: Own, x: Array) -> Array:
    import numpy as np

    low, mode, high = own
    rise, fall = mode - low, high - mode
    x = np.clip(x, low, high)
    left = (x - low) ** 2 / ((high - low) * (rise if rise > 0.0 else 1.0))
    right = 1.0 - (high - x) ** 2 / ((high - low) * (fall if fall > 0.0 else 1.0))
    return np.where(x < mode, left, right)


def _pert_shapes(own: Own) -> Own:
    """Beta shapes for weight 4 on the mode.

    The mean (low + 4 mode + high) / 6 is that of Malcolm, Roseboom, Clark and Fazar (1959),
    Operations Research 7(5); the shapes are those of Vose (2008), Risk Analysis, 3rd edition.
    """
    low, mode, high = own
    width = high - low
    return 1.0 + 4.0 * ((mode - low) / width), 1.0 + 4.0 * ((high - mode) / width)


def _pert_ppf(own: Own, u: Array) -> Array:
    return _between(own, _beta_ppf(_pert_shapes(own), u))


def _pert_cdf(own: Own, x: Array) -> Array:
    return _beta_cdf(_pert_shapes(own), (x - own[0]) / (own[2] - own[0]))


def _normal_ppf(own: Own, u: Array) -> Array:
    from scipy.special import ndtri

    return own[0] + own[1] * ndtri(u)


def _normal_cdf(own: Own, x: Array) -> Array:
    from scipy.special import ndtr

    return ndtr((x - own[0]) / own[1])


def _lognormal_ppf(own: Own, u: Array) -> Array:
    import numpy as np

    return np.exp(_normal_ppf(own, u))


def _lognormal_cdf(own: Own, x: Array) -> Array:
    import numpy as np

    with np.errstate(divide="ignore"):
        return _normal_cdf(own, np.log(np.maximum(x, 0.0)))


def _logitnormal_ppf(own: Own, u: Array) -> Array:
    from scipy.special import expit

    return expit(_normal_ppf(own, u))


def _logitnormal_cdf(own: Own, x: Array) -> Array:
    import numpy as np
    from scipy.special import logit

    return _normal_cdf(own, logit(np.clip(x, 0.0, 1.0)))


def _logitnormal_mean(own: Own) -> float:
    """By the trapezium rule over z in -9..9.

    There is no closed form. The integrand's nearest pole is pi / spread away from the real line, so
    this step leaves an error near exp(-2 pi * pi / 0.45), below rounding.
    """
    step = min(0.1, 0.45 / own[1])
    top = bottom = 0.0
    for k in range(-math.ceil(9.0 / step), math.ceil(9.0 / step) + 1):
        weight = math.exp(-((k * step) ** 2) / 2.0)
        at = own[0] + own[1] * k * step
        small = math.exp(-abs(at))
        top += weight * (1.0 if at >= 0.0 else small) / (1.0 + small)
        bottom += weight
    return top / bottom


def _beta_ppf(own: Own, u: Array) -> Array:
    from scipy.special import betaincinv

    return betaincinv(own[0], own[1], u)


def _beta_cdf(own: Own, x: Array) -> Array:
    import numpy as np
    from scipy.special import betainc

    return betainc(own[0], own[1], np.clip(x, 0.0, 1.0))


def _gamma_ppf(own: Own, u: Array) -> Array:
    import numpy as np
    from scipy.special import gammaincinv

    return own[1] * np.asarray(gammaincinv(own[0], u), dtype=np.float64)


def _gamma_cdf(own: Own, x: Array) -> Array:
    import numpy as np
    from scipy.special import gammainc

    return np.asarray(gammainc(own[0], np.maximum(x, 0.0) / own[1]), dtype=np.float64)


def _weibull_ppf(own: Own, u: Array) -> Array:
    import numpy as np

    with np.errstate(divide="ignore"):
        return own[1] * (-np.log1p(-u)) ** (1.0 / own[0])


def _weibull_cdf(own: Own, x: Array) -> Array:
    import numpy as np

    with np.errstate(over="ignore"):
        return -np.expm1(-((np.maximum(x, 0.0) / own[1]) ** own[0]))


def _weibull_mean(own: Own) -> float:
    return own[1] * math.gamma(1.0 + 1.0 / own[0])


# --- the table ------------------------------------------------------------------------------------

_INF = math.inf

_FAMILIES = (
    Family(
        name="fixed", doc="One number, certain.",
        forms={("value",): lambda value: (value, 1.0)}, check=lambda form, values: None,
        listed=True, stepped=True,
        ppf=_step_ppf, cdf=_step_cdf, mean=_step_mean, support=_step_support,
    ),
    Family(
        name="uniform", doc="Any value between two ends, all equally likely.",
        forms={("low", "high"): _same}, check=_check_order, listed=True,
        ppf=_between, cdf=_uniform_cdf,
        mean=lambda own: own[0] + (own[1] - own[0]) / 2.0, support=lambda own: (own[0], own[-1]),
    ),
    Family(
        name="triangular",
        doc="Between two ends, most likely at the mode, falling in straight lines to both.",
        forms={("low", "mode", "high"): _same}, check=_check_order, listed=True,
        ppf=_triangular_ppf, cdf=_triangular_cdf,
        mean=lambda own: own[0] + ((own[1] - own[0]) + (own[2] - own[0])) / 3.0,
        support=lambda own: (own[0], own[-1]),
    ),
    Family(
        name="pert",
        doc="Between two ends, most likely at the mode, smooth, with weight 4 on the mode.",
        forms={("low", "mode", "high"): _same}, check=_check_order, listed=True,
        ppf=_pert_ppf, cdf=_pert_cdf,
        mean=lambda own: own[0] + (4.0 * (own[1] - own[0]) + (own[2] - own[0])) / 6.0,
        support=lambda own: (own[0], own[-1]),
    ),
    Family(
        name="normal", doc="The bell curve; it has no ends.",
        forms={("mean", "sd"): _same}, check=_check_within(-_INF, _INF), percentiles=_normal_fit,
        ppf=_normal_ppf, cdf=_normal_cdf,
        mean=lambda own: own[0], support=lambda own: (-_INF, _INF),
    ),
    Family(
        name="lognormal",
        doc="Above 0 with a long right tail: its logarithm is normal. mean and sd are its own.",
        forms={("mean", "sd"): _lognormal_moments}, check=_check_within(0.0, _INF),
        percentiles=_lognormal_fit,
        ppf=_lognormal_ppf, cdf=_lognormal_cdf,
        mean=lambda own: math.exp(own[0] + own[1] ** 2 / 2.0), support=lambda own: (0.0, _INF),
    ),
    Family(
        name="logitnormal", doc="A share between 0 and 1: the logarithm of its odds is normal.",
        forms={}, check=_check_within(0.0, 1.0), percentiles=_logitnormal_fit, scales=False,
        ppf=_logitnormal_ppf, cdf=_logitnormal_cdf,
        mean=_logitnormal_mean, support=lambda own: (0.0, 1.0),
    ),
    Family(
        name="beta", doc="A share between 0 and 1, as after a successes and b failures.",
        forms={("mean", "sd"): _beta_moments, ("a", "b"): _same}, check=_check_within(0.0, 1.0),
        percentiles=_beta_fit, scales=False, pure=frozenset({"a", "b"}),
        ppf=_beta_ppf, cdf=_beta_cdf,
        mean=lambda own: own[0] / (own[0] + own[1]), support=lambda own: (0.0, 1.0),
    ),
    Family(
        name="gamma", doc="Above 0, skewed to the right.",
        forms={
            ("mean", "sd"): lambda mean, sd: ((mean / sd) ** 2, sd * (sd / mean)),
            ("shape", "scale"): _same,
        },
        check=_check_within(0.0, _INF), percentiles=_gamma_fit, pure=frozenset({"shape"}),
        ppf=_gamma_ppf, cdf=_gamma_cdf,
        mean=lambda own: own[0] * own[1], support=lambda own: (0.0, _INF),
    ),
    Family(
        name="exponential", doc="A wait whose end is equally near at every moment.",
        forms={("mean",): lambda mean: (1.0, mean)}, check=_check_within(0.0, _INF),
        ppf=_weibull_ppf, cdf=_weibull_cdf, mean=_weibull_mean, support=lambda own: (0.0, _INF),
    ),
    Family(
        name="weibull",
        doc="A wait whose end grows nearer with time (shape above 1) or less near (below 1).",
        forms={
            ("shape", "scale"): _same,
            ("mean", "shape"): lambda mean, shape: (shape, mean / math.gamma(1.0 + 1.0 / shape)),
        },
        check=_check_within(0.0, _INF), percentiles=_weibull_fit, pure=frozenset({"shape"}),
        ppf=_weibull_ppf, cdf=_weibull_cdf, mean=_weibull_mean, support=lambda own: (0.0, _INF),
    ),
    Family(
        name="discrete", doc="Single values, each with its chance.",
        forms={("value", "chance"): _discrete}, check=_check_chances,
        repeated=True, stepped=True, pure=frozenset({"chance"}),
        ppf=_step_ppf, cdf=_step_cdf, mean=_step_mean, support=_step_support,
    ),
    Family(
        name="empirical", doc="Values that were observed, each as likely as any other.",
        forms={("value",): _empirical}, check=lambda form, values: None,
        repeated=True, stepped=True,
        ppf=_step_ppf, cdf=_step_cdf, mean=_step_mean, support=_step_support,
    ),
)  # fmt: skip

DISTRIBUTIONS: Mapping[str, Family] = {family.name: family for family in _FAMILIES}
"""Every kind of distribution by name: the only place to add one."""


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
        """Expected value, in the unit of the number."""
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
        low, high = self.support
        return low == high

    def scaled(self, k: float) -> Distribution:
        """Distribution of k times the variable.

        Parameters
        ----------
        k : float
            Above 0.

        Returns
        -------
        Distribution
            The same family and form, with the parameters that carry the unit times `k`.

        Raises
        ------
        ValueError
            If `k` is not above 0, or the family lives on 0 to 1 and `k` is not 1.

        """
        family = DISTRIBUTIONS[self.family]
        k = _number("the factor", k)
        if k <= 0.0:
            raise ValueError(f"the factor {_short(k)} must be above 0")
        if k == 1.0:
            return self
        if not family.scales:
            raise ValueError(f"a {self.family} lies between 0 and 1 and cannot be scaled")
        values = (
            value * k if family.carries_unit(name) else value
            for name, value in zip(self.form, self.values, strict=True)
        )
        return Distribution(self.family, self.form, tuple(values))


@lru_cache(maxsize=1024)
def _resolve(family: str, form: Form, values: Own) -> tuple[Family, Own]:
    """Check what was written and turn it into own parameters, once for each distribution."""
    kind = _family(family)
    ranks = [percentile_rank(name) for name in form]
    first = next(iter(kind.forms), ())
    by_percentiles = kind.percentiles is not None and len(form) == 2 and None not in ranks
    repeated = kind.repeated and len(form) > 0 and form == first * (len(form) // len(first))
    if len(form) != len(values) or not (form in kind.forms or repeated or by_percentiles):
        raise ValueError(f"{family} cannot be given by {_commas(form)}; it takes {kind.allowed}")
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
        usable = all(math.isfinite(x) for x in (*own, kind.mean(own)))
    except ArithmeticError:
        usable = False
    if not usable:
        said = ", ".join(f"{name} {_short(x)}" for name, x in zip(form, values, strict=True))
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
        a list of (value, chance) pairs; for `empirical` a list of values.

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
    named = {f"p{_short(_number('a percentile', rank))}": x for rank, x in percentiles.items()}
    return make("logitnormal" if share else "lognormal" if positive else "normal", named)


def _family(name: str) -> Family:
    if name in DISTRIBUTIONS:
        return DISTRIBUTIONS[name]
    near = difflib.get_close_matches(name, DISTRIBUTIONS, n=1)
    hint = f"; did you mean {near[0]}" if near else ""
    raise ValueError(f"no distribution is called {name!r}{hint}; known: {_commas(DISTRIBUTIONS)}")


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
        said = f"{kind.name} cannot be given by {_commas(given) or 'nothing'}"
    else:
        said = f"{kind.name} has no parameter {_commas(unknown)}"
    raise ValueError(f"{said}; it takes {kind.allowed}")


# --- waiting times in whole days ------------------------------------------------------------------


def day_table(distribution: Distribution, days: int) -> Array:
    """Cumulative chances of a waiting time that is rounded to whole days, halves upwards.

    Parameters
    ----------
    distribution : Distribution
        The waiting time in days. What lies below 0 counts as day 0.
    days : int
        Length of the table, at least 1: the wait counts as never from this day on.

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
    family, own = distribution._resolved
    if family.stepped:
        values, upto = _steps(own)
        return np.concatenate([[0.0], upto])[np.searchsorted(values, half_past, side="left")]
    # Special functions may fall by a rounding error between neighbours; a search must not see it.
    return np.maximum.accumulate(distribution.cdf(half_past))


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
