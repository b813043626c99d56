"""Numbers, money, durations and dates as people write them.

In: a piece of text such as ``£1.25m``, ``3.5%``, ``6 months``, ``2018-10``. Out: a number in the
unit that sibsim reckons in (minor units of money, shares of 1, days), or `Misread` with what is
allowed and what to try; and back to text. Not here: files, addresses, what a number is for.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

DAYS_PER_MONTH = 30.4375
"""365.25 / 12: the length of a month wherever a duration is needed in days."""

PERIOD_DAYS = {"day": 1.0, "week": 7.0, "month": DAYS_PER_MONTH, "year": 12 * DAYS_PER_MONTH}
"""Days in each period that a rate may be stated for."""

LARGEST_AMOUNT = 1e14
"""One trillion in major units: far below what int64 minor units can add up without overflow."""

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
    allowed, hint : str
        What may stand here, and what to try.
    """

    def __init__(self, allowed: str, hint: str = "", said: str = "") -> None:
        super().__init__(allowed)
        self.allowed, self.hint, self.said = allowed, hint, said


@dataclass(frozen=True, slots=True)
class Written:
    """A number as read: its value in sibsim's unit and, for a rate, the period it is stated for."""

    value: float
    period: str = ""


_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_RATE = re.compile(r"^(?P<amount>.*?)\s*(?:\ba\b|\bper\b|/)\s*(?P<period>day|week|month|year)$")


def plain_number(text: str, allowed: str, *, thousands: bool = False) -> Decimal:
    """Read digits, strictly: no ``1_000``, ``010``, ``1.000,50``, ``nan``, ``12:30``.

    Raises
    ------
    Misread
        With what to write instead.
    """
    if thousands and _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        raise Misread(allowed, _number_hint(text, thousands))
    whole = text.lstrip("+-")
    if len(whole) > 1 and whole[0] == "0" and whole[1].isdigit():
        raise Misread(allowed, f"{whole.lstrip('0') or '0'}, without the leading zero")
    if len(text) > 40:
        raise Misread(allowed, "a shorter number: this one is too large")
    try:
        number = Decimal(text)
    except InvalidOperation as error:  # pragma: no cover - the pattern above admits only numbers
        raise Misread(allowed) from error
    if abs(number) > Decimal(10) ** 18:
        raise Misread(allowed, "a smaller number: this one is too large")
    return number


def _number_hint(text: str, thousands: bool) -> str:
    """What somebody who wrote `text` probably meant."""
    low = text.lower().lstrip("+-.")
    if low in {"nan", "inf", "infinity"}:
        return "a usable number: this is not one"
    if "_" in text:
        return f"{text.replace('_', '')}, without the underscore"
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+", text):
        return text.replace(".", "").replace(",", ".")
    if not thousands and _THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    if re.fullmatch(r"\d+:\d+(:\d+)?", text):
        return "a plain number: this reads as a time of day"
    return ""


def number(text: str, allowed: str = "a number") -> Written:
    """Read a plain number such as ``12``, ``0.4`` or ``1e6``."""
    return Written(float(plain_number(text, allowed)))


def count(text: str, allowed: str = "a whole number") -> Written:
    """Read a whole number such as ``264``; ``1e3`` is one, ``3.7`` is not."""
    value = plain_number(text, allowed)
    if value != value.to_integral_value():
        raise Misread(allowed, f"{round(value)}")
    return Written(float(value))


def share(text: str, allowed: str = "a share such as 35% or 0.35") -> Written:
    """Read ``35%`` or ``0.35``; a bare number above 1 is refused with a question."""
    if text.endswith("%"):
        return Written(float(plain_number(text[:-1].rstrip(), allowed) / 100))
    value = plain_number(text, allowed)
    if value > 1:
        raise Misread(allowed, f"did you mean {text}%?")
    return Written(float(value))


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
    _refuse_other_currency(bare, currency, allowed)
    if bare.startswith("-"):
        minus, bare = True, bare[1:]
    factor = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
    scaled = re.fullmatch(r"(.*\d)\s?(k|m|bn)", bare, re.IGNORECASE)
    amount = plain_number(scaled[1] if scaled else bare, allowed, thousands=True)
    amount *= factor[scaled[2].lower()] if scaled else 1
    value = float(amount * 10**digits)
    if value > LARGEST_AMOUNT:
        raise Misread(f"at most {sign}1 trillion", said="an amount too large to reckon with safely")
    return Written(-value if minus else value)


