"""Hypothesis strategies: small deals in which people wait, differ, and go on journeys."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from strategies import SHARES, UNCERTAIN_SHARES, WAITS, _drop, maybe, repeats

RATES = st.tuples(st.integers(0, 40), st.sampled_from(["week", "month", "year"])).map(
    lambda r: f"{r[0] / 10} a {r[1]}"
)
FACTORS = st.one_of(
    st.integers(1, 30).map(lambda n: n / 10),
    st.just({"lognormal": {"mean": 1.2, "sd": 0.5}}),
)
LASTING = st.one_of(WAITS, st.integers(0, 40).map(lambda n: f"{n} days"))
SEASONS = st.lists(st.integers(0, 4), min_size=12, max_size=12).filter(any)
EFFECTS = st.one_of(
    st.integers(-40, 40).map(lambda n: {"risk_difference": f"{n}%"}),
    FACTORS.map(lambda f: {"risk_ratio": f}),
    FACTORS.map(lambda f: {"odds_ratio": f}),
    FACTORS.map(lambda f: {"hazard_ratio": f}),
    st.integers(-60, 60).map(lambda n: {"added_days": n}),
    st.tuples(st.integers(1, 20), st.integers(-60, 60)).map(
        lambda p: {"odds_ratio": p[0] / 10, "added_days": p[1]}
    ),
)
LESS = st.one_of(
    st.tuples(
        st.sampled_from(["risk_ratio", "odds_ratio", "hazard_ratio"]), st.integers(0, 10)
    ).map(lambda p: {p[0]: p[1] / 10}),
    st.integers(-60, 60).map(lambda n: {"added_days": n}),
)
"""Effects that make no exit likelier, so that several never add up to more than 100 %."""


def split(names: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Shares by name that add up to 100 %."""
    cuts = st.lists(st.integers(0, 100), min_size=len(names) - 1, max_size=len(names) - 1)
    return cuts.map(lambda c: {
        name: f"{b - a}%"
        for name, a, b in zip(names, [0, *sorted(c)], [*sorted(c), 100], strict=True)
    })  # fmt: skip


def odds(targets: list[str]) -> st.SearchStrategy[dict[str, Any] | None]:
    """Factors on the odds of some of the targets, if there are any."""
    if not targets:
        return st.none()
    factors = st.one_of(FACTORS, st.sampled_from([0, 900]))
    return st.dictionaries(st.sampled_from(targets), factors, min_size=1, max_size=3)


@st.composite
def provider(draw: st.DrawFn, targets: list[str]) -> dict[str, Any]:
    """Places, or posts whose holders come and go."""
    made: dict[str, Any] = _drop(odds=draw(maybe(odds(targets))))
    if draw(st.booleans()):
        return made | {"places": draw(st.integers(1, 4))}
    posts = {}
    for name in ["one", "two"][: draw(st.integers(1, 2))]:
        begins, lasts = draw(st.integers(0, 90)), draw(maybe(st.integers(1, 300)))
        posts[name] = _drop(
            number=draw(st.integers(1, 2)), caseload=draw(st.integers(1, 2)),
            from_=f"{begins} days",
            until=None if lasts is None else f"{begins + lasts} days",
            turnover=draw(maybe(st.sampled_from(["20% a year", "30% a month", "0% a week"]))),
            vacancy=draw(maybe(WAITS)),
        )  # fmt: skip
    return made | {"caseworkers": posts}


@st.composite
def segments(draw: st.DrawFn, targets: list[str]) -> dict[str, Any]:
    """Two parts of a cohort."""
    return {
        name: _drop(share=share, odds=draw(maybe(odds(targets))),
                    priority=draw(maybe(st.integers(1, 3))))
        for name, share in draw(split(["easy", "hard"])).items()
    }  # fmt: skip


