"""Numbers of a deal: plain or uncertain, with where they come from.

In: a node, the kind of number its place needs. Out: a `Quantity` in sibsim's units, or a problem in
the reader's list. Not here: one plain number (`numbers`), blocks and names (`reader`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sibsim import writing
from sibsim.distributions import Distribution, fixed, from_percentiles, make
from sibsim.families import DISTRIBUTIONS, Family, percentile_rank
from sibsim.quantities import Quantity, join
from sibsim.scenario.nodes import Items, Listed, Node, Text
from sibsim.scenario.numbers import (
    FACTOR,
    MISSING,
    clipped,
    did_you_mean,
    near,
    read_number,
    shown,
)
from sibsim.scenario.phrases import allowed_words
from sibsim.terms import Kind, share_rate
from sibsim.writing import LARGEST_AMOUNT, Written

if TYPE_CHECKING:
    from sibsim.scenario.reader import Reader

NUMBERS = (
    "money", "money_rate", "share", "share_rate", "count", "number", "number_rate", "rank",
    "duration", "months", "result",
)  # fmt: skip
"""Kinds that are read into a `Quantity`."""

NOTES = ("source", "note", "confidence")
"""What a number written as a block may say of itself."""


def quantity(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    """Read a number, plain or uncertain, with what is said about it."""
    notes: dict[str, Any] = {}
    if isinstance(node, Items):
        split = _without_notes(reader, kind, node, address, notes)
        if split is MISSING:
            return MISSING
        node = split
    if isinstance(node, Text):
        if node.value in kind.options:
            if "times" in notes:
                return reader.refuse(node, address, f"`times` beside `{node.value}`",
                                     "a number to scale")  # fmt: skip
            return None
        written = read_number(reader, kind, node, address)
        if written is MISSING:
            return MISSING
        _remark(reader, kind, written, node, address)
        distribution, period = fixed(written.value), written.period
    else:
        uncertain = _distribution(reader, kind, node, address)
        if uncertain is MISSING:
            return MISSING
        distribution, period = uncertain
    read = Quantity(distribution, period, spread=kind.spread, low=kind.low, high=_highest(kind),
                    **notes)  # fmt: skip
    if read.is_fixed and read.mean != read.distribution.mean * read.times:
        reader.warn(node, address, "`times` leads beyond the range: the nearest end of it is taken")
    return read


def _highest(kind: Kind) -> float | None:
    """Upper end of the range; amounts of money have one, or adding them up would overflow."""
    return LARGEST_AMOUNT if kind.name in ("money", "money_rate") else kind.high


def _without_notes(
    reader: Reader, kind: Kind, node: Items, address: str, notes: dict[str, Any]
) -> Any:
    """Read the notes of a number into `notes`; gives back the number alone."""
    known = (*NOTES, "times") if kind.uncertain else NOTES
    rest = []
    for key, value in node.pairs:
        if key.value in known:
            notes[key.value] = _note(reader, key.value, value, join(address, key.value))
        else:
            rest.append((key, value))
    if any(value is MISSING for value in notes.values()):
        return MISSING
    alone = [value for key, value in rest if key.value == "value"]
    for key, _ in rest:
        if alone and key.value != "value":
            hint = did_you_mean(near(key.value, ("value", *known)))
            return reader.refuse(key, join(address, key.value), f"unknown setting `{key.value}`",
                                 f"value, {', '.join(known)}", hint)  # fmt: skip
    if notes and not rest:
        return reader.refuse(node, address, f"no value beside `{next(iter(notes))}`",
                             allowed_words(kind, reader.currency), "value: ...")  # fmt: skip
    return alone[0] if alone else Items(tuple(rest), node.line, node.column)


def _note(reader: Reader, name: str, node: Node, address: str) -> Any:
    if name in ("source", "note"):
        return reader.read(Kind("text"), node, address)
    kind = FACTOR if name == "times" else Kind("grade", low=1, high=6)
    written = read_number(reader, kind, node, address)
    if written is MISSING:
        return MISSING
    return written.value if name == "times" else int(written.value)


def _remark(reader: Reader, kind: Kind, written: Written, node: Node, address: str) -> None:
    if kind.name in ("money", "money_rate") and written.value != round(written.value):
        reader.warn(node, address, f"{shown(node)} is finer than the smallest coin: each payment "
                    "is rounded to the nearest, halves upwards")  # fmt: skip
    last = address.rsplit(".", 1)[-1]
    if last == "price" and written.value == 0:
        reader.warn(node, address, "a price of nothing pays nothing")
    if last in ("discount", "inflation") and 0 < written.value < 0.005:
        reader.warn(node, address, f"{written.value * 100:g}% a year is unusually low")


# --- a distribution -------------------------------------------------------------------------------


def _distribution(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    """Read ``{family: parameters}`` or two percentiles; gives (Distribution, period)."""
    words = allowed_words(kind, reader.currency)
    if not isinstance(node, Items) or not node.pairs:
        return reader.refuse(node, address, f"{shown(node)} where one value is needed", words)
    if not kind.uncertain:
        return reader.refuse(node, address, "a distribution", f"one plain value, {words}")
    key, params = node.pairs[0]
    ranks = [percentile_rank(name.value) for name, _ in node.pairs]
    if all(rank is not None for rank in ranks):
        if len(set(ranks)) == 2 == len(ranks):
            return _made(reader, kind, node, node, address, None)
        return reader.refuse(node, address, "one percentile" if len(ranks) == 1 else
                             f"{len(ranks)} percentiles", "two, such as p10 and p90")  # fmt: skip
    families = fitting(kind)
    if key.value in DISTRIBUTIONS and key.value not in families:
        found = f"`{key.value}`, which is for waiting times only"
        return reader.refuse(key, address, found, f"{', '.join(families)}, or two percentiles")
    if key.value not in families:
        known = f"{', '.join(families)}, or two percentiles such as p10 and p90"
        found, hint = _unknown_family(clipped(key.value), families)
        return reader.refuse(key, address, found, known, hint)
    if len(node.pairs) > 1:
        extra = clipped(node.pairs[1][0].value)
        return reader.refuse(node.pairs[1][0], address, f"`{extra}` beside `{key.value}`",
                             f"one distribution, and {', '.join(NOTES)}, times")  # fmt: skip
    return _made(reader, kind, params, node, address, families[key.value])


ENDS_OF_A_RANGE = ("from", "to", "min", "max", "lower", "upper")
"""Words for the ends of a range that somebody may write who does not know the families."""


def fitting(kind: Kind) -> dict[str, Family]:
    """The families by name that may stand in a place of this kind."""
    waits = kind.name == "duration" and kind.spread
    return {name: row for name, row in DISTRIBUTIONS.items() if waits or not row.waits}


def _unknown_family(name: str, families: Mapping[str, Family]) -> tuple[str, str]:
    """What is wrong with a word that names no distribution, and what to try."""
    if re.fullmatch(r"p[0-9.]+", name):
        return f"`{name}`, where percentiles lie between p0 and p100", ""
    for family in families.values():
        for form in family.forms:
            if name in form and name != "value":
                named = ", ".join(f"{parameter}: ..." for parameter in form)
                inside = family.written if family.waits else f"{{{named}}}"
                return f"`{name}` alone", f"{family.name}: {inside}"
    if name in ENDS_OF_A_RANGE:
        return f"`{name}`, which names no distribution", "uniform: {low: ..., high: ...}"
    hint = did_you_mean(near(name, [*DISTRIBUTIONS, "value", *NOTES]))
    return f"unknown distribution `{name}`", hint


def _made(
    reader: Reader, kind: Kind, params: Node, whole: Node, address: str, family: Family | None
) -> Any:
    """Build the distribution once its parameters have been read in the kind's unit."""
    read = _Parameters(reader, kind, address, family)
    data = read.all(params)
    if data is MISSING:
        return MISSING
    if len(read.periods) > 1:
        return reader.refuse(whole, address, f"several periods: {', '.join(sorted(read.periods))}",
                             "one period for all of them")  # fmt: skip
    try:
        made = make(family.name, data) if family else _by_percentiles(kind, data)
    except ValueError as error:
        return reader.refuse(whole, address, read.in_words(str(error)))
    if not _lies_within(made, kind):
        return reader.refuse(whole, address, "a distribution whose mean is outside the range",
                             allowed_words(kind, reader.currency))  # fmt: skip
    if made.is_fixed and made.family != "fixed":
        reader.warn(whole, address, "this distribution has a single value, so it is certain")
    return made, (read.periods or {""}).pop()


