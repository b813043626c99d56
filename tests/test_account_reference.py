"""The vehicle's account against a second program of section 5, by someone who had not read it.

Hypothesis builds accounts of up to four tranches with every term, with the usual steps or written
ones, and what comes in and is due in one to three trials. `account_reference` works each trial out
again, month by month and step by step; every penny has to agree, of each step too. Early ends are
decided by both as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import account_reference as reference
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import nearest

from sibsim.accounts import steps as kinds
from sibsim.accounts.book import Ends
from sibsim.accounts.capital import Flows, run_account
from sibsim.accounts.ending import decide
from sibsim.accounts.steps import Ending, Line, Waterfall
from sibsim.accounts.steps import Test as DistributionTest
from sibsim.accounts.terms import Drawing, Tranche
from sibsim.distributions import make
from sibsim.quantities import Quantity, plain
from sibsim.timeline import Timeline

BRIEF = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
SOON = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))

STATUSES = ("normal", "trapped", "wind_down")
MONEY = ("commitment", "amount", "guarantee", "limit", "minimum")


@dataclass(frozen=True)
class Drawn:
    """An uncertain number: its value in each trial."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Case:
    """An account as plain data, and what comes in and is due in each trial."""

    account: dict[str, Any]
    closing: int
    receipts: tuple[list[int], ...]
    costs: tuple[list[int], ...]
    starts: tuple[list[int], ...]
    ends: tuple[dict[str, Any], ...] | None

    @property
    def trials(self) -> int:
        """How many trials there are."""
        return len(self.receipts)

    @property
    def horizon(self) -> int:
        """Months modelled."""
        return len(self.receipts[0])


