"""The curves of the distributions: arithmetic on their own parameters.

In: a family's own parameters, uniforms or values. Out: inverse distribution functions, distribution
functions, means, and parameters from moments or percentiles. Not here: what was written and whether
it may be (`families`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

Own: TypeAlias = tuple[float, ...]
"""A family's own parameters, the same whatever form was written."""
Point: TypeAlias = tuple[float, float]
"""A chance, and the value below which it lies."""

WIDEST_LOGIT = 1000.0
"""Largest spread of a logitnormal on the logit scale; its draws are practically all 0 or 1."""


def same(*values: float) -> Own:
    """Own parameters that are those written."""
    return values


def lognormal_moments(mean: float, sd: float) -> Own:
    """Own parameters of a lognormal distribution with a mean and a standard deviation."""
    spread = math.sqrt(math.log1p((sd / mean) ** 2))
    return _middle_and_spread(math.log(mean) - spread * spread / 2.0, spread)


def beta_moments(mean: float, sd: float) -> Own:
    """Own parameters of a beta distribution with a mean and a standard deviation."""
    size = mean * (1.0 - mean) / sd**2 - 1.0
    return mean * size, (1.0 - mean) * size


def _middle_and_spread(middle: float, spread: float) -> Own:
    if spread <= 0.0:
        raise ArithmeticError("the spread is lost in rounding")
    return middle, spread


def discrete(*values: float) -> Own:
    """Values in order, then the chance of at most each."""
    pairs = sorted((v, c) for v, c in zip(values[::2], values[1::2], strict=True) if c > 0.0)
    upto = [min(total, 1.0) for total in accumulate(chance for _, chance in pairs)]
    # The last step ends at 1 exactly, so that no uniform falls past it.
    return (*(value for value, _ in pairs), *upto[:-1], 1.0)


def empirical(*values: float) -> Own:
    """Values in order, each as likely as the others."""
    return (*sorted(values), *((k + 1) / len(values) for k in range(len(values))))


def normal_fit(one: Point, two: Point) -> Own:
    """Own parameters of a normal distribution through two percentiles."""
    from statistics import NormalDist

    z1, z2 = (NormalDist().inv_cdf(chance) for chance in (one[0], two[0]))
    middle = (one[1] * z2 - two[1] * z1) / (z2 - z1)
    return _middle_and_spread(middle, (two[1] - one[1]) / (z2 - z1))


def lognormal_fit(one: Point, two: Point) -> Own:
    """Own parameters of a lognormal distribution through two percentiles."""
    return normal_fit((one[0], math.log(one[1])), (two[0], math.log(two[1])))


def logitnormal_fit(one: Point, two: Point) -> Own:
    """Own parameters of a logitnormal distribution through two percentiles."""
    own = normal_fit(*((p, math.log(x) - math.log1p(-x)) for p, x in (one, two)))
    if own[1] > WIDEST_LOGIT:
        raise ArithmeticError("practically all of it is 0 or 1")
    return own


def weibull_fit(one: Point, two: Point) -> Own:
    """Own parameters of a weibull distribution through two percentiles."""
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


def gamma_fit(one: Point, two: Point) -> Own:
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


def beta_fit(one: Point, two: Point) -> Own:
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


def steps(own: Own) -> tuple[Array, Array]:
    """Values, and the chance of at most each."""
    import numpy as np

    values, upto = np.asarray(own, dtype=np.float64).reshape(2, -1)
    return values, upto


def step_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a distribution in steps."""
    import numpy as np

    values, upto = steps(own)
    return values[np.minimum(np.searchsorted(upto, u, side="right"), len(values) - 1)]


def step_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a distribution in steps."""
    import numpy as np

    values, upto = steps(own)
    return np.concatenate([[0.0], upto])[np.searchsorted(values, x, side="right")]


def step_mean(own: Own) -> float:
    """Mean of a distribution in steps."""
    half = len(own) // 2
    if own[0] == own[half - 1]:
        return own[0]
    ends = (0.0, *own[half:])
    return math.fsum(own[k] * (ends[k + 1] - ends[k]) for k in range(half))


