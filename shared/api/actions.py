"""Acts on a record beyond create, update and delete: ``POST /tickets/{id}/close``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from shared.api.preconditions import check_version, expected_versions
from shared.api.query import read_parameters
from shared.api.serializers import BodySerializer
from shared.api.writing import Written, answer_write


class NoBody(BodySerializer):
    """For acts that take no values."""


def record_act(
    body: type[serializers.BaseSerializer] = NoBody, *, url_path: str | None = None, deleted: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a method of a RecordViewSet an act: ``def close(self, ticket, **fields)`` calls the service.

    The record comes locked, If-Match and Idempotency-Key are honoured, the answer is the record as it is afterwards.
    The method may return a Written of its own instead. ``deleted``: also for records that are deleted.
    """

    def decorate(method: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(method)
        def run(self: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
            read_parameters(request.query_params, ())
            expected = expected_versions(request, {})
            data = self.validate(body)

            def work() -> Written:
                record = self.find_record(lock=True, deleted=deleted)
                if self.has_version():
                    check_version(record, expected)
                self.check_references(data)
                result = method(self, record, **data)
                return result if isinstance(result, Written) else self.read_back(record.pk)

            return answer_write(self, request, work)

        run.body_serializer = body  # type: ignore[attr-defined]
        made: Callable[..., Response] = action(
            detail=True, methods=["post"], url_path=url_path or method.__name__.replace("_", "-")
        )(run)
        return made

    return decorate
