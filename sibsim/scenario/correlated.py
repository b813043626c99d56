"""What has to hold for correlations: each between two numbers that are drawn, all possible at once.

In: a scenario that was read without a problem. Out: problems by address. Not here: drawing
(`sibsim.copula`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibsim.copula import Pair, factor, shrinkage
from sibsim.quantities import Quantity
from sibsim.scenario.deal import Scenario, is_drawn
from sibsim.scenario.numbers import did_you_mean, near
from sibsim.scenario.variants import places, value_at
from sibsim.terms import waiting
from sibsim.writing import plain_text

Fault = tuple[str, str, str, str]

MOST_CORRELATED = 50
"""Numbers that one deal may correlate: the work grows with the cube of their number."""

MOST_TOLD = 10
"""Correlations that one message names."""


def correlation_faults(deal: Scenario) -> Iterator[Fault]:
    """What is wrong with the correlations of a deal."""
    if not deal.correlations:
        return
    wrong = list(_pair_faults(deal))
    yield from wrong
    if not wrong:
        yield from _joint_faults(deal)


def _pair_faults(deal: Scenario) -> Iterator[Fault]:
    known = dict(places(deal))
    numbers = {
        address: value for address, term in known.items()
        if term is not None and isinstance(value := value_at(deal, address), Quantity)
    }  # fmt: skip
    drawn = [address for address, number in numbers.items() if is_drawn(number)]
    seen: dict[frozenset[str], str] = {}
    for name, item in deal.correlations.items():
        here = f"correlations.{name}"
        for key, address in zip(("between", "and"), item.pair, strict=True):
            allowed = "the address of an uncertain number"
            if address not in known:
                hint = did_you_mean(near(address, drawn) or near(address, numbers))
                yield (f"{here}.{key}", f'"{address}", which is no address of this scenario',
                       allowed, hint or "sibsim show SCENARIO --levers")  # fmt: skip
            elif address not in numbers:
                what = "a block of settings" if known[address] is None else "not a number"
                yield f"{here}.{key}", f'"{address}", which is {what}', allowed, ""
            elif known[address].kind == waiting() and not numbers[address].is_fixed:
                yield (f"{here}.{key}", f'"{address}", a waiting time, which is spread over people '
                       "and not over trials", allowed, "")  # fmt: skip
            elif address not in drawn:
                yield (f"{here}.{key}", f'"{address}", which has the same value in every trial',
                       allowed, "a distribution there, or no correlation")  # fmt: skip
        pair = frozenset(item.pair)
        if len(pair) == 1:
            yield f"{here}.and", "the same number as in `between`", "another uncertain number", ""
        elif pair in seen:
            yield here, f"the same two numbers as in `{seen[pair]}`", "each pair once", ""
        seen.setdefault(pair, name)


def _joint_faults(deal: Scenario) -> Iterator[Fault]:
    addresses, ranks = deal.correlated, deal.ranks
    count = len(addresses)
    if count > MOST_CORRELATED:
        yield ("correlations", f"{count} numbers that are correlated", f"at most {MOST_CORRELATED}",
               "")  # fmt: skip
        return
    if factor(count, ranks) is not None:
        return
    left = list(range(count))
    for place in range(count):  # those that are left when no more can be spared
        fewer = [other for other in left if other != place]
        if factor(len(fewer), _among(ranks, fewer)) is None:
            left = fewer
    numbers = {addresses[place] for place in left}
    blamed = {n: item for n, item in deal.correlations.items() if numbers.issuperset(item.pair)}
    told = [f"{name} ({plain_text(item.rank.mean)})" for name, item in blamed.items()]
    more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    yield (
        f"correlations.{list(blamed)[-1]}.rank", f"{', '.join(told[:MOST_TOLD])}{more} cannot all "
        "hold together (pairs that are not named count as 0)",
        "correlations that numbers can have at once",
        f"every rank times {plain_text(shrinkage(count, ranks))}, or less",
    )  # fmt: skip


def _among(ranks: Mapping[Pair, float], left: list[int]) -> dict[Pair, float]:
    """The ranks between some of the numbers, by their places among these."""
    at = {place: k for k, place in enumerate(left)}
    return {(at[a], at[b]): rank for (a, b), rank in ranks.items() if a in at and b in at}
