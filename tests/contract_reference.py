"""A second, slow program of section 4 of docs/model.md: one trial, one claim, one month at a time.

Plain numbers, lists and dicts flow in. What each term comes to, what caps cut, what floors add,
what is paid when and who bears it flow out. Evidence, false reports and reading scenarios are not
here, nor is anything of the engine's. "READING" marks a place where the text leaves a choice.

The contract is a dict:

* `months` (M), `modelled` (T), `start_month` (1..12), `inflation`, `cohorts` (in order);
* `terms`, in the order of the file: dicts with `name`, `kind`, `lag`, `cap` (or None) and what the
  kind needs (see the function of each kind below);
* `caps`: `order`, `person`, `period`, `period_length`, `contract`, `least_period`, `least`;
* `verification`: None or `delay`, `reject`, `resubmit`, `again`, `dispute`, `upheld`, `decision`,
  `capacity` (or None), `within`;
* `payment_dates`: None, 'quarterly' or 'yearly';
* `payers`: dicts with `name`, `share`, `terms` (or None), `cap` (or None), `appropriated` (or
  None) and `beyond`;
* `budget`: the commissioner's, or None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reference import nearest

Luck = Callable[[str, int, int], tuple[float, float]]
Find = Callable[[str, int | None, int, int], float]
Book = list[list[int]]

CLAIMED = ("per_outcome", "deduction")
SLACK = 1e-12


# ---------------------------------------------------------------- windows


def windows(term: Mapping[str, Any], months: int) -> list[tuple[int, int]]:
    """Return the windows [f, l) of a term that pays for a result."""
    if term["every"] is None:
        ends = [months if term["at"] is None else term["at"]]
    else:
        ends = []
        end = term["every"] if term["at"] is None else term["at"]
        while end <= months:
            ends.append(end)
            end += term["every"]
    found, before = [], 0
    for end in ends:
        found.append((before if term["counts"] == "since_last" else 0, end))
        before = end
    return found


def since(term: Mapping[str, Any], months: int) -> list[tuple[int, int]]:
    """Return, for each window, the months from the end of the one before to its own end."""
    found, before = [], 0
    for _, end in windows(term, months):
        found.append((before, end))
        before = end
    return found


# ---------------------------------------------------------------- 1. claims


def claims_of(
    place: int, term: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], contract: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return a term's claims: what counts of the rows of its outcome, before verification."""
    mine = [
        row
        for row in rows
        if row["outcome"] == term["outcome"]
        and row["month"] < contract["months"]
        and term["cohort"] in (None, row["cohort"])
    ]
    made: list[dict[str, Any]] = []
    for cohort, person in sorted(
        {(contract["cohorts"].index(row["cohort"]), row["person"]) for row in mine}
    ):
        name = contract["cohorts"][cohort]
        own = [row for row in mine if row["cohort"] == name and row["person"] == person]
        total: float = 0
        count = 0
        for row in sorted(own, key=lambda row: row["occurrence"]):
            before = math.floor(total / term["each"])
            total += row["amount"]
            fresh = math.floor(total / term["each"]) - before
            for _ in range(fresh):
                count += 1
                if term["claims_per_person"] is not None and count > term["claims_per_person"]:
                    continue
                # READING: a claim that an `each` completes has the occurrence of the row.
                made.append(
                    {
                        "term": place,
                        "cohort": cohort,
                        "person": person,
                        "occurrence": row["occurrence"],
                        "outcome_month": row["month"],
                        "month": row["month"],
                        "segment": row["segment"],
                    }
                )
    return made


def verify(
    claims: list[dict[str, Any]], contract: dict[str, Any], luck: Luck
) -> list[dict[str, Any]]:
    """Return the claims that are granted, each with the month in which it is decided."""
    rules = contract["verification"]
    if rules is None:
        return claims
    waiting: list[dict[str, Any]] = []
    for claim in claims:
        term = contract["terms"][claim["term"]]["name"]
        cohort = contract["cohorts"][claim["cohort"]]
        address = f"contract.{term}.verified.{cohort}"
        u, w = luck(address, claim["person"], claim["occurrence"])
        ready = claim["outcome_month"] + rules["delay"]
        if u < rules["reject"]:
            if w < rules["resubmit"]:
                ready += rules["again"]
            else:
                address = f"contract.{term}.disputed.{cohort}"
                u, w = luck(address, claim["person"], claim["occurrence"])
                if not (u < rules["dispute"] and w < rules["upheld"]):
                    continue  # READING: what is lost takes nobody's time
                ready += rules["decision"]
        waiting.append(claim | {"ready": ready})
    waiting.sort(key=lambda c: (c["ready"], c["term"], c["cohort"], c["person"], c["occurrence"]))
    decided = []
    for month in range(contract["months"] + rules["within"]):
        room = rules["capacity"]
        for claim in list(waiting):
            if claim["ready"] > month or room == 0:
                continue
            # READING: what is decided too late has taken its turn.
            waiting.remove(claim)
            room = None if room is None else room - 1
            if month - claim["outcome_month"] <= rules["within"]:
                decided.append(claim | {"month": month})
    return decided


