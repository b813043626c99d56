"""The families of distributions: one row each of what may be written and how it is checked.

In: names and values of parameters as written. Out: the table `DISTRIBUTIONS`, and sentences on what
is wrong. Not here: the curves themselves (`curves`), one distribution (`distributions`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sibsim import curves, survival
from sibsim.curves import Own, Point
from sibsim.writing import PERIOD_DAYS

if TYPE_CHECKING:
    from sibsim.curves import Array

Form: TypeAlias = tuple[str, ...]
"""Names of the parameters as written, in order."""

CHANCE_TOLERANCE = 1e-9
"""How far the chances of a discrete distribution may add up to something other than 1."""
CLOSEST = 1e-9
"""Two percentiles nearer than this, relatively, are one number: rounding would hide the spread."""
_CERTAIN = "for a number that is certain, write the plain number"


def percentile_rank(name: str) -> float | None:
    """Rank that a parameter's name stands for: 10.0 for ``p10``, None if it is no percentile."""
    match = re.fullmatch(r"p(\d+(?:\.\d+)?)", name, flags=re.ASCII)
    rank = None if match is None else float(match[1])
    return rank if rank is not None and 0.0 < rank < 100.0 else None


def short(value: float) -> str:
    """A number in few digits, for a sentence."""
    return f"{value:.12g}"


def commas(names: Any) -> str:
    """Names with commas between them."""
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
    waits : bool
        Only a waiting time may have it: some may never get there, and its mean be infinite.
    written : str
        What may be written, where the names of the parameters do not say it.
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
    waits: bool = False
    written: str = ""
    pure: frozenset[str] = frozenset()

    @property
    def paired(self) -> bool:
        """Whether it is written as pairs, each a value and what stands beside it."""
        return self.repeated and len(next(iter(self.forms))) > 1

    def carries_unit(self, parameter: str) -> bool:
        """Whether a parameter is in the unit of the number (money, days, share) or is pure."""
        return parameter not in self.pure

    @property
    def allowed(self) -> str:
        """What may be written, for an error message: ``{mean, sd} or two percentiles ...``."""
        if self.written:
            ways = [self.written]
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
                f"{form[i]} {short(values[i])} is above {form[j]} {short(values[j])}; "
                f"write them in the order {commas(form)}"
            )


def _check_within(low: float, high: float) -> Callable[[Form, Own], None]:
    """Check of a family that lives strictly between `low` and `high`."""
    share = high == 1.0
    where = f"above {short(low)}" + (f" and below {short(high)} (35 % is 0.35)" if share else "")

    def check(form: Form, values: Own) -> None:
        for name, value in zip(form, values, strict=True):
            if name in ("sd", "shape", "scale", "a", "b"):
                if value <= 0.0:
                    hint = f"; {_CERTAIN}" if name == "sd" else ""
                    raise ValueError(f"{name} {short(value)} must be above 0{hint}")
            elif not low < value < high:
                raise ValueError(f"{name} {short(value)} must be {where}")
        if percentile_rank(form[0]) is not None:
            both = f"{form[0]} and {form[1]} are"
            if percentile_rank(form[0]) == percentile_rank(form[1]):
                raise ValueError(f"{both} the same percentile")
            if math.isclose(values[0], values[1], rel_tol=CLOSEST):
                raise ValueError(f"{both} both {short(values[0])}; {_CERTAIN}")
            _check_order(form, values)
        if share and form == ("mean", "sd"):
            limit = math.sqrt(values[0] * (1.0 - values[0]))
            if values[1] >= limit:
                raise ValueError(
                    f"sd {short(values[1])} is too large for mean {short(values[0])}: "
                    f"between 0 and 1 it must be below {limit:.4g}"
                )

    return check


def _check_chances(form: Form, values: Own) -> None:
    seen: set[float] = set()
    for value, chance in zip(values[::2], values[1::2], strict=True):
        if chance < 0.0:
            raise ValueError(f"chance {short(chance)} of value {short(value)} is below 0")
        if value in seen:
            twice = f"value {short(value)} is written twice"
            raise ValueError(f"{twice}; write it once, chances added up")
        seen.add(value)
    total = math.fsum(values[1::2])
    if abs(total - 1.0) > CHANCE_TOLERANCE:
        raise ValueError(f"the chances add up to {short(total)}, not 1")


