"""Undo over the API: one change of a record, a whole request, or back to a former version."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shared.api.actions import record_act
from shared.api.query import read_parameters
from shared.api.serializers import BodySerializer
from shared.api.views import ApiView
from shared.api.writing import Written, answer_write
from shared.domains.registry import get_domain
from shared.records.models import Record
from shared.records.versions.undo import plan_restore, plan_undo_of_request, plan_undo_of_version


class UndoSerializer(BodySerializer):
    """Which change is to be undone."""

    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version that the change made."
    )


class RestoreSerializer(BodySerializer):
    """What the record is to be again."""

    version = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="What it was as this version; of a deleted record what it was last, when not given.",
    )


class UndoMixin:
    """``POST …/{id}/undo`` and ``POST …/{id}/restore`` for records that can be changed and deleted over the API."""

    @classmethod
    def get_extra_actions(cls: Any) -> list[Any]:
        """Only where the view set changes such records itself."""
        acts = super().get_extra_actions()  # type: ignore[misc]  # the view set's
        if issubclass(cls.model, Record) and cls.model.undoable and cls.update_service is not None:
            return acts  # type: ignore[no-any-return]
        return [act for act in acts if act.__name__ not in ("undo", "restore")]

    @record_act(UndoSerializer, deleted=True)
    def undo(self: Any, record: Any, *, version: int) -> None:
        """Undo one change, if nobody has changed the same fields since (409 names them)."""
        plan_undo_of_version(record, version).carry_out(self.may)

    @record_act(RestoreSerializer, deleted=True)
    def restore(self: Any, record: Any, *, version: int | None = None) -> None:
        """Bring the record back to a former version; a deleted one comes back as it was."""
        if version is not None:
            plan_restore(record, version).carry_out(self.may)
        elif record.deleted_at is not None:
            plan_restore(record, record.version - 1).carry_out(self.may)


class UndoRequestSerializer(BodySerializer):
    """Which request is to be undone."""

    request_id = serializers.RegexField(
        r"\A[A-Za-z0-9._-]{8,64}\Z", help_text="As the X-Request-ID of its answer and the versions have it."
    )


class UndoneSerializer(serializers.Serializer):
    """What was done."""

    records = serializers.IntegerField(help_text="How many records are again what they were.")


class UndoRequestView(ApiView):
    """What one request changed in a domain, all of it or nothing."""

    acting_domain: ClassVar[str] = ""

    @property
    def domain(self) -> str:
        return self.acting_domain

    @property
    def app_label(self) -> str:
        return get_domain(self.acting_domain).app

    @extend_schema(request=UndoRequestSerializer, responses={200: UndoneSerializer}, summary="Undo a request")
    def post(self, request: Request) -> Response:
        """Undo what one request changed here: 409 names each field that somebody has changed since."""
        read_parameters(request.query_params, ())
        body = UndoRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        request_id = body.validated_data["request_id"]

        def work() -> Written:
            plan = plan_undo_of_request(request_id, domain=self.domain)
            return Written(body={"records": plan.carry_out(self.may)})

        return answer_write(self, request, work)
