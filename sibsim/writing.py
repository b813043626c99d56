"""Numbers, money, durations and dates as people write them.

In: a piece of text such as ``£1.25m``, ``3.5%``, ``6 months``, ``2018-10``. Out: a number in the
unit that sibsim reckons in (minor units of money, shares of 1, days), or `Misread` with what is
allowed and what to try; and back to text. Not here: files, addresses, what a number is for.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

DAYS_PER_MONTH = 30.4375
"""365.25 / 12: the length of a month wherever a duration is needed in days."""

PERIOD_DAYS = {"day": 1.0, "week": 7.0, "month": DAYS_PER_MONTH, "year": 12 * DAYS_PER_MONTH}
"""Days in each period that a rate may be stated for."""

LARGEST_AMOUNT = 1e14
"""A million millions of pounds, in pence: the largest amount; sums are checked in `rounding`."""

CURRENCIES = {
    "GBP": ("£", 2), "USD": ("$", 2), "EUR": ("€", 2), "AUD": ("A$", 2), "CAD": ("C$", 2),
    "NZD": ("NZ$", 2), "INR": ("₹", 2), "ZAR": ("R", 2), "CHF": ("CHF ", 2), "JPY": ("¥", 0),
    "KRW": ("₩", 0),
}  # fmt: skip
"""Currency code: its sign, and the digits of its minor unit (ISO 4217)."""


class Misread(ValueError):
    """The text is not what this place needs.

    Attributes
    ----------
    allowed, hint, why : str
        What may stand here, what to try, and what is wrong as a clause: "which is too large".
    """

    def __init__(self, allowed: str, hint: str = "", why: str = "") -> None:
        super().__init__(allowed)
        self.allowed, self.hint, self.why = allowed, hint, why


@dataclass(frozen=True, slots=True)
class Written:
    """A number as read: its value in sibsim's unit and, for a rate, the period it is stated for."""

    value: float
    period: str = ""


# --- plain numbers ------------------------------------------------------------------------------

_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_DIGITS = 18
"""Digits before the point that a number may have: more is a slip, and no longer exact."""


def plain_number(text: str, allowed: str, *, thousands: bool = False) -> Decimal:
    """Read digits, strictly: no ``1_000``, ``010``, ``1.000,50``, ``nan``, ``12:30``.

    Raises
    ------
    Misread
        With what to write instead.
    """
    plain = text.replace(",", "") if thousands and _THOUSANDS.fullmatch(text) else text
    if not _PLAIN.fullmatch(plain):
        raise Misread(allowed, *_number_meant(text))
    whole = plain.lstrip("+-")
    if len(whole) > 1 and whole[0] == "0" and whole[1].isdigit():
        raise Misread(allowed, whole.lstrip("0") or "0", "with a leading zero")
    try:
        number = Decimal(plain)
    except InvalidOperation:  # an exponent of twenty digits
        number = Decimal("Infinity")
    if len(plain) > 40 or not number.is_finite() or number.adjusted() > _DIGITS:
        why = "which is too large" if number.adjusted() >= 0 else "which has too many digits"
        raise Misread(allowed, "", why)
    return number


def _number_meant(text: str) -> tuple[str, str]:
    """What somebody who wrote `text` probably meant, and what is wrong with it."""
    if text.lower().lstrip("+-.") in {"nan", "inf", "infinity"}:
        return "", "which is not a usable number"
    if _PLAIN.fullmatch(text.replace("_", "")):
        return text.replace("_", ""), "with an underscore"
    if _THOUSANDS.fullmatch(text):
        return text.replace(",", ""), "with a comma"
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[0-9]+,[0-9]+", text):
        return text.replace(".", "").replace(",", "."), "with a decimal comma"
    if re.fullmatch(r"[0-9]+:[0-9]+(:[0-9]+)?", text):
        return "", "which reads as a time of day"
    return "", ""


