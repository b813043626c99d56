"""What has to hold for the capital, the waterfall and early ends, and what is merely odd.

In: a scenario that was read without a problem. Out: problems by address. Not here: the other
sections (`checks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile

from sibsim.accounts.steps import (
    RESIDUAL,
    STATUSES,
    CatchUp,
    Costs,
    Ending,
    Facility,
    Hurdle,
    Interest,
    Keep,
    Principal,
    Share,
    Step,
)
from sibsim.accounts.terms import PARTIES, Tranche
from sibsim.contract.terms import Compared
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
        yield from _result_faults(deal, f"endings.{name}", ending)
        if ending.at.mean >= months:
            yield (f"endings.{name}.at", "at or after the contract's end",
                   f"less than {months:g} months", "")  # fmt: skip


def _result_faults(deal: Scenario, place: str, ending: Ending) -> Iterator[Fault]:
    """What an early end cannot hang on a result."""
    given = {"result_of": ending.result_of, "result_below": ending.result_below}
    missing = [key for key, value in given.items() if value is None]
    if len(missing) == 1:
        yield (place, f"no `{missing[0]}`", "both `result_of` and `result_below`, or neither", "")
    if ending.result_of is not None:
        term = deal.contract.terms.get(ending.result_of)
        on_result = [name for name, item in deal.contract.terms.items()
                     if isinstance(item, Compared)]  # fmt: skip
        if not isinstance(term, Compared):
            yield (f"{place}.result_of", f"`{ending.result_of}`, which pays for no result",
                   ", ".join(on_result) or "a term such as `pay: by_result`",
                   on_result[0] if on_result else "")  # fmt: skip


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
            count = kinds.count(needed)
            found = f"{count} steps that pay" if count > 1 else "a step that pays" if count else (
                "no step that pays"
            )  # fmt: skip
            allowed = "exactly one" if most else "none, as there is no `waterfall.facility`"
            yield (place, f"{found} `{word}`", allowed,
                   f"{word}: {{pay: {word}}}" if most > count else "")  # fmt: skip
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
        if isinstance(step, Keep) and step.until == "repaid" and (
            step.amount.mean or step.months.mean
        ):  # fmt: skip
            yield (here, "an amount, where everything that is left is kept until money is back",
                   "`until: repaid`, or an `amount` or `months`", "")  # fmt: skip
    given = [name for name, step in steps.items()
             if isinstance(step, Share) and _gives_all(deal, step)]  # fmt: skip
    names = list(steps)
    if given and given[0] != names[-1]:
        after = names[names.index(given[0]) + 1]
        yield (f"{place}.{after}", f"a step that no cash comes to: `{given[0]}` shares all that is "
               "left", "the step that shares everything stands last", "")  # fmt: skip
    if not place.endswith("trapped") and not given:
        last = steps[names[-1]]
        total = sum(part.mean for part in last.to.values()) if isinstance(last, Share) else 0.0
        shared = f": its shares come to {100 * total:.6g}%" if 0 < total < 1 - 1e-9 else ""
        yield (f"{place}.{names[-1]}",
               f"cash that may have nowhere to go after the last step{shared}",
               f"a last step that shares all that is left between {', '.join(RESIDUAL)} and "
               "tranches of a fixed commitment without a `most`",
               "rest: {pay: share, to: {provider: 100%}}")  # fmt: skip
    if not place.endswith("trapped"):
        yield from _left_out(deal, place, steps)


def _gives_all(deal: Scenario, step: Share) -> bool:
    """Whether nothing is ever left after a step."""
    return (
        all(part.is_fixed for part in step.to.values())
        and sum(part.mean for part in step.to.values()) > 1 - 1e-9
        and all(name in RESIDUAL or _takes_its_share(deal, name) for name in step.to)
    )


def _takes_its_share(deal: Scenario, name: str) -> bool:
    """Whether a tranche always gets all of a share of surplus."""
    if (tranche := deal.capital.get(name)) is None:
        return False
    committed = tranche.commitment.is_fixed and tranche.commitment.mean > 0
    return committed and tranche.most is None


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
    for name, step in deal.waterfall.wind_down.items():
        if isinstance(step, Keep):
            yield (f"waterfall.wind_down.{name}", "keeps nothing: after an early end all is given "
                   "out", "", "")  # fmt: skip
    if deal.waterfall.wind_down and not deal.endings:
        yield ("waterfall.wind_down", "is never used, as there are no `endings`", "", "")
    yield from _without_effect(deal)
    yield from _to_no_purpose(deal)
    yield from _given_too_early(deal)
    yield from _never_ends(deal)
    yield from _never_funded(deal)


def _without_effect(deal: Scenario) -> Iterator[Fault]:
    """Terms of tranches that no step and no month ever turns to."""
    people = sum(cohort.referrals.mean for cohort in deal.people.values())
    steps = [step for status in STATUSES for step in getattr(deal.waterfall, status).values()]
    hurdles = {name for step in steps if isinstance(step, Hurdle) for name in step.to}
    usual = Tranche.__dataclass_fields__["investor_share"].default
    for name, tranche in deal.capital.items():
        if tranche.hurdle is not None and tranche.repay == "never":
            yield (f"capital.{name}.hurdle", "a grant does not come back, and so returns nothing",
                   "", "")  # fmt: skip
        elif tranche.hurdle is not None and name not in hurdles:
            yield (f"capital.{name}.hurdle", "does nothing, as no step `hurdle` of the waterfall "
                   "gives it", "", f"{name}_return: {{pay: hurdle, to: {name}}}")  # fmt: skip
        if deal.waterfall.normal and tranche.investor_share != usual:
            yield (f"capital.{name}.investor_share", "does nothing beside steps that are written "
                   "out; a step `share` does", "", "")  # fmt: skip
        for key, part in tranche.drawings.items():
            if part.starts is not None and part.starts.mean > people:
                yield (f"capital.{name}.drawings.{key}.starts", "is never reached: only "
                       f"{people:,.0f} people are referred", "", "")  # fmt: skip
    for status in STATUSES:
        for name, step in getattr(deal.waterfall, status).items():
            to = set(step.to) if isinstance(step, Share | Hurdle) else set()
            for grant in sorted(to & set(deal.capital)):
                if deal.capital[grant].repay == "never":
                    yield (f"waterfall.{status}.{name}", f"gives something back to `{grant}`, a "
                           "grant that does not come back", "", "")  # fmt: skip


def _to_no_purpose(deal: Scenario) -> Iterator[Fault]:
    """Limits that nothing reaches, and steps that nothing is left for."""
    months, waterfall = deal.programme.months.mean, deal.waterfall
    if waterfall.facility is not None and waterfall.facility.limit.mean == 0:
        yield ("waterfall.facility.limit", "lends nothing", "", "")
    cap = deal.contract.caps.contract
    for name, test in waterfall.tests.items():
        if waterfall.distribute == "at_end":
            yield (f"waterfall.tests.{name}", "does nothing with `distribute: at_end`: nothing is "
                   "given out before the end", "", "distribute: monthly")  # fmt: skip
        elif test.payments is not None and cap is not None and test.payments.mean > cap.mean:
            yield (f"waterfall.tests.{name}.payments", "is more than the contract may pay: it "
                   "always fails", "", "")  # fmt: skip
        if test.from_.mean >= months:
            yield (f"waterfall.tests.{name}.from", "is never applied: the contract is over by then",
                   "", "")  # fmt: skip
    closing = deal.costs.close(deal.timeline.months, deal.contract.longest_lag)
    for name, tranche in deal.capital.items():
        if tranche.maturity is not None and tranche.maturity.mean > closing + 1:
            yield (f"capital.{name}.maturity", "is after the account closes, when all money is due",
                   "", "")  # fmt: skip
        made_good, lent = tranche.guarantee, tranche.commitment
        if made_good is not None and made_good.is_fixed and lent.is_fixed and (
            made_good.mean > lent.mean
        ):  # fmt: skip
            yield (f"capital.{name}.guarantee", "is more than the commitment, and so than can be "
                   "lost", "", "")  # fmt: skip
    for status in STATUSES:
        kinds = {type(step) for step in takewhile(lambda step: not isinstance(step, Costs),
                                                  getattr(waterfall, status).values())}  # fmt: skip
        if kinds - {Facility} and status != "wind_down":
            yield (f"waterfall.{status}", "delivery is paid for with what the steps above it leave",
                   "", "a step `costs` above them")  # fmt: skip
        had: dict[tuple[type, str], str] = {}
        for name, step in getattr(waterfall, status).items():
            for to in step.to if isinstance(step, Interest | Principal | Hurdle) else ():
                tranche = deal.capital[to]
                before = had.setdefault((type(step), to), name)
                if before != name:
                    yield (f"waterfall.{status}.{name}", f"finds nothing to pay `{to}`: `{before}` "
                           "has paid it all", "", "")  # fmt: skip
                elif isinstance(step, Interest) and not (tranche.interest.mean or tranche.rates):
                    yield (f"waterfall.{status}.{name}", f"pays nothing: `{to}` bears no interest",
                           "", "")  # fmt: skip


def _given_too_early(deal: Scenario) -> Iterator[Fault]:
    """Surplus that leaves the account while money that ranks before it is out, and not yet due."""
    waiting: set[str] = set()
    if deal.waterfall.distribute == "at_end":  # by then all of it is due
        return
    for name, step in deal.waterfall.normal.items():
        if isinstance(step, Principal):
            waiting |= {to for to in step.to if _may_be_out(deal, deal.capital[to])}
        elif isinstance(step, Keep) and step.until == "repaid":
            waiting -= set(step.of or deal.capital)
        elif isinstance(step, CatchUp | Hurdle | Share):
            to = {step.to} if isinstance(step, CatchUp) else set(step.to)
            before = sorted(waiting) if to - waiting else []
            if before:
                yield (f"waterfall.normal.{name}", "gives surplus away while money of "
                       f"{' and '.join(f'`{item}`' for item in before)} is out that is not yet "
                       "due", "", f"{before[0]}_first: {{pay: keep, until: repaid, "
                       f"of: {before[0]}}} above it")  # fmt: skip
                return


def _may_be_out(deal: Scenario, tranche: Tranche) -> bool:
    """Whether money is not yet due in some month in which surplus is given out."""
    late = tranche.repay_from.mean > deal.waterfall.distribute_from.mean
    return tranche.repay in ("bullet", "amortise") or (tranche.repay == "sweep" and late)


def _never_ends(deal: Scenario) -> Iterator[Fault]:
    """Early ends whose conditions cannot hold, or that come when the contract is over."""
    months, most = deal.programme.months.mean, deal.contract.caps.contract
    for name, ending in deal.endings.items():
        below, above = ending.payments_below, ending.payments_above
        if ending.at.mean + ending.notice.mean >= months:
            yield (f"endings.{name}.notice", "ends delivery when the contract is over: nothing "
                   "happens", "", "")  # fmt: skip
        if below is not None and above is not None and above.mean >= below.mean:
            yield (f"endings.{name}", "never happens: payments cannot be both below and above", "",
                   "two endings, each with one condition")  # fmt: skip
        elif below is not None and below.mean == 0:
            yield (f"endings.{name}.payments_below", "never happens: no payments are less than "
                   "nothing", "", "")  # fmt: skip
        elif above is not None and most is not None and above.mean > most.mean:
            yield (f"endings.{name}.payments_above", "never happens: the contract's cap is lower",
                   "", "")  # fmt: skip
        if ending.starts_below is not None and ending.starts_below.mean == 0:
            yield (f"endings.{name}.starts_below", "never happens: no fewer than nobody can start",
                   "", "")  # fmt: skip
        if ending.pays_of_capital.mean > 0 and not deal.capital:
            yield (f"endings.{name}.pays_of_capital", "is nothing, as nobody puts capital in", "",
                   "pays: £50,000")  # fmt: skip
        elif ending.payer == "investor" and (ending.pays.mean or ending.pays_of_capital.mean):
            yield (f"endings.{name}.pays", "is paid by the investor, into the account from which "
                   "the investor's money comes back", "", "paid_by: commissioner")  # fmt: skip
        term = None if ending.result_of is None else deal.contract.terms[ending.result_of]
        if term is not None and ending.every is None and ending.at.mean <= term.lag.mean:
            yield (f"endings.{name}.result_of", "never happens: its result is known only "
                   f"{term.lag.mean:g} months later", "", "")  # fmt: skip
        once = ending.every is None
        if ending.unpaid_for is not None and (
            ending.unpaid_for.mean >= (ending.at.mean + 1 if once else months)
        ):  # fmt: skip
            yield (f"endings.{name}.unpaid_for", "never happens: it is decided before, or the "
                   "contract is not so long", "", "")  # fmt: skip


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
