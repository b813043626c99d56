"""Hypothesis strategies: valid deals of every shape that the language allows, kept small."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

SHARES = st.integers(0, 100).map(lambda n: f"{n}%")
POUNDS = st.integers(0, 9_000_00).map(lambda pence: f"£{pence // 100}.{pence % 100:02d}")
WAITS = st.one_of(
    st.integers(0, 300).map(lambda n: f"{n} days"),
    st.integers(1, 8).map(lambda n: {"exponential": {"mean": f"{n} months"}}),
    st.tuples(st.integers(1, 3), st.integers(4, 9)).map(
        lambda p: {"p50": f"{p[0]} months", "p90": f"{p[1]} months"}
    ),
    st.just({"weibull": {"shape": 1.4, "scale": "90 days"}}),
    st.just({"discrete": {"10 days": "25%", "40 days": "75%"}}),
    st.just({"loglogistic": {"median": "70 days", "shape": 1.8}}),
    st.just({"hazard": {"0 days": "20% a month", "60 days": "5% a week", "150 days": "0% a day"}}),
    st.just({"kaplan_meier": {"0 days": "100%", "20 days": "80%", "3 months": "45%"}}),
)
UNCERTAIN_SHARES = st.one_of(
    SHARES,
    st.just({"beta": {"mean": "40%", "sd": "10%"}}),
    st.just({"triangular": ["20%", "30%", "45%"]}),
    st.just({"value": "50%", "times": "80%", "source": "made up"}),
)
UNCERTAIN_POUNDS = st.one_of(POUNDS, st.just({"pert": ["£100", "£250.50", "£900"]}))


def _drop(**given: Any) -> dict[str, Any]:
    return {key.rstrip("_"): value for key, value in given.items() if value is not None}


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of the values, or the key left out."""
    return st.one_of(st.none(), values)


cohorts = st.builds(
    lambda **k: _drop(**k),
    referrals=st.one_of(st.integers(1, 12), st.just({"uniform": [3, 9]})),
    over=st.integers(30, 400).map(lambda n: f"{n} days"),
    ramp_up=maybe(st.integers(0, 30).map(lambda n: f"{n} days")),
    engage=maybe(UNCERTAIN_SHARES),
    leave=maybe(st.sampled_from(["2% a month", "0% a week", "30% a year", "60% a month"])),
    stay=maybe(st.integers(10, 300).map(lambda n: f"{n} days")),
)

repeats = st.builds(
    lambda chance, every, most: {"chance": chance, "every": f"{every} days", "most": most},
    SHARES, st.integers(1, 90), st.integers(1, 4),
)  # fmt: skip


@st.composite
def outcome_sets(draw: st.DrawFn) -> dict[str, Any]:
    """One to four outcomes, each following an earlier one or none."""
    names = ["a", "b", "c", "d"][: draw(st.integers(1, 4))]
    outcomes: dict[str, Any] = {}
    for place, name in enumerate(names):
        follows = draw(maybe(st.sampled_from(names[:place]))) if place else None
        sustained = draw(st.booleans()) if follows else False
        outcomes[name] = _drop(
            chance=draw(UNCERTAIN_SHARES),
            without=draw(SHARES),
            follows=follows,
            after=None if sustained else draw(WAITS),
            sustained="13 weeks" if sustained else None,
            after_without=draw(maybe(WAITS)),
            repeat=draw(maybe(repeats)),
        )
    order = draw(st.permutations(names))
    return {name: outcomes[name] for name in order}


