"""The facts of a run: every flow, count and saving, trial by trial.

In: tables of settled blocks. Out: `Result`, which every figure is read from. Not here: derived
figures (`metrics`), their spread (`summary`), pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sibsim.accounts.ledger import Entry, cash_flow, parties
from sibsim.errors import UsageError
from sibsim.rounding import Pence
from sibsim.scenario.deal import Scenario
from sibsim.writing import CURRENCIES

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.summary import Summary


@dataclass(frozen=True)
class Tables:
    """Facts by trial; money in whole minor units.

    Attributes
    ----------
    ledger : tuple of Entry
        Every flow, each amount of shape (trials, horizon).
    cash, unpaid : ndarray of int64, shape (trials, horizon)
        The vehicle's balance, and costs that it has not paid, at the end of each month.
    owed, paid, claims : ndarray of int64, shape (trials, terms)
        Before the caps; after them; number of claims.
    costs : mapping of str to ndarray of int64, shape (trials,)
        What each line of costs comes to, whoever bears it.
    cut : mapping of str to ndarray of int64, shape (trials,)
        What the caps took, by level.
    beside : mapping of str to ndarray of int64, shape (trials,)
        What floors add ("guaranteed"), deductions not recovered ("lapsed") and paid back, what
        nobody bears ("unmet").
    stop : ndarray of int64, shape (trials,)
        Month in which delivery ends early; the horizon if it does not.
    referred : ndarray of int64, shape (trials,)
        People.
    people : mapping of str to ndarray of int64, shape (trials,)
        People who started, left, are still in service, completed it, are waiting or gave up
        waiting when the contract ends; days waited by those who started.
    reached, otherwise : ndarray of int64, shape (trials, outcomes)
        People who reached each outcome with the service, and without it; or days, events, steps
        of a score, minutes.
    savings_month, cashable_month : ndarray of int64, shape (trials, horizon)
    present_savings, present_cashable : ndarray of float64, shape (trials, savings)
    present_payments, present_costs : ndarray of float64, shape (trials,)
        Present values in minor units at the start's prices; the costs are the commissioner's own.
    """

    ledger: tuple[Entry, ...]
    cash: Pence
    unpaid: Pence
    owed: Pence
    paid: Pence
    claims: Pence
    costs: Mapping[str, Pence]
    cut: Mapping[str, Pence]
    beside: Mapping[str, Pence]
    stop: Pence
    referred: Pence
    people: Mapping[str, Pence]
    reached: Pence
    otherwise: Pence
    savings_month: Pence
    cashable_month: Pence
    present_savings: NDArray[np.float64]
    present_cashable: NDArray[np.float64]
    present_payments: NDArray[np.float64]
    present_costs: NDArray[np.float64]

    @staticmethod
    def joined(parts: Iterable[Tables], trials: int) -> Tables:
        """The tables of all blocks, in order of trials: each is put in its place and let go.

        Parameters
        ----------
        trials : int
            Of all blocks together.
        """
        whole, done = None, 0
        for part in parts:
            if whole is None:
                whole = part.each(lambda a: np.empty((trials, *a.shape[1:]), a.dtype))
            following = done + len(part.referred)
            pieces = iter(part.arrays())
            for table in whole.arrays():
                table[done:following] = next(pieces)
            done = following
        assert whole is not None and done == trials
        return whole

    def arrays(self) -> list[NDArray[Any]]:
        """Every table there is, in a fixed order."""
        found: list[NDArray[Any]] = []

        def keep(array: NDArray[Any]) -> NDArray[Any]:
            found.append(array)
            return array

        self.each(keep)
        return found

    def each(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Tables:
        """The same with each table changed, whatever holds it."""
        made: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "ledger":
                made[item.name] = tuple(replace(e, amount=change(e.amount)) for e in value)
            elif isinstance(value, Mapping):
                made[item.name] = {key: change(array) for key, array in value.items()}
            else:
                made[item.name] = change(value)
        return Tables(**made)


@dataclass(frozen=True, slots=True)
class Stopping:
    """Why a run has as many trials as it has, if it was left to find out.

    Attributes
    ----------
    until : str
        The target, as it was written.
    metric : str
    limit, reached : float
        Of the metric's Monte Carlo standard error, in major units: what was asked for, and what
        it was in the end (NaN where it is not defined).
    met : bool
    most_trials : int
    """

    until: str
    metric: str
    limit: float
    reached: float
    met: bool
    most_trials: int


@dataclass(frozen=True, eq=False)
class Result:
    """A settled deal: facts only, every figure is read off them.

    Attributes
    ----------
    deal : Scenario
    seed, trials : int
    tables : Tables
    stopping : Stopping or None
        None if the number of trials was given.
    """

    deal: Scenario
    seed: int
    trials: int
    tables: Tables = field(repr=False)
    stopping: Stopping | None = None

    def flow(self, party: str) -> Pence:
        """A party's cash in less cash out by month, int64 minor units, shape (trials, horizon).

        The name of a tranche is a party too: the investor, as far as that money goes.

        Raises
        ------
        UsageError
            If nobody is called that.
        """
        if party in self.deal.capital:
            return cash_flow(self.tables.ledger, self.deal.capital[party].from_, party)
        self._check_party(party)
        return cash_flow(self.tables.ledger, party)

    def _check_party(self, party: str) -> None:
        known = (*parties(self.tables.ledger), *self.deal.capital)
        if party not in known:
            raise UsageError(f"no party is called {party!r}; there are {', '.join(known)}")

    def lines(self, party: str) -> dict[str, Pence]:
        """The ledger's lines that touch a party or a tranche, by name.

        Returns
        -------
        dict of str to ndarray of int64, shape (trials, horizon)
            Minor units by month, positive if they come in.

        Raises
        ------
        UsageError
            If nobody is called that.
        """
        tranche, who = "", party
        if party in self.deal.capital:
            tranche, who = party, self.deal.capital[party].from_
        else:
            self._check_party(party)
        found: dict[str, Pence] = {}
        for entry in self.tables.ledger:
            sign = (entry.payee == who) - (entry.payer == who)
            if sign and (not tranche or entry.tranche == tranche):
                found[entry.line] = found.get(entry.line, 0) + sign * entry.amount
        return found

    def ledger(self, trial: int = 0) -> pd.DataFrame:
        """Every payment of one trial, one row each, in order of dates.

        Returns
        -------
        pandas.DataFrame
            ``date`` (the last day of the month), ``payer``, ``payee``, ``line``, ``tranche`` (empty
            where it is none's) and ``amount`` in major units, above nil.

        Raises
        ------
        UsageError
            If there is no such trial.
        """
        import pandas as pd

        if not 0 <= trial < self.trials:
            raise UsageError(f"trial {trial}: there are {self.trials:,}, from 0")
        columns = ["date", "payer", "payee", "line", "tranche", "amount"]
        rows: list[tuple[Any, ...]] = [
            (month, entry.payer, entry.payee, entry.line, entry.tranche, int(amount))
            for entry in self.tables.ledger
            for month, amount in enumerate(entry.amount[trial]) if amount
        ]  # fmt: skip
        rows.sort(key=lambda row: row[0])
        made = pd.DataFrame(rows, columns=columns)
        ends = self.deal.timeline.month_ends
        made["date"] = pd.to_datetime(ends[made["date"].to_numpy(np.int64)])
        made["amount"] = self.major(made["amount"].to_numpy(np.int64))
        return made

    def cash_flows(self, party: str) -> pd.DataFrame:
        """A party's flows as a frame: one row a trial and month, one column a ledger line.

        Returns
        -------
        pandas.DataFrame
            Index (trial, month as ``2018-10``); columns are the lines that touch the party, in
            major units of the currency, positive if they come in, and ``net``.
        """
        months = [self.deal.timeline.label(m) for m in range(self.deal.timeline.horizon)]
        return self._framed({**self.lines(party), "net": self.flow(party)}, "month", months)

    def budget(self) -> pd.DataFrame:
        """What the deal costs the commissioner by financial year, from 1 April.

        Returns
        -------
        pandas.DataFrame
            Index (trial, year as ``2027/28``); columns are the lines that touch the commissioner,
            such as ``outcome payments`` and ``contribution of NAME``, in major units of the
            currency, negative if the commissioner pays, and ``net``. Years after the contract are
            there if anything of the deal is modelled in them.
        """
        tables = {**self.lines("commissioner"), "net": self.flow("commissioner")}
        yearly = {line: self.by_year(amount) for line, amount in tables.items()}
        return self._framed(yearly, "year", self.deal.timeline.year_labels)

    def by_year(self, amount: Pence) -> Pence:
        """Months added up to financial years: (trials, horizon) to (trials, years)."""
        years = self.deal.timeline.financial_years
        return np.add.reduceat(amount, np.flatnonzero(np.diff(years, prepend=-1)), axis=1)

    def _framed(
        self, tables: Mapping[str, Pence], name: str, labels: Sequence[str]
    ) -> pd.DataFrame:
        """Tables of (trials, labels) side by side, in major units."""
        import pandas as pd

        index = pd.MultiIndex.from_product([range(self.trials), labels], names=["trial", name])
        columns = {line: self.major(amount).ravel() for line, amount in tables.items()}
        return pd.DataFrame(columns, index=index)

    def frame(self) -> pd.DataFrame:
        """Every metric in every trial: one row a trial, one column a metric (NaN if undefined)."""
        import pandas as pd

        from sibsim.metrics import measure

        columns = {name: metric.values for name, metric in measure(self).items()}
        return pd.DataFrame(columns, index=pd.RangeIndex(self.trials, name="trial"))

    def summary(self) -> Summary:
        """Every metric with its mean, spread, percentiles and Monte Carlo error."""
        from sibsim.summary import summarise

        return summarise(self)

    def costs(self) -> pd.DataFrame:
        """Each line of costs by phase, party and category; see `sibsim.analysis.costs`."""
        from sibsim.analysis.costs import cost_table

        return cost_table(self)

    def correlations(self) -> pd.DataFrame:
        """Rank correlations of inputs, asked and achieved: one row a pair that the deal names."""
        from sibsim.analysis.correlations import correlations

        return correlations(self)

    def major(self, amount: Any) -> NDArray[np.float64]:
        """Minor units as major units of the currency: pence as pounds."""
        major: NDArray[np.float64] = np.asarray(amount) / 10 ** CURRENCIES[self.deal.currency][1]
        return major
