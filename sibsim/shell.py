"""How a command ends: a clear message, a documented exit code, and output that may break off.

In: a group of commands. Out: the same, ending in words; files that can be written. Not here: the
commands (`cli`).
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from sibsim.errors import SibsimError, UsageError

EXIT_CODES = """Exit codes: 0 done; 1 a fault of sibsim; 2 wrong command line; 3 scenario not valid;
4 a file cannot be read or written; 5 refused, too big or a library is missing; 6 a check failed;
130 interrupted."""


class ErrorsInWords(click.Group):
    """A group whose commands end in one clear message and a documented exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; whoever was reading may stop at any time."""
        try:
            return super().invoke(ctx)
        except (BrokenPipeError, SystemExit):  # rich turns the first into the second
            _drop_output()
            return 0

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; never show a traceback unless ``--debug`` asks for it."""
        kwargs["standalone_mode"] = False
        _bear_every_sign()
        debug = "--debug" in (kwargs.get("args") or sys.argv[1:])
        try:
            code = super().main(*args, **kwargs)
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            click.echo("interrupted: nothing was half-written", err=True)
            code = 130
        except SibsimError as error:
            if debug:
                raise
            click.echo(str(error), err=True)
            code = error.exit_code
        except OSError as error:
            if debug:
                raise
            place = error.filename or "a file or the screen cannot be written"
            click.echo(f"{place}: {(error.strerror or str(error)).lower()}", err=True)
            _drop_output()
            code = 4
        except MemoryError:
            click.echo("not enough memory on this machine: run fewer trials", err=True)
            code = 5
        except Exception as error:
            if debug:
                raise
            click.echo(
                f"sibsim: a fault of sibsim itself, {type(error).__name__}: {error} "
                "(run again with --debug to see where)", err=True,
            )  # fmt: skip
            code = 1
        sys.exit(code if isinstance(code, int) else 0)


def check_targets(scenario: str, *paths: Path | str | None) -> None:
    """Before any work: every file can be written, and none is another or the scenario itself.

    None is no file, and "-" is standard output.
    """
    from sibsim.files import check_writable

    taken = {os.path.realpath(scenario): "the scenario itself"}
    for path in map(Path, (str(path) for path in paths if path not in (None, "-"))):
        if (place := os.path.realpath(path)) in taken:
            raise UsageError(f"{path}: this is {taken[place]}; write to another file")
        taken[place] = "named twice"
        check_writable(path)


def _bear_every_sign() -> None:
    """Let a screen that has no £ show an escape instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Send what is still to be printed nowhere, or Python would fail on it once more at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