# ---------------------------------------------------------------- 2. prices


def growth(term: Mapping[str, Any], year: int, inflation: float) -> float:
    """Return what a price is multiplied by in a year, but for `by_year`."""
    if term["indexed"] is None:
        return float((1 + term["uplift"]) ** year)
    product = 1.0
    for y in range(1, year + 1):
        rise = inflation if term["index"] is None else term["index"][y]
        product *= 1 + term["uplift"] + term["indexed"] * rise
    return product


def changed(sum_: int, term: Mapping[str, Any], month: int, inflation: float) -> int:
    """Return a price or a fee in a month: with uplift, indexation and its part of the year."""
    by_year = term["by_year"]
    if term["uplift"] == 0 and term["indexed"] is None and by_year is None:
        return sum_
    year = month // 12
    part = 1 if by_year is None else by_year[min(year, len(by_year) - 1)]
    return nearest(sum_ * growth(term, year, inflation) * part)


def price(
    term: Mapping[str, Any], stated: int, month: int, segment: str | None, inflation: float
) -> int:
    """Return the price in the month, for a person of the segment."""
    p = nearest(stated * ((1 - term["deadweight"]) * term["attributed"]))
    p = changed(p, term, month, inflation)
    if segment is not None and segment in term["by_segment"]:
        p = nearest(p * term["by_segment"][segment])
    return p


def put_prices(claims: list[dict[str, Any]], contract: dict[str, Any]) -> None:
    """Give each claim of one term its amount."""
    claims.sort(key=lambda c: (c["month"], c["cohort"], c["person"], c["occurrence"]))
    for before, claim in enumerate(claims):
        term = contract["terms"][claim["term"]]
        stated = term["price"]
        for after, tier in term["tiers"]:
            if before >= after:
                stated = tier
        # READING: "a price in month m of the outcome", not the month of the decision.
        month = claim["outcome_month"]
        claim["amount"] = price(term, stated, month, claim["segment"], contract["inflation"])


# ---------------------------------------------------------------- 3. amounts


def activity(
    term: Mapping[str, Any],
    starts: Sequence[Mapping[str, int]],
    days: Sequence[Mapping[str, int]],
    contract: dict[str, Any],
) -> list[int]:
    """`price` x people who start (`per` "start"), or days in service ("day", "week", "month")."""
    amounts = []
    for month in range(contract["months"]):
        p = price(term, term["price"], month, None, contract["inflation"])
        table = (starts if term["per"] == "start" else days)[month]
        count = sum(n for cohort, n in table.items() if term["cohort"] in (None, cohort))
        if term["per"] == "week":
            amounts.append(nearest(p * count / 7))
        elif term["per"] == "month":
            amounts.append(nearest(p * count / 30.4375))
        else:
            amounts.append(p * count)
    return amounts


def by_result(term: Mapping[str, Any], r: float) -> int:
    """`bands`: dicts of `from` and `pays`, rising; `between`: 'step' or 'line'."""
    bands = term["bands"]
    if r + SLACK < bands[0]["from"]:
        return 0
    low = max(k for k, band in enumerate(bands) if not r + SLACK < band["from"])
    if low == len(bands) - 1 or term["between"] == "step":
        return int(bands[low]["pays"])
    lower, upper = bands[low], bands[low + 1]
    fraction = (r - lower["from"]) / (upper["from"] - lower["from"])
    fraction = min(max(fraction, 0), 1)
    return nearest(lower["pays"] + (upper["pays"] - lower["pays"]) * fraction)


def score(measure: Mapping[str, Any], r: float) -> float:
    """`from`, `target`, `between`, `least` and `most` of one measure of a reward."""
    s = (r - measure["from"]) / (measure["target"] - measure["from"])
    if measure["between"] == "step":
        s = 1 if s + SLACK >= 1 else 0
    return float(min(max(s, measure["least"]), measure["most"]))


