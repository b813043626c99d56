"""The engine against a second program, written from docs/model.md by someone who had not read it.

Every trial is worked out again by `reference`, person by person and penny by penny. Only the values
of uncertain numbers and the tables of waiting times are shared; those have tests of their own.
Early stops were added to it later, by someone who had read the engine.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import deals

import sibsim
from sibsim.contract.terms import Fee, PerOutcome
from sibsim.distributions import Distribution, day_table
from sibsim.people.checks import is_plain
from sibsim.people.events import NEVER
from sibsim.scenario.deal import Scenario
from sibsim.scenario.file import bundled, replace
from sibsim.simulation import Outcomes, settle, simulate, with_stops
from sibsim.streams import Luck
from sibsim.writing import PERIOD_DAYS

SEED = 20_270_401


@lru_cache(maxsize=256)
def table(distribution: Distribution, days: int, times: float) -> list[float]:
    """Cumulative chances of a waiting time by day."""
    return [float(chance) for chance in day_table(distribution, days, times)]


def value(quantity: Any, trial: int) -> float:
    """A number's value in one trial."""
    values = quantity.values
    return float(values[trial if len(values) > 1 else 0])


def with_service(outcome: Any, trial: int) -> float:
    """The chance with the service, as stated or as its effect makes it."""
    if outcome.effect is None:
        return value(outcome.chance, trial)
    base, effect = value(outcome.without, trial), outcome.effect
    if effect.risk_difference is not None:
        changed = base + value(effect.risk_difference, trial)
    elif effect.risk_ratio is not None:
        changed = base * value(effect.risk_ratio, trial)
    else:
        odds = value(effect.odds_ratio, trial) * base
        changed = odds / (1 - base + odds)
    return min(1.0, max(0.0, changed))


def story(
    deal: Scenario, drawn: Scenario, name: str, trial: int, place: int, person: int, stop: int
) -> Any:
    """One person's story by the reference."""
    cohort = drawn.people[name]
    timeline = deal.timeline
    leave = value(cohort.leave, place)
    outcomes = [
        {
            "name": key,
            "follows": outcome.follows,
            "chance": with_service(outcome, place),
            "without": value(outcome.without, place),
            "after": table(outcome.wait.distribution, timeline.contract_days, outcome.wait.times),
            "after_without": table(
                outcome.wait_without.distribution, timeline.contract_days,
                outcome.wait_without.times,
            ),
            "repeat": None
            if outcome.repeat is None
            else {
                "chance": value(outcome.repeat.chance, place),
                "every_days": reference.nearest(outcome.repeat.every.mean),
                "most": int(outcome.repeat.most.mean),
            },
        }
        for key, outcome in drawn.outcomes.items()
    ]
    return reference.person_story(
        {
            "seed": SEED, "trial": trial, "person": person, "cohort": name,
            "over_days": reference.nearest(cohort.over.mean),
            "ramp_days": reference.nearest(cohort.ramp_up.mean),
            "engage": value(cohort.engage, place),
            "leave": None if leave == 0 else (leave, PERIOD_DAYS[cohort.leave.period]),
            "stay_days": None if cohort.stay is None else reference.nearest(cohort.stay.mean),
            "contract_days": timeline.contract_days, "stop_day": stop, "outcomes": outcomes,
        }
    )  # fmt: skip


