"""Early ends: who may end a contract and when, what stays as it was, what is paid then."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import numpy as np
import pytest
from conftest import tiny_data, with_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import deals

import sibsim
from sibsim.accounts.ending import Decided, decide
from sibsim.accounts.ledger import parties
from sibsim.accounts.steps import Ending
from sibsim.errors import ScenarioError
from sibsim.people.engine import simulate_block
from sibsim.quantities import plain
from sibsim.report.words import read_back
from sibsim.streams import Luck
from sibsim.timeline import Timeline

YEAR = Timeline(date(2027, 4, 1), 12, 15)


def ending(**said: Any) -> Ending:
    """Terms of numbers and words."""
    return Ending(**{k: plain(v) if isinstance(v, int | float) else v for k, v in said.items()})


def decided(
    endings: dict[str, Ending], receipts: list[int], unpaid: list[int] | None = None,
    starts: list[int] | None = None, luck: float = 0.0,
) -> Decided:  # fmt: skip
    """One trial of a year with a lag of two months."""

    def chances(name: str, times: int) -> np.ndarray:
        return np.full((1, times), luck)

    money = np.array([receipts + [0] * (15 - len(receipts))])
    owed = np.array([(unpaid or []) + [0] * (15 - len(unpaid or []))])
    people = np.array([(starts or []) + [0] * (12 - len(starts or []))])
    return decide(endings, YEAR, 13, money, people, owed, chances)


def test_it_is_decided_on_what_was_before_the_month() -> None:
    rule = {"few": ending(at=3, payments_below=100)}
    # 99 by the end of month 2: too little. What comes in month 3 itself is not known yet.
    found = decided(rule, [33, 33, 33, 50])
    assert (found.ends.stop[0], found.by[0]) == (3, 0)
    assert not decided(rule, [33, 33, 34]).any
    # The account closes as long after the last month of delivery, 2, as after the contract's.
    assert (found.last_claim[0], found.ends.closing[0]) == (2, 4)


def test_conditions_hold_together_and_it_may_be_decided_again() -> None:
    rule = {"unpaid": ending(at=2, every=2, unpaid_for=2, starts_below=5)}
    # Decided in months 2, 4, 6...: unpaid at the ends of months 2 and 3 for the first time in 4.
    assert decided(rule, [0], [0, 7, 7, 7], [4]).ends.stop[0] == 4
    assert not decided(rule, [0], [0, 7, 7, 7], [5]).any
    assert not decided(rule, [0], [0, 7, 0, 7, 0, 7], [4]).any


def test_notice_and_the_first_end_count() -> None:
    rules = {"late": ending(at=4, notice=6), "early": ending(at=5, notice=3, claims_for=3)}
    found = decided(rules, [0])
    assert (found.ends.stop[0], found.by[0]) == (8, 1)
    assert found.last_claim[0] == 10 and found.ends.closing[0] == 12
    assert not decided({"beyond": ending(at=8, notice=4)}, [0]).any, "it is over by then"
    again = decided({"above": ending(at=1, every=1, payments_above=10)}, [5, 5, 5])
    assert again.ends.stop[0] == 2


MEASURED = with_values(tiny_data(), {
    "people.young.referrals": 60,
    "evidence": {"others": {"design": "comparison", "group": 80}},
    "contract": {
        "job": {"pay": "per_outcome", "for": "work", "price": "£100"},
        "rate": {"pay": "by_result", "for": "work", "result": "rate", "lag": "2 months",
                 "bands": {"half": {"from": "50%", "pays": "£9,000"}}},
        "more": {"pay": "per_effect", "for": "work", "result": "more", "evidence": "others",
                 "price": "£10", "lag": "1 month"},
    },
})  # fmt: skip


def test_it_may_hang_on_a_result_as_it_is_known_by_then() -> None:
    # The lag is two months: at the beginning of month 7 what months 0 to 4 have come to is known.
    plain_deal = sibsim.load(MEASURED)
    rule = {"weak": {"at": 7, "result_of": "rate", "result_below": "36%"}}
    ends = sibsim.load(MEASURED | {"endings": rule})
    trials = 300
    luck = Luck(5, 0, trials)
    block = simulate_block(plain_deal.drawn(luck).population, plain_deal.timeline, luck)
    day = int(plain_deal.timeline.month_starts[5])
    rows = block.reached
    first = (rows.cohort == 0) & (rows.outcome == 0) & (rows.day < day)  # cohort 1 is the group
    reached = np.bincount(rows.trial[first], minlength=trials)
    started = (block.people[0].start < day).sum(axis=1)
    expected = np.where(reached / started < 0.36, 7, 12)
    assert 0.1 < (expected == 7).mean() < 0.9, "it happens in some trials and not in others"
    stop = sibsim.run(ends, trials=trials, seed=5).tables.stop
    assert np.array_equal(np.minimum(stop, 12), expected)
    # In month 2 nothing is known, however low the result.
    early = {"weak": {"at": 2, "result_of": "rate", "result_below": "100%"}}
    stop = sibsim.run(sibsim.load(MEASURED | {"endings": early}), trials=20, seed=5).tables.stop
    assert (stop >= 12).all()


def test_an_end_by_a_measured_result_errs_as_the_evidence_does() -> None:
    rule = {"weak": {"at": 7, "result_of": "more", "result_below": 9}}
    deal = sibsim.load(MEASURED | {"endings": rule})
    without_error = sibsim.load(with_values(MEASURED, {"contract.more": {
        "pay": "per_effect", "for": "work", "result": "more", "price": "£10", "lag": "1 month"}})
        | {"endings": rule})  # fmt: skip
    measured, true = (sibsim.run(d, trials=400, seed=2).tables.stop < 12
                      for d in (deal, without_error))  # fmt: skip
    assert 0.1 < measured.mean() < 0.9 and (measured != true).mean() > 0.05
    idle = deal.replace({"outcomes.work.chance": "30%"})
    assert (sibsim.run(idle, trials=400, seed=2).tables.stop < 12).mean() > measured.mean() + 0.2
    for engine in ("simpy", "fast"):
        again = sibsim.run(deal, trials=40, seed=2, engine=engine).tables.stop < 12
        assert np.array_equal(again, measured[:40]), engine


def test_a_chance_is_a_chance() -> None:
    rule = {"vote": ending(at=6, chance=0.25)}
    assert decided(rule, [0], luck=0.2499).any and not decided(rule, [0], luck=0.25).any


def ended(changes: dict[str, Any], **data: Any) -> dict[str, Any]:
    """The tiny deal with an early end."""
    made = copy.deepcopy(tiny_data()) | data
    made["endings"] = {"early": changes}
    return made


def both_ways(data: dict[str, Any], trials: int = 40) -> tuple[sibsim.Result, sibsim.Result]:
    """With the early end, and without it."""
    without = {key: value for key, value in data.items() if key != "endings"}
    return tuple(
        sibsim.run(sibsim.load(said), trials=trials, seed=6) for said in (data, without)
    )  # type: ignore[return-value]


def test_what_was_before_the_end_stays_as_it_was() -> None:
    data = ended({"at": 6, "payments_below": "£12,000"})
    with_end, without = both_ways(data)
    stop = with_end.tables.stop
    early = stop < with_end.deal.timeline.months
    assert early.any() and not early.all()
    ours = {e.line: e.amount for e in with_end.tables.ledger}
    for entry in without.tables.ledger:
        before = np.arange(entry.amount.shape[1]) < stop[:, None]
        assert (ours[entry.line][before] == entry.amount[before]).all(), entry.line
        assert (ours[entry.line][~early] == entry.amount[~early]).all(), entry.line
    assert (with_end.tables.people["closed_out"][~early] == 0).all()
    frame = with_end.frame()
    assert (frame["contract.ended"] == early).all()
    assert (frame["contract.end_month"][early] == 6).all()


def test_costs_fees_and_claims_cease() -> None:
    fee = {"pay": "fee", "amount": "£100 a month"}
    data = ended({"at": 5, "claims_for": 2})
    data["contract"]["core"] = fee
    with_end, without = both_ways(data)
    costs = next(e.amount for e in with_end.tables.ledger if e.line == "delivery costs")
    assert costs[:, :5].all() and not costs[:, 5:].any()
    place = list(with_end.deal.contract.terms).index("core")
    assert (with_end.tables.paid[:, place] == 5 * 10_000).all()
    work = list(with_end.deal.contract.terms).index("job")
    assert (with_end.tables.paid[:, work] <= without.tables.paid[:, work]).all()
    assert with_end.tables.paid[:, work].sum() < without.tables.paid[:, work].sum()


def test_compensation_is_a_part_of_the_money_that_is_out() -> None:
    # Costs of £250 a month and nothing achieved: £750 are out in month 3, 60 % of them £450.
    data = ended({"at": 3, "by": "commissioner", "pays": "£50", "pays_of_capital": "60%"})
    data["costs"] = {"fixed": "£250 a month"}
    data["outcomes"]["work"]["chance"] = data["outcomes"]["work"]["without"] = "0%"
    result, _ = both_ways(data, 5)
    line = next(e for e in result.tables.ledger if e.line == "compensation")
    assert (line.payer, line.payee) == ("commissioner", "vehicle")
    assert (line.amount[:, 3] == 50_000).all() and line.amount.sum() == 5 * 50_000
    assert (result.frame()["payments.compensation"] == 500).all()
    assert (result.frame()["investor.received"] == 500).all()
    assert (result.tables.present_payments == 50_000).all(), "it is the commissioner's payment"


def test_both_engines_end_alike() -> None:
    deal = sibsim.load(ended({"at": 6, "every": 2, "payments_below": "£15,000", "chance": "60%"}))
    fast, slow = (
        sibsim.run(deal, trials=12, seed=3, engine=engine) for engine in ("fast", "simpy")
    )
    assert (fast.tables.stop == slow.tables.stop).all()
    assert (fast.tables.stop < deal.timeline.months).any()
    for one, other in zip(fast.tables.ledger, slow.tables.ledger, strict=True):
        assert (one.amount == other.amount).all(), one.line


def test_blocks_and_settling_again_do_not_matter() -> None:
    deal = sibsim.load(ended({"at": 6, "payments_below": "£12,000"}))
    whole = sibsim.run(deal, trials=30, seed=2)
    outcomes = sibsim.simulate(deal, trials=30, seed=2, block_trials=7)
    again = sibsim.settle(deal, outcomes, workers=1)
    for one, other in zip(whole.tables.ledger, again.tables.ledger, strict=True):
        assert (one.amount == other.amount).all()
    none = deal.replace({"endings.early.payments_below": "£0"})
    assert (sibsim.settle(none, outcomes).tables.stop == deal.timeline.horizon).all()


ENDINGS = st.fixed_dictionaries({
    "by": st.sampled_from(["commissioner", "investor", "provider"]),
    "every": st.integers(1, 4),
    "chance": st.sampled_from(["30%", "100%"]),
    "notice": st.integers(0, 3),
    "pays": st.sampled_from(["£0", "£321.09"]),
    "pays_of_capital": st.sampled_from(["0%", "50%", "120%"]),
    "claims_for": st.integers(0, 5),
})  # fmt: skip

CAPITAL = {
    "senior": {"commitment": "£4,000", "interest": "6%", "rates": ["0%", "2%"], "repay": "bullet",
               "maturity": 5, "day_count": "act/365f", "investor_share": 0},
    "junior": {"commitment": "£9,000", "turn": 2, "hurdle": "8%", "fee": "1%"},
    "own": {"commitment": "£500", "from": "provider", "draw": "up_front"},
    "grant": {"commitment": "£700", "from": "grant_maker", "repay": "never", "draw": "by_schedule",
              "drawings": {"one": {"amount": "£300"}, "two": {"amount": "£400", "starts": 3}}},
}  # fmt: skip
WATERFALL = {
    "distribute": "quarterly", "minimum": "£40",
    "facility": {"limit": "£900", "interest": "9%"},
    "tests": {"cover": {"cover": 0.3, "from": 2}},
    "normal": {
        "costs": {"pay": "costs"}, "facility": {"pay": "facility"},
        "interest": {"pay": "interest", "to": "senior"},
        "money": {"pay": "principal", "to": ["senior", "own"]},
        "reserve": {"pay": "keep", "amount": "£100", "months": 1},
        "first": {"pay": "keep", "until": "repaid", "of": ["senior", "junior"]},
        "hurdle": {"pay": "hurdle", "to": "junior"},
        "catch_up": {"pay": "catch_up", "to": "intermediary", "until": "20%", "share": "60%"},
        "split": {"pay": "share", "to": {"junior": "50%", "commissioner": "25%"}},
        "rest": {"pay": "share", "to": {"provider": "100%"}},
    },
}  # fmt: skip
LINES = {
    "carers": {"cost": "staff", "wage": "£210 a month", "people_each": 4, "ahead": 1,
               "redundancy": "£35"},
    "evaluation": {"cost": "once", "amount": "£333.33", "at": "end", "paid_by": "commissioner",
                   "paid_to": "evaluator", "category": "evaluation"},
    "vehicle": {"cost": "regular", "amount": "£17 a month", "paid_by": "vehicle",
                "paid_to": "manager", "inflation": "3%", "vat": "20%"},
}  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deals(), ENDINGS, st.booleans())
def test_the_laws_hold_whatever_ends_whichever_way(
    data: dict[str, Any], said: dict[str, Any], steps: bool
) -> None:
    months = data["programme"]["months"]
    if months > 2:
        data["endings"] = {"early": said | {"at": max(months // 3, 1)}}
    if steps and months > 5:
        data |= {"capital": CAPITAL, "waterfall": WATERFALL}
        data["costs"] = {**data.get("costs", {}), **LINES}
    result = sibsim.run(sibsim.load(data), trials=6, seed=11)
    tables = result.tables
    for entry in tables.ledger:
        assert (entry.amount >= 0).all(), entry.line
    # every pound that leaves one party arrives at another
    assert (sum(result.flow(party) for party in parties(tables.ledger)) == 0).all()
    # opening balance + in = out + closing balance, never below zero, and nothing left at the end
    assert (np.cumsum(result.flow("vehicle"), axis=1) == tables.cash).all()
    assert (tables.cash >= 0).all() and (tables.unpaid >= 0).all()
    assert (tables.cash[:, -1] == 0).all()
    for name, tranche in result.deal.capital.items():
        drawn = sum(e.amount.sum(axis=1) for e in tables.ledger
                    if e.tranche == name and e.payee == "vehicle")  # fmt: skip
        assert (drawn <= round(tranche.commitment.mean)).all()
    stop = tables.stop[:, None]
    paid = next(e.amount for e in tables.ledger if e.line == "delivery costs")
    late = np.arange(paid.shape[1]) >= stop
    assert not paid[late].any()


@pytest.mark.parametrize(("changes", "said"), [
    ({"capital": {"a": {"commitment": "£5", "draw": "by_schedule"}}},
     "capital.a.drawings: no `drawings`"),
    ({"capital": {"a": {"commitment": "£5", "drawings": {"x": {"amount": "£5"}}}}},
     "capital.a.drawings: `drawings` with `draw: on_need`"),
    ({"capital": {"a": {"commitment": "£5", "draw": "by_schedule",
                        "drawings": {"x": {"amount": "£6"}}}}}, "1.2 times the commitment"),
    ({"capital": {"a": {"commitment": "£5", "draw": "by_schedule", "repay": "bullet",
                        "maturity": 4, "drawings": {"x": {"amount": "£5", "at": 4}}}}},
     "capital.a.drawings.x.at: a drawing after 4 months"),
    ({"capital": {"a": {"commitment": "£5", "maturity": 4}}}, "capital.a.maturity: a maturity of"),
    ({"capital": {"a": {"commitment": "£5", "repay": "amortise", "repay_from": 20}}},
     "capital.a.repay_from: at or after the contract's end"),
    ({"capital": {"a": {"commitment": "£5", "repay": "never", "interest": "5%"}}},
     "capital.a.repay: a grant that bears interest"),
    ({"capital": {"bank": {"commitment": "£5"}}}, "capital.bank: a tranche called `bank`"),
    ({"waterfall": {"normal": {"rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal: no step that pays `costs`"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"}}}},
     "waterfall.normal.costs: cash that may have nowhere to go"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"},
                               "back": {"pay": "principal", "to": "fund"},
                               "most": {"pay": "share", "to": {"provider": "33.33%",
                                        "fund": "33.33%", "commissioner": "33.33%"}}}}},
     "nowhere to go after the last step: its shares come to 99.99%"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"},
                               "back": {"pay": "principal", "to": "fund"},
                               "all": {"pay": "share", "to": {"fund": "60%", "provider": "40%"}},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal.rest: a step that no cash comes to: `all` shares all that is left"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"}, "back": {"pay": "principal",
                               "to": "nobody"}}}}, "waterfall.normal.back.to"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "no step that gives `fund` its money back"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"},
                               "back": {"pay": "principal", "to": "fund"},
                               "rest": {"pay": "share", "to": {"provider": "70%",
                                                               "commissioner": "40%"}}}}},
     "waterfall.normal.rest.to: shares that add up to 110%"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"},
                               "back": {"pay": "principal", "to": "fund"},
                               "some": {"pay": "share", "to": {"friend": "10%"}},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal.some.to.friend: no tranche of this name"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"}, "line": {"pay": "facility"},
                               "back": {"pay": "principal", "to": "fund"},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal: a step that pays `facility`, allowed: none"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"}, "up": {"pay": "hurdle", "to": "fund"},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal.up.to: `fund`, which has no hurdle"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"}, "up": {"pay": "keep"},
                               "back": {"pay": "principal", "to": "fund"},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal.up: nothing is kept"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"},
                               "up": {"pay": "keep", "months": 2, "of": "fund"},
                               "back": {"pay": "principal", "to": "fund"},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal.up.of: tranches, without `until: repaid`"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"}, "again": {"pay": "costs"},
                               "back": {"pay": "principal", "to": "fund"},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal: 2 steps that pay `costs`"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"},
                               "first": {"pay": "share", "to": {"provider": "100%"}},
                               "back": {"pay": "principal", "to": "fund"},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal.back: a step that no cash comes to: `first` shares all that is left"),
    ({"waterfall": {"normal": {"costs": {"pay": "costs"},
                               "all": {"pay": "keep", "until": "repaid", "months": 2},
                               "back": {"pay": "principal", "to": "fund"},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     "waterfall.normal.all: an amount, where everything that is left is kept"),
    ({"waterfall": {"tests": {"both": {"cover": 1, "payments": "£5"}}}},
     "waterfall.tests.both: both"),
    ({"waterfall": {"tests": {"none": {"from": 3}}}},
     "waterfall.tests.none: neither `cover` nor `payments`"),
    ({"endings": {"late": {"at": 48}}}, "endings.late.at: at or after the contract's end"),
    ({"endings": {"by": {"by": "nobody"}}}, "endings.by.by"),
    ({"endings": {"e": {"result_of": "job", "result_below": "5%"}}},
     "endings.e.result_of: `job`, which pays for no result"),
    ({"endings": {"e": {"result_of": "jab", "result_below": "5%"}}},
     "endings.e.result_of: \"jab\", which is not defined under `contract` / allowed: job, kept / "
     "did you mean 'job'?"),
    ({"endings": {"e": {"result_of": "caps", "result_below": "5%"}},
      "contract": tiny_data()["contract"] | {"caps": {"contract": "£9"}}},
     "endings.e.result_of: \"caps\", which is not defined under `contract` / allowed: job, kept"),
    ({"people": {"over": {"referrals": 20, "over": "6 months"}}, "contract": {
        "job": {"pay": "per_outcome", "for": "work", "price": "£1", "cohort": "ower"}}},
     "contract.job.cohort: \"ower\", which is not defined under `people` / allowed: over"),
    ({"endings": {"e": {"result_below": "5%"}}}, "endings.e: no `result_of`"),
])  # fmt: skip
def test_mistakes_are_named_by_their_address(changes: dict[str, Any], said: str) -> None:
    data = copy.deepcopy(tiny_data()) | changes
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(data)
    assert said.split(", allowed")[0] in str(caught.value)


@pytest.mark.parametrize(("fund", "to", "nowhere"), [
    ({}, {"fund": "70%", "provider": "30%"}, False),
    ({"most": 2}, {"fund": "70%", "provider": "30%"}, True),
    ({"commitment": {"uniform": ["£1,000", "£9,000"]}}, {"fund": "70%", "provider": "30%"}, True),
    ({}, {"fund": "70%", "provider": "20%"}, True),
    ({}, {"provider": {"uniform": ["10%", "90%"]}, "commissioner": "50%"}, True),
])  # fmt: skip
def test_all_cash_has_somewhere_to_go(
    fund: dict[str, Any], to: dict[str, Any], nowhere: bool
) -> None:
    data = copy.deepcopy(tiny_data())
    data["capital"] = {"fund": {"commitment": "£50,000"} | fund}
    data["waterfall"] = {"normal": {
        "costs": {"pay": "costs"}, "back": {"pay": "principal", "to": "fund"},
        "rest": {"pay": "share", "to": to}}}  # fmt: skip
    if nowhere:
        with pytest.raises(ScenarioError, match="cash that may have nowhere to go"):
            sibsim.load(data)
        return
    result = sibsim.run(sibsim.load(data), trials=50, seed=1)
    assert (result.tables.cash[:, -1] == 0).all(), "the account is empty when all is over"


LOAN = {"commitment": "£50,000", "repay": "bullet", "hurdle": "8%"}


def waterfall(distribute: str, *between: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Steps that give the fund its money and the provider the rest, with others between them."""
    return {"distribute": distribute, "normal": {
        "costs": {"pay": "costs"}, "back": {"pay": "principal", "to": "fund"}, **dict(between),
        "rest": {"pay": "share", "to": {"provider": "100%"}}}}  # fmt: skip


