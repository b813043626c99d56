"""Plain Python data to nodes, and to YAML that people can read.

In: dicts, lists, text and numbers. Out: the tree that a file would give, or the file. Not here:
reading files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from sibsim.errors import ScenarioError
from sibsim.scenario.nodes.texts import (
    Stop,
    Work,
    ambiguous,
    as_key,
    check_key,
    clean,
    enter,
    needs_quotes,
    readable,
    say,
)
from sibsim.scenario.nodes.tree import MOST_KEY, WIDTH, Items, Listed, Node, Place, Text


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
    work = Work()
    root: Node | None = None
    with suppress(Stop):
        root = _from_plain(work, data, 0)
    if work.problems or root is None:
        raise ScenarioError(work.problems, source)
    return root


_NOWHERE: Place = (None, None)


def _from_plain(work: Work, data: object, depth: int) -> Node:
    inside = isinstance(data, (Mapping, list, tuple))
    enter(work, depth + inside, _NOWHERE)
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
        value = clean(work, data, _NOWHERE)
        return Text(value, needs_quotes(value))
    if getattr(data, "shape", None) == () and hasattr(data, "item"):
        data = data.item()  # a number of NumPy's, whose own repr is np.float64(0.1)
    if data is None or isinstance(data, bool):
        return Text({None: "null", True: "true", False: "false"}[data], False)
    with suppress(ValueError):  # an int of more than 4,300 digits has no repr
        if isinstance(data, (int, float)):
            return Text(repr(data), False)
    found = f"a value of type {readable(type(data).__name__)} that cannot be written as text"
    say(work, _NOWHERE, found, "dict, list, str, int, float, bool and None")
    return Text("", True)


def _from_mapping(work: Work, data: Mapping[object, object], depth: int) -> Items:
    pairs: list[tuple[Text, Node]] = []
    seen: dict[str, Text] = {}
    for key, value in data.items():
        if not isinstance(key, str):
            found = f"a key of type {readable(type(key).__name__)}"
            say(work, _NOWHERE, found, "keys must be plain text", 'quote it, as in "2024"')
            continue
        before, name = len(work.problems), clean(work, key, _NOWHERE)
        enter(work, depth, _NOWHERE)
        if len(work.problems) == before:
            check_key(work, Text(name, True), seen)
        name = name.strip()
        work.path.append(readable(name, MOST_KEY))
        key_text = as_key(Text(name, needs_quotes(name)), name)
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
    return f'"{key.value}"' if ambiguous(key.value) else _written(key)


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
