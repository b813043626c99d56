"""What a scenario may say of costs: every kind of cost, who bears it, who is paid.

Out: frozen terms, and how INDIGO classifies them. Not here: what they come to (`costs`), what has
to hold between them (`cost_checks`), the capital that pays for them up front (`terms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import (
    About,
    about,
    block,
    choice,
    count,
    money,
    money_rate,
    months,
    named,
    share,
    tagged,
    term,
    text,
)

PLAIN = ("set_up", "fixed", "per_start", "per_month")
"""The provider's costs that need no line: keys of `costs` itself, paid to suppliers."""

RESERVED = ("total",)
"""Names that a line may not have: ``costs.total`` is a metric of the deal."""

PHASES = {
    "development": "Development and design",
    "set_up": "Contract set up and negotiation",
    "delivery": "Operational and management",
    "closing": "Operational and management",
}
"""When in a deal's life a cost arises, with the phase of the INDIGO data standard 4.1, which does
not set the end apart."""

_BOTH = {
    "feasibility": "Feasibility study",
    "business_case": "Business case development",
    "financial_advice": "Financial advice on contract design",
    "procurement": "Procurement costs",
    "enforcement": "Enforcement costs (renegotiations, adaptation)",
    "other": "Other costs",
}
"""Categories that have one name on both of INDIGO's lists."""

PROVIDER_SIDE = _BOTH | {
    "development": "Development or scoping work",
    "engagement": "Stakeholder search and engagement costs",
    "vehicle": "SPV set up and operational costs",
    "performance_management": "Monitoring costs (includes outcome reporting cost and management "
    "staff cost)",
    "verification": "Monitoring costs (includes outcome reporting cost and management staff cost)",
    "evaluation": "Evaluation costs",
    "governance": "Governance costs (board meetings, etc.)",
    "service_delivery": "Service delivery costs",
    "innovation": "Delivery innovations",
}  # fmt: skip
"""INDIGO's classification of costs borne by provider, vehicle and investors, by category:
github.com/INDIGO-Initiative/indigo-data-standard 4.1,
schema/codelists/project_provider_side_cost_classification.csv."""

PAYER_SIDE = _BOTH | {
    "development": "Development work",
    "engagement": "Market engagement costs",
    "verification": "Validation and administration of outcome achievement and related payments "
    "costs",
    "service_quality": "Auditing and validation of service quality",
    "evaluation": "Evaluation, learning and dissemination",
    "fund_management": "Management cost of an outcomes fund",
}  # fmt: skip
"""The same of costs borne by those who pay for outcomes:
schema/codelists/project_outcome_payer_cost_classification.csv."""

LEGAL = {
    "development": "Early phase legal costs",
    "set_up": "Legal advice on contract design",
    "delivery": "Enforcement costs (renegotiations, adaptation)",
    "closing": "Enforcement costs (renegotiations, adaptation)",
}
"""INDIGO's class of legal costs hangs on the phase."""

CATEGORIES = (
    "service_delivery", "governance", "performance_management", "verification", "evaluation",
    "legal", "intermediary", "development", "feasibility", "business_case", "engagement",
    "financial_advice", "procurement", "vehicle", "service_quality", "innovation",
    "fund_management", "enforcement", "other",
)  # fmt: skip
"""What a cost is for. INDIGO has a class for each, on one of its lists or both, save for an
intermediary's fee."""


def indigo_class(payer_side: bool, category: str, phase: str) -> str:
    """How the INDIGO data standard classifies a cost; what it has no class for is "Other costs"."""
    if category == "legal":
        return LEGAL[phase]
    side = PAYER_SIDE if payer_side else PROVIDER_SIDE
    return side.get(category, side["other"])


