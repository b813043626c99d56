"""One number as it stands in a file, and the words for what stands there instead.

In: a node, the kind of number its place needs. Out: a `Written` in sibsim's units, or a problem in
the reader's list. Not here: the grammar of a number (`sibsim.writing`), distributions and sources
(`uncertain`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sibsim import writing
from sibsim.scenario.nodes import Listed, Node, Text, is_null
from sibsim.scenario.phrases import allowed_words, limit_words
from sibsim.terms import Kind
from sibsim.writing import Misread, Written

if TYPE_CHECKING:
    from sibsim.scenario.reader import Reader

FACTOR = Kind("share_or_more", low=0, high=1_000)
"""What `times` may be."""

MOST_DIGITS = 100
"""Characters that a number may have; the patterns of numbers are quick only on short texts."""

MISSING = object()
"""What a reading gives back when it has reported a problem instead of a value."""

_BARE = re.compile(r"[-+]?[0-9.]+([eE][+-]?[0-9]+)?")
"""What needs no quotes in any file; ``60%`` and ``£2,500`` need them in JSON, or in braces."""


# --- words ----------------------------------------------------------------------------------------


def shown(node: Node) -> str:
    """What stands in a place, in few words that fit on a line."""
    if isinstance(node, Text):
        return f'"{clipped(node.value)}"'
    empty = not (node.items if isinstance(node, Listed) else node.pairs)
    return f"{'an empty' if empty else 'a'} {'list' if isinstance(node, Listed) else 'block'}"


def clipped(text: str) -> str:
    """A text on one line, and not all of it if it is long."""
    line = " ".join(text[:200].split())
    return line if len(line) <= 60 and len(text) <= 200 else f"{line[:57]}..."


def near(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known word that was probably meant; empty if none is like it."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return found[0] if found else ""


def did_you_mean(word: str) -> str:
    """A hint; empty if there is no word."""
    return f"did you mean '{word}'?" if word else ""


# --- one number -----------------------------------------------------------------------------------

_PARSERS: dict[str, Callable[[str, Kind, str, str], Written]] = {
    "money": lambda text, kind, currency, words: writing.money(text, currency, words),
    "money_rate": lambda text, kind, currency, words: writing.rate(
        text, "money", currency, kind.periods, words
    ),
    "share": lambda text, kind, currency, words: writing.share(text, words),
    "share_rate": lambda text, kind, currency, words: writing.rate(
        text, "share", currency, kind.periods, words
    ),
    "share_or_more": lambda text, kind, currency, words: writing.factor(text, words),
    "count": lambda text, kind, currency, words: writing.count(text, words),
    "grade": lambda text, kind, currency, words: writing.count(text, words),
    "number": lambda text, kind, currency, words: writing.number(text, words),
    "number_rate": lambda text, kind, currency, words: writing.rate(
        text, "number", currency, kind.periods, words
    ),
    "result": lambda text, kind, currency, words: writing.factor(text, words),
    "rank": lambda text, kind, currency, words: writing.factor(text, words),
    "duration": lambda text, kind, currency, words: writing.duration(text, words),
    "months": lambda text, kind, currency, words: writing.whole_months(text, words),
}


def read_number(reader: Reader, kind: Kind, node: Node, address: str) -> Any:
    """Read one number in the unit of its kind, within its range; gives a `Written`."""
    words = allowed_words(kind, reader.currency)
    if not isinstance(node, Text):
        return reader.refuse(node, address, f"{shown(node)} where one value is needed", words)
    if is_null(node) or not node.value.strip():
        return reader.refuse(node, address, "needs a value", words)
    if len(node.value) > MOST_DIGITS:
        return reader.refuse(node, address, f"{shown(node)}, which is too long for a number", words)

    def parse(text: str) -> Written:
        return _within(_PARSERS[kind.name](text, kind, reader.currency, words), kind,
                       reader.currency, words)  # fmt: skip

    try:
        written = parse(node.value)
    except Misread as misread:
        meant = near(node.value, kind.options)
        return refuse_misread(reader, node, address, misread, parse, meant)
    if node.quoted and _BARE.fullmatch(node.value):
        return reader.refuse(node, address, f"{shown(node)} in quotes", words,
                             f"remove the quotes: {node.value}")  # fmt: skip
    return written


def _within(written: Written, kind: Kind, currency: str, words: str) -> Written:
    """The same number; raises `Misread` if it is outside the range of its kind."""
    for limit, word in ((kind.low, "below"), (kind.high, "above")):
        if limit is not None and (written.value < limit if word == "below" else
                                  written.value > limit):  # fmt: skip
            raise Misread(words, "", f"which is {word} {limit_words(kind, limit, currency)}")
    return written


def refuse_misread(
    reader: Reader,
    node: Node,
    address: str,
    misread: Misread,
    parse: Callable[[str], Any],
    meant: str = "",
) -> Any:
    """Report a text that is not what its place needs; gives back `MISSING`."""
    found = f"{shown(node)}, {misread.why}" if misread.why else shown(node)
    hint = misread.hint
    if hint and not hint.startswith("did you mean"):
        try:
            parse(hint)
        except Misread:  # what could not be read either is of no use
            hint = ""
    return reader.refuse(node, address, found, misread.allowed, hint or meant)
