"""One trial's story: who waited and started, who reached what and when, and what moved each month.

In: a deal, a seed, the number of a trial. Out: two tables. Luck is stateless, so the trial is the
same as inside a run of thousands. Not here: many trials.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim.accounts.ledger import titles
from sibsim.accounts.steps import STATUSES, Keep
from sibsim.errors import UsageError
from sibsim.finance import irr_roots
from sibsim.measuring import split
from sibsim.people.events import NEVER, Block, People
from sibsim.people.outcomes import AnyOutcome, ChangeIn, NumberOf, Reached
from sibsim.result import Result
from sibsim.scenario.deal import Scenario
from sibsim.settling import Settled, tables_of
from sibsim.simulation import ENGINES, Outcomes, settled, with_stops
from sibsim.streams import Luck

if TYPE_CHECKING:
    import pandas as pd

ACCOUNT = ("month", "status", "what", "amount", "kept", "balance")

COLUMNS = ("day", "cohort", "person", "event", "amount", "occurrence", "world", "served")


@dataclass(frozen=True)
class Trace:
    """One trial, person by person and pound by pound.

    Attributes
    ----------
    people : pandas.DataFrame
        One row an event in order of the days: date, day, cohort, person, event, amount, occurrence,
        world ("with" or "without" the service), served. An event is "joins the list", "gives up
        waiting", "starts", "drops out", "closed out" (delivery stops early), "service ends", the
        name of an outcome, or what no outcome names: ``journeys.NAME.STATE`` when a state is
        entered, ``events.NAME``, and ``scores.NAME`` with the change since the first assessment,
        in steps.
    pounds : pandas.DataFrame
        One row a month, one column a ledger line, in major units.
    account : pandas.DataFrame
        The vehicle's account, one row a movement, month by month in the order in which it is
        reckoned: month, status ("normal", "trapped", "wind_down"), what comes in or the name of the
        step that pays, amount (below nil: out), what a step keeps (it stays in the account, but
        the steps after it do without), and the balance that is left.
    rates : tuple of float
        Every annual rate between -99.99 % and 1000 % that fits the investor's flows: one as a rule,
        several where the metric `investor.irr` is undefined for that reason.
    """

    people: pd.DataFrame
    pounds: pd.DataFrame
    account: pd.DataFrame
    rates: tuple[float, ...]

    def person(self, who: str | int) -> pd.DataFrame:
        """The events of one person: a number, or ``cohort:number`` where there are several cohorts.

        Raises
        ------
        UsageError
            If there is no such person.
        """
        cohort, _, number = str(who).rpartition(":")
        known = list(dict.fromkeys(self.people["cohort"]))
        if not number.isdigit() or (not cohort and len(known) > 1) or (
            cohort and cohort not in known
        ):  # fmt: skip
            raise UsageError(
                f"trace: no person is called {who}; write {' or '.join(f'{c}:0' for c in known)}"
            )
        chosen = self.people["person"] == int(number)
        found = self.people[chosen & (self.people["cohort"] == (cohort or known[0]))]
        if not len(found):
            raise UsageError(f"trace: nothing happens to person {who} in this trial")
        return found

    def in_month(self, month: str) -> pd.DataFrame:
        """The movements of one month, as ``2028-10``.

        Raises
        ------
        UsageError
            If the account has no such month.
        """
        months = list(self.pounds.index)
        if month not in months:
            raise UsageError(
                f"trace: {month} is not a month of the account; write one from {months[0]} to "
                f"{months[-1]}"
            )
        return self.account[self.account["month"] == month]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        people = self.people.assign(date=self.people["date"].astype(str))
        return {
            "people": people.to_dict("records"),
            "pounds": self.pounds.reset_index().to_dict("records"),
            "account": self.account.to_dict("records"),
            "rates": list(self.rates),
        }


def trace(
    deal: Scenario, *, seed: int, trial: int = 0, engine: str = "simpy"
) -> Trace:
    """Tell one trial's story.

    Parameters
    ----------
    deal : Scenario
    seed : int
    trial : int
        0 or more; the same trial of a run with this seed is identical.
    engine : {"simpy", "fast"}
        Which engine tells it; both tell the same.

    Raises
    ------
    UsageError
        If the seed, the trial or the engine is not one that can be used.
    """
    import pandas as pd

    try:
        luck = Luck(seed, trial, 1)
    except ValueError as error:
        raise UsageError(f"trace: {error}") from error
    if engine not in ENGINES:
        raise UsageError(f"no engine is called {engine!r}; there are {', '.join(ENGINES)}")
    outcomes = Outcomes(deal, seed, trials=1, block_trials=1, first=trial, engine=engine)
    made = settled(deal, outcomes, luck, told=True)
    if made.decided is not None:
        outcomes = with_stops(outcomes, deal.timeline.month_starts[made.decided.ends.stop])
    # An outcome more moves nobody's luck: so whatever happens is made an outcome and written down.
    told = replace(deal, outcomes={**deal.outcomes, **_unnamed(deal)})
    block, _ = split(told, replace(outcomes, deal=told).block(luck))
    rows = sorted(_rows(told, block), key=lambda row: (row[0], row[1], row[2]))
    story = pd.DataFrame(rows, columns=list(COLUMNS))
    start = deal.timeline.start
    story.insert(0, "date", [start + dt.timedelta(days=int(day)) for day in story["day"]])
    result = Result(deal, seed, 1, tables_of(made))
    months = [deal.timeline.label(month) for month in range(deal.timeline.horizon)]
    lines: dict[str, Any] = {}
    for name, entry in zip(titles(made.ledger), made.ledger, strict=True):
        lines[name] = lines.get(name, 0) + result.major(entry.amount[0])
    pounds = pd.DataFrame(lines, index=pd.Index(months, name="month"))
    account = pd.DataFrame(_account(made, months), columns=list(ACCOUNT))
    for name in ("amount", "kept", "balance"):
        account[name] = result.major(account[name].to_numpy(np.int64))
    return Trace(story, pounds, account, tuple(irr_roots(result.flow("investor")[0])))


def _account(made: Settled, months: list[str]) -> Iterator[tuple[Any, ...]]:
    """Every movement of the vehicle's account in the order in which it is reckoned."""
    flows, balance = made.flows, 0
    coming = [(e.line, e.amount[0]) for e in made.ledger
              if e.payee == "vehicle" and not e.tranche and e.line != "facility drawn"]  # fmt: skip
    coming += [(f"{name} put in", flow.drawn[0]) for name, flow in flows.tranches.items()]
    if flows.facility is not None:
        coming.append(("borrowed of the facility", flows.facility.borrowed[0]))
    waterfall = made.deal.waterfall
    for month, label in enumerate(months):
        status = STATUSES[int(flows.status[0, month])]
        for what, amount in coming:
            if amount[month]:
                balance += int(amount[month])
                yield label, status, what, int(amount[month]), 0, balance
        for name, step in waterfall.steps(status, made.deal.capital).items():
            paid = int(flows.steps[f"{status}.{name}"][0, month])
            out, kept = (0, paid) if isinstance(step, Keep) else (-paid, 0)
            balance += out
            if paid:
                yield label, status, name, out, kept, balance