def amounts_of(
    place: int, contract: dict[str, Any], owed: Book, find: Find, length: int
) -> list[int]:
    """Return what a term that pays for results comes to by month, before anything is held back."""
    terms = contract["terms"]
    term = terms[place]
    place_of = {t["name"]: k for k, t in enumerate(terms)}
    months = contract["months"]
    kind = term["kind"]
    amounts = [0] * length
    owing = term.get("until")
    spans = zip(windows(term, months), since(term, months), strict=True)
    for (first, last), (before, end) in spans:

        def result(measure: int | None = None, f: int = first, e: int = last) -> float:
            return find(term["name"], measure, f, e)

        if kind == "by_result":
            earlier = [owed[place_of[name]][m] for name in term["unless"] for m in range(end)]
            amount = 0 if any(x > 0 for x in earlier) else by_result(term, result())
        elif kind == "per_effect":
            r = max(result(), 0)
            p = price(term, term["price"], end - 1, None, contract["inflation"])
            if term["unit"] == 1 and term["effect"] in ("fewer", "more"):
                amount = nearest(r) * p
            else:
                amount = nearest(r / term["unit"] * p)
        elif kind == "reward":
            pot = term["pays"]
            if pot is None:
                pot = 0
                for name in term["of"]:
                    for month in range(before, end):
                        pot += nearest(term["share"] * owed[place_of[name]][month])
            total: float = 0
            for k, measure in enumerate(term["measures"]):
                total += measure["weight"] * score(measure, result(k))
            amount = nearest(pot * total)
        elif kind == "share_of_saving":
            saved = term["saves"] * max(result(), 0)
            repaid = term["share"] * saved
            if owing is not None:
                owing *= (1 + term["interest"]) ** ((end - before) / 12)
                repaid = min(term["share"] * saved, owing)
                owing -= repaid
                if owing == 0:
                    repaid += term["then"] * (saved - repaid / term["share"])
            amount = nearest(repaid)
        else:  # clawback
            amount = 0
            if result() + SLACK < term["below"]:
                above = {"terms": terms[:place]}
                kept = hold_back(owed, above)
                came = [kept[place_of[name]][m] for name in term["of"] for m in range(before, end)]
                amount = -nearest(term["share"] * sum(came))
        amounts[end - 1] += amount
    return amounts


def hold_back(owed: Book, contract: dict[str, Any]) -> Book:
    """Return what each term pays once every reward has held back its share.

    READING: each reward holds back from what the term came to in the first place, in every month,
    also in those after its last window, and only a clawback below sees what is left.
    """
    names = [term["name"] for term in contract["terms"]]
    left = [list(row) for row in owed]
    for term in contract["terms"]:
        if term["kind"] == "reward" and term["pays"] is None:
            for name in term["of"]:
                k = names.index(name)
                for month, amount in enumerate(owed[k]):
                    left[k][month] -= nearest(term["share"] * amount)
    return left


# ---------------------------------------------------------------- 4. caps and floors


def cap_person(
    paid: Book, contract: dict[str, Any], claims: list[dict[str, Any]], cap: int
) -> int:
    """Hold the claims of each person on per-outcome terms to the cap; return what is cut."""
    # What is left of a term's month goes to its claims in order of people.
    left = [list(row) for row in paid]
    mine = [c for c in claims if contract["terms"][c["term"]]["kind"] == "per_outcome"]
    for c in sorted(mine, key=lambda c: (c["cohort"], c["person"], c["occurrence"])):
        c["left"] = min(c["amount"], left[c["term"]][c["month"]])
        left[c["term"]][c["month"]] -= c["left"]
    room: dict[tuple[int, int], int] = {}
    lost = 0
    for c in sorted(mine, key=lambda c: (c["month"], c["term"], c["occurrence"])):
        who = c["cohort"], c["person"]
        kept = min(c["left"], room.setdefault(who, cap))
        room[who] -= kept
        paid[c["term"]][c["month"]] -= c["left"] - kept
        lost += c["left"] - kept
    return lost


def cap_terms(paid: Book, contract: dict[str, Any]) -> int:
    """Hold each term to its own cap; return what is cut of what is paid."""
    lost = 0
    for term, row in zip(contract["terms"], paid, strict=True):
        if term["cap"] is None:
            continue
        room, room_off = term["cap"], term["cap"]
        for month, amount in enumerate(row):
            if amount >= 0:
                row[month] = min(amount, room)
                room -= row[month]
                lost += amount - row[month]
            else:
                # READING: a limit to what is taken off is not counted as money cut.
                row[month] = -min(-amount, room_off)
                room_off += row[month]
    return lost


