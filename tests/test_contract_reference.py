"""The contract against a second program of section 4, written by someone who had not read it.

Hypothesis builds contracts of every kind of term, with caps in any order, floors, verification,
payers and payment dates, and the claims of a trial or two. `contract_reference` works each trial
out again, claim by claim; every penny of every month has to agree. Evidence is left out: results
are numbers drawn for a term and a window.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import contract_reference as reference
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sibsim.contract import terms as kinds
from sibsim.contract.agreement import LEVELS, Caps, Contract, Payer, Verification
from sibsim.contract.checks import faults
from sibsim.contract.claims import Claims
from sibsim.contract.evidence import Count
from sibsim.contract.pay import Facts, Payments, pay
from sibsim.contract.payers import Contributions, contributions
from sibsim.distributions import make
from sibsim.quantities import Quantity, plain

COHORTS = ("adults", "young")
OUTCOMES = ("work", "days")
SEGMENTS = ("near", "far")

SOON = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Drawn:
    """An uncertain number: its value in each trial."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Case:
    """A contract as plain data, and what happened in each trial.

    `results`, `luck` and `counts` are what may be found, drawn and counted; which of them it is
    hangs on what is asked for.
    """

    contract: dict[str, Any]
    trials: int
    rows: tuple[tuple[dict[str, Any], ...], ...]
    results: tuple[float, ...]
    luck: tuple[float, ...]
    counts: tuple[int, ...]

    def found(self, trial: int, *asked: object) -> float:
        """A result of one trial."""
        return self.results[crc32(repr(("found", trial, *asked)).encode()) % len(self.results)]

    def counted(self, *asked: object) -> int:
        """People who start, or days in service."""
        return self.counts[crc32(repr(("counted", *asked)).encode()) % len(self.counts)]

    def uniforms(self, trial: int, address: str, person: int, number: int) -> tuple[float, float]:
        """Two uniforms."""
        size = len(self.luck)
        mixed = crc32(repr((trial, address, person, number)).encode())
        return self.luck[mixed % size], self.luck[mixed // size % size]


# ---------------------------------------------------------------- what may be written

MONEY = st.one_of(
    st.integers(0, 30), st.integers(1, 50).map(lambda n: n * 100), st.integers(1, 999)
)  # fmt: skip
LIMITS = st.one_of(st.integers(0, 300), st.integers(1, 3_000), st.integers(1, 20_000))
SHARES = st.sampled_from([0.0, 0.1, 0.125, 0.2, 0.25, 1 / 3, 0.5, 0.75, 0.95, 1.0])
RESULTS = st.one_of(
    st.sampled_from([-1.5, -0.1, 0.0, 0.05, 0.1, 0.2 - 1e-13, 0.2, 0.25, 1 / 3, 0.5, 0.9, 1.0]),
    st.sampled_from([0.2 - 1e-13, 0.2, 1.0 - 1e-13, 1.0]),
    st.sampled_from([1.5, 2.0, 2.5, 3.0, 7.0]),
    st.floats(-2, 12, allow_nan=False).map(lambda x: round(x, 6)),
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of the values, or None."""
    return st.one_of(st.none(), values)


def uncertain(draw: st.DrawFn, values: st.SearchStrategy[Any], trials: int) -> Any:
    """A number that is fixed, or has a value in each trial."""
    if draw(st.booleans()):
        return draw(values)
    return Drawn(tuple(draw(st.lists(values, min_size=trials, max_size=trials))))


@st.composite
def timed(draw: st.DrawFn, months: int) -> dict[str, Any]:
    """When a result is measured."""
    month = st.integers(1, months)
    return {
        "at": draw(maybe(month)), "every": draw(maybe(st.one_of(st.integers(1, 3), month))),
        "counts": draw(st.sampled_from(["so_far", "since_last"])),
    }  # fmt: skip


@st.composite
def priced(draw: st.DrawFn, trials: int, rises: Drawn) -> dict[str, Any]:
    """How a price changes.

    The text takes a price x its growth x its part of the year in this order, and 1 + uplift before
    i x rise; see `test_a_price_is_reckoned_in_the_order_of_the_text`. Where two of these meet,
    the numbers are such that any order gives the same.
    """
    how = draw(st.sampled_from(["steady", "steady", "uplift", "indexed", "by_year", "all"]))
    binary = st.sampled_from([-0.5, 0.0, 0.25, 0.5])
    share = st.sampled_from([0.0, 0.4, 0.6, 0.8, 1.0, 1.1])
    uplift: Any = 0
    indexed = by_year = None
    if how == "uplift":
        uplift = uncertain(draw, st.sampled_from([0.02, 0.03, 0.25, -0.5]), trials)
    if how == "indexed":
        indexed = draw(st.sampled_from([0.5, 0.8, 1.0]))
    if how == "by_year":
        by_year = draw(st.lists(share, min_size=1, max_size=4))
    if how == "all":
        uplift = uncertain(draw, binary, trials)
        by_year = draw(maybe(st.lists(st.sampled_from([0.5, 0.75, 1.0]), min_size=1, max_size=4)))
        if draw(st.booleans()) and all(x * 16 == int(x * 16) for v in rises.values for x in v):
            indexed = draw(st.sampled_from([0.5, 1.0]))
    return {
        "uplift": uplift, "indexed": indexed, "by_year": by_year,
        "index": None if indexed is None else rises, "deadweight": 0, "attributed": 1,
        "by_segment": {}, "tiers": [],
    }  # fmt: skip


@st.composite
def one_term(
    draw: st.DrawFn, kind: str, name: str, above: list[str], months: int, trials: int, rises: Drawn
) -> dict[str, Any]:
    """One term of a kind; what it refers to stands above it."""
    term: dict[str, Any] = {
        "name": name, "kind": kind, "lag": draw(st.sampled_from([0, 0, 1, 2, 5])),
        "cap": uncertain(draw, LIMITS, trials) if draw(st.integers(0, 2)) == 0 else None,
        "cohort": draw(st.sampled_from([None, None, *COHORTS])),
    }  # fmt: skip
    others = st.lists(st.sampled_from(above), unique=True, min_size=1) if above else st.nothing()
    if kind in ("per_outcome", "deduction", "per_activity", "fee"):
        term |= draw(priced(trials, rises))
        term["price"] = uncertain(draw, MONEY, trials)
    if kind in ("per_outcome", "deduction"):
        term["outcome"] = draw(st.sampled_from(OUTCOMES))
        term["each"] = draw(st.sampled_from([1, 1, 1, 2, 3, 7]))
        term["claims_per_person"] = draw(maybe(st.integers(1, 4)))
        for segment in SEGMENTS:
            if draw(st.integers(0, 3)) == 0:
                term["by_segment"][segment] = draw(st.sampled_from([0.0, 0.5, 1.0, 1.4, 2.5]))
    if kind == "per_outcome":
        after = st.lists(st.integers(1, 9), unique=True, min_size=draw(st.integers(0, 1)))
        term["tiers"] = [(n, uncertain(draw, MONEY, trials)) for n in sorted(draw(after))[:3]]
        if draw(st.integers(0, 3)) == 0:
            term["deadweight"] = uncertain(draw, SHARES, trials)
            term["attributed"] = uncertain(draw, SHARES, trials)
    if kind == "per_activity":
        term["per"] = draw(st.sampled_from(["start", "day", "week", "month"]))
    if kind in ("by_result", "per_effect", "reward", "share_of_saving", "clawback"):
        term |= draw(timed(months))
    if kind == "by_result":
        ends = sorted(draw(st.lists(RESULTS, unique=True, min_size=1, max_size=4)))
        pays = st.one_of(MONEY, st.integers(-300, 3_000))
        term["bands"] = [{"from": x, "pays": uncertain(draw, pays, trials)} for x in ends]
        term["between"] = draw(st.sampled_from(["step", "line"]))
        term["unless"] = draw(others) if above and draw(st.booleans()) else []
    if kind == "per_effect":
        term["price"] = uncertain(draw, MONEY, trials)
        term["unit"] = draw(st.sampled_from([1, 1, 0.01, 0.1, 0.5]))
        term["effect"] = draw(st.sampled_from(["fewer", "more", "rate", "added"]))
        term |= {"uplift": 0, "indexed": None, "by_year": None, "deadweight": 0, "attributed": 1}
        term["by_segment"] = {}
    if kind == "reward":
        weights = draw(st.sampled_from([(1.0,), (0.5, 0.5), (0.2, 0.8), (0.3, 0.3, 0.4)]))
        term["measures"] = [draw(one_measure(weight)) for weight in weights]
        part = bool(above) and draw(st.integers(0, 3)) > 0
        term["pays"] = None if part else uncertain(draw, MONEY, trials)
        term["of"] = draw(others) if term["pays"] is None else []
        # Two rewards may hold back of one term; the shares of all come to at most 1.
        term["share"] = draw(st.sampled_from([0.0, 0.1, 0.125, 0.2])) if term["of"] else 0.0
    if kind == "share_of_saving":
        term["saves"] = uncertain(draw, MONEY, trials)
        term["share"] = uncertain(draw, SHARES.filter(bool), trials)
        term["until"] = uncertain(draw, MONEY, trials) if draw(st.integers(0, 3)) else None
        term["interest"] = uncertain(draw, st.sampled_from([0.0, 0.05, 0.5]), trials)
        term["then"] = uncertain(draw, SHARES, trials)
    if kind == "clawback":
        term |= {"of": draw(others), "share": draw(SHARES), "below": draw(RESULTS)}
    return term


@st.composite
def one_measure(draw: st.DrawFn, weight: float) -> dict[str, Any]:
    """One measure of a reward."""
    start, target = draw(st.lists(RESULTS, min_size=2, max_size=2, unique=True))
    return {
        "weight": weight, "from": start, "target": target,
        "between": draw(st.sampled_from(["line", "step"])),
        "least": draw(st.sampled_from([0.0, 0.0, -0.2])),
        "most": draw(st.sampled_from([1.0, 1.5, 0.5])),
    }  # fmt: skip


@st.composite
def verifications(draw: st.DrawFn, trials: int) -> dict[str, Any]:
    """How claims are checked."""
    chances = st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.5])
    return {
        "delay": draw(st.integers(0, 3)), "reject": uncertain(draw, chances, trials),
        "resubmit": uncertain(draw, chances, trials), "again": draw(st.integers(1, 3)),
        "dispute": uncertain(draw, chances, trials), "upheld": uncertain(draw, chances, trials),
        "decision": draw(st.integers(1, 4)),
        "capacity": draw(maybe(st.integers(1, 4))), "within": draw(st.integers(2, 12)),
    }  # fmt: skip


@st.composite
def all_payers(draw: st.DrawFn, names: list[str], trials: int) -> list[dict[str, Any]]:
    """Up to three payers, who bear no more than all there is."""
    shares = draw(st.sampled_from([(), (), (0.3,), (1.0,), (1 / 3, 1 / 3), (0.25, 0.25, 0.5),
                                   (0.1, 0.2, 0.3)]))  # fmt: skip
    some = maybe(st.lists(st.sampled_from(names), unique=True, min_size=1))
    return [
        {
            "name": f"fund_{k}", "share": share, "terms": draw(some),
            "cap": uncertain(draw, LIMITS, trials) if draw(st.booleans()) else None,
            "appropriated": uncertain(draw, st.sampled_from([0.0, 0.5, 0.875, 1.0]), trials),
            "beyond": draw(st.sampled_from(["commissioner", "nobody"])),
        }
        for k, share in enumerate(shares)
    ]  # fmt: skip


@st.composite
def all_rows(
    draw: st.DrawFn, months: int, most: int, few: int = 0
) -> tuple[dict[str, Any], ...]:
    """Served outcomes of one trial; those of one person and outcome in order of time."""
    groups = draw(
        st.lists(
            st.tuples(st.sampled_from(COHORTS), st.integers(0, 3), st.sampled_from(OUTCOMES)),
            unique=True, min_size=draw(st.sampled_from([few, 4, 7])), max_size=9,
        )
    )  # fmt: skip
    rows = []
    segments: dict[tuple[str, int], str | None] = {}
    when = st.one_of(st.integers(0, months - 1), st.integers(months - 2, months - 1))
    for cohort, person, outcome in groups:
        if (cohort, person) not in segments:
            segments[cohort, person] = draw(maybe(st.sampled_from(SEGMENTS)))
        number = 0
        for month in sorted(draw(st.lists(when, min_size=1, max_size=5))):
            rows.append({
                "cohort": cohort, "person": person, "outcome": outcome, "occurrence": number,
                "month": month, "amount": draw(st.sampled_from([1, 1, min(2, most), most])),
                "segment": segments[cohort, person],
            })  # fmt: skip
            number += draw(st.sampled_from([1, 1, 2]))
    return tuple(rows)


FOCUS: dict[str, tuple[str, ...]] = {
    "all": tuple(kinds.TERMS),
    "claims": ("per_outcome", "per_outcome", "per_outcome", "deduction"),
    "people": ("per_outcome",),
    "results": ("by_result", "reward", "reward", "share_of_saving", "clawback", "fee", "fee"),
    "dates": ("per_outcome", "fee", "by_result", "deduction", "clawback"),
}
"""What a contract is mostly about: of everything at once, little comes to anything."""


@st.composite
def cases(
    draw: st.DrawFn, allowed: Sequence[str] = tuple(kinds.TERMS), focus: str | None = None
) -> Case:
    """Contracts of one to five terms, and what happened in one or two trials."""
    trials = draw(st.integers(1, 2))
    focus = draw(st.sampled_from([*FOCUS])) if focus is None else focus
    months = draw(st.one_of(st.integers(3, 30), st.integers(25, 30)))
    rise = st.sampled_from([0.0, 0.0625, 0.02, 0.101])
    years = -(-months // 12)
    one = st.lists(rise, min_size=years - 1, max_size=years - 1).map(lambda r: (0.0, *r))
    rises = Drawn(tuple(draw(st.lists(one, min_size=trials, max_size=trials))))
    terms: list[dict[str, Any]] = []
    often = [kind for kind in FOCUS[focus] if kind in allowed] or [*allowed]
    for k in range(draw(st.integers(1 if focus == "all" else 2, 5))):
        above = [term["name"] for term in terms]
        kind = draw(st.sampled_from([x for x in often if above or x != "clawback"]))
        terms.append(draw(one_term(kind, f"t{k}", above, months, trials, rises)))
    names = [term["name"] for term in terms]

    def limit(*where: str) -> Any:
        if focus not in ("all", *where) or draw(st.booleans()):
            return None
        return uncertain(draw, LIMITS, trials)

    months_of_caps = st.integers(1, months) if focus == "all" else st.integers(1, 12)
    checked = focus in ("claims", "dates") or (focus == "all" and draw(st.booleans()))
    order = draw(st.permutations(LEVELS))
    person = limit("claims")
    if focus == "people":
        person = uncertain(draw, st.integers(50, 4_000), trials)
        for term in terms:  # everything else lets most of the claims through
            term |= {"each": 1, "claims_per_person": None, "cohort": None}
        if draw(st.booleans()):
            order = [*(level for level in order if level != "person"), "person"]

    contract: dict[str, Any] = {
        "months": months, "start_month": draw(st.integers(1, 12)), "inflation": 0,
        "cohorts": list(COHORTS), "terms": terms,
        "caps": {
            "order": tuple(order), "person": person,
            "period": limit(), "period_length": draw(months_of_caps), "contract": limit("people"),
            "least_period": limit("dates"), "least": limit("dates"),
        },
        "verification": draw(verifications(trials)) if checked else None,
        "payers": draw(all_payers(names, trials)) if focus in ("all", "dates") else [],
        "budget": uncertain(draw, LIMITS, trials) if draw(st.integers(0, 3)) == 0 else None,
        "payment_dates": draw(st.sampled_from([None, "quarterly", "yearly"])),
        "later": draw(st.integers(0, 3)),
    }  # fmt: skip
    # A verifier takes a row of several claims as one: see
    # `test_a_verifier_decides_so_many_claims_a_month`.
    check = contract["verification"]
    queue = check is not None and check["capacity"] is not None
    most = 1 if queue or draw(st.booleans()) else 9
    few = 4 if focus in ("claims", "people") else 0
    rows = tuple(draw(all_rows(months, most, few)) for _ in range(trials))
    return Case(
        contract, trials, rows, tuple(draw(st.lists(RESULTS, min_size=1, max_size=6))),
        tuple(n / 8 for n in draw(st.permutations(range(8)))),
        tuple(draw(st.lists(st.integers(0, 40), min_size=1, max_size=4))),
    )  # fmt: skip


# ---------------------------------------------------------------- the engine's own form


def quantity(value: Any) -> Quantity:
    """A fixed number, or one that has been drawn."""
    if isinstance(value, Drawn):
        return Quantity(make("uniform", [0.0, 1.0]), drawn=np.array(value.values, float))
    return plain(value)


def optional(value: Any) -> Quantity | None:
    """The same, or None."""
    return None if value is None else quantity(value)


def engine_term(term: dict[str, Any]) -> Any:
    """One payment term."""
    made: dict[str, Any] = {"cap": optional(term["cap"]), "lag": quantity(term["lag"])}
    kind = term["kind"]
    if kind in ("per_outcome", "deduction", "per_activity", "fee"):
        made |= {
            "uplift": quantity(term["uplift"]), "indexed": quantity(term["indexed"] or 0),
            "by_year": tuple(quantity(part) for part in term["by_year"] or ()),
        }  # fmt: skip
        made["amount" if kind == "fee" else "price"] = (
            replace(quantity(term["price"]), period="month" if kind == "fee" else "")
        )
    if kind in ("per_outcome", "deduction"):
        made |= {
            "for_": term["outcome"], "each": quantity(term["each"]), "cohort": term["cohort"],
            "claims_per_person": optional(term["claims_per_person"]),
            "by_segment": {name: quantity(x) for name, x in term["by_segment"].items()},
        }  # fmt: skip
    if kind == "per_outcome":
        made["tiers"] = {
            f"tier_{k}": kinds.Tier(quantity(after), quantity(price))
            for k, (after, price) in enumerate(term["tiers"])
        }
        if (term["deadweight"], term["attributed"]) != (0, 1):
            made["evidence"] = term["name"]
    if kind == "per_activity":
        made |= {"of": term["per"], "cohort": term["cohort"]}
    if kind in ("by_result", "per_effect", "reward", "share_of_saving", "clawback"):
        made |= {"at": optional(term["at"]), "every": optional(term["every"])}
        made["counts"] = term["counts"]
    if kind in ("by_result", "per_effect", "share_of_saving", "clawback"):
        made |= {"for_": "work", "result": term.get("effect", "rate")}
    if kind == "by_result":
        made |= {"between": term["between"], "unless": tuple(term["unless"])}
        made["bands"] = {
            f"band_{k}": kinds.Band(quantity(band["from"]), quantity(band["pays"]))
            for k, band in enumerate(term["bands"])
        }
    if kind == "per_effect":
        made |= {"price": quantity(term["price"]), "unit": quantity(term["unit"])}
    if kind == "reward":
        made |= {"of": tuple(term["of"]), "share": quantity(term["share"])}
        made["pays"] = optional(term["pays"])
        made["measures"] = {
            f"measure_{k}": kinds.Goal(
                for_="work", result="rate", between=m["between"], weight=quantity(m["weight"]),
                from_=quantity(m["from"]), target=quantity(m["target"]),
                least=quantity(m["least"]), most=quantity(m["most"]),
            )
            for k, m in enumerate(term["measures"])
        }  # fmt: skip
    if kind == "share_of_saving":
        made |= {key: quantity(term[key]) for key in ("saves", "share", "interest", "then")}
        made["until"] = optional(term["until"])
    if kind == "clawback":
        made |= {"of": tuple(term["of"])}
        made |= {key: quantity(term[key]) for key in ("share", "below")}
    return kinds.TERMS[kind](**made)


def engine_contract(data: dict[str, Any]) -> Contract:
    """The contract as the engine has it."""
    limits, check = data["caps"], data["verification"]
    levels = ("person", "period", "contract", "least_period", "least")
    return Contract(
        {term["name"]: engine_term(term) for term in data["terms"]},
        Caps(
            order=limits["order"], period_length=quantity(limits["period_length"]),
            **{level: optional(limits[level]) for level in levels},
        ),
        None if check is None else Verification(
            capacity=optional(check["capacity"]),
            **{key: quantity(check[key]) for key in check if key != "capacity"},
        ),
        {
            payer["name"]: Payer(
                quantity(payer["share"]), tuple(payer["terms"] or ()), optional(payer["cap"]),
                quantity(payer["appropriated"]), payer["beyond"],
            )
            for payer in data["payers"]
        },
        data["payment_dates"] or "monthly", budget=optional(data["budget"]),
    )  # fmt: skip


def engine_facts(case: Case, contract: Contract) -> Facts:
    """What happened, as the engine sees it."""
    data, trials = case.contract, case.trials
    months = data["months"]
    table = [
        (t, COHORTS.index(r["cohort"]), r["person"], OUTCOMES.index(r["outcome"]),
         r["occurrence"], r["month"], r["amount"],
         -1 if r["segment"] is None else SEGMENTS.index(r["segment"]), r["month"])
        for t, rows in enumerate(case.rows) for r in rows
    ]  # fmt: skip
    claims = Claims(*np.array(table, np.int64).reshape(-1, 9).T)
    keys: dict[int, tuple[str, int | None]] = {}
    for name, item in contract.terms.items():
        keys[id(item)] = name, None
        if isinstance(item, kinds.Reward):
            keys |= {id(goal): (name, k) for k, goal in enumerate(item.measures.values())}

    def find(compared: Any, first: int, last: int) -> Any:
        asked = *keys[id(compared)], first, last
        return np.array([case.found(t, *asked) for t in range(trials)], float)

    def activity(kind: str, cohort: str | None) -> Any:
        mine = COHORTS if cohort is None else (cohort,)
        return np.array([
            [sum(case.counted(kind, t, m, c) for c in mine) for m in range(months)]
            for t in range(trials)
        ], np.int64)  # fmt: skip

    def uniforms(address: str, trial: Any, person: Any, number: Any) -> Any:
        rows = zip(trial.tolist(), person.tolist(), number.tolist(), strict=True)
        return np.array([case.uniforms(t, address, p, n) for t, p, n in rows]).reshape(-1, 2)

    rises = next((t["index"] for t in data["terms"] if t.get("index") is not None), None)
    years = -(-months // 12)
    counting = {
        term["name"]: Count(
            deadweight=quantity(term["deadweight"]), attributed=quantity(term["attributed"])
        )
        for term in data["terms"] if term["kind"] == "per_outcome"
    }  # fmt: skip
    return Facts(
        trials, months, months + contract.longest_lag + data["later"], data["start_month"],
        {name: k for k, name in enumerate(OUTCOMES)}, {name: k for k, name in enumerate(COHORTS)},
        SEGMENTS, np.zeros((1, years)) if rises is None else np.array(rises.values), claims,
        counting, activity, find, uniforms,
    )  # fmt: skip


def by_engine(case: Case) -> tuple[Payments, Contributions]:
    """What the engine makes of a case."""
    contract = engine_contract(case.contract)
    facts = engine_facts(case, contract)
    made = pay(contract, facts)
    in_year = (case.contract["start_month"] - 4) % 12
    years = (in_year + np.arange(facts.horizon)) // 12

    def uniforms(address: str, count: int) -> Any:
        return np.array([
            [case.uniforms(t, address, y, 0)[0] for y in range(count)] for t in range(case.trials)
        ])  # fmt: skip

    return made, contributions(contract, made, years, uniforms)


# ---------------------------------------------------------------- the reference's form


def in_trial(data: Any, trial: int) -> Any:
    """The same data with the values of one trial."""
    if isinstance(data, Drawn):
        return data.values[trial]
    if isinstance(data, dict):
        return {key: in_trial(value, trial) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(in_trial(value, trial) for value in data)
    return data


def by_reference(case: Case, trial: int, modelled: int) -> dict[str, Any]:
    """What the reference makes of one trial."""
    contract = in_trial(case.contract, trial) | {"modelled": modelled}
    months = contract["months"]
    starts, days = (
        [{c: case.counted(kind, trial, m, c) for c in COHORTS} for m in range(months)]
        for kind in ("start", "day")
    )
    return reference.pay(
        contract, case.rows[trial], starts, days,
        lambda *asked: case.found(trial, *asked), lambda *asked: case.uniforms(trial, *asked),
    )  # fmt: skip


def is_valid(case: Case) -> bool:
    """Whether the language allows the contract; floors above caps are left in."""
    contract = engine_contract(case.contract)
    designs = {name: Count() for name in contract.terms}
    found = faults(contract, designs, case.contract["months"])
    return all("floor" in fault[1] for fault in found)


def check(case: Case) -> None:
    """Every output of every trial agrees."""
    assert is_valid(case)
    made, borne = by_engine(case)
    for t in range(case.trials):
        expected = by_reference(case, t, made.paid.shape[1])
        assert made.owed[t].tolist() == [sum(row) for row in expected["owed"]]
        assert {level: int(cut[t]) for level, cut in made.cut.items()} == expected["cut"]
        assert made.guaranteed[t].tolist() == expected["guaranteed"]
        assert made.paid[t].T.tolist() == expected["paid"]
        assert made.lapsed[t] == expected["lapsed"]
        assert made.back[t] == sum(expected["back"])
        given_ = [part[t].tolist() for part in borne.by_payer.values()]
        assert given_ == expected["given"]
        assert borne.unmet[t].tolist() == expected["unmet"]
        rest = made.total[t] - borne.unmet[t] - sum(np.array(part) for part in given_)
        assert rest.tolist() == expected["commissioner"]


@pytest.mark.parametrize("focus", FOCUS)
@SOON
@given(st.data())
def test_contracts_agree_to_the_penny(focus: str, data: st.DataObject) -> None:
    check(data.draw(cases(focus=focus)))


@pytest.mark.slow
@LONG
@given(cases())
def test_many_contracts_agree_to_the_penny(case: Case) -> None:
    check(case)


# ---------------------------------------------------------------- where readings could part


def worked(contract: Contract, *rows: tuple[int, int, int], months: int) -> Payments:
    """What a contract on `work` pays for rows of (person, month, amount) in one trial."""
    table = np.array(rows, np.int64).reshape(-1, 3).T
    nil = np.zeros(len(rows), np.int64)
    claims = Claims(nil, nil, table[0], nil, nil, table[1], table[2], nil - 1, table[1])
    years = -(-months // 12)
    rises = np.array([[0.0, *[0.1] * (years - 1)]])

    def nothing(*asked: object) -> Any:
        raise AssertionError(f"asked for {asked}")

    def luck(address: str, trial: Any, person: Any, number: Any) -> Any:
        return np.full((len(trial), 2), 0.5)

    return pay(contract, Facts(
        1, months, months + contract.longest_lag, 4, {"work": 0}, {"adults": 0}, (), rises,
        claims, {}, nothing, nothing, luck,
    ))  # fmt: skip


def test_a_verifier_decides_what_is_claimed_at_once_as_one() -> None:
    # Three claims in one row are one decision, and so all are decided in the first month.
    one = plain(1)
    line = kinds.PerOutcome(for_="work", price=plain(10), claims_per_person=None)
    contract = Contract({"t": line}, verification=Verification(capacity=one, within=one))
    assert worked(contract, (0, 0, 3), months=3).owed.tolist() == [[30]]


def test_a_price_is_reckoned_in_the_order_of_the_text() -> None:
    # 1.1 x 0.7 is 0.77, which gives 115.5; 150 x 1.1 x 0.7 would be 115.49999999999999.
    line = kinds.PerOutcome(
        for_="work", price=plain(150), uplift=plain(0.1), by_year=(plain(1), plain(0.7))
    )
    assert worked(Contract({"t": line}), (0, 12, 1), months=13).owed.tolist() == [[116]]


def test_a_rise_is_reckoned_in_the_order_of_the_text() -> None:
    # 1 + 0.03 + 0.1 is 1.1300000000000001, and 1 + (0.03 + 0.1) is 1.13: 50 of it is 56.5 or less.
    line = kinds.PerOutcome(for_="work", price=plain(50), uplift=plain(0.03), indexed=plain(1))
    assert worked(Contract({"t": line}), (0, 12, 1), months=13).owed.tolist() == [[57]]


# ---------------------------------------------------------------- what holds of any contract

ADDING = ("per_outcome", "per_activity", "fee", "per_effect", "share_of_saving")
"""Kinds that never take anything off."""

BRIEF = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def with_terms(case: Case, **changes: Any) -> Case:
    """The same case with settings of all its terms changed, where they have them."""
    contract = copy.deepcopy(case.contract)
    for term in contract["terms"]:
        term |= {key: value for key, value in changes.items() if key in term}
    return replace(case, contract=contract)


def with_contract(case: Case, **changes: Any) -> Case:
    """The same case with settings of the contract changed; caps as `caps_KEY`."""
    contract = copy.deepcopy(case.contract)
    for key, value in changes.items():
        if key.startswith("caps_"):
            contract["caps"][key.removeprefix("caps_")] = value
        else:
            contract[key] = value
    return replace(case, contract=contract)


def of_trial(value: Any, trial: int) -> Any:
    """A number's value in a trial."""
    return in_trial(value, trial)


@BRIEF
@given(cases(), st.permutations(LEVELS))
def test_what_is_paid_in_a_month_is_never_below_nil(case: Case, order: list[str]) -> None:
    made, _ = by_engine(with_contract(case, caps_order=tuple(order)))
    assert (made.total >= 0).all()


@BRIEF
@given(cases(ADDING), st.permutations(LEVELS), st.booleans())
def test_caps_hold_at_every_level_whatever_their_order(
    case: Case, order: list[str], alone: bool
) -> None:
    case = with_contract(with_terms(case, lag=0), payment_dates=None, caps_order=tuple(order),
                         caps_least=None, caps_least_period=None)  # fmt: skip
    people = {(r["cohort"], r["person"]) for rows in case.rows for r in rows}
    if alone and people:
        cohort, person = min(people)
        case = replace(case, rows=tuple(
            tuple(r for r in rows if (r["cohort"], r["person"]) == (cohort, person))
            for rows in case.rows
        ))  # fmt: skip
        people = {(cohort, person)}
    made, _ = by_engine(case)
    limits, terms = case.contract["caps"], case.contract["terms"]
    for t in range(case.trials):
        paid = made.paid[t]
        cut = sum(int(part[t]) for part in made.cut.values())
        assert paid.sum() == made.owed[t].sum() - cut
        for k, term in enumerate(terms):
            assert term["cap"] is None or paid[:, k].sum() <= of_trial(term["cap"], t)
        if limits["period"] is not None:
            size, most = limits["period_length"], of_trial(limits["period"], t)
            for first in range(0, len(paid), size):
                assert paid[first : first + size].sum() <= most
        if limits["contract"] is not None:
            assert paid.sum() <= of_trial(limits["contract"], t)
        if limits["person"] is not None:
            mine = [k for k, term in enumerate(terms) if term["kind"] == "per_outcome"]
            assert paid[:, mine].sum() <= len(people) * of_trial(limits["person"], t)


@BRIEF
@given(cases((*ADDING, "reward")), st.sampled_from(["", *LEVELS]), st.data())
def test_more_claims_never_pay_less(case: Case, level: str, data: st.DataObject) -> None:
    """With one level of caps, tiers that do not fall, no malus and a verifier with time for all.

    A claim may well pay less through two levels (it uses up a term's cap in a period that is full),
    or where a cap moves money between periods of which each has a floor.
    """
    nothing = {key: None for key in ("person", "period", "contract")}
    if level in nothing:
        limit = case.contract["caps"][level]
        nothing[level] = 100 if limit is None else limit
    case = with_contract(case, **{f"caps_{key}": value for key, value in nothing.items()})
    if level:
        case = with_contract(case, caps_least_period=None)
    if case.contract["verification"] is not None:
        case.contract["verification"]["capacity"] = None
    for term in case.contract["terms"]:
        if level != "term":
            term["cap"] = None
        for measure in term.get("measures", []):
            measure["least"] = 0.0
        if level == "person" and term["kind"] == "reward":
            # What is left of a month goes to its claims in order of people, and a newcomer takes
            # of it what the cap for one person then cuts.
            term["share"] = 0.0
        if term.get("tiers"):
            ladder = [term["price"], *(price for _, price in term["tiers"])]
            rising = [sorted(of_trial(x, t) for x in ladder) for t in range(case.trials)]
            term["price"], *rest = (Drawn(values) for values in zip(*rising, strict=True))
            term["tiers"] = [(n, x) for (n, _), x in zip(term["tiers"], rest, strict=True)]
    months = case.contract["months"]
    fresh = [
        row | {"person": 9, "cohort": "adults", "segment": None}
        for row in data.draw(all_rows(months, 9)) if row["person"] == 0
        and row["cohort"] == "adults"
    ] or [{
        "cohort": "adults", "person": 9, "outcome": "work", "occurrence": 0, "month": 0,
        "amount": 1, "segment": None,
    }]  # fmt: skip
    more = replace(case, rows=tuple((*rows, *fresh) for rows in case.rows))
    before, after = by_engine(case)[0], by_engine(more)[0]
    assert (after.total.sum(axis=1) >= before.total.sum(axis=1)).all()


SCALED = ("price", "pays", "cap", "person", "period", "contract", "least", "least_period")


def times(data: Any, k: int) -> Any:
    """All money of a contract times a whole number."""
    if isinstance(data, dict):
        return {
            key: amount(value, k) if key in SCALED else times(value, k)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [times(value, k) for value in data]
    if isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], str):  # a tier
        return data[0], amount(data[1], k)
    return data


def amount(value: Any, k: int) -> Any:
    """One amount times a whole number."""
    if isinstance(value, Drawn):
        return Drawn(tuple(x * k for x in value.values))
    return None if value is None else value * k


@BRIEF
@given(
    cases(("per_outcome", "deduction", "per_activity", "fee", "by_result", "per_effect", "reward",
           "clawback")),
    st.integers(2, 1_000),
)  # fmt: skip
def test_all_money_times_k_pays_k_times(case: Case, k: int) -> None:
    """Where nothing is rounded: whole shares, steps, days."""
    case = with_contract(
        with_terms(case, uplift=0, indexed=None, by_year=None, deadweight=0, attributed=1,
                   by_segment={}, between="step", unit=1, effect="more", share=1.0),
        payers=[],
    )  # fmt: skip
    for term in case.contract["terms"]:
        if term["kind"] == "per_activity" and term["per"] in ("week", "month"):
            term["per"] = "day"
        if term["kind"] == "reward":
            term["measures"] = [term["measures"][0] | {
                "weight": 1.0, "between": "step", "least": 0.0, "most": 1.0,
            }]  # fmt: skip
    once, _ = by_engine(case)
    more, _ = by_engine(replace(case, contract=times(case.contract, k)))
    assert (more.owed == k * once.owed).all()
    assert (more.paid == k * once.paid).all()
    assert (more.guaranteed == k * once.guaranteed).all()
    assert (more.lapsed == k * once.lapsed).all() and (more.back == k * once.back).all()
    assert all((more.cut[level] == k * once.cut[level]).all() for level in LEVELS)


@BRIEF
@given(cases())
def test_payers_and_commissioner_bear_all_that_is_paid(case: Case) -> None:
    """None gives more than there is, whichever terms they bear a part of."""
    made, borne = by_engine(case)
    given_ = sum(borne.by_payer.values(), np.zeros_like(made.total))
    rest = made.total - given_ - borne.unmet
    assert all((part >= 0).all() for part in borne.by_payer.values())
    assert (borne.unmet >= 0).all() and (rest >= 0).all()
    payers = case.contract["payers"]
    everything = all(payer["terms"] is None for payer in payers)
    if everything and sum(p["share"] for p in payers) == 1.0 and not borne.unmet.any():
        left = [p["cap"] is not None or p["appropriated"] != 1.0 for p in payers]
        assert any(left) or not rest.any()


@BRIEF
@given(cases())
def test_without_outcomes_only_what_the_contract_says_is_paid(case: Case) -> None:
    """Fees, bands and scores that a result of nil meets, and floors."""
    case = replace(case, rows=((),) * case.trials, results=(0.0,), counts=(0,))
    made, _ = by_engine(case)
    terms = case.contract["terms"]
    for k, term in enumerate(terms):
        if term["kind"] not in ("fee", "by_result", "reward", "share_of_saving", "clawback"):
            assert not made.owed[:, k].any()
        if term["kind"] == "by_result" and term["bands"][0]["from"] > 1e-9:
            assert not made.owed[:, k].any()
    if {term["kind"] for term in terms} <= {"per_outcome", "per_activity", "per_effect"}:
        limits, months = case.contract["caps"], case.contract["months"]
        for t in range(case.trials):
            periods = -(-months // limits["period_length"])
            each = 0 if limits["least_period"] is None else of_trial(limits["least_period"], t)
            least = 0 if limits["least"] is None else of_trial(limits["least"], t)
            assert made.total[t].sum() == max(each * periods, least)


@BRIEF
@given(cases(), st.integers(1, 12), st.integers(0, 4))
def test_a_longer_lag_never_brings_money_earlier(case: Case, longer: int, which: int) -> None:
    """By the end of each month no more is paid: its present value is no higher at any rate."""
    terms = case.contract["terms"]
    place = which % len(terms)
    if terms[place]["kind"] not in ADDING:
        place = next((k for k, term in enumerate(terms) if term["kind"] in ADDING), -1)
    if place < 0:
        return
    later = copy.deepcopy(case.contract)
    later["terms"][place]["lag"] += longer
    before = by_engine(case)[0].total.cumsum(axis=1)
    after = by_engine(replace(case, contract=later))[0].total.cumsum(axis=1)
    size = max(before.shape[1], after.shape[1])
    one, two = (np.pad(x, ((0, 0), (0, size - x.shape[1])), "edge") for x in (before, after))
    assert (two <= one).all()