KEPT = ("kept", {"pay": "keep", "until": "repaid"})
UP = ("up", {"pay": "hurdle", "to": "fund"})
GIFT = {"commitment": "£1", "from": "grant_maker", "repay": "never"}


@pytest.mark.parametrize(("changes", "said"), [
    ({"capital": {"fund": LOAN}}, {"capital.fund.hurdle": "no step `hurdle`"}),
    ({"capital": {"fund": LOAN}, "waterfall": waterfall("at_end", UP)}, {}),
    ({"capital": {"fund": LOAN}, "waterfall": waterfall("monthly", KEPT, UP)}, {}),
    ({"capital": {"fund": LOAN}, "waterfall": waterfall("monthly", UP)},
     {"waterfall.normal.rest": "money of `fund` is out that is not yet due"}),
    ({"capital": {"fund": LOAN | {"repay": "sweep"}}, "waterfall": waterfall("monthly", UP)}, {}),
    ({"capital": {"fund": LOAN | {"repay": "sweep", "repay_from": 6}},
      "waterfall": waterfall("monthly", UP)}, {"waterfall.normal.rest": "money of `fund` is out"}),
    ({"capital": {"fund": LOAN | {"investor_share": "50%"}}, "waterfall": waterfall("at_end", UP)},
     {"capital.fund.investor_share": "does nothing beside steps"}),
    ({"capital": {"fund": {"commitment": "£9"}, "gift": GIFT},
      "waterfall": waterfall("at_end", ("part", {"pay": "share", "to": {"gift": "5%"}}))},
     {"waterfall.normal.part": "back to `gift`, a grant that does not come back"}),
    ({"capital": {"gift": GIFT | {"hurdle": "5%"}}}, {"capital.gift.hurdle": "does not come back"}),
    ({"capital": {"fund": {"commitment": "£9", "draw": "by_schedule", "drawings": {
        "x": {"amount": "£9", "starts": 999_999}}}}},
     {"capital.fund.drawings.x.starts": "is never reached: only "}),
    ({"endings": {"e": {"at": 3, "notice": 60}}}, {"endings.e.notice": "nothing happens"}),
    ({"endings": {"e": {"at": 3, "payments_below": "£0"}}},
     {"endings.e.payments_below": "never happens"}),
    ({"endings": {"e": {"at": 3, "payments_below": "£5", "payments_above": "£5"}}},
     {"endings.e": "cannot be both below and above"}),
    ({"endings": {"e": {"at": 3, "payments_below": "£6", "payments_above": "£5"}}}, {}),
    ({"endings": {"e": {"at": 3, "unpaid_for": 600}}}, {"endings.e.unpaid_for": "not so long"}),
    ({"waterfall": {"facility": {"limit": "£0", "interest": "5%"}}},
     {"waterfall.facility.limit": "lends nothing"}),
    ({"waterfall": {"distribute": "monthly", "tests": {"late": {"cover": 1, "from": 48}}}},
     {"waterfall.tests.late.from": "is never applied"}),
    ({"waterfall": {"tests": {"cover": {"cover": 1}}}},
     {"waterfall.tests.cover": "does nothing with `distribute: at_end`"}),
    ({"contract": {"caps": {"contract": "£9"}, "fee": {"pay": "fee", "amount": "£1 a month"}},
      "waterfall": {"distribute": "monthly", "tests": {"sum": {"payments": "£10"}}},
      "endings": {"e": {"at": 3, "payments_above": "£10"}}},
     {"waterfall.tests.sum.payments": "it always fails",
      "endings.e.payments_above": "the contract's cap is lower"}),
    ({"capital": {"fund": {"commitment": "£9"}}, "endings": {"e": {"at": 3}},
      "waterfall": {"wind_down": {"costs": {"pay": "costs"}, "some": {"pay": "keep", "months": 1},
                                  "back": {"pay": "principal", "to": "fund"},
                                  "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     {"waterfall.wind_down.some": "keeps nothing"}),
    ({"capital": {"fund": {"commitment": "£9"}},
      "waterfall": {"normal": {"back": {"pay": "principal", "to": "fund"},
                               "costs": {"pay": "costs"},
                               "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     {"waterfall.normal": "with what the steps above it leave"}),
    ({"endings": {"e": {"at": 2, "unpaid_for": 3}}},
     {"endings.e.unpaid_for": "it is decided before"}),
    ({"endings": {"e": {"at": 3, "unpaid_for": 3}}}, {}),
    ({"endings": {"e": {"at": 3, "starts_below": 0}}}, {"endings.e.starts_below": "never happens"}),
    ({"endings": {"e": {"at": 3, "by": "investor", "pays_of_capital": "75%"}}},
     {"endings.e.pays": "is paid by the investor"}),
    ({"endings": {"e": {"at": 3, "by": "investor", "paid_by": "commissioner", "pays": "£5"}}}, {}),
    ({"capital": {"fund": {"commitment": "£9", "repay": "bullet", "maturity": 300}}},
     {"capital.fund.maturity": "is after the account closes"}),
    ({"capital": {"fund": {"commitment": "£9", "guarantee": "£10"}}},
     {"capital.fund.guarantee": "is more than the commitment"}),
    ({"capital": {"fund": {"commitment": "£9", "guarantee": "£9"}}}, {}),
    ({"capital": {"fund": {"commitment": "£9"}},
      "waterfall": waterfall("at_end", ("more", {"pay": "principal", "to": "fund"}),
                             ("coupon", {"pay": "interest", "to": "fund"}))},
     {"waterfall.normal.more": "nothing to pay `fund`: `back` has paid it all",
      "waterfall.normal.coupon": "`fund` bears no interest"}),
])  # fmt: skip
def test_what_is_allowed_and_does_nothing_is_said(
    changes: dict[str, Any], said: dict[str, str]
) -> None:
    from sibsim.scenario.file import check

    found = {w.address: str(w) for w in check(copy.deepcopy(tiny_data()) | changes).warnings}
    about = {k: v for k, v in found.items() if k.startswith(("capital", "waterfall", "endings"))}
    assert about.keys() == said.keys()
    assert all(words in about[address] for address, words in said.items())


@pytest.mark.parametrize(("caps", "said"), [
    ({"person": "£10", "contract": "£9"},
     {"person": "never binds", "..job.price": "", "..kept.price": ""}),
    ({"period": "£9,000", "contract": "£8,000"}, {"period": "above the cap of the whole contract"}),
    ({"period": "£8,000", "contract": "£8,000"}, {}),
    ({"period_length": "6 months"}, {"period_length": "does nothing without"}),
    ({"period_length": "6 months", "least_period": "£1"}, {}),
    ({"person": "£2,500"}, {"..kept.price": "more than the cap for one person"}),
])  # fmt: skip
def test_caps_that_do_nothing_or_cut_every_claim_are_said(
    caps: dict[str, Any], said: dict[str, str]
) -> None:
    from sibsim.scenario.file import check

    data = with_values(tiny_data(), {"contract.caps": caps})
    found = {w.address: str(w) for w in check(data).warnings if w.address.startswith("contract")}
    wanted = {f"contract.{k[2:]}" if k.startswith("..") else f"contract.caps.{k}": words
              for k, words in said.items()}  # fmt: skip
    assert found.keys() == wanted.keys()
    assert all(words in found[address] for address, words in wanted.items())


def test_capital_that_can_never_pay_what_is_certain_is_said_with_the_month() -> None:
    data = copy.deepcopy(tiny_data())
    months = sibsim.load(data).timeline.months
    data["contract"]["caps"] = {"contract": "£1,000"}
    data["capital"] = {"fund": {"commitment": "£500"}}
    data["costs"] = {"fixed": "£200 a month"}
    from sibsim.scenario.file import check

    warned = [w for w in check(data).warnings if w.address == "capital"]
    # £1,500 pay for months 0 to 6 and half of month 7.
    assert len(warned) == 1
    assert f"from month 8 on, {200 * months - 1_500:,} short in all" in str(warned[0])


def test_steps_that_nobody_wrote_are_read_back_where_they_are_used() -> None:
    data = copy.deepcopy(tiny_data())
    data["capital"] = {"fund": {"commitment": "£50,000", "interest": "5%"}}
    data["waterfall"] = waterfall("monthly", ("coupon", {"pay": "interest", "to": "fund"})) | {
        "tests": {"cover": {"cover": 1.1}}
    }  # fmt: skip
    data["endings"] = {"end": {"at": 6, "every": "1 month", "payments_below": "£1"}}
    told = "\n".join(read_back(sibsim.load(data)))
    assert "While a test fails by these steps instead:\n    1. costs: " in told
    assert "    2. interest_fund: interest that is owed to fund." in told
    assert "After an early end by the same steps; all money is due then, and nothing" in told
    assert "after 6 months and every month from then on" in told


def test_an_end_by_a_result_is_read_back_and_said_where_it_cannot_be() -> None:
    from sibsim.scenario.file import check

    rule = {"weak": {"at": 2, "result_of": "rate", "result_below": "40%"}}
    reading = check(MEASURED | {"endings": rule})
    told = "\n".join(read_back(reading.scenario))
    assert "if the result of rate, as it is known by then, is below 40%" in told
    assert [w.address for w in reading.warnings] == ["endings.weak.result_of"]
    alone = {k: v for k, v in tiny_data().items() if k != "capital"}
    rule = {"e": {"at": 3, "pays_of_capital": "75%"}}
    assert [w.address for w in check(alone | {"endings": rule}).warnings] == [
        "endings.e.pays_of_capital"
    ]


def test_an_investor_who_pays_to_end_it_has_put_that_in() -> None:
    rule = {"e": {"at": 6, "by": "investor", "pays_of_capital": "75%"}}
    deal = sibsim.load(tiny_data() | {"endings": rule})
    result = sibsim.run(deal, trials=200, seed=1)
    figures = result.frame()
    paid = figures["payments.compensation"]
    assert (paid > 0).all()
    lent = -result.lines("investor")["capital drawn"].sum(axis=1) / 100
    assert np.allclose(figures["investor.drawn"], lent + paid)
    back = figures["investor.received"]
    assert np.allclose(figures["investor.profit"], back - lent - paid)
    assert ((figures["investor.profit"] < 0) == (figures["investor.loss"] == 1)).all()
    assert np.allclose(figures["investor.multiple"], back / (lent + paid))


def test_the_headline_and_the_net_saving_know_all_that_the_commissioner_pays_and_gets() -> None:
    from sibsim.report.formats import headline

    data = tiny_data()
    data["programme"]["discount"] = "0%"
    data["contract"]["fee"] = {"pay": "fee", "amount": "£9,000 a month"}
    data["endings"] = {"e": {"at": 6, "pays": "£40,000"}}
    data["waterfall"] = {"normal": {
        "costs": {"pay": "costs"}, "back": {"pay": "principal", "to": "fund"},
        "rest": {"pay": "share", "to": {"commissioner": "50%", "provider": "50%"}}}}  # fmt: skip
    result = sibsim.run(sibsim.load(data), trials=100, seed=1)
    figures, lines = result.frame(), result.lines("commissioner")
    given = lines["gain share"].sum(axis=1) / 100
    assert (given > 0).all() and np.allclose(figures["payments.gain_share"], given)
    compensation = figures["payments.compensation"]
    assert (compensation == 40_000).all()
    # Without discounting its present value is what moves.
    assert np.allclose(figures["commissioner.payments"],
                       figures["payments.total"] + compensation - given)  # fmt: skip
    net = -result.flow("commissioner").sum(axis=1) / 100
    assert np.allclose(figures["commissioner.payments"], net), "as the budget has it"
    said = headline(result, result.summary())[0]
    assert ", beside £40,000 of compensation for early ends, and to be given £" in said
