"""Results as a folder of tables for other programs.

In: a result. Out: the resolved scenario, metrics by trial, cash flows by month, the commissioner's
budget by financial year, a summary and where it came from, each file written whole or not at all.
Not here: the HTML report.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sibsim.accounts.ledger import titles
from sibsim.files import open_folder, replace_file
from sibsim.metrics import measure
from sibsim.provenance import provenance
from sibsim.result import Result
from sibsim.scenario.writer import dump
from sibsim.summary import Summary

FILES = ("scenario.yaml", "metrics.parquet", "cash_flows.parquet", "budget.parquet",
         "summary.json", "provenance.json")  # fmt: skip
"""What the folder holds; provenance comes last, so a folder that has it is complete."""


def write_folder(result: Result, summary: Summary, folder: Path) -> None:
    """Write every table of a result.

    Parameters
    ----------
    folder : Path
        Made if it is not there.

    Raises
    ------
    FileError
        If a file cannot be written; what was there before stays whole.
    """
    makers: tuple[Any, ...] = (
        lambda: dump(result.deal, full=True).encode(),
        lambda: _parquet(_metrics(result)),
        lambda: _parquet(_cash_flows(result)),
        lambda: _parquet(_budget(result)),
        lambda: _json({"metrics": summary.plain(), "tails": summary.plain_tails()}),
        lambda: _json(provenance(result)),
    )
    open_folder(folder, complete=FILES[-1])
    for name, make in zip(FILES, makers, strict=True):
        replace_file(folder / name, make())


def _metrics(result: Result) -> pa.Table:
    """One row a trial, one column a metric."""
    columns: dict[str, Any] = {"trial": np.arange(result.trials)}
    columns |= {name: metric.values for name, metric in measure(result).items()}
    return pa.table(columns)


def _cash_flows(result: Result) -> pa.Table:
    """One row a trial and month, one column a ledger line, whole minor units."""
    months = result.tables.cash.shape[1]
    labels = [result.deal.timeline.label(month) for month in range(months)]
    columns: dict[str, Any] = {
        "trial": np.repeat(np.arange(result.trials, dtype=np.int32), months),
        "month": pa.DictionaryArray.from_arrays(
            np.tile(np.arange(months, dtype=np.int32), result.trials), labels
        ),
    }
    ledger = result.tables.ledger
    for name, entry in zip(titles(ledger), ledger, strict=True):
        columns[name] = columns.get(name, 0) + entry.amount.ravel()
    columns["vehicle cash"] = result.tables.cash.ravel()
    columns["unpaid costs"] = result.tables.unpaid.ravel()
    return pa.table(columns)


def _budget(result: Result) -> pa.Table:
    """One row a trial and financial year, one column a line of the commissioner's, minor units."""
    labels = result.deal.timeline.year_labels
    years = np.tile(np.arange(len(labels), dtype=np.int32), result.trials)
    tables = {**result.lines("commissioner"), "net": result.flow("commissioner")}
    return pa.table({
        "trial": np.repeat(np.arange(result.trials, dtype=np.int32), len(labels)),
        "year": pa.DictionaryArray.from_arrays(years, labels),
        **{line: result.by_year(amount).ravel() for line, amount in tables.items()},
    })  # fmt: skip


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _json(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