def _lies_within(made: Distribution, kind: Kind) -> bool:
    """Whether the range holds the mean; single draws beyond it are moved to its ends."""
    low = -math.inf if kind.low is None else kind.low
    end = _highest(kind)
    high = math.inf if end is None else end
    least, most = made.support
    # Where some may never get there, a mean says nothing about the others.
    far = DISTRIBUTIONS[made.family].waits and made.mean > high
    return far or (low <= least and most <= high) or low <= made.mean <= high


def _by_percentiles(kind: Kind, data: dict[str, float]) -> Distribution:
    ranks = ((percentile_rank(name), value) for name, value in data.items())
    return from_percentiles({r: v for r, v in ranks if r is not None}, kind.low, kind.high)


@dataclass
class _Parameters:
    """Reads the parameters of one distribution, and keeps what a message needs.

    Attributes
    ----------
    family : Family or None
        None if two percentiles are written without a family.
    periods : set of str
        Periods that rates were stated for.
    texts : dict of str
        Numbers as a family's messages show them, and as the author wrote them.
    pure : bool
        Whether a parameter without a unit was read.
    """

    reader: Reader
    kind: Kind
    address: str
    family: Family | None
    periods: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    pure: bool = False

    def all(self, node: Node) -> Any:
        """Plain numbers in the shape in which they were written."""
        family = self.family
        if isinstance(node, Text):
            if family is not None and family.paired:
                return self.reader.refuse(node, self.address, f"{family.name} with {shown(node)}",
                                          family.allowed)  # fmt: skip
            read = self._one("value", node)
            return MISSING if read is MISSING else [read]
        if family is not None and not (isinstance(node, Listed) or self._known(node, family)):
            return MISSING
        if isinstance(node, Listed):
            return self._list(node, family)
        if family is not None and family.paired:
            return self._pairs(node.pairs, family)
        named = {key.value: self._one(key.value, value) for key, value in node.pairs}
        return MISSING if any(value is MISSING for value in named.values()) else named

    def _known(self, node: Items, family: Family) -> bool:
        """Whether every parameter is one of the family's."""
        if not node.pairs:
            found = f"{family.name} without its parameters"
            self.reader.refuse(node, self.address, found, family.allowed)
            return False
        if family.paired:
            return not any(self._is_file(key, family) for key, _ in node.pairs)
        names = {name for form in family.forms for name in form}
        for key, _ in node.pairs:
            fits = family.percentiles is not None and percentile_rank(key.value) is not None
            if key.value not in names and not fits:
                found = f"{family.name} has no `{clipped(key.value)}`"
                hint = did_you_mean(near(key.value, names))
                self.reader.refuse(key, self.address, found, family.allowed, hint)
                return False
        return True

    def _is_file(self, key: Text, family: Family) -> bool:
        """Whether a file stands here; one that has a folder has been read by now."""
        named = key.value == "file" and family.name == "kaplan_meier"
        if named:
            self.reader.refuse(key, self.address, "a file, and no folder to look for it in",
                               family.allowed, "the points here")  # fmt: skip
        return named

    def _list(self, node: Listed, family: Family | None) -> Any:
        if family is None or not (family.listed or family.repeated):
            allowed = "two percentiles such as p10 and p90" if family is None else family.allowed
            found = "a list" if family is None else f"{family.name} with a list"
            return self.reader.refuse(node, self.address, found, allowed)
        if family.paired:
            pairs = [item.items for item in node.items
                     if isinstance(item, Listed) and len(item.items) == 2]  # fmt: skip
            if len(pairs) == len(node.items):
                return self._pairs(pairs, family)
            return self.reader.refuse(node, self.address, "a list of something else than pairs",
                                      family.allowed)  # fmt: skip
        form = next(iter(family.forms))
        names = form * len(node.items) if family.repeated else form
        if len(names) != len(node.items):
            many = "1 value" if len(node.items) == 1 else f"{len(node.items)} values"
            return self.reader.refuse(node, self.address, f"{family.name} with {many}",
                                      family.allowed)  # fmt: skip
        values = [self._one(n, item) for n, item in zip(names, node.items, strict=True)]
        return MISSING if any(value is MISSING for value in values) else values

    def _pairs(self, pairs: Iterable[Sequence[Node]], family: Family) -> Any:
        """Rows of a family that is written in pairs; a rate gives its share and its period."""
        value, beside, *period = next(iter(family.forms))
        rows = []
        for left, right in pairs:
            row = [self._one(value, left), self._one(beside, right)]
            if period and row[1] is not MISSING:
                row[1:] = [row[1].value, writing.PERIOD_DAYS[row[1].period]]
            rows.append(row)
        return MISSING if any(MISSING in row for row in rows) else rows

    def _one(self, name: str, node: Node) -> Any:
        kind = self.kind
        carries = self.family is None or self.family.carries_unit(name)
        if name in ("chance", "survival"):
            use = Kind("share", low=0, high=1)
        elif name == "share":
            use = share_rate(*writing.PERIOD_DAYS)
        elif not carries:
            use = Kind("number")  # zero and less are refused by the family, by the parameter's name
        elif name in ("from", "time"):
            use = Kind(kind.name, 0, kind.high)  # the beginning, whatever a single wait must be
        elif name == "sd":
            use = Kind("number" if kind.name == "count" else kind.name, periods=kind.periods)
        elif name == "mean" and kind.name == "count":
            use = Kind("number", kind.low, kind.high)
        else:
            use = Kind(kind.name, kind.low, kind.high, periods=kind.periods)
        written = read_number(self.reader, use, node, self.address)
        if written is MISSING:
            return MISSING
        if name == "share":
            return written
        if written.period:
            self.periods.add(written.period)
        if carries and isinstance(node, Text):
            self.texts[f"{written.value:.12g}"] = clipped(node.value)
        self.pure = self.pure or not carries
        return written.value

    def in_words(self, said: str) -> str:
        """What a family found wrong, with its numbers as the author wrote them."""
        said = said.replace(" (35 % is 0.35)", "")
        everywhere = self.kind.name == "share" and not self.pure

        def word(match: re.Match[str]) -> str:
            text = self.texts.get(match[0], "")
            return text or (writing.share_text(float(match[0])) if everywhere else match[0])

        if self.family is not None and self.family.name not in said:
            said = f"{self.family.name}: {said}"
        number = r"(?<![\w.])-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?(?!\w|%|\.[0-9])"
        return re.sub(number, word, said)
