"""Correlations that were asked for beside those that the trials show.

In: a result. Out: one row a named pair. Inputs are drawn again, which gives the same. Not here: the
copula (`sibsim.copula`), printing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sibsim.result import Result
from sibsim.scenario.variants import value_at
from sibsim.streams import Luck

if TYPE_CHECKING:
    import pandas as pd


def correlations(result: Result) -> pd.DataFrame:
    """The rank correlation of each pair that the deal names, as asked and as achieved.

    Achieved differs from asked by chance, by about 1 / sqrt(trials), and where a number has steps
    or is moved to the end of its range.

    Returns
    -------
    pandas.DataFrame
        Index ``correlation`` (its name); ``between``, ``and``, ``asked``, ``achieved``: Spearman's
        with mean ranks for ties, NaN where a number is the same in every trial.
    """
    import pandas as pd

    deal = result.deal
    drawn = deal.drawn(Luck(result.seed, 0, result.trials)) if deal.correlations else deal
    columns = {address: value_at(drawn, address).values for address in deal.correlated}
    ranks = pd.DataFrame(columns).rank()
    rows = [
        (name, *item.pair, item.rank.mean, _pearson(*(ranks[end] for end in item.pair)))
        for name, item in deal.correlations.items()
    ]
    frame = pd.DataFrame(rows, columns=["correlation", "between", "and", "asked", "achieved"])
    return frame.set_index("correlation")


def _pearson(one: pd.Series[float], other: pd.Series[float]) -> float:
    """NaN where one of them does not vary."""
    varies = one.nunique() > 1 and other.nunique() > 1
    return float(one.corr(other)) if varies else math.nan


def plain(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """For JSON: by name, NaN as None."""
    found: dict[str, dict[str, Any]] = {}
    for name, one, other, asked, achieved in frame.itertuples():
        share = None if math.isnan(achieved) else achieved
        found[name] = {"between": one, "and": other, "asked": asked, "achieved": share}
    return found


def said(frame: pd.DataFrame, trials: int) -> Iterator[str]:
    """One sentence a pair."""
    over = f"over {trials:,} trial{'' if trials == 1 else 's'}"
    for name, asked, achieved in zip(frame.index, frame["asked"], frame["achieved"], strict=True):
        found = "none can be reckoned" if math.isnan(achieved) else f"achieved {achieved:.2f}"
        yield f"correlation {name}: asked {asked:.2f}, {found} {over}"