def _number_alone(text: str, allowed: str) -> Decimal:
    """Read digits where no unit belongs: ``20 people`` is refused with the number to write."""
    worded = re.fullmatch(r"([0-9.,]+)\s+[A-Za-z ]+", text)
    if worded:
        raise Misread(allowed, worded[1].replace(",", ""), "with words beside the number")
    return plain_number(text, allowed)


def number(text: str, allowed: str = "a number") -> Written:
    """Read a plain number such as ``12``, ``0.4`` or ``1e6``."""
    return Written(float(_number_alone(text, allowed)))


def count(text: str, allowed: str = "a whole number") -> Written:
    """Read a whole number such as ``264``; ``1e3`` is one, ``3.7`` is not."""
    value = _number_alone(text, allowed)
    if value != value.to_integral_value():
        nearest = value.to_integral_value(ROUND_HALF_UP)
        raise Misread(allowed, f"{nearest}" if nearest > 0 else "", "which is not whole")
    return Written(float(value))


def share(text: str, allowed: str = "a share such as 35% or 0.35") -> Written:
    """Read ``35%`` or ``0.35``; a bare number above 1 is refused with a question."""
    bare = text.strip()
    if bare.endswith("%"):
        try:
            return Written(float(plain_number(bare[:-1].rstrip(), allowed) / 100))
        except Misread as misread:
            hint = misread.hint and f"{misread.hint}%"
            raise Misread(allowed, hint, misread.why) from misread
    if meant := _share_meant(bare):
        raise Misread(allowed, meant)
    stated = _RATE.fullmatch(bare)
    if stated and stated["period"] in PERIOD_DAYS:
        raise Misread(allowed, "", "where a share without a period is needed")
    value = plain_number(bare, allowed, thousands=True)
    if value > 1:
        hint = f"did you mean {bare}%?" if value <= 100 else ""
        raise Misread(allowed, hint, f"which would be {float(value * 100):,.10g}%")
    return Written(float(value))


def _share_meant(text: str) -> str:
    """``60 percent`` and ``3 in 5`` as ``60%``; nothing if it is neither."""
    percent = re.fullmatch(r"([0-9.]+)\s*(?:percent|per cent|pct)", text, re.IGNORECASE)
    if percent:
        return f"{percent[1]}%"
    ratio = re.fullmatch(r"([0-9]{1,6})\s*(?:/|in|of|out of|from)\s*([0-9]{1,6})", text)
    if ratio and 0 <= int(ratio[1]) <= int(ratio[2]) != 0:
        return f"{100 * int(ratio[1]) / int(ratio[2]):.6g}%"
    return ""


# --- money and rates ----------------------------------------------------------------------------


def factor(text: str, allowed: str = "a factor such as 80% or 1.2") -> Written:
    """Read ``80%`` or ``1.2``: what a number is multiplied by."""
    return share(text, allowed) if text.endswith("%") else number(text, allowed)


def money(text: str, currency: str, allowed: str = "") -> Written:
    """Read ``£1,500``, ``1500``, ``£1.25m``, ``250k`` or ``GBP 5``, in minor units of `currency`.

    Returns
    -------
    Written
        `value` may hold a fraction of a minor unit, such as half a penny in a price.
    """
    sign, digits = CURRENCIES[currency]
    allowed = allowed or f"an amount of money such as {sign}1,500 or {sign}1.25m"
    bare = text.strip()
    minus = bare.startswith("-")
    bare = bare[1:].strip() if minus else bare
    for mark in (sign.strip(), currency):
        if bare.startswith(mark):
            bare = bare[len(mark) :].strip()
        elif bare.endswith(mark) and mark == currency:
            bare = bare[: -len(mark)].strip()
    _refuse_other_currency(bare, currency)
    if bare.startswith("-"):
        minus, bare = True, bare[1:]
    scaled = re.fullmatch(r"(.*[0-9])\s?(k|m|bn)", bare, re.IGNORECASE)
    if not scaled and (meant := _money_meant(bare, sign)):
        raise Misread(allowed, *meant)
    amount = plain_number(scaled[1] if scaled else bare, allowed, thousands=True)
    amount *= _SCALES[scaled[2].lower()] if scaled else 1
    value = float(amount * 10**digits)
    if value > LARGEST_AMOUNT:
        most = money_text(LARGEST_AMOUNT, currency)
        raise Misread(f"at most {most}", "", "which is too large to reckon with safely")
    return Written(-value if minus else value)


