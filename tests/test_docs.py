"""What the docs show is what the program does: every block of code is run."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sibsim
from sibsim.cli import main
from sibsim.metrics import METRICS, NAMED

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each block of code, in order."""
    return [(m[1], m[2]) for m in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of the docs, with the `sibsim` of these tests."""
    here = re.sub(r"^sibsim\b", f"{sys.executable} -m sibsim", line)
    return subprocess.run(here, shell=True, cwd=folder, capture_output=True, text=True)


def trimmed(text: str) -> list[str]:
    """Lines without the spaces that fill a table's last column."""
    return [line.rstrip() for line in text.rstrip().splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_shell_block_runs_and_prints_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    found = blocks(page)
    for place, (kind, text) in enumerate(found):
        if kind == "yaml" and text.startswith("sibsim: 1\ntitle: Oops"):
            (tmp_path / "oops.yaml").write_text(text, encoding="utf-8")
        if kind != "sh" or "venv" in text or text.startswith("python benchmarks"):
            continue
        lines = [line for line in text.splitlines() if line]
        for line in lines:
            done = shell(line, tmp_path)
            if "oops.yaml" not in line:
                assert done.returncode == 0, f"{line}: {done.stderr}"
        if place + 1 < len(found) and found[place + 1][0] == "text":
            shown = trimmed(found[place + 1][1])
            assert trimmed(done.stdout or done.stderr) == shown, f"{page.name}: {lines[-1]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_python_block_runs(page: Path, tmp_path: Path) -> None:
    text = "\n".join(code for kind, code in blocks(page) if kind == "python")
    if not text:
        return
    ast.parse(text)
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_shows_the_bundled_minimal_deal() -> None:
    shown = [text for kind, text in blocks(ROOT / "README.md") if kind == "yaml"]
    assert (ROOT / "scenarios" / "minimal.yaml").read_text(encoding="utf-8") in shown


def test_whole_scenarios_in_the_docs_are_valid(tmp_path: Path) -> None:
    seen = 0
    for page in PAGES:
        for kind, text in blocks(page):
            if kind == "yaml" and "sibsim: 1" in text and "Oops" not in text:
                path = tmp_path / "shown.yaml"
                path.write_text(text, encoding="utf-8")
                assert sibsim.load(path).title
                seen += 1
    assert seen >= 2


def test_the_reference_pages_are_what_the_code_declares() -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import make_reference
    finally:
        sys.path.pop(0)
    for page, make in make_reference.PAGES.items():
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert text == make_reference.written(page, make()), f"run docs/make_reference.py: {page}"


def test_every_metric_and_command_is_documented() -> None:
    metrics = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    for name in (*METRICS, *NAMED):
        assert f"`{name}`" in metrics
    words = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for command in main.commands:
        assert f"sibsim {command}" in words, command


def test_ci_runs_the_line_that_the_readme_gives() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [line for line in readme.splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2 and "pytest" in lines[1] and "sibsim run" in lines[0]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in script and "pytest" in script


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page}: {target}"
