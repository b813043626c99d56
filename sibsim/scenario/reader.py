"""From nodes to terms: one reader for every block that a room has declared.

In: a tree of nodes with positions, the dataclass of a block. Out: the block, or every problem at
once with its address, place, what is allowed and what to try. Not here: files and YAML (`nodes`),
what holds between sections (`checks`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sibsim import writing
from sibsim.errors import MOST_SHOWN, Problem
from sibsim.quantities import join, plain
from sibsim.scenario import numbers
from sibsim.scenario.nodes import Items, Listed, Node, Text, is_null
from sibsim.scenario.numbers import MISSING, clipped, did_you_mean, near, shown
from sibsim.scenario.phrases import allowed_words
from sibsim.scenario.uncertain import NUMBERS, quantity
from sibsim.terms import Kind, Term, is_required, terms_of
from sibsim.writing import Misread, either

MOST_NAMES = 500
"""Blocks by name in one section: a deal has some dozens, and reading grows with their number."""

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?")


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
        found, allowed, hint = (" ".join(text.split()) for text in (found, allowed, hint))
        place = node.line, node.column, node.file
        self.problems.append(Problem(address, found, allowed, hint, *place))
        return MISSING

    def warn(self, node: Node, address: str, said: str, hint: str = "") -> None:
        """Report something that is odd but may be meant."""
        self.warnings.append(Problem(address, said, "", hint, node.line, node.column, node.file))

    def meant(self, word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
        """The known word that was probably meant, for as many problems as are ever shown."""
        return near(word, known, cutoff) if len(self.problems) < MOST_SHOWN else ""

    # --- blocks ---------------------------------------------------------------------------------

    def read(self, kind: Kind, node: Node, address: str) -> Any:
        """Read one place of the file, whatever its kind."""
        if is_null(node):
            return self.refuse(node, address, "needs a value", allowed_words(kind, self.currency))
        if kind.name in NUMBERS:
            return quantity(self, kind, node, address)
        return READERS[kind.name](self, kind, node, address)

    def block(self, of: type, node: Node, address: str) -> Any:
        """Read a block of keys into its dataclass."""
        own, groups = _declared(of)
        known = [*own, *_about_keys(groups)]
        if not isinstance(node, Items):
            return self.refuse(node, address, f"{shown(node)} where a block of settings is needed",
                               ", ".join(known))  # fmt: skip
        values: dict[str, Any] = {}
        loose: list[tuple[Text, Node]] = []
        for key, value in node.pairs:
            if key.value in own:
                declared, term = own[key.value]
                place = join(address, key.value)
                if isinstance(value, Items) and not value.pairs and not is_required(declared):
                    values[declared.name] = self.refuse(
                        value, place, "nothing stands here", "", f"leave `{key.value}` out"
                    )
                else:
                    values[declared.name] = self.read(term.kind, value, place)
            else:
                loose.append((key, value))
        for name, term in groups.items():
            values[name], loose = self._inline(name, term, loose, node, address, known)
        meant = {self._unknown(key, address, known) for key, _ in loose}
        for name, (declared, term) in own.items():
            if is_required(declared) and declared.name not in values:
                values[declared.name] = MISSING
                if name not in meant:
                    self._absent(name, term, node, address)
        if loose or any(value is MISSING for value in values.values()):
            return MISSING
        return of(**values)

    def _absent(self, name: str, term: Term, node: Node, address: str) -> None:
        example = f"{name}: {term.example}" if term.example else ""
        about = term.meaning.rstrip(".")
        found = f"`{name}` is missing ({about[0].lower()}{about[1:]})"
        self.refuse(node, address, found, allowed_words(term.kind, self.currency), example)

    def _inline(
        self,
        name: str,
        term: Term,
        loose: list[tuple[Text, Node]],
        node: Items,
        address: str,
        known: list[str],
    ) -> tuple[Any, list[tuple[Text, Node]]]:
        """Read a group whose keys stand in the block itself; gives back what is left over."""
        kind = term.kind
        mine: list[tuple[Text, Node]] = []
        rest: list[tuple[Text, Node]] = []
        for pair in loose:
            if kind.name == "block":
                fits = pair[0].value in terms_of(kind.of)
            else:
                fits = not self._slip(kind, *pair, known)
            (mine if fits else rest).append(pair)
        if not mine and kind.name == "tagged" and kind.low:
            needed = f"at least one block by name, with `{kind.tag}: {either(kind.of)}`"
            if not rest:
                self.refuse(node, address, "nothing stands here under a name", needed)
            return MISSING, rest
        if not mine:
            return (kind.of() if kind.name == "block" else {}), rest
        return self.read(kind, Items(tuple(mine), node.line, node.column), address), rest

    def _slip(self, kind: Kind, key: Text, value: Node, known: list[str]) -> bool:
        """Whether a key that could be any name is rather one of the block's settings, misspelt."""
        if kind.name == "tagged":
            fits = isinstance(value, Items) and any(k.value == kind.tag for k, _ in value.pairs)
        else:
            fits = "." in key.value
        return not fits and bool(self.meant(_folded(key.value), known, 0.75))

    def _unknown(self, key: Text, address: str, known: list[str]) -> str:
        """Report a key that is no setting of this block; gives back the one that was meant."""
        name, folded = clipped(key.value), _folded(key.value)
        meant = self.meant(folded, known, 0.65)
        section = self.blocks.get(folded, "")
        section = "" if meant == folded or section == address.split(".")[0] else section
        found = f"unknown setting `{name}`" + (" here" if section else "")
        elsewhere = f"`{name}` is known under `{section}`" if section else ""
        if meant:
            hint = did_you_mean(meant) + (f" ({elsewhere})" if section else "")
            self.refuse(key, join(address, key.value), found, "", hint)
        else:
            self.refuse(key, join(address, key.value), found, ", ".join(known), elsewhere)
        return meant

    def items(self, kind: Kind, node: Node, address: str) -> Any:
        """Read blocks by name, each of one type or of the type that its tag says."""
        if not isinstance(node, Items):
            return self.refuse(node, address, f"{shown(node)} where blocks by name are needed",
                               "a line for each name, its settings indented below")  # fmt: skip
        if not node.pairs:
            return self.refuse(node, address, "nothing stands here", "at least one block by name")
        if len(node.pairs) > MOST_NAMES:
            return self.refuse(node, address, f"{len(node.pairs):,} names", f"at most {MOST_NAMES}")
        values: dict[str, Any] = {}
        for key, value in node.pairs:
            place = join(address, key.value)
            if not self.fit_for_a_name(key, place):
                values[key.value] = MISSING
                continue
            of = kind.of if kind.name == "items" else self._tag(kind, value, place)
            if of is MISSING:
                values[key.value] = MISSING
            elif is_null(value):
                own, groups = _declared(of)
                allowed = f"its settings: {', '.join([*own, *_about_keys(groups)])}"
                values[key.value] = self.refuse(value, place, "needs a value", allowed)
            else:
                values[key.value] = self.block(of, _without(value, kind.tag), place)
        return MISSING if any(value is MISSING for value in values.values()) else values

    def fit_for_a_name(self, key: Text, place: str) -> bool:
        """Whether a name can be part of an address; reports it if not."""
        bad = [sign for sign in ".=*" if sign in key.value]
        if bad:
            self.refuse(key, place, f"a name with `{bad[0]}` in it",
                        "names without . = and *, which addresses are made of",
                        "a plain name here, and these words as its `label`")  # fmt: skip
        elif len(key.value) > 80:
            self.refuse(key, place, f"a name of {len(key.value)} characters", "at most 80",
                        "a short name here, and these words as its `label`")  # fmt: skip
        return not bad and len(key.value) <= 80

    def _tag(self, kind: Kind, node: Node, address: str) -> Any:
        """The dataclass for a tagged item, with a clear word about keys of another kind."""
        options = either(kind.of)
        if not isinstance(node, Items):
            found = "needs a value" if is_null(node) else f"{shown(node)} where a block is needed"
            return self.refuse(node, address, found, f"a block with `{kind.tag}: {options}`")
        tags = [value for key, value in node.pairs if key.value == kind.tag]
        if not tags and kind.usual:
            tags = [Text(kind.usual, False, node.line, node.column)]
        if not tags:
            return self.refuse(node, address, f"`{kind.tag}` is missing", options,
                               f"{kind.tag}: {next(iter(kind.of))}")  # fmt: skip
        tag = tags[0]
        if not isinstance(tag, Text) or tag.value not in kind.of:
            hint = did_you_mean(self.meant(_bare(tag), kind.of))
            return self.refuse(tag, join(address, kind.tag), _one_word(tag), options, hint)
        of = kind.of[tag.value]
        own, groups = _declared(of)
        known = [*own, *_about_keys(groups)]
        for key, _ in node.pairs:
            others = [t for t, other in kind.of.items() if key.value in terms_of(other)]
            if key.value not in known and others:
                found = f"`{key.value}` belongs to `{kind.tag}: {others[0]}`"
                return self.refuse(key, join(address, key.value), found, ", ".join(known))
        return of


