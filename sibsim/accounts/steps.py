"""What a scenario may say of the vehicle's account: steps of its waterfall, tests, early ends.

Out: frozen terms, and the steps that a waterfall has if a scenario writes none. Not here: what a
step pays (`walk`), the tranches (`terms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibsim.accounts.terms import Tranche
from sibsim.quantities import Quantity, plain
from sibsim.terms import (
    About,
    about,
    block,
    by_name,
    choice,
    items,
    money,
    months,
    named,
    names,
    number,
    simple,
    tagged,
    term,
)
from sibsim.terms import result as found
from sibsim.terms import share as portion

RESIDUAL = ("provider", "commissioner", "intermediary")
"""Parties beside the tranches that a step may give surplus to."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What is due for delivery, this month's and what was left unpaid; in every month."""

    about: About = about()


@dataclass(frozen=True, slots=True)
class Facility:
    """Interest on the working-capital facility, then what was borrowed; in every month."""

    about: About = about()


@dataclass(frozen=True, slots=True)
class Interest:
    """Interest that is owed to tranches, to several in proportion to what each is owed."""

    to: tuple[str, ...] = term(names("capital"), "Whose interest.", "[senior]")
    about: About = about()


@dataclass(frozen=True, slots=True)
class Principal:
    """Money that was put in and may come back by now, to several in proportion to it."""

    to: tuple[str, ...] = term(names("capital"), "Whose money.", "[senior]")
    about: About = about()


@dataclass(frozen=True, slots=True)
class Hurdle:
    """What tranches still need for their yearly `hurdle`, to several in proportion to it.

    That is the money put in, compounded, less what was given.
    """

    to: tuple[str, ...] = term(names("capital"), "Whose hurdle.", "[fund]")
    about: About = about()


@dataclass(frozen=True, slots=True)
class CatchUp:
    """A share of what is left, until somebody has its part of all that was given beyond money."""

    to: str = term(choice(*RESIDUAL), "Who catches up.", "provider")
    until: Quantity = term(
        portion(high=0.99), "Its part of all that has been given beyond the money put in.", "20%",
        lever=True,
    )  # fmt: skip
    share: Quantity = term(portion(), "Of what is left at this step.", "50%", default=plain(1))
    about: About = about()


