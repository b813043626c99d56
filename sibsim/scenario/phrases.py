"""What may stand in a place, in words: for errors, for the docs, for editors.

In: a kind. Out: a phrase such as "an amount of money of £0 or more". Not here: reading.
"""

from __future__ import annotations

from sibsim.terms import Kind
from sibsim.writing import CURRENCIES, duration_text, money_text, plain_text, share_text

_BASE = {
    "money": "an amount of money such as {sign}1,500",
    "share": "a share from {low} to {high}, such as 35% or 0.35",
    "share_or_more": "a factor such as 80% or 1.2",
    "count": "a whole number from {low} to {high}",
    "number": "a number",
    "duration": "a duration such as 6 months or 26 weeks",
    "months": "whole months from {low} to {high}",
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
}


def allowed_words(kind: Kind, currency: str = "GBP") -> str:
    """What may stand in a place of this kind, in one phrase."""
    if kind.name == "choice":
        return " or ".join(kind.options)
    if kind.name == "named":
        return f"a name defined under `{kind.section}`"
    if kind.name in ("money_rate", "share_rate"):
        amount = "an amount" if kind.name == "money_rate" else "a share"
        periods = " or ".join("each" if p == "each" else f"a {p}" for p in kind.periods)
        return f"{amount} with its period, {periods}"
    phrase = _BASE[kind.name].format(
        sign=CURRENCIES[currency][0],
        low=_limit(kind, kind.low, currency),
        high=_limit(kind, kind.high, currency),
    )
    if kind.low is not None and "{low}" not in _BASE[kind.name] and kind.name in _UNITS:
        phrase += f", {_limit(kind, kind.low, currency)} or more"
    if kind.options:
        phrase += f", or {kind.options[0]}"
    return phrase


_UNITS = ("money", "number", "duration")


def _limit(kind: Kind, limit: float | None, currency: str) -> str:
    if limit is None:
        return ""
    if kind.name == "money":
        return money_text(limit, currency)
    if kind.name == "share":
        return share_text(limit)
    if kind.name == "duration":
        return duration_text(limit)
    return plain_text(limit)
