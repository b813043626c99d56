"""What may stand in a text and in a key, and the problems found on the way.

In: one text or key and where it stands. Out: the text in its normal form, or problems written down.
Not here: files, YAML.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from sibsim.errors import Problem
from sibsim.scenario.nodes.tree import (
    MOST_DEEP,
    MOST_KEY,
    MOST_NODES,
    MOST_TEXT,
    NULLS,
    Place,
    Text,
    is_null,
)


class Stop(Exception):
    """Reading on makes no sense; the problem is already written down."""


@dataclass
class Work:
    """What one reading has found so far, and where it is."""

    problems: list[Problem] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    nodes: int = 0
    text: str = ""
    events: Iterator[yaml.Event] = field(default_factory=lambda: iter(()))
    last: yaml.Event | None = None
    opened: list[int] = field(default_factory=list)  # where the brackets around us stand
    hidden: deque[tuple[int, str]] = field(default_factory=deque)  # (index, character) to report


def say(work: Work, place: Place, found: str, allowed: str = "", hint: str = "") -> None:
    """Write a problem down, at the address reached."""
    work.problems.append(Problem(".".join(work.path), found, allowed, hint, *place))


def stop(work: Work, place: Place, found: str, allowed: str = "", hint: str = "") -> NoReturn:
    """Write a problem down and end the reading."""
    say(work, place, found, allowed, hint)
    raise Stop


def enter(work: Work, depth: int, place: Place) -> None:
    """Count one more node, `depth` mappings and lists deep."""
    work.nodes += 1
    if work.nodes > MOST_NODES:
        stop(work, place, "too many values", f"at most {MOST_NODES:,} in a scenario")
    if depth > MOST_DEEP:
        stop(work, place, f"nested more than {MOST_DEEP} deep")


def readable(text: str, most: int = 60) -> str:
    """Text that is safe to print: nothing invisible, nothing that moves the cursor."""
    short = text if len(text) <= most else text[:most] + "..."
    return "".join(
        c if c.isprintable() or c in "\u200c\u200d" else f"\\u{ord(c):04x}" for c in short
    )


_FLAGS = "|".join(  # England, Scotland, Wales are spelled with otherwise forbidden tag characters
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in place) + "\U000e007f"
    for place in ("gbeng", "gbsct", "gbwls")
)
# Controls, default-ignorable and bidirectional format characters, line breaks other than LF, and
# what XML refuses. The two joiners are part of emoji and of Persian or Indic words, so they may
# stand between two characters beyond ASCII. Group 1 is what is forbidden.
HIDDEN = re.compile(
    f"(?:{_FLAGS})|("
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe"
    "\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\u200c\u200d]))"
)
_CONTROLS = {
    0x00: "NULL",
    0x07: "BELL",
    0x08: "BACKSPACE",
    0x0B: "LINE TABULATION",
    0x0C: "FORM FEED",
    0x1B: "ESCAPE",
    0x7F: "DELETE",
    0x85: "NEXT LINE",
}
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f]")
_MOST_MARKS = 30  # the Stream-Safe Text Format of Unicode annex 15; longer runs are slow to sort


def forbidden(text: str) -> Iterator[tuple[int, str]]:
    """Find each character that may not stand in a text, with its index."""
    return ((m.start(1), m[1]) for m in HIDDEN.finditer(text) if m[1] is not None)


def named(char: str) -> str:
    """Say which character this is: code point and Unicode name."""
    other = "NOT A CHARACTER" if unicodedata.category(char) in ("Cn", "Cs") else "CONTROL CHARACTER"
    return f"U+{ord(char):04X} {_CONTROLS.get(ord(char)) or unicodedata.name(char, other)}"


def clean(work: Work, value: str, place: Place) -> str:
    """NFC text with LF line ends; what may not stand in a text is written down."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if value.isascii() and value.isprintable() and len(value) <= MOST_TEXT:
        return value
    # JSON writes an emoji as two escapes, which arrive here as two halves.
    value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    if len(value) > MOST_TEXT:
        say(work, place, f"a text of {len(value):,} characters", f"at most {MOST_TEXT:,}")
        return value[:MOST_KEY]
    marks = 0
    for mark, run in itertools.groupby(value, unicodedata.combining):
        marks = marks + sum(1 for _ in run) if mark else 0
        if marks > _MOST_MARKS:
            say(work, place, "a letter with too many accents", f"at most {_MOST_MARKS}")
            return value[:1]
    value = unicodedata.normalize("NFC", value)
    for index, char in itertools.islice(forbidden(value), 20):
        found = f"{named(char)} as character {index + 1} is not allowed"
        say(work, place, found, "", "remove it")
    return value


