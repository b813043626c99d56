"""What has to hold for the capital, the waterfall and early ends, and what is merely odd.

In: a scenario that was read without a problem. Out: problems by address. Not here: the other
sections (`checks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibsim.accounts.steps import (
    RESIDUAL,
    STATUSES,
    CatchUp,
    Costs,
    Facility,
    Hurdle,
    Interest,
    Keep,
    Principal,
    Share,
    Step,
)
from sibsim.accounts.terms import PARTIES, Tranche
from sibsim.scenario.deal import Scenario
from sibsim.writing import CURRENCIES, PERIOD_DAYS

Fault = tuple[str, str, str, str]
"""Address, what was found, what is allowed, what to try."""

OTHERS = ("bank", "fund manager", "grant_maker", "intermediary")
"""Parties that stand in the ledger of some deals only."""


def faults(deal: Scenario) -> Iterator[Fault]:
    """What makes capital, waterfall or early ends impossible."""
    sharing = {name: item.investor_share.mean for name, item in deal.capital.items()
               if item.repay != "never"}  # fmt: skip
    share = sum(sharing.values())
    if share > 1 + 1e-9 and not deal.waterfall.normal:
        last = list(sharing)[-1]
        yield (f"capital.{last}.investor_share", f"{100 * share:.6g}% of the surplus for all "
               "tranches together", "at most 100%; the provider has the rest",
               "investor_share: 0%")  # fmt: skip
    for name in deal.contract.payers:
        if name in (*PARTIES, *OTHERS):
            yield (f"contract.payers.{name}", f"a payer called `{name}`",
                   f"any name but {', '.join((*PARTIES, *OTHERS))}", "")  # fmt: skip
    for name, tranche in deal.capital.items():
        known = name == "investor" and len(deal.capital) == 1  # the only one is the investor
        if not known and name in (*PARTIES, *OTHERS, *deal.contract.payers):
            yield (f"capital.{name}", f"a tranche called `{name}`", "a name that no party has",
                   f"{name}_loan")  # fmt: skip
        yield from _tranche_faults(deal, name, tranche)
    months = deal.programme.months.mean
    if deal.waterfall.distribute_from.mean > months:
        yield ("waterfall.distribute_from", "a month after the contract's end",
               f"at most {months:g} months", "")  # fmt: skip
    for status in STATUSES:
        yield from _step_faults(deal, f"waterfall.{status}", getattr(deal.waterfall, status))
    for name, test in deal.waterfall.tests.items():
        if (test.cover is None) == (test.payments is None):
            found = "neither `cover` nor `payments`" if test.cover is None else "both"
            yield (f"waterfall.tests.{name}", found, "one of `cover` and `payments`",
                   "cover: 1.1")  # fmt: skip
    for name, ending in deal.endings.items():
        if ending.at.mean >= months:
            yield (f"endings.{name}.at", "at or after the contract's end",
                   f"less than {months:g} months", "")  # fmt: skip


def _tranche_faults(deal: Scenario, name: str, tranche: Tranche) -> Iterator[Fault]:
    """What one tranche cannot say."""
    place, months = f"capital.{name}", deal.programme.months.mean
    scheduled = tranche.draw == "by_schedule"
    if scheduled != bool(tranche.drawings):
        found = "no `drawings`" if scheduled else f"`drawings` with `draw: {tranche.draw}`"
        yield (f"{place}.drawings", found, "drawings with `draw: by_schedule`, and only then",
               "drawings: {first: {amount: £100,000}}")  # fmt: skip
    total = sum(part.amount.mean for part in tranche.drawings.values())
    if total > tranche.commitment.mean * (1 + 1e-9):
        yield (f"{place}.drawings", f"drawings that come to {total / tranche.commitment.mean:.4g} "
               "times the commitment" if tranche.commitment.mean else "drawings of nothing",
               "at most the commitment", "")  # fmt: skip
    last = months if tranche.maturity is None else tranche.maturity.mean
    for key, part in tranche.drawings.items():
        if part.at.mean >= last:
            yield (f"{place}.drawings.{key}.at", f"a drawing after {part.at.mean:g} months",
                   f"one before the {'maturity' if tranche.maturity else 'end of the contract'}, "
                   f"less than {last:g} months", "")  # fmt: skip
    if tranche.repay == "sweep" and tranche.maturity is not None:
        yield (f"{place}.maturity", "a maturity of money that is swept up as there is surplus",
               "`repay: bullet` or `amortise`, or no maturity", "repay: bullet")  # fmt: skip
    if tranche.repay_from.mean >= last and (tranche.maturity or tranche.repay == "amortise"):
        end = "maturity" if tranche.maturity else "contract's end"
        yield (f"{place}.repay_from", f"at or after the {end}", f"less than {last:g} months", "")
    if tranche.repay == "never" and (tranche.interest.mean or tranche.rates or tranche.guarantee):
        yield (f"{place}.repay", "a grant that bears interest or is guaranteed",
               "neither, with `repay: never`", "")  # fmt: skip


def _step_faults(deal: Scenario, place: str, steps: Mapping[str, Step]) -> Iterator[Fault]:
    """What the steps of one status cannot say."""
    if not steps:
        return
    kinds = [type(step) for step in steps.values()]
    for needed, word in ((Costs, "costs"), (Facility, "facility")):
        most = 1 if needed is Costs or deal.waterfall.facility is not None else 0
        if kinds.count(needed) != most:
            found = "no step" if not kinds.count(needed) else f"{kinds.count(needed)} steps"
            allowed = "exactly one" if most else "none, as there is no `waterfall.facility`"
            yield (place, f"{found} that pays `{word}`", allowed,
                   f"{word}: {{pay: {word}}}" if most else "")  # fmt: skip
    for name, step in steps.items():
        here = f"{place}.{name}"
        if isinstance(step, Share):
            yield from _share_faults(deal, here, step)
        if isinstance(step, CatchUp) and step.share.mean <= step.until.mean:
            yield (f"{here}.share", f"{100 * step.share.mean:.4g}%, with which "
                   f"{100 * step.until.mean:.4g}% is never reached", "a share above `until`",
                   "share: 100%")  # fmt: skip
        for to in step.to if isinstance(step, Hurdle) else ():
            if deal.capital[to].hurdle is None:
                yield (f"{here}.to", f"`{to}`, which has no hurdle", "a tranche with one",
                       f"capital.{to}.hurdle: 8%")  # fmt: skip
        if isinstance(step, Keep) and step.until == "closing" and not (
            step.amount.mean or step.months.mean
        ):  # fmt: skip
            yield (here, "nothing is kept", "an `amount`, `months` of costs, or `until: repaid`",
                   "months: 3")  # fmt: skip
        if isinstance(step, Keep) and step.until == "closing" and step.of:
            yield (f"{here}.of", "tranches, without `until: repaid`", "both, or neither",
                   "until: repaid")  # fmt: skip
    last = list(steps.values())[-1]
    everything = isinstance(last, Share) and set(last.to) <= set(RESIDUAL) and (
        abs(sum(part.mean for part in last.to.values()) - 1) < 1e-9
    )  # fmt: skip
    if not place.endswith("trapped") and not everything:
        yield (f"{place}.{list(steps)[-1]}", "cash that has nowhere to go after the last step",
               f"a last step that shares all that is left between {', '.join(RESIDUAL)}",
               "rest: {pay: share, to: {provider: 100%}}")  # fmt: skip
    if not place.endswith("trapped"):
        yield from _left_out(deal, place, steps)


def _share_faults(deal: Scenario, here: str, step: Share) -> Iterator[Fault]:
    """To whom a step shares, and how much."""
    allowed = (*deal.capital, *RESIDUAL)
    for name in step.to:
        if name not in allowed:
            yield (f"{here}.to.{name}", "no tranche of this name", ", ".join(allowed), "")
    total = sum(part.mean for part in step.to.values())
    if total > 1 + 1e-9:
        yield (f"{here}.to", f"shares that add up to {100 * total:.6g}%", "at most 100%", "")


def _left_out(deal: Scenario, place: str, steps: Mapping[str, Step]) -> Iterator[Fault]:
    """Money that is never given back is a grant, and says so."""
    repaid: set[str] = set()
    for step in steps.values():
        if isinstance(step, Principal | Hurdle):
            repaid |= set(step.to)
    bearing = {name for step in steps.values() if isinstance(step, Interest) for name in step.to}
    for name, tranche in deal.capital.items():
        if tranche.repay != "never" and name not in repaid:
            yield (place, f"no step that gives `{name}` its money back",
                   "a step `principal` or `hurdle` for each tranche, or `repay: never` for a grant",
                   f"{name}_back: {{pay: principal, to: {name}}}")  # fmt: skip
        bears = tranche.interest.mean > 0 or tranche.rates
        if bears and name not in bearing:
            yield (place, f"no step that pays the interest of `{name}`",
                   "a step `interest` for each tranche that bears it",
                   f"{name}_interest: {{pay: interest, to: {name}}}")  # fmt: skip


def oddities(deal: Scenario) -> Iterator[Fault]:
    """What may be meant, but that its author should know."""
    usual = type(deal.waterfall)().hold.mean
    if deal.waterfall.normal and deal.waterfall.hold.mean != usual:
        yield ("waterfall.hold", "does nothing beside steps that are written out; a step `keep` "
               "does", "", "")  # fmt: skip
    if deal.waterfall.trapped and not deal.waterfall.tests:
        yield ("waterfall.trapped", "is never used, as there are no `tests`", "", "")
    if deal.waterfall.wind_down and not deal.endings:
        yield ("waterfall.wind_down", "is never used, as there are no `endings`", "", "")
    yield from _never_funded(deal)


def _never_funded(deal: Scenario) -> Iterator[Fault]:
    """Costs that are certain, against all the money that can ever come in."""
    most = deal.contract.caps.contract
    if not deal.capital or most is None:
        return
    money = sum(item.commitment.mean for item in deal.capital.values())
    certain = deal.costs.set_up.mean
    fixed = deal.costs.fixed
    monthly = fixed.mean / (PERIOD_DAYS[fixed.period] / PERIOD_DAYS["month"])
    months = round(deal.programme.months.mean)
    if monthly <= 0 or certain + monthly * months <= money + most.mean:
        return
    month = int((money + most.mean - certain) // monthly) + 1
    short = (certain + monthly * months - money - most.mean) / 10 ** CURRENCIES[deal.currency][1]
    yield ("capital", "with all that the contract may pay it never covers the costs that are "
           f"certain: from month {max(month, 1)} on, {short:,.0f} short in all", "", "")
