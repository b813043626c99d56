"""A bar that shows how far a run is.

In: numbers of trials just done. Out: a bar on a terminal. Not here: results.
"""

from __future__ import annotations

import sys
from typing import Any


class Progress:
    """A bar on standard error, for work that lasts more than a second, on a terminal only."""

    def __init__(self, total: int | None) -> None:
        self.total, self.done = total, 0
        self.bar: Any = None
        self.timer: Any = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            import threading

            self.timer = threading.Timer(1.0, self._begin)
            self.timer.daemon = True
            self.timer.start()
        return self

    def _begin(self) -> None:
        from rich import progress as rich
        from rich.console import Console

        self.bar = rich.Progress(
            rich.TextColumn("{task.description}"), rich.BarColumn(),
            rich.TextColumn("{task.completed:,} trials"), rich.TimeRemainingColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        words = "simulating (the first run also compiles)" if not self.done else "simulating"
        self.task = self.bar.add_task(words, total=self.total, completed=self.done)
        self.bar.start()

    def __call__(self, trials: int) -> None:
        self.done += trials
        if self.bar is not None:
            self.bar.update(self.task, completed=self.done, description="simulating")

    def __exit__(self, *_: object) -> None:
        if self.timer is not None:
            self.timer.cancel()
        if self.bar is not None:
            self.bar.stop()
