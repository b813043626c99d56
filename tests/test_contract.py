"""Payments worked by hand: three trials at most, with the arithmetic in the test."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from conftest import tiny_data
from hypothesis import given, settings
from hypothesis import strategies as st

import sibsim
from sibsim.contract import caps
from sibsim.contract.agreement import Caps, Contract, Verification
from sibsim.contract.claims import Claims
from sibsim.contract.lines import FEW
from sibsim.contract.lines import line as line_of
from sibsim.contract.mechanisms import MECHANISMS
from sibsim.contract.pay import Facts, Payments, pay, pay_counts
from sibsim.contract.terms import TERMS, Deduction, Fee, PerOutcome
from sibsim.quantities import plain
from sibsim.report.payment_words import SENTENCES
from sibsim.report.words import read_back
from sibsim.streams import Luck


def claims(*rows: tuple[int, int, int, int, int]) -> Claims:
    """Claims as (trial, person, outcome, occurrence, month)."""
    trial, person, outcome, occurrence, month = np.array(rows, np.int64).reshape(-1, 5).T
    one = np.ones(len(rows), np.int64)
    return Claims(trial, 0 * one, person, outcome, occurrence, month, one, -one, month)


def paid(contract: Contract, made: Claims, trials: int = 1, months: int = 3) -> Payments:
    """What a contract on the outcomes a and b pays."""
    years = -(-months // 12)
    return pay(contract, Facts(
        trials, months, months + 4, 4, {"a": 0, "b": 1}, {"all": 0}, (), np.zeros((1, years)),
        made, {}, nothing, nothing, Luck(1, 0, trials).uniforms_at,
    ))  # fmt: skip


def nothing(*asked: object) -> np.ndarray:
    """What a contract without activity and results must not ask for."""
    raise AssertionError(f"asked for {asked}")


def line(outcome: str, pounds: float, **settings: object) -> PerOutcome:
    """A line of a rate card."""
    return PerOutcome(for_=outcome, price=plain(pounds * 100), **settings)  # type: ignore[arg-type]


def test_price_times_claims_in_the_month_of_the_claim() -> None:
    contract = Contract({"work": line("a", 2_000)})
    found = paid(contract, claims((0, 0, 0, 0, 1), (0, 1, 0, 0, 1), (0, 2, 0, 0, 2)))
    assert found.paid[0, :, 0].tolist() == [0, 400_000, 200_000, 0, 0, 0, 0]
    assert found.claims.tolist() == [[3]]


def test_lag_moves_the_payment_and_not_the_amount() -> None:
    contract = Contract({"work": line("a", 10, lag=plain(2))})
    found = paid(contract, claims((0, 0, 0, 0, 0), (0, 1, 0, 0, 2)))
    assert found.paid[0, :, 0].tolist() == [0, 0, 1_000, 0, 1_000, 0, 0]


def test_once_a_person_or_each_time() -> None:
    again = claims((0, 0, 0, 0, 0), (0, 0, 0, 1, 1), (0, 0, 0, 2, 2), (0, 1, 0, 0, 0))
    once = paid(Contract({"work": line("a", 10)}), again)
    assert once.owed.tolist() == [[2_000]]
    twice = paid(Contract({"work": line("a", 10, claims_per_person=plain(2))}), again)
    assert twice.owed.tolist() == [[3_000]]
    always = paid(Contract({"work": line("a", 10, claims_per_person=None)}), again)
    assert always.owed.tolist() == [[4_000]]


def test_a_fee_is_paid_each_month_whatever_happens() -> None:
    contract = Contract({"core": Fee(amount=plain(12_000_00, "year"), lag=plain(1))})
    found = paid(contract, claims())
    assert found.paid[0, :, 0].tolist() == [0, 100_000, 100_000, 100_000, 0, 0, 0]


def test_a_price_with_half_a_penny_is_rounded_upwards_before_it_is_multiplied() -> None:
    made = claims(*[(0, p, 0, 0, 0) for p in range(3)])
    found = paid(Contract({"work": PerOutcome(for_="a", price=plain(100.5))}), made)
    assert found.owed.tolist() == [[303]]  # 3 x round(100.5)


def test_caps_apply_in_the_order_person_term_period_contract() -> None:
    # One person claims 5 x £10 for a in months 0..2 and £30 for b in month 2.
    made = claims(*[(0, 7, 0, n, m) for n, m in enumerate((0, 0, 1, 1, 2))], (0, 7, 1, 0, 2))
    contract = Contract(
        {"a": line("a", 10, claims_per_person=None, cap=plain(35_00)), "b": line("b", 30)},
        Caps(person=plain(60_00), period=plain(30_00), period_length=plain(2),
             contract=plain(45_00)),
    )  # fmt: skip
    found = paid(contract, made)
    # owed: a 20, 20, 10; b 30 in month 2: 80 in all.
    # person £60: a 50, then b 10: cut 20. term a £35: 20, 15, 0: cut 15.
    # period of 2 months £30: month 0: 20, month 1: 10 of 15; month 2: b 10: cut 5.
    # contract £45: 20 + 10 + 10 = 40: cut 0.
    assert found.owed.tolist() == [[50_00, 30_00]]
    assert {k: int(v[0]) for k, v in found.cut.items()} == {
        "person": 20_00, "term": 15_00, "period": 5_00, "contract": 0,
    }  # fmt: skip
    assert found.paid[0, :3].tolist() == [[20_00, 0], [10_00, 0], [0, 10_00]]


def test_the_claim_that_crosses_the_contract_cap_is_paid_in_part() -> None:
    contract = Contract({"a": line("a", 10), "b": line("b", 30)}, Caps(contract=plain(25_00)))
    found = paid(contract, claims((0, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 1, 0, 0, 1)))
    assert found.paid[0, :3].tolist() == [[10_00, 15_00], [0, 0], [0, 0]]


def test_each_trial_has_its_own_cap() -> None:
    contract = Contract({"a": line("a", 10)}, Caps(contract=plain(10_00)))
    found = paid(contract, claims((0, 0, 0, 0, 0), (1, 0, 0, 0, 0), (1, 1, 0, 0, 0)), trials=2)
    assert found.paid.sum(axis=(1, 2)).tolist() == [1_000, 1_000]
    assert found.cut["contract"].tolist() == [0, 1_000]


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=30), st.integers(0, 3_000),
    st.integers(1, 5),
)  # fmt: skip
def test_a_running_cap_keeps_the_first_and_never_pays_more(
    amounts: list[int], cap: int, groups: int
) -> None:
    def first_of(some: list[int]) -> list[int]:
        room, expected = cap, []
        for amount in some:
            expected.append(min(amount, room))
            room -= expected[-1]
        return expected

    kept = first_of(amounts)
    for cut_in in (caps.cap_terms, caps.cap_contract):
        due = np.array([[amounts]], np.int64)
        shape = (1, 1) if cut_in is caps.cap_terms else (1,)
        assert cut_in(due, np.full(shape, cap)) == [sum(amounts) - sum(kept)]
        assert due[0, 0].tolist() == kept
    group = np.sort(np.arange(len(amounts)) % groups)
    by_person = caps.cap_person(np.array(amounts), group, np.full(len(amounts), cap))
    for who in range(groups):
        mine = [amount for amount, one in zip(amounts, group, strict=True) if one == who]
        assert by_person[group == who].tolist() == first_of(mine)


@settings(deadline=None)  # the first of them compiles
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_a_small_table_and_a_large_one_are_cut_alike(seed: int, length: int) -> None:
    # The loops run as they stand for one trial, and compiled for forty of the same.
    table = np.random.default_rng(seed).integers(0, 100, (1, 3, 12))
    assert table.size < caps.SMALL <= 40 * table.size
    for cut_in in (
        lambda due: caps.cap_terms(due, np.array([[500, 600, 700]])),
        lambda due: caps.cap_periods(due, np.array([120 * length]), length),
    ):
        few, many = table.copy(), np.repeat(table, 40, axis=0)
        cut = cut_in(few)
        assert (cut_in(many) == cut).all() and (many == few).all()
        assert cut == table.sum() - few.sum()


@settings(deadline=None)  # the first of them compiles
@given(st.lists(st.integers(0, 5), min_size=30, max_size=50))
def test_few_claims_and_many_are_reckoned_alike(months: list[int]) -> None:
    # The loop runs as it stands for few, and compiled for four times as many.
    table = np.array([[3, 5, 7, 11, 13, 17]])
    rows = [(k % 2, k, 0, 0, month) for k, month in enumerate(months)]
    few, many = (line_of(claims(*rows * times), table, 2, 6) for times in (1, 4))
    assert len(many.money) >= FEW > len(few.money)
    assert few.money.tolist() == [table[0, month] for month in months]
    assert (many.by_month == 4 * few.by_month).all() and (many.units == 4 * few.units).all()
    assert few.by_month.sum() == few.money.sum() and few.units.sum() == len(months)


@settings(deadline=None)  # the first of them compiles
@given(
    st.lists(st.tuples(*(st.integers(0, most) for most in (1, 3, 1, 2))), max_size=40),
    st.integers(0, 60),
)  # fmt: skip
def test_a_card_comes_to_what_its_lines_come_to_one_by_one(
    rows: list[tuple[int, int, int, int]], most: int
) -> None:
    # A verifier who accepts everything at once changes nothing, but that line by line is reckoned.
    terms = {
        "dear": line("a", 10), "b": line("b", 7, claims_per_person=None, cap=plain(90_00)),
        "also": line("a", 4, cohort="all"), "less": Deduction(for_="b", price=plain(2_00)),
    }  # fmt: skip
    caps = Caps(person=plain(most * 100), contract=plain(250_00))
    made = claims(*((trial, who, name, 0, month) for trial, who, name, month in rows))
    one = paid(Contract(terms, caps), made, trials=2)
    at_once = Verification(delay=plain(0), reject=plain(0), within=plain(1))
    other = paid(Contract(terms, caps, at_once), made, trials=2)
    assert (one.owed == other.owed).all() and (one.claims == other.claims).all()
    assert (one.paid == other.paid).all()
    for level, cut in one.cut.items():
        assert (cut == other.cut[level]).all()
    # By hand: what a person of a trial asks for above the cap is cut.
    worth = {0: 14, 1: 7}
    for trial in (0, 1):
        asked = [sum(worth[n] for t, p, n, _ in rows if (t, p) == (trial, who)) for who in range(4)]
        over = sum(max(some - most, 0) for some in asked)
        assert one.cut["person"][trial] == over * 100


def test_every_kind_of_term_has_its_function_and_its_sentence() -> None:
    assert set(TERMS.values()) == set(MECHANISMS) == set(SENTENCES)


def test_a_price_of_nothing_pays_nothing_and_a_dearer_one_never_less() -> None:
    data = tiny_data()
    data["contract"]["caps"] = {"person": "£4,000", "contract": "£30,000"}
    deal = sibsim.load(data)
    outcomes = sibsim.simulate(deal, trials=50, seed=2)
    totals = []
    for price in ("£0", "£1,000", "£2,000", "£5,000"):
        result = sibsim.settle(deal.replace({"contract.job.price": price}), outcomes)
        totals.append(result.tables.paid.sum(axis=1))
        if price == "£0":
            assert (result.tables.paid[:, 0] == 0).all()
    assert all((dearer >= cheaper).all() for cheaper, dearer in pairwise(totals))


def test_known_claims_go_through_the_same_contract() -> None:
    contract = Contract({"a": line("a", 10), "b": line("b", 30)}, Caps(contract=plain(100_00)))
    found = pay_counts(contract, {"a": 4, "b": 3}, {}, {})
    assert found.owed.tolist() == [[40_00, 90_00]]
    assert found.paid.sum() == 100_00
    assert found.cut["contract"].tolist() == [30_00]


@pytest.mark.parametrize("scale", [2, 10, 1_000])
def test_all_money_times_k_gives_every_payment_times_k(scale: int) -> None:
    def of(factor: int) -> np.ndarray:
        contract = Contract(
            {"a": line("a", 10 * factor), "b": line("b", 30 * factor)},
            Caps(person=plain(35_00 * factor), contract=plain(95_00 * factor)),
        )
        made = claims(*[(0, p, o, 0, p % 3) for p in range(4) for o in (0, 1)])
        return paid(contract, made).paid

    assert (of(scale) == scale * of(1)).all()


@pytest.mark.parametrize("rises", [0.0, 0.025, -0.1])
def test_a_price_rises_with_each_year_and_is_rounded_again(rises: float) -> None:
    core = Fee(amount=plain(100_01, "month"), uplift=plain(rises))
    contract = Contract({"work": line("a", 99.99, uplift=plain(rises)), "core": core})
    made = claims(*((0, who, 0, 0, month) for who, month in enumerate((0, 11, 12, 25, 25))))
    found = paid(contract, made, months=36).paid[0]

    def price(base: int, month: int) -> int:
        return int(np.floor(base * (1 + rises) ** (month // 12) + 0.5))

    expected = {0: 1, 11: 1, 12: 1, 25: 2}
    for month in range(36):
        assert found[month, 0] == expected.get(month, 0) * price(99_99, month)
        assert found[month, 1] == price(100_01, month)


def test_a_cap_for_one_person_takes_the_price_of_the_month() -> None:
    contract = Contract({"work": line("a", 100, uplift=plain(0.5), claims_per_person=None)},
                        Caps(person=plain(220_00)))  # fmt: skip
    found = paid(contract, claims((0, 0, 0, 0, 0), (0, 0, 0, 1, 13)), months=24)
    assert found.paid[0, :24, 0].tolist() == [100_00] + [0] * 12 + [120_00] + [0] * 10
    assert found.cut["person"].tolist() == [30_00]


def test_an_uncertain_rise_is_drawn_once_a_trial() -> None:
    data = tiny_data()
    data["programme"]["months"] = 30
    data["contract"] = {"core": {"pay": "fee", "amount": "£1,000 a month",
                                 "uplift": {"uniform": ["0%", "10%"]}}}  # fmt: skip
    result = sibsim.run(sibsim.load(data), trials=20, seed=1)
    by_month = result.tables.ledger[0].amount
    assert (by_month[:, :12] == 1_000_00).all()
    assert len(set(by_month[:, 12].tolist())) > 15
    growth = by_month[:, 12] / 1_000_00
    assert np.allclose(by_month[:, 24] / 1_000_00, growth**2, atol=1e-4)
    assert "rising by" in " ".join(read_back(result.deal))
