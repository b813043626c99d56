"""From the bytes of a file to a tree of texts, each with its place.

In: the bytes of one YAML or JSON file, or plain Python data. Out: frozen nodes (and, the other way,
readable YAML), or every problem found at once. Not here: what a key means, and which number, date
or truth value a text stands for.
"""

from __future__ import annotations

import difflib
import errno
import itertools
import os
import re
import stat
import sys
import unicodedata
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from sibsim.errors import FileError, Problem, ScenarioError

MOST_BYTES = 1_000_000
"""Size of a file that is read, bytes."""
MOST_DEEP = 32
"""Mappings and lists inside one another, the outermost counted."""
MOST_NODES = 50_000
"""Keys, values, mappings and lists in one scenario."""
MOST_TEXT = 20_000
"""Characters in one text."""
MOST_KEY = 500
"""Characters in one key: with every one escaped it still fits the parser's 1,024."""
WIDTH = 90
"""Columns up to which `dump_plain` keeps a mapping or list on one line."""

Place = tuple[int | None, int | None]
"""Line and column counted from 1, or two None for data that came from no file."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text as written; `quoted` if it stood in quotes or in a block of text.

    A key that is a number is never `quoted`: it has to be in quotes, so they say nothing. Places
    do not count when nodes are compared.
    """

    value: str
    quoted: bool
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Items:
    """A mapping: keys and what stands under them, in the order of the file; no key occurs twice."""

    pairs: tuple[tuple[Text, Node], ...]
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, in order."""

    items: tuple[Node, ...]
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)


Node = Text | Items | Listed

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def is_null(node: Node) -> bool:
    """Say whether nothing was given: an empty place, ``~`` or ``null`` without quotes."""
    return isinstance(node, Text) and not node.quoted and node.value in _NULLS


# ---------------------------------------------------------------------------------------------
# One reading: what was found so far, and where it is.


class _Stop(Exception):
    """Reading on makes no sense; the problem is already written down."""


@dataclass
class _Work:
    problems: list[Problem] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    nodes: int = 0
    text: str = ""
    events: Iterator[yaml.Event] = field(default_factory=lambda: iter(()))
    last: yaml.Event | None = None
    opened: list[int] = field(default_factory=list)  # where the brackets around us stand
    hidden: deque[tuple[int, str]] = field(default_factory=deque)  # (index, character) to report


def _say(work: _Work, place: Place, found: str, allowed: str = "", hint: str = "") -> None:
    work.problems.append(Problem(".".join(work.path), found, allowed, hint, *place))


def _stop(work: _Work, place: Place, found: str, allowed: str = "", hint: str = "") -> NoReturn:
    _say(work, place, found, allowed, hint)
    raise _Stop


def _enter(work: _Work, depth: int, place: Place) -> None:
    work.nodes += 1
    if work.nodes > MOST_NODES:
        _stop(work, place, "too many values", f"at most {MOST_NODES:,} in a scenario")
    if depth > MOST_DEEP:
        _stop(work, place, f"nested more than {MOST_DEEP} deep")


def _shown(text: str, most: int = 60) -> str:
    """Text that is safe to print: nothing invisible, nothing that moves the cursor."""
    short = text if len(text) <= most else text[:most] + "..."
    return "".join(
        c if c.isprintable() or c in "\u200c\u200d" else f"\\u{ord(c):04x}" for c in short
    )


# ---------------------------------------------------------------------------------------------
# Characters.

_FLAGS = "|".join(  # England, Scotland, Wales are spelled with otherwise forbidden tag characters
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in place) + "\U000e007f"
    for place in ("gbeng", "gbsct", "gbwls")
)
# Controls, default-ignorable and bidirectional format characters, line breaks other than LF, and
# what XML refuses. The two joiners are part of emoji and of Persian or Indic words, so they may
# stand between two characters beyond ASCII. Group 1 is what is forbidden.
_HIDDEN = re.compile(
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


def _forbidden(text: str) -> Iterator[tuple[int, str]]:
    return ((m.start(1), m[1]) for m in _HIDDEN.finditer(text) if m[1] is not None)


def _named(char: str) -> str:
    other = "NOT A CHARACTER" if unicodedata.category(char) in ("Cn", "Cs") else "CONTROL CHARACTER"
    return f"U+{ord(char):04X} {_CONTROLS.get(ord(char)) or unicodedata.name(char, other)}"


def _clean(work: _Work, value: str, place: Place) -> str:
    """NFC text with LF line ends; what may not stand in a text is written down."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if value.isascii() and value.isprintable() and len(value) <= MOST_TEXT:
        return value
    # JSON writes an emoji as two escapes, which arrive here as two halves.
    value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    if len(value) > MOST_TEXT:
        _say(work, place, f"a text of {len(value):,} characters", f"at most {MOST_TEXT:,}")
        return value[:MOST_KEY]
    marks = 0
    for mark, run in itertools.groupby(value, unicodedata.combining):
        marks = marks + sum(1 for _ in run) if mark else 0
        if marks > _MOST_MARKS:
            _say(work, place, "a letter with too many accents", f"at most {_MOST_MARKS}")
            return value[:1]
    value = unicodedata.normalize("NFC", value)
    for index, char in itertools.islice(_forbidden(value), 20):
        found = f"{_named(char)} as character {index + 1} is not allowed"
        _say(work, place, found, "", "remove it")
    return value


