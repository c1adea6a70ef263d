"""The list of a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.views import ChangeList

from shared.backoffice.past import AS_OF, with_moment


class RecordChangeList(ChangeList):
    """Says how many rows there are in all where that is known without counting again: in an unfiltered list."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(request, *args, **kwargs)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)  # type: ignore[misc]  # missing in the stubs
        found.pop(AS_OF, None)
        return found

    def url_for_result(self, result: Any) -> str:
        """The record, at the same moment as the list."""
        return with_moment(str(super().url_for_result(result)), self.request)
