"""From a path to bytes, once, whole, and never waiting.

In: a path or ``-``. Out: the bytes and a name for messages, or why not in words. Not here: what
the bytes say.
"""

from __future__ import annotations

import difflib
import errno
import itertools
import os
import stat
import sys
from contextlib import suppress

from sibsim.errors import FileError, Problem, ScenarioError
from sibsim.scenario.nodes.texts import readable
from sibsim.scenario.nodes.tree import MOST_BYTES


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
        data = read_regular(name)
    refuse_unreadable(data, name)
    return data, name


def read_regular(name: str) -> bytes:
    """Read a regular file, up to one byte more than `MOST_BYTES`; raises `FileError` as above."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(name, flags)
        try:
            mode = os.fstat(handle).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError
            if not stat.S_ISREG(mode):
                raise FileError(f"{readable(name, 300)}: not a regular file")
            with open(handle, "rb", closefd=False) as file:
                return file.read(MOST_BYTES + 1)
        finally:
            os.close(handle)
    except (OSError, ValueError) as wrong:
        raise FileError(f"{readable(name, 300)}: {_why_not(name, wrong)}") from None


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
    return f"; did you mean {readable(os.path.join(folder, base), 300)}?"


def _is_folder(name: str) -> bool:
    with suppress(ValueError):
        return os.path.isdir(name)
    return False


def _names(folder: str) -> list[str]:
    with suppress(OSError, ValueError), os.scandir(folder or ".") as entries:
        return sorted(entry.name for entry in itertools.islice(entries, 5_000))
    return []


_MAGIC = (  # how the file begins, what it then contains, what it is
    (b"PK\x03\x04", b"xl/work", "this is an Excel file; write the deal as a text file"),
    (b"PK\x03\x04", b"word/document", "this is a Word file; save it as plain text"),
    (b"PK\x03\x04", b"", "this is a zip file; give the scenario inside it"),
    (b"PK\x05\x06", b"", "this is a zip file; give the scenario inside it"),
    (b"%PDF", b"", "this is a PDF; give the scenario as plain text"),
    (b"\xd0\xcf\x11\xe0", b"", "this is an old Excel or Word file; write the deal as a text file"),
)


def refuse_unreadable(data: bytes, source: str) -> None:
    """Raise `ScenarioError` for what is no text file, or is too large."""
    for start, inside, found in _MAGIC:
        if data.startswith(start) and inside in data:
            raise ScenarioError([Problem("", found)], source)
    if len(data) > MOST_BYTES:
        found, allowed = "the file is too large", f"at most 1 MB ({MOST_BYTES:,} bytes)"
        raise ScenarioError([Problem("", found, allowed, "a smaller file")], source)