def check_trial(
    deal: Scenario, trial: int, people_only: bool = False, stop: int | None = None
) -> None:
    """Work one trial out twice and hold every fact of the two together."""
    luck = Luck(SEED, trial, 1)
    drawn, timeline = deal.drawn(luck), deal.timeline
    stop = timeline.contract_days if stop is None else min(stop, timeline.contract_days)
    plan = with_stops(Outcomes(deal, SEED, 1, 1, first=trial), np.array([stop]))
    block = plan.block(luck)
    names = list(deal.outcomes)
    claims, stays = [], []
    reached_months: dict[str, list[int]] = {name: [] for name in names}
    otherwise_months: dict[str, list[int]] = {name: [] for name in names}
    expected_with, expected_without = set(), set()
    for place, cohort in enumerate(deal.people):
        people = block.people[place]
        referred = reference.nearest(value(drawn.people[cohort].referrals, 0))
        stories = [story(deal, drawn, cohort, trial, 0, n, stop) for n in range(referred)]
        early = stop < timeline.contract_days
        assert people.referred[0] == sum(not early or s["referral"] < stop for s in stories)
        for person, told in enumerate(stories):
            if told["start"] is not None and told["start"] >= timeline.contract_days:
                told = {"start": None, "left": None, "service_end": None, "with": [], "without": []}
            for mine, theirs in (
                (people.start, told["start"]), (people.left, told["left"]),
                (people.end, told["service_end"]), (people.closed_out, told.get("closed_out")),
            ):  # fmt: skip
                mine = np.full_like(people.start, NEVER) if mine is None else mine
                assert mine[0, person] == (NEVER if theirs is None else theirs)
            if told["start"] is not None:
                stays.append((told["start"], told["service_end"]))
            claims += reference.served_claims((cohort, person), told, deal.programme.start)
            for name, occurrence, day, served in told["with"]:
                expected_with.add((place, person, names.index(name), occurrence, day, served))
                if occurrence == 0:
                    month = reference.month_of_day(deal.programme.start, day)
                    reached_months[name].append(month)
            for name, occurrence, day in told["without"]:
                expected_without.add((place, person, names.index(name), occurrence, day, False))
                month = reference.month_of_day(deal.programme.start, day)
                otherwise_months[name].append(month)
    assert rows(block.reached) == expected_with
    assert rows(block.otherwise) == expected_without
    if not people_only:
        check_money(deal, drawn, plan, claims, stays, reached_months, otherwise_months)


def rows(events: Any) -> set[tuple[int, int, int, int, int, bool]]:
    """Events as a set; each occurs once."""
    found = [tuple(row) for row in zip(*(c.tolist() for c in events.columns()[1:-1]), strict=True)]
    assert len(found) == len(set(found))
    return set(found)


def check_money(
    deal: Scenario, drawn: Scenario, plan: Outcomes, claims: list[Any],
    stays: list[tuple[int, int]], reached: dict[str, list[int]], otherwise: dict[str, list[int]],
) -> None:  # fmt: skip
    """Hold the ledger of one trial against the reference, to the penny."""
    tables = settle(deal, plan).tables
    timeline = deal.timeline
    months, horizon = timeline.months, timeline.horizon

    def pence(quantity: Any) -> int | None:
        return None if quantity is None else reference.nearest(value(quantity, 0))

    terms = []
    for name, item in drawn.contract.terms.items():
        is_fee = hasattr(item, "amount")
        amount = item.amount if is_fee else item.price
        # A price with a part of a penny is rounded for the month, so only whole prices go here.
        terms.append(
            {
                "name": name, "kind": "fee" if is_fee else "per_outcome",
                "outcome": None if is_fee else item.for_, "price": pence(amount),
                "claims_per_person": None if is_fee or item.claims_per_person is None
                else int(item.claims_per_person.mean),
                "cap": pence(item.cap), "lag": int(item.lag.mean),
            }
        )  # fmt: skip
    limits = drawn.contract.caps
    caps = {
        "person": pence(limits.person), "period": pence(limits.period),
        "period_length": int(limits.period_length.mean), "contract": pence(limits.contract),
    }  # fmt: skip
    paid = reference.pay(terms, claims, months, caps)
    assert tables.owed[0].tolist() == list(paid["owed"].values())
    assert {level: int(cut[0]) for level, cut in tables.cut.items()} == paid["cut"]
    receipts = np.zeros(horizon, np.int64)
    for line in paid["paid"].values():
        receipts[: len(line)] += line
    ledger = {entry.line: entry.amount[0].tolist() for entry in tables.ledger}
    assert ledger["outcome payments"] == receipts.tolist()

    terms_of_cost = drawn.costs
    cost = monthly_cost(terms_of_cost, stays, deal, months, horizon)
    assert ledger["delivery costs"] == cost
    tranche = next(iter(drawn.capital.values()), None)
    stated = None if tranche is None else {
        "commitment": pence(tranche.commitment), "draw": tranche.draw,
        "distribute": drawn.waterfall.distribute,
        "distribute_from": int(drawn.waterfall.distribute_from.mean),
        "hold": value(drawn.waterfall.hold, 0), "investor_share": value(tranche.investor_share, 0),
    }  # fmt: skip
    lag = max((term["lag"] for term in terms), default=0)
    book = reference.capital(receipts.tolist(), cost, months, stated, lag)
    assert ledger["capital drawn"] == book["drawn"]
    assert ledger["delivery"] == book["paid"]
    given = np.sum([ledger.get(name, [0] * horizon) for name in ("interest", "capital repaid",
                                                       "share of surplus")], axis=0)  # fmt: skip
    assert given.tolist() == book["to_investor"]
    assert ledger["surplus"] == book["to_provider"]
    assert tables.cash[0].tolist() == book["cash"]
    assert tables.unpaid[0].tolist() == book["unpaid"]
    total = [0] * horizon
    for item in drawn.savings.values():
        pair = (reached[item.for_], otherwise[item.for_])
        counts = reference.savings_counts(*(pair if item.per == "more" else pair[::-1]), horizon)
        saving = {
            "amount": value(item.amount, 0), "per": item.amount.period, "lag": int(item.lag.mean),
            "lasts": int(item.lasts.mean), "price_year": item.price_year,
            "cashable": value(item.cashable, 0),
        }  # fmt: skip
        made = reference.savings(
            saving, counts, deal.programme.start, value(drawn.programme.inflation, 0),
            deal.programme.prices,
        )  # fmt: skip
        total = [a + b for a, b in zip(total, made["amount"], strict=True)]
    assert tables.savings_month[0].tolist() == total


