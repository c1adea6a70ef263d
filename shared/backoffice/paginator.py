"""Counting no further than anyone pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.utils.functional import cached_property

CAP = 10_000


class CappedCount(int):
    """A count that stopped at the cap; shown as "10,000+"."""

    def __str__(self) -> str:
        return f"{int(self):,}+"


def count_up_to(rows: Any, cap: int) -> int:
    """How many rows, at most ``cap``: COUNT(*) on a large table costs more than the page itself."""
    count: int = rows.order_by()[: cap + 1].count()
    return CappedCount(cap) if count > cap else count


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # generic only in the stubs
    """Pages through the first 10,000 rows; beyond that, search and filters find more than paging does."""

    cap: ClassVar[int] = CAP

    @cached_property
    def count(self) -> int:
        if hasattr(self.object_list, "order_by"):
            return count_up_to(self.object_list, self.cap)
        return len(self.object_list)
