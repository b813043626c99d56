"""From the bytes of one YAML or JSON file to a tree of nodes.

In: bytes. Out: nodes with places, or every problem found at once. Not here: what a key means, and
which number, date or truth value a text stands for.
"""

from __future__ import annotations

import itertools
import re
from contextlib import suppress
from typing import Any

import yaml

from sibsim.errors import Problem, ScenarioError
from sibsim.scenario.nodes.faults import ANCHOR, QUOTE, line_hint, syntax
from sibsim.scenario.nodes.opening import refuse_unreadable
from sibsim.scenario.nodes.texts import (
    HIDDEN,
    NUMBER,
    Stop,
    Work,
    as_key,
    check_key,
    clean,
    end_of,
    enter,
    forbidden,
    index_of,
    named,
    place_of,
    readable,
    say,
    start_of,
    stop,
)
from sibsim.scenario.nodes.tree import (
    MOST_DEEP,
    MOST_KEY,
    MOST_TEXT,
    Items,
    Listed,
    Node,
    Place,
    Text,
    is_null,
)

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


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(work: Work, data: bytes) -> str:
    """Text with LF line ends in which every forbidden character is replaced by U+FFFD."""
    nulls = sorted((data[0:2000:2].count(0), data[1:2000:2].count(0)))
    lopsided = nulls[1] > 4 * nulls[0] and 3 * nulls[1] > len(data[:2000])
    if data.startswith(_WIDE_MARKS) or lopsided:
        stop(work, (None, None), "the file is in UTF-16 or UTF-32", "", "save it as UTF-8")
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
        place = place_of(_lf(before), len(_lf(before)))
        say(work, place, found, "", "save it as UTF-8")
        text = _LOST.sub("\ufffd", text)
    text = _lf(text)
    work.hidden.extend(itertools.islice(forbidden(text), 1_000))
    return HIDDEN.sub(lambda m: m[0] if m[1] is None else "\ufffd", text)


def _without_extras(work: Work) -> None:
    """Write down directives and what JSON forbids, and blank them out so that places stay right."""
    text = work.text
    head = _HEAD.match(text + "\n")
    end = 0 if head is None else head.end()
    for match in itertools.islice(re.finditer("^%.*", text[:end], re.MULTILINE), 20):
        found = f"the directive {readable(match[0])} is not needed"
        say(work, place_of(text, match.start()), found, "", "remove the line")
    text = re.sub("^%", "#", text[:end], flags=re.MULTILINE) + text[end:]
    if _JSON_START.match(text):
        extras = (match for match in _JSON.finditer(text) if match["note"] or match["comma"])
        for match in itertools.islice(extras, 100):
            found = "a comma before a closing bracket" if match["comma"] else "a comment"
            line, column = place_of(text, match.start())
            found = f"{found} at column {column} is not allowed in JSON"
            say(work, (line, column), found, "", "remove it")
        text = _JSON.sub(lambda m: " " if m["tab"] else m[0], text)  # tabs may indent JSON
    work.text = text
    pit = _PIT.search(text)
    if pit is not None:
        stop(work, place_of(text, pit.start()), f"nested more than {MOST_DEEP} deep")


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
    refuse_unreadable(data, source)
    work = Work()
    root: Node | None = None
    with suppress(Stop):
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
            found, hint = "this is one text", line_hint(work.text, root.line or 1)
        say(work, place, found, "it must be key: value lines", hint)
    if work.problems or not isinstance(root, Items):
        raise ScenarioError(work.problems, source)
    return root


def _document(work: Work) -> Node | None:
    _next(work)
    if isinstance(_next(work), yaml.StreamEndEvent):
        return None
    root = _read(work, _next(work), 0)
    _next(work)
    event = _next(work)
    if not isinstance(event, yaml.StreamEndEvent):
        stop(work, start_of(event), "more than one document", "", "remove the line with ---")
    return root


def _next(work: Work) -> yaml.Event:
    try:
        work.last = next(work.events)
    except yaml.MarkedYAMLError as wrong:
        syntax(work, wrong)
    except Exception:
        # The parser lets bare errors out, such as OverflowError for an escape above U+10FFFF.
        place = (None, None) if work.last is None else start_of(work.last)
        stop(work, place, "cannot be read as YAML after here", "", "look for a wrong escape")
    return work.last


def _report_hidden(work: Work, start: int, end: int) -> None:
    """Write down the forbidden characters up to `end`; those from `start` on have our address."""
    while work.hidden and work.hidden[0][0] < end:
        index, char = work.hidden.popleft()
        address = ".".join(work.path) if index >= start else ""
        line, column = place_of(work.text, index)
        found = f"{named(char)} at column {column} is not allowed"
        work.problems.append(Problem(address, found, "", "remove it", line, column))