# --- the other kinds ------------------------------------------------------------------------------


def _text(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    if not isinstance(node, Text):
        return reader.refuse(node, address, f"{shown(node)} where words are needed", "one text")
    value = node.value.strip()
    return value if value else reader.refuse(node, address, "blank text", "words")


def _choice(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    if isinstance(node, Text) and node.value in kind.options:
        return node.value
    meant = reader.meant(_bare(node), kind.options)
    meant = _bare(node).upper() if _bare(node).upper() in kind.options else meant
    return reader.refuse(node, address, _one_word(node), allowed_words(kind), meant)


def _named(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    names = reader.names.get(kind.section, ())
    if isinstance(node, Text) and node.value in names:
        return node.value
    found = _one_word(node)
    if isinstance(node, Text):
        found += f", which is not defined under `{kind.section}`"
    listed = ", ".join(names[:MOST_SHOWN]) or f"a name under `{kind.section}`"
    hint = did_you_mean(reader.meant(_bare(node), names))
    return reader.refuse(node, address, found, listed, hint)


def _grade(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    written = numbers.read_number(reader, kind, node, address)
    return MISSING if written is MISSING else int(written.value)


def _worded(parse: Callable[[str], Any]) -> Callable[[Reader, Kind, Node, str], Any]:
    """A reader for a kind that is one piece of text."""

    def read(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
        if not isinstance(node, Text):
            return reader.refuse(node, address, f"{shown(node)} where one value is needed",
                                 allowed_words(kind, reader.currency))  # fmt: skip
        try:
            return parse(node.value[: numbers.MOST_DIGITS])
        except Misread as misread:
            return numbers.refuse_misread(reader, node, address, misread, parse)

    return read


def _version(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    if isinstance(node, Text) and node.value == "1":
        return 1
    found, hint = f"format {shown(node)}", "sibsim: 1"
    if isinstance(node, Text) and re.fullmatch("[1-9][0-9]{0,2}", node.value):
        found = f"format {node.value}, which is newer than this release of sibsim"
        hint = "a newer release of sibsim"
    return reader.refuse(node, address, found, "format 1", hint)


def _by_name(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    """Numbers by name; one name alone has all of a share."""
    names = reader.names.get(kind.section, ()) if kind.section not in ("", "*") else None
    if kind.section and isinstance(node, Text):
        only = node.value if names is None else _named(reader, kind, node, address)
        return MISSING if only is MISSING else {only: plain(1.0)}
    if not isinstance(node, Items) or not node.pairs:
        return reader.refuse(node, address, f"{shown(node)} where numbers by name are needed",
                             allowed_words(kind, reader.currency))  # fmt: skip
    values: dict[str, Any] = {}
    for key, value in node.pairs:
        place = join(address, key.value)
        if names is not None and key.value not in names:
            values[key.value] = _named(reader, kind, key, place)
        elif reader.fit_for_a_name(key, place):
            values[key.value] = reader.read(kind.of, value, place)
        else:
            values[key.value] = MISSING
    return MISSING if any(value is MISSING for value in values.values()) else values


def _listed(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    words = allowed_words(kind, reader.currency)
    if not isinstance(node, Listed):
        return reader.refuse(node, address, f"{shown(node)} where a list is needed", words)
    low, high = int(kind.low or 0), int(kind.high or 0)
    if not low <= len(node.items) <= high:
        return reader.refuse(node, address, f"a list of {len(node.items)}", words)
    values = [reader.read(kind.of, item, address) for item in node.items]
    return MISSING if any(value is MISSING for value in values) else tuple(values)


def _names(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    """Names of one section, each once; one alone needs no list."""
    one = Kind("named", section=kind.section)
    nodes = node.items if isinstance(node, Listed) else (node,)
    if not nodes:
        return reader.refuse(node, address, "an empty list", allowed_words(kind))
    values = [_named(reader, one, item, address) for item in nodes]
    for place, value in enumerate(values):
        if value is not MISSING and value in values[:place]:
            return reader.refuse(nodes[place], address, f"`{value}` twice", "each name once")
    return MISSING if any(value is MISSING for value in values) else tuple(values)


def _ordered(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    """All of a few words, in some order."""
    words = allowed_words(kind)
    if not isinstance(node, Listed):
        return reader.refuse(node, address, f"{shown(node)} where a list is needed", words)
    said = tuple(_bare(item) for item in node.items)
    if sorted(said) != sorted(kind.options):
        found = ", ".join(said[:MOST_SHOWN]) or "an empty list"
        return reader.refuse(node, address, found, words)
    return said


def _overrides(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    assert isinstance(node, Items)
    return {key.value: plain_data(value) for key, value in node.pairs}


READERS: dict[str, Callable[[Reader, Kind, Node, str], Any]] = {
    "block": lambda reader, kind, node, address: reader.block(kind.of, node, address),
    "items": Reader.items,
    "tagged": Reader.items,
    "text": _text,
    "address": _text,
    "choice": _choice,
    "named": _named,
    "grade": _grade,
    "date": _worded(writing.month_date),
    "year": _worded(writing.year),
    "by_name": _by_name,
    "listed": _listed,
    "names": _names,
    "ordered": _ordered,
    "flag": _worded(writing.flag),
    "version": _version,
    "overrides": _overrides,
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
    return replace(node, pairs=tuple(p for p in node.pairs if p[0].value != tag))


def _bare(node: Node) -> str:
    return clipped(node.value) if isinstance(node, Text) else ""


def _one_word(node: Node) -> str:
    return shown(node) if isinstance(node, Text) else f"{shown(node)} where one word is needed"


def _folded(key: str) -> str:
    return clipped(key).casefold().replace("-", "_").replace(" ", "_")
