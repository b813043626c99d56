"""Published results in, published payments out: does the contract give what was really paid?

In: a deal with a `backtest` section. Out: computed against published, line by line. Not
here: chance; a back-test draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sibsim.contract.evidence import Count
from sibsim.contract.pay import pay_counts
from sibsim.contract.terms import PerOutcome
from sibsim.errors import UsageError
from sibsim.quantities import Quantity
from sibsim.rounding import pence
from sibsim.scenario.deal import Scenario
from sibsim.writing import money_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class BacktestRow:
    """One payment term: observed claims or result, and both payments in minor units.

    `price` is None where bands are paid, `result` None where claims are counted; `results` are
    those of a reward's measures. `computed` is before the caps on the whole contract, like a line
    of a rate card; `published` is None where no figure is published for the line.
    """

    name: str
    label: str
    units: int
    price: int | None
    computed: int
    published: int | None
    result: float | None = None
    results: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """A back-test, all money in minor units.

    Attributes
    ----------
    rows : tuple of BacktestRow
    gross : int
        What the claims come to.
    cut : int
        What the caps take.
    computed, published, tolerance : int
    currency, source : str
    """

    rows: tuple[BacktestRow, ...]
    gross: int
    cut: int
    computed: int
    published: int
    tolerance: int
    currency: str
    source: str

    @property
    def difference(self) -> int:
        """Computed less published."""
        return self.computed - self.published

    @property
    def passed(self) -> bool:
        """Whether the total, and every line that is published, is within the tolerance."""
        lines = [row.computed - row.published for row in self.rows if row.published is not None]
        return all(abs(gap) <= self.tolerance for gap in [self.difference, *lines])

    def frame(self) -> pd.DataFrame:
        """One row a line, money in major units."""
        import pandas as pd

        columns = ["units", "result", "price", "computed", "published"]
        data = [[r.units, r.result, *(self._major(x) for x in (r.price, r.computed, r.published))]
                for r in self.rows]  # fmt: skip
        return pd.DataFrame(data, index=[row.name for row in self.rows], columns=columns)

    def plain(self) -> dict[str, Any]:
        """For JSON, money in major units."""
        return {
            "lines": {
                r.name: {"units": r.units, "result": r.result,
                         **({"results": dict(r.results)} if r.results else {}),
                         "computed": self._major(r.computed),
                         "published": self._major(r.published)}
                for r in self.rows
            },
            **{key: self._major(getattr(self, key))
               for key in ("gross", "cut", "computed", "published", "difference", "tolerance")},
            "passed": self.passed,
        }  # fmt: skip

    def _major(self, amount: int | None) -> float | None:
        from sibsim.writing import CURRENCIES

        return None if amount is None else amount / 10 ** CURRENCIES[self.currency][1]

    def money(self, amount: int) -> str:
        """An amount in words of the currency."""
        return money_text(amount, self.currency)


def backtest(deal: Scenario) -> BacktestResult:
    """Feed a deal's observed claims through its contract and compare with what was paid.

    Raises
    ------
    UsageError
        If the deal has no `backtest` section.
    """
    test = deal.backtest
    if test is None:
        raise UsageError("backtest: this scenario has no `backtest` section")
    units: dict[str, int] = {}
    results: dict[str, NDArray[np.float64]] = {}
    credit: dict[str, NDArray[np.float64]] = {}
    for name, line in test.lines.items():
        if line.units is not None:
            units[name] = round(line.units.mean)
            results[name] = np.array([line.units.mean])
        if line.result is not None:
            results[name] = np.array([line.result.mean])
        for key, found in line.results.items():
            results[f"{name}.{key}"] = np.array([found.mean])
    for name, item in deal.contract.terms.items():
        if isinstance(item, PerOutcome) and item.evidence is not None:
            design = deal.evidence[item.evidence]
            assert isinstance(design, Count), "checked when the scenario was read"
            credit[name] = np.array([(1.0 - design.deadweight.mean) * design.attributed.mean])
    payments = pay_counts(deal.contract, units, results, credit)

    def whole(quantity: Quantity) -> int:
        return int(pence(quantity.mean))

    rows = []
    for place, (name, item) in enumerate(deal.contract.terms.items()):
        if name not in test.lines:
            continue
        stated, result = test.lines[name].published, test.lines[name].result
        price = getattr(item, "price", None)
        rows.append(
            BacktestRow(
                name, item.about.label or name, int(payments.claims[0, place]),
                None if price is None else whole(price), int(payments.owed[0, place]),
                None if stated is None else whole(stated), None if result is None else result.mean,
                {key: found.mean for key, found in test.lines[name].results.items()},
            )
        )  # fmt: skip
    return BacktestResult(
        tuple(rows), int(payments.owed.sum()), int(sum(cut[0] for cut in payments.cut.values())),
        int(payments.total.sum()), whole(test.published), whole(test.tolerance), deal.currency,
        test.about.source,
    )  # fmt: skip