@st.composite
def cohort(draw: st.DrawFn, targets: list[str], providers: list[str]) -> dict[str, Any]:
    """People who differ, who may wait, and in whom an effect may come late and fade."""
    served = draw(split(providers)) if providers and draw(st.booleans()) else None
    return _drop(
        referrals=draw(st.one_of(st.integers(1, 9), st.just({"uniform": [2, 8]}))),
        over=f"{draw(st.integers(30, 300))} days",
        from_=draw(maybe(st.integers(1, 25).map(lambda n: f"{n} days"))),
        ramp_up=draw(maybe(st.integers(0, 30).map(lambda n: f"{n} days"))),
        season=draw(maybe(SEASONS)),
        eligible=draw(maybe(UNCERTAIN_SHARES)),
        engage=draw(maybe(st.sampled_from(["100%", "70%"]))),
        leave=draw(maybe(st.sampled_from(["2% a month", "20% a month", "30% a year"]))),
        stay=draw(maybe(WAITS.filter(lambda w: w != "0 days"))),
        served_by=served,
        patience=draw(maybe(WAITS)) if served else None,
        priority=draw(maybe(st.integers(1, 3))),
        onset=draw(maybe(LASTING)),
        lasts=draw(maybe(LASTING)),
        spread=draw(maybe(st.sampled_from([0, 0.4, 1.5]))),
        segments=draw(maybe(segments(targets))),
        site=draw(maybe(st.sampled_from(["Leeds", "York"]))),
    )


@st.composite
def exits(draw: st.DrawFn, leads_to: list[str]) -> dict[str, Any]:
    """Ways out whose chances add up to at most 100 %, with the service and without it."""
    made = {}
    left = 100
    for name in leads_to:
        share = draw(st.integers(0, left // 2 if len(leads_to) > 1 else left))
        left -= share
        stated = draw(st.sampled_from(["chance", "effect", "nothing"]))
        made[name] = _drop(
            without=f"{share}%",
            chance=f"{draw(st.integers(0, share))}%" if stated == "chance" else None,
            effect=draw(EFFECTS if len(leads_to) == 1 else LESS) if stated == "effect" else None,
            after=draw(WAITS), after_without=draw(maybe(WAITS)),
            direction=draw(maybe(st.sampled_from(["up", "down", "same"]))),
        )  # fmt: skip
    return made


@st.composite
def journey(draw: st.DrawFn, first: bool) -> dict[str, Any]:
    """Two to four states, each of which can be reached; the first journey's may end things."""
    names = ["s0", "s1", "s2", "s3"][: draw(st.integers(2, 4))]
    leads: dict[str, set[str]] = {name: set() for name in names}
    for place, name in enumerate(names[1:], 1):
        leads[draw(st.sampled_from(names[:place]))].add(name)
    for name in names:
        leads[name] |= draw(st.sets(st.sampled_from(names), max_size=2)) - {name}
    begins = draw(st.sampled_from([["s0"], ["s0", "s1"]]))
    states = {}
    for name in names:
        ends = "nothing"
        if first and name not in begins:
            ends = draw(st.sampled_from(["nothing", "service", "contact", "everything"]))
        onward = sorted(leads[name])
        if ends == "everything":
            ends = "nothing" if _needed(names, leads, name, begins) else ends
            onward = onward if ends == "nothing" else []
        states[name] = _drop(
            exits=draw(exits(onward)) if onward else None, ends=None if ends == "nothing" else ends
        )
    return {"begins": "s0" if begins == ["s0"] else draw(split(begins)), "states": states}


def _needed(names: list[str], leads: dict[str, set[str]], name: str, begins: list[str]) -> bool:
    """Whether some state could not be reached if there were no way on from this one."""
    seen, new = set(), list(begins)
    while new:
        here = new.pop()
        if here not in seen:
            seen.add(here)
            new += [] if here == name else list(leads[here])
    if seen != set(names):
        return True
    leads[name] = set()
    return False


@st.composite
def series(draw: st.DrawFn, journeys: dict[str, Any]) -> dict[str, Any]:
    """Events that recur."""
    during = None
    if journeys and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(journeys)))
        during = {"journey": name, "state": draw(st.sampled_from(sorted(journeys[name]["states"]))),
                  "rate_ratio": draw(FACTORS)}  # fmt: skip
    ratio = draw(st.booleans())
    return _drop(
        without=draw(RATES),
        rate=None if ratio else draw(maybe(RATES)), rate_ratio=draw(FACTORS) if ratio else None,
        dispersion=draw(maybe(st.sampled_from([0, 0.8, 3]))),
        season=draw(maybe(SEASONS)),
        drift=draw(maybe(st.sampled_from(["-5%", "10%"]))),
        during=during,
        direction=draw(maybe(st.sampled_from(["up", "down", "same"]))),
    )  # fmt: skip


