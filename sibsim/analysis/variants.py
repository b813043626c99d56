"""Options and stresses side by side, on the same people in the same trials.

In: a deal with `options` or `stresses`. Out: its base and each variant, with paired differences.
Not here: what a variant changes (`sibsim.scenario.variants`), printing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sibsim.errors import UsageError
from sibsim.scenario.deal import Scenario
from sibsim.scenario.file import variant
from sibsim.scenario.variants import changes_people
from sibsim.simulation import Progress, settle, simulate
from sibsim.summary import Comparison, Summary, compare, summarise


@dataclass(frozen=True)
class VariantsResult:
    """A base case and its variants.

    Attributes
    ----------
    deal : Scenario
    section : str
        "options" or "stresses".
    base : Summary
    comparisons : mapping of str to Comparison
        Each variant against the base, trial by trial.
    """

    deal: Scenario
    section: str
    base: Summary
    comparisons: Mapping[str, Comparison]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        variants = {}
        for name, comparison in self.comparisons.items():
            differences = Summary(comparison.differences, self.base.trials, self.base.seed)
            variants[name] = {
                "metrics": comparison.other.plain(),
                "differences": differences.plain(),
            }
        return {"base": {"metrics": self.base.plain()}, self.section: variants}


def run_variants(
    deal: Scenario,
    section: str = "options",
    *,
    names: Sequence[str] | None = None,
    trials: int = 1_000,
    seed: int | None = None,
    progress: Progress | None = None,
) -> VariantsResult:
    """Run a deal and its options or stresses on the same luck.

    Parameters
    ----------
    deal : Scenario
    section : {"options", "stresses"}
    names : sequence of str or None
        Which of them; None for all.
    trials : int
    seed : int or None
    progress : callable or None
        Called with the number of trials just settled, over the base and all variants.

    Returns
    -------
    VariantsResult

    Raises
    ------
    UsageError
        If the deal has none, or not one of that name.
    """
    known = getattr(deal, section)
    chosen = list(known) if names is None else list(names)
    unknown = [name for name in chosen if name not in known]
    if names is not None and not chosen:
        raise UsageError(f"{section}: no names were given")
    if unknown or not chosen:
        said = f"no {section[:-1] if section == 'options' else 'stress'} is called {unknown[0]}" \
            if unknown else f"this scenario has no `{section}`"
        there = f"; there are {', '.join(known)}" if known else ""
        raise UsageError(f"{section}: {said}{there}")
    outcomes = simulate(deal, trials=trials, seed=seed)
    base = settle(deal, outcomes, progress=progress)
    comparisons = {}
    for name in chosen:
        other = variant(deal, section, name)
        people = outcomes
        if changes_people(deal, other):
            people = simulate(other, trials=trials, seed=outcomes.seed)
        comparisons[name] = compare(base, settle(other, people, progress=progress))
    return VariantsResult(deal, section, summarise(base), comparisons)
