"""What may stand in a place, in words: for errors, for the docs, for editors.

In: a kind. Out: a phrase such as "an amount of money of £0 or more". Not here: reading.
"""

from __future__ import annotations

from sibsim.terms import Kind
from sibsim.writing import (
    CURRENCIES,
    PERIOD_DAYS,
    duration_text,
    either,
    money_text,
    plain_text,
    rate_words,
    share_text,
)

_BASE = {
    "money": "an amount of money{range}, such as {sign}1,500 or {sign}1.25m",
    "share": "a share{range}, such as 35% or 0.35",
    "share_or_more": "a factor{range}, such as 80% or 1.2",
    "count": "a whole number{range}",
    "number": "a number{range}",
    "result": "a result{range}, such as 20% or 5,592 people written 5592",
    "rank": "a correlation{range}, such as 0.6 or 60%",
    "address": "the address of an uncertain number",
    "duration": "a duration{range}, such as 6 months or 26 weeks",
    "months": "whole months{range}, such as 6 months or 2 years",
    "text": "text",
    "date": "a month as YYYY-MM",
    "year": "a year as 2012/13 or 2012",
    "flag": "true or false",
    "version": "1",
    "grade": "a grade from 1 (strong) to 6 (a guess)",
    "block": "a block of settings",
    "items": "blocks by name",
    "tagged": "blocks by name",
    "overrides": "addresses with new values",
    "by_name": "numbers by name",
}



def allowed_words(kind: Kind, currency: str = "GBP") -> str:
    """What may stand in a place of this kind, in one phrase."""
    if kind.name == "choice":
        return either(kind.options)
    if kind.name == "named":
        return f"a name defined under `{kind.section}`"
    if kind.name == "names":
        return f"a name defined under `{kind.section}`, or a list of them"
    if kind.name == "ordered":
        return f"a list of {', '.join(kind.options)}, each once"
    if kind.name == "by_name" and kind.section:
        known = "" if kind.section == "*" else f" of `{kind.section}`"
        return f"a name{known}, or shares by name"
    if kind.name == "listed":
        each = allowed_words(kind.of, currency)
        many = f"{kind.low:g} to {kind.high:g}" if kind.low != kind.high else f"{kind.low:g}"
        return f"a list of {many}, each {each}"
    if kind.name in ("money_rate", "share_rate", "number_rate"):
        return rate_words(kind.name.removesuffix("_rate"), currency, kind.periods)
    phrase = _BASE[kind.name].format(
        sign=CURRENCIES[currency][0], range=_range(kind, currency)
    )
    if kind.options:
        phrase += f", or {kind.options[0]}"
    return phrase


def _range(kind: Kind, currency: str) -> str:
    if kind.low is None:
        return ""
    low = limit_words(kind, kind.low, currency)
    if kind.high is None:
        return f" of {low} or more"
    return f" from {low} to {limit_words(kind, kind.high, currency)}"


def limit_words(kind: Kind, limit: float, currency: str) -> str:
    """One end of a range, in the unit of its kind: ``£0``, ``100%``, ``50 years``."""
    if kind.name in ("money", "money_rate"):
        return money_text(limit, currency)
    if kind.name in ("share", "share_rate"):
        return share_text(limit)
    if kind.name == "duration":
        years = limit / PERIOD_DAYS["year"]
        return f"{plain_text(years)} years" if years >= 2 else duration_text(limit)
    return f"{int(limit):,}" if limit == int(limit) else plain_text(limit)