ASSESSED = ("0 days", "60 days", "180 days", "270 days")

scores = st.builds(
    lambda first, **k: _drop(assessed=list(ASSESSED[first:]), **k),
    st.integers(0, 1),
    start=st.sampled_from([40, {"normal": {"mean": 55, "sd": 12}}]),
    without=st.integers(-30, 10).map(lambda n: f"{n} a year"),
    change=maybe(st.integers(-2, 4).map(lambda n: f"{n} a month")),
    varies=maybe(st.integers(0, 20)), error=maybe(st.integers(0, 9)), missed=maybe(SHARES),
    low=maybe(st.just(0)), high=maybe(st.just(100)), step=maybe(st.sampled_from([1, 0.5, 5])),
    better=maybe(st.sampled_from(["higher", "lower"])),
)  # fmt: skip

visits = st.builds(
    lambda **k: _drop(**k),
    a_week=st.integers(1, 12), minutes=st.sampled_from([15, 30]),
    missed=maybe(st.sampled_from(["10%", {"beta": {"mean": "10%", "sd": "6%"}}])),
    late=maybe(SHARES),
    continuity=maybe(st.sampled_from(["50%", {"beta": {"mean": "60%", "sd": "15%"}}])),
    odds_missed=maybe(st.sampled_from([0.6, 1])), odds_continuity=maybe(st.just(1.3)),
)  # fmt: skip

shocks = st.builds(
    lambda **k: _drop(**k),
    sd=st.sampled_from([0.2, 0.9, {"uniform": [0.1, 0.5]}]),
    shared_by=maybe(st.sampled_from(["everyone", "site", "cohort"])),
    each=maybe(st.sampled_from(["contract", "year", "quarter", "month"])),
)  # fmt: skip

WITHIN = maybe(st.integers(20, 400).map(lambda n: f"{n} days"))


@st.composite
def read_off(draw: st.DrawFn, deal: dict[str, Any]) -> dict[str, Any]:
    """An outcome that is read off something that the deal has."""
    kinds = {"journeys": ["reached", "sustained", "days_in"], "events": ["number_of"],
             "scores": ["change_in", "improved", "maintained", "deteriorated"],
             "visits": ["visited"]}  # fmt: skip
    section = draw(st.sampled_from(sorted(kinds.keys() & deal.keys())))
    kind = draw(st.sampled_from(kinds[section]))
    name = draw(st.sampled_from(sorted(deal[section])))
    made: dict[str, Any] = {"read": kind}
    if section == "journeys":
        states = sorted(deal["journeys"][name]["states"])
        made |= {"journey": name, "state": draw(st.sampled_from(states))}
        if kind == "days_in":
            made |= _drop(within=draw(WITHIN))
        else:
            made |= _drop(times=draw(maybe(st.sampled_from(["first", "each"]))))
        if kind == "sustained":
            made["lasting"] = f"{draw(st.integers(1, 120))} days"
    elif section == "events":
        made |= _drop(events=name, within=draw(WITHIN))
    elif section == "scores":
        made |= {"score": name, "at": draw(st.sampled_from(deal["scores"][name]["assessed"][1:]))}
        if kind in ("improved", "maintained"):
            made["by"] = draw(st.integers(0, 20))
        if kind in ("maintained", "deteriorated"):
            made["decline"] = draw(st.integers(0, 9))
    else:
        counts = ["minutes_planned", "minutes_delivered", "delivered", "missed", "late"]
        made |= {"visits": name, "count": draw(st.sampled_from(counts))}
    return made


