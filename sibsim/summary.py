"""Figures with their spread and their error.

In: metrics by trial. Out: mean, standard deviation, percentiles, Monte Carlo standard error, the
share of trials in which a metric is undefined, and the tails of what the parties earn. Not here:
the metrics themselves, printing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sibsim.errors import UsageError
from sibsim.metrics import measure
from sibsim.result import Result
from sibsim.risk import Tail, tail

if TYPE_CHECKING:
    import pandas as pd

PERCENTILES = (5, 25, 50, 75, 95)

HEADLINES = (
    "investor.irr", "investor.multiple", "investor.loss", "investor.peak_funding",
    "commissioner.payments", "commissioner.net_saving", "commissioner.net_cashable",
    "commissioner.saves", "provider.net", "provider.loss", "provider.peak_funding",
)  # fmt: skip
"""The metrics that comparisons print: investor, commissioner, provider."""

TAILS = ("investor.profit", "provider.net")
"""The metrics of which the worst trials are told."""


@dataclass(frozen=True)
class Figure:
    """One metric over all trials. Figures are NaN where no trial defines the metric.

    Attributes
    ----------
    unit, meaning : str
    mean, sd : float
        Over the trials in which the metric is defined; divisor n - 1.
    p05, p25, p50, p75, p95 : float
        Linear between order statistics.
    mcse : float
        Standard error of the mean: sd / sqrt(n).
    undefined_share : float
        Share of trials in which it is undefined.
    """

    unit: str
    meaning: str
    mean: float
    sd: float
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    mcse: float
    undefined_share: float


@dataclass(frozen=True)
class Summary:
    """Every metric of a result by dotted name.

    Attributes
    ----------
    figures : mapping of str to Figure
    trials, seed : int
    tails : mapping of str to Tail
        Value at risk and conditional value at risk, in the worst 5 % of trials, of `TAILS`.
    """

    figures: Mapping[str, Figure]
    trials: int
    seed: int
    tails: Mapping[str, Tail] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Figure:
        return self.figures[name]

    def frame(self) -> pd.DataFrame:
        """One row a metric."""
        import dataclasses

        import pandas as pd

        rows = {name: dataclasses.asdict(figure) for name, figure in self.figures.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric")

    def plain(self) -> dict[str, dict[str, Any]]:
        """For JSON: NaN as None."""
        return {
            name: {
                key: None if isinstance(value, float) and np.isnan(value) else value
                for key, value in vars(figure).items()
                if key != "meaning"
            }
            for name, figure in self.figures.items()
        }

    def plain_tails(self) -> dict[str, dict[str, Any]]:
        """The tails for JSON: NaN as None."""
        import dataclasses

        return {
            name: {k: None if np.isnan(v) else v for k, v in dataclasses.asdict(found).items()}
            for name, found in self.tails.items()
        }

    def _repr_html_(self) -> str:
        return str(self.frame().to_html(escape=True))


def figure(unit: str, meaning: str, values: NDArray[np.float64]) -> Figure:
    """Summarise one metric.

    Parameters
    ----------
    values : ndarray of float64, shape (trials,)
        NaN where undefined.
    """
    defined = values[~np.isnan(values)]
    n = len(defined)
    missing = 1.0 - n / len(values)
    if n == 0:
        defined = np.full(1, np.nan)
    mean = float(defined.mean())
    sd = float(defined.std(ddof=1)) if n > 1 else float("nan")
    p05, p25, p50, p75, p95 = (float(q) for q in np.percentile(defined, PERCENTILES))
    mcse = sd / float(np.sqrt(max(n, 1)))
    return Figure(unit, meaning, mean, sd, p05, p25, p50, p75, p95, mcse, missing)


def summarise(result: Result) -> Summary:
    """Every metric of a result with its spread and its error."""
    measured = measure(result)
    figures = {
        name: figure(metric.unit, metric.meaning, metric.values)
        for name, metric in measured.items()
    }
    tails = {name: tail(measured[name].values) for name in TAILS
             if result.deal.capital or not name.startswith("investor.")}  # fmt: skip
    return Summary(figures, result.trials, result.seed, tails)


@dataclass(frozen=True)
class Comparison:
    """Two results on the same people, trial by trial.

    Attributes
    ----------
    base, other : Summary
    differences : mapping of str to Figure
        Other less base in each trial; a trial counts where both are defined.
    """

    base: Summary
    other: Summary
    differences: Mapping[str, Figure]

    def frame(self) -> pd.DataFrame:
        """One row a metric: both means, the paired difference and its error."""
        import pandas as pd

        rows = {
            name: {
                "unit": difference.unit, "base": self.base[name].mean,
                "other": self.other[name].mean, "difference": difference.mean,
                "mcse": difference.mcse, "undefined_share": difference.undefined_share,
            }
            for name, difference in self.differences.items()
        }  # fmt: skip
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric")


def compare(base: Result, other: Result) -> Comparison:
    """Compare two results of the same luck, trial by trial.

    Raises
    ------
    UsageError
        If they have not the same seed and number of trials.
    """
    if (base.seed, base.trials) != (other.seed, other.trials):
        raise UsageError(
            "compare: the two results must have the same seed and number of trials: "
            f"{base.seed}, {base.trials} and {other.seed}, {other.trials}"
        )
    ours, theirs = measure(base), measure(other)
    differences = {
        name: figure(metric.unit, metric.meaning, theirs[name].values - metric.values)
        for name, metric in ours.items()
        if name in theirs and theirs[name].unit == metric.unit
    }
    return Comparison(summarise(base), summarise(other), differences)
