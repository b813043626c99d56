"""What a deal costs, line by line, classified as the INDIGO data standard classifies costs.

In: a result. Out: a frame to group by. Not here: when anything is paid (the ledger).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sibsim.accounts.cost_terms import PHASES, indigo_class
from sibsim.result import Result

if TYPE_CHECKING:
    import pandas as pd


def cost_table(result: Result) -> pd.DataFrame:
    """Each line of costs with who bears it and what it is for, the costs without a line too.

    The investor's return, which INDIGO counts among the costs as the cost of working capital, is
    not among them.

    Returns
    -------
    pandas.DataFrame
        One row a line, indexed by its name. ``paid_by``, ``paid_to``, ``phase``, ``category`` as
        in the scenario; ``indigo_side`` ("provider" or "outcome payer"), ``indigo_phase`` and
        ``indigo_class`` as in the INDIGO data standard 4.1; ``mean`` and ``sd`` over the trials in
        major units of the currency.
    """
    import pandas as pd

    deal = result.deal
    payer_side = {"commissioner", *deal.contract.payers}
    rows = []
    for name, amounts in result.tables.costs.items():
        line = deal.costs.lines.get(name)
        who = ("provider", "suppliers") if line is None else (line.paid_by, line.paid_to)
        phase = ("set_up" if name == "set_up" else "delivery") if line is None else line.phase
        category = "service_delivery" if line is None else line.category
        pays = who[0] in payer_side
        values = result.major(amounts)
        rows.append({
            "line": name, "paid_by": who[0], "paid_to": who[1], "phase": phase,
            "category": category, "indigo_side": "outcome payer" if pays else "provider",
            "indigo_phase": PHASES[phase], "indigo_class": indigo_class(pays, category, phase),
            "mean": values.mean(), "sd": values.std(ddof=1) if len(values) > 1 else float("nan"),
        })  # fmt: skip
    columns = ["line", "paid_by", "paid_to", "phase", "category", "indigo_side", "indigo_phase",
               "indigo_class", "mean", "sd"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).set_index("line")
