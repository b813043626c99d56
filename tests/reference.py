"""A second, slow program of docs/model.md: one person, one trial, one month at a time.

Plain numbers, lists and dicts flow in. The days, claims, flows and metrics of the definition flow
out. Reading scenarios, distributions and speed are not here, nor is anything of the engine's.
"""

from __future__ import annotations

import hashlib
import math
import statistics
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

Number = int | float | Fraction
Cumulative = Callable[[int], float] | Sequence[float]
Claim = tuple[Hashable, str, int, int]

DAYS_A_MONTH = 30.4375  # 365.25 / 12, exact in binary
WORD = 2**32
# Last year of each band of the Green Book's declining rates; years after the last band take 1 %.
GREEN_BOOK = ((30, "0.035"), (75, "0.03"), (125, "0.025"), (200, "0.02"), (300, "0.015"))


# ---------------------------------------------------------------- units


def exact(x: Number) -> Fraction:
    """Return the number as it is written: the float 0.02 is two hundredths."""
    return Fraction(repr(x)) if isinstance(x, float) else Fraction(x)


def nearest(x: float) -> int:
    """Round to the nearest whole number, halves upwards (so -2.5 gives -2), in doubles."""
    return math.floor(x + 0.5)


def days_in_months(months: float) -> int:
    """Turn a duration in months into whole days at 30.4375 days a month."""
    return nearest(months * DAYS_A_MONTH)


def first_day_of_month(start: date, month: int) -> int:
    """Return the day (start = day 0) on which the given month (start's month = 0) begins."""
    years, months = divmod(start.month - 1 + month, 12)
    return (date(start.year + years, months + 1, 1) - start).days


def month_of_day(start: date, day: int) -> int:
    """Return the month (0, 1, ...) in which a day (0, 1, ...) lies."""
    month = 0
    while first_day_of_month(start, month + 1) <= day:
        month += 1
    return month


def modelled_months(
    months: int, payment_lags: Iterable[float], saving_tails: Iterable[float]
) -> int:
    """Return T from M, the payment lags and each saving's lag + duration (all in months)."""
    return months + max((math.ceil(x) for x in (*payment_lags, *saving_tails)), default=0)


# ---------------------------------------------------------------- 1. luck