def monthly_cost(
    costs: Any, stays: list[tuple[int, int]], deal: Scenario, months: int, horizon: int
) -> list[int]:
    """Costs by month by the reference."""
    fixed = value(costs.fixed, 0) / (PERIOD_DAYS[costs.fixed.period] / PERIOD_DAYS["month"])
    per_day = value(costs.per_month, 0) / PERIOD_DAYS[costs.per_month.period]
    rates = {
        "fixed": fixed, "set_up": value(costs.set_up, 0),
        "per_start": reference.nearest(value(costs.per_start, 0)),
        "per_month": per_day * PERIOD_DAYS["month"],
    }  # fmt: skip
    return list(reference.costs(stays, rates, deal.programme.start, months, horizon)["total"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deals())
def test_generated_deals_agree_to_the_penny(data: dict[str, Any]) -> None:
    deal = sibsim.load(data)
    for trial in (0, 7):
        check_trial(deal, trial)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deals(), st.integers(0, 700))
def test_deliveries_that_stop_agree_to_the_penny(data: dict[str, Any], stop: int) -> None:
    check_trial(sibsim.load(data), 7, stop=stop)


@pytest.mark.slow
@settings(max_examples=1_500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deals())
def test_many_generated_deals_agree_to_the_penny(data: dict[str, Any]) -> None:
    deal = sibsim.load(data)
    for trial in (0, 2**32 + 5):
        check_trial(deal, trial)


def told(deal: Scenario) -> bool:
    """Whether the reference can tell its people: it knows milestones, and no season."""
    return is_plain(deal.population) and not any(cohort.season for cohort in deal.people.values())


@pytest.mark.parametrize("name", [n for n in bundled() if told(sibsim.load(n))])
def test_bundled_deals_agree_to_the_penny(name: str) -> None:
    deal = replace(sibsim.load(name), {"people.*.referrals": 40})  # the reference is slow
    # The reference pays for claims and fees, to one investor; of other deals it tells the people.
    known = all(isinstance(item, PerOutcome | Fee) for item in deal.contract.terms.values())
    known = known and len(deal.capital) <= 1 and not deal.waterfall.normal
    check_trial(deal, 3, people_only=not known)


def test_a_run_of_many_trials_holds_the_same_trial() -> None:
    deal = sibsim.load("minimal")
    many = settle(deal, simulate(deal, trials=40, seed=SEED))
    alone = settle(deal, Outcomes(deal, SEED, 1, 1, first=17))
    for whole, single in zip(many.tables.ledger, alone.tables.ledger, strict=True):
        assert (whole.amount[17] == single.amount[0]).all()