# ---------------------------------------------------------------- what may be written


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of the values, or None."""
    return st.one_of(st.none(), values)


@dataclass(frozen=True)
class Luck:
    """What strategies draw with: amounts in units of `scale`, and values of each trial."""

    draw: st.DrawFn
    trials: int
    scale: int

    def number(self, *values: float) -> Any:
        """One of the values, or (seldom) one in each trial."""
        if self.draw(st.integers(0, 3)):
            return self.draw(st.sampled_from(values))
        each = st.lists(st.sampled_from(values), min_size=self.trials, max_size=self.trials)
        return Drawn(tuple(self.draw(each)))

    def money(self, most: int, least: int = 0) -> Any:
        """An amount; one of each trial may have a part of a penny."""
        amounts = st.integers(least * self.scale, most * self.scale)
        if self.draw(st.integers(0, 3)):
            return self.draw(amounts)
        parts = st.one_of(amounts, amounts.map(lambda x: x + 0.5))
        each = st.lists(parts, min_size=self.trials, max_size=self.trials)
        return Drawn(tuple(self.draw(each)))

    def months(self, most: int, least: int = 0) -> int:
        """A whole number of months."""
        return self.draw(st.integers(min(least, most), most))

    def one(self, *words: Any) -> Any:
        """One of the words."""
        return self.draw(st.sampled_from(words))


def one_tranche(luck: Luck, months: int, alone: bool) -> dict[str, Any]:
    """One tranche with any of its terms."""
    repay = luck.one("sweep", "sweep", "bullet", "amortise", "amortise", "never")
    grant = repay == "never"
    maturity = luck.draw(maybe(st.integers(1, months + 2))) if repay in ("bullet", "amortise") \
        else None  # fmt: skip
    last = months if maturity is None else maturity
    tranche = {
        "commitment": luck.money(luck.one(0, 60, 400, 1_500)),
        "draw": luck.one("on_need", "on_need", "up_front", "by_schedule"),
        "turn": luck.one(1, 1, 2, 3), "drawings": [],
        "interest": 0 if grant else luck.number(0, 0.05, 0.3, 1.0),
        "rates": [] if grant else luck.one([], [], [0.1], [-0.2, 0.07], [0.045, 0.04, 0.01]),
        "day_count": luck.one("monthly", "act/365f", "act/360", "30/360"),
        "unpaid_interest": luck.one("owed", "added"), "repay": repay,
        "repay_from": luck.one(0, luck.months(last - 1)), "maturity": maturity,
        "most": luck.one(None, luck.number(0, 0.5, 1, 1.1, 1.4, 3)),
        "hurdle": luck.one(None, luck.number(0, 0.08, 0.5)),
        "guarantee": None if grant else luck.one(None, None, luck.money(300)),
        "fee": luck.number(0, 0, 0.015, 0.2),
        "investor_share": luck.number(*((0, 0.3, 0.5, 1) if alone else (0, 0.1, 0.125, 0.25))),
    }  # fmt: skip
    if tranche["draw"] == "by_schedule":
        tranche["drawings"] = [
            {
                "amount": luck.money(300), "at": luck.months(last - 1),
                "starts": luck.draw(maybe(st.integers(1, 8))),
            }
            for _ in range(luck.months(3, 1))
        ]  # fmt: skip
    return tranche


def one_step(luck: Luck, kind: str, tranches: dict[str, Any]) -> dict[str, Any]:
    """One step of a kind."""
    names = list(tranches)
    some = st.lists(st.sampled_from(names), min_size=1, unique=True) if names else st.nothing()
    if kind in ("interest", "principal"):
        return {"pay": kind, "to": luck.draw(some)}
    if kind == "hurdle":
        able = [name for name in names if tranches[name]["hurdle"] is not None]
        return {"pay": kind, "to": luck.one(*able)}
    if kind == "catch_up":
        until, share = luck.number(0, 0.1, 0.2, 1 / 3), luck.number(0.15, 0.5, 0.8, 1.0)
        return {"pay": kind, "to": luck.one(*reference.PARTIES), "until": until, "share": share}
    if kind == "keep":
        if not luck.months(3):
            of = luck.draw(some) if names and luck.draw(st.booleans()) else ()
            return {"pay": kind, "until": "repaid", "amount": 0, "months": 0, "of": of}
        return {"pay": kind, "until": "closing", "amount": luck.money(60, 1),
                "months": luck.number(0, 0.5, 1, 3)}  # fmt: skip
    if kind == "share":
        to = luck.draw(st.lists(st.sampled_from([*names, *reference.PARTIES]), min_size=1,
                                max_size=4, unique=True))  # fmt: skip
        if luck.draw(st.booleans()):  # all of it, so that odd pennies run out
            return {"pay": kind, "to": dict.fromkeys(to, 1 / len(to))}
        return {"pay": kind, "to": {name: luck.number(0, 0.05, 0.125, 0.25) for name in to}}
    return {"pay": kind}


def some_steps(luck: Luck, account: dict[str, Any], often: Sequence[str]) -> dict[str, Any]:
    """Written steps in any order, costs mostly first."""
    tranches = account["tranches"]
    able = [
        kind for kind in often
        if (tranches or kind in ("catch_up", "keep", "share"))
        and (kind != "hurdle" or any(x["hurdle"] is not None for x in tranches.values()))
    ]  # fmt: skip
    chosen = [luck.one(*able) for _ in range(luck.months(6, 2))] if able else []
    made = [one_step(luck, kind, tranches) for kind in chosen]
    fixed = [{"pay": "costs"}, *([{"pay": "facility"}] if account["facility"] else [])]
    made = fixed + made if luck.months(3) else list(luck.draw(st.permutations(fixed + made)))
    if luck.months(3):
        made.append({"pay": "share", "to": {luck.one(*reference.PARTIES): 1.0}})
    return {f"step_{k}": step for k, step in enumerate(made)}


def one_test(luck: Luck, months: int) -> dict[str, Any]:
    """A distribution test."""
    covers = luck.draw(st.booleans())
    return {
        "cover": luck.number(0.5, 1, 1.1, 3) if covers else None,
        "payments": None if covers else luck.draw(st.integers(0, 900 * luck.scale)),
        "over": luck.months(14, 1), "from": luck.months(months),
    }  # fmt: skip


STEPS = ("interest", "principal", "hurdle", "catch_up", "keep", "share")
FOCUS: dict[str, tuple[str, ...]] = {
    "all": STEPS,
    "usual": (),
    "draw": (),
    "interest": ("interest", "interest", "principal"),
    "principal": ("principal", "principal", "interest"),
    "surplus": ("principal", "hurdle", "catch_up", "share", "hurdle", "catch_up"),
    "keep": ("keep", "principal", "share"),
    "tests": STEPS,
    "ends": STEPS,
}
"""What an account is mostly about: of everything at once, little comes to anything."""


def by_month(luck: Luck, size: int, pool: Sequence[Any]) -> list[Any]:
    """One of the values in each month; bytes are drawn sooner than lists are."""
    return [pool[byte % len(pool)] for byte in luck.draw(st.binary(min_size=size, max_size=size))]


def amounts(luck: Luck, size: int, *most: int) -> list[int]:
    """Amounts by month, nil or one of some that are at most so much."""
    some = [luck.draw(st.integers(0, one * luck.scale)) for one in most for _ in range(2)]
    return by_month(luck, size, [0, 0, *some])


def one_end(luck: Luck, months: int, horizon: int, closing: int) -> dict[str, Any]:
    """When the contract of one trial ends early, if it does."""
    if months < 2 or not luck.months(2):
        return {"stop": horizon, "closing": closing, "pays": 0, "pays_of_capital": 0.0}
    stop = luck.months(months - 1, 1)
    return {
        "stop": stop, "closing": luck.draw(st.integers(stop, closing)),
        "pays": luck.draw(st.integers(0, 300 * luck.scale)),
        "pays_of_capital": luck.one(0.0, 0.5, 1 / 3, 1.25),
    }  # fmt: skip


@st.composite
def cases(draw: st.DrawFn, focus: str | None = None) -> Case:
    """Accounts of up to four tranches, and one to three trials."""
    focus = draw(st.sampled_from([*FOCUS])) if focus is None else focus
    scale = draw(st.sampled_from([1, 1, 1, 1, 10_000, 1_000_000]))
    luck = Luck(draw, draw(st.integers(1, 3)), scale)
    months = luck.one(luck.months(6, 2), luck.months(16, 1), luck.months(30, 8))
    horizon = months + luck.months(8)
    closing = luck.months(horizon - 1, months - 1)
    count = luck.one(1, 2, 2, 3, 4, 0 if focus in ("all", "usual") else 2)
    lent = luck.number(0, 0.0375, 0.08, 0.9)
    facility = luck.one(None, {"limit": luck.money(300), "interest": lent})
    account: dict[str, Any] = {
        "months": months, "start": (2027, luck.months(12, 1)),
        "tranches": {f"t{k}": one_tranche(luck, months, count == 1) for k in range(count)},
        "distribute": luck.one("at_end", "monthly", "monthly", "quarterly", "yearly"),
        "distribute_from": luck.one(0, 0, luck.months(months)),
        "hold": luck.number(0, 0, 0.3, 1, 3), "minimum": luck.one(0, luck.money(60)),
        "recycle": luck.one(True, True, False), "facility": facility, "tests": [],
        **{status: {} for status in STATUSES},
    }  # fmt: skip
    if focus == "tests" or (focus == "all" and luck.draw(st.booleans())):
        account["tests"] = [one_test(luck, months) for _ in range(luck.months(2, 1))]
    if FOCUS[focus]:
        for status in STATUSES:
            if luck.months(3):
                account[status] = some_steps(luck, account, FOCUS[focus])
    later = () if luck.months(3) else (40,)
    spent = [
        amounts(luck, months, 40, 200, 200) + amounts(luck, horizon - months, *later)
        for _ in range(luck.trials)
    ]  # fmt: skip
    ending = focus == "ends" or (focus == "all" and luck.draw(st.booleans()))
    return Case(
        account, closing,
        tuple(amounts(luck, horizon, 30, 400, 1_500) for _ in range(luck.trials)),
        tuple(spent),
        tuple(by_month(luck, months, (0, 1, 2, 3)) for _ in range(luck.trials)),
        tuple(one_end(luck, months, horizon, closing) for _ in range(luck.trials))
        if ending else None,
    )  # fmt: skip


# ---------------------------------------------------------------- the engine's form


def quantity(value: Any) -> Quantity:
    """A number, in each trial if it is uncertain."""
    if isinstance(value, Drawn):
        return Quantity(make("uniform", [0.0, 1.0]), drawn=np.array(value.values, float))
    return plain(value)


def terms_of(block: type, said: dict[str, Any], **others: Any) -> Any:
    """Terms of numbers and words."""
    made = {
        key: quantity(value)
        if isinstance(value, int | float | Drawn) and not isinstance(value, bool) else value
        for key, value in said.items() if key not in others
    }  # fmt: skip
    return block(**made, **others)


def engine_tranche(said: dict[str, Any]) -> Tranche:
    """One tranche."""
    parts = {f"d{k}": terms_of(Drawing, part) for k, part in enumerate(said["drawings"])}
    rates = tuple(plain(rate) for rate in said["rates"])
    made: Tranche = terms_of(Tranche, said, drawings=parts, rates=rates)
    return made


def engine_step(said: dict[str, Any]) -> Any:
    """One step."""
    made = {key: value for key, value in said.items() if key != "pay"}
    if said["pay"] == "share":
        made["to"] = {name: quantity(share) for name, share in said["to"].items()}
    elif "to" in made and not isinstance(made["to"], str):
        made["to"] = tuple(made["to"])
    return terms_of(kinds.STEPS[said["pay"]], made)


def engine_waterfall(account: dict[str, Any]) -> Waterfall:
    """The waterfall."""
    line = account["facility"]
    made: Waterfall = terms_of(
        Waterfall,
        {key: account[key] for key in ("distribute", "distribute_from", "hold", "minimum",
                                       "recycle")},
        facility=None if line is None else terms_of(Line, line),
        tests={
            f"test_{k}": terms_of(
                DistributionTest, {"from_": one["from"]} | {
                    key: one[key] for key in ("cover", "payments", "over")
                },
            )
            for k, one in enumerate(account["tests"])
        },
        **{
            status: {name: engine_step(step) for name, step in account[status].items()}
            for status in STATUSES
        },
    )  # fmt: skip
    return made


def by_engine(case: Case) -> Flows:
    """What the engine makes of all trials at once."""
    account = case.account
    ends = None
    if case.ends is not None:
        column = {key: [end[key] for end in case.ends] for key in case.ends[0]}
        ends = Ends(
            *(np.array(column[key], np.int64) for key in ("stop", "closing", "pays")),
            np.array(column["pays_of_capital"], float),
        )
    return run_account(
        np.array(case.receipts, np.int64), np.array(case.costs, np.int64),
        Timeline(date(*account["start"], 1), account["months"], case.horizon), case.closing,
        {name: engine_tranche(said) for name, said in account["tranches"].items()},
        engine_waterfall(account), np.array(case.starts, np.int64), ends, told=True,
    )  # fmt: skip


def told_by_engine(flows: Flows, trial: int) -> dict[str, Any]:
    """Every line of one trial that is not nil."""

    def line(amounts: Any) -> list[int]:
        made: list[int] = [] if amounts is None else amounts[trial].tolist()
        return made

    told: dict[str, Any] = {
        "delivery": line(flows.delivery), "unpaid": line(flows.unpaid), "cash": line(flows.cash),
        "compensation": [int(flows.compensation[trial])],
    }  # fmt: skip
    for name, tranche in flows.tranches.items():
        told |= {f"{name}.{key}": line(getattr(tranche, key)) for key in reference.TRANCHE}
    told |= {f"to {party}": line(amounts) for party, amounts in flows.residual.items()}
    if flows.facility is not None:
        told |= {
            f"facility.{key}": line(getattr(flows.facility, key))
            for key in ("borrowed", "interest", "principal")
        }
    told |= {f"step {name}": line(amounts) for name, amounts in flows.steps.items()}
    return {name: amounts for name, amounts in told.items() if any(amounts)}


# ---------------------------------------------------------------- the reference's form


def in_trial(data: Any, trial: int) -> Any:
    """The same data with the values of one trial."""
    if isinstance(data, Drawn):
        return data.values[trial]
    if isinstance(data, dict):
        return {
            # READING: an uncertain amount is rounded when it is drawn: all are whole minor units.
            key: nearest(in_trial(value, trial)) if key in MONEY and value is not None
            else in_trial(value, trial)
            for key, value in data.items()
        }  # fmt: skip
    if isinstance(data, list):
        return [in_trial(value, trial) for value in data]
    return data


def by_reference(case: Case, trial: int) -> dict[str, Any]:
    """What the reference makes of one trial."""
    end = {"stop": case.horizon, "closing": case.closing, "pays": 0, "pays_of_capital": 0.0}
    end = end if case.ends is None else case.ends[trial]
    book: dict[str, Any] = reference.run(
        in_trial(case.account, trial), case.receipts[trial], case.costs[trial],
        case.starts[trial], end["closing"], end,
    )  # fmt: skip
    return book


def told_by_reference(book: dict[str, Any]) -> dict[str, Any]:
    """Every line of one trial that is not nil."""
    told: dict[str, Any] = {
        "delivery": book["delivery"], "unpaid": book["unpaid"], "cash": book["cash_by_month"],
        "compensation": [book["compensation"]],
    }  # fmt: skip
    for name, tranche in book["tranches"].items():
        told |= {f"{name}.{key}": amounts for key, amounts in tranche["flows"].items()}
    told |= {f"to {party}": amounts for party, amounts in book["residual"].items()}
    told |= {f"facility.{key}": amounts for key, amounts in book["line"].items()}
    told |= {f"step {name}": amounts for name, amounts in book["steps"].items()}
    return {name: amounts for name, amounts in told.items() if any(amounts)}


def check(case: Case) -> None:
    """Every output of every trial agrees."""
    flows = by_engine(case)
    for trial in range(case.trials):
        assert told_by_engine(flows, trial) == told_by_reference(by_reference(case, trial))


@pytest.mark.parametrize("focus", FOCUS)
@BRIEF
@given(st.data())
def test_accounts_agree_to_the_penny(focus: str, data: st.DataObject) -> None:
    check(data.draw(cases(focus=focus)))


@pytest.mark.slow
@LONG
@given(cases())
def test_many_accounts_agree_to_the_penny(case: Case) -> None:
    check(case)


# ---------------------------------------------------------------- early ends


@dataclass(frozen=True)
class Question:
    """Early ends as plain data, and what they are decided on in each trial."""

    endings: tuple[dict[str, Any], ...]
    months: int
    closing: int
    receipts: tuple[list[int], ...]
    starts: tuple[list[int], ...]
    unpaid: tuple[list[int], ...]
    uniforms: tuple[tuple[list[float], ...], ...]

    @property
    def trials(self) -> int:
        """How many trials there are."""
        return len(self.receipts)


def one_ending(luck: Luck, months: int) -> dict[str, Any]:
    """Who may end the contract, when and why."""
    if luck.draw(st.booleans()):
        limits = luck.one(("payments_below",), ("payments_above",), ("starts_below",),
                          ("unpaid_for",))  # fmt: skip
    else:
        limits = luck.draw(st.lists(st.sampled_from([
            ("payments_below", "payments_above"), ("starts_below",), ("unpaid_for",),
        ]).flatmap(lambda some: st.sampled_from(some)), unique=True, max_size=3))  # fmt: skip
    thresholds = {
        "payments_below": luck.number(0, 50, 200, 600), "starts_below": luck.number(0, 1, 3.5, 8),
        "payments_above": luck.number(0, 50, 200, 600), "unpaid_for": luck.months(3, 1),
    }  # fmt: skip
    return {
        "by": luck.one("commissioner", "investor", "provider"),
        "at": luck.months(months - 1, 1), "every": luck.draw(maybe(st.integers(1, 6))),
        **{key: x if key in limits else None for key, x in thresholds.items()},
        "chance": luck.number(1, 1, 0.5, 0.125), "notice": luck.one(0, 0, luck.months(6)),
        "pays": luck.money(100), "pays_of_capital": luck.number(0.0, 0.75, 1.25),
        "claims_for": luck.one(0, luck.months(9)),
    }  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Up to four early ends, decided in one to three trials."""
    luck = Luck(draw, draw(st.integers(1, 3)), 1)
    months = luck.months(20, 2)
    horizon = months + luck.months(5)
    endings = tuple(one_ending(luck, months) for _ in range(luck.months(4, 1)))
    uniforms = (0.0, 0.124, 0.125, 0.3, 0.5, 0.9)
    return Question(
        endings, months, luck.months(horizon - 1, months - 1),
        tuple(by_month(luck, horizon, (0, 50, 50, 75)) for _ in range(luck.trials)),
        tuple(by_month(luck, months, (0, 1, 2)) for _ in range(luck.trials)),
        tuple(by_month(luck, horizon, (0, 7, 7)) for _ in range(luck.trials)),
        tuple(
            tuple(by_month(luck, months, uniforms) for _ in endings) for _ in range(luck.trials)
        ),
    )  # fmt: skip


