"""The smallest different world: change one thing, and nothing else moves.

Also: results do not depend on how the work is cut up, and one trial can be replayed alone.
"""

from __future__ import annotations

import numpy as np
import pytest
from conftest import tiny_data

import sibsim
from sibsim.people.engine import simulate_block
from sibsim.people.events import NEVER, Block, Events
from sibsim.result import Result
from sibsim.scenario.deal import Scenario
from sibsim.scenario.file import replace
from sibsim.simulation import Outcomes, settle, simulate
from sibsim.streams import Luck


def block_of(deal: Scenario, seed: int = 5, first: int = 0, trials: int = 30) -> Block:
    """The people of a deal in some trials."""
    luck = Luck(seed, first, trials)
    drawn = deal.drawn(luck)
    return simulate_block(drawn.population, deal.timeline, luck)


def rows(events: Events, deal: Scenario) -> set[tuple[object, ...]]:
    """Events by name."""
    names, cohorts = list(deal.outcomes), list(deal.people)
    return {
        (t, cohorts[c], p, names[o], n, d, s)
        for t, c, p, o, n, d, s, _ in zip(*(x.tolist() for x in events.columns()), strict=True)
    }


def test_one_more_person_moves_nobody(tiny: Scenario) -> None:
    before = rows(block_of(tiny).reached, tiny)
    more = replace(tiny, {"people.young.referrals": 21})
    after = rows(block_of(more).reached, more)
    added = after - before
    assert before < after
    assert {person for _, _, person, *_ in added} == {20}


def test_one_more_outcome_moves_no_other(tiny: Scenario) -> None:
    data = tiny_data()
    data["outcomes"] = {
        "volunteers": {"chance": "50%", "without": "10%", "after": "3 weeks"}, **data["outcomes"]
    }  # fmt: skip
    more = sibsim.load(data)
    before, after = rows(block_of(tiny).reached, tiny), rows(block_of(more).reached, more)
    assert {row for row in after if row[3] != "volunteers"} == before
    assert len(after) > len(before)


def test_one_more_cohort_moves_no_other(tiny: Scenario) -> None:
    data = tiny_data()
    data["people"] = {"old": {"referrals": 8, "over": "5 months"}, **data["people"]}
    more = sibsim.load(data)
    after = rows(block_of(more).reached, more)
    assert {row for row in after if row[1] == "young"} == rows(block_of(tiny).reached, tiny)


def test_money_terms_move_nobody(tiny: Scenario) -> None:
    data = tiny_data()
    data["contract"]["extra"] = {"pay": "per_outcome", "for": "stay", "price": "£1"}
    data["contract"]["job"]["price"] = {"uniform": ["£1,000", "£3,000"]}
    more = sibsim.load(data)
    assert rows(block_of(more).reached, more) == rows(block_of(tiny).reached, tiny)


def test_a_higher_chance_only_adds_outcomes(tiny: Scenario) -> None:
    better = replace(tiny, {"outcomes.work.chance": "70%"})
    assert rows(block_of(tiny).reached, tiny) <= rows(block_of(better).reached, better)


def test_equal_chances_give_equal_worlds(tiny: Scenario) -> None:
    same = replace(tiny, {"outcomes.work.without": "60%", "outcomes.stay.without": "50%"})
    block = block_of(same)
    ours = {row[:6] for row in rows(block.reached, same)}
    assert ours == {row[:6] for row in rows(block.otherwise, same)}


def test_someone_who_drops_out_fares_as_without_the_service(tiny: Scenario) -> None:
    deal = replace(tiny, {"people.young.leave": "100% a week", "outcomes.work.after": "60 days"})
    block = block_of(deal)
    started = block.people[0].start < NEVER
    left = block.people[0].left[started]
    assert (left <= block.people[0].start[started] + 7).all()
    assert not block.reached.served.any()
    ours = {row[:6] for row in rows(block.reached, deal)}
    assert ours == {row[:6] for row in rows(block.otherwise, deal)}


def same(one: Result, two: Result) -> None:
    """Two results hold the same facts, to the penny."""
    for a, b in zip(one.tables.ledger, two.tables.ledger, strict=True):
        assert (a.amount == b.amount).all(), a.line
    for name in ("reached", "otherwise", "paid", "owed", "savings_month", "referred"):
        assert (getattr(one.tables, name) == getattr(two.tables, name)).all(), name
    assert (one.tables.present_savings == two.tables.present_savings).all()


@pytest.mark.parametrize(("block_trials", "workers"), [(1, 1), (7, 2), (1_000, 3), (64, 8)])
def test_results_do_not_depend_on_how_the_work_is_cut(block_trials: int, workers: int) -> None:
    deal = sibsim.load("minimal")
    base = sibsim.run(deal, trials=150, seed=9)
    outcomes = simulate(deal, trials=150, seed=9, block_trials=block_trials, workers=workers)
    same(base, settle(deal, outcomes, workers=workers))


def test_kept_people_and_people_simulated_again_are_the_same() -> None:
    deal = sibsim.load("minimal")
    kept = simulate(deal, trials=100, seed=3, block_trials=16)
    assert kept.kept is not None
    again = Outcomes(deal, 3, 100, 16)
    same(settle(deal, kept), settle(deal, again))


def test_more_trials_begin_with_the_same_ones() -> None:
    deal = sibsim.load("minimal")
    few, many = sibsim.run(deal, trials=50, seed=0), sibsim.run(deal, trials=500, seed=0)
    for a, b in zip(few.tables.ledger, many.tables.ledger, strict=True):
        assert (a.amount == b.amount[:50]).all()
    assert few.frame().equals(many.frame().head(50))


def test_one_trial_can_be_replayed_alone(tiny: Scenario) -> None:
    whole = sibsim.run(tiny, trials=20, seed=4)
    told = sibsim.trace(tiny, seed=4, trial=17)
    for entry in whole.tables.ledger:
        assert (told.pounds[entry.line].to_numpy() * 100).round().tolist() == list(entry.amount[17])
    served = told.people[(told.people["event"] == "work") & told.people["served"]]
    assert len(served) == whole.tables.claims[17, 0]


def test_seed_none_is_recorded_and_repeats(tiny: Scenario) -> None:
    first = sibsim.run(tiny, trials=10)
    same(first, sibsim.run(tiny, trials=10, seed=first.seed))


def test_seed_zero_is_a_seed(tiny: Scenario) -> None:
    same(sibsim.run(tiny, trials=10, seed=0), sibsim.run(tiny, trials=10, seed=0))
    other = sibsim.run(tiny, trials=10, seed=1)
    assert (sibsim.run(tiny, trials=10, seed=0).tables.paid != other.tables.paid).any()


def test_uncertain_numbers_are_one_draw_a_trial() -> None:
    data = tiny_data()
    data["contract"]["job"]["price"] = {"uniform": ["£1,000", "£3,000"]}
    result = sibsim.run(sibsim.load(data), trials=200, seed=6)
    claims = result.tables.claims[:, 0]
    price = result.tables.owed[:, 0][claims > 0] / claims[claims > 0]
    assert (price == np.round(price)).all()
    assert price.min() >= 100_000 and price.max() <= 300_000 and len(np.unique(price)) > 190


def test_a_trace_names_every_rate_that_fits(tiny: Scenario) -> None:
    told = sibsim.trace(tiny, seed=4, trial=3)
    irr = sibsim.run(tiny, trials=4, seed=4).frame()["investor.irr"][3]
    assert told.rates == pytest.approx((irr,))
