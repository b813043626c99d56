"""A second, slow program of section 5 of docs/model.md: one trial, one month, one step at a time.

Plain numbers, lists and dicts flow in. What is drawn, paid, given out, borrowed and left over flow
out; and, beside it, when a contract ends early. Costs by month, claims after an early end and
reading scenarios are not here, nor is anything of the engine's. "READING" marks a place where the
text leaves a choice.

The account is a dict:

* `months` (M), `start` (year, month);
* `tranches`: by name, in the order of the file, dicts with the keys of `capital` in a scenario
  (`drawings` a list of dicts with `amount`, `at` and `starts`, which may be None);
* `distribute`, `distribute_from`, `hold`, `minimum`, `recycle`, `facility` (None or `limit`,
  `interest`), `tests` (a list of dicts with `cover` or `payments`, `over`, `from`);
* `normal`, `trapped`, `wind_down`: steps by name, dicts with `pay` and the keys of the step; empty
  if none are written.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from reference import nearest

Book = dict[str, Any]
Step = Mapping[str, Any]
TRANCHE = ("drawn", "interest", "principal", "profit", "guaranteed", "fee")
PARTIES = ("provider", "commissioner", "intermediary")


# ---------------------------------------------------------------- small rules


def split(amount: int, wants: Sequence[int]) -> list[int]:
    """Return an amount in proportion to what each wants, or what each wants if it suffices."""
    total = sum(wants)
    if amount >= total:
        return list(wants)
    exact = [Fraction(amount * want, total) for want in wants]
    parts = [math.floor(x) for x in exact]
    over = [round(x - part, 9) for x, part in zip(exact, parts, strict=True)]
    odd = amount - sum(parts)
    for k in sorted(range(len(wants)), key=lambda k: (-over[k], k))[:odd]:
        parts[k] += 1
    return parts


def out(tranche: Book) -> int:
    """What of the money put in has not come back."""
    return max(tranche["drawn"] - tranche["back"], 0)


def room(tranche: Book) -> float:
    """What a tranche may still be given, within its `most`."""
    most = tranche["terms"]["most"]
    if most is None:
        return math.inf
    return max(nearest(most * tranche["drawn"]) - tranche["back"] - tranche["earned"], 0)


def part_of_year(day_count: str, year: int, month: int) -> tuple[int, int]:
    """What part of a year a month of the calendar is: so many of so many."""
    days = calendar.monthrange(year, month)[1]
    if day_count == "act/365f":
        return days, 365
    return (days, 360) if day_count == "act/360" else (1, 12)


def is_grant(tranche: Book) -> bool:
    """Whether it never comes back."""
    return bool(tranche["terms"]["repay"] == "never")


# ---------------------------------------------------------------- what a month brings


def add_interest(book: Book, month: int) -> None:
    """Add a month's interest to what is owed, and what a hurdle asks to what it needs."""
    year, number = divmod(book["account"]["start"][1] - 1 + month, 12)
    for tranche in book["tranches"].values():
        terms = tranche["terms"]
        base = out(tranche)
        if terms["unpaid_interest"] == "added":
            base += tranche["owed"]
        rate = terms["interest"]
        if terms["rates"]:
            rate += terms["rates"][min(month // 12, len(terms["rates"]) - 1)]
        n, d = part_of_year(terms["day_count"], book["account"]["start"][0] + year, number + 1)
        tranche["owed"] += nearest(base * max(rate, 0) * n / d)
        if terms["hurdle"] is not None:
            growth = (1 + terms["hurdle"]) ** (1 / 12) - 1
            tranche["needed"] += nearest(tranche["needed"] * growth)
    if book["account"]["facility"] is not None:
        interest = book["account"]["facility"]["interest"]
        book["line_owed"] += nearest(book["borrowed"] * interest / 12)


def put_in(book: Book, name: str, amount: int) -> None:
    """A tranche puts in an amount, as far as its commitment goes."""
    tranche = book["tranches"][name]
    amount = min(amount, tranche["terms"]["commitment"] - tranche["drawn"])
    tranche["drawn"] += amount
    tranche["needed"] += amount
    tranche["flows"]["drawn"][book["month"]] += amount
    book["cash"] += amount
    book["put_in"] += amount


def draw(book: Book, month: int, started: int) -> None:
    """What goes in without being called; so many have started by the end of the month."""
    for name, tranche in book["tranches"].items():
        terms = tranche["terms"]
        if terms["draw"] == "up_front" and month == 0:
            put_in(book, name, terms["commitment"])
        if terms["draw"] != "by_schedule":
            continue
        for number, part in enumerate(terms["drawings"]):
            ready = part["starts"] is None or started >= part["starts"]
            if month >= part["at"] and ready and number not in tranche["made"]:
                tranche["made"].add(number)
                put_in(book, name, part["amount"])


def call(book: Book, need: int) -> None:
    """Call what is still needed, turn by turn."""
    called = {
        name: item for name, item in book["tranches"].items() if item["terms"]["draw"] == "on_need"
    }
    for turn in sorted({item["terms"]["turn"] for item in called.values()}):
        names = [name for name, item in called.items() if item["terms"]["turn"] == turn]
        left = [called[name]["terms"]["commitment"] - called[name]["drawn"] for name in names]
        for name, amount in zip(names, split(max(need, 0), left), strict=True):
            put_in(book, name, amount)
            need -= amount


def borrow(book: Book, due: int) -> None:
    """Borrow what is missing, as far as the limit goes."""
    if book["account"]["facility"] is not None:
        left = book["account"]["facility"]["limit"] - book["borrowed"]
        amount = max(min(due - book["cash"], left), 0)
        book["borrowed"] += amount
        book["cash"] += amount
        book["line"]["borrowed"][book["month"]] += amount


def give(book: Book, name: str, amount: int) -> int:
    """Give a tranche an amount: principal as far as any is out, surplus beyond."""
    tranche = book["tranches"][name]
    principal = min(amount, out(tranche))
    tranche["back"] += amount
    tranche["needed"] -= amount
    tranche["flows"]["principal"][book["month"]] += principal
    tranche["flows"]["profit"][book["month"]] += amount - principal
    return amount


def give_party(book: Book, party: str, amount: int) -> int:
    """Give surplus to a party that is no tranche."""
    book["given"][party] += amount
    book["residual"][party][book["month"]] += amount
    return amount


# ---------------------------------------------------------------- the steps, one by one


def pay_costs(book: Book, step: Step) -> int:
    """What is due, as far as the cash goes; the rest stays unpaid."""
    amount = int(min(book["due"], book["cash"]))
    book["due"] -= amount
    book["put_in"] = max(book["put_in"] - amount, 0)
    book["delivery"][book["month"]] += amount
    return amount


def pay_facility(book: Book, step: Step) -> int:
    """Interest that is owed on the facility, then what is borrowed."""
    interest = int(min(book["line_owed"], book["cash"]))
    principal = int(min(book["borrowed"], book["cash"] - interest))
    book["line_owed"] -= interest
    book["borrowed"] -= principal
    book["line"]["interest"][book["month"]] += interest
    book["line"]["principal"][book["month"]] += principal
    return interest + principal


def pay_interest(book: Book, step: Step) -> int:
    """Of the tranches named, what is owed."""
    tranches = [book["tranches"][name] for name in step["to"]]
    parts = split(book["cash"], [int(min(item["owed"], room(item))) for item in tranches])
    for tranche, amount in zip(tranches, parts, strict=True):
        tranche["owed"] -= amount
        tranche["earned"] += amount
        tranche["needed"] -= amount
        tranche["flows"]["interest"][book["month"]] += amount
    return sum(parts)


def back_by_now(book: Book, tranche: Book) -> int:
    """What is out and may be back by now."""
    terms, t = tranche["terms"], book["month"]
    maturity = terms["maturity"]
    if is_grant(tranche):
        return 0
    if book["ending"] or (maturity is not None and t >= maturity - 1):
        return out(tranche)
    if t < terms["repay_from"] or terms["repay"] == "bullet":
        return 0
    if terms["repay"] == "sweep":
        return out(tranche)
    length = (book["account"]["months"] if maturity is None else maturity) - terms["repay_from"]
    f = min((t + 1 - terms["repay_from"]) / length, 1)
    return min(max(nearest(f * tranche["drawn"]) - tranche["back"], 0), out(tranche))


def pay_principal(book: Book, step: Step) -> int:
    """Of the tranches named, what is out and may be back by now."""
    tranches = [book["tranches"][name] for name in step["to"]]
    parts = split(book["cash"], [int(min(back_by_now(book, x), room(x))) for x in tranches])
    return sum(give(book, name, x) for name, x in zip(step["to"], parts, strict=True))


def pay_hurdle(book: Book, step: Step) -> int:
    """What the tranche needs, if that is above nil."""
    tranche = book["tranches"][step["to"]]
    amount = int(min(max(tranche["needed"], 0), room(tranche), book["cash"]))
    return give(book, step["to"], amount)


def pay_catch_up(book: Book, step: Step) -> int:
    """To a party, until it has its part of all that was given beyond money put in."""
    c, s, u = book["cash"], step["share"], step["until"]
    beyond = sum(book["given"].values())
    for item in book["tranches"].values():
        beyond += max(item["earned"] + item["back"] - item["drawn"], 0)
    most = [nearest(s * c), c]
    if s > u:
        most.append(nearest(s * (u * beyond - book["given"][step["to"]]) / (s - u)))
    return give_party(book, step["to"], max(min(most), 0))


def keep(book: Book, step: Step) -> int:
    """What stays in the account, and is there again next month."""
    if step["until"] == "repaid":
        whose = [book["tranches"][name] for name in step.get("of") or book["tranches"]]
        back = all(is_grant(item) or not out(item) or not room(item) for item in whose)
        amount = 0 if back or book["ending"] else book["cash"]
    elif book["ending"] or book["month"] >= book["account"]["months"]:
        amount = 0
    else:
        amount = min(step["amount"] + nearest(step["months"] * book["cost"]), book["cash"])
    book["kept"] += amount
    return int(amount)


def pay_share(book: Book, step: Step) -> int:
    """Of what is left when the step begins, each one its part; the last the rest of all."""
    begun = left = book["cash"]
    given, last = 0, list(step["to"])[-1]
    whole = sum(step["to"].values()) > 1 - 1e-9
    for name, share in step["to"].items():
        amount = left if whole and name == last else min(nearest(share * begun), left)
        left -= amount
        if name in book["tranches"]:
            tranche = book["tranches"][name]
            amount = int(min(amount, room(tranche))) if tranche["terms"]["commitment"] else 0
            give(book, name, amount)
        else:
            give_party(book, name, amount)
        given += amount
    return int(given)


KINDS: dict[str, Callable[[Book, Step], int]] = {
    "costs": pay_costs,
    "facility": pay_facility,
    "interest": pay_interest,
    "principal": pay_principal,
    "hurdle": pay_hurdle,
    "catch_up": pay_catch_up,
    "keep": keep,
    "share": pay_share,
}


# ---------------------------------------------------------------- which steps, and when


def steps_of(account: Mapping[str, Any], status: str) -> Mapping[str, Step]:
    """Return the steps of a status, written or usual."""
    if account[status]:
        written: Mapping[str, Step] = account[status]
        return written
    if status == "wind_down":
        return steps_of(account, "normal")
    found: dict[str, Step] = {"costs": {"pay": "costs"}}
    if account["facility"] is not None:
        found["facility"] = {"pay": "facility"}
    if status == "normal":
        found["hold"] = {"pay": "keep", "amount": account["minimum"], "months": account["hold"],
                         "until": "closing"}  # fmt: skip
    for name in account["tranches"]:
        found[f"interest_{name}"] = {"pay": "interest", "to": [name]}
        if status == "normal":
            found[f"principal_{name}"] = {"pay": "principal", "to": [name]}
    if status == "normal":
        shares = {name: item["investor_share"] for name, item in account["tranches"].items()
                  if item["repay"] != "never"}  # fmt: skip
        found["until_repaid"] = {"pay": "keep", "until": "repaid"}
        if shares:
            found["surplus"] = {"pay": "share", "to": shares}
        found["rest"] = {"pay": "share", "to": {"provider": 1.0}}
    return found


def fails(test: Mapping[str, Any], receipts: list[int], costs: list[int], month: int) -> bool:
    """Whether a distribution test fails in the month."""
    if month < test["from"]:
        return False
    if test["payments"] is not None:
        return bool(sum(receipts[: month + 1]) < test["payments"])
    months = slice(max(month + 1 - test["over"], 0), month + 1)
    return bool(sum(receipts[months]) < test["cover"] * sum(costs[months]))


def gives_out(account: Mapping[str, Any], month: int) -> bool:
    """Whether surplus is given out in a month before the closing month and any early end."""
    if account["distribute"] == "at_end" or month < account["distribute_from"]:
        return False
    length = {"monthly": 1, "quarterly": 3, "yearly": 12}[account["distribute"]]
    return (month + 1) % length == 0


# ---------------------------------------------------------------- the account


def opened(account: Mapping[str, Any], horizon: int) -> Book:
    """Return the account before month 0."""
    tranches = {
        name: {
            "terms": terms, "drawn": 0, "back": 0, "earned": 0, "owed": 0, "needed": 0,
            "made": set(), "flows": {line: [0] * horizon for line in TRANCHE},
        }
        for name, terms in account["tranches"].items()
    }  # fmt: skip
    return {
        "account": account, "tranches": tranches, "cash": 0, "due": 0, "put_in": 0, "kept": 0,
        "borrowed": 0, "line_owed": 0, "compensation": 0, "given": dict.fromkeys(PARTIES, 0),
        "delivery": [0] * horizon, "unpaid": [0] * horizon, "cash_by_month": [0] * horizon,
        "residual": {party: [0] * horizon for party in PARTIES},
        "line": {line: [0] * horizon for line in ("borrowed", "interest", "principal")},
        "steps": {
            f"{status}.{name}": [0] * horizon
            for status in ("normal", "trapped", "wind_down") for name in steps_of(account, status)
        },
    }  # fmt: skip


def bring_in(book: Book, month: int, receipt: int, end: Mapping[str, Any]) -> None:
    """Receipts, and what whoever ends the contract early pays."""
    book["cash"] += receipt
    if month == end["stop"]:
        still_out = sum(out(x) for x in book["tranches"].values() if not is_grant(x))
        book["compensation"] = nearest(end["pays"] + end["pays_of_capital"] * still_out)
        book["cash"] += book["compensation"]


def take_steps(book: Book, status: str, giving_out: bool) -> None:
    """Take the steps of the status, each from the cash that those before it left."""
    book["kept"] = 0
    for name, step in steps_of(book["account"], status).items():
        if giving_out or step["pay"] in ("costs", "facility"):
            amount = KINDS[step["pay"]](book, step)
            book["cash"] -= amount
            book["steps"][f"{status}.{name}"][book["month"]] += amount
    book["cash"] += book["kept"]


def close_month(book: Book, month: int, closing: int, running: bool) -> None:
    """What happens after the steps: guarantees, fees, and what goes on to the next month."""
    for tranche in book["tranches"].values():
        terms, flows = tranche["terms"], tranche["flows"]
        if month == closing and terms["guarantee"] is not None:
            # READING: what a guarantor gives is neither back nor taken off what is needed.
            flows["guaranteed"][month] = min(out(tranche), terms["guarantee"])
        if running:
            flows["fee"][month] = nearest(terms["fee"] * terms["commitment"] / 12)
    book["put_in"] = min(book["put_in"], book["cash"])
    book["unpaid"][month] = book["due"]
    book["cash_by_month"][month] = book["cash"]


def run(
    account: Mapping[str, Any], receipts: list[int], costs: list[int], starts: list[int],
    closing: int, end: Mapping[str, Any],
) -> Book:  # fmt: skip
    """Return the account of one trial after its last month.

    `end` has `stop` (the horizon if there is no early end), `pays` and `pays_of_capital`.
    """
    book = opened(account, len(receipts))
    for month, (receipt, cost) in enumerate(zip(receipts, costs, strict=True)):
        ended = month >= end["stop"]
        running = month < account["months"] and not ended
        book["month"], book["cost"] = month, cost
        book["ending"] = month >= closing or ended
        add_interest(book, month)
        bring_in(book, month, receipt, end)
        book["due"] += cost
        if not ended:
            draw(book, month, sum(starts[: month + 1]))
        counts = book["cash"]
        if not account["recycle"]:
            book["put_in"] = counts = min(book["put_in"], book["cash"])
        call(book, book["due"] + (account["minimum"] if running else 0) - counts)
        borrow(book, book["due"])
        trapped = month < closing and any(
            fails(test, receipts, costs, month) for test in account["tests"]
        )
        status = "wind_down" if ended else "trapped" if trapped else "normal"
        take_steps(book, status, book["ending"] or gives_out(account, month))
        close_month(book, month, closing, running)
    return book


# ---------------------------------------------------------------- early ends


def decided_in(
    ending: Mapping[str, Any], uniforms: Sequence[float], months: int, receipts: list[int],
    starts: list[int], unpaid: list[int],
) -> int | None:  # fmt: skip
    """Return the first month in which an early end is decided, if it ever is."""
    every = ending["every"] or months
    for number, month in enumerate(range(ending["at"], months, every)):
        payments = sum(receipts[:month])
        holds = uniforms[number] < ending["chance"]
        # READING: each that is written is a condition of its own.
        if ending["payments_below"] is not None:
            holds = holds and payments < ending["payments_below"]
        if ending["payments_above"] is not None:
            holds = holds and payments >= ending["payments_above"]
        if ending["starts_below"] is not None:
            holds = holds and sum(starts[:month]) < ending["starts_below"]
        if ending["unpaid_for"] is not None:
            # READING: before there were so many months it does not hold.
            span = range(month - ending["unpaid_for"], month)
            holds = holds and all(m >= 0 and unpaid[m] > 0 for m in span)
        if holds:
            return month
    return None


def decide(
    endings: Sequence[Mapping[str, Any]], uniforms: Sequence[Sequence[float]], months: int,
    closing: int, receipts: list[int], starts: list[int], unpaid: list[int],
) -> dict[str, Any]:  # fmt: skip
    """Return when the contract of one trial ends early, by what, and what is paid then."""
    found = {
        "stop": len(receipts), "closing": closing, "last_claim": len(receipts), "by": -1,
        "pays": 0, "pays_of_capital": 0.0,
    }  # fmt: skip
    for place, ending in enumerate(endings):
        month = decided_in(ending, uniforms[place], months, receipts, starts, unpaid)
        if month is None:
            continue
        stop = month + ending["notice"]
        if stop < months and stop < found["stop"]:
            last_claim = stop - 1 + ending["claims_for"]
            # READING: not before the month in which what is paid for the end comes in.
            closes = max(min(last_claim + closing - (months - 1), closing), stop)
            found = {
                "stop": stop, "closing": closes,
                "last_claim": last_claim, "by": place, "pays": nearest(ending["pays"]),
                "pays_of_capital": ending["pays_of_capital"],
            }  # fmt: skip
    return found