# --- lines ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What every line says: who bears it, who is paid, what is added to it."""

    paid_by: str = term(
        text(), "Who bears it: provider, vehicle, commissioner, investor, guarantor, or somebody "
        "under `contract.payers`.", "commissioner", default="provider",
    )  # fmt: skip
    paid_to: str = term(
        text(), "Who is paid: any name, or another party.", "evaluator", default="suppliers"
    )
    recharged: Quantity = term(
        share(), "Of what the provider bears, the part that the vehicle pays it back.", "50%",
        default=plain(1), lever=True,
    )  # fmt: skip
    phase: str = term(
        choice(*PHASES), "The phase of the deal that it belongs to.", "set_up", default="delivery"
    )
    category: str = term(
        choice(*CATEGORIES), "What it is for.", "evaluation", default="service_delivery"
    )
    inflation: Quantity = term(
        share(low=-0.5, high=1), "By how much it is dearer with each year of the contract.", "3%",
        default=plain(0),
    )  # fmt: skip
    contingency: Quantity = term(
        share(), "Share that is added for what is not foreseen.", "10%", default=plain(0)
    )
    vat: Quantity = term(
        share(), "Value added tax on it, at this rate.", "20%", default=plain(0)
    )
    recovered: Quantity = term(
        share(), "The part of that tax that is recovered, at once.", "100%", default=plain(0)
    )
    about: About = about()