def _with_mean(median: float, shape: float) -> Own:
    if shape <= 1.0:
        raise ValueError(
            f"shape {shape:.4g} makes a wait with no mean; take a shape above one, or a lognormal"
        )
    return median, shape


def _check_times(times: Own) -> None:
    """Refuse times that do not rise from the beginning on."""
    for before, time in zip((-1.0, *times), times, strict=False):
        if time < 0.0 or time <= before:
            raise ValueError(f"{short(time)} does not come after what stands before it")


def _check_hazard(form: Form, values: Own) -> None:
    times, shares, periods = values[::3], values[1::3], values[2::3]
    _check_times(times)
    if times[0] != 0.0:
        raise ValueError(f"the first piece begins at {short(times[0])}; it must begin at 0 days")
    for time, share, per in zip(times, shares, periods, strict=True):
        if not 0.0 <= share < 1.0:
            raise ValueError(f"the share from {short(time)} on must be from 0% to below 100%")
        if per not in PERIOD_DAYS.values():
            raise ValueError(f"{short(per)} days are not a {' or '.join(PERIOD_DAYS)}")
    if not any(shares):
        raise ValueError("all shares are 0%, so nobody ever gets there; write one above 0%")


def _check_survival(form: Form, values: Own) -> None:
    fault = survival.fault(list(zip(values[::2], values[1::2], strict=True)))
    if fault is not None:
        raise ValueError(f"at {short(values[2 * fault[0]])}: {fault[1]}")


# --- the table ------------------------------------------------------------------------------------

_INF = math.inf

