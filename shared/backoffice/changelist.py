"""The list of a page."""

from __future__ import annotations

from django.http import HttpRequest
from unfold.views import ChangeList


class RecordChangeList(ChangeList):
    """Says how many rows there are in all where that is known without counting again: in an unfiltered list."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count