@dataclass(frozen=True, slots=True)
class Keep:
    """Cash that stays in the account, and is there again next month: a reserve."""

    amount: Quantity = term(
        money(), "So much.", "£50,000", default=plain(0), lever=True
    )
    months: Quantity = term(
        number(low=0, high=60), "And so many times this month's costs.", "3", default=plain(0),
        lever=True,
    )  # fmt: skip
    until: str = term(
        choice("closing", "repaid"), "Until the contract is over; or (and then everything that is "
        "left) until money that comes back is back.", "repaid", default="closing",
    )  # fmt: skip
    of: tuple[str, ...] = term(
        names("capital"), "With `until: repaid`, whose money; left out: everybody's.", "[senior]",
        default=(),
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Share:
    """What is left at this step, by shares; what nobody has goes on to the next."""

    to: Mapping[str, Quantity] = term(
        by_name(portion()), "Tranches, `provider`, `commissioner` or `intermediary`, each with its "
        "share.", "{fund: 60%, provider: 40%}",
    )  # fmt: skip
    about: About = about()


Step = Costs | Facility | Interest | Principal | Hurdle | CatchUp | Keep | Share

STEPS: dict[str, type] = {
    "costs": Costs,
    "facility": Facility,
    "interest": Interest,
    "principal": Principal,
    "hurdle": Hurdle,
    "catch_up": CatchUp,
    "keep": Keep,
    "share": Share,
}
"""Steps of a waterfall by their tag."""


@dataclass(frozen=True, slots=True)
class Line:
    """A working-capital facility: a lender bridges what neither cash nor capital can pay."""

    limit: Quantity = term(money(), "The most that is borrowed.", "£100,000", lever=True)
    interest: Quantity = term(
        portion(high=1), "Yearly interest, a twelfth a month.", "8%", default=plain(0), lever=True
    )
    about: About = about()


@dataclass(frozen=True, slots=True)
class Test:
    """A distribution test: while it fails, only the steps of `trapped` are taken."""

    cover: Quantity | None = term(
        number(low=0, high=100), "Payments over the last `over` months are at least so many times "
        "the costs of delivery in them.", "1.1", default=None,
    )  # fmt: skip
    over: Quantity = term(months(low=1), "Over how many months.", "12 months", default=plain(12))
    payments: Quantity | None = term(
        money(), "Payments have come to so much in all.", "£200,000", default=None
    )
    from_: Quantity = term(
        months(), "Not tested before so many months are over.", "12 months", default=plain(0)
    )
    about: About = about()


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The account through which payments, costs and capital flow, and the order of its steps."""

    distribute: str = term(
        choice("at_end", "monthly", "quarterly", "yearly"), "When surplus cash is given out: in "
        "the month in which the account closes, or in each month, or in the last of each quarter "
        "or year of the contract as well.", "monthly", default="at_end", lever=True,
    )  # fmt: skip
    distribute_from: Quantity = term(
        months(), "No surplus is given out before this month of the contract is over.",
        "12 months", default=plain(0), lever=True,
    )  # fmt: skip
    hold: Quantity = term(
        number(low=0, high=60), "Cash kept back after costs, in months of that month's costs, "
        "where no steps are written.", "3", default=plain(3), lever=True,
    )  # fmt: skip
    minimum: Quantity = term(
        money(), "Money is called so that this much cash is left after costs.", "£20,000",
        default=plain(0), lever=True,
    )  # fmt: skip
    recycle: bool = term(
        simple("flag"), "Whether payments that have come in pay for delivery before more capital "
        "is called.", "false", default=True, lever=True,
    )  # fmt: skip
    facility: Line | None = term(
        block(Line), "A working-capital facility.", "{limit: £100,000, interest: 8%}",
        default=None,
    )  # fmt: skip
    tests: Mapping[str, Test] = term(
        items(Test), "Distribution tests by name.", default={}
    )
    normal: Mapping[str, Step] = term(
        tagged("pay", STEPS), "The steps, in their order; left out: costs, then of each tranche "
        "interest and principal, then the surplus by `investor_share`.", default={},
    )  # fmt: skip
    trapped: Mapping[str, Step] = term(
        tagged("pay", STEPS), "The steps while a test fails; left out: costs and interest.",
        default={},
    )  # fmt: skip
    wind_down: Mapping[str, Step] = term(
        tagged("pay", STEPS), "The steps from an early end on; left out: those of `normal`.",
        default={},
    )  # fmt: skip
    about: About = about()

    def steps(self, status: str, capital: Mapping[str, Tranche]) -> Mapping[str, Step]:
        """The steps of a status ("normal", "trapped", "wind_down"), written or usual."""
        written: Mapping[str, Step] = getattr(self, status)
        if written:
            return written
        if status == "wind_down":
            return self.steps("normal", capital)
        found: dict[str, Step] = {"costs": Costs()}
        if self.facility is not None:
            found["facility"] = Facility()
        if status == "trapped":
            return found | {f"interest_{name}": Interest(to=(name,)) for name in capital}
        found["hold"] = Keep(amount=self.minimum, months=self.hold)
        for name in capital:
            found[f"interest_{name}"] = Interest(to=(name,))
            found[f"principal_{name}"] = Principal(to=(name,))
        shares = {name: item.investor_share for name, item in capital.items()
                  if item.repay != "never"}  # fmt: skip
        found["until_repaid"] = Keep(until="repaid")
        if shares:
            found["surplus"] = Share(to=shares)
        return found | {"rest": Share(to={"provider": plain(1)})}


    @property
    def given_to(self) -> set[str]:
        """Parties beside the tranches to whom some step gives surplus."""
        written = [*self.normal.values(), *self.trapped.values(), *self.wind_down.values()]
        found = {step.to for step in written if isinstance(step, CatchUp)}
        for step in written:
            found |= set(step.to) & set(RESIDUAL) if isinstance(step, Share) else set()
        return found


STATUSES = ("normal", "trapped", "wind_down")
"""Each has steps of its own."""

ENDERS = ("commissioner", "investor", "provider")
"""Parties that may end a contract early."""


@dataclass(frozen=True, slots=True)
class Ending:
    """An early end of the contract: who may end it, when, and what is paid then."""

    by: str = term(
        choice(*ENDERS), "Who ends it.", "investor", default="commissioner",
    )  # fmt: skip
    at: Quantity = term(
        months(low=1), "It is decided after so many months of the contract.", "36 months",
        default=plain(1),
    )  # fmt: skip
    every: Quantity | None = term(
        months(low=1), "And again after so many more; left out: once.", "12 months", default=None
    )
    payments_below: Quantity | None = term(
        money(), "If payments have come to less than this.", "£200,000", default=None
    )
    payments_above: Quantity | None = term(
        money(), "If payments have come to this or more.", "£2,000,000", default=None
    )
    starts_below: Quantity | None = term(
        number(low=0, high=1_000_000), "If fewer people than this have started.", "80",
        default=None,
    )  # fmt: skip
    unpaid_for: Quantity | None = term(
        months(low=1), "If costs have been unpaid at the end of each of so many months.",
        "3 months", default=None,
    )  # fmt: skip
    result_of: str | None = term(
        named("contract"), "If what this payment term pays for its result by, of all so far and as "
        "it is known by then (its `lag` later), is below `result_below`.", "reoffending",
        default=None,
    )  # fmt: skip
    result_below: Quantity | None = term(
        found(), "See `result_of`.", "5%", default=None, lever=True
    )
    chance: Quantity = term(
        portion(), "The chance that it is ended each time that it may be.", "25%",
        default=plain(1),
    )  # fmt: skip
    notice: Quantity = term(
        months(high=60), "Months from the decision to the end of delivery.", "3 months",
        default=plain(0),
    )  # fmt: skip
    pays: Quantity = term(
        money(), "Paid to the vehicle when delivery ends.", "£50,000", default=plain(0),
        lever=True,
    )  # fmt: skip
    pays_of_capital: Quantity = term(
        portion(high=5), "And so much of the money that is then out.", "75%", default=plain(0),
        lever=True,
    )  # fmt: skip
    paid_by: str = term(
        choice("same", *ENDERS), "Who pays what `pays` and `pays_of_capital` say: the same that "
        "ends it, or another.", "commissioner", default="same",
    )  # fmt: skip
    claims_for: Quantity = term(
        months(high=120), "Outcomes in so many months after the end of delivery are still paid; "
        "people who are closed out count as having dropped out.", "6 months", default=plain(0),
    )  # fmt: skip
    about: About = about()

    @property
    def payer(self) -> str:
        """Who pays what is paid when delivery ends."""
        return self.by if self.paid_by == "same" else self.paid_by