def decided_by_engine(case: Question) -> list[dict[str, Any]]:
    """When each trial's contract ends early."""
    places = {f"e{k}": k for k in range(len(case.endings))}

    def chances(name: str, times: int) -> Any:
        return np.array([of_trial[places[name]][:times] for of_trial in case.uniforms])

    made = decide(
        {name: terms_of(Ending, case.endings[place]) for name, place in places.items()},
        Timeline(date(2027, 1, 1), case.months, len(case.receipts[0])), case.closing,
        np.array(case.receipts, np.int64), np.array(case.starts, np.int64),
        np.array(case.unpaid, np.int64), chances,
    )  # fmt: skip
    lines = {
        "stop": made.ends.stop, "closing": made.ends.closing, "pays": made.ends.pays,
        "pays_of_capital": made.ends.pays_of_capital, "last_claim": made.last_claim,
        "by": made.by,
    }  # fmt: skip
    return [{key: line[t].item() for key, line in lines.items()} for t in range(case.trials)]


def check_question(case: Question) -> None:
    """Both decide alike in every trial."""
    found = decided_by_engine(case)
    for t in range(case.trials):
        assert found[t] == reference.decide(
            [in_trial(ending, t) for ending in case.endings], case.uniforms[t], case.months,
            case.closing, case.receipts[t], case.starts[t], case.unpaid[t],
        )  # fmt: skip