def _folded(name: str) -> str:
    """Reduce a name so that two are equal if only case, accents or outer spaces differ."""
    bare = unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
    return _ACCENTS.sub("", bare).strip()


# ---------------------------------------------------------------------------------------------
# Which texts other readers of YAML take for something else, and which need quotes.

_NUMBER = re.compile(
    r"[-+]?(?:0[xob][0-9a-fA-F_]+|[0-9][0-9_]*+(?::[0-5]?[0-9])+(?:\.[0-9]*)?"
    r"|(?:[0-9][0-9_]*+(?:\.[0-9_]*+)?|\.[0-9][0-9_]*+)(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))"
    r"|\.(?:nan|NaN|NAN)"
)
_TRUTHS = frozenset({"true", "false", "yes", "no", "on", "off"})
_STARTS = frozenset("?:,[]{}#&*!|>'\"%@`")


def _ambiguous(value: str) -> bool:
    return value.casefold() in _TRUTHS or _NUMBER.fullmatch(value) is not None


def _needs_quotes(value: str) -> bool:
    """Say whether a text comes back as another text, or not at all, if written without quotes."""
    return (
        value in _NULLS
        or value in ("-", "<<")
        or value != value.strip()
        or value[0] in _STARTS
        or value.startswith(("- ", "---", "..."))
        or value.endswith(":")
        or any(part in value for part in (": ", " #", "\n", "\t"))
    )


def _key(text: Text, name: str) -> Text:
    """Make a key; a number is not `quoted` as a key, because there it has to be in quotes."""
    quoted = text.quoted and not _ambiguous(name)
    return Text(name, quoted, text.line, text.column)


def _check_key(work: _Work, key: Text, seen: dict[str, Text]) -> None:
    """Write down what is wrong with a key, alone and beside its siblings."""
    place, name, shown = (key.line, key.column), key.value, _shown(key.value)
    if is_null(key) or not name.strip():
        _say(work, place, "a key is empty or null", "a name needs text")
        return
    if not key.quoted and name == "<<":
        _say(work, place, "the merge key << is not allowed", "", "use `extends` for variants")
    elif not key.quoted and _ambiguous(name):
        found = f"the key {shown} reads as a number or as true or false"
        _say(work, place, found, "keys must be plain text", f'quote it: "{shown}"')
    elif len(name) > MOST_KEY:
        _say(work, place, f"a key of {len(name):,} characters", f"at most {MOST_KEY}")
    elif "\n" in name or "\t" in name:
        _say(work, place, f"the key {shown} has a line break or tab", "keys must be plain text")
    elif not key.quoted and name != name.strip():
        odd = next(c for c in name if c.isspace())
        found = f"{_named(odd)} beside the key {shown}"
        _say(work, place, found, "", "indent with ordinary spaces")
    first = seen.setdefault(_folded(name), key)
    if first is key:
        return
    lines = "" if key.line is None else f": on line {first.line} and on line {key.line}"
    if first.value == name:
        _say(work, place, f"{shown} is used twice{lines}", "", "rename or remove one")
    else:
        found = f"{_shown(first.value)!r} and {shown!r} are confusable names{lines}"
        _say(work, place, found, "names must differ by more than case, accents or outer spaces")


