"""Every kind of payment and what stands around it, by hand: the arithmetic is in the test."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from conftest import tiny_data
from statistical import assert_share

import sibsim
from sibsim.contract.agreement import Caps, Contract, Payer, Verification
from sibsim.contract.claims import Claims
from sibsim.contract.pay import Facts, Payments, pay
from sibsim.contract.payers import contributions
from sibsim.contract.terms import (
    Band,
    ByResult,
    Clawback,
    Deduction,
    Fee,
    Goal,
    PerActivity,
    PerEffect,
    PerOutcome,
    Reward,
    ShareOfSaving,
    Tier,
)
from sibsim.errors import ScenarioError
from sibsim.quantities import plain
from sibsim.report.words import read_back
from sibsim.rounding import split
from sibsim.scenario.file import check

Row = tuple[int, int, int, int]
"""Person, outcome, occurrence, month."""


def claims(*rows: Row, amounts: tuple[int, ...] = (), segments: tuple[int, ...] = ()) -> Claims:
    """Claims of one trial and cohort."""
    person, outcome, occurrence, month = np.array(rows, np.int64).reshape(-1, 4).T
    zero, one = np.zeros(len(rows), np.int64), np.ones(len(rows), np.int64)
    amount = np.array(amounts, np.int64) if amounts else one
    segment = np.array(segments, np.int64) if segments else -one
    return Claims(zero, zero, person, outcome, occurrence, month, amount, segment, month)


def paid(
    terms: dict[str, Any],
    made: Claims | None = None,
    *,
    months: int = 24,
    results: Mapping[tuple[int, int], float] | float = 0.0,
    activity: list[int] | None = None,
    luck: tuple[float, float] = (0.5, 0.5),
    start: int = 4,
    **around: Any,
) -> Payments:
    """What a contract pays for one trial."""
    contract = Contract(terms, **around)
    counted = np.array([activity if activity else [0] * months])
    horizon = months + contract.longest_lag

    def find(compared: Any, first: int, last: int) -> np.ndarray:
        return np.array([results[first, last] if isinstance(results, dict) else results])

    facts = Facts(
        1, months, horizon, start, {"a": 0, "b": 1}, {"all": 0}, ("hard", "easy"),
        np.array([[0.0, 0.10, 0.05, 0.05]]), claims() if made is None else made, {},
        lambda kind, cohort: counted, find,
        lambda address, trial, person, occurrence: np.tile(luck, (len(trial), 1)),
    )  # fmt: skip
    return pay(contract, facts)


def by_month(found: Payments, term: int = 0) -> dict[int, int]:
    """Months in which a term pays something, and how much."""
    line = found.paid[0, :, term]
    return {int(month): int(line[month]) for month in np.flatnonzero(line)}


def pounds(value: float) -> Any:
    """An amount of money."""
    return plain(value * 100)


# --- prices ---------------------------------------------------------------------------------------


def test_an_attachment_fee_tapers_by_year() -> None:
    # Troubled Families: £4,000 for each family, 80 / 60 / 40 % of it in years 1, 2, 3.
    fee = PerActivity(of="start", price=pounds(4_000),
                      by_year=(plain(0.8), plain(0.6), plain(0.4)))  # fmt: skip
    starts = [0] * 48
    starts[0], starts[11], starts[12], starts[30], starts[47] = 1, 2, 1, 1, 1
    found = paid({"attach": fee}, months=48, activity=starts)
    assert by_month(found) == {0: 3_200_00, 11: 6_400_00, 12: 2_400_00, 30: 1_600_00, 47: 1_600_00}
    assert found.claims.tolist() == [[6]]


@pytest.mark.parametrize(("of", "expected"), [
    ("day", 61 * 7_35), ("week", round(61 * 7_35 / 7)), ("month", round(61 * 7_35 / 30.4375)),
])  # fmt: skip
def test_time_in_service_is_paid_for_by_the_day(of: str, expected: int) -> None:
    found = paid({"time": PerActivity(of=of, price=pounds(7.35))}, activity=[61] + [0] * 23)
    assert by_month(found) == {0: expected}


def test_a_price_follows_the_index_in_part() -> None:
    # Prices rise by 10 % in the second year and 5 % in the third; half of that is passed on.
    fee = Fee(amount=plain(1_000_00, "month"), indexed=plain(0.5), uplift=plain(0.01))
    found = paid({"core": fee}, months=36)
    assert by_month(found)[11] == 1_000_00
    assert by_month(found)[12] == 1_060_00  # 1 + 0.01 + 0.5 x 0.10
    assert by_month(found)[24] == 1_097_10  # x (1 + 0.01 + 0.5 x 0.05)


def test_claims_beyond_a_number_are_cheaper() -> None:
    line = PerOutcome(for_="a", price=pounds(100), tiers={
        "some": Tier(plain(2), pounds(60)), "many": Tier(plain(4), pounds(10)),
    })  # fmt: skip
    made = claims(*((who, 0, 0, month) for who, month in enumerate((5, 1, 1, 1, 5))))
    # Month 1: the first two at £100, the third at £60; month 5: the fourth at £60, then £10.
    assert by_month(paid({"a": line}, made)) == {1: 260_00, 5: 70_00}


def test_a_claim_may_cross_a_tier() -> None:
    line = PerOutcome(for_="a", price=pounds(2), claims_per_person=None,
                      tiers={"more": Tier(plain(10), pounds(1))})  # fmt: skip
    made = claims((0, 0, 0, 0), (1, 0, 0, 0), amounts=(7, 7))
    assert by_month(paid({"a": line}, made)) == {0: 24_00}  # 10 x £2 + 4 x £1


def test_a_segment_has_its_own_price() -> None:
    line = PerOutcome(for_="a", price=pounds(101), by_segment={"hard": plain(1.405)})
    made = claims((0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0), segments=(0, 1, -1))
    assert by_month(paid({"a": line}, made)) == {0: 141_91 + 2 * 101_00}  # 141.905 rounded


def test_seven_days_of_one_person_make_a_week() -> None:
    line = PerOutcome(for_="a", price=pounds(500), each=plain(7), claims_per_person=None)
    made = claims((0, 0, 0, 0), (0, 0, 1, 1), (0, 0, 2, 2), (1, 0, 0, 2), amounts=(6, 9, 5, 6))
    # Days so far 6, 15, 20: weeks 0, 2, 2. The other has six days and no week.
    found = paid({"weeks": line}, made)
    assert by_month(found) == {1: 1_000_00}
    assert found.claims.tolist() == [[2]]


# --- by result ------------------------------------------------------------------------------------


def bands(*pairs: tuple[float, float], **said: Any) -> ByResult:
    """A term of bands (result, pounds)."""
    made = {f"b{n}": Band(plain(at), pounds(pays)) for n, (at, pays) in enumerate(pairs)}
    return ByResult(for_="a", result="rate", bands=made, **said)


def test_a_yearly_coupon_on_the_rate_so_far() -> None:
    # Newpin: 7.5 % from a rate of 60 %, 12 % from 65 %, 15 % from 70 %, in a line, of A$7m.
    coupon = bands((0.6, 525_000), (0.65, 840_000), (0.7, 1_050_000), between="line",
                   every=plain(12))  # fmt: skip
    rates = {(0, 12): 0.60, (0, 24): 0.6158, (0, 36): 0.6525}
    found = paid({"coupon": coupon}, months=36, results=rates)
    assert by_month(found) == {11: 525_000_00, 23: 624_540_00, 35: 850_500_00}
    assert [round(x / 7_000_000_00, 4) for x in by_month(found).values()] == [0.075, 0.0892, 0.1215]


def test_windows_of_a_measurement() -> None:
    once = bands((0, 1))
    assert once.windows(30) == [(0, 30)]
    assert bands((0, 1), at=plain(18)).windows(30) == [(0, 18)]
    assert bands((0, 1), every=plain(12)).windows(30) == [(0, 12), (0, 24)]
    since = bands((0, 1), at=plain(6), every=plain(12), counts="since_last")
    assert since.windows(30) == [(0, 6), (6, 18), (18, 30)]


def test_peterborough_pays_the_pool_only_if_no_cohort_was_paid() -> None:
    terms = sibsim.load("peterborough").contract.terms
    pooled = {"first": bands((0.1, 4), at=plain(12)), "second": bands((0.1, 4)),
              "both": bands((0.075, 6), unless=("first", "second"))}  # fmt: skip
    assert terms["both_cohorts"].unless == ("first_cohort", "second_cohort")  # type: ignore[union-attr]

    def total(first: float, second: float, both: float) -> list[int]:
        results = iter([first, second, both])
        contract = Contract(pooled)
        facts = Facts(
            1, 24, 24, 9, {"a": 0}, {"all": 0}, (), np.zeros((1, 2)), claims(), {},
            lambda *_: np.zeros((1, 24), np.int64),
            lambda compared, low, high: np.array([next(results)]), lambda *_: np.zeros((0, 2)),
        )  # fmt: skip
        found = pay(contract, facts).paid[0].sum(axis=0)
        return [int(pence) // 100 for pence in found]

    assert total(0.084, 0.097, 0.09) == [0, 0, 6], "what happened: missed twice, and then paid"
    assert total(0.084, 0.101, 0.09) == [0, 4, 0]
    assert total(0.12, 0.05, 0.09) == [4, 0, 0]
    assert total(0.084, 0.05, 0.067) == [0, 0, 0]


def test_what_really_happened_in_peterborough_pays_once_and_late() -> None:
    deal = sibsim.load("peterborough")
    results = {"first_cohort": 0.084, "second_cohort": 0.097, "both_cohorts": 0.09}
    from sibsim.contract.pay import pay_counts

    made = pay_counts(deal.contract, {}, {n: np.array([r]) for n, r in results.items()}, {})
    assert made.paid.sum(axis=(0, 1)).tolist() == [0, 0, 6_150_000_00]
    assert int(np.flatnonzero(made.total[0])[0]) == 22, "22 months after the contract"


def test_a_price_for_each_percentage_point() -> None:
    # Denver's first slope: $160,000 a point.
    point = PerEffect(for_="a", result="reduction", price=pounds(160_000), unit=plain(0.01))
    assert by_month(paid({"p": point}, results=0.295)) == {23: 4_720_000_00}
    assert by_month(paid({"p": point}, results=-0.2)) == {}


def test_days_saved_are_paid_for_as_they_come() -> None:
    each = PerEffect(for_="a", result="fewer", price=pounds(75), every=plain(12))
    found = paid({"days": each}, results={(0, 12): 40.0, (12, 24): 0.0})
    assert by_month(found) == {11: 3_000_00} and found.claims.tolist() == [[40]]


# --- rewards, savings, taking back ----------------------------------------------------------------


def goal(weight: float, target: float, **said: Any) -> Goal:
    """A measure of a reward."""
    named = {"for_": "a", "result": "rate"} | said
    return Goal(weight=plain(weight), target=plain(target), **named)


CORE = Fee(amount=plain(10_000_01, "month"))


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_core_plus_reward_splits_the_same_money(share: float) -> None:
    # From time and task (nil), over 80 / 20, to full payment by results: one number.
    reward = Reward(of=("core",), share=plain(share), every=plain(12),
                    measures={"all": goal(1, 0.5)})  # fmt: skip
    met = paid({"core": CORE, "reward": reward}, results=0.5)
    held = int(np.floor(share * 10_000_01 + 0.5))
    assert set(by_month(met).values()) == ({10_000_01 - held} if share < 1 else set())
    assert by_month(met, 1) == ({11: 12 * held, 23: 12 * held} if share else {})
    assert met.total.sum() == 24 * 10_000_01
    half = paid({"core": CORE, "reward": reward}, results=0.25)
    assert half.total.sum() == 24 * (10_000_01 - held) + 2 * int(np.floor(6 * held + 0.5))


def test_educate_girls_is_paid_for_two_weighted_measures_up_to_its_cap() -> None:
    # Learning 160 % of its target, weight 80 %; enrolment 116 % of its own, weight 20 %.
    measures = {"learning": goal(0.8, 5592, most=plain(10)),
                "enrolment": goal(0.2, 0.79, for_="b", most=plain(10))}  # fmt: skip
    reward = Reward(pays=pounds(300_000), measures=measures)
    results = {"a": 8940.0, "b": 0.92}
    contract = Contract({"impact": reward}, Caps(contract=pounds(422_000)))
    facts = Facts(
        1, 36, 36, 5, {"a": 0, "b": 1}, {"all": 0}, (), np.zeros((1, 3)), claims(), {},
        lambda *_: np.zeros((1, 36), np.int64),
        lambda compared, low, high: np.array([results[compared.for_]]),
        lambda *_: np.zeros((0, 2)),
    )  # fmt: skip
    found = pay(contract, facts)
    score = 0.8 * 8940 / 5592 + 0.2 * 0.92 / 0.79
    assert found.owed.tolist() == [[int(np.floor(300_000_00 * score + 0.5))]]
    assert found.total.sum() == 422_000_00 < found.owed.sum()


@pytest.mark.parametrize(("result", "score"), [
    (0.30, -0.2), (0.40, 0.0), (0.5, 0.5), (0.6, 1.0), (0.68, 1.4), (0.9, 1.5),
])  # fmt: skip
def test_bonus_above_the_target_and_malus_below(result: float, score: float) -> None:
    measure = goal(1, 0.6, from_=plain(0.4), most=plain(1.5), least=plain(-0.2))
    found = paid({"core": CORE, "reward": Reward(pays=pounds(1_000), measures={"m": measure})},
                 results=result)  # fmt: skip
    assert by_month(found, 1) == ({23: round(1_000_00 * score)} if score else {})
    assert found.total.sum() == 24 * 10_000_01 + round(1_000_00 * score)


def test_all_or_nothing_at_the_target() -> None:
    reward = Reward(pays=pounds(5), measures={"m": goal(1, 0.3, between="step")})
    assert [paid({"r": reward}, results=r).total.sum() for r in (0.2999, 0.1 + 0.2, 0.9)] == [
        0, 5_00, 5_00,
    ]  # fmt: skip


def test_utah_pays_one_share_until_all_is_repaid_and_then_another() -> None:
    term = ShareOfSaving(
        for_="a", result="fewer", saves=pounds(2_580), share=plain(0.95), until=pounds(400_000),
        interest=plain(0.05), then=plain(0.4), every=plain(12),
    )  # fmt: skip
    results = {(0, 12): 109.0, (12, 24): 100.0, (24, 36): 100.0}
    found = paid({"u": term}, months=36, results=results)
    # Year 1: 400,000 x 1.05 = 420,000 owing; 0.95 x 281,220 = 267,159; left 152,841.
    # Year 2: x 1.05 = 160,483.05 owing; 0.95 x 258,000 = 245,100: repaid with 168,929.526 of the
    # saving, and 40 % of the other 89,070.474 is 35,628.19.
    # Year 3: 40 % of 258,000.
    left = 258_000 - 160_483.05 / 0.95
    second = 160_483.05 + 0.4 * left
    assert by_month(found) == {11: 267_159_00, 23: round(second * 100), 35: 103_200_00}


def test_a_penalty_is_set_against_what_else_is_paid() -> None:
    penalty = Deduction(for_="a", price=pounds(50), claims_per_person=None)
    line = PerOutcome(for_="b", price=pounds(80))
    made = claims((0, 0, 0, 0), (0, 0, 1, 0), (1, 1, 0, 1), (2, 1, 0, 2), (2, 0, 0, 23))
    found = paid({"missed": penalty, "work": line}, made)
    # £100 of penalties in month 0 and nothing to pay: £80 of it in month 1 and £20 in month 2.
    assert by_month(found) == {1: -80_00, 2: -20_00}
    assert found.total[0, :3].tolist() == [0, 0, 60_00]
    assert found.lapsed.tolist() == [50_00] and found.back.tolist() == [0]
    assert (found.total >= 0).all()


def test_a_penalty_takes_no_more_than_its_cap() -> None:
    penalty = Deduction(for_="a", price=pounds(50), claims_per_person=None, cap=pounds(70))
    made = claims((0, 0, 0, 0), (0, 0, 1, 0))
    found = paid({"core": CORE, "missed": penalty}, made)
    assert by_month(found, 1) == {0: -70_00} and found.cut["term"].tolist() == [0]


def test_what_is_clawed_back_and_not_there_is_paid_back() -> None:
    claw = Clawback(of=("core",), share=plain(0.5), for_="a", result="rate", below=plain(0.3))
    kept = paid({"core": CORE, "claw": claw}, results=0.3)
    assert by_month(kept, 1) == {} and kept.back.tolist() == [0]
    missed = paid({"core": CORE, "claw": claw}, results=0.29)
    # Half of 24 x £10,000.01 is £120,000.12, of which the last month's £10,000.01 can be kept.
    assert by_month(missed, 1) == {23: -10_000_01}
    assert missed.back.tolist() == [120_000_12 - 10_000_01] and missed.lapsed.tolist() == [0]


def test_a_clawback_stands_in_the_ledger() -> None:
    data = tiny_data()
    data["contract"]["claw"] = {"pay": "clawback", "of": "job", "share": "100%", "for": "work",
                                "result": "rate", "below": 2}  # fmt: skip
    result = sibsim.run(sibsim.load(data), trials=20, seed=1)
    entry = next(e for e in result.tables.ledger if e.line == "paid back")
    assert (entry.payer, entry.payee) == ("provider", "commissioner")
    assert (entry.amount[:, -1] == result.tables.beside["paid_back"]).all() and entry.amount.any()
    jobs = result.tables.paid[:, 0]
    assert (-result.tables.paid[:, 2] + result.tables.beside["paid_back"] == jobs).all()
    assert result.summary()["payments.paid_back"].mean > 0


# --- around the terms -----------------------------------------------------------------------------


ORDERS = {
    # One person claims £40 in month 0 and £40 in month 1; another £40 in month 1.
    # Person £60, period of one month £50, contract £85.
    ("person", "term", "period", "contract"): [40, 45],  # 40 | 20 + 40 -> 50 -> 45
    ("contract", "person", "period", "term"): [40, 25],  # 40 | 45 -> 40 and 5 -> 20 and 5
    ("period", "contract", "person", "term"): [40, 25],  # 40 | 50 -> 45 -> 40 and 5 -> 25
    ("period", "person", "contract", "term"): [40, 30],  # 40 | 50 = 40 + 10 -> 20 + 10 = 30
}


@pytest.mark.parametrize("order", ORDERS)
def test_caps_in_another_order_leave_something_else(order: tuple[str, ...]) -> None:
    line = PerOutcome(for_="a", price=pounds(40), claims_per_person=None)
    caps = Caps(person=pounds(60), period=pounds(50), period_length=plain(1), contract=pounds(85),
                order=order)  # fmt: skip
    found = paid({"a": line}, claims((0, 0, 0, 0), (0, 0, 1, 1), (1, 0, 0, 1)), caps=caps)
    assert [int(x) // 100 for x in found.total[0, :2]] == ORDERS[order]
    assert found.owed.sum() - sum(c.sum() for c in found.cut.values()) == found.total.sum()


def test_floors_are_paid_whatever_is_claimed() -> None:
    line = PerOutcome(for_="a", price=pounds(100), lag=plain(2))
    caps = Caps(least_period=pounds(150), period_length=plain(12), least=pounds(400))
    found = paid({"a": line}, claims((0, 0, 0, 3), (1, 0, 0, 14), (2, 0, 0, 15)), caps=caps)
    # Year 1: £100, so £50 more; year 2: £200; in all £350, so £50 more at the end, 2 months later.
    assert np.flatnonzero(found.guaranteed[0]).tolist() == [13, 25]
    assert found.guaranteed[0, [13, 25]].tolist() == [50_00, 50_00]
    assert found.total.sum() == 400_00


@pytest.mark.parametrize(("dates", "months"), [
    ("monthly", [0, 5, 13]), ("quarterly", [0, 6, 15]), ("yearly", [9, 9, 21]),
])  # fmt: skip
def test_payments_wait_for_the_end_of_the_financial_quarter_or_year(
    dates: str, months: list[int]
) -> None:
    # The contract starts in June: month 0 ends a quarter, month 9 is March.
    line = PerOutcome(for_="a", price=pounds(1))
    made = claims((0, 0, 0, 0), (1, 0, 0, 5), (2, 0, 0, 13))
    found = paid({"a": line}, made, start=6, payment_dates=dates)
    expected: dict[int, int] = {}
    for month in months:
        expected[month] = expected.get(month, 0) + 1_00
    assert by_month(found) == expected


def test_a_verifier_decides_so_many_a_month() -> None:
    line = PerOutcome(for_="a", price=pounds(10))
    made = claims(*((who, 0, 0, month) for who, month in enumerate((0, 0, 0, 0, 0, 1))))
    checks = Verification(delay=plain(1), capacity=plain(2), within=plain(3))
    found = paid({"a": line}, made, verification=checks)
    # Ready in month 1: five, and one in month 2. Two each in months 1, 2, 3: the sixth in month 3.
    assert by_month(found) == {1: 20_00, 2: 20_00, 3: 20_00}
    short = Verification(delay=plain(1), capacity=plain(2), within=plain(2))
    lost = paid({"a": line}, made, verification=short)
    # The fifth waits three months for its decision: one too many.
    assert by_month(lost) == {1: 20_00, 2: 20_00, 3: 10_00}
    assert lost.claims.tolist() == [[5]]


@pytest.mark.parametrize(("luck", "expected"), [
    ((0.1, 0.9), {4: 10_00}), ((0.05, 0.9), {}), ((0.05, 0.5), {7: 10_00}),
])  # fmt: skip
def test_evidence_is_rejected_and_put_in_again(
    luck: tuple[float, float], expected: dict[int, int]
) -> None:
    checks = Verification(delay=plain(1), reject=plain(0.1), resubmit=plain(0.6), again=plain(3))
    line = PerOutcome(for_="a", price=pounds(10))
    found = paid({"a": line}, claims((0, 0, 0, 3)), verification=checks, luck=luck)
    assert by_month(found) == expected


@pytest.mark.parametrize(("luck", "expected"), [
    ((0.05, 0.7), {6: 10_00}),  # rejected in month 4, not put in again; disputed, upheld
    ((0.05, 0.8), {}),  # disputed, and not upheld
    ((0.05, 0.5), {7: 10_00}),  # put in again: there is nothing to dispute
    ((0.08, 0.7), {}),  # not disputed
    ((0.1, 0.7), {4: 10_00}),  # not rejected
])  # fmt: skip
def test_a_rejected_claim_is_disputed(luck: tuple[float, float], expected: dict[int, int]) -> None:
    checks = Verification(
        delay=plain(1), reject=plain(0.1), resubmit=plain(0.6), again=plain(3), dispute=plain(0.06),
        upheld=plain(0.8), decision=plain(2),
    )  # fmt: skip
    line = PerOutcome(for_="a", price=pounds(10))
    found = paid({"a": line}, claims((0, 0, 0, 3)), verification=checks, luck=luck)
    assert by_month(found) == expected


def test_disputes_have_their_chance_and_move_nobody_else() -> None:
    data = varied({})
    data["people"]["young"] |= {"referrals": 400}
    claimed = int(sibsim.run(sibsim.load(data), trials=240, seed=3).tables.claims.sum())
    data["contract"]["verification"] = {"reject": "40%", "resubmit": "50%"}
    before = sibsim.run(sibsim.load(data), trials=240, seed=3)
    data["contract"]["verification"] |= {"dispute": "50%", "upheld": "50%", "decision": "2 months"}
    after = sibsim.run(sibsim.load(data), trials=240, seed=3)
    one, two = (run.tables.claims.sum(axis=1) for run in (before, after))
    assert (two >= one).all() and (before.tables.reached == after.tables.reached).all()
    # Of all, 0.4 x 0.5 are rejected for good; a quarter of these is won. 0.8 becomes 0.85.
    assert_share(int(one.sum()), claimed, 0.8, detect=0.01)
    assert_share(int((two - one).sum()), claimed, 0.05, detect=0.01)


def test_claims_are_decided_after_the_contract_too() -> None:
    checks = Verification(delay=plain(2), within=plain(2))
    line = PerOutcome(for_="a", price=pounds(10), lag=plain(1))
    found = paid({"a": line}, claims((0, 0, 0, 23)), verification=checks)
    assert by_month(found) == {26: 10_00}


def borne(
    payers: dict[str, Payer], made: list[int], luck: float = 0.5, **around: Any
) -> tuple[Any, Any]:
    """What payers bear of amounts in one month after another."""
    rows = [(who, 0, 0, month) for who, month in enumerate(range(len(made)))]
    line = PerOutcome(for_="a", price=plain(1), claims_per_person=None)
    contract = Contract({"a": line}, payers=payers, **around)
    payments = paid({"a": line}, claims(*rows, amounts=tuple(made)), payers=payers, **around)
    years = np.arange(payments.paid.shape[1]) // 12
    found = contributions(contract, payments, years, lambda _, n: np.full((1, n), luck))
    return {n: x[0, : len(made)].tolist() for n, x in found.by_payer.items()}, found.unmet


def test_payers_share_to_the_penny() -> None:
    payers = {"lcf": Payer(plain(1 / 3)), "nhs": Payer(plain(1 / 3))}
    found, _ = borne(payers, [100, 101, 1])
    # A third of 100 is 33 and a third: the odd penny goes to the first; of 101 two, of 1 one.
    assert found == {"lcf": [34, 34, 1], "nhs": [33, 34, 0]}


def test_a_payers_cap_leaves_the_rest_to_the_commissioner_or_to_nobody() -> None:
    capped = {"lcf": Payer(plain(0.4), cap=plain(50))}
    found, unmet = borne(capped, [100, 100, 100])
    assert found == {"lcf": [40, 10, 0]} and unmet.sum() == 0
    alone = {"lcf": Payer(plain(0.4), cap=plain(50), beyond="nobody")}
    found, unmet = borne(alone, [100, 100, 100])
    assert found == {"lcf": [40, 10, 0]} and unmet[0, :3].tolist() == [0, 30, 40]


def test_the_commissioner_has_a_budget_of_its_own() -> None:
    # Of each 100 the fund bears 40 up to 50 in all, the commissioner the rest up to 150 in all.
    capped = {"lcf": Payer(plain(0.4), cap=plain(50))}
    found, unmet = borne(capped, [100, 100, 100], budget=plain(150))
    assert found == {"lcf": [40, 10, 0]}
    assert unmet[0, :3].tolist() == [0, 0, 100], "60, then 90 of 90, then nothing of 100"
    found, unmet = borne(capped, [100, 100, 100], budget=plain(110))
    assert unmet[0, :3].tolist() == [0, 40, 100]
    # What nobody bears of the fund's part is not asked of the commissioner.
    alone = {"lcf": Payer(plain(0.4), cap=plain(50), beyond="nobody")}
    _, unmet = borne(alone, [100, 100, 100], budget=plain(150))
    assert unmet[0, :3].tolist() == [0, 30, 70], "30 and 40 of the fund's, 60 - 30 of its own"
    _, unmet = borne({}, [100, 100], budget=plain(120))
    assert unmet[0, :2].tolist() == [0, 80], "without other payers too"


def test_a_budget_that_is_not_voted_pays_no_more() -> None:
    payers = {"state": Payer(plain(0.5), appropriated=plain(0.5), beyond="nobody")}
    found, _ = borne(payers, [10] * 24, luck=0.5)
    assert found == {"state": [5] * 12 + [0] * 12}, "the first year is sure"
    found, _ = borne(payers, [10] * 24, luck=0.49)
    assert found == {"state": [5] * 24}


def test_split_gives_the_odd_pence_to_the_largest_remainders() -> None:
    parts = split(np.array([7, 0, 10]), [np.array([0.5]), np.array([0.3]), np.array([0.2])])
    # 3.5, 2.1, 1.4: the odd one to the first; 5, 3, 2 exactly.
    assert [part.tolist() for part in parts] == [[4, 0, 5], [2, 0, 3], [1, 0, 2]]


# --- in a whole run -------------------------------------------------------------------------------


def varied(contract: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """The tiny deal with more in its contract."""
    data = copy.deepcopy(tiny_data())
    data["contract"] |= contract
    return data | sections


def test_payers_stand_in_the_ledger_and_everything_nets_to_nothing() -> None:
    data = varied({"payers": {"lcf": {"share": "40%", "cap": "£10,000", "beyond": "nobody"}}})
    result = sibsim.run(sibsim.load(data), trials=30, seed=2)
    known = ("commissioner", "vehicle", "investor", "provider", "suppliers", "lcf")
    assert (sum(result.flow(party) for party in known) == 0).all()
    given = result.summary()["payers.lcf"]
    assert 0 < given.mean <= 10_000
    assert (result.flow("lcf").sum(axis=1) >= -10_000_00).all()
    unmet = result.tables.beside["unmet"]
    assert unmet.any()
    total = result.tables.ledger[0].amount.sum(axis=1)
    assert (total + unmet == result.tables.paid.sum(axis=1)).all()


def test_a_budget_stands_in_the_ledger() -> None:
    data = varied({"budget": "£6,000", "payers": {"lcf": {"share": "40%"}}})
    result = sibsim.run(sibsim.load(data), trials=30, seed=2)
    assert sum(result.flow(p) for p in ("commissioner", "vehicle", "investor", "provider",
                                        "suppliers", "lcf")).any() == 0  # fmt: skip
    spent = -result.flow("commissioner").sum(axis=1)
    assert (spent <= 6_000_00).all() and (spent == 6_000_00).any()
    assert result.summary()["payments.unmet"].mean > 0
    total = result.tables.ledger[0].amount.sum(axis=1)
    unmet = result.tables.beside["unmet"]
    assert unmet.any() and (total + unmet == result.tables.paid.sum(axis=1)).all()


def test_a_result_by_the_year_is_no_other_than_the_same_once() -> None:
    # People who started before a window are compared in it as well: half as many stays, each year.
    data = tiny_data()
    data["programme"]["months"] = 36
    data["people"]["young"] |= {"referrals": 200, "over": "1 month", "engage": "100%"}
    data["events"] = {"stays": {"without": "1 a year", "rate_ratio": 0.5}}
    data["outcomes"]["stays"] = {"read": "number_of", "events": "stays"}
    data["evidence"] = {"group": {"design": "comparison", "group": 4000, "like": "young"}}
    once = {"pay": "per_effect", "for": "stays", "result": "fewer", "price": "£1",
            "evidence": "group"}  # fmt: skip
    data["contract"] = {"once": once, "yearly": once | {"every": "12 months"}}
    result = sibsim.run(sibsim.load(data), trials=40, seed=1)
    assert np.abs(np.diff(result.tables.paid, axis=1)).max() <= 3_00, "rounded three times"
    assert result.tables.paid[:, 0].mean() == pytest.approx(200 * 3 * 0.5 * 100, rel=0.05)
    said = " ".join(w.text("") for w in check(data | {"evidence": {
        "group": {"design": "baseline", "each": 3}}}).warnings)  # fmt: skip
    assert "contract.yearly.counts: a baseline is counted whole when people start" in said


def test_the_headline_says_who_bears_what() -> None:
    data = varied({"payers": {"lcf": {"share": "40%", "label": "A fund"}}})
    result = sibsim.run(sibsim.load(data), trials=5, seed=1)
    from sibsim.report.formats import headline

    assert "of which A fund bears £" in headline(result, result.summary())[0]


def test_what_is_held_back_too_late_is_said_to_be_lost() -> None:
    data = varied({"core": {"pay": "fee", "amount": "£1 a month"}, "reward": {
        "pay": "reward", "of": "core", "share": "20%", "every": "5 months", "measures": {
            "m": {"for": "work", "result": "rate", "weight": "100%", "target": "50%"}}}})
    said = " ".join(warning.text("") for warning in check(data).warnings)
    assert "contract.reward.every: what is held back after month 10 is never paid" in said


def test_deadweight_and_attribution_come_off_the_price() -> None:
    counted = {"counted": {"design": "count", "deadweight": "1/6", "attributed": "60%"}}
    data = varied({}, evidence=counted)
    data["contract"]["job"] |= {"evidence": "counted"}
    with pytest.raises(ScenarioError, match=r"evidence.counted.deadweight.*16.6667%"):
        sibsim.load(data)
    counted["counted"]["deadweight"] = "20%"
    plain_run = sibsim.run(sibsim.load(tiny_data()), trials=20, seed=1)
    result = sibsim.run(sibsim.load(data), trials=20, seed=1)
    assert (result.tables.paid[:, 0] * 2_000 == plain_run.tables.paid[:, 0] * 960).all()


def test_self_reports_are_paid_for_unless_they_are_checked() -> None:
    design = {"design": "self_report", "overstated": "30%", "checked": "0%"}
    data = varied({}, evidence={"said": design})
    data["contract"]["job"] |= {"evidence": "said"}
    deal = sibsim.load(data)
    people = sibsim.simulate(deal, trials=400, seed=1)
    honest = sibsim.run(sibsim.load(tiny_data()), trials=400, seed=1).tables.paid[:, 0]
    unchecked = sibsim.settle(deal, people).tables.paid[:, 0]
    assert unchecked.mean() == pytest.approx(1.3 * honest.mean(), rel=0.02)
    assert (unchecked >= honest).all()
    whole = deal.replace({"evidence.said.checked": "100%"})
    found = sibsim.settle(whole, sibsim.simulate(whole, trials=400, seed=1)).tables.paid[:, 0]
    # All false reports are struck out, and as large a part of the true ones is not paid for.
    assert (found <= honest).all() and found.mean() < honest.mean()


def test_more_claims_are_rejected_by_a_stricter_verifier_and_nobody_else_is_moved() -> None:
    totals = []
    for reject in ("0%", "10%", "40%"):
        data = varied({"verification": {"reject": reject, "resubmit": "0%", "delay": "1 month"}})
        totals.append(sibsim.run(sibsim.load(data), trials=50, seed=3).tables.claims)
    assert (totals[0] >= totals[1]).all() and (totals[1] >= totals[2]).all()
    assert totals[2].sum() == pytest.approx(0.6 * totals[0].sum(), rel=0.1)
    plain_run = sibsim.run(sibsim.load(tiny_data()), trials=50, seed=3)
    assert (totals[0] == plain_run.tables.claims).all()


def test_a_price_by_segment_pays_for_those_people() -> None:
    data = tiny_data()
    data["people"]["young"]["segments"] = {"near": {"share": "50%"}, "far": {"share": "50%"}}
    one = sibsim.run(sibsim.load(data), trials=50, seed=1).tables.paid[:, 0]
    made = []
    for name in ("near", "far"):
        changed = copy.deepcopy(data)
        changed["contract"]["job"]["by_segment"] = {name: "200%"}
        made.append(sibsim.run(sibsim.load(changed), trials=50, seed=1).tables.paid[:, 0])
    assert ((made[0] - one) + (made[1] - one) == one).all(), "everybody is of one or the other"
    assert (made[0] > one).any() and (made[0] != made[1]).any()


def test_show_works_each_term_through() -> None:
    data = varied({
        "attach": {"pay": "per_activity", "of": "start", "price": "£400",
                   "by_year": ["80%", "60%"]},
        "reward": {"pay": "reward", "of": "attach", "share": "25%", "measures": {
            "m": {"for": "work", "result": "rate", "weight": "100%", "target": "50%"}}},
        "sorry": {"pay": "deduction", "for": "stay", "price": "£10"},
        "back": {"pay": "clawback", "of": "attach", "share": "10%", "for": "work",
                 "result": "rate", "below": "20%"},
        "gain": {"pay": "share_of_saving", "for": "work", "result": "more", "saves": "£500",
                 "share": "50%"},
        "verification": {"reject": "5%", "capacity": 10, "dispute": "30%", "upheld": "50%"},
        "payers": {"lcf": {"share": "30%", "terms": "attach"}},
        "budget": "£9,000",
        "payment_dates": "quarterly",
    })  # fmt: skip
    data["contract"]["caps"] = {"least": "£500", "order": ["contract", "period", "term", "person"]}
    text = " ".join(read_back(sibsim.load(data)))
    assert "£400, of which 80%, 60% in the first year and those after it, for a person who " in text
    assert "one person comes to £320, 10 claims in a month come to £3,200." in text
    assert "25% of attach is held back, and is paid once, in the contract's last month" in text
    assert "Example: of £100,000, £25,000 if every target is just met." in text
    assert "one person comes to -£10" in text
    assert "Example: of £100,000, £10,000." in text
    assert "50% of what is saved, £500 for one more of work than without the service" in text
    assert "at most 10 claims in a month; 5% are rejected" in text
    assert "later; of the others 30% are disputed, of which 50% are upheld 3 months after" in text
    assert "Commissioner itself bears at most £9,000 in all; what that leaves is borne by" in text
    assert "lcf bears 30% of attach; what that leaves is borne by the commissioner." in text
    assert "At least £500 in all, whatever is claimed." in text
    assert "in the last month of each quarter of the financial year" in text


# --- bad input ------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "core": {"pay": "fee", "amount": "£5,000 a month"},
    "result": {"pay": "by_result", "for": "work", "result": "rate",
               "bands": {"low": {"from": "20%", "pays": "£1"}}},
    "reward": {"pay": "reward", "of": "core", "share": "20%", "measures": {
        "one": {"for": "work", "result": "rate", "weight": "60%", "target": "50%"},
        "two": {"for": "stay", "result": "rate", "weight": "40%", "target": "30%"}}},
    "payers": {"lcf": {"share": "30%"}},
}  # fmt: skip

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"contract.reward.measures.two.weight": "50%"},
     "contract.reward.measures: weights that come to 110% / allowed: 100 % in all"),
    ({"contract.reward.measures.two.target": 0},
     "contract.reward.measures.two.target: the same as `from`"),
    ({"contract.reward.share": "120%"}, 'contract.reward.share: "120%", which is above 100%'),
    ({"contract.reward.of": "nothing"}, "contract.reward.of"),
    ({"contract.reward.of": ["core", "core"]}, "contract.reward.of: `core` twice"),
    ({"contract.reward.of": "payers"}, 'contract.reward.of: "payers", which is not defined'),
    ({"contract.reward.of": "reward"}, "`reward`, which does not stand above this term"),
    ({"contract.reward.pays": "£5"}, "contract.reward: both `of` and `pays`"),
    ({"contract.other": {"pay": "reward", "of": "core", "share": "90%", "measures": {
        "m": {"for": "work", "result": "rate", "weight": "100%", "target": "50%"}}}},
     "contract.other.share: 110% of `core` is held back"),
    ({"contract.result.unless": "reward"},
     "contract.result.unless: `reward`, which does not stand"),
    ({"contract.result.at": "13 months"},
     "contract.result.at: 13 months, in a contract of 12 / allowed: at most 12 months"),
    ({"contract.result.every": "24 months"}, "contract.result.every: 24 months, in a contract"),
    ({"contract.result.cohort": "nobody"}, "contract.result.cohort"),
    ({"contract.job.cohort": "nobody"}, "contract.job.cohort"),
    ({"contract.job.by_segment": {"hard": "150%"}}, "contract.job.by_segment.hard: no segment"),
    ({"contract.job.tiers": {"a": {"after": 10, "price": "£5"}, "b": {"after": 10, "price": "£4"}}},
     "contract.job.tiers.b.after: 10 after 10 of `a` / allowed: tiers that rise"),
    ({"contract.job.evidence": "group",
      "evidence": {"group": {"design": "comparison", "group": 50}}},
     "contract.job.evidence: `group`, which compares"),
    ({"contract.result.evidence": "counted", "evidence": {"counted": {"design": "count"}}},
     "contract.result.evidence: `counted`, which only counts"),
    ({"contract.result.evidence": "past", "contract.result.result": "standardised",
      "evidence": {"past": {"design": "baseline", "each": 1}}},
     "contract.result.result: standard deviations against a baseline"),
    ({"contract.caps.least": "£900,000", "contract.caps.contract": "£600,000"},
     "contract.caps.least: a floor above the cap `contract`"),
    ({"contract.caps.least_period": "£9", "contract.caps.period": "£8"},
     "contract.caps.least_period: a floor above the cap `period`"),
    ({"contract.caps.least_period": "£9", "contract.caps.period_length": 1,
      "contract.caps.contract": "£100"},
     "contract.caps.least_period: 12 times a floor above the cap `contract`"),
    ({"contract.caps.order": ["person", "term"]}, "contract.caps.order: person, term / allowed: a "
     "list of person, term, period, contract, each once"),
    ({"contract.payers.lcf.terms": "nothing"}, "contract.payers.lcf.terms"),
    ({"contract.payers.lcf.terms": "payers"}, 'lcf.terms: "payers", which is not defined'),
    ({"contract.payers.lcf.share": "130%"}, "contract.payers.lcf.share"),
    ({"contract.payers.more": {"share": "80%"}}, "contract.payers: 110% of `job` is borne by all"),
    ({"contract.payers.investor": {"share": "10%"}}, "contract.payers.investor: a payer called"),
    ({"contract.verification": {"reject": "5"}}, "contract.verification.reject"),
    ({"contract.verification": {"dispute": "120%"}}, "contract.verification.dispute"),
    ({"contract.verification": {"upheld": "half"}}, "contract.verification.upheld"),
    ({"contract.verification": {"decision": "0 months"}}, "contract.verification.decision"),
    ({"contract.budget": "lots"}, "contract.budget"),
    ({"contract.budget": "-£5"}, "contract.budget"),
    ({"contract.budget": {"pay": "fee", "amount": "£5 a month"}}, "contract.budget"),
    ({"contract.payment_dates": "weekly"}, "contract.payment_dates"),
    ({"contract.core.by_year": "80%"}, "contract.core.by_year"),
    ({"people.young.from": "13 months"}, "people.young.from: after the contract's end"),
]  # fmt: skip


def put(data: dict[str, Any], address: str, value: Any) -> None:
    """Put a value at an address, with what is above it."""
    *path, last = address.split(".")
    for name in path:
        data = data.setdefault(name, {})
    data[last] = value


@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=[said[:60] for _, said in FAULTS])
def test_mistakes_are_named_by_their_address(changes: dict[str, Any], said: str) -> None:
    data = varied(copy.deepcopy(GOOD))
    assert sibsim.load(data)
    for address, value in changes.items():
        put(data, address, value)
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(data)
    assert said in str(caught.value)


def test_what_is_odd_is_said() -> None:
    data = varied({}, evidence={"group": {"design": "comparison", "group": 50, "clusters": 5}})
    said = " ".join(warning.text("") for warning in check(data).warnings)
    assert "evidence.group: `clusters` and `likeness` do nothing without each other" in said
    assert "evidence.group: no payment term rests on it" in said


def test_disputes_that_change_nothing_are_odd() -> None:
    checks = {"dispute": "20%", "delay": "2 months", "decision": "5 months", "within": "6 months"}
    warnings = check(varied({"verification": checks})).warnings
    said = " ".join(warning.text("") for warning in warnings)
    assert "contract.verification.upheld: nil: no disputed claim is ever accepted" in said
    assert "contract.verification.decision: disputes are decided after the claim window" in said


@pytest.mark.parametrize(("unit", "said"), [
    ("1", "pays £750 for each one more of work than without the service, once"),
    ("3", "pays £750 for each 3 more of work than without the service, once"),
])  # fmt: skip
def test_the_unit_of_a_price_is_read_back(unit: str, said: str) -> None:
    data = tiny_data()
    data["contract"]["job"] = {"pay": "per_effect", "for": "work", "result": "more",
                               "price": "£750", "unit": unit}  # fmt: skip
    assert said in " ".join(read_back(sibsim.load(data)))
