"""Whole commands, from outside: wall time beside a bare interpreter, and peak memory.

Run: ``python benchmarks/bench_process.py``. The first call of each command is not counted, so that
compiled code is on disk. Peak memory is what the operating system reports for the finished process.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

COMMANDS = {
    "a bare interpreter": ["-c", "pass"],
    "sibsim --help": ["-m", "sibsim", "--help"],
    "sibsim check minimal": ["-m", "sibsim", "check", "minimal"],
    "sibsim run minimal": ["-m", "sibsim", "run", "minimal", "--seed", "1"],
    "sibsim run i-aspire --trials 10000": [
        "-m", "sibsim", "run", "i-aspire", "--trials", "10000", "--seed", "1",
    ],
    "a million people over 1,000 trials": [
        "-m", "sibsim", "run", "minimal", "--trials", "1000", "--seed", "1",
        "--set", "people.young_adults.referrals=1000",
    ],
    "a million people in each of 3 trials": [
        "-m", "sibsim", "run", "minimal", "--trials", "3", "--seed", "1",
        "--set", "people.young_adults.referrals=1000000",
    ],
}  # fmt: skip

REPEATS = 5


def once(words: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory in MiB of one process."""
    with tempfile.TemporaryFile() as nowhere:
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, *words], stdout=nowhere, stderr=nowhere)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"failed: {' '.join(words)}")
    return wall, usage.ru_maxrss / 1024


def main() -> None:
    """Print a row a command: median wall time, ratio to a bare interpreter, peak memory."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for words in COMMANDS.values():
        once(words)
    for _ in range(REPEATS):  # in turn, so that a change of the machine's pace hits all
        for name, words in COMMANDS.items():
            found[name].append(once(words))
    bare = statistics.median(wall for wall, _ in found["a bare interpreter"])
    print(f"{'command':<38}{'wall s':>8}{'x bare':>9}{'peak MiB':>10}")
    for name, runs in found.items():
        wall = statistics.median(wall for wall, _ in runs)
        print(f"{name:<38}{wall:>8.2f}{wall / bare:>9.1f}{max(m for _, m in runs):>10.0f}")


if __name__ == "__main__":
    main()