@SOON
@given(questions())
def test_early_ends_are_decided_alike(case: Question) -> None:
    check_question(case)


@pytest.mark.slow
@LONG
@given(questions())
def test_many_early_ends_are_decided_alike(case: Question) -> None:
    check_question(case)


# ---------------------------------------------------------------- each mechanism alone, by hand

PLAIN_TRANCHE: dict[str, Any] = {
    "commitment": 0, "draw": "up_front", "turn": 1, "drawings": [], "interest": 0, "rates": [],
    "day_count": "monthly", "unpaid_interest": "owed", "repay": "sweep", "repay_from": 0,
    "maturity": None, "most": None, "hurdle": None, "guarantee": None, "fee": 0,
    "investor_share": 0,
}  # fmt: skip
PLAIN_ACCOUNT: dict[str, Any] = {
    "start": (2027, 1), "distribute": "monthly", "distribute_from": 0, "hold": 0, "minimum": 0,
    "recycle": True, "facility": None, "tests": [], "normal": {}, "trapped": {}, "wind_down": {},
}  # fmt: skip


def by_both(
    tranches: dict[str, dict[str, Any]], receipts: list[int], costs: list[int],
    *steps: dict[str, Any], closing: int | None = None, starts: tuple[int, ...] = (),
    end: dict[str, Any] | None = None, **account: Any,
) -> dict[str, list[int]]:  # fmt: skip
    """What both make of one trial, line by line; the contract is as long as what is modelled."""
    size = len(receipts)
    said = PLAIN_ACCOUNT | {"months": size} | account
    said["tranches"] = {name: PLAIN_TRANCHE | one for name, one in tranches.items()}
    if steps:
        said["normal"] = {"costs": {"pay": "costs"}}
        said["normal"] |= {f"s{k}": step for k, step in enumerate(steps)}
    people = [*starts, *[0] * (said["months"] - len(starts))]
    case = Case(said, size - 1 if closing is None else closing, (receipts,), (costs,), (people,),
                None if end is None else (end,))  # fmt: skip
    check(case)
    return told_by_engine(by_engine(case), 0)