# ---------------------------------------------------------------------------------------------
# Files.


def read_bytes(path: str | os.PathLike[str]) -> tuple[bytes, str]:
    """Read a scenario file once, whole, without ever waiting for a pipe or device.

    Parameters
    ----------
    path : str or path
        A regular file, or a link to one; ``-`` is standard input.

    Returns
    -------
    data : bytes
        At most `MOST_BYTES`.
    name : str
        What to call it in messages: the path as given, or ``<stdin>``.

    Raises
    ------
    FileError
        There is no such file, it is a folder, a device or a pipe, or it may not be read.
    ScenarioError
        It is too large.

    """
    name = os.fsdecode(path)
    if name == "-":
        name, stream = "<stdin>", getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise FileError(f"{name}: there is no standard input to read")
        try:
            data: bytes = stream.read(MOST_BYTES + 1)
        except (OSError, ValueError) as wrong:
            raise FileError(f"{name}: {_why_not('', wrong)}") from None
    else:
        data = _read_regular(name)
    _refuse_unreadable(data, name)
    return data, name


def _read_regular(name: str) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(name, flags)
        try:
            mode = os.fstat(handle).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError
            if not stat.S_ISREG(mode):
                raise FileError(f"{_shown(name, 300)}: not a regular file")
            with open(handle, "rb", closefd=False) as file:
                return file.read(MOST_BYTES + 1)
        finally:
            os.close(handle)
    except (OSError, ValueError) as wrong:
        raise FileError(f"{_shown(name, 300)}: {_why_not(name, wrong)}") from None


def _why_not(name: str, wrong: OSError | ValueError) -> str:
    """Say in words why a file could not be read, with the name probably meant."""
    code = wrong.errno if isinstance(wrong, OSError) else None
    if isinstance(wrong, IsADirectoryError) or (name and _is_folder(name)):
        found = [entry for entry in _names(name) if entry.lower().endswith((".yaml", ".yml"))]
        return "is a folder" + (_meant(name, found[0]) if len(found) == 1 else "")
    if code == errno.ELOOP:
        return "links that lead round in a circle"
    if isinstance(wrong, PermissionError):
        return "permission denied"
    if code == errno.ENXIO:  # opening a socket
        return "not a regular file"
    if isinstance(wrong, (FileNotFoundError, NotADirectoryError, ValueError)):
        folder, base = os.path.split(name)
        near = difflib.get_close_matches(base, [n for n in _names(folder) if n != base], 1)
        return "no such file" + (_meant(folder, near[0]) if near else "")
    return (wrong.strerror or "cannot be read").lower()


def _meant(folder: str, base: str) -> str:
    return f"; did you mean {_shown(os.path.join(folder, base), 300)}?"


def _is_folder(name: str) -> bool:
    with suppress(ValueError):
        return os.path.isdir(name)
    return False


def _names(folder: str) -> list[str]:
    with suppress(OSError, ValueError), os.scandir(folder or ".") as entries:
        return sorted(entry.name for entry in itertools.islice(entries, 5_000))
    return []


_MAGIC = (  # how the file begins, what it then contains, what it is
    (b"PK\x03\x04", b"xl/work", "this is an Excel file; export or use sibsim import"),
    (b"PK\x03\x04", b"word/document", "this is a Word file; save it as plain text"),
    (b"PK\x03\x04", b"", "this is a zip file; give the scenario inside it"),
    (b"PK\x05\x06", b"", "this is a zip file; give the scenario inside it"),
    (b"%PDF", b"", "this is a PDF; give the scenario as plain text"),
    (b"\xd0\xcf\x11\xe0", b"", "this is an old Excel or Word file; export or use sibsim import"),
)


def _refuse_unreadable(data: bytes, source: str) -> None:
    for start, inside, found in _MAGIC:
        if data.startswith(start) and inside in data:
            raise ScenarioError([Problem("", found)], source)
    if len(data) > MOST_BYTES:
        found, allowed = "the file is too large", f"at most 1 MB ({MOST_BYTES:,} bytes)"
        raise ScenarioError([Problem("", found, allowed, "put tables in a CSV")], source)


