"""Rows of the catalogue of bad input: what is written, the exit code, and the words that come out.

Ids such as ``D05`` are rows of the catalogue; names without a letter and a number are beyond it. In
the words ``...`` stands for any others. Not here: running them (`test_bad_input`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sibsim.scenario.checks import MOST_CHANGES, MOST_VARIANTS
from sibsim.scenario.nodes.tree import MOST_BYTES
from sibsim.scenario.reader import MOST_NAMES

FAULT, USAGE, INVALID, DISK, REFUSED, STOPPED = 1, 2, 3, 4, 5, 130
"""Exit codes, as the help of the command says."""

DEAL = (Path(__file__).parent / "deal.yaml").read_text(encoding="utf-8")
"""A small valid deal; the lines and addresses that the tables below name are its own."""


def swapped(old: str, new: str) -> str:
    """The deal with one thing changed."""
    assert DEAL.count(old) == 1, f"{old!r} is not one place of the deal"
    return DEAL.replace(old, new)


# --- one thing changed in the deal ----------------------------------------------------------------

PLACES = {
    "title": ("title: Tiny", "2  title: "),
    "start": ("start: 2027-04", "4  programme.start: "),
    "months": ("months: 12", "5  programme.months: "),
    "referrals": ("referrals: 20", "8  people.young.referrals: "),
    "over": ("over: 6 months", "9  people.young.over: "),
    "chance": ("chance: 60%", "12  outcomes.work.chance: "),
    "after": ("after: 2 months", "14  outcomes.work.after: "),
    "price": ("price: £2,000", "24  contract.job.price: "),
    "lag": ("lag: 1 month", "25  contract.job.lag: "),
    "fixed": ("fixed: £1,000 a month", "31  costs.fixed: "),
    "to": ("to: DWP", "40  savings.benefits.to: "),
}
"""Lines of the deal that the tables change, and how a message about them begins."""

LATER = {
    "programme": ("months: 12", "\n  ", "6  programme."),
    "people": ("over: 6 months", "\n    ", "10  people.young."),
    "term": ("lag: 1 month", "\n    ", "26  contract.job."),
    "cost": ("fixed: £1,000 a month", "\n  ", "32  costs."),
    "fund": ("commitment: £20,000", "\n    ", "35  capital.fund."),
    "saving": ("to: DWP", "\n    ", "41  savings.benefits."),
    "top": ("to: DWP", "\n", "41  "),
    "option": ("to: DWP", "\noptions:\n  low:\n    ", "43  options.low"),
    "backtest": ("to: DWP", "\nbacktest:\n  published: £5\n  lines:\n    ", "44  backtest.lines."),
}
"""Lines of the deal after which the tables put a new one, and how a message about it begins."""


def at(row: str, place: str, value: str, *said: str, code: int = INVALID) -> Any:
    """A row that puts another value into a place."""
    old, begins = PLACES[place]
    new = f"{old.split(':')[0]}: {value}"
    return pytest.param(swapped(old, new), code, tuple(begins + s for s in said), id=row)


def put(row: str, place: str, line: str, *said: str, code: int = INVALID) -> Any:
    """A row that adds a line."""
    after, between, begins = LATER[place]
    new = after + between + line
    return pytest.param(swapped(after, new), code, tuple(begins + s for s in said), id=row)


def case(row: str, old: str, new: str, *said: str, code: int = INVALID) -> Any:
    """A row that changes any text of the deal."""
    return pytest.param(swapped(old, new), code, said, id=row)


def ok(row: str, place: str, value: str, *warned: str) -> Any:
    """A row whose value is taken, perhaps with a warning."""
    return at(row, place, value, *warned, code=0)


MONEY = " / allowed: an amount of money of £0 or more, such as £1,500 or £1.25m"
SHARE = " / allowed: a share from 0% to 100%, such as 35% or 0.35"
COUNT = " / allowed: a whole number from 1 to 1,000,000"
MONTHS = " / allowed: whole months from 1 to 600, such as 6 months or 2 years"
LAG = " / allowed: whole months from 0 to 120, such as 6 months or 2 years"
MONTH = " / allowed: a month from 1990-01 to 2100-12, as YYYY-MM"
WAIT = " / allowed: a duration from 0 days to 50 years, such as 6 months or 26 weeks"
RATE = " / allowed: an amount a month or a year, such as £6,000 a month"
TERMS = (
    "per_outcome, fee, by_result, per_effect, per_activity, reward, share_of_saving, deduction or "
    "clawback"
)
TERM = (
    "for, price, tiers, evidence, claims_per_person, each, cohort, by_segment, uplift, indexed, "
    "by_year, cap, lag, label, source, note, confidence"
)
YOUNG = "people:\n  young:\n    referrals: 20\n    over: 6 months"
JOB = "  job:\n    pay: per_outcome\n    for: work\n    price: £2,000\n    lag: 1 month\n"
KEPT = "  kept:\n    pay: per_outcome\n    for: stay\n    price: £3,000\n"
ONCE = "one currency in the whole scenario, GBP"

STRUCTURE = [
    case("C01", "price: £2,000", "prise: £2,000",
         "24  contract.job.prise: unknown setting `prise` / did you mean 'price'?"),
    put("C02", "term", "flavour: mint", f"flavour: unknown setting `flavour` / allowed: {TERM}"),
    case("C03-case", "price: £2,000", "Price: £2,000",
         "24  contract.job.Price: unknown setting `Price` / did you mean 'price'?"),
    put("C03-hyphen", "fund", "investor-share: 80%",
        "investor-share: unknown setting `investor-share` / did you mean 'investor_share'?"),
    put("C03-space", "fund", "investor share: 80%",
        "investor share: unknown setting `investor share` / did you mean 'investor_share'?"),
    case("C03-more-words", "price: £2,000", "unit-price: £2,000",
         "24  contract.job.unit-price: unknown setting `unit-price` / did you mean 'price'?"),
    case("C03-among-names", "costs:", "  cap: {contract: £9}\ncosts:",
         "30  contract.cap: unknown setting `cap` / did you mean 'caps'?"),
    put("C03-among-addresses", "option", "lable: Low",
        ".lable: unknown setting `lable` / did you mean 'label'?"),
    case("C04", "    price: £2,000\n", "",
         "22  contract.job: `price` is missing (paid for each claim)" + MONEY
         + " / try: price: £2,500"),
    case("C04-top", "title: Tiny\n", "",
         "1  `title` is missing (name of the deal) / allowed: text / try: title: Ready for work"),
    case("C04-section", YOUNG + "\n", "",
         "1  `people` is missing (cohorts by name) / allowed: blocks by name"),
    case("C04-tag", "    pay: per_outcome\n    for: work\n", "    for: work\n",
         f"22  contract.job: `pay` is missing / allowed: {TERMS} / try: pay: per_..."),
    at("C05", "price", "", "needs a value" + MONEY),
    at("C05-null", "months", "null", "needs a value" + MONTHS),
    at("C05-tilde", "to", "~", "needs a value / allowed: text"),
    at("C05-blank", "price", '" "', "needs a value" + MONEY),
    case("C05-block", YOUNG, "people:\n  young:",
         "7  people.young: needs a value / allowed: its settings: referrals, over, from, ..."),
    at("C06-list", "price", "[£2000]", "a list where one value is needed" + MONEY),
    at("C06-text", "title", "[Tiny]", "a list where words are needed / allowed: one text"),
    at("C06-block", "title", "{a: b}", "a block where words are needed / allowed: one text"),
    case("C06-names", YOUNG, "people: [young]",
         "6  people: a list where blocks by name are needed / allowed: a line for each name, its "
         "settings indented below"),
    case("C06-value-for-block", "programme:\n  start: 2027-04\n  months: 12", "programme: 2027",
         '3  programme: "2027" where a block of settings is needed / allowed: start, months, ...'),
    case("C06-value-for-term", KEPT, "  kept: £3000\n",
         '26  contract.kept: "£3000" where a block is needed / allowed: a block with `pay: '
         f"{TERMS}`"),
    case("C06-word", "    for: work", "    for: [work]",
         "23  contract.job.for: a list where one word is needed / allowed: work, stay"),
    put("C06-choice", "fund", "draw: {a: b}",
        "draw: a block where one word is needed / allowed: on_need, up_front or by_schedule"),
    case("C07", "pay: per_outcome\n    for: work", "pay: per_outcomes\n    for: work",
         f'22  contract.job.pay: "per_outcomes" / allowed: {TERMS} / did you mean '
         "'per_outcome'?"),
    case("C07-other", "pay: per_outcome\n    for: work", "pay: tariff\n    for: work",
         f'22  contract.job.pay: "tariff" / allowed: {TERMS}'),
    case("C08-tiers", "pay: per_outcome\n    for: work\n    price: £2,000",
         "pay: fee\n    amount: £5 a month\n    tiers: {more: {after: 5, price: £1}}",
         "24  contract.job.tiers: `tiers` belongs to `pay: per_outcome` / allowed: amount, "
         "uplift, indexed, by_year, cap, lag, label, source, note, confidence"),
    put("C08", "term", "amount: £5 a month",
        f"amount: `amount` belongs to `pay: fee` / allowed: {TERM}"),
    case("C09-missing", "sibsim: 1\n", "",
         "1  `sibsim` is missing (format of the file) / allowed: 1 / try: sibsim: 1"),
    case("C09-newer", "sibsim: 1", "sibsim: 2",
         "1  sibsim: format 2, which is newer than this release of sibsim / allowed: format 1"
         " / try: a newer release of sibsim"),
    case("C09-older", "sibsim: 1", "sibsim: 0",
         '1  sibsim: format "0" / allowed: format 1 / try: sibsim: 1'),
    case("C10", "  stay:", "  Work: {chance: 1%, without: 1%, after: 1 day}\n  stay:",
         "15  outcomes: 'work' and 'Work' are confusable names: on line 11 and on line 15 / ..."),
    case("C11", "for: work", "for: wrok",
         '23  contract.job.for: "wrok", which is not defined under `outcomes` / allowed: work, stay'
         " / did you mean 'work'?"),
    case("C11-no-such-outcome", "for: work", "for: degree",
         '23  contract.job.for: "degree", which is not defined under `outcomes` / allowed: work, '
         "stay"),
    case("C11-saving", "benefits:\n    for: stay", "benefits:\n    for: benefits",
         '37  savings.benefits.for: "benefits", which is not defined under `outcomes` ...'),
    case("C11-follows", "follows: work", "follows: job",
         '16  outcomes.stay.follows: "job", which is not defined under `outcomes` ...'),
    put("C11-backtest", "backtest", "jab: {units: 3}",
        "jab: no payment term of this name / allowed: job, kept"),
    case("C12", "  kept:", "  job:",
         "26  contract: job is used twice: on line 21 and on line 26 / try: rename or remove one"),
    case("C12-key", "lag: 1 month", "price: £1",
         "25  contract.job: price is used twice: on line 24 and on line 25 / ..."),
    case("C13", "contract:\n" + JOB + KEPT, "contract: {}\n",
         "20  contract: nothing stands here under a name / allowed: at least one block by name, "
         f"with `pay: {TERMS}`"),
    case("C13-caps-alone", JOB + KEPT, "  caps: {contract: £9}\n",
         "21  contract: nothing stands here under a name / ..."),
    case("C13-people", YOUNG, "people: {}",
         "6  people: nothing stands here / allowed: at least one block by name"),
    case("C13-capital", "capital:\n  fund:\n    commitment: £20,000", "capital: {}",
         "32  capital: nothing stands here / try: leave `capital` out"),
    put("C13-option", "top", "options: {low: {label: Low}}",
        "options.low: nothing is changed / allowed: at least one address with its new value / ..."),
    case("C14", "  stay:", "  spare: {chance: 9%, without: 1%, after: 1 day}\n  stay:",
         "15  outcomes.spare: is neither paid for nor saves anything", code=0),
    put("B18", "term", "commitment: £5",
        f"commitment: unknown setting `commitment` here / allowed: {TERM}"
        " / try: `commitment` is known under `capital`"),
    put("B18-near-another", "programme", "price: £5",
        "price: unknown setting `price` here / did you mean 'prices'? (`price` is known under "
        "`contract`)"),
    case("name-with-dot", "  young:", "  16.to.24:",
         "7  people.16.to.24: a name with `.` in it / allowed: names without . = and *, which "
         "addresses are made of / try: a plain name here, and these words as its `label`"),
    case("name-too-long", "  young:", f"  {'y' * 81}:",
         f"7  people.{'y' * 81}: a name of 81 characters / allowed: at most 80 / ..."),
    case("two-funds", "savings:", "  other: {commitment: £5}\nsavings:",
         "35  capital.other.investor_share: 200% of the surplus for all tranches together / "
         "allowed: at most 100%; the provider has the rest / try: investor_share: 0%"),
    put("grade", "fund", "confidence: 7",
        'confidence: "7", which is above 6 / allowed: a grade from 1 (strong) to 6 (a guess)'),
]  # fmt: skip

VARIANTS = [
    put("C11-address", "option", "contract.job.prise: £3",
        ": contract.job.prise: no such address / allowed: an address of this scenario / did "
        "you mean contract.job.price?"),
    put("C11-no-address", "option", "flavour: mint",
        ": flavour: no such address / ... / try: sibsim show SCENARIO --levers"),
    put("C06-address-of-block", "option", "contract.job: £5",
        ": contract.job: a block, not a value / allowed: the address of a value"),
    put("C05-address", "option", "contract.job.price:",
        ": contract.job.price: needs a value" + MONEY),
    put("D17-address", "option", "contract.job.price: -£3",
        ': contract.job.price: "-£3", which is below £0' + MONEY),
    put("D05-address", "option", "outcomes.work.chance: 65",
        ': outcomes.work.chance: "65", which would be 6,500%...'),
    put("times-in-words", "option", "contract.job.price: {times: lots}",
        ': contract.job.price.times: "lots" / allowed: a factor from 0 to 1,000, such as 80% or '
        "1.2"),
    put("times-twice", "option", "contract.*.price: {times: .nan}",
        ': contract.*.price.times: ".nan", which is not a usable number / ...'),
    put("other-currency", "option", "programme.currency: USD",
        ": programme.currency: another currency / allowed: the deal's own: nothing is exchanged"),
    put("F01-address", "option", "outcomes.stay.follows: stay",
        ": outcomes.stay.follows: a circle: stay -> stay / ..."),
]  # fmt: skip
"""Each option is read as the deal that it makes, so that its mistakes are found at once."""

NUMBERS = [
    *(at(f"D01{value}", "price", value, f'"{value}", which is not a usable number' + MONEY)
      for value in (".nan", "nan", "NaN")),
    *(at(f"D02{value}", "price", value, f'"{value}", which is not a usable number' + MONEY)
      for value in (".inf", "-.inf", "inf", "Infinity")),
    *(at(f"D02-{value}", "price", value, f'"{value}", which is too large' + MONEY)
      for value in ("1e400", "1e999999999", "1e99999999999999999999")),
    put("D03", "programme", "discount: 3.5",
        'discount: "3.5", which would be 350% / allowed: a share from 0% to 50%, such as 35% or '
        "0.35, or green_book / did you mean 3.5%?"),
    put("D03-word", "programme", "discount: greenbook",
        'discount: "greenbook" / allowed: ... / try: green_book'),
    put("hurdle-bare", "programme", "hurdle: 8",
        'hurdle: "8", which would be 800% / allowed: a share from 0% to 100%, ... / did you mean '
        "8%?"),
    put("hurdle-high", "programme", "hurdle: 150%", 'hurdle: "150%", which is above 100% / ...'),
    put("hurdle-spread", "programme", "hurdle: {uniform: [5%, 9%]}",
        "hurdle: a distribution / allowed: one plain value, a share from 0% to 100%, ..."),
    put("safe-rate-high", "programme", "safe_rate: 60%",
        'safe_rate: "60%", which is above 50% / allowed: a share from 0% to 50%, ...'),
    put("safe-rate-word", "programme", "safe_rate: gilts",
        'safe_rate: "gilts" / allowed: a share from 0% to 50%, such as 35% or 0.35'),
    put("reserve-minus", "programme", "provider_reserve: -£5",
        'provider_reserve: "-£5", which is below £0 / allowed: an amount of money ...'),
    put("reserve-time", "programme", "provider_reserve: 3 months",
        'provider_reserve: "3 months" / allowed: an amount of money of £0 or more...'),
    put("reserve-spread", "programme", "provider_reserve: {uniform: [£5, £9]}",
        "provider_reserve: a distribution / allowed: one plain value, an amount of money..."),
    put("hurdl", "programme", "hurdl: 8%",
        "hurdl: unknown setting `hurdl` / did you mean 'hurdle'?"),
    put("D04", "programme", "discount: 0.35%", "discount: 0.35% a year is unusually low", code=0),
    put("D04-bare", "programme", "discount: 0.00035",
        "discount: 0.035% a year is unusually low", code=0),
    at("D05", "chance", "65", '"65", which would be 6,500%' + SHARE
       + " / did you mean 65%?"),
    at("D06-above", "chance", "1.02", '"1.02", which would be 102%' + SHARE
       + " / did you mean 1.02%?"),
    at("D06-percent", "chance", "102%", '"102%", which is above 100%' + SHARE),
    at("D06-below", "chance", "-0.1", '"-0.1", which is below 0%' + SHARE),
    at("D07-below", "chance", "{discrete: {40%: 0.5, 60%: 0.49}}",
       "discrete: the chances add up to 0.99, not 1"),
    at("D07-above", "chance", "{discrete: [[40%, 0.5], [60%, 0.51]]}",
       "discrete: the chances add up to 1.01, not 1"),
    ok("D08", "price", "1,000"),
    at("D08-count", "referrals", "1,000", '"1,000", with a comma' + COUNT + " / try: 1000"),
    at("D08-share", "chance", "1,000", '"1,000", which would be 100,000%' + SHARE),
    at("D09", "price", "1.000,50", '"1.000,50", with a decimal comma' + MONEY + " / try: 1000.50"),
    at("D09-share", "chance", "0,6", '"0,6", with a decimal comma' + SHARE + " / try: 0.6"),
    ok("D10", "price", "1e6"),
    ok("D10-count", "referrals", "1e3"),
    at("D10-not-whole", "referrals", "1e-3", '"1e-3", which is not whole' + COUNT),
    at("D11", "price", "1_000", '"1_000", with an underscore' + MONEY + " / try: 1000"),
    at("D12", "price", "010", '"010", with a leading zero' + MONEY + " / try: 10"),
    at("D13", "price", "12:30", '"12:30", which reads as a time of day' + MONEY),
    *(ok(f"D14-{value}", "price", value)
      for value in ("£1.25m", "1250k", "GBP 5", "£2,500.50", '"£2,500"', "£ 5")),
    at("D15", "price", "$5", f'"$5", which is not in GBP / allowed: {ONCE}'),
    at("D15-mixed", "price", "£5 / $5", f'"£5 / $5", which is not in GBP / allowed: {ONCE}'),
    at("D15-code", "price", "5 USD", f'"5 USD", which is not in GBP / allowed: {ONCE}'),
    at("D15-rate", "fixed", "€5 a month", f'"€5 a month", which is not in GBP / allowed: {ONCE}'),
    put("D15-unknown", "programme", "currency: gbp",
        'currency: "gbp" / allowed: GBP, USD, EUR, ... or KRW / try: GBP'),
    at("D16", "price", "12 apples", '"12 apples"' + MONEY),
    at("D16-total", "price", "£5 per person",
       '"£5 per person", where one sum is needed' + MONEY + " / try: £5"),
    at("D16-words", "price", "two thousand", '"two thousand"' + MONEY),
    at("D16-million", "price", "£1.5 million", '"£1.5 million"' + MONEY + " / try: £1.5m"),
    at("D16-space", "price", "£2 000", '"£2 000", with a space' + MONEY + " / try: £2000"),
    at("D17", "price", "-£5", '"-£5", which is below £0' + MONEY),
    case("D17-rebate", "pay: per_outcome\n    for: work", "pay: deduction\n    for: work", code=0),
    at("D17-inside", "price", "£-5", '"£-5", which is below £0' + MONEY),
    at("D17-cost", "fixed", "-£5 a month", '"-£5 a month", which is below £0' + RATE),
    ok("D18", "price", "£0", "a price of nothing pays nothing"),
    ok("D19", "price", "£10.005", '"£10.005" is finer than the smallest coin: each payment is '
       "rounded to the nearest, halves upwards"),
    *(at(f"D20-{value}", "price", value, f'"{value}", which is too large to reckon with safely'
         " / allowed: at most £1,000,000,000,000") for value in ("£1001bn", "1e13")),
    ok("D20-largest", "price", "£1000bn"),
    at("D21", "referrals", "3.7", '"3.7", which is not whole' + COUNT + " / try: 4"),
    at("D21-below", "referrals", "-5", '"-5", which is below 1' + COUNT),
    at("D21-none", "referrals", "0", '"0", which is below 1' + COUNT),
    at("D21-true", "referrals", "true", '"true"' + COUNT),
    at("D21-words", "referrals", "20 people",
       '"20 people", with words beside the number' + COUNT + " / try: 20"),
    put("D21-claims", "term", "claims_per_person: infinite",
        'claims_per_person: "infinite" / allowed: a whole number from 1 to 10,000, or unlimited'),
    put("D21-units", "backtest", "job: {units: -3}",
        'job.units: "-3", which is below 0 / allowed: a whole number from 0 to 1,000,000'),
    *(put(f"D22-{value}", "top", f"illustrative: {value}",
          f'illustrative: "{value}" / allowed: true or false / try: {meant}')
      for value, meant in (("yes", "true"), ("On", "true"), ("no", "false"), ("off", "false"))),
    at("D23", "price", '"5"', '"5" in quotes' + MONEY + " / try: remove the quotes: 5"),
    at("D23-share", "chance", '"0.6"', '"0.6" in quotes' + SHARE + " / try: ..."),
    *(ok(f"D23-with-unit-{value}", place, f'"{value}"')
      for place, value in (("chance", "60%"), ("price", "2,500"), ("after", "2 months"))),
    at("D23-count", "referrals", "'20'", '"20" in quotes' + COUNT + " / try: ..."),
    at("D24", "referrals", "9" * 5_000,
       f'"{"9" * 57}...", which is too long for a number' + COUNT),
    at("D24-thirty", "price", "9" * 30, f'"{"9" * 30}", which is too large' + MONEY),
    at("D25", "chance", "{uniform: [80%, 20%]}",
       "uniform: low 80% is above high 20%; write them in the order low, high"),
    at("D25-percentiles", "chance", "{p5: 60%, p50: 40%}",
       "p5 60% is above p50 40%; write them in the order p5, p50"),
    at("D25-money", "price", "{p10: £900, p90: £800}", "p10 £900 is above p90 £800; ..."),
    at("D25-rate", "fixed", "{p10: £900 a month, p90: £800 a month}",
       "p10 £900 a month is above p90 £800 a month; ..."),
    at("D25-days", "after", "{p50: 3 months, p90: 2 months}",
       "p50 3 months is above p90 2 months; ..."),
    at("D25-sd", "chance", "{beta: {mean: 60%, sd: 0%}}",
       "beta: sd 0% must be above 0%; for a number that is certain, write the plain number"),
    at("D25-sd-too-large", "chance", "{beta: {mean: 60%, sd: 60%}}",
       "beta: sd 60% is too large for mean 60%: between 0% and 100% it must be below 48.99%"),
    at("D25-beta", "chance", "{beta: {a: 0, b: 2}}", "beta: a 0 must be above 0"),
    at("D25-far-apart", "price", "{p10: 1e-300, p90: £1bn}",
       "no lognormal that can be computed has p10 1e-300, p90 £1bn: too far apart or too close"),
    at("D26", "chance", "{triangular: [20%, 90%, 80%]}",
       "triangular: mode 90% is above high 80%; write them in the order low, mode, high"),
    ok("D26-constant", "chance", "{pert: [60%, 60%, 60%]}",
       "this distribution has a single value, so it is certain"),
    at("D28", "over", "6", '"6", without days, weeks, months or years / ... / try: 6 months'),
    put("D28-month", "programme", "discount: 3% a month",
        'discount: "3% a month", where a share without a period is needed / ...'),
    put("D28-rate", "people", "leave: 2%",
        'leave: "2%", without its period / allowed: a share from 0% to 100% a week, a month or a '
        "year, such as 2% a month / try: 2% a month"),
    put("D28-whole", "people", "leave: 20 a month",
        'leave: "20 a month", which would be 2,000% / ... / did you mean 20% a month?'),
    at("D28-cost", "fixed", "£1,000", '"£1,000", without its period' + RATE
       + " / try: £1,000 a month"),
    at("D28-each", "fixed", "£1,000 each", '"£1,000 each", whose period does not fit here' + RATE),
    at("D28-monthly", "fixed", "£1,000 monthly",
       '"£1,000 monthly"' + RATE + " / try: £1,000 a month"),
    at("D28-two", "fixed", "{uniform: [£900 a month, £9000 a year]}",
       "several periods: month, year / allowed: one period for all of them"),
    put("D29", "programme", "prices: both", 'prices: "both" / allowed: nominal or real'),
    *(ok(f"D30-{value}", "title", value) for value in ("123e4567", "1E10", "0123", "no", "12:30")),
    at("percent-in-words", "chance", "60 percent", '"60 percent"' + SHARE + " / try: 60%"),
    at("ratio", "chance", "3 in 5", '"3 in 5"' + SHARE + " / try: 60%"),
    at("no-such-family", "chance", "{betta: {a: 1, b: 2}}",
       "unknown distribution `betta` / allowed: fixed, uniform, ..., or two percentiles such as "
       "p10 and p90 / did you mean 'beta'?"),
    at("no-such-parameter", "chance", "{beta: {a: 1, c: 2}}",
       "beta has no `c` / allowed: {mean, sd} or {a, b} or two percentiles such as {p10, p90}"),
    at("no-parameters", "chance", "{beta: {}}", "beta without its parameters / ..."),
    at("range", "chance", "{from: 30%, to: 40%}",
       "`from`, which names no distribution / allowed: ... / try: uniform: {low: ..., high: ...}"),
    at("parameter-alone", "chance", "{mean: 40%}",
       "`mean` alone / allowed: ... / try: normal: {mean: ..., sd: ...}"),
    at("one-percentile", "chance", "{p10: 20%}",
       "one percentile / allowed: two, such as p10 and p90"),
    at("two-families", "chance", "{uniform: [1%, 2%], beta: {a: 1, b: 2}}",
       "`beta` beside `uniform` / allowed: one distribution, and source, note, confidence, times"),
    at("list-in-list", "chance", "{uniform: [[20%], 30%]}", "a list where one value is ..."),
    at("source-alone", "chance", "{source: a study}",
       "no value beside `source`" + SHARE + " / try: value: ..."),
    case("value-misspelt", "chance: 60%", "chance: {value: 60%, sauce: a study}",
         "12  outcomes.work.chance.sauce: unknown setting `sauce` / allowed: value, source, note, "
         "confidence, times / did you mean 'source'?"),
    at("no-distribution-here", "months", "{uniform: [12, 24]}",
       "a distribution / allowed: one plain value, whole months from 1 to 600, ..."),
    at("mean-out-of-range", "referrals", "{normal: {mean: 2000000, sd: 5}}",
       '"2000000", which is above 1,000,000 / allowed: a number from 1 to 1,000,000'),
    at("beyond-the-range", "referrals", "{beta: {a: 1, b: 2}}",
       "a distribution whose mean is outside the range" + COUNT),
    ok("percentiles-of-a-count", "referrals", "{p10: 10, p90: 40}"),
    ok("times-too-much", "chance", "{value: 60%, times: 300%}",
       "`times` leads beyond the range: the nearest end of it is taken"),
    ok("money-times-too-much", "price", "{value: £999bn, times: 900}",
       "`times` leads beyond the range: the nearest end of it is taken"),
    at("money-spread-too-far", "price", "{gamma: {p10: 1e-17, p90: £999bn}}",
       "a distribution whose mean is outside the range" + MONEY),
    at("line-break-suggested", "fixed", r'"£\n5"', '"£ 5", without its period' + RATE
       + " / try: £ 5 a month"),
    at("line-breaks", "price", r'"x\ndeal.yaml: valid."', '"x deal.yaml: valid."' + MONEY),
]  # fmt: skip

TIME = [
    at("E01", "start", "01/04/2026", '"01/04/2026"' + MONTH + " / try: 2026-04"),
    *(at(f"E01-{value}", "start", value, f'"{value}"' + MONTH + " / try: 2026-04")
      for value in ("04/2026", "2026/04", "April 2026", "1.4.2026", "1 Apr 2026", "2026 april")),
    at("E01-nonsense", "start", "soon", '"soon"' + MONTH),
    at("E02", "start", "2026-02-30", '"2026-02-30", where there is no such day' + MONTH
       + " / try: 2026-02"),
    at("E02-month", "start", "2026-13", '"2026-13", where there is no such month' + MONTH),
    at("E03", "start", "2026-04-15", '"2026-04-15", which is not the first day of its month'
       + MONTH + " / try: 2026-04"),
    at("E03-year", "start", "2026", '"2026", without its month' + MONTH),
    at("E04", "start", "2026-04-01T00:00:00Z", '"2026-04-01T00:00:00Z", with a time of day' + MONTH
       + " / try: 2026-04"),
    case("E05", "savings:", "waterfall: {distribute_from: 13 months}\nsavings:",
         "35  waterfall.distribute_from: a month after the contract's end / allowed: at most 12 "
         "months"),
    put("E05-ramp", "people", "ramp_up: 7 months", "ramp_up: a ramp-up longer than the time of "
        "referrals / allowed: at most what `over` says"),
    *(at(f"E06-{value}", "start", value, f'"{value}"' + MONTH) for value in ("1926-04", "2126-04")),
    at("E07", "start", "2028-02-29", '"2028-02-29", which is not the first day of its month' + MONTH
       + " / try: 2028-02"),
    ok("E07-leap-month", "start", "2028-02"),
    at("E08-below", "lag", "-1", '"-1", which is below 0' + LAG),
    at("E08-above", "lag", "600 months", '"600 months", which is above 120' + LAG),
    at("E08-weeks", "lag", "6 weeks", '"6 weeks", which is not in months or years' + LAG),
    at("E08-wait", "after", "-2 months", '"-2 months", which is below 0 days' + WAIT),
    at("E10-none", "months", "0", '"0", which is below 1' + MONTHS),
    at("E10-four-centuries", "months", "400 years", '"400 years", which is above 600' + MONTHS),
    at("E10-wait", "after", "60 years", '"60 years", which is above 50 years' + WAIT),
    at("E10-half", "months", "12.5", '"12.5", which is not whole' + MONTHS + " / try: 13 months"),
    *(put(f"E11-{value}", "saving", f"price_year: {value}",
          f'price_year: "{value}", whose two years do not follow each other / allowed: a year from '
          "1900 to 2100, as 2012/13 or 2012 / try: 2026/27") for value in ("2026/28", "FY2026/28")),
    *(at(f"short-{value}", "after", value, f'"{value}"' + WAIT + " / try: 6 months")
      for value in ("6 Months", "6 mths", "6m", "2 quarters")),
    at("wait-in-words", "after", "two months", '"two months"' + WAIT),
    case("F01", "after: 2 months", "after: 2 months\n    follows: stay",
         "15  outcomes.work.follows: a circle: work -> stay -> work / allowed: outcomes that lead "
         "back to the start of the service"),
    case("F02", "after: 2 months", "after: 2 months\n    follows: work",
         "15  outcomes.work.follows: a circle: work -> work / ..."),
    case("no-wait", "    sustained: 13 weeks\n", "",
         "16  outcomes.stay: no waiting time / allowed: one of `after` and `sustained` / ..."),
]  # fmt: skip

JOINT = """
correlations:
  one: {between: outcomes.work.chance, and: outcomes.stay.chance, rank: 0.9}
  two: {between: outcomes.stay.chance, and: savings.benefits.amount, rank: 90%}
  three: {between: savings.benefits.amount, and: outcomes.work.chance, rank: 0.8}