REST = {"pay": "share", "to": {"commissioner": 1.0}}


def test_interest_goes_to_several_in_proportion_to_what_each_is_owed() -> None:
    told = by_both(
        {"a": {"commitment": 300, "interest": 1.0}, "b": {"commitment": 100, "interest": 1.0}},
        [0, 11, 0], [400, 0, 0], {"pay": "interest", "to": ["a", "b"]}, REST,
    )  # fmt: skip
    # Owed 25 and 8.33, so 8; of 11 that is 8.33 and 2.67.
    assert (told["a.interest"], told["b.interest"]) == ([0, 8, 0], [0, 3, 0])


@pytest.mark.parametrize(("terms", "owed"), [
    ({"interest": 0.1}, 304),  # 304.17
    ({"interest": 0.1, "day_count": "30/360"}, 304),
    ({"interest": 0.1, "day_count": "act/365f"}, 280),  # 28 days of February
    ({"interest": 0.1, "day_count": "act/360"}, 284),  # 283.89
    ({"interest": 0.04, "rates": [0.06, 0.5]}, 304),
    ({"interest": 0.1, "rates": [-0.2]}, 0),
])  # fmt: skip
def test_interest_is_for_the_months_part_of_the_year(terms: dict[str, Any], owed: int) -> None:
    told = by_both({"a": {"commitment": 36_500} | terms}, [0, 900], [36_500, 0],
                   {"pay": "interest", "to": ["a"]}, REST)  # fmt: skip
    assert told.get("a.interest", [0, 0]) == [0, owed]