def philox4x32_10(
    counter: tuple[int, int, int, int], key: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return the four 32-bit words of Philox 4x32 with 10 rounds (Salmon et al., 2011)."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, WORD)
        high1, low1 = divmod(0xCD9E8D57 * c2, WORD)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % WORD, (k1 + 0xBB67AE85) % WORD
    return c0, c1, c2, c3


def uniforms(
    seed: int, address: str, trial: int, person: int, occurrence: int
) -> tuple[float, float]:
    """Return the first and second uniform, both in [0, 1), fixed by the five arguments."""
    digest = hashlib.blake2b(f"{seed}/{address}".encode(), digest_size=8).digest()
    key = int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")
    w0, w1, w2, w3 = philox4x32_10((person, occurrence, trial % WORD, trial // WORD), key)
    return ((w0 << 21) | (w1 >> 11)) * 2.0**-53, ((w2 << 21) | (w3 >> 11)) * 2.0**-53


# ---------------------------------------------------------------- 2. people


def referral_day(u: float, over_days: int, ramp_days: int) -> int:
    """Return the smallest d with u < F(d + 1); needs 0 <= ramp_days <= over_days."""
    if not 0 <= ramp_days <= over_days or over_days < 1:
        raise ValueError("referrals need 0 <= ramp_up <= over, and at least one day")
    a = over_days - ramp_days / 2
    for d in range(over_days):
        t = d + 1
        share = t * t / (2 * ramp_days * a) if t < ramp_days else (t - ramp_days / 2) / a
        if u < share:
            return d
    raise ValueError("a uniform lies below 1")


def leaving_day(u: float, share: float, period_days: float) -> int | None:
    """Return the smallest d >= 1 with u < 1 - (1 - share) ** (d / period), None if none has."""
    if 1 - share == 1:
        return None

    def left_by(d: int) -> bool:
        return bool(u < 1 - (1 - share) ** (d / period_days))

    # The chance only rises with d: step over the answer, then halve the gap.
    low, high = 0, 1
    while not left_by(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if left_by(middle) else (middle, high)
    return high


def wait(u: float, cumulative: Cumulative, last_day: int) -> int | None:
    """Return the smallest d in 0..last_day with u < P(wait <= d), else None for never.

    A list gives P(wait <= d) for d = 0, 1, ...; it stays at its last value after that.
    """

    def chance_by(d: int) -> float:
        return cumulative(d) if callable(cumulative) else cumulative[min(d, len(cumulative) - 1)]

    for d in range(last_day + 1):
        if u < chance_by(d):
            return d
    return None


def fixed_wait(days: int) -> list[float]:
    """Return the table of cumulative chances of a wait of exactly so many days."""
    return [0.0] * days + [1.0]


# ---------------------------------------------------------------- 3. outcomes


def within(day: int | None, contract_days: int) -> int | None:
    """Return the day, or None if it lies at or after the end of the contract."""
    return day if day is not None and day < contract_days else None


def luck_of(p: Mapping[str, Any], outcome: str, occurrence: int) -> tuple[float, float]:
    """Return the two uniforms of one occurrence of an outcome for the person."""
    address = f"people.{p['cohort']}.outcomes.{outcome}"
    return uniforms(p["seed"], address, p["trial"], p["person"], occurrence)


def reach(
    clock: int | None, luck: tuple[float, float], chance: float, after: Cumulative, end: int
) -> int | None:
    """Return the day on which one person reaches an outcome in one world, None for never."""
    if clock is None or not luck[0] < chance:
        return None
    days = wait(luck[1], after, end - 1)
    return None if days is None else within(clock + days, end)


def days_without(p: Mapping[str, Any], start: int) -> dict[str, int | None]:
    """Return the day of each outcome in the world without the service."""
    table = {o["name"]: o for o in p["outcomes"]}

    def day_of(name: str) -> int | None:
        o = table[name]
        clock = start if o["follows"] is None else day_of(o["follows"])
        luck = luck_of(p, name, 0)
        return reach(clock, luck, o["without"], o["after_without"], p["contract_days"])

    return {name: day_of(name) for name in table}


def days_with(
    p: Mapping[str, Any], start: int, left: int | None, without: Mapping[str, int | None]
) -> dict[str, tuple[int | None, bool]]:
    """Return each outcome's first day with the service, and whether it is taken from without."""
    table = {o["name"]: o for o in p["outcomes"]}
    end = p["contract_days"]

    def day_of(name: str) -> tuple[int | None, bool]:
        o = table[name]
        clock, taken = (start, False) if o["follows"] is None else day_of(o["follows"])
        day = reach(clock, luck_of(p, name, 0), o["chance"], o["after"], end)
        served = not taken and day is not None and (left is None or day <= left)
        if served or left is None:
            return day, False
        instead = without[name]
        return (None if instead is None else within(max(instead, left + 1), end)), True

    return {name: day_of(name) for name in table}


def repeat_days(p: Mapping[str, Any], o: Mapping[str, Any], first: int, last: int) -> list[int]:
    """Return the days of occurrences 1, 2, ... not later than the day `last`."""
    days: list[int] = []
    if o["repeat"] is None:
        return days
    day = first
    for n in range(1, o["repeat"]["most"]):
        day += o["repeat"]["every_days"]
        u, _ = luck_of(p, o["name"], n)
        if not u < o["repeat"]["chance"] or day > last:
            break
        days.append(day)
    return days


def person_story(p: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what happens to one person in one trial.

    Parameters
    ----------
    p : mapping
        seed, trial, person, cohort, over_days, ramp_days, engage, leave (None or
        (share, period in days)), stay_days (or None), contract_days and outcomes: dicts
        in file order with name, follows, chance, without, after, after_without (tables for
        `wait`) and repeat (None or {chance, every_days, most}). stop_day, where delivery stops
        early: the first day on which nothing is delivered any more.

    Returns
    -------
    dict
        referral, start, left, closed_out (if they are), service_end (exclusive; None without a
        start), with: [(outcome, occurrence, day, served)] and without: [(outcome, 0, day)].

    """
    address = f"people.{p['cohort']}"
    u, v = uniforms(p["seed"], f"{address}.referred", p["trial"], p["person"], 0)
    referral = referral_day(u, p["over_days"], p["ramp_days"])
    story: dict[str, Any] = {"referral": referral, "start": None, "left": None}
    story |= {"service_end": None, "with": [], "without": []}
    stop = p.get("stop_day", p["contract_days"])
    if not v < p["engage"] or referral >= min(p["contract_days"], stop):
        return story
    start = referral
    end = p["contract_days"]
    if p["stay_days"] is not None:
        end = min(end, start + p["stay_days"])
    left = None
    if p["leave"] is not None:
        u, _ = uniforms(p["seed"], f"{address}.left", p["trial"], p["person"], 0)
        d = leaving_day(u, *p["leave"])
        left = start + d if d is not None and start + d < end else None
    if stop < end and (left is None or left >= stop):  # as if they dropped out on that day
        left = story["closed_out"] = stop
    story |= {"start": start, "left": left, "service_end": end if left is None else left}
    if "closed_out" in story:
        story["left"] = None
    without = days_without(p, start)
    first = days_with(p, start, left, without)
    for o in p["outcomes"]:
        name = o["name"]
        if without[name] is not None:
            story["without"].append((name, 0, without[name]))
        day, taken = first[name]
        if day is None:
            continue
        story["with"].append((name, 0, day, not taken))
        # There are no repeats without the service, so none after dropping out.
        last = p["contract_days"] - 1 if left is None else left
        days = [] if taken else repeat_days(p, o, day, last)
        story["with"] += [(name, n, again, True) for n, again in enumerate(days, start=1)]
    return story


def served_claims(person: Hashable, story: Mapping[str, Any], start: date) -> list[Claim]:
    """Return one person's served outcomes as (person, outcome, occurrence, month)."""
    return [(person, o, n, month_of_day(start, d)) for o, n, d, served in story["with"] if served]


# ---------------------------------------------------------------- 4. payments


def claim_lines(
    terms: Sequence[Mapping[str, Any]], claims: Sequence[Claim], months: int
) -> list[dict[str, Any]]:
    """Return every claim as a line {month, term, person, amount}, by month, then file order."""
    lines = []
    for place, term in enumerate(terms):
        if term["kind"] == "fee":
            allowed: list[tuple[int, Hashable]] = [(month, None) for month in range(months)]
        else:
            allowed = []
            made: dict[Hashable, int] = {}
            for person, outcome, _, month in sorted(claims, key=lambda c: (c[3], c[2])):
                if outcome != term["outcome"] or month >= months:
                    continue
                made[person] = made.get(person, 0) + 1
                most = term["claims_per_person"]
                if most is None or made[person] <= most:
                    allowed.append((month, person))
        for month, person in allowed:
            amount = nearest(term["price"])
            lines.append({"month": month, "term": place, "person": person, "amount": amount})
    return sorted(lines, key=lambda line: (line["month"], line["term"]))


def cut(
    lines: Iterable[dict[str, Any]], cap: int | None, group: Callable[[dict[str, Any]], Hashable]
) -> int:
    """Hold the sum of each group of lines to the cap, in order; return what is lost."""
    if cap is None:
        return 0
    room: dict[Hashable, int] = {}
    lost = 0
    for line in lines:
        left = room.setdefault(group(line), cap)
        kept = min(line["amount"], left)
        lost += line["amount"] - kept
        room[group(line)] = left - kept
        line["amount"] = kept
    return lost


def pay(
    terms: Sequence[Mapping[str, Any]],
    claims: Sequence[Claim],
    months: int,
    caps: Mapping[str, int | None],
) -> dict[str, Any]:
    """Return what is owed and paid in one trial, in pence.

    Parameters
    ----------
    terms : sequence of dicts
        In file order: name, kind ('per_outcome' or 'fee'), outcome, price (for a fee: a month),
        claims_per_person, cap, lag (whole months).
    claims : sequence of tuples
        (person, outcome, occurrence, month) for each served outcome.
    months : int
        M. Outcomes reached in later months are not claimed.
    caps : dict
        person, period, period_length (months), contract; None for no cap.

    Returns
    -------
    dict
        owed {term: pence before caps}, paid {term: list by payment month, M + longest lag long},
        cut {person, term, period, contract: pence lost}.

    """
    lines = claim_lines(terms, claims, months)
    owed = {term["name"]: 0 for term in terms}
    for line in lines:
        owed[terms[line["term"]]["name"]] += line["amount"]
    lost = {"person": 0, "term": 0, "period": 0, "contract": 0}
    for_people = [x for x in lines if terms[x["term"]]["kind"] == "per_outcome"]
    lost["person"] = cut(for_people, caps["person"], lambda x: x["person"])
    for place, term in enumerate(terms):
        lost["term"] += cut([x for x in lines if x["term"] == place], term["cap"], lambda x: "all")
    length = caps["period_length"]
    if length is not None:
        lost["period"] = cut(lines, caps["period"], lambda x: x["month"] // length)
    lost["contract"] = cut(lines, caps["contract"], lambda x: "all")
    last = months + max((term["lag"] for term in terms), default=0)
    paid = {term["name"]: [0] * last for term in terms}
    for line in lines:
        term = terms[line["term"]]
        paid[term["name"]][line["month"] + term["lag"]] += line["amount"]
    return {"owed": owed, "paid": paid, "cut": lost}


# ---------------------------------------------------------------- 5. costs and capital


def costs(
    people: Iterable[tuple[int, int]],
    rates: Mapping[str, float],
    start: date,
    months: int,
    modelled: int,
) -> dict[str, list[int]]:
    """Return the costs of each month in pence, by kind and in all.

    Parameters
    ----------
    people : iterable of pairs
        Start day and end of service (exclusive) of everybody who started.
    rates : dict
        fixed (a month), set_up, per_start, per_month (a person-month in service), in pence. A
        rate turned from another period into a month's need not be whole: what is rounded at
        once is the amount as it was stated or drawn, before it comes here.
    start : date
        The programme's first day.
    months, modelled : int
        M and T.

    Returns
    -------
    dict
        fixed, set_up, per_start, per_month and total: lists by month, T long.

    """
    starts, days = [0] * modelled, [0] * modelled
    for first, end in people:
        starts[month_of_day(start, first)] += 1
        for day in range(first, end):
            days[month_of_day(start, day)] += 1
    table: dict[str, list[int]] = {
        "fixed": [nearest(rates["fixed"]) if t < months else 0 for t in range(modelled)],
        "set_up": [nearest(rates["set_up"]) if t == 0 else 0 for t in range(modelled)],
        "per_start": [nearest(rates["per_start"] * n) for n in starts],
        "per_month": [nearest(rates["per_month"] * n / DAYS_A_MONTH) for n in days],
    }
    table["total"] = [sum(parts) for parts in zip(*table.values(), strict=True)]
    return table


def capital(
    payments: Sequence[int],
    cost: Sequence[int],
    months: int,
    terms: Mapping[str, Any] | None,
    longest_lag: int,
) -> dict[str, list[int]]:
    """Run the vehicle's account month by month.

    Parameters
    ----------
    payments, cost : sequence of int
        Pence by month, both T long.
    months : int
        M.
    terms : dict or None
        commitment, draw ('on_need' or 'up_front'), distribute ('monthly' or 'at_end'),
        distribute_from (month; not used with 'at_end'), hold (months of costs), investor_share.
    longest_lag : int
        The longest payment lag in months, which says which month is the closing month.

    Returns
    -------
    dict
        drawn, paid (to the provider for delivery), unpaid (at the month's end), to_investor,
        to_provider, cash (at the month's end) and provider (its net flow): lists by month.

    """
    if terms is None:
        terms = {"commitment": 0, "draw": "on_need", "distribute": "at_end"}
        terms |= {"distribute_from": 0, "hold": 0, "investor_share": 0}
    share = terms["investor_share"] if terms["commitment"] > 0 else 0
    closing = months - 1 + longest_lag
    first = closing if terms["distribute"] == "at_end" else terms["distribute_from"]
    opening = min(first, closing)  # in the closing month it is given out in any case
    names = ("drawn", "paid", "unpaid", "to_investor", "to_provider", "cash", "provider")
    book: dict[str, list[int]] = {name: [] for name in names}
    cash = unpaid = 0
    for t in range(len(cost)):
        cash += payments[t]
        due = cost[t] + unpaid
        if terms["draw"] == "up_front":
            draw = terms["commitment"] if t == 0 else 0
        else:
            draw = min(max(0, due - cash), terms["commitment"] - sum(book["drawn"]))
        cash += draw
        paid = min(due, cash)
        cash -= paid
        unpaid = due - paid
        to_investor = to_provider = 0
        held = t < months and t != closing
        hold = nearest(terms["hold"] * cost[t]) if held else 0
        if unpaid == 0 and t >= opening and cash > hold:
            spare = cash - hold
            # All that the investor has had so far counts towards what was drawn so far.
            missing = sum(book["drawn"]) + draw - sum(book["to_investor"])
            back = min(spare, max(0, missing))
            to_investor = back + nearest(share * (spare - back))
            to_provider = spare - to_investor
            cash = hold
        row = (draw, paid, unpaid, to_investor, to_provider, cash, paid + to_provider - cost[t])
        for name, value in zip(names, row, strict=True):
            book[name].append(value)
    return book


# ---------------------------------------------------------------- 6. returns


def value_sign(polynomial: Sequence[int], v: Fraction) -> int:
    """Return the sign of c0 + c1 v + c2 v^2 + ..., worked in whole numbers."""
    total, scale = 0, 1
    for c in reversed(polynomial):
        total = total * v.numerator + c * scale
        scale *= v.denominator
    return (total > 0) - (total < 0)


def sign_changes(signs: Iterable[int]) -> int:
    """Count changes of sign in a sequence, leaving out zeros."""
    kept = [s for s in signs if s != 0]
    return sum(a * b < 0 for a, b in pairwise(kept))


def sturm_chain(polynomial: Sequence[int]) -> list[list[int]]:
    """Return Sturm's chain: the polynomial, its slope, and each remainder with its sign turned."""
    chain = [list(polynomial), [k * c for k, c in enumerate(polynomial)][1:]]
    while True:
        rest, by = list(chain[-2]), chain[-1]
        while len(rest) >= len(by):
            # Multiplying by a positive number keeps the signs and avoids fractions.
            top = rest[-1] * (1 if by[-1] > 0 else -1)
            rest = [c * abs(by[-1]) for c in rest]
            shift = len(rest) - len(by)
            for k, c in enumerate(by):
                rest[shift + k] -= top * c
            while rest and rest[-1] == 0:
                rest.pop()
        if not rest:
            return chain
        common = math.gcd(*rest)
        chain.append([-c // common for c in rest])


def roots_between(chain: Sequence[Sequence[int]], low: Fraction, high: Fraction) -> int:
    """Count the different roots in (low, high] by Sturm's theorem."""
    at_low = sign_changes(value_sign(f, low) for f in chain)
    return at_low - sign_changes(value_sign(f, high) for f in chain)


def only_root(is_below: Callable[[Fraction], bool], low: Fraction, high: Fraction) -> float:
    """Return the one root in (low, high] by halving; is_below(x) says that it is not above x."""
    while high - low > low / 2**54:
        middle = (low + high) / 2
        low, high = (low, middle) if is_below(middle) else (middle, high)
    return float(high)


def irr(
    flow: Sequence[int], drawn: int | None = None, given: int | None = None
) -> tuple[str, float | None]:
    """Return the status and the annual effective rate of one vector of monthly flows in pence.

    Parameters
    ----------
    flow : sequence of int
        What is given out less what is drawn, by month.
    drawn, given : int or None
        The totals; if None, those of the vector's negative and positive months.

    Returns
    -------
    (status, rate)
        'ok', 'total loss' (-1.0), 'none' (None) or 'several' (None).

    """
    drawn = -sum(x for x in flow if x < 0) if drawn is None else drawn
    given = sum(x for x in flow if x > 0) if given is None else given
    if drawn == 0:
        return "none", None
    if given == 0:
        return "total loss", -1.0
    # In v = 1 / (1 + i) the present value is a polynomial; months of nil at either end drop out.
    filled = [t for t, x in enumerate(flow) if x != 0]
    f = list(flow[filled[0] : filled[-1] + 1]) if filled else []
    changes = sign_changes(f)
    if changes == 0:
        return "none", None
    low, high = Fraction(0), Fraction(1 + max(map(abs, f)))  # Cauchy's bound on the roots
    if changes == 1:  # Descartes: exactly one positive root
        v = only_root(lambda x: value_sign(f, x) != (1 if f[0] > 0 else -1), low, high)
        return "ok", v**-12 - 1
    chain = sturm_chain(f)
    inside = Fraction(11 ** (-1 / 12)), Fraction(0.0001 ** (-1 / 12))
    count = roots_between(chain, *inside)
    if count > 1:
        return "several", None
    if count == 1:
        low, high = inside
    elif roots_between(chain, low, high) != 1:
        return "none", None
    return "ok", only_root(lambda x: roots_between(chain, low, x) == 1, low, high) ** -12 - 1


def returns(drawn: Sequence[int], given: Sequence[int]) -> dict[str, Any]:
    """Return the investor's metrics from what was drawn and given out by month (pence)."""
    flow = [g - d for d, g in zip(drawn, given, strict=True)]
    total_drawn, total_given = sum(drawn), sum(given)
    status, rate = irr(flow, total_drawn, total_given)
    cumulated = [sum(flow[: t + 1]) for t in range(len(flow))]
    payback = None
    for t in range(len(cumulated)):
        if min(cumulated[t:]) >= 0 and any(x < 0 for x in cumulated[:t]):
            payback = t + 1
            break
    return {
        "irr_status": status,
        "irr": rate,
        "multiple": total_given / total_drawn if total_drawn > 0 else None,
        "peak_funding": max(0, -min(cumulated)),
        "payback_month": payback,
        "loss": 1 if total_given < total_drawn else 0,
    }


# ---------------------------------------------------------------- 7. savings


def financial_year(day: date) -> int:
    """Return the financial year, from 1 April, in which a day lies (2012/13 is 2012)."""
    return day.year if day.month >= 4 else day.year - 1


def savings_counts(
    with_months: Iterable[int], without_months: Iterable[int], modelled: int
) -> list[int]:
    """Return by month the people who first reach the outcome with less those without."""
    reached, anyway = list(with_months), list(without_months)
    return [reached.count(m) - anyway.count(m) for m in range(modelled)]


def savings(
    saving: Mapping[str, Any],
    counts: Sequence[int],
    start: date,
    inflation: float,
    prices: str,
) -> dict[str, list[int]]:
    """Return one saving's amounts by month in pence for one trial.

    Parameters
    ----------
    saving : dict
        amount (pence, not rounded here, as in `costs`), per ('year', 'month', 'week', 'day' or
        'each'), lag and lasts (whole months; lasts is not used with 'each'), price_year (or
        None), cashable.
    counts : sequence of int
        From `savings_counts`, T long.
    start : date
        The programme's first day.
    inflation : number
        A year.
    prices : str
        'nominal' or 'real'.

    Returns
    -------
    dict
        people (within their flow), amount and cashable: lists by month, T long.

    """
    amount = saving["amount"]
    a_month = {
        "year": amount / 12,
        "month": amount,
        "week": amount * DAYS_A_MONTH / 7,
        "day": amount * DAYS_A_MONTH,
        "each": amount,
    }[saving["per"]]
    base = financial_year(start)
    years = 0 if saving["price_year"] is None else base - saving["price_year"]
    lasts = 1 if saving["per"] == "each" else saving["lasts"]
    table: dict[str, list[int]] = {"people": [], "amount": [], "cashable": []}
    for t in range(len(counts)):
        begun = [m for m in range(t + 1) if 0 <= t - m - saving["lag"] < lasts]
        people = sum(counts[m] for m in begun)
        growth = (1 + inflation) ** (t // 12) if prices == "nominal" else 1
        saved = nearest(people * a_month * (1 + inflation) ** years * growth)
        table["people"].append(people)
        table["amount"].append(saved)
        table["cashable"].append(nearest(saving["cashable"] * saved))
    return table


def discount_rate(year: int, discount: Number | None) -> Fraction:
    """Return the rate of one year (1, 2, ...): the one given, else the Green Book's."""
    if discount is not None:
        return exact(discount)
    for last, rate in GREEN_BOOK:
        if year <= last:
            return Fraction(rate)
    return Fraction("0.01")


def discount_factors(modelled: int, discount: Number | None) -> list[Fraction]:
    """Return the factor of each month; `discount` is None for the Green Book's rates."""
    factors = []
    for t in range(modelled):
        product = Fraction(1)
        for year in range(1, t // 12 + 1):
            product *= 1 + discount_rate(year, discount)
        factors.append(1 / product)
    return factors


def present_value(
    flow: Sequence[int], discount: Number | None, inflation: Number, prices: str
) -> float:
    """Return the present value in pence, not rounded; nominal flows are deflated first."""
    total = Fraction(0)
    for t, factor in enumerate(discount_factors(len(flow), discount)):
        real = (1 + exact(inflation)) ** (t // 12) if prices == "nominal" else Fraction(1)
        total += flow[t] / real * factor
    return float(total)


# ---------------------------------------------------------------- 8. summary


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile, linear between order statistics 0..n-1 placed at k / (n - 1)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def summary(values: Sequence[float | None], shares: Sequence[float]) -> dict[str, Any]:
    """Return a metric's summary over the trials in which it is defined (None: undefined)."""
    defined = [x for x in values if x is not None]
    n = len(defined)
    sd = statistics.stdev(defined) if n > 1 else None
    return {
        "mean": math.fsum(defined) / n if n > 0 else None,
        "sd": sd,
        "standard_error": None if sd is None else sd / math.sqrt(n),
        "percentiles": [percentile(defined, s) if n > 0 else None for s in shares],
        "undefined_share": 1 - n / len(values),
    }
