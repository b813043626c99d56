"""What is wrong with the YAML, in words, and where it began.

In: the parser's error and how far the reading came. Out: one problem. Not here: what is refused
although it is good YAML.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import yaml

from sibsim.scenario.nodes.texts import Work, index_of, named, place_of, readable, stop

QUOTE = "put the text in quotes"
ANCHOR = ("anchors and aliases (& and *) are not allowed", "", "write it out, or " + QUOTE)
_FITS = "does not fit the lines above"
_SYNTAX = (  # words of the parser, what we say, what to try; the first that fits
    ("character '\\t'", "a tab stands here", "indent with spaces, not tabs"),
    ("escape", "in double quotes a backslash begins an escape", "use single quotes"),
    ("an alias", *ANCHOR[::2]),
    ("an anchor", *ANCHOR[::2]),
    (" tag", "tag not allowed", QUOTE),
    ("a directive", "the directive is not needed", "remove the line"),
    ("a block scalar", "a text cannot begin with this character", QUOTE),
    ("cannot start any token", "a text cannot begin with this character", QUOTE),
    ("sequence entries are not allowed", "a list begins here", "start it on a line of its own"),
    ("mapping values are not allowed", "a second colon on this line", "quote the text"),
    ("but got ':'", "a second colon on this line", "quote the text"),
    ("expected the node content", "a value is missing here", "write it, or remove the comma"),
    ("expected <block end>", f"this {_FITS}", "check the indentation and the quotes"),
    ("expected '<document start>'", f"this {_FITS}", "check the indentation"),
)


def syntax(work: Work, wrong: Any) -> NoReturn:
    """Translate the parser's words into ours, and point to where the fault began."""
    said, text = f"{wrong.context}: {wrong.problem}", work.text
    at = (wrong.problem_mark or wrong.context_mark).index
    opened = work.opened[-1] if work.opened else None
    found, hint = next(
        (row[1:] for row in _SYNTAX if row[0] in said),
        (f"cannot be read as YAML: {readable(str(wrong.problem))}", ""),
    )
    line = place_of(text, at)[0]
    twice = "got ':'" in said and "\n" not in text[opened:at]
    if "end of stream" in said or "document separator" in said:
        at, found, hint = wrong.context_mark.index, "the quote opened here is never closed", ""
    elif _runs_on(work.last, line):
        at, hint = index_of(work.last), "close it"
        found = f"the quote opened here runs on to line {line}"
    elif opened is not None and ("<stream end>" in said or ("expected ','" in said and not twice)):
        at, found = opened, f"the bracket {text[opened]} opened here is not closed"
        found += "" if "<stream end>" in said else f", or a comma is missing, before line {line}"
        hint = "close it; quote a text that has a colon or bracket in it"
    elif "expected ':'" in said:
        at, found = wrong.context_mark.index, "this line is not of the form key: value"
        hint = line_hint(text, place_of(text, at)[0])
        hint = hint or "indent it if it continues the text above"
    elif "mapping values" in said and not re.search(r":\s", text[text.rfind("\n", 0, at) + 1 : at]):
        found = f"this {_FITS}"
        hint = line_hint(text, max(line - 1, 1)) or "check the indentation"
    elif "'<document start>'" in said and re.search(r"^\.\.\.", text[:at], re.MULTILINE):
        found, hint = "more than one document", "remove the line with ..."
    if opened is not None and "\n" in text[opened:at]:
        hint += f"; is the bracket opened on line {place_of(text, opened)[0]} closed?"
    stop(work, place_of(text, at), found, "", hint)


def _runs_on(event: Any, line: int) -> bool:
    """See a quote closed on the line of a fault, after several lines, by what should open one."""
    quoted = isinstance(event, yaml.ScalarEvent) and event.style in ("'", '"')
    return quoted and event.start_mark.line < event.end_mark.line == line - 1


def line_hint(text: str, number: int) -> str:
    """See whether a line lacks the space after its colon, or has an odd one."""
    line = text.split("\n")[number - 1]
    odd = re.search(r"[^\S\t ]", line)
    if odd is not None:
        return f"replace {named(odd[0])} by an ordinary space on line {number}"
    missing = re.search(r"\w:[^\s/]", line)
    return f"put a space after the colon on line {number}" if missing else ""