@pytest.mark.parametrize(("terms", "back"), [
    ({"repay": "sweep"}, [100, 0, 0, 0, 0]),
    ({"repay": "sweep", "repay_from": 2}, [0, 0, 100, 0, 0]),
    ({"repay": "bullet"}, [0, 0, 0, 0, 100]),
    ({"repay": "bullet", "maturity": 2}, [0, 100, 0, 0, 0]),
    # A third, two thirds (66.67) and all of it; without a maturity fifths.
    ({"repay": "amortise", "maturity": 4, "repay_from": 1}, [0, 33, 34, 33, 0]),
    ({"repay": "amortise"}, [20, 20, 20, 20, 20]),
    ({"repay": "never"}, [0, 0, 0, 0, 0]),
])  # fmt: skip
def test_principal_is_what_may_be_back_by_now(terms: dict[str, Any], back: list[int]) -> None:
    told = by_both({"a": {"commitment": 100} | terms}, [0] * 5, [0] * 5,
                   {"pay": "principal", "to": ["a"]})  # fmt: skip
    assert told.get("a.principal", [0] * 5) == back


def test_a_hurdle_is_money_put_in_compounded_less_all_that_was_given() -> None:
    told = by_both(
        {"a": {"commitment": 1_000, "hurdle": 0.08, "interest": 0.12}}, [0, 9, 2_000],
        [1_000, 0, 0], {"pay": "interest", "to": ["a"]}, {"pay": "hurdle", "to": "a"}, REST,
    )  # fmt: skip
    # Month 1: needs 1,000 + 6.43; 9 of the interest of 10 is paid: 997 (whole).
    # Month 2: + 6.41, so 1,003; 10 + 1 of interest: the hurdle then gives 992, all of it principal.
    assert told["a.interest"] == [0, 9, 11]
    assert told["a.principal"] == [0, 0, 992] and "a.profit" not in told
    assert told["to commissioner"] == [0, 0, 2_000 - 11 - 992]


@pytest.mark.parametrize(("share", "caught"), [(1.0, 20), (0.5, 27), (0.25, 20)])
def test_a_catch_up_ends_where_the_party_has_its_part(share: float, caught: int) -> None:
    told = by_both(
        {"a": {"commitment": 100}}, [0, 260], [100, 0], {"pay": "principal", "to": ["a"]},
        {"pay": "share", "to": {"a": 0.5}},
        {"pay": "catch_up", "to": "provider", "until": 0.2, "share": share}, REST,
    )  # fmt: skip
    # 160 beyond the money, 80 to the tranche, 80 left. With all of it 0.2 x 80 / 0.8 = 20 is a
    # fifth of 100; with half 0.5 x 16 / 0.3 = 26.7; with a quarter 0.25 x 16 / 0.05, more than 20.
    assert told["to provider"] == [0, caught]
    assert told["to commissioner"] == [0, 80 - caught]


def test_what_is_kept_is_there_again_until_the_contract_is_over() -> None:
    keep = {"pay": "keep", "amount": 10, "months": 0.5, "until": "closing"}
    told = by_both({}, [50, 30, 0, 0], [15, 15, 0, 0], keep, REST, months=3, closing=3)
    # 35 less 10 + 7.5, so 18; then 18 + 30 - 15 = 33 less 18; 10 without costs; then nothing.
    assert told["to commissioner"] == [17, 15, 8, 10]
    assert told["cash"] == [18, 18, 10, 0]
    assert told["step normal.s0"] == [18, 18, 10, 0]