def _unnamed(deal: Scenario) -> dict[str, AnyOutcome]:
    """What happens to people, as outcomes by address."""
    found: dict[str, AnyOutcome] = {}
    for name, journey in deal.journeys.items():
        for state in journey.states:
            entered = Reached(journey=name, state=state, times="each")
            found[f"journeys.{name}.{state}"] = entered
    for name in deal.events:
        found[f"events.{name}"] = NumberOf(events=name)
    for name, score in deal.scores.items():
        for when in score.assessed[1:]:
            found[f"scores.{name}@{when.mean:g}"] = ChangeIn(score=name, at=when)
    return found


def _rows(deal: Scenario, block: Block) -> Iterator[tuple[Any, ...]]:
    """Rows of a story, in no order."""
    cohorts, names = list(deal.people), list(deal.outcomes)
    for place, people in enumerate(block.people):
        for event, days in _days(people, deal.timeline.contract_days):
            for who in np.flatnonzero(days[0] < NEVER):
                yield int(days[0, who]), cohorts[place], int(who), event, 1, 0, "with", False
    for world, events in (("with", block.reached), ("without", block.otherwise)):
        columns = events.columns()[1:]
        for cohort, who, what, times, day, served, amount in zip(*columns, strict=True):
            name = names[what].partition("@")[0]
            yield (int(day), cohorts[cohort], int(who), name, int(amount), int(times), world,
                   bool(served))  # fmt: skip


def _days(people: People, contract: int) -> Iterator[tuple[str, Any]]:
    """What happened to a cohort on the days of its tables."""
    if people.arrived is not None and people.gave_up is not None:
        yield "joins the list", people.arrived
        yield "gives up waiting", people.gave_up
    yield "starts", people.start
    yield "drops out", people.left
    ends = (people.end < contract) & (people.left != people.end)
    if people.closed_out is not None:
        yield "closed out", people.closed_out
        ends &= people.closed_out == NEVER
    yield "service ends", np.where(ends, people.end, NEVER)
