"""Capital, waterfall and early ends in plain sentences.

In: a scenario. Out: lines of text. Not here: payment terms (`payment_words`), the other sections
(`words`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import singledispatch

from sibsim.accounts.steps import (
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
    Test,
)
from sibsim.accounts.terms import Drawing, Tranche
from sibsim.report.phrases import every, label, say
from sibsim.scenario.deal import Scenario


def capital(deal: Scenario) -> Iterator[str]:
    """Who puts in what, in which order it comes back, and who may end the contract early."""
    for name, tranche in deal.capital.items():
        giver = tranche.from_.replace("_", " ")
        who = "" if giver == "investor" else f" (from the {giver})"
        back = _coming_back(deal, tranche)
        yield (
            f"  {label(name, tranche)}{who} puts in up to {say(deal, tranche, 'commitment')}, "
            f"{_going_in(deal, tranche)}{f'; {back}' if back else ''}."
        )
    yield from _account(deal)
    if not deal.capital:
        yield "  Nobody invests: the provider carries what payments do not yet cover."
    for name, ending in deal.endings.items():
        yield f"  {label(name, ending)}: {_ending(deal, ending)}"


def _going_in(deal: Scenario, tranche: Tranche) -> str:
    """When money goes in."""
    if tranche.draw == "up_front":
        return "all at the start"
    if tranche.draw == "by_schedule":
        return ", ".join(_drawing(deal, part) for part in tranche.drawings.values())
    turn = "" if tranche.turn.mean == 1 else f", in turn {tranche.turn.mean:g}"
    return f"as it is needed{turn}"


def _drawing(deal: Scenario, part: Drawing) -> str:
    when = f"after {say(deal, part, 'at')}" if part.at.mean else "at the start"
    many = "" if part.starts is None else f" once {part.starts.mean:g} people have started"
    return f"{say(deal, part, 'amount')} {when}{many}"


def _coming_back(deal: Scenario, tranche: Tranche) -> str:
    """What comes back, in words."""
    said = []
    if tranche.interest.mean > 0 or tranche.rates:
        pik = tranche.unpaid_interest == "added"
        added = ", added to what bears interest if unpaid" if pik else ""
        rates = ", ".join(f"{100 * rate.mean:g}%" for rate in tranche.rates)
        plus = f" plus {rates} by year" if rates else ""
        count = "" if tranche.day_count == "monthly" else f" ({tranche.day_count.capitalize()})"
        said.append(f"{say(deal, tranche, 'interest')}{plus} interest a year{count}{added}")
    said += _money_back(deal, tranche)
    if not deal.waterfall.normal and tranche.repay != "never":
        said.append(f"{say(deal, tranche, 'investor_share')} of what is left once all money is "
                    "back")  # fmt: skip
    if tranche.most is not None:
        said.append(f"at most {say(deal, tranche, 'most')} times what was put in")
    if tranche.hurdle is not None:
        said.append(f"a hurdle of {say(deal, tranche, 'hurdle')} a year")
    if tranche.guarantee is not None:
        said.append(f"a guarantor makes good up to {say(deal, tranche, 'guarantee')} of a loss")
    if tranche.fee.mean > 0:
        said.append(f"{say(deal, tranche, 'fee')} of it a year goes to a fund manager")
    return ", ".join(said)


def _money_back(deal: Scenario, tranche: Tranche) -> Iterator[str]:
    """When the money itself comes back, where that is not as soon as there is surplus."""
    closing = "when the account closes"
    due = closing if tranche.maturity is None else f"after {say(deal, tranche, 'maturity')}"
    if tranche.repay == "never":
        yield "a grant that does not come back"
    elif tranche.repay == "bullet":
        yield f"the money comes back {due}"
    elif tranche.repay == "amortise":
        yield f"the money comes back in equal parts, the last {due}"
    if tranche.repay != "never" and tranche.repay_from.mean > 0:
        yield f"none of it in the first {say(deal, tranche, 'repay_from')}"


def _account(deal: Scenario) -> Iterator[str]:
    """When surplus is given out, and by which steps."""
    terms = deal.waterfall
    if not deal.capital and not terms.normal and terms.distribute == "at_end":
        return
    each = {"monthly": "each month", "quarterly": "each quarter", "yearly": "each year"}
    out = "when the contract is over"
    if terms.distribute != "at_end":
        held = "" if terms.normal else (
            f", once {say(deal, terms, 'hold')} months of costs are kept back"
        )  # fmt: skip
        out = f"{each[terms.distribute]} from month {terms.distribute_from.mean:g}{held}"
    first = "Outcome payments pay for delivery first" if terms.recycle else (
        "Capital pays for delivery as long as there is any left to call"
    )  # fmt: skip
    if terms.minimum.mean > 0:
        yield f"  Money is called so that {say(deal, terms, 'minimum')} stay in the account."
    if terms.facility is not None:
        yield (
            f"  What neither cash nor capital can pay is borrowed, up to "
            f"{say(deal, terms.facility, 'limit')} at {say(deal, terms.facility, 'interest')} a "
            "year."
        )
    if terms.normal:
        yield f"  {first}; surplus is given out {out}, by these steps:"
        yield from _steps(deal, terms.normal)
    else:
        order = "" if len(deal.capital) < 2 else ", each tranche before the next"
        yield (
            f"  {first}; surplus is given out {out}: interest and the money put in{order}, then "
            "the rest by its shares, to the provider what no tranche has."
        )
    for name, test in terms.tests.items():
        yield f"  {label(name, test)}: {_test(deal, test)}"
    used = (("trapped", "While a test fails", terms.tests),
            ("wind_down", "After an early end", deal.endings))  # fmt: skip
    for status, when, there in used:
        written = getattr(terms, status)
        if written or (there and status == "trapped"):
            yield f"  {when} by these steps instead:"
            yield from _steps(deal, terms.steps(status, deal.capital))
        elif there and terms.normal:
            yield f"  {when} by the same steps; all money is due then, and nothing is kept."


def _steps(deal: Scenario, steps: Mapping[str, Step]) -> Iterator[str]:
    for place, (name, step) in enumerate(steps.items(), 1):
        yield f"    {place}. {label(name, step)}: {said(step, deal)}."


def _names(deal: Scenario, names: tuple[str, ...]) -> str:
    return " and ".join(label(name, deal.capital[name]) for name in names)


@singledispatch
def said(step: Step, deal: Scenario) -> str:
    """A step of a waterfall in words."""
    raise NotImplementedError(type(step))


@said.register
def _(step: Costs, deal: Scenario) -> str:
    return "the costs of delivery, every month"


@said.register
def _(step: Facility, deal: Scenario) -> str:
    return "interest on the facility and what was borrowed, every month"


@said.register
def _(step: Interest, deal: Scenario) -> str:
    return f"interest that is owed to {_names(deal, step.to)}"


@said.register
def _(step: Principal, deal: Scenario) -> str:
    return f"the money of {_names(deal, step.to)}"


@said.register
def _(step: Hurdle, deal: Scenario) -> str:
    made = ((label(name, item), say(deal, item, "hurdle"))
            for name, item in deal.capital.items() if name in step.to)  # fmt: skip
    return " and ".join(f"{name} until it has made {rate} a year" for name, rate in made)


@said.register
def _(step: CatchUp, deal: Scenario) -> str:
    return (
        f"{say(deal, step, 'share')} of what is left to the {step.to}, until it has "
        f"{say(deal, step, 'until')} of all that was given beyond the money put in"
    )


@said.register
def _(step: Keep, deal: Scenario) -> str:
    if step.until == "repaid":
        whose = f"the money of {_names(deal, step.of)}" if step.of else "all money"
        return f"all that is left stays in the account until {whose} is back"
    parts = []
    if step.amount.mean > 0:
        parts.append(say(deal, step, "amount"))
    if step.months.mean > 0:
        parts.append(f"{say(deal, step, 'months')} months of costs")
    return f"{' and '.join(parts)} stay in the account until the contract is over"


@said.register
def _(step: Share, deal: Scenario) -> str:
    who = {name: label(name, item) for name, item in deal.capital.items()}
    parts = [f"{100 * part.mean:.8g}% to {who.get(name, f'the {name}')}"
             for name, part in step.to.items()]  # fmt: skip
    return f"of what is left {', '.join(parts)}"


def _test(deal: Scenario, test: Test) -> str:
    from_ = "" if not test.from_.mean else f" from month {test.from_.mean:g}"
    if test.payments is not None:
        return f"surplus is given out{from_} only once payments have come to " \
               f"{say(deal, test, 'payments')}."  # fmt: skip
    return (
        f"surplus is given out{from_} only while payments of the last {say(deal, test, 'over')} "
        f"are at least {say(deal, test, 'cover')} times the costs in them."
    )


def _ending(deal: Scenario, ending: Ending) -> str:
    again = "" if ending.every is None else f" and {every(deal, ending)} from then on"
    conditions = []
    if ending.payments_below is not None:
        conditions.append(f"payments have come to less than {say(deal, ending, 'payments_below')}")
    if ending.payments_above is not None:
        conditions.append(f"payments have come to {say(deal, ending, 'payments_above')} or more")
    if ending.starts_below is not None:
        conditions.append(f"fewer than {say(deal, ending, 'starts_below')} people have started")
    if ending.result_of is not None:
        what = label(ending.result_of, deal.contract.terms[ending.result_of])
        below = say(deal, ending, "result_below")
        conditions.append(f"the result of {what}, as it is known by then, is below {below}")
    if ending.unpaid_for is not None:
        conditions.append(f"costs have been unpaid for {say(deal, ending, 'unpaid_for')}")
    when = f" if {' and '.join(conditions)}" if conditions else ""
    odds = "" if ending.chance.is_fixed and ending.chance.mean == 1 else (
        f", with a chance of {say(deal, ending, 'chance')}"
    )  # fmt: skip
    notice = "" if not ending.notice.mean else f", with {say(deal, ending, 'notice')} of notice"
    pays = []
    if ending.pays.mean > 0:
        pays.append(say(deal, ending, "pays"))
    if ending.pays_of_capital.mean > 0:
        pays.append(f"{say(deal, ending, 'pays_of_capital')} of the money that is then out")
    payer = "it" if ending.payer == ending.by else f"the {ending.payer}"
    paid = f"; {payer} pays {' and '.join(pays)}" if pays else ""
    tail = "" if not ending.claims_for.mean else (
        f"; outcomes of the next {say(deal, ending, 'claims_for')} are still paid"
    )  # fmt: skip
    return (
        f"the {ending.by} ends it after {say(deal, ending, 'at')}{again}{when}{odds}{notice}"
        f"{paid}{tail}."
    )