def test_all_is_kept_until_money_that_may_be_given_is_back() -> None:
    keep = {"pay": "keep", "until": "repaid", "amount": 0, "months": 0}
    bullet = {"commitment": 100, "repay": "bullet", "maturity": 3, "most": 0.5}
    told = by_both({"a": bullet, "g": {"commitment": 10, "repay": "never"}}, [30, 30, 30, 30],
                   [110, 0, 0, 0], {"pay": "principal", "to": ["a"]}, keep, REST)  # fmt: skip
    # Half is the most: 50 in month 2, and what is left is free, though 50 (and the grant) are out.
    assert told["a.principal"] == [0, 0, 50, 0]
    assert told["to commissioner"] == [0, 0, 40, 30]


def test_shares_are_of_what_is_left_when_the_step_begins() -> None:
    share = {"pay": "share", "to": {"a": 0.5, "none": 0.1, "provider": 0.2, "commissioner": 0.2}}
    told = by_both({"a": {"commitment": 20}, "none": {}}, [0, 102], [20, 0], share)
    # 51, of which 20 are principal; 10 for a tranche that is not there; 20; and the rest of all.
    assert (told["a.principal"], told["a.profit"]) == ([0, 20], [0, 31])
    assert told["to provider"] == [0, 20] and told["to commissioner"] == [0, 21]
    thirds = dict.fromkeys(("provider", "commissioner", "intermediary"), 1 / 3)
    third = {"pay": "share", "to": thirds}
    told = by_both({}, [4], [0], third)
    assert [told[f"to {who}"] for who in thirds] == [[1], [1], [2]], "nothing stays behind"
    half = {"pay": "share", "to": {"provider": 0.25, "commissioner": 0.25}}
    told = by_both({}, [2], [0], half)
    assert (told["to provider"], told["to commissioner"]) == ([1], [1]), "0.5 is rounded up"


def test_shares_are_given_in_the_order_written() -> None:
    share = {"pay": "share", "to": {"provider": 0.5, "a": 0.5}}
    told = by_both({"a": {"commitment": 20}}, [0, 101], [20, 0], share)
    # 50.5 and 50.5: 51 to the first, and the 50 that are left, of which 20 are principal.
    assert told["to provider"] == [0, 51]
    assert (told["a.principal"], told["a.profit"]) == ([0, 20], [0, 30])


def test_a_facility_bridges_what_cash_and_capital_cannot_pay() -> None:
    told = by_both({"a": {"commitment": 10, "draw": "on_need"}}, [0, 60, 30], [80, 0, 0],
                   {"pay": "facility"}, REST, facility={"limit": 50, "interest": 0.12})  # fmt: skip
    # 10 + 50, 20 unpaid. Month 1: interest 0.5, so 1; costs 20, interest 1, 39 back.
    assert told["unpaid"] == [20, 0, 0] and told["delivery"] == [60, 20, 0]
    assert told["facility.borrowed"] == [50, 0, 0]
    assert (told["facility.interest"], told["facility.principal"]) == ([0, 1, 0], [0, 39, 11])
    assert told["to commissioner"] == [0, 0, 19]


def test_calls_go_by_turns_and_then_in_proportion_to_what_is_left() -> None:
    called = {"draw": "on_need", "commitment": 10}
    told = by_both({"late": called | {"turn": 2}, "a": called | {"commitment": 20}, "b": called},
                   [0, 0, 0], [5, 22, 20])  # fmt: skip
    # 3.33 and 1.67; of the 17 and 8 left, 14.96 and 7.04; then 2, 1, and 10 of the second turn.
    assert (told["a.drawn"], told["b.drawn"]) == ([3, 15, 2], [2, 7, 1])
    assert told["late.drawn"] == [0, 0, 10] and told["unpaid"] == [0, 0, 7]


def test_odd_units_go_to_the_largest_remainders_and_of_equal_ones_to_the_first() -> None:
    called = {"draw": "on_need", "commitment": 9}
    told = by_both({"a": called | {"commitment": 2}, "b": called, "c": called}, [0], [11])
    # 1.1, 4.95 and 4.95 of 11, so 1, 5, 5; of 10 it would be 1, 4.5 and 4.5, so 1, 5, 4.
    assert [told[f"{name}.drawn"] for name in "abc"] == [[1], [5], [5]]
    told = by_both({"a": called | {"commitment": 2}, "b": called, "c": called}, [0], [10])
    assert [told[f"{name}.drawn"] for name in "abc"] == [[1], [5], [4]]


def test_interest_is_on_what_is_out_and_not_on_what_was_drawn() -> None:
    told = by_both({"a": {"commitment": 1_200, "interest": 0.75}}, [0, 675, 637], [1_200, 0, 0],
                   {"pay": "interest", "to": ["a"]}, {"pay": "principal", "to": ["a"]})  # fmt: skip
    # 75, so 600 back; then 37.5 on the other 600.
    assert told["a.interest"] == [0, 75, 38] and told["a.principal"] == [0, 600, 599]


@pytest.mark.parametrize(("recycle", "drawn"), [(True, [0, 0, 0]), (False, [10, 10, 10])])
def test_receipts_pay_for_delivery_only_where_they_are_recycled(
    recycle: bool, drawn: list[int]
) -> None:
    told = by_both({"a": {"commitment": 50, "draw": "on_need"}}, [30, 0, 0], [10, 10, 10],
                   recycle=recycle, distribute="at_end")  # fmt: skip
    assert told.get("a.drawn", [0, 0, 0]) == drawn