MOMENTS = ("start", "end", "last_payment")
"""What a single cost may be dated by: the contract's first month, its last, the last payment's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once(CostLine):
    """One sum, in one month."""

    amount: Quantity = term(money(), "The sum.", "£30,000")
    at: str = term(
        choice(*MOMENTS), "The month that it is dated by: the contract's first, its last, or that "
        "of the last payment.", "end", default="start",
    )  # fmt: skip
    after: Quantity = term(
        months(high=120), "Months after that.", "6 months", default=plain(0)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular(CostLine):
    """A sum each month, for a while."""

    amount: Quantity = term(
        money_rate("month", "year"), "In each month.", "£2,000 a month"
    )
    from_: Quantity = term(
        months(), "The first month, from the contract's start.", "6 months", default=plain(0)
    )
    until: Quantity | None = term(
        months(low=1), "The first month without it, from the contract's start; left out: the "
        "contract's end.", "24 months", default=None,
    )  # fmt: skip


PER_PERSON = ("referral", "start", "completion")
"""What a cost may be for each of, without an outcome."""

PER_OUTCOME = ("outcome", "claim", "hour", "visit")
"""What a cost may be for each of, with `for`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Each(CostLine):
    """A sum for each referral, start, completion, outcome, claim, hour or visit."""

    of: str = term(
        choice(*PER_PERSON, *PER_OUTCOME), "What it is paid for each of: somebody referred, who "
        "starts, who completes the service; with `for`, an outcome reached, one that can be "
        "claimed, an hour or a visit.", "hour",
    )  # fmt: skip
    amount: Quantity = term(money(), "For each.", "£18.50")
    for_: str | None = term(
        named("outcomes"), "The outcome that is counted; of hours one that counts minutes, of "
        "visits one that counts visits.", "minutes_delivered", default=None,
    )  # fmt: skip
    cohort: str | None = term(
        named("people"), "The cohort that is counted; left out: everybody.", "adults", default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InService(CostLine):
    """A rate for each person in service."""

    amount: Quantity = term(
        money_rate("day", "week", "month", "year"), "For each person in service.", "£150 a month"
    )
    cohort: str | None = term(
        named("people"), "The cohort that is counted; left out: everybody.", "adults", default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff(CostLine):
    """Posts, whole ones: so many as those in service need."""

    wage: Quantity = term(
        money_rate("year", "month"), "What a post costs, employer's on-costs included.",
        "£38,000 a year",
    )  # fmt: skip
    people_each: Quantity = term(
        count(high=100_000), "How many people in service one post is for; one more needs another "
        "post.", "15", lever=True,
    )  # fmt: skip
    least: Quantity = term(
        count(low=0, high=100_000), "The fewest posts during the contract.", "1", default=plain(0),
        lever=True,
    )  # fmt: skip
    ahead: Quantity = term(
        months(high=24), "Months before it is needed that a post is filled.", "2 months",
        default=plain(0),
    )  # fmt: skip
    redundancy: Quantity = term(
        money(), "Paid for each post that ends, at the contract's end too.", "£3,000",
        default=plain(0),
    )  # fmt: skip
    cohort: str | None = term(
        named("people"), "The cohort that needs them; left out: everybody.", "adults", default=None
    )


COSTS: dict[str, type] = {
    "once": Once, "regular": Regular, "each": Each, "in_service": InService, "staff": Staff,
}  # fmt: skip
"""What `cost:` may say."""

AnyCost = Once | Regular | Each | InService | Staff
"""Any line of costs."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The delivery agreement: what the vehicle pays the provider, and so who bears an over-run."""

    paid: str = term(
        choice("at_cost", "fee"), "Whether the provider is paid what its costs come to, or a fee "
        "whatever they come to: it keeps the difference or bears it.", "fee", default="at_cost",
        lever=True,
    )  # fmt: skip
    fee: Quantity | None = term(
        money_rate("month", "year"), "With `paid: fee`, in each month of the contract.",
        "£14,000 a month", default=None, lever=True,
    )  # fmt: skip
    margin: Quantity = term(
        share(), "With `paid: at_cost`, what is added to the costs: the provider's own margin.",
        "5%", default=plain(0), lever=True,
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Costs:
    """What delivery costs the provider, paid from the contract's vehicle, and everybody's lines."""

    set_up: Quantity = term(money(), "Once, in the first month.", "£40,000", default=plain(0))
    fixed: Quantity = term(
        money_rate("month", "year"), "In each month of the contract.", "£6,000 a month",
        default=plain(0, "month"),
    )  # fmt: skip
    per_start: Quantity = term(money(), "For each person who starts.", "£800", default=plain(0))
    per_month: Quantity = term(
        money_rate("day", "week", "month", "year"), "For each person in service.",
        "£150 a month", default=plain(0, "month"),
    )  # fmt: skip
    agreement: Agreement = term(
        block(Agreement), "What the vehicle pays the provider for delivery.",
        "{paid: fee, fee: £14,000 a month}", default=Agreement(),
    )  # fmt: skip
    lines: Mapping[str, AnyCost] = term(
        tagged("cost", COSTS, least=0), "Lines of costs by name.", inline=True, default={}
    )
    about: About = about()

    def tail(self, months: int, longest_lag: int) -> int:
        """Months from the contract's last month to the last cost.

        Parameters
        ----------
        months : int
            Of the contract.
        longest_lag : int
            Months from the contract's last month to the last payment.
        """
        ends = [last_month(line, months, longest_lag) for line in self.lines.values()]
        return max([months - 1, *ends]) - (months - 1)

    def close(self, months: int, longest_lag: int) -> int:
        """The month in which the vehicle has the last payment and owes the last cost."""
        owed = [last_month(line, months, longest_lag) for line in self.lines.values()
                if line.paid_by == "vehicle"
                or (line.paid_by == "provider" and self.agreement.paid == "at_cost")]  # fmt: skip
        return max([months - 1 + longest_lag, *owed])


def last_month(line: AnyCost, months: int, longest_lag: int) -> int:
    """The last month in which a line may cost anything, from 0."""
    if isinstance(line, Once):
        return once_month(line, months, longest_lag)
    if isinstance(line, Regular) and line.until is not None:
        return round(line.until.mean) - 1
    if isinstance(line, Staff) and not (line.redundancy.is_fixed and line.redundancy.mean == 0):
        return months  # those who are still there when it ends
    return months - 1


def once_month(line: Once, months: int, longest_lag: int) -> int:
    """The month of a single cost, from 0."""
    base = {"start": 0, "end": months - 1, "last_payment": months - 1 + longest_lag}
    return base[line.at] + round(line.after.mean)
