"""Days and months of a programme.

In: the first month, the months of the contract and the months modelled. Out: the month of a day and
the days of a month, by the calendar. Not here: durations as written, discounting.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Timeline:
    """The calendar of one programme; day 0 is the first day of month 0.

    Attributes
    ----------
    start : date
        First day of a month.
    months : int
        Months of the contract, M.
    horizon : int
        Months modelled, T >= M.
    """

    start: dt.date
    months: int
    horizon: int

    @cached_property
    def month_starts(self) -> NDArray[np.int64]:
        """First day of each month, and of the month after the last, shape (horizon + 1,)."""
        import numpy as np

        first = np.datetime64(self.start, "M")
        dates = (first + np.arange(self.horizon + 1)).astype("datetime64[D]")
        starts: NDArray[np.int64] = (dates - dates[0]).astype(np.int64)
        return starts

    @cached_property
    def month_ends(self) -> NDArray[np.datetime64]:
        """Date of the last day of each month, shape (horizon,)."""
        import numpy as np

        return np.datetime64(self.start, "D") + self.month_starts[1:] - 1

    @cached_property
    def month_of_day(self) -> NDArray[np.int16]:
        """Month of each modelled day, shape (days,)."""
        import numpy as np

        lengths = np.diff(self.month_starts)
        return np.repeat(np.arange(self.horizon, dtype=np.int16), lengths)

    @property
    def contract_days(self) -> int:
        """Days of the contract: the first day after it."""
        return int(self.month_starts[self.months])

    def label(self, month: int) -> str:
        """Month as ``2018-10``."""
        years, months = divmod(self.start.month - 1 + month, 12)
        return f"{self.start.year + years}-{months + 1:02d}"

    @property
    def financial_years(self) -> NDArray[np.int64]:
        """Financial year of each month, counted from that of the start, shape (horizon,)."""
        import numpy as np

        month = self.start.month - 1 + np.arange(self.horizon)
        return month // 12 - (month % 12 < 3) + (self.start.month < 4)

    @property
    def year_labels(self) -> list[str]:
        """Each financial year of the horizon as ``2027/28``."""
        last = int(self.financial_years[-1])
        first = self.financial_year
        return [f"{y}/{(y + 1) % 100:02d}" for y in range(first, first + last + 1)]

    @property
    def financial_year(self) -> int:
        """The financial year, from 1 April, in which the programme starts."""
        return self.start.year - (self.start.month < 4)