def _read(work: Work, event: Any, depth: int) -> Node:
    """Read the node that begins with `event`, inside `depth` mappings and lists."""
    place = start_of(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        stop(work, place, *ANCHOR)
    tag = getattr(event, "tag", None)
    if tag is not None:
        written = readable(tag.replace("tag:yaml.org,2002:", "!!"))
        say(work, place, f"tag not allowed: {written}", "", QUOTE)
    if isinstance(event, yaml.ScalarEvent):
        enter(work, depth, place)
        _report_hidden(work, index_of(event), end_of(event))
        return Text(clean(work, event.value, place), bool(event.style), *place)
    enter(work, depth + 1, place)
    in_brackets = bool(getattr(event, "flow_style", False))
    if in_brackets:
        work.opened.append(index_of(event))
    read = _items if isinstance(event, yaml.MappingStartEvent) else _listed
    node = read(work, place, depth + 1, in_brackets)
    if in_brackets:
        work.opened.pop()
    return node


def _items(work: Work, place: Place, depth: int, in_brackets: bool) -> Items:
    pairs: list[tuple[Text, Node]] = []
    seen: dict[str, Text] = {}
    while not isinstance(event := _next(work), yaml.MappingEndEvent):
        if in_brackets and pairs and _after_comma(work, event) and not _has_colon(work, event):
            mended = _mended(work, pairs[-1][1], event, depth)
            _read(work, _next(work), depth)  # the nothing that stands under the torn half
            pairs[-1] = (pairs[-1][0], mended)
            continue
        before = len(work.problems)
        key = _read(work, event, depth)
        if not isinstance(key, Text):
            say(work, start_of(event), "keys must be plain text", "", "take a plain name")
            key = Text("?", True)
        elif len(work.problems) == before:
            check_key(work, key, seen)
        key = as_key(key, key.value.strip())
        work.path.append(readable(key.value, MOST_KEY))
        pairs.append((key, _read(work, _next(work), depth)))
        work.path.pop()
    return Items(tuple(pairs), *place)


def _listed(work: Work, place: Place, depth: int, in_brackets: bool) -> Listed:
    items: list[Node] = []
    torn: yaml.Event | None = None
    spaced = sure = False
    while not isinstance(event := _next(work), yaml.SequenceEndEvent):
        if in_brackets and items:
            after = _after_comma(work, event)
            if _THREE.match(after) and _has_sign(items[-1]):
                items[-1] = _mended(work, items[-1], event, depth)
                continue
            if _THREE.match(after):
                torn = torn or event
                sure = sure or not _is_json_number(items[-1]) or after[0] == "0"
                sure = sure or NUMBER.fullmatch(after) is None
            else:
                spaced = spaced or work.text[index_of(event) - 1].isspace()
        work.path.append(str(len(items) + 1))
        items.append(_read(work, event, depth))
        work.path.pop()
    # [1,200,300] is how programs write three numbers; [1,200, 300] is how people write two.
    if torn is not None and (sure or spaced):
        _say_torn(work, torn)
    return Listed(tuple(items), *place)


# The comma of an amount. YAML ends a text in brackets at any comma, so {price: £2,500, lag: 1} is
# to it a price of £2, a key 500 without a value, and a lag. A key without a colon is of no use
# here, so between braces the two halves are put together again; in a list they are if the first
# half begins with the sign of a currency, as in [£1,500, £2,000], and else nobody can tell.

_THREE = re.compile(r"[0-9]{3}(?![0-9])")
_SIGN = re.compile(r"-?\s?[^\W\d_]{0,3}[£$€¥₹₩]|-?[A-Z]{3}\s?[0-9]")
_HEAD_OF_AMOUNT = re.compile(r"(?:(?:^|[^0-9.])[0-9]{1,3}|,[0-9]{3})$")


def _has_sign(node: Node) -> bool:
    return isinstance(node, Text) and not node.quoted and _SIGN.match(node.value) is not None


def _is_json_number(node: Node) -> bool:
    return isinstance(node, Text) and NUMBER.fullmatch(node.value) is not None


def _after_comma(work: Work, event: yaml.Event) -> str:
    """Give back a text that a comma ties to the digit before it; else nothing."""
    at = index_of(event)
    if not isinstance(event, yaml.ScalarEvent) or event.style or at < 2:
        return ""
    text = work.text[at - 2 : at + 1]
    return str(event.value) if re.fullmatch("[0-9],[0-9]", text) else ""


def _has_colon(work: Work, event: yaml.Event) -> bool:
    return re.compile(r"\s*+:").match(work.text, end_of(event)) is not None


def _mended(work: Work, first: Node, event: yaml.Event, depth: int) -> Node:
    rest = _read(work, event, depth)
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


def _say_torn(work: Work, event: yaml.Event) -> None:
    at = index_of(event)
    left = re.search(r"[^\s,:\[\]{}]*$", work.text[max(0, at - 40) : at - 1])
    right = re.match(r"[0-9]+(?:,[0-9]{3})*", work.text[at : at + 40])
    whole = f"{left[0] if left else ''},{right[0] if right else ''}"
    found = f"inside brackets the comma in {readable(whole)} ends the value"
    hint = f"write {readable(whole.replace(',', ''))}, or put the whole text in quotes"
    say(work, start_of(event), found, "", hint)