_FAMILIES = (
    Family(
        name="fixed", doc="One number, certain.",
        forms={("value",): lambda value: (value, 1.0)}, check=lambda form, values: None,
        listed=True, stepped=True,
        ppf=curves.step_ppf, cdf=curves.step_cdf, mean=curves.step_mean,
        support=curves.step_support,
    ),
    Family(
        name="uniform", doc="Any value between two ends, all equally likely.",
        forms={("low", "high"): curves.same}, check=_check_order, listed=True,
        ppf=curves.between, cdf=curves.uniform_cdf,
        mean=lambda own: own[0] + (own[1] - own[0]) / 2.0, support=lambda own: (own[0], own[-1]),
    ),
    Family(
        name="triangular",
        doc="Between two ends, most likely at the mode, falling in straight lines to both.",
        forms={("low", "mode", "high"): curves.same}, check=_check_order, listed=True,
        ppf=curves.triangular_ppf, cdf=curves.triangular_cdf,
        mean=lambda own: own[0] + ((own[1] - own[0]) + (own[2] - own[0])) / 3.0,
        support=lambda own: (own[0], own[-1]),
    ),
    Family(
        name="pert",
        doc="Between two ends, most likely at the mode, smooth, with weight 4 on the mode.",
        forms={("low", "mode", "high"): curves.same}, check=_check_order, listed=True,
        ppf=curves.pert_ppf, cdf=curves.pert_cdf,
        mean=lambda own: own[0] + (4.0 * (own[1] - own[0]) + (own[2] - own[0])) / 6.0,
        support=lambda own: (own[0], own[-1]),
    ),
    Family(
        name="normal", doc="The bell curve; it has no ends.",
        forms={("mean", "sd"): curves.same}, check=_check_within(-_INF, _INF),
        percentiles=curves.normal_fit,
        ppf=curves.normal_ppf, cdf=curves.normal_cdf,
        mean=lambda own: own[0], support=lambda own: (-_INF, _INF),
    ),
    Family(
        name="lognormal",
        doc="Above 0 with a long right tail: its logarithm is normal. mean and sd are its own.",
        forms={("mean", "sd"): curves.lognormal_moments}, check=_check_within(0.0, _INF),
        percentiles=curves.lognormal_fit,
        ppf=curves.lognormal_ppf, cdf=curves.lognormal_cdf,
        mean=lambda own: math.exp(own[0] + own[1] ** 2 / 2.0), support=lambda own: (0.0, _INF),
    ),
    Family(
        name="logitnormal", doc="A share between 0 and 1: the logarithm of its odds is normal.",
        forms={}, check=_check_within(0.0, 1.0), percentiles=curves.logitnormal_fit,
        ppf=curves.logitnormal_ppf, cdf=curves.logitnormal_cdf,
        mean=curves.logitnormal_mean, support=lambda own: (0.0, 1.0),
    ),
    Family(
        name="beta", doc="A share between 0 and 1, as after a successes and b failures.",
        forms={("mean", "sd"): curves.beta_moments, ("a", "b"): curves.same},
        check=_check_within(0.0, 1.0),
        percentiles=curves.beta_fit, pure=frozenset({"a", "b"}),
        ppf=curves.beta_ppf, cdf=curves.beta_cdf,
        mean=lambda own: own[0] / (own[0] + own[1]), support=lambda own: (0.0, 1.0),
    ),
    Family(
        name="gamma", doc="Above 0, skewed to the right.",
        forms={
            ("mean", "sd"): lambda mean, sd: ((mean / sd) ** 2, sd * (sd / mean)),
            ("shape", "scale"): curves.same,
        },
        check=_check_within(0.0, _INF), percentiles=curves.gamma_fit, pure=frozenset({"shape"}),
        ppf=curves.gamma_ppf, cdf=curves.gamma_cdf,
        mean=lambda own: own[0] * own[1], support=lambda own: (0.0, _INF),
    ),
    Family(
        name="exponential", doc="A wait whose end is equally near at every moment.",
        forms={("mean",): lambda mean: (1.0, mean)}, check=_check_within(0.0, _INF),
        ppf=curves.weibull_ppf, cdf=curves.weibull_cdf, mean=curves.weibull_mean,
        support=lambda own: (0.0, _INF),
    ),
    Family(
        name="weibull",
        doc="A wait whose end grows nearer with time (shape above 1) or less near (below 1).",
        forms={
            ("shape", "scale"): curves.same,
            ("mean", "shape"): lambda mean, shape: (shape, mean / math.gamma(1.0 + 1.0 / shape)),
        },
        check=_check_within(0.0, _INF), percentiles=curves.weibull_fit, pure=frozenset({"shape"}),
        ppf=curves.weibull_ppf, cdf=curves.weibull_cdf, mean=curves.weibull_mean,
        support=lambda own: (0.0, _INF),
    ),
    Family(
        name="loglogistic",
        doc="A wait whose end grows nearer and then less near, with a long tail; shape above 1.",
        forms={("median", "shape"): _with_mean}, check=_check_within(0.0, _INF),
        percentiles=lambda one, two: _with_mean(*curves.loglogistic_fit(one, two)),
        pure=frozenset({"shape"}),
        ppf=curves.loglogistic_ppf, cdf=curves.loglogistic_cdf, mean=curves.loglogistic_mean,
        support=lambda own: (0.0, _INF),
    ),
    Family(
        name="hazard",
        doc="For waits only: from each time on, the share of those left who get there in a "
        "period. After a last share of 0% the others never do.",
        forms={("from", "share", "per"): survival.hazard}, check=_check_hazard,
        repeated=True, waits=True, pure=frozenset({"share", "per"}),
        written="{0 days: 20% a month, 90 days: 5% a month}",
        ppf=survival.hazard_ppf, cdf=survival.hazard_cdf, mean=survival.hazard_mean,
        support=survival.hazard_support,
    ),
    Family(
        name="kaplan_meier",
        doc="For waits only: a survival curve, the share not there yet from each time on, here or "
        "in a CSV file. What is left at its end never gets there.",
        forms={("time", "survival"): survival.own_steps}, check=_check_survival,
        repeated=True, stepped=True, waits=True, pure=frozenset({"survival"}),
        written="{0 days: 100%, 30 days: 90%} or {file: curve.csv}",
        ppf=survival.ppf, cdf=curves.step_cdf, mean=survival.mean,
        support=survival.support,
    ),
    Family(
        name="discrete", doc="Single values, each with its chance.",
        forms={("value", "chance"): curves.discrete}, check=_check_chances,
        repeated=True, stepped=True, written="a list of [value, chance] pairs",
        pure=frozenset({"chance"}),
        ppf=curves.step_ppf, cdf=curves.step_cdf, mean=curves.step_mean,
        support=curves.step_support,
    ),
    Family(
        name="empirical", doc="Values that were observed, each as likely as any other.",
        forms={("value",): curves.empirical}, check=lambda form, values: None,
        repeated=True, stepped=True, written="a list of values",
        ppf=curves.step_ppf, cdf=curves.step_cdf, mean=curves.step_mean,
        support=curves.step_support,
    ),
)  # fmt: skip

DISTRIBUTIONS: Mapping[str, Family] = {family.name: family for family in _FAMILIES}
"""Every kind of distribution by name: the only place to add one."""