_SCALES = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_LONG_SCALES = {"thousand": "k", "million": "m", "mn": "m", "billion": "bn"}


def _refuse_other_currency(bare: str, currency: str) -> None:
    for code, (sign, _) in CURRENCIES.items():
        spelled = bare.startswith((sign.strip(), code)) or bare.endswith(code)
        spelled = spelled or (len(sign) == 1 and not sign.isalpha() and sign in bare)
        if code != currency and spelled:
            raise Misread(f"one currency in the whole scenario, {currency}", "",
                          f"which is not in {currency}")  # fmt: skip


def _money_meant(bare: str, sign: str) -> tuple[str, str] | None:
    """What to write for an amount with long words, spaces or a period; None if it has none."""
    amount = r"([0-9][0-9.,]*(?:\s?(?:k|m|bn)\b)?)"
    worded = re.fullmatch(r"([0-9.,]+)\s*([a-z]+)", bare, re.IGNORECASE)
    if worded and worded[2].lower() in _LONG_SCALES:
        return f"{sign}{worded[1]}{_LONG_SCALES[worded[2].lower()]}", ""
    if re.fullmatch(r"[0-9]{1,3}(\s[0-9]{3})+(\.[0-9]+)?", bare):
        return sign + re.sub(r"\s", "", bare), "with a space"
    each = re.fullmatch(amount + r"\s*(?:/\s*|\b(?:a|an|per)\s+|\beach$)([a-z ]*)", bare)
    return (f"{sign}{each[1]}", "where one sum is needed") if each else None


_RATE = re.compile(r"(?P<amount>.*?)\s*(?:\ba\b|\bper\b|/)\s*(?P<period>[A-Za-z]+)", re.DOTALL)
_ADVERBS = {
    "daily": "day", "weekly": "week", "pw": "week", "monthly": "month", "pm": "month",
    "pcm": "month", "yearly": "year", "annually": "year", "pa": "year", "p.a.": "year",
}  # fmt: skip


def either(options: Iterable[str]) -> str:
    """Choices as people list them: ``a, b or c``."""
    *most, last = options
    return " or ".join(filter(None, [", ".join(most), last]))


def rate_words(amount: str, currency: str, periods: tuple[str, ...]) -> str:
    """What a rate may be, in one phrase: "an amount a month or a year, such as £6,000 a month"."""
    named = [f"a {period}" for period in periods if period != "each"]
    named += ["each"] if "each" in periods else []
    listed = either(named)
    if amount == "share":
        return f"a share from 0% to 100% {listed}, such as 2% a month"
    if amount == "number":
        return f"a number {listed}, such as 1.4 a year"
    return f"an amount {listed}, such as {CURRENCIES[currency][0]}6,000 a month"


def rate(
    text: str, amount: str, currency: str, periods: tuple[str, ...], allowed: str = ""
) -> Written:
    """Read ``£6,000 a month``, ``2% per year`` or ``£500 each``.

    Parameters
    ----------
    amount : {"money", "share", "number"}
    periods : tuple of str
        The periods allowed here, of "day", "week", "month", "year", "each".
    """
    allowed = allowed or rate_words(amount, currency, periods)
    body, period = _split_rate(text.strip(), allowed)
    per = period or ("month" if "month" in periods else periods[0])
    per = per if per == "each" else f"a {per}"
    try:
        if amount == "money":
            read = money(body, currency, allowed)
        else:
            read = share(body, allowed) if amount == "share" else number(body, allowed)
    except Misread as misread:
        asked = misread.hint.endswith("?")
        hint = misread.hint and f"{misread.hint.rstrip('?')} {per}{'?' if asked else ''}"
        raise Misread(misread.allowed, hint, misread.why) from misread
    if not period:
        raise Misread(allowed, f"{body} {per}", "without its period")
    if period not in periods:
        raise Misread(allowed, "", "whose period does not fit here")
    return Written(read.value, period)