@st.composite
def milestone(draw: st.DrawFn, before: list[str]) -> dict[str, Any]:
    """Something reached once or several times, alone or after something else."""
    follows = draw(maybe(st.sampled_from(before))) if before else None
    stated = draw(st.booleans())
    return _drop(
        chance=draw(UNCERTAIN_SHARES) if stated else None, without=draw(SHARES),
        effect=None if stated else draw(EFFECTS.filter(_acts_on_plain_chances)),
        follows=follows, after=draw(WAITS), after_without=draw(maybe(WAITS)),
        given={"outcome": draw(st.sampled_from(before)), "odds_ratio": draw(FACTORS)}
        if before and draw(st.booleans()) else None,
        repeat=draw(maybe(repeats)),
    )  # fmt: skip


def _acts_on_plain_chances(effect: dict[str, Any]) -> bool:
    """A milestone's effect is on its chance, and a hazard ratio there is a plain number."""
    return effect.keys() != {"added_days"} and not isinstance(effect.get("hazard_ratio"), dict)


@st.composite
def lives(draw: st.DrawFn) -> dict[str, Any]:
    """A whole valid deal as plain data, with any of what people may live through."""
    deal: dict[str, Any] = {
        "sibsim": 1, "title": "Generated lives",
        "programme": {"start": draw(st.sampled_from(["2023-11", "2027-04", "2024-02"])),
                      "months": draw(st.integers(1, 22))},
        "contract": {},
    }  # fmt: skip
    made = {
        "journeys": {f"j{n}": draw(journey(n == 0)) for n in range(draw(st.integers(0, 2)))},
    }
    made["events"] = {
        f"e{n}": draw(series(made["journeys"])) for n in range(draw(st.integers(0, 2)))
    }
    made["scores"] = {f"c{n}": draw(scores) for n in range(draw(st.integers(0, 1)))}
    made["visits"] = {f"v{n}": draw(visits) for n in range(draw(st.integers(0, 1)))}
    made["shocks"] = {f"k{n}": draw(shocks) for n in range(draw(st.integers(0, 2)))}
    deal |= {section: items for section, items in made.items() if items}
    outcomes: dict[str, Any] = {}
    hangs_on: list[str] = []
    reads = made["journeys"] or made["events"] or made["scores"] or made["visits"]
    for n in range(draw(st.integers(1, 5)) if reads else 0):
        outcomes[f"r{n}"] = draw(read_off(deal))
        if outcomes[f"r{n}"]["read"] in ("reached", "sustained"):
            hangs_on.append(f"r{n}")
    for n in range(draw(st.integers(0 if outcomes else 1, 3))):
        outcomes[f"m{n}"] = draw(milestone(hangs_on))
        hangs_on.append(f"m{n}")
    order = draw(st.permutations(list(outcomes)))
    deal["outcomes"] = {name: outcomes[name] for name in order}
    targets = [name for name in hangs_on if name.startswith("m")]
    targets += [*made["journeys"], *made["events"]]
    providers = {f"p{n}": draw(provider(targets)) for n in range(draw(st.integers(0, 2)))}
    deal["people"] = {
        f"cohort_{n}": draw(cohort(targets, list(providers)))
        for n in range(draw(st.integers(1, 2)))
    }
    used = any("served_by" in item for item in deal["people"].values())
    if providers and used:
        deal["providers"] = providers
    if draw(st.booleans()):  # other people, whom nobody serves
        deal["evidence"] = {"others": _drop(
            design="comparison", group=draw(st.integers(2, 5)),
            like=draw(maybe(st.sampled_from(sorted(deal["people"])))),
        )}  # fmt: skip
    payable = [name for name in order if outcomes[name].get("read") != "change_in"]
    if not payable:
        outcomes["m9"] = deal["outcomes"]["m9"] = draw(milestone(hangs_on))
    paid = draw(st.sampled_from(payable or ["m9"]))
    deal["contract"] = {"pays": {"pay": "per_outcome", "for": paid, "price": "£10",
                                 "claims_per_person": "unlimited"}}  # fmt: skip
    return deal