def _refuse_other_currency(bare: str, currency: str, allowed: str) -> None:
    for code, (sign, _) in CURRENCIES.items():
        if code != currency and (bare.startswith((sign.strip(), code)) and not bare[0].isdigit()):
            raise Misread(f"one currency in the whole scenario, {currency}", allowed)


def rate(text: str, amount: str, currency: str, periods: tuple[str, ...]) -> Written:
    """Read ``£6,000 a month``, ``2% per year`` or ``£500 each``.

    Parameters
    ----------
    amount : {"money", "share"}
    periods : tuple of str
        The periods allowed here, of "day", "week", "month", "year", "each".
    """
    sign = CURRENCIES[currency][0]
    shown = f"{sign}6,000 a month" if amount == "money" else "2% a month"
    words = " or ".join("each" if p == "each" else f"a {p}" for p in periods)
    allowed = f"{'an amount' if amount == 'money' else 'a share'} with its period, {words}"
    match = _RATE.match(text.strip())
    if match:
        body, period = match["amount"], match["period"]
    elif text.strip().endswith(" each"):
        body, period = text.strip()[:-5], "each"
    else:
        body, period = text.strip(), ""
    read = money(body, currency, allowed) if amount == "money" else share(body, allowed)
    if period not in periods:
        hint = f"{text} {'a month' if 'month' in periods else words}" if not period else shown
        raise Misread(allowed, hint)
    return Written(read.value, period)


def duration(text: str, allowed: str = "a duration such as 6 months or 26 weeks") -> Written:
    """Read ``6 months``, ``26 weeks``, ``90 days`` or ``2 years``, in days."""
    match = re.fullmatch(r"(\S+)\s*(day|week|month|year)s?", text.strip())
    if not match:
        hint = f"{text} months" if _PLAIN.fullmatch(text.strip()) else ""
        raise Misread(allowed, hint)
    return Written(float(plain_number(match[1], allowed)) * PERIOD_DAYS[match[2]])


def whole_months(text: str, allowed: str = "whole months, such as 6 months or 2 years") -> Written:
    """Read ``48``, ``48 months`` or ``4 years`` as a whole number of months."""
    match = re.fullmatch(r"(\S+)\s*(month|year)s?", text.strip())
    value = plain_number(match[1] if match else text.strip(), allowed)
    value *= 12 if match and match[2] == "year" else 1
    if value != value.to_integral_value():
        raise Misread(allowed, f"{round(value)} months")
    return Written(float(value))


def month_date(text: str) -> dt.date:
    """Read ``2018-10`` (or ``2018-10-01``) as the first day of that month, 1990 to 2100."""
    allowed = "a month as YYYY-MM"
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", text)
    if not match:
        slashed = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text)
        hint = f"{slashed[3]}-{int(slashed[2]):02d}" if slashed else ""
        if re.match(r"\d{4}-\d{2}-\d{2}[T ]", text):
            hint = f"{text[:7]}: a month has no time of day"
        raise Misread(allowed, hint)
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
    try:
        date = dt.date(year, month, day)
    except ValueError as error:
        raise Misread(allowed, "there is no such day") from error
    if day != 1:
        raise Misread("the first day of a month", f"{text[:7]}")
    if not 1990 <= year <= 2100:
        raise Misread("a month from 1990 to 2100")
    return date


def year(text: str) -> int:
    """Read a price year, ``2012/13`` or ``2012``, as the year in which it begins."""
    allowed = "a year as 2012/13 or 2012"
    match = re.fullmatch(r"(?:FY)?(\d{4})(?:[/-](\d{2}|\d{4}))?", text)
    if not match:
        raise Misread(allowed)
    first = int(match[1])
    if match[2] and int(match[2][-2:]) != (first + 1) % 100:
        raise Misread("two consecutive years", f"{first}/{(first + 1) % 100:02d}")
    if not 1900 <= first <= 2100:
        raise Misread("a year from 1900 to 2100")
    return first


def flag(text: str) -> bool:
    """Read ``true`` or ``false``, and nothing that merely sounds like it."""
    if text not in {"true", "false"}:
        hints = {"yes": "true", "on": "true", "no": "false", "off": "false"}
        raise Misread("true or false", hints.get(text.lower(), ""))
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
    return f"{plain_text(float(Decimal(repr(float(value))) * 100))}%"


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