def test_money_is_called_so_that_the_minimum_is_left_after_costs() -> None:
    told = by_both({"a": {"commitment": 50, "draw": "on_need"}}, [0, 0, 0], [10, 10, 0],
                   minimum=20, months=2, distribute="at_end")  # fmt: skip
    assert told["a.drawn"] == [30, 10, 0] and told["cash"] == [20, 20, 0]


def test_drawings_go_in_in_their_month_and_once_so_many_have_started() -> None:
    parts = [{"amount": 40, "at": 1, "starts": None}, {"amount": 40, "at": 0, "starts": 3},
             {"amount": 40, "at": 3, "starts": 1}]  # fmt: skip
    told = by_both({"a": {"commitment": 100, "draw": "by_schedule", "drawings": parts}},
                   [0] * 4, [0] * 4, starts=(1, 1, 1), distribute="at_end")  # fmt: skip
    assert told["a.drawn"] == [0, 40, 40, 20]


def test_a_most_holds_in_every_step_and_interest_counts() -> None:
    told = by_both(
        {"a": {"commitment": 100, "interest": 0.6, "most": 1.02}}, [0, 500, 0], [100, 0, 0],
        {"pay": "interest", "to": ["a"]}, {"pay": "principal", "to": ["a"]},
        {"pay": "share", "to": {"a": 1.0}},
    )  # fmt: skip
    assert told["a.interest"] == [0, 5, 0] and told["a.principal"] == [0, 97, 0]
    assert "a.profit" not in told


@pytest.mark.parametrize(("kind", "test"), [
    ("cover", {"cover": 1.5, "payments": None, "over": 2, "from": 1}),
    ("payments", {"cover": None, "payments": 60, "over": 12, "from": 0}),
])  # fmt: skip
def test_a_test_traps_what_is_left(kind: str, test: dict[str, Any]) -> None:
    told = by_both({}, [29, 30, 30, 30, 0], [20, 20, 20, 20, 0], tests=[test])
    # 59 < 1.5 x 40, 60 is not; but 29 + 30 in months 0 and 1, so 30 + 30 are enough in month 2.
    expected = {"cover": [9, 0, 20, 10, 0], "payments": [0, 0, 29, 10, 0]}[kind]
    assert told["to provider"] == expected


def test_who_ends_a_contract_early_pays_and_the_account_winds_down() -> None:
    end = {"stop": 2, "closing": 3, "pays": 10, "pays_of_capital": 0.5}
    told = by_both(
        {"a": {"commitment": 75, "guarantee": 20}, "g": {"commitment": 25, "repay": "never"}},
        [0, 20, 0, 3, 0], [100, 0, 0, 0, 0], end=end, distribute="at_end",
        wind_down={"costs": {"pay": "costs"}, "a": {"pay": "principal", "to": ["a"]}},
    )  # fmt: skip
    # In month 2: 10 + 37.5, so 48, and the 20 in hand; 3 more in month 3, then 4 are still out.
    assert told["compensation"] == [48]
    assert told["a.principal"] == [0, 0, 68, 3, 0] and told["a.guaranteed"] == [0, 0, 0, 4, 0]
    assert told["step wind_down.a"] == [0, 0, 68, 3, 0]


def test_a_fund_manager_has_a_twelfth_a_month_while_delivery_runs() -> None:
    end = {"stop": 2, "closing": 4, "pays": 0, "pays_of_capital": 0.0}
    fund = {"a": {"commitment": 1_000, "fee": 0.015}}
    # 1.25, rounded.
    assert by_both(fund, [0] * 5, [0] * 5, months=3)["a.fee"] == [1, 1, 1, 0, 0]
    assert by_both(fund, [0] * 5, [0] * 5, months=3, end=end)["a.fee"] == [1, 1, 0, 0, 0]


@pytest.mark.parametrize("line", [True, False])
def test_interest_is_reckoned_in_the_order_of_the_text(line: bool) -> None:
    if line:  # 480 x 3.75% / 12 is 1.5
        told = by_both({}, [0, 500], [480, 0], {"pay": "facility"}, REST,
                       facility={"limit": 480, "interest": 0.0375})  # fmt: skip
        assert told["facility.interest"] == [0, 2]
    else:  # 60 x 30% / 12 is 1.5
        told = by_both({"a": {"commitment": 60, "interest": 0.3}}, [0, 90], [60, 0],
                       {"pay": "interest", "to": ["a"]}, REST)  # fmt: skip
        assert told["a.interest"] == [0, 2]


def test_the_usual_steps_keep_the_minimum() -> None:
    told = by_both({"a": {"commitment": 50, "draw": "on_need"}}, [0, 0], [10, 10], minimum=20)
    assert told["a.drawn"] == [30, 10] and told["cash"] == [20, 0]
