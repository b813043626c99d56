"""From nodes to terms: one reader for every block that a room has declared.

In: a tree of nodes with positions, the dataclass of a block. Out: the block, or every problem at
once with its address, place, what is allowed and what to try. Not here: files and YAML (`nodes`),
what holds between sections (`checks`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sibsim import writing
from sibsim.distributions import DISTRIBUTIONS, fixed, from_percentiles, make, percentile_rank
from sibsim.errors import Problem
from sibsim.quantities import Quantity, join
from sibsim.scenario.nodes import Items, Listed, Node, Text, is_null
from sibsim.scenario.phrases import allowed_words
from sibsim.terms import Kind, Term, is_required, terms_of
from sibsim.writing import Misread, Written

NUMBERS = ("money", "money_rate", "share", "share_rate", "count", "number", "duration", "months")
"""Kinds that are read into a `Quantity`."""

NOTES = ("source", "note", "confidence")
"""What a number written as a block may say of itself."""

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d+)?([eE][-+]?\d{1,2})?")
_BARE = re.compile(r"[-+.\d][\d.,eE+-]*%?")

MISSING = object()
"""What a reading gives back when it has reported a problem instead of a value."""


@dataclass
class Reader:
    """Collects problems while it reads.

    Attributes
    ----------
    currency : str
        Currency of every amount.
    names : mapping of str to tuple of str
        Names defined in each section, for references.
    blocks : mapping of str to str
        A key known somewhere in the language, and the block it belongs in.
    problems, warnings : list of Problem
    """

    currency: str
    names: Mapping[str, tuple[str, ...]]
    blocks: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def refuse(
        self, node: Node, address: str, found: str, allowed: str = "", hint: str = ""
    ) -> Any:
        """Report a problem; gives back `MISSING`."""
        self.problems.append(Problem(address, found, allowed, hint, node.line, node.column))
        return MISSING

    def warn(self, node: Node, address: str, said: str, hint: str = "") -> None:
        """Report something that is odd but may be meant."""
        self.warnings.append(Problem(address, said, "", hint, node.line, node.column))

    # --- blocks ---------------------------------------------------------------------------------

    def read(self, kind: Kind, node: Node, address: str) -> Any:
        """Read one place of the file, whatever its kind."""
        if is_null(node):
            return self.refuse(node, address, "needs a value", allowed_words(kind, self.currency))
        if kind.name in NUMBERS:
            return self.quantity(kind, node, address)
        return READERS[kind.name](self, kind, node, address)

    def block(self, of: type, node: Node, address: str) -> Any:
        """Read a block of keys into its dataclass."""
        if not isinstance(node, Items):
            return self.refuse(
                node, address, f"{_shown(node)} where a block of settings is needed",
                f"{', '.join(terms_of(of))}",
            )  # fmt: skip
        own, groups = _declared(of)
        values: dict[str, Any] = {}
        loose: list[tuple[Text, Node]] = []
        for key, value in node.pairs:
            if key.value in own:
                declared, term = own[key.value]
                values[declared.name] = self.read(term.kind, value, join(address, key.value))
            else:
                loose.append((key, value))
        for name, (declared, term) in own.items():
            if is_required(declared) and declared.name not in values:
                example = f"{name}: {term.example}" if term.example else ""
                self.refuse(
                    node, address, f"`{name}` is missing", term.meaning.rstrip("."), example
                )
        for name, term in groups.items():
            values[name], loose = self._inline(name, term, loose, node, address)
        for key, _ in loose:
            self._unknown(key, address, [*own, *_about_keys(groups)])
        if any(value is MISSING for value in values.values()) or any(
            is_required(d) and d.name not in values for d, _ in own.values()
        ):
            return MISSING
        return of(**values)

    def _inline(
        self,
        name: str,
        term: Term,
        loose: list[tuple[Text, Node]],
        node: Items,
        address: str,
    ) -> tuple[Any, list[tuple[Text, Node]]]:
        """Read a group whose keys stand in the block itself; gives back what is left over."""
        if term.kind.name == "block":
            known = terms_of(term.kind.of)
            mine = tuple(pair for pair in loose if pair[0].value in known)
            rest = [pair for pair in loose if pair[0].value not in known]
        else:
            mine, rest = tuple(loose), []
        if not mine and term.kind.name == "tagged":
            return self.refuse(node, address, "nothing stands here", "at least one item"), rest
        inner = Items(mine, node.line, node.column)
        if not mine and term.kind.name == "overrides":
            return {}, rest
        return self.read(term.kind, inner, address) if mine else term.kind.of(), rest

    def _unknown(self, key: Text, address: str, known: list[str]) -> None:
        place = join(address, key.value)
        folded = key.value.casefold().replace("-", "_").replace(" ", "_")
        near = difflib.get_close_matches(folded, known, n=1, cutoff=0.6)
        if near:
            self.refuse(key, place, f"unknown setting `{key.value}`", "", f"did you mean "
                        f"'{near[0]}'?")  # fmt: skip
            return
        elsewhere = self.blocks.get(folded)
        hint = f"`{key.value}` is known under `{elsewhere}`" if elsewhere else ""
        found = f"unknown setting `{key.value}`" + (" here" if elsewhere else "")
        self.refuse(key, place, found, ", ".join(known), hint)

    def items(self, kind: Kind, node: Node, address: str) -> Any:
        """Read blocks by name, each of one type or of the type that its tag says."""
        if not isinstance(node, Items):
            return self.refuse(node, address, f"{_shown(node)} where names are needed",
                               "one block for each name")  # fmt: skip
        if not node.pairs:
            return self.refuse(node, address, "nothing stands here", "at least one item")
        values: dict[str, Any] = {}
        for key, value in node.pairs:
            place = join(address, key.value)
            if not self._fit_for_a_name(key, place):
                continue
            of = kind.of if kind.name == "items" else self._tag(kind, value, place)
            if of is MISSING:
                values[key.value] = MISSING
            elif is_null(value):
                values[key.value] = self.refuse(value, place, "needs a value", "a block")
            else:
                values[key.value] = self.block(of, _without(value, kind.tag), place)
        return MISSING if any(value is MISSING for value in values.values()) else values

    def _fit_for_a_name(self, key: Text, place: str) -> bool:
        bad = [sign for sign in ".=*" if sign in key.value]
        if bad:
            self.refuse(key, place, f"a name with `{bad[0]}` in it",
                        "names without . = and *, which addresses are made of",
                        "write the words as `label:`")  # fmt: skip
        elif len(key.value) > 80:
            self.refuse(key, place, f"a name of {len(key.value)} characters", "at most 80",
                        "write the words as `label:`")  # fmt: skip
        return not bad and len(key.value) <= 80

    def _tag(self, kind: Kind, node: Node, address: str) -> Any:
        """The dataclass for a tagged item, with a clear word about keys of another kind."""
        options = ", ".join(kind.of)
        if not isinstance(node, Items):
            return self.refuse(node, address, f"{_shown(node)} where a block is needed",
                               f"a block with `{kind.tag}: {options}`")  # fmt: skip
        tags = [value for key, value in node.pairs if key.value == kind.tag]
        if not tags:
            return self.refuse(node, address, f"`{kind.tag}` is missing", options)
        tag = tags[0]
        place = join(address, kind.tag)
        if not isinstance(tag, Text) or tag.value not in kind.of:
            near = difflib.get_close_matches(_shown(tag).strip('"'), kind.of, n=1)
            return self.refuse(tag, place, f"unknown kind {_shown(tag)}", options,
                               f"did you mean '{near[0]}'?" if near else "")  # fmt: skip
        of = kind.of[tag.value]
        own = set(terms_of(of)) | set(_about_keys(_declared(of)[1]))
        for key, _ in node.pairs:
            others = [t for t, other in kind.of.items() if key.value in terms_of(other)]
            if key.value not in own and others:
                self.refuse(key, join(address, key.value), f"`{key.value}` belongs to "
                            f"`{kind.tag}: {others[0]}`",
                            ", ".join(n for n in terms_of(of) if n != "about"))  # fmt: skip
                return MISSING
        return of

    # --- numbers --------------------------------------------------------------------------------

    def quantity(self, kind: Kind, node: Node, address: str) -> Any:
        """Read a number, plain or uncertain, with what is said about it."""
        notes: dict[str, Any] = {}
        if isinstance(node, Items):
            rest: list[tuple[Text, Node]] = []
            for key, value in node.pairs:
                if key.value in NOTES or (key.value == "times" and kind.uncertain):
                    notes[key.value] = self._note(key.value, value, join(address, key.value))
                else:
                    rest.append((key, value))
            if any(value is MISSING for value in notes.values()):
                return MISSING
            node = Items(tuple(rest), node.line, node.column)
            if len(rest) == 1 and rest[0][0].value == "value":
                node = rest[0][1]
        if isinstance(node, Text):
            if node.value in kind.options:
                return None
            written = self.number(kind, node, address)
            if written is MISSING:
                return MISSING
            self._remark(kind, written, node, address)
            distribution, period = fixed(written.value), written.period
        else:
            uncertain = self._distribution(kind, node, address)
            if uncertain is MISSING:
                return MISSING
            distribution, period = uncertain
        low, high = kind.low, kind.high
        return Quantity(distribution, period, low=low, high=high, **notes)

    def _note(self, name: str, node: Node, address: str) -> Any:
        if name == "times":
            written = self.number(Kind("share_or_more", low=0), node, address)
            return MISSING if written is MISSING else written.value
        if name == "confidence":
            return _grade(self, Kind("grade", low=1, high=6), node, address)
        return _text(self, Kind("text"), node, address)

    def number(self, kind: Kind, node: Node, address: str) -> Any:
        """Read one number in the unit of its kind, within its range."""
        words = allowed_words(kind, self.currency)
        if not isinstance(node, Text):
            return self.refuse(node, address, f"{_shown(node)} where one value is needed", words)
        if is_null(node):
            return self.refuse(node, address, "needs a value", words)
        if node.quoted and _BARE.fullmatch(node.value):
            return self.refuse(node, address, f'"{node.value}" in quotes', words,
                               f"remove the quotes: {node.value}")  # fmt: skip
        try:
            written = _PARSERS[kind.name](node.value, kind, self.currency)
        except Misread as misread:
            found = misread.said or f'"{_clipped(node.value)}"'
            return self.refuse(node, address, found, misread.allowed or words, misread.hint)
        if kind.low is not None and written.value < kind.low:
            return self.refuse(node, address, f'"{node.value}"', words)
        if kind.high is not None and written.value > kind.high:
            return self.refuse(node, address, f'"{node.value}"', words)
        return written

    def _remark(self, kind: Kind, written: Written, node: Node, address: str) -> None:
        if kind.name in ("money", "money_rate") and written.value != round(written.value):
            self.warn(node, address, f"{_shown(node)} is not a whole number of pence: each "
                      "payment is rounded to the nearest, halves upwards")  # fmt: skip
        last = address.rsplit(".", 1)[-1]
        if last == "price" and written.value == 0:
            self.warn(node, address, "a price of nothing pays nothing")
        if last in ("discount", "inflation") and 0 < written.value < 0.005:
            self.warn(node, address, f"{written.value * 100:g}% a year is unusually low")

    def _distribution(self, kind: Kind, node: Node, address: str) -> Any:
        """Read ``{family: parameters}`` or two percentiles; gives (Distribution, period)."""
        words = allowed_words(kind, self.currency)
        if not isinstance(node, Items) or not node.pairs:
            return self.refuse(node, address, f"{_shown(node)} where one value is needed", words)
        if not kind.uncertain:
            return self.refuse(node, address, "a distribution", f"one plain value, {words}")
        ranks = {key.value: percentile_rank(key.value) for key, _ in node.pairs}
        if all(rank is not None for rank in ranks.values()):
            return self._made(kind, node, node, address, "")
        key, params = node.pairs[0]
        if key.value not in DISTRIBUTIONS:
            near = difflib.get_close_matches(key.value, [*DISTRIBUTIONS, "value", *NOTES], n=1)
            hint = f"did you mean '{near[0]}'?" if near else ""
            known = ", ".join(DISTRIBUTIONS)
            return self.refuse(key, address, f"unknown distribution `{key.value}`",
                               f"{known}, or two percentiles, p10 and p90", hint)  # fmt: skip
        if len(node.pairs) > 1:
            extra = node.pairs[1][0]
            return self.refuse(extra, address, f"`{extra.value}` beside `{key.value}`",
                               f"one distribution, and {', '.join(NOTES)}, times")  # fmt: skip
        return self._made(kind, params, node, address, key.value)

    def _made(self, kind: Kind, params: Node, whole: Node, address: str, family: str) -> Any:
        """Build the distribution once its parameters have been read in the kind's unit."""
        periods: set[str] = set()
        data = self._parameters(kind, params, address, family, periods)
        if data is MISSING:
            return MISSING
        if len(periods) > 1:
            return self.refuse(whole, address, f"several periods: {', '.join(sorted(periods))}",
                               "one period")  # fmt: skip
        try:
            if family:
                made = make(family, data)
            else:
                ranks = {percentile_rank(name): value for name, value in data.items()}
                made = from_percentiles(
                    {rank: value for rank, value in ranks.items() if rank is not None},
                    kind.low, kind.high,
                )  # fmt: skip
        except ValueError as error:
            return self.refuse(whole, address, str(error), allowed_words(kind, self.currency))
        low, high = made.support
        if (kind.low is not None and -1e300 < low < kind.low) or (
            kind.high is not None and kind.high < high < 1e300
        ):
            return self.refuse(whole, address, "a distribution that reaches outside the range",
                               allowed_words(kind, self.currency))  # fmt: skip
        return made, (periods or {""}).pop()

    def _parameters(
        self, kind: Kind, params: Node, address: str, family: str, periods: set[str]
    ) -> Any:
        """Plain numbers in the shape in which they were written."""
        row = DISTRIBUTIONS.get(family)

        def one(name: str, node: Node) -> Any:
            spread = name in ("sd",) or (kind.name == "count" and name == "mean")
            if row is not None and not row.carries_unit(name):
                use = Kind("share" if name == "chance" else "number", low=0)
            elif spread:
                use = Kind("number" if kind.name == "count" else kind.name, periods=kind.periods)
            else:
                use = Kind(kind.name, kind.low, kind.high, periods=kind.periods)
            written = self.number(use, node, address)
            if written is MISSING:
                return MISSING
            if written.period:
                periods.add(written.period)
            return written.value

        if isinstance(params, Text):
            read = one("value", params)
            return MISSING if read is MISSING else [read]
        if isinstance(params, Listed):
            form = next(iter(row.forms)) if row is not None else ("value",)
            names = form if row is None or not row.repeated else ()
            values: list[Any] = []
            for place, item in enumerate(params.items):
                if isinstance(item, Listed):
                    inner = [one(n, x) for n, x in zip(form, item.items, strict=False)]
                    values.append(MISSING if any(x is MISSING for x in inner) else inner)
                else:
                    values.append(one(names[place] if place < len(names) else form[0], item))
            return MISSING if any(value is MISSING for value in values) else values
        if family == "discrete":
            pairs = [(one("value", key), one("chance", value)) for key, value in params.pairs]
            return MISSING if any(MISSING in pair for pair in pairs) else [list(p) for p in pairs]
        read_all = {key.value: one(key.value, value) for key, value in params.pairs}
        return MISSING if any(value is MISSING for value in read_all.values()) else read_all


