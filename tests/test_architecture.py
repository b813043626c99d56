"""The house: imports go one way, every room says what it is, the linters are clean."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "sibsim"

FLOORS = (
    ("errors",),
    ("writing", "terms", "timeline", "streams", "curves", "files", "compiling"),
    ("survival",),
    ("families",),
    ("distributions",),
    ("rounding", "quantities", "roots", "copula", "daycount"),
    ("newton",),
    ("finance", "risk"),
    ("returns",),
    ("people", "contract", "accounts", "value"),
    ("scenario",),
    ("following",),
    ("result", "memory", "measuring"),
    ("settling",),
    ("simulation",),
    ("parties",),
    ("metrics",),
    ("summary",),
    ("provenance",),
    ("analysis",),
    ("report",),
    ("shell",),
    ("cli",),
)
"""From the ground up. A room imports from the floors below it and not from its neighbours."""

LATE = {("result", "metrics"), ("result", "summary"), ("result", "analysis")}
"""Imports inside functions that look up: methods of a notebook's `Result` that lead to figures."""

MODULES = sorted(p for p in HOUSE.rglob("*.py") if p.parent != HOUSE or p.stem[0] != "_")


def floor(room: str) -> int:
    """On which floor a room lies."""
    return next(level for level, rooms in enumerate(FLOORS) if room in rooms)


def room_of(path: Path) -> str:
    """The room a module belongs to: the first part of its name."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Rooms that a module imports from, and whether it does so inside a function."""
    tree = ast.parse(path.read_text())
    at_top = {id(node) for node in tree.body}  # what only a type checker sees does not count
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            names = [node.module]
            if node.module == "sibsim":
                names = [f"sibsim.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            assert name != "sibsim", f"{path} imports the package root"
            if name.startswith("sibsim."):
                yield name.split(".")[1], id(node) not in at_top


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_imports_only_look_down(path: Path) -> None:
    here = room_of(path)
    for there, late in imports(path):
        if there == here:
            continue
        down = floor(there) < floor(here)
        assert down or (late and (here, there) in LATE), f"{here} imports {there}"


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(path) for path in MODULES}
    assert rooms == {room for level in FLOORS for room in level}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_modules_say_what_they_are_and_stay_small(path: Path) -> None:
    tree = ast.parse(path.read_text())
    told = ast.get_docstring(tree) or ""
    assert told, "no module docstring"
    if path.name != "__init__.py":
        assert "Not here" in told.replace("Not\nhere", "Not here"), "says not what is not here"
    assert len(path.read_text().splitlines()) <= LONGEST.get(path.name, 450)


LONGEST = {"figures.py": 500}
"""Modules that are longer than 450 lines, each one deep thing that would not read better in two."""


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_public_names_are_documented_and_typed(path: Path) -> None:
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        assert ast.get_docstring(node), f"{node.name} has no docstring"
        if isinstance(node, ast.FunctionDef):
            assert node.returns is not None, f"{node.name} does not say what it returns"


def test_ruff_is_clean() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "sibsim", "tests", "benchmarks"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_is_clean() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_light_commands_load_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "scipy", "numba", "plotly", "pyarrow", "jinja2")
    for call in ("['--help']", "['check', 'minimal']", "['schema']", "['list']"):
        code = (
            "import sys\nfrom sibsim.cli import main\n"
            f"try:\n    main({call})\nexcept SystemExit:\n    pass\n"
            f"loaded = [m for m in {heavy!r} if m in sys.modules]\n"
            "sys.exit(str(loaded) if loaded else 0)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, f"{call}: {done.stderr}"