def step_support(own: Own) -> tuple[float, float]:
    """Lowest and highest value of a distribution in steps."""
    return own[0], own[len(own) // 2 - 1]


def between(own: Own, part: Array) -> Array:
    """Part of the way from the low to the high end; rounding does not carry it past the end."""
    import numpy as np

    return np.minimum(own[0] + (own[-1] - own[0]) * part, own[-1])


def uniform_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a uniform distribution."""
    import numpy as np

    low, high = own
    return np.clip((x - low) / (high - low), 0.0, 1.0)


def triangular_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a triangular distribution."""
    import numpy as np

    low, mode, high = own
    width = high - low
    # Kept on its own side of the mode, so that rounding cannot make it fall there.
    left = np.minimum(low + np.sqrt(u * (width * (mode - low))), mode)
    right = np.maximum(high - np.sqrt((1.0 - u) * (width * (high - mode))), mode)
    return np.where(u < (mode - low) / width, left, right)


def triangular_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a triangular distribution."""
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


def pert_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a pert distribution."""
    return between(own, beta_ppf(_pert_shapes(own), u))


def pert_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a pert distribution."""
    return beta_cdf(_pert_shapes(own), (x - own[0]) / (own[2] - own[0]))


def normal_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a normal distribution."""
    from scipy.special import ndtri

    found: Array = own[0] + own[1] * ndtri(u)
    return found


def normal_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a normal distribution."""
    from scipy.special import ndtr

    found: Array = ndtr((x - own[0]) / own[1])
    return found


def lognormal_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a lognormal distribution."""
    import numpy as np

    return np.exp(normal_ppf(own, u))


def lognormal_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a lognormal distribution."""
    import numpy as np

    with np.errstate(divide="ignore"):
        return normal_cdf(own, np.log(np.maximum(x, 0.0)))


def logitnormal_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a logitnormal distribution."""
    from scipy.special import expit

    found: Array = expit(normal_ppf(own, u))
    return found


def logitnormal_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a logitnormal distribution."""
    import numpy as np
    from scipy.special import logit

    return normal_cdf(own, logit(np.clip(x, 0.0, 1.0)))


def logitnormal_mean(own: Own) -> float:
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


def beta_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a beta distribution."""
    from scipy.special import betaincinv

    found: Array = betaincinv(own[0], own[1], u)
    return found


def beta_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a beta distribution."""
    import numpy as np
    from scipy.special import betainc

    found: Array = betainc(own[0], own[1], np.clip(x, 0.0, 1.0))
    return found


def gamma_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a gamma distribution."""
    import numpy as np
    from scipy.special import gammaincinv

    return own[1] * np.asarray(gammaincinv(own[0], u), dtype=np.float64)


def gamma_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a gamma distribution."""
    import numpy as np
    from scipy.special import gammainc

    return np.asarray(gammainc(own[0], np.maximum(x, 0.0) / own[1]), dtype=np.float64)


def weibull_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a weibull distribution."""
    import numpy as np

    with np.errstate(divide="ignore"):
        return own[1] * (-np.log1p(-u)) ** (1.0 / own[0])


def weibull_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a weibull distribution."""
    import numpy as np

    with np.errstate(over="ignore"):
        return -np.expm1(-((np.maximum(x, 0.0) / own[1]) ** own[0]))


def weibull_mean(own: Own) -> float:
    """Mean of a weibull distribution."""
    return own[1] * math.gamma(1.0 + 1.0 / own[0])


def loglogistic_fit(one: Point, two: Point) -> Own:
    """Median and shape of a loglogistic distribution through two percentiles."""
    (z1, y1), (z2, y2) = ((math.log(p) - math.log1p(-p), math.log(x)) for p, x in (one, two))
    shape = (z2 - z1) / (y2 - y1)
    return math.exp(y1 - z1 / shape), shape


def loglogistic_ppf(own: Own, u: Array) -> Array:
    """Inverse distribution function of a loglogistic distribution."""
    import numpy as np
    from scipy.special import logit

    found: Array = own[0] * np.exp(logit(u) / own[1])
    return found


def loglogistic_cdf(own: Own, x: Array) -> Array:
    """Distribution function of a loglogistic distribution."""
    import numpy as np
    from scipy.special import expit

    with np.errstate(divide="ignore"):
        found: Array = expit(own[1] * np.log(np.maximum(x, 0.0) / own[0]))
    return found


def loglogistic_mean(own: Own) -> float:
    """Mean of a loglogistic distribution whose shape is above 1."""
    angle = math.pi / own[1]
    return own[0] * angle / math.sin(angle)
