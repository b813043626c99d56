"""A whole deal as data: the terms of every room, put together.

Out: the frozen `Scenario`. Not here: reading and writing it, running it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sibsim.accounts.cost_terms import Costs
from sibsim.accounts.steps import Ending, Waterfall
from sibsim.accounts.terms import Tranche
from sibsim.contract.agreement import Contract
from sibsim.contract.evidence import DESIGNS, Design, Others
from sibsim.copula import Copula, factor
from sibsim.people.checks import Population
from sibsim.people.outcomes import OUTCOMES, AnyOutcome
from sibsim.people.stories import Journey, Score, Series, Visits
from sibsim.people.terms import Cohort, Provider, Shock
from sibsim.quantities import Quantity, each_quantity, plain
from sibsim.streams import Luck
from sibsim.terms import (
    About,
    about,
    block,
    by_name,
    choice,
    count,
    items,
    money,
    months,
    rank,
    share,
    simple,
    tagged,
    term,
    text,
)
from sibsim.terms import result as found
from sibsim.timeline import Timeline
from sibsim.value.terms import Saving
from sibsim.writing import CURRENCIES

PEOPLE = (
    "people", "providers", "journeys", "events", "scores", "visits", "shocks",
    "outcomes",
)  # fmt: skip
"""Sections with numbers that are drawn to simulate people."""

MONEY = (
    "evidence", "programme", "contract", "costs", "capital", "waterfall", "endings", "savings",
)  # fmt: skip
"""Sections with numbers that are drawn to settle."""

SECTIONS = (*PEOPLE, *MONEY)
"""In the order of correlated luck: money may hang on people, and never moves them."""

SIMULATED = ("programme.start", "programme.months", *PEOPLE, "evidence")
"""Addresses, and what is below them, that decide what happens to people; others move only money."""


@dataclass(frozen=True, slots=True)
class Programme:
    """When, for whom, in which money."""

    start: dt.date = term(simple("date"), "First month of the contract.", "2027-04")
    months: Quantity = term(months(low=1), "How long the contract runs.", "48", lever=True)
    currency: str = term(
        choice(*CURRENCIES), "The currency of every amount.", "GBP", default="GBP"
    )
    prices: str = term(
        choice("nominal", "real"), "Whether amounts are cash of their day or prices of the start.",
        "nominal", default="nominal",
    )  # fmt: skip
    inflation: Quantity = term(
        share(high=0.5), "Assumed yearly price rise: it brings savings from their price year to "
        "the start, and nominal money back to real.", "2%", default=plain(0.02),
    )  # fmt: skip
    discount: Quantity | None = term(
        share(high=0.5, word="green_book"), "Real discount rate a year, or the Green Book's "
        "schedule.", "green_book", default=None,
    )  # fmt: skip
    hurdle: Quantity | None = term(
        share(high=1, uncertain=False), "Yearly return that investors ask for: with it there are "
        "their value at that rate and the chance to fall short of it.", "8%", default=None,
    )  # fmt: skip
    safe_rate: Quantity | None = term(
        share(high=0.5, uncertain=False), "What money earns a year without risk: it divides what "
        "investors expect into the cost of capital and a premium for risk.", "4%", default=None,
    )  # fmt: skip
    provider_reserve: Quantity | None = term(
        money(uncertain=False), "Cash of its own that the provider can put into the deal before it "
        "is insolvent.", "£50,000", default=None,
    )  # fmt: skip
    commissioner: str = term(
        text(), "Who pays for outcomes.", "Lewisham", default="Commissioner"
    )
    provider: str = term(text(), "Who delivers.", "Depaul UK", default="Provider")
    about: About = about()


@dataclass(frozen=True, slots=True)
class Correlation:
    """Two uncertain numbers that tend to be high together, or one high and the other low."""

    between: str = term(
        simple("address"), "One uncertain number.", "outcomes.starts_work.chance"
    )
    and_: str = term(
        simple("address"), "The other.", "outcomes.stays_26_weeks.chance"
    )
    rank: Quantity = term(
        rank(), "Spearman's rank correlation; pairs that are not named have none.", "0.6"
    )
    about: About = about()

    @property
    def pair(self) -> tuple[str, str]:
        """Both addresses."""
        return self.between, self.and_


@dataclass(frozen=True, slots=True)
class Variant:
    """A name and overrides by address: an option of an appraisal, or a stress."""

    changes: Mapping[str, Any] = term(
        simple("overrides"), "Address and new value, a line each; `*` stands for every name, "
        "`{times: 80%}` scales.", "contract.work.price: £3,000", inline=True, default={},
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class BacktestLine:
    """What was observed and paid on one payment term."""

    units: Quantity | None = term(
        count(low=0, uncertain=False), "Claims that were paid.", "706", default=None
    )
    result: Quantity | None = term(
        found(), "For a term that pays by result: what was found.", "38%", default=None
    )
    results: Mapping[str, Quantity] = term(
        by_name(found()), "For a reward: what was found, by measure.",
        "{learning: 8940, enrolment: 92%}", default={},
    )  # fmt: skip
    published: Quantity | None = term(
        money(), "What was paid for them, if published.", "£155,320", default=None
    )
    about: About = about()


@dataclass(frozen=True, slots=True)
class Backtest:
    """Observed outcomes in, computed against published payments out."""

    lines: Mapping[str, BacktestLine] = term(
        items(BacktestLine), "Observed claims by payment term."
    )
    published: Quantity = term(money(), "What was paid in all.", "£2,165,460")
    tolerance: Quantity = term(
        money(), "The largest difference that passes.", "£0", default=plain(0)
    )
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One deal, fully resolved: every default is written out, every reference holds.

    Made by `sibsim.load`; changed copies by its `replace`. Two are equal if all their terms are.
    """

    sibsim: int = term(simple("version"), "Format of the file.", "1")
    title: str = term(text(), "Name of the deal.", "Ready for work")
    programme: Programme = term(block(Programme), "When, for whom, in which money.")
    people: Mapping[str, Cohort] = term(items(Cohort), "Cohorts by name.")
    providers: Mapping[str, Provider] = term(
        items(Provider), "Providers with their places, by name.", default={}
    )
    journeys: Mapping[str, Journey] = term(items(Journey), "Journeys by name.", default={})
    events: Mapping[str, Series] = term(items(Series), "Events that recur, by name.", default={})
    scores: Mapping[str, Score] = term(items(Score), "Scores by name.", default={})
    visits: Mapping[str, Visits] = term(items(Visits), "Homecare visits by name.", default={})
    shocks: Mapping[str, Shock] = term(items(Shock), "Shared shocks by name.", default={})
    outcomes: Mapping[str, AnyOutcome] = term(
        tagged("read", OUTCOMES, "milestone"), "Outcomes by name."
    )
    evidence: Mapping[str, Design] = term(
        tagged("design", DESIGNS), "Designs of evidence by name.", default={}
    )
    contract: Contract = term(block(Contract), "What is paid for, and the caps.")
    costs: Costs = term(block(Costs), "What delivery costs.", default=Costs())
    capital: Mapping[str, Tranche] = term(
        items(Tranche), "Money put in by tranche, the senior first.", default={}
    )
    waterfall: Waterfall = term(
        block(Waterfall), "The account, and the order in which it pays.", default=Waterfall()
    )
    endings: Mapping[str, Ending] = term(
        items(Ending), "Who may end the contract early, and when, by name.", default={}
    )
    savings: Mapping[str, Saving] = term(items(Saving), "Savings by name.", default={})
    correlations: Mapping[str, Correlation] = term(
        items(Correlation), "Pairs of uncertain numbers by name.", default={}
    )
    options: Mapping[str, Variant] = term(items(Variant), "Options by name.", default={})
    stresses: Mapping[str, Variant] = term(items(Variant), "Stresses by name.", default={})
    backtest: Backtest | None = term(
        block(Backtest), "Published results and payments.", default=None
    )
    description: str = term(text(), "What the deal is about.", default="")
    illustrative: bool = term(
        simple("flag"), "Whether the figures are made up to show the method.", "true",
        default=False,
    )  # fmt: skip
    indigo_id: str = term(
        text(), "Its number in the INDIGO data set.", "INDIGO-POJ-0122", default=""
    )

    def replace(self, changes: Mapping[str, Any]) -> Scenario:
        """The same deal with some values changed by address; see `sibsim.scenario.file.replace`."""
        from sibsim.scenario.file import replace as replaced

        return replaced(self, changes)

    @property
    def currency(self) -> str:
        """Code of the currency of every amount."""
        return self.programme.currency

    @property
    def population(self) -> Population:
        """Every term that decides what happens to people, those in comparison groups included.

        A group is a cohort that nobody serves, called ``evidence.NAME``, after those of the file.
        """
        everybody = {**self.people, **self.comparisons}
        others = {name: getattr(self, name) for name in PEOPLE if name != "people"}
        return Population(people=everybody, **others)

    @property
    def comparisons(self) -> dict[str, Cohort]:
        """The comparison groups as cohorts, by address."""
        made = {}
        for name, design in self.evidence.items():
            if isinstance(design, Others):
                like = self.people[design.like or next(iter(self.people))]
                made[f"evidence.{name}"] = replace(
                    like, referrals=design.group, eligible=plain(1), engage=plain(1),
                    leave=plain(0, "month"), stay=None, served_by={}, choice="shares",
                    patience=None, onset=plain(0), lasts=None,
                )  # fmt: skip
        return made

    @property
    def timeline(self) -> Timeline:
        """The calendar, long enough for the last payment, the last cost and the last saving."""
        contract, lag = round(self.programme.months.mean), self.contract.longest_lag
        tails = [saving.tail for saving in self.savings.values()]
        tail = round(max([lag, self.costs.tail(contract, lag), *tails]))
        return Timeline(self.programme.start, contract, contract + tail)

    def drawn(self, luck: Luck, sections: Sequence[str] = SECTIONS) -> Scenario:
        """The same deal with uncertain numbers drawn in each trial of `luck`.

        Parameters
        ----------
        luck : Luck
        sections : sequence of str
            Sections that are drawn; the others stay as they are.

        """
        copula = self.copula

        def visit(address: str, quantity: Quantity) -> Quantity:
            if not is_drawn(quantity):
                return quantity
            return quantity.draw(copula.uniforms(address, luck))

        changes = {name: each_quantity(getattr(self, name), visit, name) for name in sections}
        return replace(self, **changes)

    @property
    def copula(self) -> Copula:
        """The joint luck of the numbers that `correlations` names.

        Raises
        ------
        ValueError
            If no numbers can be correlated like this; a scenario that was read has been checked.
        """
        places = {address: k for k, address in enumerate(self.correlated)}
        rows = factor(len(places), self.ranks)
        if rows is None:
            raise ValueError("no numbers can be correlated as this scenario says")
        return Copula(tuple(places), rows)

    @property
    def correlated(self) -> list[str]:
        """Addresses that `correlations` names, in the order in which they are drawn."""
        named = {address for item in self.correlations.values() for address in item.pair}
        found: list[str] = []

        def visit(address: str, quantity: Quantity) -> Quantity:
            if address in named:
                found.append(address)
            return quantity

        for name in SECTIONS if named else ():
            each_quantity(getattr(self, name), visit, name)
        return found

    @property
    def ranks(self) -> dict[tuple[int, int], float]:
        """Rank correlations by places in `correlated`, the later place first."""
        places = {address: k for k, address in enumerate(self.correlated)}
        found = {}
        for item in self.correlations.values():
            one, other = (places[address] for address in item.pair)
            found[max(one, other), min(one, other)] = item.rank.mean
        return found


def is_drawn(quantity: Quantity) -> bool:
    """Whether a number of a deal has another value in each trial."""
    return not (quantity.spread or quantity.is_fixed)