def per_outcome(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A line of a rate card for one of the outcomes."""
    return st.builds(
        lambda **k: _drop(pay="per_outcome", **k),
        for_=st.sampled_from(names),
        price=UNCERTAIN_POUNDS,
        claims_per_person=maybe(st.one_of(st.integers(1, 3), st.just("unlimited"))),
        cap=maybe(POUNDS),
        lag=maybe(st.integers(0, 4)),
    )


fees = st.builds(
    lambda **k: _drop(pay="fee", **k),
    amount=st.integers(0, 3_000).map(lambda n: f"£{n} a month"),
    cap=maybe(POUNDS),
    lag=maybe(st.integers(0, 3)),
)

cap_sets = st.builds(
    lambda **k: _drop(**k),
    person=maybe(UNCERTAIN_POUNDS), period=maybe(POUNDS), period_length=maybe(st.integers(1, 14)),
    contract=maybe(UNCERTAIN_POUNDS),
)  # fmt: skip

cost_sets = st.builds(
    lambda **k: _drop(**k),
    set_up=maybe(POUNDS),
    fixed=maybe(st.integers(0, 2_000).map(lambda n: f"£{n} a month")),
    per_start=maybe(UNCERTAIN_POUNDS),
    per_month=maybe(st.sampled_from(["£40 a week", "£7.35 a day", "£100 a month"])),
)

tranches = st.builds(
    lambda **k: _drop(**k),
    commitment=st.integers(0, 40_000).map(lambda n: f"£{n}"),
    draw=maybe(st.sampled_from(["on_need", "up_front"])),
    investor_share=maybe(SHARES),
)

waterfalls = st.builds(
    lambda **k: _drop(**k),
    distribute=maybe(st.sampled_from(["at_end", "monthly"])),
    hold=maybe(st.sampled_from([0, 1, 2.5, 6])),
)


def saving(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A saving tied to one of the outcomes."""
    return st.builds(
        lambda **k: _drop(**k),
        for_=st.sampled_from(names),
        amount=st.sampled_from(["£9,800 a year", "£107.45 a week", "£12 a day", "£6,680 each"]),
        to=st.sampled_from(["DWP", "NHS"]),
        lasts=maybe(st.integers(1, 20)),
        lag=maybe(st.integers(0, 5)),
        cashable=maybe(SHARES),
        price_year=maybe(st.sampled_from(["2012/13", "2019/20"])),
    )


FAMILIES = ("beta", "triangular", "pert", "uniform")
"""Distributions that the deals below are drawn with once a trial."""


def uncertain(data: Any, address: str = "") -> list[str]:
    """Addresses of what is drawn once a trial: no waiting times, no plain values."""
    if not isinstance(data, dict) or {"value", *FAMILIES} & set(data):
        plain = not isinstance(data, dict) or "value" in data
        return [] if plain else [address]
    return [
        found for name, item in data.items() if not name.startswith("after")
        for found in uncertain(item, f"{address}.{name}" if address else name)
        if isinstance(item, dict)
    ]  # fmt: skip


@st.composite
def correlation_sets(draw: st.DrawFn, data: dict[str, Any]) -> dict[str, Any]:
    """Pairs in a row of uncertain numbers: few enough, or weak enough, to hold together."""
    addresses = draw(st.permutations(uncertain(data)))
    pairs = list(itertools.pairwise(addresses))[: draw(st.integers(0, 3))]
    strongest = 100 if len(pairs) < 2 else 50
    return {
        f"pair_{n}": {"between": one, "and": other,
                      "rank": f"{draw(st.integers(-strongest, strongest))}%"}
        for n, (one, other) in enumerate(pairs)
    }  # fmt: skip


@st.composite
def deals(draw: st.DrawFn) -> dict[str, Any]:
    """A whole valid deal as plain data."""
    outcomes = draw(outcome_sets())
    names = list(outcomes)
    terms = draw(st.lists(st.one_of(per_outcome(names), fees), min_size=1, max_size=4))
    savings = draw(st.lists(saving(names), max_size=2))
    cohort_names = ["north", "south"][: draw(st.integers(1, 2))]
    contract: dict[str, Any] = {f"term_{place}": item for place, item in enumerate(terms)}
    if limits := draw(cap_sets):
        contract["caps"] = limits
    months = draw(st.integers(1, 26))
    tranche = draw(maybe(tranches))
    waterfall = None if tranche is None else draw(waterfalls) | {
        "distribute_from": draw(st.integers(0, months))
    }  # fmt: skip
    made = _drop(
        sibsim=1,
        title="Generated",
        programme=_drop(
            start=draw(st.sampled_from(["2023-11", "2027-04", "2024-02"])),
            months=months,
            prices=draw(maybe(st.sampled_from(["nominal", "real"]))),
            inflation=draw(maybe(st.sampled_from(["0%", "2.5%", "4%"]))),
            discount=draw(maybe(st.sampled_from(["green_book", "5%"]))),
        ),
        people={name: draw(cohorts) for name in cohort_names},
        outcomes=outcomes,
        contract=contract,
        costs=draw(cost_sets) or None,
        capital=None if tranche is None else {"fund": tranche},
        waterfall=waterfall,
        savings={f"saving_{n}": item for n, item in enumerate(savings)} or None,
    )
    correlations = draw(correlation_sets(made))
    return made | _drop(correlations=correlations or None)