def _split_rate(text: str, allowed: str) -> tuple[str, str]:
    """The amount, and the period if one is stated."""
    head, _, last = text.rpartition(" ")
    if last == "each":
        return head, "each"
    if last.lower() in _ADVERBS:
        raise Misread(allowed, f"{head} a {_ADVERBS[last.lower()]}")
    match = _RATE.fullmatch(text)
    return (match["amount"], match["period"]) if match else (text, "")


# --- time ---------------------------------------------------------------------------------------

_LENGTH = re.compile(r"(\S+)\s*(day|week|month|year)s?")
_SHORT_UNITS = {
    "d": "day", "w": "week", "wk": "week", "m": "month", "mo": "month", "mth": "month",
    "mnth": "month", "y": "year", "yr": "year",
}  # fmt: skip


def duration(text: str, allowed: str = "a duration such as 6 months or 26 weeks") -> Written:
    """Read ``6 months``, ``26 weeks``, ``90 days`` or ``2 years``, in days."""
    match = _LENGTH.fullmatch(text.strip())
    if not match:
        raise Misread(allowed, *_length_meant(text.strip()))
    return Written(float(plain_number(match[1], allowed)) * PERIOD_DAYS[match[2]])


def _length_meant(text: str) -> tuple[str, str]:
    if _PLAIN.fullmatch(text):
        return f"{text} months", "without days, weeks, months or years"
    match = re.fullmatch(r"([0-9.]+)\s*([A-Za-z]+)\.?", text)
    if not match:
        return "", _number_meant(text)[1]
    unit = match[2].lower()
    unit = unit if unit in _SHORT_UNITS else unit.removesuffix("s")
    many, name = match[1], _SHORT_UNITS.get(unit, unit)
    if name == "quarter" and many.isdigit() and len(many) < 4:
        many, name = str(3 * int(many)), "month"
    return (f"{many} {name}{'' if many == '1' else 's'}" if name in PERIOD_DAYS else ""), ""


def whole_months(text: str, allowed: str = "whole months, such as 6 months or 2 years") -> Written:
    """Read ``48``, ``48 months`` or ``4 years`` as a whole number of months."""
    bare = text.strip()
    match = _LENGTH.fullmatch(bare)
    if match and match[2] in ("day", "week"):
        raise Misread(allowed, "", "which is not in months or years")
    if not match and not _PLAIN.fullmatch(bare):
        meant = _length_meant(bare)[0]
        raise Misread(allowed, *((meant, "") if meant else _number_meant(bare)))
    value = plain_number(match[1] if match else bare, allowed)
    value *= 12 if match and match[2] == "year" else 1
    if value != value.to_integral_value():
        nearest = value.to_integral_value(ROUND_HALF_UP)
        raise Misread(allowed, f"{nearest} months" if nearest > 0 else "", "which is not whole")
    return Written(float(value))