"""
"""Three uncertain numbers that could be correlated like this; lines 42 to 44 of the deal."""

SURE = {
    "chance: 60%": "chance: {beta: {mean: 60%, sd: 5%}}",
    "chance: 50%": "chance: {beta: {mean: 50%, sd: 5%}}",
    "amount: £6,000 a year": "amount: {pert: [£5,000 a year, £6,000 a year, £9,000 a year]}",
}


def joint(row: str, old: str, new: str, *said: str, code: int = INVALID) -> Any:
    """A row that changes the correlations of three uncertain numbers."""
    text = DEAL.rstrip("\n") + JOINT
    for sure, uncertain in SURE.items():
        text = text.replace(sure, uncertain)
    assert text.count(old) >= 1
    return pytest.param(text.replace(old, new), code, said, id=row)


UNCERTAIN = " / allowed: the address of an uncertain number"

CORRELATED = [
    joint("D27-fine", "rank: 0.8", "rank: 0.64", code=0),
    joint("D27-source", "rank: 0.8", "rank: {value: 70%, source: pilot}", code=0),
    joint("D27", "rank: 0.8", "rank: -0.4",
          "44  correlations.three.rank: one (0.9), two (0.9), three (-0.4) cannot all hold "
          "together (pairs that are not named count as 0) / allowed: correlations that numbers "
          "can have at once / try: every rank times 0.65, or less"),
    joint("D27-not-named", "  three: {between: savings.benefits.amount, and: outcomes.work.chance, "
          "rank: 0.8}\n", "",
          "43  correlations.two.rank: one (0.9), two (0.9) cannot all hold together ..."),
    joint("D27-range", "rank: 0.9", "rank: 1.1",
          '42  correlations.one.rank: "1.1", which is above 1 / allowed: a correlation from -1 to '
          "1, such as 0.6 or 60%"),
    joint("D27-range-below", "rank: 0.9", "rank: -110%",
          '42  correlations.one.rank: "-110%", which is below -1 / ...'),
    joint("D27-uncertain", "rank: 0.9", "rank: {uniform: [0.1, 0.9]}",
          "42  correlations.one.rank: a distribution / allowed: one plain value, a ..."),
    joint("D27-missing", ", rank: 0.9", "", "42  correlations.one: `rank` is missing ..."),
    joint("D27-no-address", "and: savings", "and: saving",
          '43  correlations.two.and: "saving.benefits.amount", which is no address of this scenario'
          + UNCERTAIN + " / did you mean 'savings.benefits.amount'?"),
    joint("D27-nothing-near", "and: savings.benefits.amount", "and: x",
          '43  correlations.two.and: "x", which is no address of this scenario' + UNCERTAIN
          + " / try: sibsim show SCENARIO --levers"),
    joint("D27-star", "and: savings.benefits", "and: savings.*",
          '43  correlations.two.and: "savings.*.amount", which is no address ...'),
    joint("D27-block", "and: savings.benefits.amount", "and: savings.benefits",
          '43  correlations.two.and: "savings.benefits", which is a block of settings' + UNCERTAIN),
    joint("D27-words", "and: savings.benefits.amount", "and: savings.benefits.to",
          '43  correlations.two.and: "savings.benefits.to", which is not a number' + UNCERTAIN),
    joint("D27-certain", "and: savings.benefits.amount", "and: contract.job.price",
          '43  correlations.two.and: "contract.job.price", which has the same value in every trial'
          + UNCERTAIN + " / try: a distribution there, or no correlation"),
    joint("D27-itself", "and: savings.benefits.amount", "and: outcomes.stay.chance",
          "43  correlations.two.and: the same number as in `between` / ..."),
    joint("D27-twice", "and: savings.benefits.amount", "and: outcomes.work.chance",
          "43  correlations.two: the same two numbers as in `one` / allowed: each pair once"),
    joint("D27-rank-of-a-rank", "and: savings.benefits.amount", "and: correlations.one.rank",
          '43  correlations.two.and: "correlations.one.rank", which has the same value in ...'),
    pytest.param(
        DEAL.replace("after: 2 months", "after: {p50: 1 month, p90: 2 months}").replace(
            "chance: 60%", SURE["chance: 60%"]).rstrip("\n") + "\ncorrelations:\n"
        "  one: {between: outcomes.work.chance, and: outcomes.work.after, rank: 0.9}\n",
        INVALID, ('42  correlations.one.and: "outcomes.work.after", a waiting time, which is '
                  "spread over people and not over trials" + UNCERTAIN,), id="D27-wait"),
    joint("D27-option-makes-it-certain", "correlations:", "options:\n  sure: "
          "{savings.benefits.amount: £6,000 a year}\ncorrelations:",
          '42  options.sure: correlations.three.between: "savings.benefits.amount", which has ...',
          '42  options.sure: correlations.two.and: "savings.benefits.amount", which has the ...'),
]  # fmt: skip

COSTS = [
    put("cost-nobody", "cost", "audit: {cost: once, amount: £5, paid_to: nobody}",
        "audit.paid_to: `nobody`: a line that pays nobody / allowed: whoever is paid, by any name"
        " / try: paid_to: suppliers"),
    put("cost-blank", "cost", "audit: {cost: once, amount: £5, paid_to: ' '}",
        "audit.paid_to: blank text / allowed: words"),
    put("cost-itself", "cost", "audit: {cost: once, amount: £5, paid_to: provider}",
        "audit.paid_to: `provider`, who would pay itself / allowed: somebody else"),
    put("cost-vehicle", "cost", "audit: {cost: once, amount: £5, paid_to: vehicle}",
        "audit.paid_to: `vehicle`, which nobody pays for its costs / allowed: any name but "
        "vehicle, commissioner"),
    put("cost-tranche", "cost", "audit: {cost: once, amount: £5, paid_to: fund}",
        "audit.paid_to: `fund`, which is a tranche of capital / allowed: `investor`, or a name "
        "that no tranche has / try: paid_to: investor"),
    put("cost-long-name", "cost", f"audit: {{cost: once, amount: £5, paid_to: {'y' * 81}}}",
        "audit.paid_to: a name of 81 characters / allowed: at most 80 / ..."),
    put("cost-no-party", "cost", "audit: {cost: once, amount: £5, paid_by: Commisioner}",
        "audit.paid_by: `Commisioner`, which is no party of this deal / allowed: provider, "
        "vehicle, commissioner, investor, guarantor / try: commissioner"),
    put("cost-phase", "cost", "audit: {cost: once, amount: £5, phase: start}",
        'audit.phase: "start" / allowed: development, set_up, delivery or closing'),
    put("cost-category", "cost", "audit: {cost: once, amount: £5, category: evalution}",
        'audit.category: "evalution" / allowed: service_delivery, ... / try: evaluation'),
    put("cost-kind", "cost", "audit: {cost: monthly, amount: £5}",
        'audit.cost: "monthly" / allowed: once, regular, each, in_service or staff'),
    put("cost-no-kind", "cost", "audit: {amount: £5}",
        "audit: `cost` is missing / allowed: once, regular, each, in_service or staff / try: cost: "
        "once"),
    put("cost-other-kind", "cost", "audit: {cost: once, amount: £5, wage: £6 a month}",
        "audit.wage: `wage` belongs to `cost: staff` / allowed: amount, at, after, paid_by, ..."),
    put("cost-no-block", "cost", "audit: £5", 'audit: "£5" where a block is needed / allowed: a '
        "block with `cost: once, regular, each, in_service or staff`"),
    put("cost-misspelt", "cost", "per_mont: £5",
        "per_mont: unknown setting `per_mont` / did you mean 'per_month'?"),
    put("cost-total", "cost", "total: {cost: once, amount: £5}",
        "total: a line called `total` / allowed: any name but total / try: total_cost"),
    put("cost-staff", "cost", "workers: {cost: staff, wage: £5 a month, people_each: 0}",
        'workers.people_each: "0", which is below 1 / allowed: a whole number from 1 to 100,000'),
    put("cost-until", "cost",
        "rent: {cost: regular, amount: £5 a month, from: 6 months, until: 6 months}",
        "rent.until: month 6, with a beginning in month 6 / allowed: later than `from`"),
    put("cost-from", "cost", "rent: {cost: regular, amount: £5 a month, from: 12 months}",
        "rent.from: month 12, after the contract's 12 months / allowed: an `until` later than "
        "`from`, or an earlier beginning"),
    put("cost-after", "cost", "audit: {cost: once, amount: £5, at: end, after: 121 months}",
        'audit.after: "121 months", which is above 120' + LAG),
    put("cost-hours", "cost", "carers: {cost: each, of: hour, for: work, amount: £5}",
        "carers.for: `work`, which counts people, of a cost for each hour / allowed: an outcome "
        "that counts minutes (`read: visited`), of which this deal has none"),
    put("cost-visits", "cost", "carers: {cost: each, of: visit, amount: £5}",
        "carers.for: no outcome, of a cost for each visit / allowed: an outcome that counts visits "
        "(`read: visited`), of which this deal has none"),
    put("cost-outcome", "cost", "audit: {cost: each, of: claim, amount: £5}",
        "audit.for: no outcome, of a cost for each claim / allowed: work, stay / try: for: work"),
    put("cost-start", "cost", "audit: {cost: each, of: start, for: work, amount: £5}",
        "audit.for: an outcome, of a cost for each start / allowed: `for` goes with outcome, "
        "claim, hour, visit / try: of: outcome"),
    put("cost-cohort", "cost", "audit: {cost: each, of: start, amount: £5, cohort: old}",
        'audit.cohort: "old", which is not defined under `people` / allowed: young'),
    put("cost-contingency", "cost", "audit: {cost: once, amount: £5, contingency: 120%}",
        'audit.contingency: "120%", which is above 100%' + SHARE),
    put("cost-recovered", "cost", "audit: {cost: once, amount: £5, recovered: 50%}",
        "audit.recovered: tax recovered, of a line without any / allowed: `recovered` goes with "
        "`vat` / try: vat: 20%"),
    put("cost-recharged", "cost",
        "audit: {cost: once, amount: £5, paid_by: vehicle, recharged: 50%}",
        "audit.recharged: a part that is recharged, of what the vehicle bears / allowed: "
        "`recharged` goes with `paid_by: provider`"),
    put("cost-recharged-fee", "cost", "audit: {cost: once, amount: £5, recharged: 50%}\n"
        "  agreement: {paid: fee, fee: £5 a month}",
        "audit.recharged: a part that is recharged, where the provider has a fee / allowed: "
        "`recharged` goes with `paid: at_cost`"),
    put("cost-no-fee", "cost", "agreement: {paid: fee}", "agreement.fee: no fee / allowed: with "
        "`paid: fee`, what is paid each month / try: fee: £14,000 a month"),
    put("cost-fee", "cost", "agreement: {fee: £5 a month}", "agreement.fee: a fee, where the "
        "provider is paid at cost / allowed: `fee` goes with `paid: fee` / try: paid: fee"),
    put("cost-margin", "cost", "agreement: {paid: fee, fee: £5 a month, margin: 5%}",
        "agreement.margin: a margin on top of a fee / allowed: `margin` goes with `paid: "
        "at_cost`"),
    case("cost-fee-for-nothing", "  fixed: £1,000 a month",
         "  agreement: {paid: fee, fee: £5 a month}",
         "31  costs.agreement: a fee for a provider that has no costs", code=0),
]  # fmt: skip

TEXTS = [
    at("H13", "title", '" "', "blank text / allowed: words"),
    at("H06", "title", "a\x1b[31mred", "U+001B ESCAPE at column 9 is not allowed / try: remove it"),
    at("H06-bidi", "title", "a\u202eb", "U+202E RIGHT-TO-LEFT OVERRIDE at column 9 ..."),
    at("H14", "title", '"\\uFFFE"', "U+FFFE NOT A CHARACTER as character 1 is not allowed / ..."),
    *(ok(row, "title", value) for row, value in {
        "H01": "</script><script>alert(1)</script>",
        "H02": "<img src=x onerror=alert(1)>",
        "H03": '"=HYPERLINK(1)"',
        "H04": "https://example.org",
        "H05": '"[bold]x[/bold]"',
        "H07": "😀 مرحبا 漢字 é",
        "H08": "'a/b \\ : * ? [x]'",
        "H09": "../../CON",
        "H10": '"{{7*7}} %(x)s ${HOME} $(id)"',
        "H11": '"# <b>bold</b> **b**"',
        "H12": "'a \"b\", c'",
    }.items()),
]  # fmt: skip


# --- whole files ----------------------------------------------------------------------------------

BOMB = "a: &a [lol, lol]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + last] * 9)}]\n"
    for last, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def whole(row: str, content: bytes | str, *said: str, code: int = INVALID) -> Any:
    """A row that is a file of its own."""
    data = content.encode() if isinstance(content, str) else content
    return pytest.param(data, code, said, id=row)


CONTENTS = [
    whole("A03", b"", "  the file is empty / ..."),
    whole("A04", "# nothing yet\n", "  the file is empty / ..."),
    whole("A05", b"\xef\xbb\xbf" + DEAL.encode(), code=0),
    whole("A06", DEAL.encode("utf-16"),
          "  the file is in UTF-16 or UTF-32 / try: save it as UTF-8"),
    whole("A07", DEAL.encode("cp1252"), ":24  byte A3 at offset 334 is not UTF-8, often a £ typed "
          "in a Windows editor / try: save it as UTF-8"),
    *(whole(f"A08-{name}", DEAL.replace("\n", end), code=0)
      for name, end in (("LF", "\n"), ("CRLF", "\r\n"), ("CR", "\r"))),
    *(whole(f"A08-{name}-fault", swapped("lag: 1 month", "lag: -1").replace("\n", end),
            ':25  contract.job.lag: "-1", which is below 0 / ...')
      for name, end in (("LF", "\n"), ("CRLF", "\r\n"), ("CR", "\r"))),
    whole("A09", "title: x\x00y\n", ":1  title: U+0000 NULL at column 9 is not allowed / ..."),
    whole("A10", "title: x\u2028y\n", ":1  title: U+2028 LINE SEPARATOR at column 9 is not ..."),
    whole("A15", b"PK\x03\x04\x14\x00xl/workbook.xml\xff", "  this is an Excel file; ..."),
    whole("A15-pdf", b"%PDF-1.7\n", "  this is a PDF; give the scenario as plain text"),
    whole("A15-binary", bytes(range(256)) * 9,
          "  this is not a text file / allowed: YAML or JSON as plain text"),
    whole("A17", '{"title": "x",}', ":1  a comma before a closing bracket at column 14 is not ..."),
    whole("B01", "people:\n\tyoung: 1\n", ":2  people: a tab stands here / try: indent with ..."),
    whole("B02", "a: 1\nb: [1, 2\n", ":2  b: the bracket [ opened here is not closed / ..."),
    whole("B03", "title: a: b\n", ":1  a second colon on this line / try: quote the text"),
    whole("B04", "a: 1\n---\nb: 2\n", ":2  more than one document / ..."),
    whole("B05", "a: 1\na: 2\n", ":2  a is used twice: on line 1 and on line 2 / ..."),
    whole("B06", "a: &x 1\n", ":1  a: anchors and aliases (& and *) are not allowed / ..."),
    whole("B07", BOMB, ":1  a: anchors and aliases (& and *) are not allowed / ..."),
    whole("B08", "a: &a [*a]\n", ":1  a: anchors and aliases (& and *) are not allowed / ..."),
    whole("B09", "a:\n  <<: {b: 1}\n", ":2  a: the merge key << is not allowed / ..."),
    whole("B10", "a: !!python/object/apply:os.system [id]\n",
          ":1  a: tag not allowed: !!python/object/apply:os.system / ..."),
    whole("B11", "a: !foo 1\n", ":1  a: tag not allowed: !foo / ..."),
    whole("B12", "[" * 60_000, ":1  nested more than 32 deep"),
    whole("B13", "a:\n" + "- 1\n" * 200_000, ":49999  a...: too many values / ..."),
    whole("B14", "? [a]\n: 1\n", ":1  keys must be plain text / ..."),
    whole("B15", "NO: 1\n", ':1  the key NO reads as a number or as true or false / ... "NO"'),
    whole("B16", "- a\n", ":1  this is a list / allowed: it must be key: value lines"),
    whole("B16-text", "words\n", ":1  this is one text / allowed: it must be key: value lines"),
    whole("B17", f"%YAML 1.1\n---\n{DEAL}", ":1  the directive %YAML 1.1 is not needed / ..."),
    whole("B19", swapped("title: Tiny", 'title: "Tiny  "\ndescription: |\n  two  \n  lines  '),
          code=0),
    whole("G01", DEAL.encode() + b"#" * MOST_BYTES, "  the file is too large / allowed: at most 1 "
          "MB (1,000,000 bytes) / ..."),
    whole("G05", "people:\n" + "".join(f"  p{n}: 1\n" for n in range(MOST_NAMES + 1)),
          *["..."] * 5, f":2  people: {MOST_NAMES + 1} names / allowed: at most {MOST_NAMES}"),
    whole("G05-options", swapped("to: DWP", "to: DWP\noptions:\n" + "".join(
          f"  o{n}: {{contract.job.price: £5}}\n" for n in range(MOST_VARIANTS + 1))),
          f":42  options: {MOST_VARIANTS + 1} of them / allowed: at most {MOST_VARIANTS}"),
    whole("G05-addresses", swapped("to: DWP", "to: DWP\noptions:\n  low:\n" + "".join(
          f"    contract.t{n}.price: £5\n" for n in range(MOST_CHANGES + 1))),
          f":43  options.low: {MOST_CHANGES + 1} addresses / allowed: at most {MOST_CHANGES} ..."),
    whole("G06", swapped("title: Tiny", f"title: {'x' * 20_001}"),
          ":2  title: a text of 20,001 characters / allowed: at most 20,000"),
]  # fmt: skip


# --- rows for which the language has no words yet -------------------------------------------------

NOT_YET = {
    "A16 note": ("the ending of a file's name says nothing, so there is no note", ()),
    "C09 upgrade": ("one format so far", ("upgrade",)),
    "E06 override": ("no start outside 1990 to 2100", ("allow_dates", "any_date")),
    "E09": ("the calendar always reaches the last payment and saving", ("horizon", "end")),
    "E12": ("payments are made by month, not by fiscal year", ("fiscal_year", "year_start")),
    "E13": ("payments are made in a month, not on a day", ("pay_day", "holidays", "roll")),
    "H03, H04, H08, H12": ("no workbook and no CSV is written", ("excel", "xlsx", "csv")),
    "H02 links": ("a source is words and never a link", ("url", "link", "href")),
    "J03 resume": ("a run is not kept to be resumed", ("resume",)),
}  # fmt: skip
"""Row, or part of one, why it is not tested, and the words that would mean that it has to be."""
