"""Several investors by hand: who puts in what, who is paid first, and what each makes of it."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import tiny_data
from hypothesis import given
from hypothesis import strategies as st

import sibsim
from sibsim.accounts.capital import Flows, run_account
from sibsim.accounts.steps import Waterfall
from sibsim.accounts.terms import Tranche
from sibsim.errors import ScenarioError
from sibsim.quantities import plain
from sibsim.report.words import read_back
from sibsim.timeline import Timeline


def account(
    tranches: dict[str, dict[str, Any]], receipts: list[int], costs: list[int], **waterfall: Any
) -> Flows:
    """One trial whose account closes in its last month."""
    made = {name: made_of(Tranche, said) for name, said in tranches.items()}
    months = Timeline(date(2027, 1, 1), len(receipts), len(receipts))
    return run_account(
        np.array([receipts]), np.array([costs]), months, len(receipts) - 1, made,
        made_of(Waterfall, waterfall),
    )  # fmt: skip


def made_of(block: type, said: dict[str, Any]) -> Any:
    """Terms of numbers and words."""
    return block(**{k: plain(v) if isinstance(v, int | float) else v for k, v in said.items()})


def given_to(flows: Flows, name: str, what: str = "given") -> list[int]:
    """What a tranche gets, by month."""
    line: list[int] = getattr(flows.tranches[name], what)[0].tolist()
    return line


def test_what_is_needed_is_called_in_proportion_to_what_is_left() -> None:
    flows = account({"a": {"commitment": 75}, "b": {"commitment": 25, "investor_share": 0}},
                    [0, 0, 0], [41, 39, 50])  # fmt: skip
    # 41: 30.75 and 10.25, so 31 and 10; 39 of the 44 and 15 left: 29.08 and 9.92; then 15 and 5.
    assert given_to(flows, "a", "drawn") == [31, 29, 15]
    assert given_to(flows, "b", "drawn") == [10, 10, 5]
    assert flows.unpaid.tolist() == [[0, 0, 30]]


def test_the_junior_gets_nothing_until_the_senior_is_whole() -> None:
    tranches = {"senior": {"commitment": 100, "draw": "up_front", "investor_share": 0},
                "junior": {"commitment": 50, "draw": "up_front", "investor_share": 1}}  # fmt: skip
    for receipts, senior, junior in ((90, 90, 0), (120, 100, 20), (180, 100, 80)):
        flows = account(tranches, [0, receipts], [150, 0])
        assert sum(given_to(flows, "senior")) == senior
        assert sum(given_to(flows, "junior")) == junior
        assert flows.to_provider.sum() == 0


def test_interest_is_a_twelfth_a_month_on_what_is_out() -> None:
    loan = {"commitment": 12_000, "draw": "up_front", "interest": 0.1, "investor_share": 0}
    flows = account({"loan": loan}, [0, 0, 0, 12_301], [12_000, 0, 0, 0])
    # Months 1 to 3 at 100 each; the rest of what comes in is the provider's.
    assert given_to(flows, "loan", "interest") == [0, 0, 0, 300]
    assert given_to(flows, "loan", "principal") == [0, 0, 0, 12_000]
    assert flows.to_provider.tolist() == [[0, 0, 0, 1]]


def test_interest_that_is_added_bears_interest() -> None:
    loan = {"commitment": 12_000, "draw": "up_front", "interest": 0.1, "investor_share": 0}
    for unpaid, expected in (("owed", 300), ("added", 100 + 101 + 102)):
        flows = account({"loan": loan | {"unpaid_interest": unpaid}}, [0, 0, 0, 20_000],
                        [12_000, 0, 0, 0])  # fmt: skip
        assert sum(given_to(flows, "loan", "interest")) == expected


def test_a_bullet_comes_back_at_the_end_and_its_interest_before() -> None:
    first = {"commitment": 1_200, "draw": "up_front", "interest": 0.1, "investor_share": 0}
    monthly = {"distribute": "monthly", "hold": 0}
    receipts, costs = [0, 700, 700, 700], [1_200, 0, 0, 0]
    swept = account({"loan": first}, receipts, costs, **monthly)
    # Month 1: 10 of interest and 690; month 2: 4.25 on 510, rounded, and all of it.
    assert given_to(swept, "loan", "principal") == [0, 690, 510, 0]
    assert given_to(swept, "loan", "interest") == [0, 10, 4, 0]
    bullet = account({"loan": first | {"repay": "bullet"}}, receipts, costs, **monthly)
    assert given_to(bullet, "loan", "interest") == [0, 10, 10, 10]
    assert given_to(bullet, "loan", "principal") == [0, 0, 0, 1_200]
    assert bullet.to_provider.tolist() == [[0, 0, 0, 870]], "kept until the bullet is back"


def test_a_most_caps_what_comes_back_and_leaves_the_rest_to_the_provider() -> None:
    fund = {"commitment": 1_000, "draw": "up_front", "most": 1.4}
    flows = account({"fund": fund}, [0, 5_000], [1_000, 0])
    assert sum(given_to(flows, "fund")) == 1_400 and flows.to_provider.sum() == 3_600


def test_profit_is_shared_by_the_shares() -> None:
    tranches = {"a": {"commitment": 10, "draw": "up_front", "investor_share": 0.5},
                "b": {"commitment": 10, "draw": "up_front", "investor_share": 0.3}}  # fmt: skip
    flows = account(tranches, [0, 121], [20, 0])
    # 101 left: 50.5 and 30.3, rounded, and what remains.
    assert (sum(given_to(flows, "a")), sum(given_to(flows, "b"))) == (61, 40)
    assert flows.to_provider.sum() == 20


def test_a_grant_has_no_part_of_the_surplus_where_no_steps_are_written() -> None:
    flows = account({"grant": {"commitment": 60, "repay": "never"},
                     "fund": {"commitment": 40, "turn": 2}}, [0, 130], [100, 0])  # fmt: skip
    # 100 are put in; of the 130 the fund gets its 40 and, sharing 100 % of the rest, 90.
    assert given_to(flows, "grant") == [0, 0]
    assert given_to(flows, "fund") == [0, 130]
    alone = account({"grant": {"commitment": 100, "repay": "never"}}, [0, 130], [100, 0])
    assert given_to(alone, "grant") == [0, 0]
    assert alone.residual["provider"].tolist() == [[0, 130]]


def test_able_lost_1_2_of_7_2_million_and_2_4_of_9_6_at_full_term() -> None:
    # Nothing was paid; the guarantee made good $6.0m after three years (published).
    for lent, guarantee, multiple in ((7.2, 6.0, 0.833), (9.6, 7.2, 0.75)):
        loan = {"commitment": lent * 1e8, "draw": "up_front", "guarantee": guarantee * 1e8}
        flows = account({"loan": loan}, [0, 0], [round(lent * 1e8), 0])
        back = sum(given_to(flows, "loan", "guaranteed"))
        assert back == guarantee * 1e8 and sum(given_to(flows, "loan")) == 0
        assert back / (lent * 1e8) == pytest.approx(multiple, abs=0.0005)


def test_a_guarantee_makes_good_only_what_is_lost() -> None:
    loan = {"commitment": 100, "draw": "up_front", "guarantee": 60}
    assert sum(given_to(account({"l": loan}, [0, 70], [100, 0]), "l", "guaranteed")) == 30
    assert sum(given_to(account({"l": loan}, [0, 170], [100, 0]), "l", "guaranteed")) == 0


TRANCHES = st.lists(
    st.fixed_dictionaries({
        "commitment": st.integers(0, 500), "draw": st.sampled_from(["on_need", "up_front"]),
        "interest": st.sampled_from([0, 0.05, 0.6]), "most": st.sampled_from([1, 1.5, 9]),
        "repay": st.sampled_from(["sweep", "bullet"]), "guarantee": st.integers(0, 300),
        "unpaid_interest": st.sampled_from(["owed", "added"]),
        "investor_share": st.sampled_from([0, 0.1, 0.3]),
    }), min_size=1, max_size=3,
)  # fmt: skip


@given(TRANCHES, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 300)), min_size=2,
                          max_size=12), st.sampled_from(["monthly", "at_end"]))  # fmt: skip
def test_the_laws_of_a_waterfall(
    terms: list[dict[str, Any]], months: list[tuple[int, int]], distribute: str
) -> None:
    receipts, costs = (list(column) for column in zip(*months, strict=True))
    flows = account({f"t{n}": one for n, one in enumerate(terms)}, receipts, costs,
                    distribute=distribute, hold=0)  # fmt: skip
    into = np.array([receipts]) + flows.drawn
    out = flows.delivery + flows.to_investor + flows.to_provider
    assert (np.cumsum(into - out, axis=1) == flows.cash).all() and (flows.cash >= 0).all()
    assert flows.cash[0, -1] == 0
    for one, said in zip(flows.tranches.values(), terms, strict=True):
        drawn, given_back = one.drawn.sum(), one.given.sum()
        assert drawn <= said["commitment"]
        assert given_back <= np.floor(said["most"] * drawn + 0.5)
        assert one.guaranteed.sum() <= min(said["guarantee"], drawn)
        for amount in (one.drawn, one.interest, one.principal, one.profit, one.guaranteed):
            assert (amount >= 0).all()
    profit = sum(one.profit[0] for one in flows.tranches.values()) + flows.to_provider[0]
    for month in np.flatnonzero(profit):
        for one, said in zip(flows.tranches.values(), terms, strict=True):
            drawn = one.drawn[0, : month + 1].sum()
            back = (one.principal + one.profit)[0, : month + 1].sum()
            most = np.floor(said["most"] * drawn + 0.5)
            assert back >= drawn or one.given[0, : month + 1].sum() >= most, "whole before profit"


def two_tranches() -> dict[str, Any]:
    """The tiny deal with a senior and a junior investor."""
    data = copy.deepcopy(tiny_data())
    data["capital"] = {
        "senior": {"commitment": "£9,000", "interest": "5%", "investor_share": 0},
        "junior": {"commitment": "£11,000", "investor_share": "100%", "guarantee": "£500"},
    }
    data["contract"]["job"]["price"] = "£500"
    return data


def test_each_tranche_has_its_returns_and_together_they_are_the_investor() -> None:
    result = sibsim.run(sibsim.load(two_tranches()), trials=60, seed=2)
    summary = result.summary()
    for part in ("drawn", "received"):
        parts = sum(summary[f"capital.{n}.{part}"].mean for n in ("senior", "junior"))
        assert parts == pytest.approx(summary[f"investor.{part}"].mean)
    assert (result.flow("senior") + result.flow("junior") == result.flow("investor")).all()
    net = result.cash_flows("senior")["net"].to_numpy()
    assert np.allclose(net * 100, result.flow("senior").ravel())
    assert (sum(result.flow(p) for p in ("commissioner", "vehicle", "investor", "provider",
                                         "suppliers", "guarantor")) == 0).all()  # fmt: skip
    assert summary["capital.senior.loss"].mean <= summary["capital.junior.loss"].mean
    frame = result.frame()
    worse = frame["capital.junior.multiple"] > frame["capital.senior.multiple"]
    assert worse.any() and not worse.all()


def test_the_page_shows_each_tranche_and_who_bears_what(tmp_path: Path) -> None:
    data = two_tranches()
    data["contract"]["payers"] = {"lcf": {"share": "40%", "label": "An <b>outcomes</b> fund"}}
    result = sibsim.run(sibsim.load(data), trials=5, seed=1)
    sibsim.write_report(result, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Tranche: Senior" in text and "Tranche: Junior" in text
    assert "of payments, borne by An &lt;b&gt;outcomes&lt;/b&gt; fund" in text


@pytest.mark.parametrize(("changes", "said"), [
    ({"junior": {"commitment": "£5", "investor_share": "60%"}, "senior": {"commitment": "£5",
      "investor_share": "60%"}}, "120% of the surplus for all tranches together"),
    ({"provider": {"commitment": "£5"}}, "capital.provider: a tranche called `provider`"),
    ({"fund": {"commitment": "£5", "interest": "-1%"}}, 'capital.fund.interest: "-1%", which is'),
    ({"fund": {"commitment": "£5", "guarantee": "-£1"}}, 'capital.fund.guarantee: "-£1", which'),
    ({"fund": {"commitment": "£5", "repay": "sometimes"}}, "capital.fund.repay"),
])  # fmt: skip
def test_mistakes_are_named_by_their_address(changes: dict[str, Any], said: str) -> None:
    data = copy.deepcopy(tiny_data()) | {"capital": changes}
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(data)
    assert said in str(caught.value)


def with_steps(**changes: Any) -> dict[str, Any]:
    """The tiny deal with two tranches, a hurdle each, in written steps."""
    data = copy.deepcopy(tiny_data())
    data["capital"] = {
        "a": {"commitment": "£9,000", "draw": "up_front", "hurdle": "10%"},
        "b": {"commitment": "£6,000", "draw": "up_front", "hurdle": "10%"},
    }
    data["waterfall"] = {"normal": {
        "costs": {"pay": "costs"}, "both": {"pay": "hurdle", "to": ["a", "b"]},
        "rest": {"pay": "share", "to": {"provider": "100%"}},
    }}  # fmt: skip
    return data | changes


def test_tranches_of_one_hurdle_step_are_given_in_proportion_to_what_they_need() -> None:
    deal = sibsim.load(with_steps())
    receipts, costs = np.array([[0, 50_000, 0]]), np.array([[15_000, 0, 0]])
    for tranche in deal.capital.values():
        assert tranche.investor_share.mean == 1, "not asked for where steps are written"
    flows = run_account(receipts, costs, Timeline(date(2027, 1, 1), 3, 3), 2,
                        {n: made_of(Tranche, {"commitment": c, "draw": "up_front", "hurdle": 0.1})
                         for n, c in (("a", 9_000), ("b", 6_000))}, deal.waterfall)  # fmt: skip
    # Needed after two months: 9,000 x 1.1^(1/12) = 9,071.77, 9,072, and 9,072 x that = 9,144.35;
    # 6,047.85, 6,048, and 6,096.23. There is more than that, and the rest is the provider's.
    assert (sum(given_to(flows, "a")), sum(given_to(flows, "b"))) == (9_144, 6_096)
    assert flows.to_provider.sum() == 50_000 - 9_144 - 6_096
    short = run_account(np.array([[0, 7_620, 0]]), costs, Timeline(date(2027, 1, 1), 3, 3), 2,
                        {n: made_of(Tranche, {"commitment": c, "draw": "up_front", "hurdle": 0.1})
                         for n, c in (("a", 9_000), ("b", 6_000))}, deal.waterfall)  # fmt: skip
    # Half of the 15,240 that both need: half of what each needs.
    assert (sum(given_to(short, "a")), sum(given_to(short, "b"))) == (4_572, 3_048)


def test_who_ends_a_contract_need_not_be_who_pays() -> None:
    early = {"by": "investor", "at": "6 months", "pays_of_capital": "50%"}
    for paid_by, payer in (("same", "investor"), ("commissioner", "commissioner")):
        said = early | {"paid_by": paid_by}
        result = sibsim.run(sibsim.load(with_steps(endings={"break": said})), trials=3, seed=1)
        paid = result.lines(payer)["compensation"]
        assert (paid[:, 6] == -750_000).all() and paid.sum() == -3 * 750_000
        other = {"investor", "commissioner"} - {payer}
        assert "compensation" not in result.lines(other.pop())


@pytest.mark.parametrize(("changes", "said"), [
    ({"endings": {"break": {"by": "investor", "at": "6 months", "paid_by": "bank"}}},
     'endings.break.paid_by: "bank" / allowed: same, commissioner, investor or provider'),
    ({"capital": {"a": {"commitment": "£5", "hurdle": "10%"}, "b": {"commitment": "£5"}}},
     "waterfall.normal.both.to: `b`, which has no hurdle / allowed: a tranche with one / try: "
     "capital.b.hurdle: 8%"),
    ({"waterfall": {"normal": {
        "costs": {"pay": "costs"}, "both": {"pay": "hurdle", "to": ["a", "c"]},
        "rest": {"pay": "share", "to": {"provider": "100%"}}}}},
     'waterfall.normal.both.to: "c", which is not defined under `capital`'),
])  # fmt: skip
def test_mistakes_of_steps_and_endings_are_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(with_steps(**changes))
    assert said in str(caught.value)


def test_the_hurdles_of_several_tranches_are_read_back() -> None:
    text = "\n".join(read_back(sibsim.load(with_steps())))
    assert "both: a until it has made 10% a year and b until it has made 10% a year." in text


def test_what_comes_back_is_said_where_there_is_something_to_say() -> None:
    capital = {"a": {"commitment": "£9,000"}, "b": {"commitment": "£6,000", "from": "grant_maker"}}
    steps = {"costs": {"pay": "costs"}, "both": {"pay": "principal", "to": ["a", "b"]},
             "rest": {"pay": "share", "to": {"provider": "100%"}}}  # fmt: skip
    deal = sibsim.load(with_steps(capital=capital, waterfall={"normal": steps}))
    text = "\n".join(read_back(deal))
    assert "  a puts in up to £9,000, as it is needed." in text
    assert "  b (from the grant maker) puts in up to £6,000, as it is needed." in text