def month_date(text: str) -> dt.date:
    """Read ``2018-10`` (or ``2018-10-01``) as the first day of that month, 1990 to 2100."""
    allowed = "a month from 1990-01 to 2100-12, as YYYY-MM"
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?", text)
    if not match:
        timed = re.match(r"([0-9]{4}-[0-9]{2})-[0-9]{2}[T ]", text)
        if timed:
            raise Misread(allowed, timed[1], "with a time of day")
        why = "without its month" if re.fullmatch("[12][0-9]{3}", text) else ""
        raise Misread(allowed, _month_meant(text), why)
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
    if not 1 <= month <= 12:
        raise Misread(allowed, "", "where there is no such month")
    if not 1990 <= year <= 2100:
        raise Misread(allowed)
    try:
        date = dt.date(year, month, day)
    except ValueError as error:
        raise Misread(allowed, f"{text[:7]}", "where there is no such day") from error
    if day != 1:
        raise Misread(allowed, f"{text[:7]}", "which is not the first day of its month")
    return date


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _month_meant(text: str) -> str:
    """``01/04/2026`` (the day first), ``04/2026`` and ``April 2026`` as ``2026-04``."""
    parts = [part for part in re.split(r"[\s/.,-]+", text.strip().lower()) if part]
    years = [part for part in parts if re.fullmatch(r"[12][0-9]{3}", part)]
    named = [_MONTHS.index(part[:3]) + 1 for part in parts if part[:3] in _MONTHS]
    short = [int(part) for part in parts if re.fullmatch(r"[0-9]{1,2}", part)]
    if len(years) != 1 or len(parts) > 3:
        return ""
    months = named or [part for part in reversed(short) if 1 <= part <= 12]
    if parts[0] == years[0] and not named:
        months.reverse()
    return f"{years[0]}-{months[0]:02d}" if months else ""


def year(text: str) -> int:
    """Read a price year, ``2012/13`` or ``2012``, as the year in which it begins."""
    allowed = "a year from 1900 to 2100, as 2012/13 or 2012"
    match = re.fullmatch(r"(?:FY)?([0-9]{4})(?:[/-]([0-9]{2}|[0-9]{4}))?", text)
    if not match:
        raise Misread(allowed)
    first = int(match[1])
    if match[2] and int(match[2][-2:]) != (first + 1) % 100:
        why = "whose two years do not follow each other"
        raise Misread(allowed, f"{first}/{(first + 1) % 100:02d}", why)
    if not 1900 <= first <= 2100:
        raise Misread(allowed)
    return first


def flag(text: str) -> bool:
    """Read ``true`` or ``false``, and nothing that merely sounds like it."""
    if text not in {"true", "false"}:
        low = text.lower()
        meant = "true" if low in {"yes", "on", "y", "1", "true"} else ""
        meant = "false" if low in {"no", "off", "n", "0", "false"} else meant
        raise Misread("true or false", meant)
    return text == "true"


# --- and back to text ---------------------------------------------------------------------------


def plain_text(value: float) -> str:
    """A number in the fewest digits that read back as the same number: ``12``, ``0.35``."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def money_text(value: float, currency: str) -> str:
    """Minor units as ``£1,500`` or ``£12.50``; reads back as the same amount."""
    sign, digits = CURRENCIES[currency]
    if value != round(value):  # a fraction of a penny: keep every digit
        return f"{sign}{plain_text(float(Decimal(repr(float(value))) / 10**digits))}"
    major, minor = divmod(abs(round(value)), 10**digits)
    tail = f".{minor:0{digits}d}" if minor else ""
    return f"{'-' if value < 0 else ''}{sign}{major:,}{tail}"


def share_text(value: float) -> str:
    """0.035 as ``3.5%``; reads back as the same share."""
    percent = Decimal(repr(float(value))) * 100
    text = plain_text(float(percent))
    # A percentage of 17 digits may lie between two floats: then every digit is needed.
    return f"{text if Decimal(text) == percent else percent.normalize()}%"


def duration_text(days: float) -> str:
    """Days as the largest unit that makes a whole number of them: ``6 months``, ``26 weeks``."""
    for unit in ("month", "week"):
        units = days / PERIOD_DAYS[unit]
        if days > 0 and units == int(units):
            return f"{int(units)} {unit}{'' if units == 1 else 's'}"
    return f"{plain_text(days)} day{'' if days == 1 else 's'}"


def months_text(months: float) -> str:
    """Whole months as ``6 months``."""
    return f"{plain_text(months)} month{'' if months == 1 else 's'}"


def year_text(first: int) -> str:
    """A price year as ``2012/13``."""
    return f"{first}/{(first + 1) % 100:02d}"


def date_text(date: dt.date) -> str:
    """A month as ``2018-10``."""
    return f"{date:%Y-%m}"