def _folded(name: str) -> str:
    """Reduce a name so that two are equal if only case, accents or outer spaces differ."""
    bare = unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
    return _ACCENTS.sub("", bare).strip()


NUMBER = re.compile(
    r"[-+]?(?:0[xob][0-9a-fA-F_]+|[0-9][0-9_]*+(?::[0-5]?[0-9])+(?:\.[0-9]*)?"
    r"|(?:[0-9][0-9_]*+(?:\.[0-9_]*+)?|\.[0-9][0-9_]*+)(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))"
    r"|\.(?:nan|NaN|NAN)"
)
_TRUTHS = frozenset({"true", "false", "yes", "no", "on", "off"})
_STARTS = frozenset("?:,[]{}#&*!|>'\"%@`")


def ambiguous(value: str) -> bool:
    """Say whether other readers of YAML take a text for a number or a truth value."""
    return value.casefold() in _TRUTHS or NUMBER.fullmatch(value) is not None


def needs_quotes(value: str) -> bool:
    """Say whether a text comes back as another text, or not at all, if written without quotes."""
    return (
        value in NULLS
        or value in ("-", "<<")
        or value != value.strip()
        or value[0] in _STARTS
        or value.startswith(("- ", "---", "..."))
        or value.endswith(":")
        or any(part in value for part in (": ", " #", "\n", "\t"))
    )


def as_key(text: Text, name: str) -> Text:
    """Make a key; a number is not `quoted` as a key, because there it has to be in quotes."""
    quoted = text.quoted and not ambiguous(name)
    return Text(name, quoted, text.line, text.column)


def check_key(work: Work, key: Text, seen: dict[str, Text]) -> None:
    """Write down what is wrong with a key, alone and beside its siblings."""
    place, name, shown = (key.line, key.column), key.value, readable(key.value)
    if is_null(key) or not name.strip():
        say(work, place, "a key is empty or null", "a name needs text")
        return
    if not key.quoted and name == "<<":
        say(work, place, "the merge key << is not allowed", "", "use `options` for variants")
    elif not key.quoted and ambiguous(name):
        found = f"the key {shown} reads as a number or as true or false"
        say(work, place, found, "keys must be plain text", f'quote it: "{shown}"')
    elif len(name) > MOST_KEY:
        say(work, place, f"a key of {len(name):,} characters", f"at most {MOST_KEY}")
    elif "\n" in name or "\t" in name:
        say(work, place, f"the key {shown} has a line break or tab", "keys must be plain text")
    elif not key.quoted and name != name.strip():
        odd = next(c for c in name if c.isspace())
        found = f"{named(odd)} beside the key {shown}"
        say(work, place, found, "", "indent with ordinary spaces")
    first = seen.setdefault(_folded(name), key)
    if first is key:
        return
    lines = "" if key.line is None else f": on line {first.line} and on line {key.line}"
    if first.value == name:
        say(work, place, f"{shown} is used twice{lines}", "", "rename or remove one")
    else:
        found = f"{readable(first.value)!r} and {shown!r} are confusable names{lines}"
        say(work, place, found, "names must differ by more than case, accents or outer spaces")


def place_of(text: str, index: int) -> tuple[int, int]:
    """Give line and column of an index, counted from 1."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def start_of(event: Any) -> Place:
    """Give line and column of an event, counted from 1."""
    return event.start_mark.line + 1, event.start_mark.column + 1


def index_of(event: Any) -> int:
    """Give the index at which an event begins."""
    return int(event.start_mark.index)


def end_of(event: Any) -> int:
    """Give the index at which an event ends."""
    return int(event.end_mark.index)