# ---------------------------------------------------------------------------------------------
# Bytes to characters.

_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_LOST = re.compile("[\udc80-\udcff]")  # how surrogateescape hands on a byte that is not UTF-8
_HEAD = re.compile(r"(?:(?:[ \t]*+(?:#[^\n]*+)?|%[^\n]*+)\n)*+")
_JSON_START = re.compile(r"\s*+\{\s*+[\"}]")
_JSON = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
    r"|(?P<tab>\t)|(?P<note>(?<![:\w])(?://|/\*))|(?P<comma>,)(?=\s*+[}\]])",
    re.DOTALL,
)
# A run that only an attack has: the parser looks 1,024 characters ahead, quadratic in its depth.
_PIT = re.compile(r"(?:[\[{] *+){100}")


def _place_of(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(work: _Work, data: bytes) -> str:
    """Text with LF line ends in which every forbidden character is replaced by U+FFFD."""
    nulls = sorted((data[0:2000:2].count(0), data[1:2000:2].count(0)))
    lopsided = nulls[1] > 4 * nulls[0] and 3 * nulls[1] > len(data[:2000])
    if data.startswith(_WIDE_MARKS) or lopsided:
        _stop(work, (None, None), "the file is in UTF-16 or UTF-32", "", "save it as UTF-8")
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    text = data[len(mark) :].decode("utf-8", "surrogateescape")
    lost = _LOST.search(text)
    if lost is not None:
        # One report, not one a byte: the cause is the same, and so is the cure.
        before = text[: lost.start()]
        offset = len(mark) + len(before.encode())
        typed = bytes([ord(lost[0]) - 0xDC00]).decode("cp1252", "ignore")
        found = f"byte {data[offset]:02X} at offset {offset} is not UTF-8"
        if typed and typed.isprintable():
            found += f", often a {typed} typed in a Windows editor"
        place = _place_of(_lf(before), len(_lf(before)))
        _say(work, place, found, "", "save it as UTF-8")
        text = _LOST.sub("\ufffd", text)
    text = _lf(text)
    work.hidden.extend(itertools.islice(_forbidden(text), 1_000))
    return _HIDDEN.sub(lambda m: m[0] if m[1] is None else "\ufffd", text)


def _without_extras(work: _Work) -> None:
    """Write down directives and what JSON forbids, and blank them out so that places stay right."""
    text = work.text
    head = _HEAD.match(text + "\n")
    end = 0 if head is None else head.end()
    for match in itertools.islice(re.finditer("^%.*", text[:end], re.MULTILINE), 20):
        found = f"the directive {_shown(match[0])} is not needed"
        _say(work, _place_of(text, match.start()), found, "", "remove the line")
    text = re.sub("^%", "#", text[:end], flags=re.MULTILINE) + text[end:]
    if _JSON_START.match(text):
        extras = (match for match in _JSON.finditer(text) if match["note"] or match["comma"])
        for match in itertools.islice(extras, 100):
            found = "a comma before a closing bracket" if match["comma"] else "a comment"
            line, column = _place_of(text, match.start())
            found = f"{found} at column {column} is not allowed in JSON"
            _say(work, (line, column), found, "", "remove it")
        text = _JSON.sub(lambda m: " " if m["tab"] else m[0], text)  # tabs may indent JSON
    work.text = text
    pit = _PIT.search(text)
    if pit is not None:
        _stop(work, _place_of(text, pit.start()), f"nested more than {MOST_DEEP} deep")


# ---------------------------------------------------------------------------------------------
# Events to nodes.


def parse(data: bytes, source: str) -> Items:
    """Read YAML or JSON into nodes, texts exactly as written and NFC-normalised.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark, with any line ends; at most `MOST_BYTES`.
    source : str
        What to call it in messages.

    Raises
    ------
    ScenarioError
        With every problem that could be found; a fault of syntax or an alias ends the search.

    """
    _refuse_unreadable(data, source)
    work = _Work()
    root: Node | None = None
    with suppress(_Stop):
        work.text = _decode(work, data)
        _without_extras(work)
        work.events = iter(yaml.parse(work.text, Loader=yaml.SafeLoader))
        root = _document(work)
    work.path.clear()
    _report_hidden(work, len(work.text), len(work.text))
    if not work.problems and not isinstance(root, Items):
        place = (None, None) if root is None else (root.line, root.column)
        found, hint = "the file is empty", ""
        if isinstance(root, Listed):
            found = "this is a list"
        elif root is not None and not is_null(root):
            found, hint = "this is one text", _line_hint(work.text, root.line or 1)
        _say(work, place, found, "it must be key: value lines", hint)
    if work.problems or not isinstance(root, Items):
        raise ScenarioError(work.problems, source)
    return root


def _document(work: _Work) -> Node | None:
    _next(work)
    if isinstance(_next(work), yaml.StreamEndEvent):
        return None
    root = _read(work, _next(work), 0)
    _next(work)
    event = _next(work)
    if not isinstance(event, yaml.StreamEndEvent):
        _stop(work, _start(event), "more than one document", "", "remove the line with ---")
    return root


def _start(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _at(event: Any) -> int:
    return int(event.start_mark.index)


def _end(event: Any) -> int:
    return int(event.end_mark.index)


def _next(work: _Work) -> yaml.Event:
    try:
        work.last = next(work.events)
    except yaml.MarkedYAMLError as wrong:
        _syntax(work, wrong)
    except Exception:
        # The parser lets bare errors out, such as OverflowError for an escape above U+10FFFF.
        place = (None, None) if work.last is None else _start(work.last)
        _stop(work, place, "cannot be read as YAML after here", "", "look for a wrong escape")
    return work.last


def _report_hidden(work: _Work, start: int, end: int) -> None:
    """Write down the forbidden characters up to `end`; those from `start` on have our address."""
    while work.hidden and work.hidden[0][0] < end:
        index, char = work.hidden.popleft()
        address = ".".join(work.path) if index >= start else ""
        line, column = _place_of(work.text, index)
        found = f"{_named(char)} at column {column} is not allowed"
        work.problems.append(Problem(address, found, "", "remove it", line, column))


def _read(work: _Work, event: Any, depth: int) -> Node:
    """Read the node that begins with `event`, inside `depth` mappings and lists."""
    place = _start(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        _stop(work, place, *_ANCHOR)
    tag = getattr(event, "tag", None)
    if tag is not None:
        written = _shown(tag.replace("tag:yaml.org,2002:", "!!"))
        _say(work, place, f"tag not allowed: {written}", "", _QUOTE)
    if isinstance(event, yaml.ScalarEvent):
        _enter(work, depth, place)
        _report_hidden(work, _at(event), _end(event))
        return Text(_clean(work, event.value, place), bool(event.style), *place)
    _enter(work, depth + 1, place)
    in_brackets = bool(getattr(event, "flow_style", False))
    if in_brackets:
        work.opened.append(_at(event))
    read = _items if isinstance(event, yaml.MappingStartEvent) else _listed
    node = read(work, place, depth + 1, in_brackets)
    if in_brackets:
        work.opened.pop()
    return node


def _items(work: _Work, place: Place, depth: int, in_brackets: bool) -> Items:
    pairs: list[tuple[Text, Node]] = []
    seen: dict[str, Text] = {}
    while not isinstance(event := _next(work), yaml.MappingEndEvent):
        if in_brackets and pairs and _after_comma(work, event) and not _has_colon(work, event):
            pairs[-1] = (pairs[-1][0], _mended(work, pairs[-1][1], event, depth))
            continue
        before = len(work.problems)
        key = _read(work, event, depth)
        if not isinstance(key, Text):
            _say(work, _start(event), "keys must be plain text", "", "take a plain name")
            key = Text("?", True)
        elif len(work.problems) == before:
            _check_key(work, key, seen)
        key = _key(key, key.value.strip())
        work.path.append(_shown(key.value, MOST_KEY))
        pairs.append((key, _read(work, _next(work), depth)))
        work.path.pop()
    return Items(tuple(pairs), *place)


def _listed(work: _Work, place: Place, depth: int, in_brackets: bool) -> Listed:
    items: list[Node] = []
    torn: yaml.Event | None = None
    spaced = sure = False
    while not isinstance(event := _next(work), yaml.SequenceEndEvent):
        if in_brackets and items:
            after = _after_comma(work, event)
            if _THREE.match(after):
                torn = torn or event
                sure = sure or not _is_json_number(items[-1]) or after[0] == "0"
                sure = sure or _NUMBER.fullmatch(after) is None
            else:
                spaced = spaced or work.text[_at(event) - 1].isspace()
        work.path.append(str(len(items) + 1))
        items.append(_read(work, event, depth))
        work.path.pop()
    # [1,200,300] is how programs write three numbers; [1,200, 300] is how people write two.
    if torn is not None and (sure or spaced):
        _say_torn(work, torn)
    return Listed(tuple(items), *place)


# ---------------------------------------------------------------------------------------------
# The comma of an amount. YAML ends a text in brackets at any comma, so {price: £2,500, lag: 1} is
# to it a price of £2, a key 500 without a value, and a lag. A key without a colon is of no use
# here, so between braces the two halves are put together again; in a list nobody can tell.

_THREE = re.compile(r"[0-9]{3}(?![0-9])")
_HEAD_OF_AMOUNT = re.compile(r"(?:(?:^|[^0-9.])[0-9]{1,3}|,[0-9]{3})$")


def _is_json_number(node: Node) -> bool:
    return isinstance(node, Text) and _NUMBER.fullmatch(node.value) is not None


def _after_comma(work: _Work, event: yaml.Event) -> str:
    """Give back a text that a comma ties to the digit before it; else nothing."""
    at = _at(event)
    if not isinstance(event, yaml.ScalarEvent) or event.style or at < 2:
        return ""
    text = work.text[at - 2 : at + 1]
    return str(event.value) if re.fullmatch("[0-9],[0-9]", text) else ""


def _has_colon(work: _Work, event: yaml.Event) -> bool:
    return re.compile(r"\s*+:").match(work.text, _end(event)) is not None


def _mended(work: _Work, first: Node, event: yaml.Event, depth: int) -> Node:
    rest = _read(work, event, depth)
    _read(work, _next(work), depth)  # the nothing that stands under the torn half
    if (
        not isinstance(first, Text)
        or not isinstance(rest, Text)
        or first.quoted
        or not _HEAD_OF_AMOUNT.search(first.value[-5:])
        or not _THREE.match(rest.value)
        or len(first.value) + len(rest.value) >= MOST_TEXT
    ):
        _say_torn(work, event)
        return first
    return Text(f"{first.value},{rest.value}", False, first.line, first.column)


def _say_torn(work: _Work, event: yaml.Event) -> None:
    at = _at(event)
    left = re.search(r"[^\s,:\[\]{}]*$", work.text[max(0, at - 40) : at - 1])
    right = re.match(r"[0-9]+(?:,[0-9]{3})*", work.text[at : at + 40])
    whole = f"{left[0] if left else ''},{right[0] if right else ''}"
    found = f"inside brackets the comma in {_shown(whole)} ends the value"
    hint = f"write {_shown(whole.replace(',', ''))}, or put the whole text in quotes"
    _say(work, _start(event), found, "", hint)


# ---------------------------------------------------------------------------------------------
# Faults of syntax, in words.

_QUOTE = "put the text in quotes"
_ANCHOR = ("anchors and aliases (& and *) are not allowed", "", "use `extends`, or " + _QUOTE)
_FITS = "does not fit the lines above"
_SYNTAX = (  # words of the parser, what we say, what to try; the first that fits
    ("character '\\t'", "a tab stands here", "indent with spaces, not tabs"),
    ("escape", "in double quotes a backslash begins an escape", "use single quotes"),
    ("an alias", *_ANCHOR[::2]),
    ("an anchor", *_ANCHOR[::2]),
    (" tag", "tag not allowed", _QUOTE),
    ("a directive", "the directive is not needed", "remove the line"),
    ("a block scalar", "a text cannot begin with this character", _QUOTE),
    ("cannot start any token", "a text cannot begin with this character", _QUOTE),
    ("sequence entries are not allowed", "a list begins here", "start it on a line of its own"),
    ("mapping values are not allowed", "a second colon on this line", "quote the text"),
    ("but got ':'", "a second colon on this line", "quote the text"),
    ("expected the node content", "a value is missing here", "write it, or remove the comma"),
    ("expected <block end>", f"this {_FITS}", "check the indentation and the quotes"),
    ("expected '<document start>'", f"this {_FITS}", "check the indentation"),
)


def _syntax(work: _Work, wrong: Any) -> NoReturn:
    """Translate the parser's words into ours, and point to where the fault began."""
    said, text = f"{wrong.context}: {wrong.problem}", work.text
    at = (wrong.problem_mark or wrong.context_mark).index
    opened = work.opened[-1] if work.opened else None
    found, hint = next(
        (row[1:] for row in _SYNTAX if row[0] in said),
        (f"cannot be read as YAML: {_shown(str(wrong.problem))}", ""),
    )
    line = _place_of(text, at)[0]
    twice = "got ':'" in said and "\n" not in text[opened:at]
    if "end of stream" in said or "document separator" in said:
        at, found, hint = wrong.context_mark.index, "the quote opened here is never closed", ""
    elif _runs_on(work.last, line):
        at, hint = _at(work.last), "close it"
        found = f"the quote opened here runs on to line {line}"
    elif opened is not None and ("<stream end>" in said or ("expected ','" in said and not twice)):
        at, found = opened, f"the bracket {text[opened]} opened here is not closed"
        found += "" if "<stream end>" in said else f", or a comma is missing, before line {line}"
        hint = "close it; quote a text that has a colon or bracket in it"
    elif "expected ':'" in said:
        at, found = wrong.context_mark.index, "this line is not of the form key: value"
        hint = _line_hint(text, _place_of(text, at)[0])
        hint = hint or "indent it if it continues the text above"
    elif "mapping values" in said and not re.search(r":\s", text[text.rfind("\n", 0, at) + 1 : at]):
        found = f"this {_FITS}"
        hint = _line_hint(text, max(line - 1, 1)) or "check the indentation"
    elif "'<document start>'" in said and re.search(r"^\.\.\.", text[:at], re.MULTILINE):
        found, hint = "more than one document", "remove the line with ..."
    if opened is not None and "\n" in text[opened:at]:
        hint += f"; is the bracket opened on line {_place_of(text, opened)[0]} closed?"
    _stop(work, _place_of(text, at), found, "", hint)


def _runs_on(event: Any, line: int) -> bool:
    """See a quote closed on the line of a fault, after several lines, by what should open one."""
    quoted = isinstance(event, yaml.ScalarEvent) and event.style in ("'", '"')
    return quoted and event.start_mark.line < event.end_mark.line == line - 1


def _line_hint(text: str, number: int) -> str:
    """See whether a line lacks the space after its colon, or has an odd one."""
    line = text.split("\n")[number - 1]
    odd = re.search(r"[^\S\t ]", line)
    if odd is not None:
        return f"replace {_named(odd[0])} by an ordinary space on line {number}"
    missing = re.search(r"\w:[^\s/]", line)
    return f"put a space after the colon on line {number}" if missing else ""


# ---------------------------------------------------------------------------------------------
# Plain Python data, in and out.


def to_node(data: object, source: str = "<scenario>") -> Node:
    """Give plain Python data the form that `parse` gives a file, under the same limits.

    Parameters
    ----------
    data : object
        Mappings with text keys, lists or tuples, str, int, float (NumPy's too), bool and None.
    source : str
        What to call it in messages.

    Returns
    -------
    Node
        Without places. A str is `quoted` if in a file it would need quotes to stay text.

    Raises
    ------
    ScenarioError
        With every problem found: other types, keys that are not text, limits.

    """
    work = _Work()
    root: Node | None = None
    with suppress(_Stop):
        root = _from_plain(work, data, 0)
    if work.problems or root is None:
        raise ScenarioError(work.problems, source)
    return root


_NOWHERE: Place = (None, None)


def _from_plain(work: _Work, data: object, depth: int) -> Node:
    inside = isinstance(data, (Mapping, list, tuple))
    _enter(work, depth + inside, _NOWHERE)
    if isinstance(data, Mapping):
        return _from_mapping(work, data, depth + 1)
    if isinstance(data, (list, tuple)):
        items = []
        for number, item in enumerate(data, 1):
            work.path.append(str(number))
            items.append(_from_plain(work, item, depth + 1))
            work.path.pop()
        return Listed(tuple(items))
    if isinstance(data, str):
        value = _clean(work, data, _NOWHERE)
        return Text(value, _needs_quotes(value))
    if getattr(data, "shape", None) == () and hasattr(data, "item"):
        data = data.item()  # a number of NumPy's, whose own repr is np.float64(0.1)
    if data is None or isinstance(data, bool):
        return Text({None: "null", True: "true", False: "false"}[data], False)
    with suppress(ValueError):  # an int of more than 4,300 digits has no repr
        if isinstance(data, (int, float)):
            return Text(repr(data), False)
    found = f"a value of type {_shown(type(data).__name__)} that cannot be written as text"
    _say(work, _NOWHERE, found, "dict, list, str, int, float, bool and None")
    return Text("", True)


def _from_mapping(work: _Work, data: Mapping[object, object], depth: int) -> Items:
    pairs: list[tuple[Text, Node]] = []
    seen: dict[str, Text] = {}
    for key, value in data.items():
        if not isinstance(key, str):
            found = f"a key of type {_shown(type(key).__name__)}"
            _say(work, _NOWHERE, found, "keys must be plain text", 'quote it, as in "2024"')
            continue
        before, name = len(work.problems), _clean(work, key, _NOWHERE)
        _enter(work, depth, _NOWHERE)
        if len(work.problems) == before:
            _check_key(work, Text(name, True), seen)
        name = name.strip()
        work.path.append(_shown(name, MOST_KEY))
        key_text = _key(Text(name, _needs_quotes(name)), name)
        pairs.append((key_text, _from_plain(work, value, depth)))
        work.path.pop()
    return Items(tuple(pairs))


def dump_plain(data: object) -> str:
    """Write plain data as YAML that people can read and that `parse` reads back the same.

    Mappings and lists of up to `WIDTH` columns stand on one line; two spaces indent; text is
    quoted only where it would otherwise be read as something else.

    Raises
    ------
    ScenarioError
        As `to_node`.

    """
    root = to_node(data)
    if isinstance(root, Text):
        return f"{_written(root)}\n"
    return "".join(f"{line}\n" for line in _lines(root, 0)) or f"{_in_brackets(root)}\n"


def _lines(node: Items | Listed, indent: int) -> Iterator[str]:
    pad = " " * indent
    entries: list[tuple[str, Node]]
    if isinstance(node, Items):
        entries = [(f"{pad}{_key_written(key)}:", value) for key, value in node.pairs]
    else:
        entries = [(f"{pad}-", item) for item in node.items]
    for head, value in entries:
        if isinstance(value, Text):
            yield f"{head} {_written(value)}"
            continue
        line = _in_brackets(value)
        if line in ("{}", "[]") or (line is not None and len(head) + 1 + len(line) <= WIDTH):
            yield f"{head} {line}"
            continue
        below = list(_lines(value, indent + 2))
        if isinstance(node, Items):
            yield head
        else:
            below[0] = f"{head} {below[0][indent + 2 :]}"
        yield from below


def _written(text: Text) -> str:
    if not text.quoted:
        return text.value
    escaped = text.value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'


def _key_written(key: Text) -> str:
    return f'"{key.value}"' if _ambiguous(key.value) else _written(key)


def _in_brackets(node: Node) -> str | None:
    """Write on one line; None if a text would need quotes there that it does not need elsewhere."""
    if isinstance(node, Text):
        bare = not node.quoted and any(sign in node.value for sign in ",[]{}?")
        return None if bare else _written(node)
    if isinstance(node, Listed):
        parts = [_in_brackets(item) for item in node.items]
    else:
        parts = [_in_brackets(part) for pair in node.pairs for part in pair]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if isinstance(node, Listed):
        return f"[{', '.join(known)}]"
    keys = [_key_written(key) for key, _ in node.pairs]
    values = known[1::2]
    return f"{{{', '.join(f'{k}: {v}' for k, v in zip(keys, values, strict=True))}}}"
