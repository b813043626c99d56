"""What has to hold between the lines of costs, the parties and the outcomes of a deal.

In: cost terms that were read, what the outcomes count, who is there. Out: problems by address. Not
here: single values (the reader), what the costs come to (`costs`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from sibsim.accounts.cost_terms import (
    PER_OUTCOME,
    PER_PERSON,
    PLAIN,
    RESERVED,
    AnyCost,
    Costs,
    Each,
    Regular,
)
from sibsim.accounts.terms import PARTIES

Fault = tuple[str, str, str, str]
"""Address, what was found, what is allowed, what to try."""

COUNTING = {"hour": "minutes", "visit": "visits"}
"""What an outcome must count for a cost of each hour or visit."""

MOST_LETTERS = 80
"""Of the name of somebody who is paid."""

NOBODY = ("nobody", "none", "no one", "-")
"""Words that name no payee."""


def faults(
    costs: Costs, units: Mapping[str, str], payers: Collection[str], tranches: Collection[str],
    months: int,
) -> Iterator[Fault]:
    """What makes the costs of a deal impossible.

    Parameters
    ----------
    units : mapping of str to str
        What each outcome counts.
    payers : collection of str
        Who contributes to the payments.
    tranches : collection of str
        Tranches of capital.
    months : int
        Months of the contract.
    """
    yield from _agreement(costs)
    for name, line in costs.lines.items():
        place = f"costs.{name}"
        if name in RESERVED:
            yield (place, f"a line called `{name}`", f"any name but {', '.join(RESERVED)}",
                   f"{name}_cost")  # fmt: skip
        yield from _parties(place, line, payers, tranches)
        yield from _recharge(place, line, costs)
        if isinstance(line, Regular):
            yield from _regular(place, line, months)
        if isinstance(line, Each):
            yield from _each(place, line, units)


def _agreement(costs: Costs) -> Iterator[Fault]:
    """A fee goes with `paid: fee`, a margin with `paid: at_cost`."""
    agreement = costs.agreement
    place = "costs.agreement"
    if agreement.paid == "fee" and agreement.fee is None:
        yield (f"{place}.fee", "no fee", "with `paid: fee`, what is paid each month",
               "fee: £14,000 a month")  # fmt: skip
    if agreement.paid == "at_cost" and agreement.fee is not None:
        yield (f"{place}.fee", "a fee, where the provider is paid at cost",
               "`fee` goes with `paid: fee`", "paid: fee")  # fmt: skip
    if agreement.paid == "fee" and agreement.margin.mean != 0:
        yield (f"{place}.margin", "a margin on top of a fee", "`margin` goes with `paid: at_cost`",
               "")  # fmt: skip


def _parties(
    place: str, line: AnyCost, payers: Collection[str], tranches: Collection[str]
) -> Iterator[Fault]:
    """Who bears it is a party that is there; who is paid is somebody else."""
    known = ["provider", "vehicle", "commissioner"]
    known += ["investor", "guarantor"] if tranches else []
    known += payers
    if line.paid_by not in known:
        near = get_close_matches(line.paid_by.casefold(), known, 1)
        yield (f"{place}.paid_by", f"`{line.paid_by[:MOST_LETTERS]}`, which is no party of this "
               "deal", ", ".join(known), "".join(near))  # fmt: skip
    barred = ("vehicle", "commissioner")
    if len(line.paid_to) > MOST_LETTERS:
        yield (f"{place}.paid_to", f"a name of {len(line.paid_to)} characters",
               f"at most {MOST_LETTERS}", "a short name, and these words as `note`")  # fmt: skip
    elif line.paid_to.casefold() in NOBODY:
        yield (f"{place}.paid_to", f"`{line.paid_to}`: a line that pays nobody",
               "whoever is paid, by any name", "paid_to: suppliers")  # fmt: skip
    elif line.paid_to == line.paid_by:
        yield (f"{place}.paid_to", f"`{line.paid_to}`, who would pay itself", "somebody else", "")
    elif line.paid_to in (*barred, *payers):
        yield (f"{place}.paid_to", f"`{line.paid_to}`, which nobody pays for its costs",
               f"any name but {', '.join((*barred, *payers))}", "")  # fmt: skip
    elif line.paid_to in tranches and line.paid_to not in PARTIES:
        yield (f"{place}.paid_to", f"`{line.paid_to}`, which is a tranche of capital",
               "`investor`, or a name that no tranche has", "paid_to: investor")  # fmt: skip


def _recharge(place: str, line: AnyCost, costs: Costs) -> Iterator[Fault]:
    """Only what the provider bears, at cost, is paid back to it."""
    partly = line.recharged.mean != 1
    if partly and line.paid_by != "provider":
        yield (f"{place}.recharged", f"a part that is recharged, of what the {line.paid_by} bears",
               "`recharged` goes with `paid_by: provider`", "")  # fmt: skip
    elif partly and costs.agreement.paid == "fee":
        yield (f"{place}.recharged", "a part that is recharged, where the provider has a fee",
               "`recharged` goes with `paid: at_cost`", "")  # fmt: skip
    if line.vat.mean == 0 and line.recovered.mean != 0:
        yield (f"{place}.recovered", "tax recovered, of a line without any",
               "`recovered` goes with `vat`", "vat: 20%")  # fmt: skip


def _regular(place: str, line: Regular, months: int) -> Iterator[Fault]:
    """It ends after it has begun."""
    first = round(line.from_.mean)
    if line.until is not None and round(line.until.mean) <= first:
        yield (f"{place}.until", f"month {line.until.mean:g}, with a beginning in month {first}",
               "later than `from`", "")  # fmt: skip
    if line.until is None and first >= months:
        yield (f"{place}.from", f"month {first}, after the contract's {months} months",
               "an `until` later than `from`, or an earlier beginning", "")  # fmt: skip


def _each(place: str, line: Each, units: Mapping[str, str]) -> Iterator[Fault]:
    """What is counted is there, and is what the line is for each of."""
    if line.of in PER_PERSON:
        if line.for_ is not None:
            yield (f"{place}.for", f"an outcome, of a cost for each {line.of}",
                   f"`for` goes with {', '.join(PER_OUTCOME)}", "of: outcome")  # fmt: skip
        return
    wanted = COUNTING.get(line.of)
    able = [name for name, unit in units.items()
            if (unit == wanted if wanted else unit != "steps")]  # fmt: skip
    allowed = ", ".join(able) or (
        f"an outcome that counts {wanted} (`read: visited`), of which this deal has none"
    )
    if line.for_ is None:
        yield (f"{place}.for", f"no outcome, of a cost for each {line.of}", allowed,
               f"for: {able[0]}" if able else "")  # fmt: skip
    elif line.for_ not in able:
        yield (f"{place}.for", f"`{line.for_}`, which counts {units[line.for_]}, of a cost for "
               f"each {line.of}", allowed, "")  # fmt: skip


def oddities(costs: Costs) -> Iterator[Fault]:
    """What may be meant, but that its author should know."""
    stated = any(getattr(costs, name).mean != 0 for name in PLAIN)
    if costs.agreement.paid == "fee" and not stated and not any(
        line.paid_by == "provider" for line in costs.lines.values()
    ):
        yield ("costs.agreement", "a fee for a provider that has no costs", "", "")
