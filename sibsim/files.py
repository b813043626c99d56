"""Files written whole or not at all.

In: a path and bytes. Out: the file, or a `FileError` that says in words why not; what stood there
before stays whole until the new file is complete. Not here: what is in the file, reading scenarios.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from sibsim.errors import FileError

_WORDS = {
    errno.ENOSPC: "there is no space left on the disk",
    errno.EFBIG: "the file is too large for this disk",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "it may not be written, or another program holds it open",
    errno.EPERM: "it may not be written, or another program holds it open",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOENT: "there is no such folder",
    errno.EIO: "the disk reports a fault",
}
if hasattr(errno, "EDQUOT"):  # not on Windows
    _WORDS[errno.EDQUOT] = "your share of the disk is used up"


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, and nothing in between.

    A link is replaced itself; what it points to is left alone.

    Parameters
    ----------
    path : Path
    data : bytes

    Raises
    ------
    FileError
        If it cannot be written; what stood there before is still there, and nothing else is.
    """
    path = Path(path)
    mode = _check_place(path)
    unfinished = path.parent / f".sibsim-{secrets.token_hex(8)}.tmp"
    try:
        with open(unfinished, "xb") as stream:
            if mode is not None:  # who may read the old file may read the new one, and nobody else
                os.chmod(unfinished, stat.S_IMODE(mode))
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, path)
    except BaseException as wrong:  # also Ctrl-C: a half-written file helps nobody
        with suppress(OSError):
            os.unlink(unfinished)
        if isinstance(wrong, OSError):
            raise FileError(f"{path}: not written: {_why(wrong)}") from wrong
        raise


def check_writable(path: Path) -> None:
    """Find out before any work whether a file can be written.

    Raises
    ------
    FileError
        If its folder is missing or read-only, or if something that is not a file stands there.
    """
    path = Path(path)
    _check_place(path)
    _check_folder_takes_files(path, path.parent)


def check_folder(path: Path, *, force: bool = False) -> None:
    """Find out before any work whether files can be written into a folder, which may be new.

    Parameters
    ----------
    force : bool
        Whether files that are in it already may be replaced.

    Raises
    ------
    FileError
        If it cannot be made or written to, is not a folder, or holds files and `force` is False.
    """
    path = Path(path)
    if _mode(path) is None:
        _check_parent(path)
        _check_folder_takes_files(path, path.parent)
        return
    if not path.is_dir():
        raise FileError(f"{path}: there is a file of that name, so it cannot be a folder")
    _check_folder_takes_files(path, path)
    if not force and next(path.iterdir(), None) is not None:
        raise FileError(f"{path}: the folder is not empty; choose another, or use --force")


def open_folder(folder: Path, *, complete: str) -> None:
    """Make a folder, if it is not there, and take away the file that marks it as complete.

    Parameters
    ----------
    folder : Path
    complete : str
        Name of the file that is written last.

    Raises
    ------
    FileError
        In words, if either cannot be done.

    """
    try:
        folder.mkdir(exist_ok=True)
        (folder / complete).unlink(missing_ok=True)
    except OSError as wrong:
        raise FileError(f"{folder}: {_why(wrong)}") from wrong


def _check_place(path: Path) -> int | None:
    """Mode of the file that stands there, None if there is none; refuses what is no file."""
    mode = _mode(path)
    if mode is None:
        _check_parent(path)
    elif stat.S_ISDIR(mode):
        raise FileError(f"{path}: this is a folder; give the name of a file")
    elif not stat.S_ISREG(mode):  # a device or a pipe must not be replaced by a file
        raise FileError(f"{path}: this is not an ordinary file")
    elif not os.access(path, os.W_OK):
        raise FileError(f"{path}: the file is read-only")
    return mode


def _check_parent(path: Path) -> None:
    folder = _mode(path.parent)
    if folder is None:
        raise FileError(f"{path}: there is no folder {path.parent}")
    if not stat.S_ISDIR(folder):
        raise FileError(f"{path}: {path.parent} is not a folder")


def _check_folder_takes_files(path: Path, folder: Path) -> None:
    # Only trying tells: permissions, quotas, read-only disks and shares all have their own rules.
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".sibsim-"):
            pass
    except OSError as wrong:
        why = _why(wrong)
        if isinstance(wrong, PermissionError):
            why = "files may not be made there"
        raise FileError(f"{path}: no file can be written in the folder {folder}: {why}") from wrong


def _mode(path: Path) -> int | None:
    """Sort of thing that stands at a path; None if nothing does."""
    try:
        return os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as wrong:
        raise FileError(f"{path}: {_why(wrong)}") from wrong


def _why(wrong: OSError | ValueError) -> str:
    if isinstance(wrong, ValueError):
        return "the name has a character that no file name may have"
    known = _WORDS.get(wrong.errno or 0)
    return known or (wrong.strerror or "it cannot be written").lower()