# --- the other kinds ------------------------------------------------------------------------------


def _text(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    if not isinstance(node, Text):
        return reader.refuse(node, address, f"{_shown(node)} where words are needed", "one text")
    value = node.value.strip()
    return value if value else reader.refuse(node, address, "blank text", "words")


def _choice(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    if isinstance(node, Text) and node.value in kind.options:
        return node.value
    near = difflib.get_close_matches(_shown(node).strip('"'), kind.options, n=1)
    return reader.refuse(node, address, _shown(node), " or ".join(kind.options),
                         near[0] if near else "")  # fmt: skip


def _named(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    names = reader.names.get(kind.section, ())
    if isinstance(node, Text) and node.value in names:
        return node.value
    near = difflib.get_close_matches(_shown(node).strip('"'), names, n=1)
    return reader.refuse(
        node, address, f"{_shown(node)}, which is not defined under `{kind.section}`",
        ", ".join(names), f"did you mean '{near[0]}'?" if near else "",
    )  # fmt: skip


def _grade(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    count = Kind("count", low=kind.low, high=kind.high)
    written = reader.number(count, node, address)
    return MISSING if written is MISSING else int(written.value)


def _worded(parse: Callable[[str], Any]) -> Callable[[Reader, Kind, Node, str], Any]:
    """A reader for a kind that is one piece of text."""

    def read(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
        words = allowed_words(kind, reader.currency)
        if not isinstance(node, Text):
            return reader.refuse(node, address, f"{_shown(node)} where one value is needed", words)
        try:
            return parse(node.value)
        except Misread as misread:
            return reader.refuse(node, address, _shown(node), misread.allowed, misread.hint)

    return read


def _version(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    if isinstance(node, Text) and node.value == "1":
        return 1
    return reader.refuse(node, address, f"format {_shown(node)}", "format 1", "sibsim: 1")


def _overrides(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    assert isinstance(node, Items)
    return {key.value: plain_data(value) for key, value in node.pairs}


READERS: dict[str, Callable[[Reader, Kind, Node, str], Any]] = {
    "block": lambda reader, kind, node, address: reader.block(kind.of, node, address),
    "items": Reader.items,
    "tagged": Reader.items,
    "text": _text,
    "choice": _choice,
    "named": _named,
    "grade": _grade,
    "date": _worded(writing.month_date),
    "year": _worded(writing.year),
    "flag": _worded(writing.flag),
    "version": _version,
    "overrides": _overrides,
}

_PARSERS: dict[str, Callable[[str, Kind, str], Written]] = {
    "money": lambda text, kind, currency: writing.money(text, currency),
    "money_rate": lambda text, kind, currency: writing.rate(text, "money", currency, kind.periods),
    "share": lambda text, kind, currency: writing.share(text),
    "share_rate": lambda text, kind, currency: writing.rate(text, "share", currency, kind.periods),
    "share_or_more": lambda text, kind, currency: (
        writing.share(text) if text.endswith("%") else writing.number(text)
    ),
    "count": lambda text, kind, currency: writing.count(text),
    "number": lambda text, kind, currency: writing.number(text),
    "duration": lambda text, kind, currency: writing.duration(text),
    "months": lambda text, kind, currency: writing.whole_months(text),
}


def plain_data(node: Node) -> Any:
    """A node as dicts, lists, numbers and text, such that `to_node` gives the same node."""
    if isinstance(node, Items):
        return {key.value: plain_data(value) for key, value in node.pairs}
    if isinstance(node, Listed):
        return [plain_data(item) for item in node.items]
    if node.quoted or not _NUMBER.fullmatch(node.value):
        return node.value
    return float(node.value) if set(node.value) & set(".eE") else int(node.value)


def _declared(of: type) -> tuple[dict[str, Any], dict[str, Term]]:
    """Keys of a block's own, and its inline groups by field name."""
    declared = terms_of(of)
    own = {name: pair for name, pair in declared.items() if not pair[1].inline}
    groups = {pair[0].name: pair[1] for pair in declared.values() if pair[1].inline}
    # A group of any name takes what no other group knows, so it comes last.
    return own, dict(sorted(groups.items(), key=lambda item: item[1].kind.name != "block"))


def _about_keys(groups: Mapping[str, Term]) -> list[str]:
    return [
        name for term in groups.values() if term.kind.name == "block"
        for name in terms_of(term.kind.of)
    ]  # fmt: skip


def _without(node: Node, tag: str) -> Node:
    if not tag or not isinstance(node, Items):
        return node
    return Items(tuple(p for p in node.pairs if p[0].value != tag), node.line, node.column)


def _shown(node: Node) -> str:
    if isinstance(node, Text):
        return f'"{_clipped(node.value)}"'
    return "a list" if isinstance(node, Listed) else "a block"


def _clipped(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