def cap_sums(paid: Book, cap: int, size: int) -> int:
    """Hold what all terms come to in each period to the cap, by month and then by term."""
    room: dict[int, int] = {}
    lost = 0
    for month in range(len(paid[0])):
        for row in paid:
            if row[month] <= 0:
                continue
            p = month // size
            kept = min(row[month], room.setdefault(p, cap))
            room[p] -= kept
            lost += row[month] - kept
            row[month] = kept
    return lost


def floors(paid: Book, contract: dict[str, Any]) -> list[int]:
    """Return what the floors add by month."""
    caps, months = contract["caps"], contract["months"]
    # READING: deductions stand outside the floors as they do outside the caps.
    came = [sum(row[month] for row in paid if row[month] > 0) for month in range(len(paid[0]))]
    added = [0] * len(came)
    if caps["least_period"] is not None:
        size = caps["period_length"]
        last_period = (months - 1) // size
        for p in range(last_period + 1):
            inside = [m for m in range(len(came)) if min(m // size, last_period) == p]
            short = caps["least_period"] - sum(came[m] for m in inside)
            added[min((p + 1) * size - 1, months - 1)] += max(short, 0)
    if caps["least"] is not None:
        short = caps["least"] - sum(came) - sum(added)
        added[months - 1] += max(short, 0)
    return added


# ---------------------------------------------------------------- 5. when


def pay_month(contract: dict[str, Any], month: int) -> int:
    """Return the month of payment of what is due in a month."""
    each = {None: 1, "quarterly": 3, "yearly": 12}[contract["payment_dates"]]
    # Counted in months from an April: the last month of the quarter or the year.
    since_april = (contract["start_month"] - 4) % 12
    return (since_april + month) // each * each + each - 1 - since_april


def when(
    amounts: Book, added: list[int], contract: dict[str, Any]
) -> tuple[Book, list[int], int, list[int]]:
    """Return by month what is paid on each term (deductions below nil), floors, lapsed, back."""
    terms, modelled = contract["terms"], contract["modelled"]
    paid = [[0] * modelled for _ in terms]
    due = [[0] * modelled for _ in terms]
    guaranteed = [0] * modelled
    for k, term in enumerate(terms):
        for month, amount in enumerate(amounts[k]):
            if amount != 0:
                t = pay_month(contract, month + term["lag"])
                if amount > 0:
                    paid[k][t] += amount
                else:
                    due[k][t] -= amount
    longest = max(term["lag"] for term in terms)
    for month, amount in enumerate(added):
        if amount != 0:
            guaranteed[pay_month(contract, month + longest)] += amount
    carried = [0] * len(terms)
    for t in range(modelled):
        room = guaranteed[t] + sum(row[t] for row in paid)
        for k in range(len(terms)):
            carried[k] += due[k][t]
            taken = min(carried[k], room)
            paid[k][t] -= taken
            carried[k] -= taken
            room -= taken
    back = [0] * modelled
    lapsed = 0
    for term, left in zip(terms, carried, strict=True):
        if term["kind"] == "clawback":
            back[-1] += left
        else:
            lapsed += left
    return paid, guaranteed, lapsed, back


# ---------------------------------------------------------------- 6. payers


def split(amount: int, shares: Sequence[float]) -> list[int]:
    """Split pence by shares, the commissioner's what is left; odd pennies by largest remainder."""
    size = abs(amount)
    rest = max(1.0 - sum(shares), 0.0)
    wanted = [size * s for s in (*shares, rest)]
    parts = [math.floor(x) for x in wanted]
    odd = size - sum(parts)
    by_rest = sorted(range(len(parts)), key=lambda j: (-round(wanted[j] - parts[j], 9), j))
    for j in by_rest[:odd]:
        parts[j] += 1
    return [-p if amount < 0 else p for p in parts]


def contributions(
    paid: Book, guaranteed: list[int], contract: dict[str, Any], luck: Luck
) -> tuple[Book, list[int], list[int]]:
    """Return by month what each payer gives, what the commissioner pays, what nobody does."""
    payers, terms = contract["payers"], contract["terms"]
    modelled = contract["modelled"]
    since_april = (contract["start_month"] - 4) % 12
    given = [[0] * modelled for _ in payers]
    commissioner, unmet = [0] * modelled, [0] * modelled
    for t in range(modelled):
        whole = guaranteed[t] + sum(row[t] for row in paid)
        wanted = [0] * len(payers)
        lines = [(term["name"], row[t]) for term, row in zip(terms, paid, strict=True)]
        for name, amount in [*lines, (None, guaranteed[t])]:
            mine = [
                p["share"] if p["terms"] is None or name in p["terms"] else 0.0 for p in payers
            ]
            for j, part in enumerate(split(amount, mine)[:-1]):
                wanted[j] += part
        for j, payer in enumerate(payers):
            part = max(min(wanted[j], whole - sum(row[t] for row in given) - unmet[t]), 0)
            gives = part
            year = (since_april + t) // 12
            if payer["appropriated"] is not None:
                address = f"contract.payers.{payer['name']}.voted"
                for y in range(1, year + 1):
                    if not luck(address, y, 0)[0] < payer["appropriated"]:
                        gives = 0
            if payer["cap"] is not None:
                gives = min(gives, payer["cap"] - sum(given[j]))
            given[j][t] = gives
            if payer["beyond"] == "nobody":
                unmet[t] += part - gives
        commissioner[t] = whole - sum(row[t] for row in given) - unmet[t]
        if contract["budget"] is not None:
            left = contract["budget"] - sum(max(amount, 0) for amount in commissioner[:t])
            over = max(commissioner[t] - left, 0)
            unmet[t] += over
            commissioner[t] -= over
    return given, commissioner, unmet


# ---------------------------------------------------------------- all of it


def pay(
    contract: dict[str, Any],
    rows: Sequence[Mapping[str, Any]],
    starts: Sequence[Mapping[str, int]],
    days: Sequence[Mapping[str, int]],
    find: Find,
    luck: Luck,
) -> dict[str, Any]:
    """Return what is owed, cut, added and paid in one trial, in pence.

    Parameters
    ----------
    contract : dict
        As the module says.
    rows : sequence of dicts
        Served outcomes: cohort, person, outcome, occurrence, month, amount, segment.
    starts, days : sequence of dicts
        By month, then by cohort: people who start, days in service.
    find : function
        (term, measure or None, f, l): the result in the window.
    luck : function
        (address, person, occurrence): the two uniforms.

    Returns
    -------
    dict
        owed (term by month), cut (by level), added (by month in which it counts), paid (term by
        month of payment, deductions below nil), guaranteed (floors by month of payment), lapsed,
        back (by month), given (payer by month), commissioner, unmet (by month).

    """
    terms, months = contract["terms"], contract["months"]
    rules = contract["verification"]
    length = months + (0 if rules is None else rules["within"])
    claims: list[dict[str, Any]] = []
    for place, term in enumerate(terms):
        if term["kind"] in CLAIMED:
            claims += claims_of(place, term, rows, contract)
    claims = verify(claims, contract, luck)
    owed: Book = []
    for place, term in enumerate(terms):
        kind = term["kind"]
        amounts = [0] * length
        if kind in CLAIMED:
            mine = [c for c in claims if c["term"] == place]
            put_prices(mine, contract)
            for c in mine:
                amounts[c["month"]] += c["amount"] if kind == "per_outcome" else -c["amount"]
        elif kind == "per_activity":
            amounts[:months] = activity(term, starts, days, contract)
        elif kind == "fee":
            for month in range(months):
                amounts[month] = changed(term["price"], term, month, contract["inflation"])
        else:
            amounts = amounts_of(place, contract, owed, find, length)
        owed.append(amounts)
    owed = hold_back(owed, contract)
    left = [list(row) for row in owed]
    caps = contract["caps"]
    cut = {"person": 0, "term": 0, "period": 0, "contract": 0}
    for level in caps["order"]:
        if level == "term":
            cut[level] = cap_terms(left, contract)
        elif caps[level] is None:
            continue
        elif level == "person":
            cut[level] = cap_person(left, contract, claims, caps[level])
        elif level == "period":
            cut[level] = cap_sums(left, caps[level], caps["period_length"])
        else:
            cut[level] = cap_sums(left, caps[level], len(left[0]))
    added = floors(left, contract)
    paid, guaranteed, lapsed, back = when(left, added, contract)
    given, commissioner, unmet = contributions(paid, guaranteed, contract, luck)
    return {
        "owed": owed,
        "cut": cut,
        "left": left,
        "added": added,
        "paid": paid,
        "guaranteed": guaranteed,
        "lapsed": lapsed,
        "back": back,
        "given": given,
        "commissioner": commissioner,
        "unmet": unmet,
    }
